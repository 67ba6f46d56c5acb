"""A run that ends before its time: by an exception, whoever was told of it, or by a stop, after which it goes on."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training_graphs import classifier

from gradwire.core.errors import FileError, RunError
from gradwire.core.training import checkpoint
from gradwire.core.training.engine import Engine, Events
from gradwire.core.training.result import Result
from gradwire.core.training.trainer import Settings, Trainer


def same_bits(one: Result, other: Result) -> bool:
    """Whether two runs came to the same values, history and number of iterations."""
    return (
        one.kept.keys() == other.kept.keys()
        and all(np.array_equal(value, other.kept[id]) for id, value in one.kept.items())
        and repr(one.history) == repr(other.history)
        and one.iterations == other.iterations
    )


def logged(trainer: Trainer) -> list[BaseException]:
    """What a logger is told of, which raises nothing itself."""
    found: list[BaseException] = []
    trainer.engine.add_event_handler(Events.EXCEPTION_RAISED, lambda engine, error: found.append(error))
    return found


def at(trainer: Trainer, iteration: int, act: Any) -> None:
    """Call `act(engine)` when this iteration is complete."""
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, act, once=iteration)


def fail(engine: Engine) -> None:
    raise ValueError("the third is broken")


# --- exceptions


def test_an_exception_that_a_logger_was_told_of_ends_training_all_the_same(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    trainer = session.trainer()
    told = logged(trainer)
    at(trainer, 3, fail)
    before = dict(session.document.values)
    with pytest.raises(ValueError, match="the third is broken") as caught:
        session.train(trainer)
    assert told == [caught.value]
    assert dict(session.document.values) == before


def test_a_full_disk_that_a_logger_was_told_of_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = classifier(tmp_path)
    trainer = session.trainer(Settings(out=tmp_path / "out"))
    told = logged(trainer)
    real = checkpoint.write

    def full(path: Path, *args: Any) -> None:
        if path.stem != "0":
            raise FileError(f"the checkpoint {path} cannot be written: No space left on device")
        real(path, *args)

    monkeypatch.setattr(checkpoint, "write", full)
    with pytest.raises(FileError, match=r"4\.ckpt cannot be written: No space left on device"):
        session.train(trainer)
    assert len(told) == 1
    assert not session.document.values


def test_a_run_goes_on_behind_a_handler_that_failed(tmp_path: Path) -> None:
    """The iteration itself was whole."""
    trainer = classifier(tmp_path).trainer()
    at(trainer, 3, fail)
    with pytest.raises(ValueError, match="broken"):
        trainer.run()
    trainer.engine.add_event_handler(Events.ITERATION_STARTED, fail, once=6)
    with pytest.raises(ValueError, match="broken"):  # before the sixth had begun
        trainer.run()
    trainer.engine.remove_event_handler(fail, Events.ITERATION_STARTED)
    assert same_bits(trainer.run(), classifier(tmp_path).trainer().run())


def test_a_run_does_not_go_on_behind_an_iteration_that_was_broken_off(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    trainer = session.trainer()

    def hook(array: Any, seen: Any) -> None:
        if seen.iteration == 3:
            raise ValueError("in the midst of it")

    session.on_forward("tanh0", hook)
    with pytest.raises(ValueError, match="in the midst"):
        trainer.run()
    with pytest.raises(RunError) as caught:
        trainer.run()
    assert str(caught.value) == (
        "iteration 3 was broken off, so the run cannot go on behind it"
        " (a new trainer, which may resume from a checkpoint)"
    )


# --- going on


@pytest.mark.parametrize("mode", ["static", "eager"])
@pytest.mark.parametrize(
    "training",
    [
        {},
        {"accumulate": 3, "average": {"name": "exponential", "decay": 0.8}},
        {"schedule": {"name": "reduce_on_plateau", "metric": "train_loss", "patience": 0, "threshold": 0.5}},
    ],
)
@pytest.mark.parametrize("stops", [(3,), (4,), (8,), (1, 2, 4, 7, 12)])
def test_a_stopped_run_goes_on_with_the_bits_of_an_undisturbed_one(
    tmp_path: Path, stops: tuple[int, ...], training: dict[str, Any], mode: str
) -> None:
    """Within an epoch, and in the last iteration of one."""
    whole = classifier(tmp_path, **training).trainer(Settings(mode=mode)).run()
    trainer = classifier(tmp_path, **training).trainer(Settings(mode=mode))
    rows: list[Any] = []
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda e: rows.append(e.state.batch.tolist()))
    for iteration in stops:
        at(trainer, iteration, lambda engine: engine.stop())
    for iteration in stops:
        result = trainer.run()
        assert trainer.engine.stopped
        assert result.iterations == iteration
    assert same_bits(trainer.run(), whole)
    assert [sorted(chain(*rows[i : i + 4])) for i in (0, 4, 8)] == [list(range(18))] * 3
    assert same_bits(trainer.run(), whole)  # there is nothing left


def test_what_a_stopped_run_came_to_stays_when_it_goes_on(tmp_path: Path) -> None:
    trainer = classifier(tmp_path).trainer()
    at(trainer, 6, lambda engine: engine.stop())
    stopped = trainer.run()
    values = {id: value.tobytes() for id, value in stopped.values.items()}
    trainer.run()
    assert len(stopped.history) == 1
    assert {id: value.tobytes() for id, value in stopped.values.items()} == values


def test_a_resumed_run_is_stopped_and_goes_on(tmp_path: Path) -> None:
    whole = classifier(tmp_path).trainer(Settings(out=tmp_path / "out")).run()
    resume = tmp_path / "out" / "checkpoints" / "4.ckpt"
    trainer = classifier(tmp_path).trainer(Settings(resume=resume))
    at(trainer, 7, lambda engine: engine.stop())
    assert trainer.run().iterations == 7
    assert same_bits(trainer.run(), whole)
