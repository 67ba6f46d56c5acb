"""The numbers of a run written for other programs, by an exporter: of a run that is there, or while one goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from ..cancelling import Cancelled, never
from ..errors import RunError
from ..files.run_exporters import RUN_EXPORTERS
from ..training.engine import Engine, Events
from ..training.trainer import Trainer
from .listed import ASIDE, as_columns, read_log
from .record import SETTINGS, RunRecord

Array = np.ndarray[Any, Any]
ROWS = 4096  # numbers that are written between two looks at whether they are still wanted


def export(path: Path, folder: Path, to: str, stopped: Cancelled = never) -> int:
    """Write what the run in the folder `path` has told so far into `folder`, by the exporter `to`; how many numbers.

    Raises `RunError` where there is nothing to write, and when it was `stopped`, and what the exporter raises.
    """
    found = [(name, *column) for name, column in _columns(path).items() if len(column[0])]
    if not found:
        raise RunError(f"{path.name} has told no numbers yet", hint="train an iteration first")
    with closing(RUN_EXPORTERS[to].open(folder)) as writer:
        for name, values, iterations, times in found:
            for row in range(0, len(values), ROWS):
                if stopped():
                    raise RunError(f"{folder} was stopped before it was written")
                rows = slice(row, row + ROWS)
                numbers = iterations[rows].astype(int).tolist(), values[rows].astype(float).tolist()
                writer.add(name, *numbers, None if times is None else times[rows].astype(float).tolist())
    return sum(len(values) for _, values, _, _ in found)


def _columns(path: Path) -> dict[str, tuple[Array, Array, Array | None]]:
    """By name the numbers, their iterations and their times."""
    found: dict[str, tuple[Array, Array, Array | None]] = {}
    if not (path / SETTINGS).exists():
        rows = as_columns(read_log(path)[1])
        iterations = rows.pop("iteration", np.zeros(0))
        return {name: (values, iterations, None) for name, values in rows.items() if name != "epoch"}
    record = RunRecord(path)
    curves, epochs = record.curves(), record.epochs()
    for name, values in _named(curves, ("time",)):
        found[name] = values, np.arange(1, curves.rows + 1), curves.get("time")
    for name, values in _named(epochs, (*ASIDE, *found)):  # of what iterations tell too, epochs have the means
        found[name] = values, epochs["iteration"], epochs.get("time")
    return found


def _named(columns: Mapping[str, Array], but: tuple[str, ...]) -> Iterator[tuple[str, Array]]:
    return ((name, values) for name, values in columns.items() if name not in but)


def follow(folder: Path, trainer: Trainer, to: str) -> Callable[[], None]:
    """Write what a trainer tells into `folder` while it trains, by the exporter `to`; to be called when it is done."""
    writer = RUN_EXPORTERS[to].open(folder)

    def add(engine: Engine, told: Mapping[str, float]) -> None:
        for name, value in told.items():
            if name not in ("epoch", "iteration", "time"):
                writer.add(name, [engine.state.iteration], [float(value)], None)

    def iteration_completed(engine: Engine) -> None:
        told = dict(trainer.telling.told)
        told.setdefault("loss", float(engine.state.output))
        add(engine, told)

    def epoch_completed(engine: Engine) -> None:
        told = (*ASIDE, *trainer.telling.told)
        add(engine, {name: value for name, value in trainer.history[-1].items() if name not in told})

    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, iteration_completed, priority=-100.0)
    trainer.engine.add_event_handler(Events.EPOCH_COMPLETED, epoch_completed, priority=-100.0)
    return writer.close
