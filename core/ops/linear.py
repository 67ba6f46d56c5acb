"""Matrix products."""

from __future__ import annotations

import math
from typing import Any

from ..op import Aval, ShapeError, op
from ..signature import Traits
from ._rules import broadcast_shapes
from .shapes import reshape, sum_to, transpose

Shape = tuple[int, ...]


@op(
    formula=r"x\,W",
    category="linear",
    samples=[
        ((2, 3), (3, 4)),
        ((3,), (3, 4)),
        ((2, 3), (3,)),
        ((3,), (3,)),
        ((2, 2, 3), (3, 4)),
        ((2, 1, 2, 3), (3, 3, 4)),
        ((2, 2, 3), (3,)),
    ],
    promote="all",
    contiguous=True,
)
def matmul(xp: Any, x: Any, w: Any) -> Any:
    """The product of rows `x` (…, N, K) with the matrix `w` (…, K, M): (…, N, M).

    Axes before the last two broadcast. As in NumPy a vector `x` (K,) is one row and a vector `w` (K,) one
    column, and the axis that they lack is not in the result either.
    """
    return xp.matmul(x, w)


@matmul.shape
def _(x: Aval, w: Aval) -> Aval:
    for value, port, fits in ((x, "x", "(…, N, K)"), (w, "w", "(…, K, M)")):
        if not value.shape:
            raise ShapeError(f"{port} is a scalar, and matmul needs rows", port=port, hint=f"{port}: {fits}")
    inner = x.shape[-1]
    rows = w.shape[-2:][0]
    if rows != inner:
        columns = "columns" if x.ndim > 1 else "elements"
        kind = "rows" if w.ndim > 1 else "elements"
        fits = f"({inner}, …)" if w.ndim > 1 else f"({inner},)"
        raise ShapeError(f"x has {inner} {columns} but w has {rows} {kind}", port="w", hint=f"w: {fits}")
    try:
        batch = broadcast_shapes(x.shape[:-2], w.shape[:-2])
    except ShapeError:
        raise ShapeError(
            f"x {x.shape} and w {w.shape} do not broadcast before their last two axes",
            port="w",
            hint="lengths must be equal or 1",
        ) from None
    return Aval((*batch, *x.shape[-2:-1], *w.shape[-1:] * (w.ndim > 1)), x.dtype)


@matmul.vjp
def _(g: Any, y: Any, x: Any, w: Any) -> Any:
    # A vector is a matrix of one row or one column; the gradient of the matrix is then that of the vector.
    rows = x if x.ndim > 1 else reshape(x, shape=(1, *x.shape))
    matrix = w if w.ndim > 1 else reshape(w, shape=(*w.shape, 1))
    whole = (*g.shape[: g.ndim - (x.ndim > 1) - (w.ndim > 1)], rows.shape[-2], matrix.shape[-1])
    g = g if g.shape == whole else reshape(g, shape=whole)

    def rows_gradient() -> Any:
        found = sum_to(g @ transpose(matrix), rows.shape)
        return found if x.ndim > 1 else reshape(found, shape=x.shape)

    def matrix_gradient() -> Any:
        if matrix.ndim == 2 and g.ndim > 2:  # one product over all rows, rather than one each and their sum
            count = math.prod(g.shape[:-1])
            flat, flat_g = (reshape(v, shape=(count, v.shape[-1])) for v in (rows, g))
            found = transpose(flat) @ flat_g
        else:
            found = sum_to(transpose(rows) @ g, matrix.shape)
        return found if w.ndim > 1 else reshape(found, shape=w.shape)

    return rows_gradient, matrix_gradient


def _matrices(y: Aval, x: Aval, w: Aval) -> tuple[Shape, Shape, Shape]:
    """The shapes of gradient, rows and matrix once vectors are matrices of one row or one column."""
    rows = x.shape if x.ndim > 1 else (1, *x.shape)
    matrix = w.shape if w.ndim > 1 else (*w.shape, 1)
    return (*y.shape[: y.ndim - (x.ndim > 1) - (w.ndim > 1)], rows[-2], matrix[-1]), rows, matrix


def _turned(shape: Shape) -> Shape:
    return (*shape[:-2], shape[-1], shape[-2])


def _told(rule: str, first: Shape, second: Shape, wanted: Shape, over: str) -> str:
    """A product of shapes, what has to be done for it to become `wanted`, and over what each element is a sum."""
    product = (*broadcast_shapes(first[:-2], second[:-2]), first[-2], second[-1])
    kept = wanted if len(wanted) > 1 else product[-2:]
    summed = f", summed to {kept} over the axes that were copied" if product != kept else ""
    uses = first[-1] * math.prod(product) // max(math.prod(kept), 1)
    along = f", one for each {over}" if product == kept else ""
    terms = f"; each element went into {uses} of y{along}, and sums what they send back" if uses > 1 else ""
    return f"{rule}: {first} · {second} = {product}{summed}{f', as {wanted}' if kept != wanted else ''}{terms}"


def _rows_told(y: Aval, x: Aval, w: Aval) -> str:
    g, _, matrix = _matrices(y, x, w)
    return _told("dx = g · wᵀ", g, _turned(matrix), x.shape, "column of w")


def _matrix_told(y: Aval, x: Aval, w: Aval) -> str:
    g, rows, matrix = _matrices(y, x, w)
    if len(matrix) == 2 and len(g) > 2:
        g, rows = ((math.prod(shape[:-1]), shape[-1]) for shape in (g, rows))
        return _told("dw = xᵀ · g over all rows", _turned(rows), g, w.shape, "row of x")
    return _told("dw = xᵀ · g", _turned(rows), g, w.shape, "row of x")


matmul.traits = Traits(reduces="sum", matrices=True)
matmul.adjoint = {"x": _rows_told, "w": _matrix_told}


@matmul.flops
def _(x: Aval, w: Aval) -> int:
    product: Aval = matmul.infer((x, w), {})[0]
    return 2 * product.size * x.shape[-1]
