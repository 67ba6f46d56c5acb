"""The curves of several runs in the plots of one: a colour for each run, or for each group a mean in a band."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .data import AXES, Column, Curve, Steps
from .grouping import CURVES, charts, order

Array = np.ndarray[Any, Any]


OWN = "this run"


class Told(NamedTuple):
    """What one run has told: its columns by name, as training names them."""

    label: str
    columns: Mapping[str, Column]


@dataclass
class Together:
    """One plot of several runs. `bands` are by the name of a curve: the least and the greatest of its group."""

    title: str
    log_y: bool = False
    curves: list[Curve] = field(default_factory=list)
    bands: dict[str, tuple[Curve, Curve]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Others:
    """Runs beside one that is shown: their plots, how many they are, and what that one is called, if it is of them."""

    plots: Sequence[Together]
    many: int
    own: str = ""

    def with_own(self, title: str, curves: Sequence[Curve]) -> Together:
        """Their curves in a plot of the run, and its own: in the colour that it has among them, else behind them."""
        plot = next((plot for plot in self.plots if plot.title == title), Together(title))
        own = [_named(self.own or OWN, curve) for curve in curves]
        found = [curve for curve in plot.curves if curve.pair != self.own]
        at = next((number for number, curve in enumerate(plot.curves) if curve.pair == self.own), len(found))
        return Together(title, plot.log_y, [*found[:at], *own, *found[at:]], plot.bands)


def side_by_side(runs: Sequence[Told]) -> list[Together]:
    """A curve for each run; train and validation of one run share its colour."""
    found: dict[str, Together] = {}
    for run in runs:
        for chart in charts(run.columns):
            if chart.page == CURVES:
                plot = found.setdefault(chart.title, Together(chart.title, chart.log_y))
                plot.curves += [_named(run.label, curve) for curve in chart.curves]
    for plot in found.values():
        _keep_colours(plot, [run.label for run in runs])
    return _ordered(found.values())


def grouped(groups: Mapping[str, Sequence[Told]]) -> list[Together]:
    """For each group the mean of its runs, in a band from the least to the greatest of them."""
    found: dict[str, Together] = {}
    for label, runs in groups.items():
        for name in dict.fromkeys(name for run in runs for name in run.columns):
            low, mean, high = _spread([run.columns[name] for run in runs if name in run.columns])
            for chart in charts({name: mean}):
                if chart.page != CURVES:
                    continue
                plot = found.setdefault(chart.title, Together(chart.title, chart.log_y))
                curve = _named(label, chart.curves[0])
                plot.curves.append(curve)
                plot.bands[curve.name] = curve._replace(column=low), curve._replace(column=high)
    for plot in found.values():
        plot.curves.sort(key=lambda curve: (list(groups).index(curve.pair), curve.validation))
        _keep_colours(plot, list(groups))
    return _ordered(found.values())


def _named(label: str, curve: Curve) -> Curve:
    beside = ", validation" if curve.validation else ", penalty" if curve.name == "penalty" else ""
    return Curve(f"{label}{beside}", curve.column, label, curve.validation)


def _keep_colours(plot: Together, labels: Sequence[str]) -> None:
    """A run has one colour in all plots: where it has no such curve, its place is kept by one of no points."""
    there = {curve.pair for curve in plot.curves}
    none = Column(np.zeros(0), Steps(np.zeros(0, np.int32)))
    plot.curves += [Curve(label, none, label) for label in labels if label not in there]
    plot.curves.sort(key=lambda curve: labels.index(curve.pair))


def _ordered(plots: Iterable[Together]) -> list[Together]:
    return sorted(plots, key=lambda plot: order(plot.title))


def _spread(columns: Sequence[Column]) -> tuple[Column, Column, Column]:
    """The least, the mean and the greatest, row by row, of those that go so far; what is not finite stays so."""
    size = max(column.size for column in columns)
    count, total = np.zeros(size), np.zeros(size)
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    for column in columns:
        values = np.asarray(column.values[: column.size], np.float64)
        part = slice(len(values))
        count[part] += 1
        with np.errstate(invalid="ignore", over="ignore"):
            total[part] += values
            np.minimum(low[part], values, out=low[part])
            np.maximum(high[part], values, out=high[part])
    at = _places([column.at for column in columns], size, count)
    with np.errstate(invalid="ignore"):
        return Column(low, at), Column(total / count, at), Column(high, at)


def _places(steps: Sequence[Steps], size: int, count: Array) -> Steps:
    """Where rows lie: where runs differ, as with other batches, at the mean of their places."""
    found: dict[str, Array | None] = {}
    for axis in AXES:
        known = [along[:size] for at in steps if (along := at.along(axis)) is not None]
        found[axis] = None
        if len(known) == len(steps):
            total = np.zeros(size)
            for each in known:
                total[: len(each)] += each
            found[axis] = np.maximum.accumulate(total / count)  # where a run ends the mean may fall, and no place does
    iterations = found.pop("iterations")
    assert iterations is not None, "every column says of which iterations it is"
    return Steps(np.round(iterations).astype(np.int64), **found)
