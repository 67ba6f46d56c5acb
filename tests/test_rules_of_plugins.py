"""Schedules and optimisers that plugins bring, whose settings may be called as those of the program's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from training_graphs import classifier

from gradwire.core.cli import main
from gradwire.core.errors import RunError
from gradwire.core.extend import schedule_rule, update_rule
from gradwire.core.session import Session
from gradwire.core.training import schedules
from gradwire.core.training.optim import updating
from gradwire.core.training.trainer import Settings


@schedule_rule()
def to_zero(lr: float, t: int, total: int) -> float:
    """A straight line to 0 at the end of the run."""
    return lr * (1 - t / total)


@schedule_rule()
def stairs(lr: float, t: int, total: int, *, steps: int = 5, metric: str = "none", start_factor: float = 0.0) -> float:
    """Half of the rate after so many steps, which is no length."""
    return lr / 2 ** (t // steps)


@update_rule("Mine, at half the rate")
def at_half(w: Any, g: Any, rate: Any, slots: Any, *, lr: float = 0.1) -> Any:
    """Half a step of SGD."""
    return w - 0.5 * lr * g


@pytest.fixture(autouse=True)
def brought() -> Iterator[None]:
    rules = ((schedules.ALL, to_zero), (schedules.ALL, stairs), (updating.ALL, at_half))
    for catalogue, rule in rules:
        catalogue.add(rule)
    yield
    for catalogue, rule in rules:
        catalogue.remove(rule.name)


def rates(session: Session, **settings: Any) -> list[float]:
    return [round(row["learning_rate"], 6) for row in session.trainer(Settings(**settings)).run().history]


def test_a_run_that_goes_on_to_another_end_is_refused_where_rates_may_follow_from_that(tmp_path: Path) -> None:
    session = classifier(tmp_path, schedule={"name": "to_zero"}, epochs=2)
    assert rates(session, out=tmp_path / "run") == [0.05, 0.025]
    last = tmp_path / "run" / "checkpoints" / "8.ckpt"
    assert rates(session, resume=last) == [0.05, 0.025]
    with pytest.raises(RunError) as refused:
        rates(session, resume=last, epochs=4)
    wanted = f"the checkpoint {last} is of a run with schedule total 2, not 4 (it goes with its own file and settings)"
    assert str(refused.value) == wanted


@pytest.mark.parametrize("steps", [1, 50])
def test_of_what_the_settings_of_another_schedule_mean_nothing_is_assumed(
    tmp_path: Path, steps: int, capsys: pytest.CaptureFixture[str]
) -> None:
    session = classifier(tmp_path, schedule={"name": "stairs", "steps": steps})
    session.save()
    for command in ("check", "train"):
        assert main([command, str(session.path)]) == 0
        assert "warning" not in capsys.readouterr().err
    assert rates(session) == ([0.05, 0.025, 0.0125] if steps == 1 else [0.05] * 3)


def test_exported_source_says_what_it_cannot_spell(tmp_path: Path) -> None:
    session = classifier(tmp_path, optimiser={"name": "at_half"}, schedule={"name": "stairs"})
    words = "training settings that are not spelled in PyTorch: the optimiser at_half; the schedule stairs"
    source = session.source("torch")
    assert f"def train():\n    raise NotImplementedError({words!r})" in source
    compile(source, "source", "exec")
