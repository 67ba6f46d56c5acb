"""Early stopping: when a run ends, from which epoch its values are, and that a killed one ends alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from documents import refusing
from training_graphs import classifier

from gradwire.core.cli import main
from gradwire.core.errors import GradwireError, ParameterError, RunError
from gradwire.core.session import Session
from gradwire.core.training.engine import Events
from gradwire.core.training.stopping import STOPPING, course
from gradwire.core.training.trainer import Settings

NAN = float("nan")
FAST = {"name": "sgd", "lr": 3.0, "momentum": 0.9}  # so fast that the validation loss goes up and down
refused = refusing(RunError)


@pytest.mark.parametrize(
    ("numbers", "changes", "best", "ended"),
    [
        ([], {}, 0, False),
        ([3, 2, 1], {}, 3, False),
        ([3, 2, 2.5], {}, 2, False),
        ([3, 2, 2.5, 2], {}, 2, True),  # as good is not better
        ([3, 2, 2.5, 1.9], {}, 4, False),
        ([3, 2, 1.95, 1.92], {"min_delta": 0.1}, 2, True),
        ([3, 2, 1.95, 1.89], {"min_delta": 0.1}, 4, False),
        ([3, 2, 1], {"mode": "max"}, 1, True),
        ([1, 2, 3], {"mode": "max"}, 3, False),
        ([NAN, NAN], {}, 0, True),
        ([NAN, 2, NAN], {}, 2, False),
        ([2, NAN, NAN], {}, 1, True),
        ([5, 6], {"patience": 1}, 1, True),
    ],
)
def test_what_is_best_and_when_it_is_over(
    numbers: list[float], changes: dict[str, Any], best: int, ended: bool
) -> None:
    settings = STOPPING.check({"patience": 2, "mode": "min", **changes})
    assert course(settings, numbers) == (best, ended)


@pytest.mark.parametrize("restore", [False, True])
def test_a_run_ends_early_with_the_values_that_were_asked_for(tmp_path: Path, restore: bool) -> None:
    whole = classifier(tmp_path, optimiser=FAST, epochs=30).train()
    losses = [row["validation_loss"] for row in whole.history]
    stopping = {"patience": 3, "restore_best": restore}
    session = classifier(tmp_path, optimiser=FAST, epochs=30, early_stopping=stopping)
    trainer = session.trainer()
    ends: list[int] = []
    trainer.engine.add_event_handler(Events.COMPLETED, lambda engine: ends.append(engine.state.epoch))
    result = session.train(trainer)
    best = next(e for e in range(1, 31) if min(losses[e : e + 3]) >= losses[e - 1] == min(losses[:e]))
    assert (result.best_epoch, result.stopped_early) == (best, True)
    assert ends == [best + 3]
    assert result.history == whole.history[: best + 3]
    shorter = classifier(tmp_path, optimiser=FAST, epochs=best if restore else best + 3).train()
    for id, value in shorter.values.items():
        assert np.array_equal(result.values[id], value)
        assert np.array_equal(session.document.values[id], value)


def test_a_run_that_goes_to_its_end_has_its_best_values_too(tmp_path: Path) -> None:
    stopping = {"patience": 29, "restore_best": True}
    result = classifier(tmp_path, optimiser=FAST, epochs=6, early_stopping=stopping).train()
    losses = [row["validation_loss"] for row in result.history]
    assert not result.stopped_early
    assert result.best_epoch == int(np.argmin(losses)) + 1 < 6
    best = classifier(tmp_path, optimiser=FAST, epochs=result.best_epoch).train()
    assert all(np.array_equal(result.values[id], best.values[id]) for id in best.values)


def test_the_averages_are_restored_with_the_weights(tmp_path: Path) -> None:
    beside: dict[str, Any] = {"optimiser": FAST, "average": {"name": "exponential", "decay": 0.5}}
    stopping = {"patience": 2, "restore_best": True}
    result = classifier(tmp_path, epochs=30, early_stopping=stopping, **beside).train()
    assert result.stopped_early
    best = classifier(tmp_path, epochs=result.best_epoch, **beside).train()
    assert result.kept.keys() == best.kept.keys()
    assert all(np.array_equal(result.kept[id], best.kept[id]) for id in best.kept)


def test_a_metric_of_which_more_is_better(tmp_path: Path) -> None:
    stopping = {"metric": "validation_accuracy", "patience": 2}
    result = classifier(tmp_path, optimiser=FAST, epochs=30, early_stopping=stopping).train()
    shares = [row["validation_accuracy"] for row in result.history]
    assert result.best_epoch is not None
    assert shares[result.best_epoch - 1] == max(shares)
    assert len(shares) == result.best_epoch + 2


def test_a_run_that_had_ended_early_ends_at_once_when_resumed(tmp_path: Path) -> None:
    stopping = {"patience": 2, "restore_best": True}
    session = classifier(tmp_path, optimiser=FAST, epochs=30, early_stopping=stopping)
    whole = session.trainer(Settings(out=tmp_path / "out")).run()
    trainer = session.trainer(Settings(resume=tmp_path / "out" / "checkpoints" / f"{whole.iterations}.ckpt"))
    begun: list[int] = []
    trainer.engine.add_event_handler(Events.ITERATION_STARTED, lambda engine: begun.append(1))
    again = trainer.run()
    assert begun == []
    assert again.history == whole.history
    assert all(np.array_equal(again.values[id], whole.values[id]) for id in whole.values)


def test_the_command_says_why_it_ended_and_from_which_epoch_the_values_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stopping = {"patience": 2, "restore_best": True}
    session = classifier(tmp_path, optimiser=FAST, epochs=30, early_stopping=stopping)
    session.save(tmp_path / "net.gw")
    result = session.trainer().run()
    assert main(["train", str(tmp_path / "net.gw"), "--out", str(tmp_path / "run")]) == 0
    lines = capsys.readouterr().out.splitlines()
    best = result.best_epoch
    assert f"stopped early: validation_loss has not become better since epoch {best}" in lines
    assert f"the values are those of epoch {best}" in lines
    kept = Session.open(tmp_path / "run" / "net.gw").document.values
    assert all(np.array_equal(kept[id], value) for id, value in result.values.items())
    main(["train", str(tmp_path / "net.gw"), "--json"])
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["best_epoch"] == best


def test_settings_that_are_refused(tmp_path: Path) -> None:
    known = "(metric: train_loss or validation_loss or validation_accuracy)"
    with refused(f"early stopping watches 'loss', which this run does not have {known}"):
        classifier(tmp_path, early_stopping={"metric": "loss"}).trainer()
    for settings, message in (
        ({"patience": 0}, "early_stopping: patience must be an integer of 1 or more, got 0"),
        ({"mode": "up"}, "early_stopping: mode must be one of min, max or null, got 'up'"),
        (
            {"delta": 1},
            "early_stopping has no setting 'delta' (its settings: metric, patience, min_delta, mode, restore_best)",
        ),
    ):
        with pytest.raises(GradwireError) as caught:
            classifier(tmp_path, early_stopping=settings).trainer()
        assert type(caught.value) is ParameterError
        assert str(caught.value) == message
