"""Where the elements lie on the curve of an op that takes one argument and works element by element."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...core.evaluating import Evaluated
from ...core.graph import Source
from ...core.tape import Tensor
from ..look.numbers import significant
from .elements import Array

POINTS = 241  # of the curve: odd, so that the middle of a range is one
DOTS = 2000  # elements that are drawn at most


class Curve(NamedTuple):
    """The curve of f over the range of its inputs, and elements on it: `places` are their flat indices."""

    name: str
    x: Array
    y: Array
    dots: Array
    values: Array
    places: Array
    size: int

    @property
    def between(self) -> tuple[float, float]:
        """The least and the largest y that are drawn: those of the dots, and of the curve what is not far from them."""
        shown = self.y[np.isfinite(self.y)]
        ends = np.percentile(shown, [2, 98]) if shown.size else np.zeros(2)
        values = self.values[np.isfinite(self.values)]
        low = float(min(ends[0], values.min(initial=np.inf)))
        high = float(max(ends[1], values.max(initial=-np.inf)))
        room = (high - low) * 0.08 or max(abs(high), 1.0) * 0.5
        return low - room, high + room


def curve_of(run: Evaluated, node: str) -> Curve | None:
    """The curve at a node; None where its op is of another kind, or nothing of its input is finite."""
    source = next((each for each in run.tensors if each.node == node), None)
    tensor = None if source is None else run.tensors[Source(node, source.output)]
    if tensor is None or tensor.op is None or not tensor.op.single:
        return None
    op, args = tensor.op, [arg for arg in tensor.args if isinstance(arg, Tensor)]
    if len(op.ports) != 1 or op.grows or len(args) != 1 or args[0].dtype.kind != "f":
        return None
    if not op.by_element or args[0].shape != tensor.shape:
        return None
    inputs, values = (np.asarray(each.value, np.float64).reshape(-1) for each in (args[0], tensor))
    finite = np.flatnonzero(np.isfinite(inputs))
    if not finite.size:
        return None
    low, high = reach(inputs[finite])
    x = np.linspace(low, high, POINTS)
    with np.errstate(all="ignore"):
        y = np.asarray(op.forward(np, x, **tensor.params), np.float64)
    places = finite[np.unique(np.linspace(0, finite.size - 1, min(DOTS, finite.size)).round().astype(int))]
    return Curve(op.name, x, y, inputs[places], values[places], places, inputs.size)


def reach(inputs: Array) -> tuple[float, float]:
    """The range that is drawn: that of the inputs with some room, and 0 where it is near."""
    low, high = float(inputs.min()), float(inputs.max())
    wide = high - low or max(abs(high), 1.0) * 2
    if low == high:
        low, high = low - wide / 2, high + wide / 2
    if 0 < low < wide:
        low = 0.0
    if -wide < high < 0:
        high = 0.0
    return low - 0.08 * wide, high + 0.08 * wide


def explained(curve: Curve, slopes: Array | None) -> tuple[str, ...]:
    """How the plot of a curve is read; `slopes` are those of all elements, None where they are not known yet."""
    size, shown = curve.size, len(curve.dots)
    many = f"one of {size:,} elements" if shown == size else f"one of {shown:,} of the {size:,} elements"
    only = "The dot is the one element" if size == 1 else f"Each dot is {many}"
    lines = [f"{only}: across stands x, which goes in, and up what {curve.name} makes of it. The line is {curve.name}."]
    if slopes is None:
        lines.append("The slope of the line at a dot is what its gradient is multiplied by on the way back.")
        return tuple(lines)
    lines.append("The straight line is the tangent at the dot that is chosen; g is multiplied by its slope f′.")
    flat = slopes[curve.places] == 0
    if flat.any():
        left, right = (significant(end, 3) for end in (curve.dots[flat].min(), curve.dots[flat].max()))
        where = f"x = {left}" if left == right else f"x from {left} to {right}"
        lines.append(f"Slope 0 at {np.count_nonzero(flat):,} of {shown:,} ({where}): no gradient comes through there.")
    else:
        low, high = (significant(end, 3) for end in (slopes.min(), slopes.max()))
        lines.append(f"Slopes lie between {low} and {high}: none is 0." if low != high else f"The slope is {low}.")
    return tuple(lines)
