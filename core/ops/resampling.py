"""Images made larger or smaller."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range
from ..signature import Flat, Terms, Traits
from ._rules import INT
from ._windows import Two, check_images, pair, pixels
from .indexing import scatter_add

Factor = Annotated[float | tuple[float, float] | None, Range(low=0, above=True, usual=(0.5, 4))]
BEYOND = 2.0**62  # pixels along an axis
Size = Annotated[int | tuple[int, int] | None, Range(low=1)]


@op(
    formula=r"y_{i,j} = x_{\lfloor i / s \rfloor,\, \lfloor j / s \rfloor}",
    category="shape",
    samples=[
        Sample(((2, 3, 2, 3),), {"scale_factor": 2.0}),
        Sample(((1, 2, 4, 3),), {"scale_factor": (0.5, 1.5)}),
        Sample(((2, 1, 3, 5),), {"size": (5, 3)}),
        Sample(((1, 2, 2, 3),), {"size": 4}),
    ],
    promote="all",
    floating=True,
)
def interpolate(xp: Any, x: Any, *, scale_factor: Factor = None, size: Size = None) -> Any:
    """Images `x` (N, C, H, W) in another size, each pixel a copy of the nearest one that begins before it.

    Either `scale_factor`, by which height and width are multiplied and rounded down, or `size`, what they become: one
    number, or one for height and one for width. Row i is row ⌊i / `scale_factor`⌋, or ⌊i · H / height⌋, as in PyTorch's
    mode "nearest" (which rounds that in float32). Of images made smaller some pixels are left out.
    """
    rows, columns = _sources(x, scale_factor, size)
    return x[:, :, xp.asarray(rows)[:, None], xp.asarray(columns)]


def _lengths(x: Any, scale_factor: Any, size: Any) -> Two:
    """Height and width of the result. Raises `ShapeError`."""
    check_images(x)
    if 0 in pixels(x):
        raise ShapeError(f"x {x.shape} has no pixel", port="x", hint="lengths of 1 or more")
    if (scale_factor is None) == (size is None):
        found = "none" if size is None else "both"
        raise ShapeError(f"interpolate needs scale_factor or size, got {found}", hint="scale_factor: 2.0")
    if scale_factor is None:
        made = pair(size)
    else:
        made = _scaled(x.shape[2], _factors(scale_factor)[0]), _scaled(x.shape[3], _factors(scale_factor)[1])
    if max(made) == BEYOND:
        raise ShapeError(f"images of {pixels(x)} would become larger than any memory", hint="scale_factor: 2.0")
    if min(made) < 1:
        raise ShapeError(f"images of {pixels(x)} would become {made}, without a pixel", hint="lengths of 1 or more")
    return made


def _factors(scale_factor: Any) -> tuple[float, float]:
    return scale_factor if isinstance(scale_factor, tuple) else (scale_factor, scale_factor)


def _scaled(length: int, by: float) -> int:
    return math.floor(min(length * by, BEYOND))


def _sources(x: Any, scale_factor: Any, size: Any) -> tuple[Any, Any]:
    """Which row and which column of `x` each of the result is."""
    made = (np.arange(count, dtype=INT) for count in _lengths(x, scale_factor, size))
    if scale_factor is None:
        rows, columns = (each * length // len(each) for each, length in zip(made, pixels(x), strict=True))
    else:
        rows, columns = (
            np.minimum(each / by, length - 1).astype(INT)
            for each, by, length in zip(made, _factors(scale_factor), pixels(x), strict=True)
        )
    return rows, columns


@interpolate.shape
def _(x: Aval, *, scale_factor: Any, size: Any) -> Aval:
    return Aval((*x.shape[:2], *_lengths(x, scale_factor, size)), x.dtype)


@interpolate.vjp
def _(g: Any, y: Any, x: Any, *, scale_factor: Any, size: Any) -> Any:
    rows, columns = _sources(x, scale_factor, size)
    summed = scatter_add(g, columns, shape=(*g.shape[:3], x.shape[3]), axis=3)
    return (scatter_add(summed, rows, shape=x.shape, axis=2),)


def _element_of_interpolate(index: Any, made: Any, x: Any, **how: Any) -> Terms:
    n, c, i, j = index
    rows, columns = _sources(x, **how)
    return Terms({"x": np.array([n, c, rows[i], columns[j]])})


interpolate.element = _element_of_interpolate


interpolate.traits = Traits(linear=True)
interpolate.flat = {"x": Flat("leaves it out", "are copied nowhere", "is copied nowhere")}
interpolate.adjoint = {
    "x": "each of x {x} was copied to several of {y}, or to none, so its gradient is the sum over its copies, 0 of none"
}
