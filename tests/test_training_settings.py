"""What holds for every setting of training: the same bits after a kill, in both modes, and in a recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from documents import refusing
from training_graphs import MOMENTUM, classifier, train_on

from gradwire.core.errors import RunError
from gradwire.core.evaluating import Asked
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.training import writing
from gradwire.core.training.engine import Events
from gradwire.core.training.folder import RunFolder
from gradwire.core.training.schedules import SCHEDULES
from gradwire.core.training.trainer import Result, Settings

PLATEAU = {"name": "reduce_on_plateau", "factor": 0.5, "patience": 0}
EXPONENTIAL = {"name": "exponential", "decay": 0.7}
JUMPS: dict[str, dict[str, Any]] = {"step": {"step_size": 5}, "multi_step": {"milestones": [4, 9]}}  # within the run
OTHERS = [name for name in SCHEDULES if name != PLATEAU["name"]]
TABLE: dict[str, dict[str, Any]] = {
    **{
        f"schedule {name}": {"schedule": {"name": name, "by": "iteration", **JUMPS.get(name, {})}}
        for name in SCHEDULES
        if name != PLATEAU["name"]
    },
    "schedule by epoch": {"schedule": {"name": "cosine", "warmup": 1, "by": "epoch"}},
    "plateau of the validation loss": {"schedule": PLATEAU},
    "plateau of the training loss": {"schedule": {**PLATEAU, "metric": "train_loss"}},
    "plateau of accuracy": {"schedule": {**PLATEAU, "metric": "validation_accuracy"}},
    "clip_norm": {"clip_norm": 0.1},
    "clip_value": {"clip_value": 0.05},
    "l1 and l2": {"l1": 0.01, "l2": 0.02},
    "penalised": {"l2": 0.02, "penalised": ["parameter1"]},
    "accumulate 2": {"accumulate": 2},
    "accumulate 3": {"accumulate": 3},
    "accumulate 9": {"accumulate": 9},
    "kept gradients with a penalty": {"zero_gradients": False, "l2": 0.01, "clip_norm": 0.2},
    "average": {"average": EXPONENTIAL},
    "average by epoch": {"average": {"name": "mean", "start": 1}},
    "early stopping": {
        "early_stopping": {"patience": 1, "restore_best": True},
        "optimiser": {"name": "sgd", "lr": 3.0},
    },
    "all": {
        "schedule": PLATEAU,
        "clip_norm": 0.1,
        "l1": 0.01,
        "accumulate": 3,
        "average": EXPONENTIAL,
        "early_stopping": {"patience": 2, "restore_best": True},
    },
}
cases = pytest.mark.parametrize("name", TABLE)
refused = refusing(RunError)


def session_of(folder: Path, name: str) -> Session:
    return classifier(folder, **{"optimiser": MOMENTUM, **TABLE[name]})


def bits(result: Result) -> tuple[Any, ...]:
    """Everything that a run came to, to be compared."""
    values, averaged = (
        {id: (value.dtype.name, value.tobytes()) for id, value in held.items()}
        for held in (result.values, result.averaged)
    )
    return values, averaged, repr(result.history), result.iterations, result.best_epoch, result.stopped_early


@cases
def test_static_and_eager_give_the_same_bits(tmp_path: Path, name: str) -> None:
    first, second = (session_of(tmp_path, name).trainer(Settings(mode=mode)).run() for mode in ("static", "eager"))
    assert bits(first) == bits(second)


@pytest.mark.filterwarnings("ignore:accumulate takes 9")
@cases
def test_a_setting_makes_a_difference(tmp_path: Path, name: str) -> None:
    plain = classifier(tmp_path, optimiser=TABLE[name].get("optimiser", MOMENTUM)).train()
    found = session_of(tmp_path, name).train()
    assert bits(found) != bits(plain)


@pytest.mark.slow
@cases
def test_a_killed_run_goes_on_with_the_same_bits(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CHECKPOINT_SECONDS", 0.0)
    session = session_of(tmp_path, name)
    whole = session.trainer(Settings(out=tmp_path / "out")).run()
    for iteration in range(1, whole.iterations + 1):
        path = tmp_path / "out" / "checkpoints" / f"{iteration}.ckpt"
        assert bits(session.trainer(Settings(resume=path)).run()) == bits(whole), iteration


@pytest.mark.parametrize("name", ["all", "accumulate 3", "plateau of the training loss"])
def test_killed_at_the_end_of_an_epoch_it_goes_on_with_the_same_bits(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last iteration and what is counted at the end: the checkpoint of the end is not there."""
    monkeypatch.setattr(writing, "CHECKPOINT_SECONDS", 0.0)
    session = session_of(tmp_path, name)
    whole = session.trainer().run()
    trainer = session.trainer(Settings(out=tmp_path / "out"))

    def kill(*_: Any) -> None:
        if trainer.engine.state.iteration == 8:
            raise KeyboardInterrupt

    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, kill)
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    path = tmp_path / "out" / "checkpoints" / "8.ckpt"
    assert bits(session.trainer(Settings(resume=path)).run()) == bits(whole)


@cases
def test_recorded_iterations_end_with_the_bits_of_training(tmp_path: Path, name: str) -> None:
    session = session_of(tmp_path, name)
    recorder = Recorder(Asked.of(session), session.registry, budget=300_000)
    trainer = session.trainer(Settings(mode="eager"))
    states: list[tuple[dict[str, Any], float]] = []
    trainer.engine.add_event_handler(
        Events.ITERATION_COMPLETED,
        lambda engine: states.append(
            ({slot: value.copy() for slot, value in trainer.state.items()}, trainer.told["learning_rate"])
        ),
    )
    trainer.run()
    for number in [*range(1, len(states) + 1), 2, 7, len(states)]:  # and once more what the budget may have dropped
        iteration = recorder.iteration(number)
        assert iteration is not None
        state, rate = states[number - 1]
        assert iteration.after.keys() == state.keys()
        for slot, array in state.items():
            assert np.array_equal(iteration.after[slot], array), (number, slot)
        assert iteration.timeline.updates.rate == rate
        for id in ("parameter0", "parameter3"):
            if f"{id}:gradient" in state:
                assert np.array_equal(iteration.timeline.added_up(id), state[f"{id}:gradient"]), (number, id)


@pytest.mark.parametrize("name", ["plateau of the training loss", "plateau of accuracy", "all"])
@pytest.mark.parametrize("begin", [3, 4, 6])
def test_a_recording_of_a_run_begins_at_any_checkpoint_with_its_bits(
    tmp_path: Path, name: str, begin: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "CHECKPOINT_SECONDS", 0.0)
    session = session_of(tmp_path, name)
    trainer = session.trainer(Settings(mode="eager", out=tmp_path / "out"))
    states: list[dict[str, Any]] = []
    trainer.engine.add_event_handler(
        Events.ITERATION_COMPLETED,
        lambda engine: states.append({slot: value.copy() for slot, value in trainer.state.items()}),
    )
    trainer.run()
    for path in (tmp_path / "out" / "checkpoints").glob("*.ckpt"):
        if int(path.stem) != begin:
            path.unlink()
    recorder = Recorder(Asked.of(session), session.registry, origin=RunFolder(tmp_path / "out"))
    for number in range(begin + 1, len(states) + 1):
        iteration = recorder.iteration(number)
        assert iteration is not None
        assert iteration.after.keys() == states[number - 1].keys()
        for slot, array in states[number - 1].items():
            assert np.array_equal(iteration.after[slot], array), (number, slot)


# --- what a recording shows of batches that make one update


def test_what_adds_up_is_shown_pass_by_pass(tmp_path: Path) -> None:
    session = classifier(tmp_path, accumulate=3)
    recorder = Recorder(Asked.of(session), session.registry)
    phases, waits, left, starts = [], [], [], []
    for number in range(1, 6):
        iteration = recorder.iteration(number)
        assert iteration is not None
        timeline = iteration.timeline
        phases.append(timeline.phases[0][0])
        waits.append(timeline.updates.unchanged("parameter0"))
        left.append([part.name for part in timeline.left.get("parameter0", ())])
        (start,) = (start for _, start in timeline.starts.values())
        starts.append(float(start.value))
    # 5 + 5 + 5 samples make an update, then the 3 that are left, then the next epoch begins.
    assert phases == ["zero", "forward", "forward", "zero", "zero"]
    adding = "gradients add up until iteration"
    assert waits == [f"{adding} 3", f"{adding} 3", "", "", f"{adding} 7"]
    assert left == [[], ["pass 1"], ["pass 1", "pass 2"], ["pass 1", "pass 2", "pass 3"], ["pass 4"]]
    assert starts == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1, 1 / 3])


def test_the_loss_of_an_iteration_is_that_of_its_batch_alone(tmp_path: Path) -> None:
    session = classifier(tmp_path, accumulate=3)
    told: list[float] = []
    trainer = session.trainer(Settings(mode="eager"))
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: told.append(engine.state.output))
    trainer.run()
    recorder = Recorder(Asked.of(session), session.registry)
    for number in (1, 2, 3, 4):
        iteration = recorder.iteration(number)
        assert iteration is not None
        assert iteration.timeline.loss == told[number - 1]


# --- checkpoints of other settings


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"accumulate": 2}, "accumulate none, not 2"),
        ({"clip_norm": 1.0}, "clip_norm none, not 1.0"),
        ({"l2": 0.5}, "l2 none, not 0.5"),
        (
            {"early_stopping": {"patience": 2}},
            (
                "early_stopping none, not"
                " {'metric': 'validation_loss', 'min_delta': 0.0, 'mode': 'min', 'patience': 2, ...}"
            ),
        ),
        ({"average": {"name": "mean"}}, "average none, not mean"),
        ({"schedule": {"name": "exponential"}}, "schedule none, not exponential"),
    ],
)
def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path, changes: dict[str, Any], found: str) -> None:
    session = classifier(tmp_path)
    session.trainer(Settings(out=tmp_path)).run()
    train_on(session, **changes)
    path = tmp_path / "checkpoints" / "4.ckpt"
    with refused(f"the checkpoint {path} is of a run with {found} (it goes with its own file and settings)"):
        session.trainer(Settings(resume=path))


def test_a_schedule_over_the_whole_run_goes_on_in_a_run_of_that_length_only(tmp_path: Path) -> None:
    """Over more epochs a cosine falls more slowly from the first one on: those behind would have had other rates."""
    session = classifier(tmp_path, schedule={"name": "cosine"})
    session.trainer(Settings(out=tmp_path)).run()
    path = tmp_path / "checkpoints" / "4.ckpt"
    session.trainer(Settings(resume=path))
    with pytest.raises(RunError, match="schedule total 3, not 5"):
        session.trainer(Settings(resume=path, epochs=5))
    train_on(session, schedule={"name": "cosine", "steps": 3})
    session.trainer(Settings(out=tmp_path / "fixed")).run()
    fixed = tmp_path / "fixed" / "checkpoints" / "4.ckpt"
    session.trainer(Settings(resume=fixed, epochs=5))


def test_what_a_metric_compares_may_be_told_by_a_source_as_wires_are(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    training = session.graph.training
    assert training is not None
    pair = {"prediction": Source("add1", "y"), "target": Source("dataset0", "y")}
    with session.document.transaction("Metric") as t:
        t.set_training(replace(training, metrics=({"name": "accuracy", **pair},)))
    found = session.graph.training
    assert found is not None
    assert found.metrics == ({"name": "accuracy", "prediction": "add1.y", "target": "dataset0.y"},)
    assert [*session.evaluate().metrics] == ["accuracy"]
