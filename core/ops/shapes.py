"""Ops that move elements without changing them: casts, reshapes, broadcasts, and their adjoints."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Start
from ..signature import Traits
from ._rules import broadcast_shapes, lengths, positive_axes

Dtype = Literal["float32", "float64", "int64", "int32", "bool"]


@op(
    formula=r"x",
    category="shape",
    samples=[Sample(((2, 3),), {"dtype": "float64"})],
    view=True,
    contiguous=True,
)
def cast(xp: Any, x: Any, *, dtype: Annotated[Dtype, Start("float32")]) -> Any:
    """`x` with its elements as `dtype`. To integers there is no gradient: they move in steps."""
    return xp.asarray(x).astype(dtype, copy=False)


@cast.shape
def _(x: Aval, *, dtype: str) -> Aval:
    return Aval(x.shape, np.dtype(dtype))


@cast.vjp
def _(g: Any, y: Any, x: Any, *, dtype: str) -> Any:
    return (cast(g, dtype=x.dtype.name) if x.dtype.kind == "f" and y.dtype.kind == "f" else None,)


cast.traits = Traits(carries="reformed", linear=True)
cast.adjoint = {"x": "only the dtype of x {x} changed, so the gradient {y} is cast back to it"}


@op(
    formula=r"\mathrm{reshape}(x)",
    category="shape",
    samples=[Sample(((2, 6),), {"shape": (3, -1)}), Sample(((4,),), {"shape": (2, 2, 1)})],
    view=True,
    contiguous=True,
)
def reshape(xp: Any, x: Any, *, shape: Annotated[tuple[int, ...], Start((-1,))]) -> Any:
    """`x` with the same elements in the same order as `shape`; one length may be -1, to be worked out."""
    return xp.reshape(x, shape)


@reshape.shape
def _(x: Aval, *, shape: tuple[int, ...]) -> Aval:
    known = math.prod(length for length in shape if length != -1)
    if shape.count(-1) > 1 or any(length < -1 for length in shape):
        raise ShapeError(f"shape {shape} must have lengths of 0 or more and at most one -1")
    if -1 in shape:
        if known == 0 or x.size % known:
            raise ShapeError(
                f"x has {x.size} elements, which do not fill {shape}",
                port="x",
                hint=f"a multiple of {known}" if known else "no 0 beside the -1",
            )
        return Aval(tuple(x.size // known if length == -1 else length for length in shape), x.dtype)
    if known != x.size:
        raise ShapeError(f"x has {x.size} elements but shape {shape} holds {known}", port="x")
    return Aval(shape, x.dtype)


@reshape.vjp
def _(g: Any, y: Any, x: Any, *, shape: tuple[int, ...]) -> Any:
    return (reshape(g, shape=x.shape),)


reshape.traits = Traits(carries="reformed", linear=True)
reshape.adjoint = {"x": "x {x} stands in the same order as {y}, so the gradient is laid out as {x} again"}


@op(
    formula=r"\mathrm{flatten}(x)",
    category="shape",
    samples=[((2, 3, 4),), ((3,),)],
    view=True,
    contiguous=True,
)
def flatten(xp: Any, x: Any) -> Any:
    """`x` (N, …) as rows (N, the product of the rest): the batch axis stays."""
    return xp.reshape(x, (x.shape[0], math.prod(x.shape[1:])))


@flatten.shape
def _(x: Aval) -> Aval:
    if not x.shape:
        raise ShapeError("x is a scalar, and flatten needs a batch axis", port="x", hint="x: (N, …)")
    return Aval((x.shape[0], math.prod(x.shape[1:])), x.dtype)


@flatten.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (reshape(g, shape=x.shape),)


flatten.traits = Traits(carries="reformed", linear=True)
flatten.adjoint = {"x": "x {x} stands in the same order as {y}, so the gradient is laid out as {x} again"}


@op(
    formula=r"x^\top",
    category="shape",
    samples=[((2, 3),), ((2, 3, 4),), Sample(((2, 3, 4),), {"axes": (1, 2, 0)})],
    view=True,
)
def transpose(xp: Any, x: Any, *, axes: tuple[int, ...] | None = None) -> Any:
    """`x` with its axes in the order `axes`; without it the last two change places (a vector stays)."""
    return xp.transpose(x, _axis_order(axes, x.ndim))


def _axis_order(axes: tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    if axes is None:
        return (*range(ndim - 2), ndim - 1, ndim - 2) if ndim >= 2 else tuple(range(ndim))
    if len(positive_axes(axes, ndim)) != ndim:
        raise ShapeError(f"axes {axes} must name each axis of x once: it has {ndim}", port="x")
    return tuple(axis % ndim for axis in axes)


@transpose.shape
def _(x: Aval, *, axes: tuple[int, ...] | None) -> Aval:
    return Aval(tuple(x.shape[axis] for axis in _axis_order(axes, x.ndim)), x.dtype)


@transpose.vjp
def _(g: Any, y: Any, x: Any, *, axes: tuple[int, ...] | None) -> Any:
    if axes is None:
        return (transpose(g),)
    order = _axis_order(axes, len(axes))
    return (transpose(g, axes=tuple(order.index(i) for i in range(len(order)))),)


transpose.traits = Traits(carries="reordered", linear=True)
transpose.adjoint = {"x": "the axes of x {x} changed places to {y}, so those of the gradient change back to {x}"}


@op(
    formula=r"\mathrm{broadcast}(x)",
    category="shape",
    samples=[Sample(((3,),), {"shape": (2, 3)}), Sample(((2, 1),), {"shape": (4, 2, 3)})],
    view=True,
)
def broadcast_to(xp: Any, x: Any, *, shape: tuple[int, ...]) -> Any:
    """`x` repeated, without a copy, along the axes that it lacks or has with length 1."""
    return xp.broadcast_to(x, shape)


@broadcast_to.shape
def _(x: Aval, *, shape: tuple[int, ...]) -> Aval:
    lengths(shape)
    try:
        fits = broadcast_shapes(x.shape, shape) == shape
    except ShapeError:
        fits = False
    if not fits:
        raise ShapeError(
            f"x {x.shape} does not broadcast to {shape}",
            port="x",
            hint="from the right, lengths of x must be 1 or as in the shape",
        )
    return Aval(shape, x.dtype)


@broadcast_to.vjp
def _(g: Any, y: Any, x: Any, *, shape: tuple[int, ...]) -> Any:
    return (sum_to(g, x.shape),)


broadcast_to.traits = Traits(carries="copied", linear=True)
broadcast_to.adjoint = {"x": "x {x} was copied along {copied} to {y}, so its gradient is the sum over {copied}"}


@op(
    formula=r"\sum_{\text{broadcast}} x",
    category="shape",
    samples=[Sample(((2, 3),), {"shape": (3,)}), Sample(((4, 2, 3),), {"shape": (2, 1)})],
)
def sum_to_(xp: Any, x: Any, *, shape: tuple[int, ...]) -> Any:
    """`x` summed over the axes along which `shape` was broadcast to it: the adjoint of broadcasting."""
    lengths(shape)  # NumPy would find one that is −1
    extra = x.ndim - len(shape)
    axes = tuple(i for i in range(x.ndim) if i < extra or (shape[i - extra] == 1 and x.shape[i] != 1))
    return xp.reshape(xp.sum(x, axis=axes, dtype=x.dtype), shape)


@sum_to_.shape
def _(x: Aval, *, shape: tuple[int, ...]) -> Aval:
    if broadcast_shapes(x.shape, lengths(shape)) != x.shape:
        raise ShapeError(f"x {x.shape} is no broadcast of {shape}", port="x")
    return Aval(shape, x.dtype)


@sum_to_.vjp
def _(g: Any, y: Any, x: Any, *, shape: tuple[int, ...]) -> Any:
    return (broadcast_to(g, shape=x.shape),)


sum_to_.traits = Traits(linear=True, reduces="sum")
sum_to_.adjoint = {"x": "x {x} was summed to {y}, so the gradient is copied along the same axes back to {x}"}


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """`g` itself where it has `shape`, else summed over the axes that were broadcast: for gradient rules."""
    return g if g.shape == shape else sum_to_(g, shape=shape)
