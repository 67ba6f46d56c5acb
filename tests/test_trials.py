"""Trials: what a network can learn by heart, which rate suits it, whether samples mix; and no value changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from documents import refusing
from followed import example, graph, network, table

from gradwire.core.cli import main
from gradwire.core.diagnosing import diagnose, trials
from gradwire.core.document import Document
from gradwire.core.errors import RunError
from gradwire.core.graph import Source, Training
from gradwire.core.session import Session

refused = refusing(RunError)


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


def test_where_all_is_learnt_no_rate_stands_out() -> None:
    session = network(epochs=60)
    session.train()
    report = last(trials.learning_rate_range(session))
    assert report.suggested is None
    assert report.text.startswith("no rate between 1e−07 and ")
    assert len(report.rates) > 25  # the chance of single batches is no divergence


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


def turned(wrong: bool) -> Session:
    """Logits of turned data, turned back; as many features as samples. Where it is `wrong` rows of a batch are added
    up on the way.
    """
    document = Document()
    with document.transaction("Build") as t:
        data = t.add("dataset", name="data", source="digits")
        w = t.add("parameter", name="w", shape=(10, 64), init="he")
        columns = t.add("transpose", name="columns", inputs={"x": Source(data, "x")})
        product = t.add("matmul", name="product", inputs={"x": w, "w": columns})
        if wrong:
            product = t.add("cumsum", name="summed", inputs={"x": product}, axis=1)
        logits = t.add("transpose", name="logits", inputs={"x": product})
        loss = t.add("cross_entropy", name="loss", inputs={"logits": logits, "target": Source(data, "y")})
        t.set_training(Training(loss, batch=64))
    return Session(document)


def test_samples_are_told_apart_along_the_axis_of_the_batch_wherever_it_lies() -> None:
    assert [report.others for report in trials.batch_mixing(turned(wrong=False))] == [0] * 8
    reports = list(trials.batch_mixing(turned(wrong=True)))
    assert {report.path for report in reports} == {"summed"}
    assert [report.others for report in reports[:4]] == [63, 62, 61, 60]


def below_zero(floor: float, rate: float = 0.01, epochs: int = 60) -> Session:
    """(w − 1)² of two weights of 3, and `floor`."""

    def build(t: Any) -> str:
        w = Source(t.add("parameter", name="w", shape=(2,), init="constant", value=3.0), "y")
        apart = t.add("subtract", inputs={"x": w, "y": t.add("constant", value=1.0)})
        added = t.add("sum", inputs={"x": t.add("square", inputs={"x": apart})})
        return str(t.add("add", name="loss", inputs={"x": added, "y": t.add("constant", value=floor)}))

    return graph(build, epochs=epochs, rate=rate)


@pytest.mark.parametrize("floor", [0.0, -1.0, -8.0, -20.0])
def test_a_loss_below_zero_has_a_rate_that_suits_as_any_other(floor: float) -> None:
    report = last(trials.learning_rate_range(below_zero(floor)))
    assert report.suggested is not None
    assert 0.05 < report.suggested < 0.8
    assert ("its size says nothing" in report.text) == (floor < 0)


def test_a_loss_below_zero_that_only_jumps_from_batch_to_batch_has_none() -> None:
    document = Document()
    with document.transaction("Build") as t:
        data = t.add("dataset", name="data", source="blobs")
        w = t.add("parameter", name="w", shape=(2, 1), init="constant", value=1e-9)
        product = t.add("matmul", inputs={"x": Source(data, "x"), "w": w})
        mean = t.add("mean", inputs={"x": t.add("tanh", inputs={"x": product})})
        batch = t.add("mean", inputs={"x": Source(data, "x")})
        both = t.add("add", inputs={"x": batch, "y": mean})
        loss = t.add("subtract", name="loss", inputs={"x": both, "y": t.add("constant", value=5.0)})
        t.set_training(Training(loss, batch=8, optimiser={"name": "sgd", "lr": 0.01}))
    report = last(trials.learning_rate_range(Session(document), high=1e-5))
    assert len(report.rates) == 100
    assert report.suggested is None


def test_a_loss_below_zero_is_learnt_by_heart_where_it_comes_to_rest() -> None:
    report = last(trials.overfit_batch(below_zero(-20.0), iterations=600))
    assert report.learnt
    assert report.loss == pytest.approx(-20.0, abs=1e-2)
    assert "the loss goes below 0, so that its size says nothing" in report.text
    assert report.text.endswith("(required: at most 0.1%, then it has come to rest)")
    slow = last(trials.overfit_batch(below_zero(-20.0, rate=1e-5), iterations=300))
    assert not slow.learnt
    assert last(trials.overfit_batch(below_zero(0.0), iterations=600)).learnt


def test_what_cannot_be_tried_is_refused_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with refused("the noise of gradients needs batches, and the graph reads no dataset"):
        last(trials.gradient_noise(below_zero(0.0)))
    with refused(
        "the noise of gradients needs batches that differ, and one holds all 240 samples (a batch of at most 120)"
    ):
        last(trials.gradient_noise(network(batch=500)))
    with refused("mixing is looked for in batches of several samples, and the graph reads no dataset"):
        last(trials.batch_mixing(below_zero(0.0)))
    with refused("mixing is looked for in batches of several samples, and one holds 1 sample"):
        last(trials.batch_mixing(network(batch=1)))
    broken = below_zero(float("inf"))
    with refused("no rate can be tried: the loss is inf with the values as they are (required: finite)"):
        last(trials.learning_rate_range(broken))
    file = str(Path(__file__).parent.parent / "examples" / "iris_mlp.gw")
    assert main(["diagnose", file, "--iteration", "3", "--noise"]) == 2
    assert "not allowed with argument --iteration" in capsys.readouterr().err


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


def test_modes_say_of_which_samples_they_are_and_begin_with_the_batch_of_the_diagnosis() -> None:
    session = dropping(0.9)
    timeline = session.timeline()
    first, *_, whole = trials.train_and_eval(session)
    (finding,) = [each for each in diagnose(timeline) if each.rule == "train and eval differ"]
    losses = f"{first.train:.3g} in training and {first.evaluation:.3g} in evaluation"
    assert finding.text.startswith(f"the loss of this batch is {losses}: drop behaves differently in each")
    assert first.text.startswith(f"over the first batch of 32 the loss is {losses} (usual: at most 50% apart), ")
    assert whole.text.startswith("in the mean over 20 batches of 32 the loss is ")
    assert whole.text.endswith(" (usual: at least 0.75); drop behaves differently in each")
    (plain,) = {report.text.split("; ")[-1] for report in trials.train_and_eval(network())}
    assert plain == "no node behaves differently in evaluation"


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
