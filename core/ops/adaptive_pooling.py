"""Pooling to a size: the mean of as many windows as are wanted, which together cover the images."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range, Start
from ..signature import Terms, Traits
from ._windows import Pair, Two, check_images, pair, pixels, places
from .pooling import AXES

Size = Annotated[int | tuple[int, int], Range(low=1), Start(1)]


def _ends(length: int, count: int) -> list[tuple[int, int]]:
    """Where each of `count` windows along an axis begins and ends: side by side, or overlapping by an element."""
    return [(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]


def _check(x: Any) -> None:
    """Refuse what are no images, and those without a pixel."""
    check_images(x)
    if 0 in pixels(x):
        raise ShapeError(f"x {x.shape} has no pixel", port="x", hint="lengths of 1 or more")


@op(
    formula=r"y_{i,j} = \frac{1}{n} \sum_{k,l} x_{k,l},\ \lfloor i H / h \rfloor \le k < \lceil (i + 1) H / h \rceil",
    category="convolution",
    samples=[
        Sample(((2, 3, 4, 6),), {"output_size": 2}),
        Sample(((2, 2, 5, 7),), {"output_size": (3, 2)}),
        Sample(((1, 2, 3, 2),), {"output_size": (1, 3)}),
    ],
    promote="all",
    floating=True,
)
def adaptive_avg_pool2d(xp: Any, x: Any, *, output_size: Size) -> Any:
    """The means of as many windows of images `x` (N, C, H, W) as make images of `output_size`, whatever H and W.

    `output_size` is one number, or one for height and one for width; 1 gives the mean of each whole channel. Window i
    of h goes from row ⌊i · H / h⌋ up to (without) ⌈(i + 1) · H / h⌉, as in PyTorch: where h does not divide H, windows
    next to each other share a row.
    """
    _check(x)
    height, width = pair(output_size)
    rows = xp.empty((*x.shape[:2], height, x.shape[3]), x.dtype)
    for i, (first, end) in enumerate(_ends(x.shape[2], height)):
        rows[:, :, i] = xp.mean(x[:, :, first:end], axis=2)
    y = xp.empty((*x.shape[:2], height, width), x.dtype)
    for j, (first, end) in enumerate(_ends(x.shape[3], width)):
        y[..., j] = xp.mean(rows[..., first:end], axis=3)
    return y


@adaptive_avg_pool2d.shape
def _(x: Aval, *, output_size: Pair) -> Aval:
    _check(x)
    return Aval((*x.shape[:2], *pair(output_size)), x.dtype)


@adaptive_avg_pool2d.vjp
def _(g: Any, y: Any, x: Any, *, output_size: Pair) -> Any:
    return (adaptive_avg_unpool2d(g, size=x.shape[2:]),)


def _element_of_adaptive_avg_pool2d(index: Any, made: Any, x: Any, *, output_size: Pair) -> Terms:
    n, c, *at = index
    found = (_ends(x.shape[2 + a], pair(output_size)[a])[at[a]] for a in (0, 1))
    rows, columns = (np.arange(first, end) for first, end in found)
    return Terms({"x": places(n, c, rows[:, None], columns)}, AXES[2:], over=rows.size * columns.size, axes=AXES)


adaptive_avg_pool2d.element = _element_of_adaptive_avg_pool2d


adaptive_avg_pool2d.traits = Traits(linear=True)
adaptive_avg_pool2d.adjoint = {
    "x": "each of {y} is the mean of a window of x {x}, so its gradient is shared out equally to that window; an "
    "element of several windows gets the sum"
}


@op(
    formula=r"y_{k,l} \;\text{+=}\; \frac{1}{n} x_{i,j},\ \lfloor i H / h \rfloor \le k < \lceil (i + 1) H / h \rceil",
    category="convolution",
    samples=[
        Sample(((2, 3, 2, 2),), {"size": (4, 6)}),
        Sample(((2, 2, 3, 2),), {"size": (5, 7)}),
        Sample(((1, 2, 1, 3),), {"size": (3, 2)}),
    ],
    promote="all",
    floating=True,
)
def adaptive_avg_unpool2d(xp: Any, x: Any, *, size: Annotated[tuple[int, int], Range(low=1)]) -> Any:
    """Images of `size` (height, width) in which each of `x` is shared out equally to its window: they add up.

    The adjoint of `adaptive_avg_pool2d`, by which images of `size` became as large as `x` (N, C, h, w).
    """
    _check(x)
    rows = xp.zeros((*x.shape[:3], size[1]), x.dtype)
    for j, (first, end) in enumerate(_ends(size[1], x.shape[3])):
        rows[..., first:end] += x[..., j, None] / x.dtype.type(end - first)
    y = xp.zeros((*x.shape[:2], *size), x.dtype)
    for i, (first, end) in enumerate(_ends(size[0], x.shape[2])):
        y[:, :, first:end] += rows[:, :, i, None] / x.dtype.type(end - first)
    return y


@adaptive_avg_unpool2d.shape
def _(x: Aval, *, size: Two) -> Aval:
    _check(x)
    return Aval((*x.shape[:2], *size), x.dtype)


@adaptive_avg_unpool2d.vjp
def _(g: Any, y: Any, x: Any, *, size: Two) -> Any:
    return (adaptive_avg_pool2d(g, output_size=x.shape[2:]),)


def _element_of_adaptive_avg_unpool2d(index: Any, made: Any, x: Any, *, size: Two) -> Terms:
    n, c, *pixel = index
    found, lengths = [], []
    for a in (0, 1):
        ends = _ends(size[a], x.shape[2 + a])
        found.append(np.array([i for i, (first, end) in enumerate(ends) if first <= pixel[a] < end]))
        lengths.append(np.array([ends[i][1] - ends[i][0] for i in found[a]]))
    where = places(n, c, found[0][:, None], found[1])
    return Terms({"x": where}, AXES[2:], over=lengths[0][:, None] * lengths[1], axes=AXES)


adaptive_avg_unpool2d.element = _element_of_adaptive_avg_unpool2d


adaptive_avg_unpool2d.traits = Traits(linear=True)
adaptive_avg_unpool2d.adjoint = {
    "x": "each of x {x} was shared out equally to a window of {y}, so its gradient is the mean of that of its window"
}
