"""Trials: what a network can learn by heart, which rate suits it, whether samples mix; and no value changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from followed import example, network, table

from gradwire.core.cli import main
from gradwire.core.diagnosing import trials
from gradwire.core.document import Document
from gradwire.core.graph import Source, Training
from gradwire.core.session import Session


def last(reports: Any) -> Any:
    *_, report = reports
    return report


def test_a_network_that_can_learn_knows_one_batch_by_heart() -> None:
    reports = list(trials.overfit_batch(example("digits_mlp")))
    assert [report.over for report in reports] == [*[False] * (len(reports) - 1), True]
    assert reports[-1].learnt
    assert reports[-1].text.startswith("it has learnt one batch by heart in ")
    assert reports[-1].text.endswith("0% of 16 samples are wrong (required: at most 5%)")


def test_one_whose_inputs_say_nothing_does_not(tmp_path: Path) -> None:
    rows = np.ones((40, 2))
    session = network("rows.csv", (2, 8, 2), folder=table(tmp_path, rows, [0, 1] * 20))
    report = last(trials.overfit_batch(session, iterations=100))
    assert not report.learnt
    assert report.text.startswith("it has not learnt one batch by heart in 100 iterations: ")


def test_a_trial_starts_from_initial_values_but_keeps_those_that_are_not_trained() -> None:
    session = network()
    session.train(epochs=20)
    report = next(trials.overfit_batch(session))
    assert report.loss > 0.5  # as at the start, not as trained
    assert last(trials.learning_rate_range(session)).losses[0] < 0.5  # from what was trained


def test_the_rate_range_names_a_rate_with_which_it_trains() -> None:
    session = network(rate=1e-6)
    report = last(trials.learning_rate_range(session))
    assert report.over
    assert report.suggested is not None
    assert 1e-3 < report.suggested < 1
    assert len(report.rates) == len(report.losses) == len(report.smoothed)
    assert network(rate=report.suggested).train().last["validation_accuracy"] > 0.9


def test_where_no_rate_helps_none_is_named(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(200, 2))
    labels = np.random.default_rng(1).integers(0, 2, 200)
    session = network("rows.csv", (2, 2), scales=(0.001,), folder=table(tmp_path, x, labels))
    assert last(trials.learning_rate_range(session, high=0.001)).suggested is None


def mixing(wrong: bool) -> Session:
    """A layer that, where it is `wrong`, takes the mean of a batch away: along axis 0 in place of axis 1."""
    document = Document()
    with document.transaction("Build") as t:
        data = t.add("dataset", name="data", source="blobs")
        mean = t.add("mean", name="mean", inputs={"x": Source(data, "x")}, axis=0 if wrong else 1, keepdims=True)
        apart = t.add("subtract", name="apart", inputs={"x": Source(data, "x"), "y": mean})
        w = t.add("parameter", name="w", shape=(2, 3), init="he")
        logits = t.add("matmul", inputs={"x": apart, "w": w})
        loss = t.add("cross_entropy", name="loss", inputs={"logits": logits, "target": Source(data, "y")})
        t.set_training(Training(loss))
    return Session(document)


def test_samples_that_reach_others_are_told_with_the_place() -> None:
    reports = list(trials.batch_mixing(mixing(wrong=True)))
    assert {report.mode for report in reports} == {"eval", "train"}
    assert {report.path for report in reports} == {"apart"}
    text = "in evaluation sample 0 reaches 31 of 31 others, from apart on"
    assert reports[0].text == f"{text} (required: none; a reshape or an axis may be wrong there)"
    sound = list(trials.batch_mixing(mixing(wrong=False)))
    assert [report.others for report in sound] == [0] * 8
    assert sound[-1].over


def dropping(rate: float) -> Session:
    document = Document()
    with document.transaction("Build") as t:
        data = t.add("dataset", name="data", source="digits")
        w = t.add("parameter", name="w", shape=(64, 10), init="normal", scale=3.0)
        dropped = t.add("dropout", name="drop", inputs={"x": Source(data, "x")}, rate=rate)
        logits = t.add("matmul", inputs={"x": dropped, "w": w})
        loss = t.add("cross_entropy", name="loss", inputs={"logits": logits, "target": Source(data, "y")})
        t.set_training(Training(loss))
    return Session(document)


def test_modes_that_give_something_else_are_told() -> None:
    assert last(trials.train_and_eval(dropping(0.9))).differs
    assert not last(trials.train_and_eval(dropping(0.05))).differs


def test_the_noise_of_gradients_falls_with_larger_batches() -> None:
    few, many = (last(trials.gradient_noise(network(batch=size))).ratios[""] for size in (4, 120))
    assert many > 3 * few


@pytest.mark.parametrize(
    "trial",
    [
        trials.overfit_batch,
        trials.learning_rate_range,
        trials.batch_mixing,
        trials.train_and_eval,
        trials.gradient_noise,
    ],
)
def test_a_trial_changes_no_value_and_can_be_left(trial: Any) -> None:
    session = network()
    session.train(epochs=2)
    graph, held = session.graph, session.document.values
    before = {id: value.copy() for id, value in held.items()}
    reports = trial(session)
    next(reports)
    reports.close()
    last(trial(session))
    assert session.graph is graph
    assert session.document.values is held
    for id, value in before.items():
        assert np.array_equal(held[id], value)


def test_the_command_makes_trials(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = str(Path(__file__).parent.parent / "examples" / "iris_mlp.gw")
    assert main(["diagnose", file, "--mixing"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "in evaluation sample 3 reaches 0 of 15 others (required: none)",
        "in training sample 3 reaches 0 of 15 others (required: none)",
    ]
    assert main(["diagnose", file, "--overfit-batch", "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert '"learnt": true' in lines[-1]
