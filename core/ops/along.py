"""Ops that pick an element for each place, along one axis, and the adjoint of that."""

from __future__ import annotations

import math
from typing import Annotated, Any

from ..op import Aval, Draw, Sample, ShapeError, op
from ..signature import Flat, Traits, Within
from ._limits import check_integers, check_limits, limits_along, limits_along_shape
from ._rules import INT, broadcast_shapes, lengths, positive_axis
from .shapes import broadcast_to, sum_to

Shape = tuple[int, ...]


def _picked_shape(x: Any, indices: Any, axis: int) -> Shape:
    """The shape of what `indices` pick along `axis`. Raises `ShapeError`."""
    place = positive_axis(axis, x.ndim)
    check_integers(indices, "indices")
    try:
        if x.ndim != indices.ndim:
            raise ShapeError("")
        return broadcast_shapes((*x.shape[:place], 1, *x.shape[place + 1 :]), indices.shape)
    except ShapeError:
        fits = ", ".join("…" if i == place else str(length) for i, length in enumerate(x.shape))
        raise ShapeError(
            f"indices {indices.shape} do not fit x {x.shape} along axis {axis}",
            port="indices",
            hint=f"indices: ({fits}{',' * (x.ndim == 1)}), or lengths of 1 beside axis {axis}",
        ) from None


@op(
    formula=r"y_{ij} = x_{i,\,k_{ij}}",
    category="shape",
    samples=[
        ((2, 4), Draw("integers", (2, 3), 4)),
        Sample(((4, 3), Draw("integers", (2, 3), 4)), {"axis": 0}),
        ((2, 4), Draw("integers", (1, 3), 4)),
        Sample(((3, 1, 2), Draw("integers", (5, 4, 1), 3)), {"axis": -3}),
    ],
)
def take_along_axis(xp: Any, x: Any, indices: Annotated[Any, Within(limits_along)], *, axis: int = -1) -> Any:
    """For each place of `indices` the element of `x` that it names along `axis`: what argsort gives sorts `x`.

    Both have as many axes; beside `axis` their lengths are equal, or 1 and broadcast. As NumPy's, but an index
    below 0 or beyond the end is a `DataError`. An element that is picked twice gets the sum of both gradients.
    """
    _picked_shape(x, indices, axis)
    check_limits(indices, limits_along(x, indices, axis=axis), "indices")
    return xp.take_along_axis(x, indices, axis=axis)


@take_along_axis.shape
def _(x: Aval, indices: Aval, *, axis: int) -> Aval:
    return Aval(_picked_shape(x, indices, axis), x.dtype)


@take_along_axis.vjp
def _(g: Any, y: Any, x: Any, indices: Any, *, axis: int) -> Any:
    place = axis % len(x.shape)
    wide = (*g.shape[:place], x.shape[place], *g.shape[place + 1 :])
    at = indices if indices.shape == g.shape else broadcast_to(indices, shape=g.shape)
    return sum_to(scatter_add_along_axis(g, at, shape=wide, axis=axis), x.shape), None


take_along_axis.flat = {"x": Flat("never picks it", "are named by no index", "is named by no index")}
take_along_axis.adjoint = {
    "x": "elements of x {x} were picked along {axis} to {y}, so their gradients are added to zeros {x} at the indices: "
    "an element that was picked twice gets both"
}


def _check_fit(x: Any, indices: Any, shape: Shape, axis: int) -> int:
    """The place of `axis`, once `x` and `indices` are known to fit into `shape` along it. Raises `ShapeError`."""
    place = positive_axis(axis, len(lengths(shape)), "shape")
    check_integers(indices, "indices")
    if indices.shape != x.shape:
        raise ShapeError(
            f"indices must have the shape of x {x.shape}, got {indices.shape}", port="indices", hint="one for each"
        )
    if x.ndim != len(shape) or x.shape != (*shape[:place], x.shape[place], *shape[place + 1 :]):
        shown = ", ".join("…" if i == place else str(length) for i, length in enumerate(shape))
        raise ShapeError(
            f"x {x.shape} does not fit into {shape} along axis {axis}",
            port="x",
            hint=f"x: ({shown}{',' * (len(shape) == 1)})",
        )
    return place


@op(
    formula=r"y_{ik} = \sum_{j:\, k_{ij} = k} x_{ij}",
    category="shape",
    samples=[
        Sample(((2, 3), Draw("integers", (2, 3), 4)), {"shape": (2, 4)}),
        Sample(((5, 3), Draw("integers", (5, 3), 2)), {"shape": (2, 3), "axis": 0}),
    ],
)
def scatter_add_along_axis(
    xp: Any, x: Any, indices: Annotated[Any, Within(limits_along_shape)], *, shape: tuple[int, ...], axis: int = -1
) -> Any:
    """Zeros of `shape` to which each element of `x` is added at its index along `axis`, from `indices` of one shape.

    The adjoint of `take_along_axis`. Elements that meet at one place are added, on a GPU in any order.
    """
    place = _check_fit(x, indices, shape, axis)
    check_limits(indices, limits_along_shape(x, indices, shape=shape, axis=axis), "indices")
    outer, inner = math.prod(shape[:place]), math.prod(shape[place + 1 :])
    # One flat index for each element: NumPy's `add.at` is several times as fast on flat arrays.
    rows = indices.reshape(outer, x.shape[place], inner).astype(INT, copy=False) * inner
    flat = (xp.arange(outer) * (shape[place] * inner))[:, None, None] + rows + xp.arange(inner)
    y = xp.zeros(math.prod(shape), x.dtype)
    xp.add.at(y, flat.reshape(-1), x.reshape(-1))
    return y.reshape(shape)


@scatter_add_along_axis.shape
def _(x: Aval, indices: Aval, *, shape: Shape, axis: int) -> Aval:
    _check_fit(x, indices, shape, axis)
    return Aval(shape, x.dtype)


@scatter_add_along_axis.vjp
def _(g: Any, y: Any, x: Any, indices: Any, *, shape: Shape, axis: int) -> Any:
    return take_along_axis(g, indices, axis=axis), None


scatter_add_along_axis.traits = Traits(adds_at="elements")
scatter_add_along_axis.adjoint = {
    "x": "the elements of x {x} were added to zeros {y}, so each gets the gradient of the place to which it was added"
}
