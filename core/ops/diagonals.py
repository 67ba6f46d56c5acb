"""Ops of matrices that keep a triangle of them, or deal with a diagonal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..signature import Flat, Traits
from ._rules import INT, counted, positive_axis
from .axes import moveaxis
from .indexing import scatter_add
from .reductions import sum_
from .shapes import broadcast_to, reshape

Shape = tuple[int, ...]
TRIANGLES = [((3, 4),), Sample(((3, 4),), {"k": 1}), Sample(((2, 3, 3),), {"k": -1})]


def _triangle(x: Any, *, k: int) -> Any:
    if x.ndim < 2:
        raise ShapeError(
            f"x has {counted(x.ndim, 'axis', 'axes')}, and a triangle needs matrices", port="x", hint="x: (…, N, M)"
        )
    return x


@op(formula=r"y_{ij} = x_{ij}\ \text{where}\ j - i \le k", category="linear", samples=TRIANGLES)
def tril(xp: Any, x: Any, *, k: int = 0) -> Any:
    """The lower triangle of each matrix in `x` (…, N, M): elements above the diagonal `k` become 0.

    0 is the main diagonal, a positive `k` one above it, a negative one below it. A causal mask is the `tril` of
    ones.
    """
    _triangle(x, k=k)
    return xp.tril(x, k)


@tril.vjp
def _(g: Any, y: Any, x: Any, *, k: int) -> Any:
    return (tril(g, k=k),)


@op(formula=r"y_{ij} = x_{ij}\ \text{where}\ j - i \ge k", category="linear", samples=TRIANGLES)
def triu(xp: Any, x: Any, *, k: int = 0) -> Any:
    """The upper triangle of each matrix in `x` (…, N, M): elements below the diagonal `k` become 0.

    0 is the main diagonal, a positive `k` one above it, a negative one below it.
    """
    _triangle(x, k=k)
    return xp.triu(x, k)


@triu.vjp
def _(g: Any, y: Any, x: Any, *, k: int) -> Any:
    return (triu(g, k=k),)


for _op in (tril, triu):
    _op.shape(_triangle)
    _op.traits = Traits(linear=True)
    _op.flat = {"x": Flat("leaves it out", "are outside the triangle", "is outside the triangle")}
    _op.adjoint = {"x": "only a triangle of x {x} passed, so the gradient {y} is 0 outside the same triangle"}
del _op


def _axes(shape: Shape, axis1: int, axis2: int) -> tuple[int, int]:
    """Both axes from the front. Raises `ShapeError`."""
    if len(shape) < 2:
        raise ShapeError(
            f"x has {counted(len(shape), 'axis', 'axes')}, and a diagonal needs two", port="x", hint="x: (N, M, …)"
        )
    first, second = positive_axis(axis1, len(shape)), positive_axis(axis2, len(shape))
    if first == second:
        raise ShapeError(f"axis1 {axis1} and axis2 {axis2} are the same axis of x", port="x", hint="two of its axes")
    return first, second


def _length(rows: int, columns: int, offset: int) -> int:
    return max(0, min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns))


def _diagonal_shape(shape: Shape, offset: int, axis1: int, axis2: int) -> Shape:
    first, second = _axes(shape, axis1, axis2)
    rest = tuple(length for i, length in enumerate(shape) if i not in (first, second))
    return (*rest, _length(shape[first], shape[second], offset))


def onto_diagonal(g: Any, shape: Shape, offset: int, axis1: int, axis2: int) -> Any:
    """Zeros of `shape` with `g` (…, D) on a diagonal: the adjoint of `diagonal`, by ops."""
    axes = _axes(shape, axis1, axis2)
    rows, columns = (shape[i] for i in axes)
    rest = tuple(length for i, length in enumerate(shape) if i not in axes)
    along = np.arange(g.shape[-1], dtype=INT)
    places = (along + max(0, -offset)) * columns + along + max(0, offset)
    flat = scatter_add(g, places, shape=(*rest, rows * columns), axis=-1)
    matrices = reshape(flat, shape=(*rest, rows, columns))
    return moveaxis(matrices, source=(-2, -1), destination=axes) if rest else _in_order(matrices, axes)


def _in_order(matrix: Any, axes: tuple[int, int]) -> Any:
    return matrix if axes == (0, 1) else moveaxis(matrix, source=0, destination=1)


@op(
    formula=r"y_i = x_{i,\,i + k}",
    category="linear",
    samples=[
        ((3, 3),),
        Sample(((3, 4),), {"offset": 1}),
        Sample(((4, 3),), {"offset": -2}),
        Sample(((2, 3, 4),), {"axis1": -1, "axis2": 1}),
        Sample(((2, 3),), {"axis1": 1, "axis2": 0}),
    ],
    view=True,
)
def diagonal(xp: Any, x: Any, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonal of `x` over `axis1` and `axis2`, as the last axis of the result.

    `offset` 0 is the main one, a positive one lies above it, a negative one below it.
    """
    return xp.diagonal(x, offset, axis1, axis2)


@diagonal.shape
def _(x: Aval, *, offset: int, axis1: int, axis2: int) -> Aval:
    return Aval(_diagonal_shape(x.shape, offset, axis1, axis2), x.dtype)


@diagonal.vjp
def _(g: Any, y: Any, x: Any, *, offset: int, axis1: int, axis2: int) -> Any:
    return (onto_diagonal(g, x.shape, offset, axis1, axis2),)


_BESIDE = Flat("leaves it out", "are not on the diagonal", "is not on the diagonal")
diagonal.traits = Traits(linear=True)
diagonal.flat = {"x": _BESIDE}
diagonal.adjoint = {"x": "only a diagonal {y} of x {x} passed, so the gradient stands on it in {x}, and 0 beside it"}


@op(
    formula=r"y_{i,\,i + k} = x_i",
    category="linear",
    samples=[((3,),), Sample(((3,),), {"k": 1}), ((3, 3),), Sample(((3, 4),), {"k": -1})],
    view=True,
)
def diag(xp: Any, x: Any, *, k: int = 0) -> Any:
    """A vector `x` as the diagonal `k` of a square matrix of zeros; of a matrix its diagonal `k`, as a vector.

    0 is the main diagonal, a positive `k` one above it, a negative one below it.
    """
    return xp.diag(x, k)


@diag.shape
def _(x: Aval, *, k: int) -> Aval:
    if x.ndim not in (1, 2):
        raise ShapeError(
            f"x has {counted(x.ndim, 'axis', 'axes')}, and diag takes a vector or a matrix",
            port="x",
            hint="diagonal takes any two axes",
        )
    side = x.shape[0] + abs(k)
    return Aval((side, side) if x.ndim == 1 else (_length(x.shape[0], x.shape[-1], k),), x.dtype)


@diag.vjp
def _(g: Any, y: Any, x: Any, *, k: int) -> Any:
    return (diag(g, k=k) if len(x.shape) == 1 else onto_diagonal(g, x.shape, k, 0, 1),)


diag.traits = Traits(linear=True)
diag.flat = {"x": _BESIDE}
diag.adjoint = {
    "x": lambda y, x, *, k: (
        f"x {x.shape} stands on a diagonal of {y.shape}, so its gradient is that diagonal of the gradient"
        if x.ndim == 1
        else f"only a diagonal {y.shape} of x {x.shape} passed, so the gradient stands on it, and 0 beside it"
    )
}


@op(
    formula=r"\sum_i x_{i,\,i + k}",
    category="linear",
    samples=[
        ((3, 3),),
        Sample(((3, 4),), {"offset": 1}),
        Sample(((2, 3, 4),), {"axis1": -1, "axis2": 0}),
    ],
)
def trace(xp: Any, x: Any, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of the diagonal of `x` over `axis1` and `axis2`; integers and booleans add up to int64.

    `offset` 0 is the main diagonal, a positive one lies above it, a negative one below it.
    """
    return xp.asarray(xp.trace(x, offset, axis1, axis2, dtype=x.dtype if x.dtype.kind == "f" else INT))[()]


@trace.shape
def _(x: Aval, *, offset: int, axis1: int, axis2: int) -> Aval:
    return Aval(_diagonal_shape(x.shape, offset, axis1, axis2)[:-1], x.dtype if x.floating else INT)


@trace.vjp
def _(g: Any, y: Any, x: Any, *, offset: int, axis1: int, axis2: int) -> Any:
    shape = _diagonal_shape(x.shape, offset, axis1, axis2)
    each = broadcast_to(reshape(g, shape=(*shape[:-1], 1)), shape=shape)
    return (onto_diagonal(each, x.shape, offset, axis1, axis2),)


@trace.composition
def _(x: Any, *, offset: int, axis1: int, axis2: int) -> Any:
    return sum_(diagonal(x, offset=offset, axis1=axis1, axis2=axis2), axis=-1)


@trace.flops
def _(x: Aval, *, offset: int, axis1: int, axis2: int) -> int:
    return math.prod(_diagonal_shape(x.shape, offset, axis1, axis2))


trace.traits = Traits(linear=True)
trace.flat = {"x": _BESIDE}
trace.adjoint = {"x": "y {y} is the sum of a diagonal of x {x}, so its gradient stands on all of it, and 0 beside it"}
