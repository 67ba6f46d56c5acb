"""What stands around a padded value and is computed of it: ramps, extremes, means and medians, axis after axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..op import Op
from .indexing import place, slice_
from .quantiles import median
from .quantiles import tied as tied_medians
from .reductions import max_, mean, min_, sum_
from .reductions import tied as tied_greatest

Pairs = tuple[tuple[int, int], ...]
Shape = tuple[int, ...]

REDUCED: Mapping[str, Op] = {"maximum": max_, "mean": mean, "median": median, "minimum": min_}
COMPUTED = {"linear_ramp", *REDUCED}


def with_medians(xp: Any, x: Any, pairs: Pairs) -> Any:
    """`x` with its medians around it, as NumPy's pad gives them; CuPy's has no such mode."""
    if not x.size:
        return xp.pad(x, pairs, mode="edge")  # which refuses an axis of no elements as well
    for axis, widths in enumerate(pairs):
        if any(widths):
            middle = _middle(xp, x if x.dtype.kind == "f" else x.astype("float64"), axis)
            middle = (xp.round(middle) if x.dtype.kind in "iu" else middle).astype(x.dtype)
            before, after = (
                xp.broadcast_to(middle, (*x.shape[:axis], width, *x.shape[axis + 1 :])) for width in widths
            )
            x = xp.concatenate((before, x, after), axis=axis)
    return x


def _middle(xp: Any, x: Any, axis: int) -> Any:
    """The medians of floats along `axis`, to the bit as NumPy has them: it halves a sum, where `median` adds halves."""
    count = x.shape[axis]
    low, high = (count - 1) // 2, count // 2
    found = xp.partition(x, sorted({low, high, count - 1}), axis=axis)  # NaN comes last
    below, above, last = (_cut(found, axis, each, each + 1) for each in (low, high, count - 1))
    with np.errstate(invalid="ignore", over="ignore"):  # between −infinity and infinity it is NaN
        middle = (below if low == high else (below + above) / 2) + 0.0  # NumPy makes −0 a 0
    return xp.where(last == last, middle, last)


def _whole(y: Any, shape: Shape, pairs: Pairs, axis: int, cut: Callable[..., Any] = slice_) -> Any:
    """What `y` was when `axis` had just been padded, and no axis behind it."""
    for later in range(axis + 1, len(shape)):
        if any(pairs[later]):
            y = cut(y, axis=later, start=pairs[later][0], stop=pairs[later][0] + shape[later])
    return y


def around_gradient(g: Any, y: Any, shape: Shape, pairs: Pairs, mode: str) -> Any:
    """The gradient for `x` of `shape`: each axis is undone, the last first, with what its padding was computed of."""
    for axis in reversed(range(len(shape))):
        (before, after), length = pairs[axis], shape[axis]
        if not before + after:
            continue
        end = before + length
        inner = slice_(g, axis=axis, start=before, stop=end)
        if mode == "linear_ramp":
            g = _with_ramps(g, inner, axis, before, after)
            continue
        sides = [(0, before)] * bool(before) + [(end, end + after)] * bool(after)
        sums = [sum_(slice_(g, axis=axis, start=a, stop=b), axis=axis, keepdims=True) for a, b in sides]
        whole = _whole(y, shape, pairs, axis)
        reduced = slice_(whole, axis=axis, start=sides[0][0], stop=sides[0][0] + 1)
        x = slice_(whole, axis=axis, start=before, stop=end)
        rule = REDUCED[mode].vjp_rule
        assert rule is not None
        g = inner + rule(sum(sums[1:], start=sums[0]), reduced, x, axis=axis, keepdims=True)[0]
    return g


def _with_ramps(g: Any, inner: Any, axis: int, before: int, after: int) -> Any:
    """`inner`, and at its edges the gradients of their ramps, of which each element has a share of the edge."""
    length, found = inner.shape[axis], inner
    outer = before + length
    # The outermost element of a ramp is its end, of which the edge has no share.
    for start, stop, shares, edge in (
        (1, before, np.arange(1, before) / max(before, 1), 0),
        (outer, outer + after - 1, np.arange(after - 1, 0, -1) / max(after, 1), length - 1),
    ):
        if stop > start:
            share = shares.astype(g.dtype).reshape(-1, *[1] * (len(inner.shape) - axis - 1))
            given = sum_(slice_(g, axis=axis, start=start, stop=stop) * share, axis=axis, keepdims=True)
            found = found + place(given, shape=inner.shape, axis=axis, start=edge, stop=edge + 1)
    return found


def _cut(y: Any, axis: int, start: int, stop: int) -> Any:
    return y[(slice(None),) * axis + (slice(start, stop),)]


def ties_around(y: Any, shape: Shape, pairs: Pairs, mode: str) -> Any:
    """Which elements of `x` of `shape` tie for a share in what `y` has around them, of the extreme or the median."""
    found = np.zeros(y.shape, bool)  # of what was padded along the axes up to the one that is undone next
    for axis in reversed(range(len(shape))):
        (before, after), length = pairs[axis], shape[axis]
        if not before + after:
            continue
        whole = _whole(y, shape, pairs, axis, _cut)
        x = _cut(whole, axis, before, before + length)
        sides = np.concatenate(
            [_cut(found, axis, 0, before), _cut(found, axis, before + length, found.shape[axis])], axis
        )
        tied, has_share = _tied(x, axis, mode)
        found = _cut(found, axis, before, before + length) | tied | (has_share & sides.any(axis=axis, keepdims=True))
    return found


def _tied(x: Any, axis: int, mode: str) -> tuple[Any, Any]:
    """Which elements tie along `axis`, and which have a share in what is computed of them."""
    if mode == "median":
        ordered, count = np.sort(x, axis=axis), x.shape[axis]
        middle = [np.take(ordered, [place], axis=axis) for place in ((count - 1) // 2, count // 2)]
        return tied_medians(x, axis=axis, keepdims=True), (x == middle[0]) | (x == middle[1])
    signed = x if mode == "maximum" else -x
    return tied_greatest(signed, axis=axis, keepdims=True), signed == signed.max(axis=axis, keepdims=True)


def around_told(y: Shape, x: Shape, mode: str, value: float) -> str:
    """What becomes of the gradient, in words."""
    stands = f"x {x} stands within {y}, so its gradient is that part of the gradient, and "
    if mode == "linear_ramp":
        return (
            f"{stands}at its edges the sum of those along the ramps to {value:g}, each by the share of the edge in it"
        )
    if mode == "mean":
        return f"{stands}each element also gets the sum of those around it along an axis, divided by the axis's length"
    name = {"maximum": "the greatest", "minimum": "the least", "median": "in the middle"}[mode]
    shared = "half each of two" if mode == "median" else "in equal shares to several that tie"
    return f"{stands}what stands around along an axis goes to the element that is {name} there: {shared}"
