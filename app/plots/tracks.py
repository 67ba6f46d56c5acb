"""The curves of a plot together: their colours, which of them are hidden, how far they go, and which point is near."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..look.theme import Theme
from .data import Axis, Curve
from .hues import Look, hues, look
from .strokes import DASHED, SOLID
from .track import Track, position

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Point:
    """An element of a curve."""

    track: Track
    index: int

    @property
    def iteration(self) -> int:
        """At which iteration it is."""
        return int(self.track.curve.column.at.iterations[self.index])

    @property
    def value(self) -> Any:
        """The number as it is."""
        return self.track.curve.column.values[self.index]

    def along(self, axis: Axis) -> float:
        """Where it lies along an axis that its curve knows."""
        return float(self.track.curve.column.at.along(axis)[self.index])  # type: ignore[index]


class Tracks:
    """By name, in the order in which they were given."""

    def __init__(self) -> None:
        self.all: dict[str, Track] = {}
        self.hidden: set[str] = set()
        self.factor = 0.0

    def show(self, curves: Iterable[Curve]) -> None:
        """Show these; of those that were there before only what has been added is read."""
        found = {}
        for curve in curves:
            track = self.all.get(curve.name)
            if track is None or not track.continued_by(curve):
                track = Track(curve, self.factor)
            else:
                track.grow(curve)
            found[curve.name] = track
        self.all = found

    def smooth(self, factor: float) -> None:
        """Smooth all so much, 0: not."""
        self.factor = factor
        for track in self.all.values():
            track.smooth(factor)

    def seen(self, axis: Axis) -> Iterator[Track]:
        """Those that are not hidden, and have places along this axis."""
        for name, track in self.all.items():
            if name not in self.hidden and track.size and track.along(axis) is not None:
                yield track

    def looks(self, theme: Theme) -> dict[str, Look]:
        """By name; curves of one pair share a hue."""
        colours = self._colours(theme)
        return {
            name: Look(colours[name], DASHED if track.curve.validation else SOLID)
            if track.curve.place is None
            else look(track.curve.place, theme)
            for name, track in self.all.items()
        }

    def colours(self, theme: Theme) -> dict[str, str]:
        """By name."""
        return {name: each.colour for name, each in self.looks(theme).items()}

    def _colours(self, theme: Theme) -> dict[str, str]:
        pairs = {name: track.curve.pair or name for name, track in self.all.items()}
        unique = list(dict.fromkeys(pairs.values()))
        chosen = dict(zip(unique, hues(len(unique), theme), strict=True))
        return {name: chosen[pair] for name, pair in pairs.items()}

    def extent(self, axis: Axis, log: bool) -> tuple[float, float] | None:
        """From the first to the last place of what is seen; with `log` from the first above zero on."""
        lows, highs = [], []
        for track in self.seen(axis):
            along = track.along(axis)
            assert along is not None
            first = int(position(along, 0.0, "right")) if log else 0
            if first < len(along):
                lows.append(float(along[first]))
                highs.append(float(along[-1]))
        return (min(lows), max(highs)) if lows else None

    def place(self, iteration: float, axis: Axis) -> float | None:
        """Where an iteration lies along an axis, None where that is not known."""
        if axis == "iterations":
            return float(iteration)
        for track in self.all.values():
            along, numbers = track.along(axis), track.curve.column.at.iterations
            if along is not None and len(along) and numbers[0] <= iteration:
                return float(along[min(int(position(numbers[: len(along)], float(iteration))), len(along) - 1)])
        return None

    def at(self, track: Track, axis: Axis, x: float) -> Point | None:
        """The last element of a curve at a place or before it."""
        along = track.along(axis)
        index = -1 if along is None else int(position(along, x, "right")) - 1
        return Point(track, index) if index >= 0 else None
