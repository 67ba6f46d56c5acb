"""Schedules: PyTorch's rates step for step, by iteration and by epoch, and what is refused of them."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from documents import refusing
from schedule_cases import CASES, EPOCHS, LR, OWN_LR, PER_EPOCH, PLATEAUS, STEPS, WATCHED
from training_graphs import classifier

from gradwire.core.cli import main
from gradwire.core.document import Document
from gradwire.core.errors import ParameterError, RunError
from gradwire.core.graph.elements import Training
from gradwire.core.session import Session
from gradwire.core.training import length, schedules
from gradwire.core.training.engine import Events
from gradwire.core.training.length import misfit
from gradwire.core.training.rhythm import Rhythm
from gradwire.core.training.schedules import SCHEDULES, Schedule, reduce_on_plateau
from gradwire.core.training.trainer import Settings

PYTORCH = json.loads(Path(__file__).with_name("schedule_numbers.json").read_text("utf-8"))
refused = refusing(RunError)
misread = refusing(ParameterError)


def schedule(settings: Any, **training: Any) -> Schedule:
    found = Schedule.of(Training("loss", schedule=settings, epochs=EPOCHS, **training), Rhythm(10, 2), True)
    assert found is not None
    return found


def rates(settings: Any, lr: float = LR) -> list[float]:
    made = schedule(settings)
    return [made.rate(lr, made.rhythm.at(iteration)) for iteration in range(1, STEPS + 1)]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("group", "lr"), [(0, LR), (1, OWN_LR)])
def test_rates_are_those_of_pytorch_in_each_parameter_group(name: str, group: int, lr: float) -> None:
    found = rates({"by": "iteration", **CASES[name][0]}, lr)
    assert found == pytest.approx([row[group] for row in PYTORCH["rates"][name]], rel=1e-12, abs=1e-17)
    assert len(set(found)) > 1


@pytest.mark.parametrize("name", CASES)
def test_by_epoch_a_rate_stays_for_an_epoch(name: str) -> None:
    settings = {**CASES[name][0], "by": "epoch"}
    found = rates(settings)
    assert all(len(set(found[start : start + PER_EPOCH])) == 1 for start in range(0, STEPS, PER_EPOCH))
    if settings.get("steps") is not None or settings["name"] not in ("cosine", "one_cycle"):
        assert found[::PER_EPOCH] == pytest.approx([row[0] for row in PYTORCH["rates"][name][:EPOCHS]], rel=1e-12)


@pytest.mark.parametrize("name", PLATEAUS)
@pytest.mark.parametrize(("group", "lr"), [(0, LR), (1, OWN_LR)])
def test_a_plateau_is_seen_as_by_pytorch(name: str, group: int, lr: float) -> None:
    made = schedule({"name": "reduce_on_plateau", **PLATEAUS[name]})
    found = [made.rate(lr, made.rhythm.at(1), WATCHED[:count]) for count in range(len(WATCHED) + 1)]
    assert found == pytest.approx([row[group] for row in PYTORCH["plateaus"][name]], rel=1e-12)


def test_stored_numbers_are_those_of_this_pytorch() -> None:
    pytest.importorskip("torch")
    from make_schedule_numbers import plateau_rates
    from make_schedule_numbers import rates as pytorch_rates

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in CASES:
            np.testing.assert_allclose(pytorch_rates(name), PYTORCH["rates"][name], rtol=1e-12, err_msg=name)
    assert {name: plateau_rates(name) for name in PLATEAUS} == PYTORCH["plateaus"]


def test_there_is_a_case_of_every_schedule() -> None:
    assert {settings["name"] for settings, _ in CASES.values()} | {"reduce_on_plateau"} == set(SCHEDULES)
    assert all(each.doc and each.name == name for name, each in SCHEDULES.items())


def test_of_every_schedule_that_ends_it_is_known_what_comes_after_its_steps() -> None:
    known = {*length._AFTER, *length._UP}
    assert known == {name for name, rule in SCHEDULES.items() if "steps" in rule.settings}


def test_the_end_of_a_cycle_is_kept() -> None:
    made = schedule({"name": "one_cycle", "steps": 20, "by": "iteration"})
    last = made.rate(LR, made.rhythm.at(20))
    assert last == pytest.approx(LR / 25 / 1e4)
    assert {made.rate(LR, made.rhythm.at(iteration)) for iteration in range(21, 51)} == {last}


# --- in a run


def told(session: Session, **settings: Any) -> list[float]:
    """The learning rate of each iteration of a run."""
    trainer = session.trainer(Settings(**settings))
    found: list[float] = []
    trainer.engine.add_event_handler(
        Events.ITERATION_COMPLETED, lambda engine: found.append(trainer.told["learning_rate"])
    )
    trainer.run()
    return found


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_run_follows_its_schedule_and_compiles_nothing_anew(tmp_path: Path, mode: str) -> None:
    settings = {"name": "exponential", "gamma": 0.5}
    session = classifier(tmp_path, schedule=settings, optimiser={"name": "sgd", "lr": 0.8})
    assert told(session, mode=mode) == [0.8] * 4 + [0.4] * 4 + [0.2] * 4
    trainer = session.trainer(Settings(mode="static"))
    assert [row["learning_rate"] for row in trainer.run().history] == [0.8, 0.4, 0.2]
    assert {size for size, _ in trainer.step._ready} == {5, 3}
    assert len(trainer.step._ready) == 2


def test_a_schedule_by_iteration_counts_updates(tmp_path: Path) -> None:
    settings = {"name": "exponential", "gamma": 0.5, "by": "iteration"}
    session = classifier(tmp_path, schedule=settings, optimiser={"name": "sgd", "lr": 0.8}, accumulate=2, epochs=2)
    assert told(session) == [0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1]


def test_the_rate_is_that_with_which_weights_move(tmp_path: Path) -> None:
    plain = classifier(tmp_path, optimiser={"name": "sgd", "lr": 0.1}, epochs=1).train()
    settings = {"name": "constant", "factor": 0.5, "steps": 4}
    halved = classifier(tmp_path, optimiser={"name": "sgd", "lr": 0.2}, schedule=settings, epochs=1).train()
    assert all((plain.values[id] == halved.values[id]).all() for id in plain.values)


def test_a_plateau_follows_the_history_of_the_run(tmp_path: Path) -> None:
    settings = {"name": "reduce_on_plateau", "factor": 0.5, "patience": 0, "threshold": 100.0, "threshold_mode": "abs"}
    session = classifier(tmp_path, schedule=settings, optimiser={"name": "sgd", "lr": 0.8})
    assert told(session) == [0.8] * 8 + [0.4] * 4  # the first epoch is better than none, none is after it
    accuracy = {**settings, "metric": "validation_accuracy"}
    made = classifier(tmp_path, schedule=accuracy).trainer().schedule
    assert made is not None
    assert made.settings["mode"] == "max"


def test_a_plateau_looks_at_the_history_once_an_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def counted(lr: float, watched: list[float], **settings: Any) -> float:
        seen.append(len(watched))
        return reduce_on_plateau(lr, watched, **settings)

    monkeypatch.setattr(schedules, "reduce_on_plateau", counted)
    session = classifier(tmp_path, schedule={"name": "reduce_on_plateau"}, batch=2)
    assert session.trainer().run().iterations == 27
    assert seen == [0, 1, 2]


# --- refused


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"name": "cosin"},
            "no schedule is called 'cosin' (there is cosine)",
        ),
        (
            {"gamma": 0.5},
            (
                "a schedule needs a name, got {'gamma': 0.5} (name: step or multi_step or exponential or cosine or"
                " polynomial or linear or constant or one_cycle or reduce_on_plateau)"
            ),
        ),
        (
            {"name": "step", "gama": 1},
            "step has no setting 'gama' (its settings: step_size, gamma, warmup, warmup_start, by)",
        ),
        ({"name": "step", "step_size": 0}, "step: step_size must be an integer of 1 or more, got 0"),
        ({"name": "step", "by": "batch"}, "step: by must be one of iteration, epoch, got 'batch'"),
        ({"name": "cosine", "warmup": -1}, "cosine: warmup must be an integer of 0 or more, got -1"),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, settings: Any, message: str) -> None:
    session = classifier(tmp_path, schedule=settings)
    with misread(message):
        session.trainer()
    assert [problem.message for problem in session.check().problems] == [message.partition(" (")[0]]


def test_a_metric_that_no_epoch_ends_with_is_refused(tmp_path: Path) -> None:
    settings = {"name": "reduce_on_plateau", "metric": "validation_acc"}
    session = classifier(tmp_path, schedule=settings)
    known = "(metric: train_loss or validation_loss or validation_accuracy)"
    with refused(f"the schedule watches 'validation_acc', which this run does not have {known}"):
        session.trainer()
    doc = Document()
    with doc.transaction("Without data") as t:
        t.add("parameter", shape=[2], init="ones")
        t.add("mean", inputs={"x": "parameter0"})
        t.set_training(Training("mean0", schedule={"name": "reduce_on_plateau"}))
    reason = "since it holds no samples out"
    with refused(
        f"the schedule watches 'validation_loss', which this run does not have, {reason} (metric: train_loss)"
    ):
        Session(doc).trainer()


def test_all_that_is_wrong_is_told_together(tmp_path: Path) -> None:
    session = classifier(tmp_path, schedule={"name": "cosin"}, batch=0, early_stopping={"patience": 0})
    assert [problem.told for problem in session.check().problems] == [
        "training needs batch of 1 or more, got 0",
        "no schedule is called 'cosin' (there is cosine)",
        "early_stopping: patience must be an integer of 1 or more, got 0",
    ]


# --- whether it fits the run, which has 3 epochs of 4 updates

UNFIT = [
    (
        {"name": "step", "step_size": 1, "warmup": 3},
        (
            "the schedule step warms up for 3 epochs, but the run has 3 epochs: the rate never reaches that of the"
            " optimiser (warmup: less than 3)"
        ),
    ),
    (
        {"name": "cosine", "by": "iteration", "warmup": 500},
        (
            "the schedule cosine warms up for 500 updates, but the run has 12 updates: the rate never reaches that"
            " of the optimiser (warmup: less than 12)"
        ),
    ),
    (
        {"name": "one_cycle", "steps": 1000},
        (
            "the schedule one_cycle takes 1,000 updates, but the run has 12 updates: it is broken off before its end"
            " (steps: 12, or null for the whole run)"
        ),
    ),
    (
        {"name": "one_cycle", "steps": 9},
        (
            "the schedule one_cycle takes 9 updates, and the run has 12 updates: after them the rate stays at its least"
            " (steps: 12, or null for the whole run)"
        ),
    ),
    (
        {"name": "cosine", "steps": 1, "warmup": 1},
        (
            "the schedule cosine takes 1 epoch, and the run has 3 epochs, 2 of them behind the warm-up: after them the"
            " rate climbs again (steps: 2, or null for the whole run)"
        ),
    ),
    (
        {"name": "polynomial", "steps": 2},
        (
            "the schedule polynomial takes 2 epochs, and the run has 3 epochs: after them the rate is 0"
            " (steps: 3, or null for the whole run)"
        ),
    ),
    (
        {"name": "linear", "steps": 13},
        (
            "the schedule linear takes 13 updates, but the run has 12 updates: the rate never reaches its end_factor"
            " (steps: up to 12)"
        ),
    ),
    (
        {"name": "constant", "steps": 20},
        (
            "the schedule constant takes 20 updates, but the run has 12 updates: the rate never reaches that of the"
            " optimiser (steps: up to 12)"
        ),
    ),
    (
        {"name": "step"},
        "the schedule step first changes the rate after 30 epochs, but the run has 3 epochs: it never does",
    ),
    (
        {"name": "multi_step", "milestones": [5, 3]},
        "the schedule multi_step first changes the rate after 3 epochs, but the run has 3 epochs: it never does",
    ),
]
FIT = [
    {"name": "cosine"},
    {"name": "cosine", "steps": 2, "warmup": 1},
    {"name": "one_cycle", "steps": 12},
    {"name": "linear", "steps": 12},
    {"name": "multi_step", "milestones": [2, 50]},
    {"name": "exponential"},
    {"name": "reduce_on_plateau"},
]


@pytest.mark.parametrize(("settings", "message"), UNFIT)
def test_a_schedule_that_does_not_fit_the_run_is_told(
    tmp_path: Path, settings: Any, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    session = classifier(tmp_path, schedule=settings)
    assert misfit(session.trainer().schedule) == message
    session.save()
    assert main(["check", str(session.path)]) == 0
    assert capsys.readouterr().err == f"warning: {session.path}: {message}\n"
    assert main(["train", str(session.path)]) == 0
    assert capsys.readouterr().err.splitlines()[0] == f"warning: {message}"
    with pytest.warns(UserWarning, match=re.escape(message)) as caught:
        session.train()
    assert caught[0].filename == __file__


@pytest.mark.parametrize("settings", FIT)
def test_of_one_that_fits_nothing_is_told(tmp_path: Path, settings: Any) -> None:
    assert misfit(classifier(tmp_path, schedule=settings).trainer().schedule) is None
