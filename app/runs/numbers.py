"""The numbers of runs as plots take them, read from their folders: for a thread of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...core.runs.happening import RESUMED, STARTED
from ...core.runs.listed import ASIDE, ListedRun, as_columns, read_log
from ...core.runs.record import SETTINGS, RunRecord
from ...core.runs.rests import RESTING, Rests
from ..plots.data import Column, Steps
from ..plots.together import Together, Told, grouped, side_by_side
from .columns import ALL

Array = np.ndarray[Any, Any]
UNTOLD = (*ASIDE, "train_loss")  # of epochs: iterations tell the last two


def together(runs: Sequence[ListedRun], labels: Sequence[str], by: str) -> list[Together]:
    """The plots of some runs, each on its own, or in groups by a setting. Raises `GradwireError`."""
    places = _Places()
    if not by:
        told = zip(runs, labels, strict=True)
        return side_by_side([Told(label, numbers(run.path, places)) for run, label in told])
    groups: dict[str, list[Told]] = {}
    for run, label in zip(runs, labels, strict=True):
        groups.setdefault(group_of(run, by), []).append(Told(label, numbers(run.path, places)))
    return grouped({f"{name} ({len(told)})": told for name, told in groups.items()})


def group_of(run: ListedRun, by: str) -> str:
    """What a run has as a setting, with the name of the setting; all are in one group by `ALL`."""
    if by == ALL:
        return ALL
    return f"{by.rpartition('.')[2]} {run.settings.get(by, '–')}"


def numbers(path: Path, places: _Places | None = None) -> dict[str, Column]:
    """What the run in a folder has told by now, by the names of its columns; nothing where it was deleted meanwhile,
    which the list will show. Raises `GradwireError`.
    """
    places = places or _Places()
    if not (path / SETTINGS).exists():
        return _of_command(path) if path.exists() else {}
    record = RunRecord(path)
    curves, epochs = record.curves(), record.epochs()
    facts = next(record.events(STARTED, RESUMED), {})
    per_epoch, samples = int(facts.get("iterations_per_epoch", 0)), int(facts.get("samples", 0))
    times = curves.get("time")
    rests = Rests(record.events(*RESTING), times)
    first = float(times[0]) if times is not None and len(times) else 0.0
    found = {}
    if epochs.rows:
        seconds = np.array(epochs["time"]) - first - rests.before(np.array(epochs["iteration"]))
        at = places.of_epochs(epochs, samples, seconds)
        found = {name: Column(np.array(values), at) for name, values in epochs.items() if name not in UNTOLD}
    if curves.rows:
        took = None if times is None else times - first - rests.before(np.arange(1, curves.rows + 1))
        at = places.of_iterations(curves.rows, per_epoch, samples, took)
        found |= {name: Column(values, at) for name, values in curves.items() if name != "time"}
    return found


def _of_command(path: Path) -> dict[str, Column]:
    facts, rows = read_log(path)
    told = as_columns(list(rows))
    if "iteration" not in told:
        return {}
    samples, epoch = int(facts.get("samples", 0)), told["epoch"]
    at = Steps(told["iteration"].astype(np.int64), epoch, epoch * samples if samples else None)
    return {name: Column(values, at) for name, values in told.items() if name not in ASIDE}


class _Places:
    """Where rows lie. Runs of one length and one size of batches share them, so that many of them fill no memory."""

    def __init__(self) -> None:
        self._counted: Array = np.zeros(0, np.int32)
        self._known: dict[tuple[int, int, int], tuple[Array | None, Array | None]] = {}

    def of_iterations(self, rows: int, per_epoch: int, samples: int, seconds: Array | None) -> Steps:
        """Of so many iterations from the first on."""
        if rows > len(self._counted):
            self._counted = np.arange(1, rows + 1, dtype=np.int32)
        key = rows, per_epoch, samples
        if key not in self._known:
            epochs = self._counted[:rows] / per_epoch if per_epoch else None
            self._known[key] = epochs, epochs * samples if epochs is not None and samples else None
        return Steps(self._counted[:rows], *self._known[key], seconds)

    def of_epochs(self, epochs: Mapping[str, Array], samples: int, seconds: Array) -> Steps:
        """Of what is told when an epoch ends."""
        number = np.array(epochs["epoch"])
        iterations = np.array(epochs["iteration"]).astype(np.int64)
        return Steps(iterations, number, number * samples if samples else None, seconds)
