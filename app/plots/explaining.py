"""What a plot of curves says of itself when it is asked how it is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..look.numbers import significant
from .data import AXES, Axis, Reference
from .drawing import rail_text
from .track import DENSE, Trace, Track, Window
from .tracks import Tracks

MOST = 3  # curves of which numbers are told
ABOUT = {
    "update ratio": "The update ratio of a parameter is the norm of what one iteration adds to it, beside its own norm:"
    " the share by which it changes. About 1e−3 is usual; 1e−2 and more forgets what was learnt, 1e−4 and less hardly"
    " learns. Near the end of training, or with a falling learning rate, it goes down.",
    "gradient norm": "The gradient norm of a parameter is the length of its gradient, √(Σ g²), before the optimiser"
    " makes a step of it. It may fall while the loss falls; norms that grow without end, or differ by many powers of"
    " ten from layer to layer, are a sign of exploding or vanishing gradients.",
    "learning rate": "The learning rate as the optimiser has it in each iteration: with the schedule, if there is one,"
    " and with what was changed on the way. Parameter groups that have one of their own are told by what it is without"
    " a schedule.",
}  # by the title of a plot, what its numbers are


def explained(
    title: str, tracks: Tracks, axis: Axis, window: Window, traces: Sequence[Trace], references: Sequence[Reference]
) -> tuple[str, ...]:
    """How the curves of a plot are read, by the numbers that they have now."""
    seen = list(tracks.seen(axis))
    if not seen:
        return ("Nothing has been told yet: curves begin with the first iteration.",)
    about = [ABOUT[title]] if title in ABOUT else []
    lines = [*about, _across(seen, axis, window), *(_one(track) for track in seen[:MOST])]
    if tracks.factor:
        lines.append(
            f"Smoothed {tracks.factor:g}: the strong line is a mean in which each step counts {tracks.factor:g} times"
            " as much as the one behind it; the pale line is the numbers themselves."
        )
    broken, flat = rail_text(traces)
    if broken:
        lines.append(f"Crosses at the upper edge: {broken}. A click on one goes to it.")
    if flat:
        lines.append(f"Wedges at the lower edge: {flat}, of which there is no logarithm.")
    for value, label in references:
        lines.append(f"The dotted line is {label}, at {significant(value, 5)}.")
    return (*lines, "A wheel or a drag zooms in, a double click shows all. A click on a curve goes to that iteration.")


def _across(seen: Sequence[Track], axis: Axis, window: Window) -> str:
    along = seen[0].along(axis)
    assert along is not None
    words = f"From left to right: {AXES[axis]} {_place(window.low, axis)} to {_place(window.high, axis)}."
    there = int(((along >= window.low) & (along <= window.high)).sum()) if len(along) <= 10**6 else len(along)
    if there > DENSE * window.pixels:
        each = there / window.pixels
        words += f" A pixel stands for some {each:,.0f} of them, drawn from their least to their greatest."
    return words


def _place(number: float, axis: Axis) -> str:
    """Steps and samples are counted."""
    return f"{number:,.0f}" if axis in ("iterations", "samples") else significant(number, 4)


def _one(track: Track) -> str:
    """Where it is, and where it was lowest."""
    values = np.asarray(track.read(0, track.size))
    finite = np.where(np.isfinite(values), values, np.inf)
    lowest = int(np.argmin(finite))
    if not np.isfinite(finite[lowest]):
        return f"{track.curve.name} has no finite number."
    at = int(track.curve.column.at.iterations[lowest])
    now, least = significant(values[-1], 4), significant(values[lowest], 4)
    return f"{track.curve.name} is now at {now}; it was lowest, {least}, at step {at:,}."
