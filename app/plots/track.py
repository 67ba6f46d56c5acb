"""A curve as it is drawn: as many points as there are pixels, with every peak, every gap and what has no place."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .data import Axis, Curve
from .extremes import Extremes, Spans
from .smoothing import LEAST, Smoothed

Array = np.ndarray[Any, Any]
DENSE = 2  # points for each pixel across from which on only the extremes of a pixel are drawn


class Window(NamedTuple):
    """What of a plot is in view: between which numbers, on how many pixels, and which axes are logarithmic."""

    low: float
    high: float
    pixels: int
    log_x: bool = False
    log_y: bool = False

    @property
    def edges(self) -> Array:
        """The edges of the columns of pixels, in numbers."""
        if self.log_x:
            return np.geomspace(self.low, self.high, self.pixels + 1)
        return np.linspace(self.low, self.high, self.pixels + 1)


class Trace(NamedTuple):
    """A line, NaN where it is interrupted; where numbers are not finite (`broken`), or have no logarithm (`flat`).

    `low` and `high` are what of it has a place on the axis: `low` is above `high` where nothing has.
    """

    x: Array
    y: Array
    broken: Array
    flat: Array
    broken_count: int
    flat_count: int
    low: float
    high: float
    paired: bool = False  # two points for each column of pixels, its least and its greatest

    def edge(self, upper: bool) -> tuple[Array, Array]:
        """The line above or beneath all of it, x and y."""
        if not self.paired:
            return self.x, self.y
        pairs = self.y.reshape(-1, 2)
        return self.x.reshape(-1, 2).mean(1), pairs.max(1) if upper else pairs.min(1)


_NONE = np.zeros(0)
EMPTY = Trace(_NONE, _NONE, _NONE, _NONE, 0, 0, np.inf, -np.inf)


def position(along: Array, places: Array | float, side: str = "left") -> Any:
    """Where places lie among those of a column, in order; the column is neither copied nor read as a whole."""
    if along.dtype.kind in "iu":  # else NumPy would make numbers with a point of all of them
        limits = np.iinfo(along.dtype)
        whole = np.ceil(places) if side == "left" else np.floor(places)
        places = np.clip(whole, float(limits.min), float(limits.max) / 2).astype(along.dtype)
    else:
        places = np.asarray(places, along.dtype)
    return np.searchsorted(along, places, side)  # type: ignore[call-overload]


class Track:
    """One curve with what is known of its elements; `smoothed` is there where it is smoothed."""

    def __init__(self, curve: Curve, factor: float = 0.0) -> None:
        self.curve, self.size = curve, 0
        self.extremes = Extremes(self.read)
        self.smoothed: Smoothed | None = None
        self._known: dict[bool, tuple[object, Trace]] = {}
        self.factor = factor
        self.grow(curve)

    def read(self, start: int, stop: int) -> Array:
        """The elements as they are."""
        return self.curve.column.values[start:stop]

    def continued_by(self, curve: Curve) -> bool:
        """Whether this is the same curve, perhaps longer."""
        if curve.column.size < self.size:
            return False
        ends = [0, self.size - 1] if self.size else []
        return all(
            np.array_equal(old[ends], new[ends], equal_nan=True)
            for old, new in (
                (self.curve.column.values, curve.column.values),
                (self.curve.column.at.iterations, curve.column.at.iterations),
            )
        )

    def grow(self, curve: Curve) -> None:
        """There is more of it."""
        self.curve, self.size = curve, curve.column.size
        self.extremes.grow(self.size)
        self.smooth(self.factor)

    def smooth(self, factor: float) -> None:
        """Smooth it so much with each iteration, 0: not; a curve of few points far apart then stays as it is."""
        self.factor = factor
        numbers = self.curve.column.at.iterations
        apart = float(numbers[1] - numbers[0]) if self.size > 1 else 1.0
        own = factor**apart
        if own < LEAST:
            self.smoothed = None
        elif self.smoothed is None or self.smoothed.factor != own:
            self._known.clear()
            self.smoothed = Smoothed(self.read, own)
        if self.smoothed is not None:
            self.smoothed.grow(self.size)

    def along(self, axis: Axis) -> Array | None:
        """Its places along an axis, None where they are not known."""
        found = self.curve.column.at.along(axis)
        return None if found is None else found[: self.size]

    def trace(self, axis: Axis, window: Window, smoothed: bool = False) -> Trace:
        """What is drawn of it in a window; the last answers are kept, as heights and lines both ask for them."""
        key = axis, window, self.size
        known = self._known.get(smoothed)
        if known is None or known[0] != key:
            known = self._known[smoothed] = key, self._trace(axis, window, smoothed)
        return known[1]

    def _trace(self, axis: Axis, window: Window, smoothed: bool) -> Trace:
        along = self.along(axis)
        if along is None or not len(along):
            return EMPTY
        first, last = position(along, np.array([window.low, window.high]))
        start, stop = max(int(first) - 1, 0), min(int(last) + 2, len(along))
        source = self.smoothed if smoothed and self.smoothed is not None else self
        if stop - start <= DENSE * window.pixels:
            return _plain(along[start:stop], source.read(start, stop), window)
        edges = np.concatenate([[start], position(along[start:stop], window.edges[1:-1]) + start, [stop]])
        return _thinned(along, source.extremes.spans(edges), window)


def _plain(x: Array, values: Array, window: Window) -> Trace:
    """Every point."""
    x, y = np.asarray(x, np.float64), np.array(values, np.float64)
    broken = ~np.isfinite(y)
    flat = ~broken & (y <= 0) if window.log_y else np.zeros(len(y), bool)
    gone = broken | flat
    y[gone] = np.nan
    shown = y[~gone & (x >= window.low) & (x <= window.high)]
    low, high = (shown.min(), shown.max()) if shown.size else (np.inf, -np.inf)
    return Trace(x, y, x[broken], x[flat], int(broken.sum()), int(flat.sum()), float(low), float(high))


def _thinned(along: Array, spans: Spans, window: Window) -> Trace:
    """Two points for each column of pixels: the extremes, in the order in which the curve as a whole goes."""
    first, last = spans.first.astype(np.intp), spans.last.astype(np.intp)
    low = np.where(np.isinf(spans.positive), np.inf, spans.positive) if window.log_y else spans.low
    gone = low > spans.high
    with np.errstate(invalid="ignore"):
        middle = low + spans.high
        falls = np.append(middle[1:], middle[-1:]) < np.append(middle[:1], middle[:-1])
    x = np.stack([along[first], along[last]], 1).astype(np.float64).reshape(-1)
    y = np.stack([np.where(falls, spans.high, low), np.where(falls, low, spans.high)], 1)
    y[gone] = np.nan
    flat = spans.flat if window.log_y else np.zeros(len(first))
    centre = (x[0::2] + x[1::2]) / 2
    return Trace(
        x,
        y.reshape(-1),
        centre[spans.broken > 0],
        centre[flat > 0],
        int(spans.broken.sum()),
        int(flat.sum()),
        float(low[~gone].min(initial=np.inf)),
        float(spans.high[~gone].max(initial=-np.inf)),
        paired=True,
    )
