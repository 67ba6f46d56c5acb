"""Square matrices: determinant, cofactors, inverse, and linear equations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import DataError
from ..looking import look
from ..op import Aval, Sample, ShapeError, op
from ..signature import Flat
from ._rules import broadcast_shapes, check_numbers
from .axes import expand_dims, squeeze, swapaxes
from .reductions import sum_
from .shapes import sum_to

Shape = tuple[int, ...]
REGULAR = "regular"  # matrices that have an inverse
SQUARES = [Sample((shape,), domain=REGULAR) for shape in ((3, 3), (1, 1), (2, 2), (2, 3, 3))]


def _check_square(x: Any, name: str, port: str = "x") -> None:
    check_numbers(x)
    if x.ndim < 2:
        message = f"{port} has shape {x.shape}, and {name} needs square matrices"
        raise ShapeError(message, port=port, hint=f"{port}: (…, N, N)")
    if x.shape[-1] != x.shape[-2]:
        rows, columns = x.shape[-2:]
        message = f"{port} has {rows} rows and {columns} columns, and {name} needs square matrices"
        raise ShapeError(message, port=port, hint=f"{port}: (…, {rows}, {rows})")


def _computed(xp: Any, compute: Callable[..., Any], *arrays: Any) -> Any:
    """What NumPy's linear algebra gives, which knows float32 and float64 alone: others are widened, and come back."""
    dtype = arrays[0].dtype
    if dtype.char in "fd":
        return compute(*arrays)
    wide = np.float32 if dtype.itemsize < 4 else np.float64
    return xp.asarray(compute(*(each.astype(wide) for each in arrays))).astype(dtype)


def _regular(xp: Any, compute: Callable[[], Any], x: Any, port: str) -> Any:
    """What `compute` gives of matrices with an inverse. Raises `DataError` that says which of them has none."""

    def refuse(x: Any) -> None:
        first = next((place for place in np.ndindex(x.shape[:-2]) if _is_singular(x[place])), ())
        where = f"{port}[{', '.join(map(str, first))}]" if first else port
        message = f"{where} must have an inverse, got a singular matrix: its determinant is 0"
        raise DataError(message, hint="a small multiple of the identity added to it gives one", port=port)

    if not isinstance(x, np.ndarray):  # on a device nothing fails
        look(x, lambda x: _computed(xp, xp.linalg.det, x) == 0, refuse)
    try:
        return compute()
    except np.linalg.LinAlgError:
        refuse(x)


def _is_singular(matrix: Any) -> bool:
    try:
        _computed(np, np.linalg.inv, matrix)
    except np.linalg.LinAlgError:
        return True
    return False


# The determinant, whose gradient are the cofactors: of singular matrices too.


@op(formula=r"\det x", category="linear", samples=SQUARES, promote="all", floating=True)
def det(xp: Any, x: Any) -> Any:
    """The determinant of each square matrix in `x` (…, N, N): (…), of a matrix of no rows 1.

    Its gradient is the matrix of cofactors, which a singular matrix has too.
    """
    _check_square(x, "det")
    return _computed(xp, xp.linalg.det, x)


@det.shape
def _(x: Aval) -> Aval:
    _check_square(x, "det")
    return Aval(x.shape[:-2], x.dtype)


@det.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (lambda: _as_matrices(g) * cofactors(x),)


def _as_matrices(x: Any) -> Any:
    """A number for each matrix, which broadcasts over that."""
    return expand_dims(x, axis=(-2, -1))


@op(formula=r"\det(x)\,x^{-\top}", category="linear", samples=SQUARES, promote="all", floating=True)
def cofactors(xp: Any, x: Any) -> Any:
    """The cofactors of each square matrix in `x` (…, N, N).

    That of an element is ± the determinant of what is left without its row and column. Transposed they are the
    adjugate, and divided by the determinant that is the inverse. They are computed from the singular values, so a
    singular matrix has them; their gradient is divided by the determinant, and NaN there.
    """
    _check_square(x, "cofactors")
    nan = x.dtype.type(np.nan)
    finite = xp.isfinite(x).all(axis=(-2, -1), keepdims=True)
    found = _computed(xp, lambda x: _cofactors(xp, x), xp.where(finite, x, x.dtype.type(0)))
    return xp.where(finite, found, nan)


def _cofactors(xp: Any, x: Any) -> Any:
    u, s, vh = xp.linalg.svd(x)
    places = xp.arange(x.shape[-1])
    one_left_out = xp.where(places[:, None] == places, s.dtype.type(1), s[..., None, :]).prod(axis=-1)
    sign = xp.sign(xp.linalg.det(u) * xp.linalg.det(vh))[..., None, None]
    return xp.matmul(u * (sign * one_left_out[..., None, :]), vh)


@cofactors.shape
def _(x: Aval) -> Aval:
    _check_square(x, "cofactors")
    return x


@cofactors.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    def gradient() -> Any:
        # y / det is the transposed inverse. Not by `inv`: where x is singular a run that needs no such gradient would
        # be refused, if it computes eagerly.
        return (_as_matrices(sum_(g * y, axis=(-2, -1))) * y - y @ swapaxes(g) @ y) / _as_matrices(det(x))

    return (gradient,)


# The inverse, and what it is times something without making it.


@op(formula="x^{-1}", category="linear", samples=SQUARES, promote="all", floating=True)
def inv(xp: Any, x: Any) -> Any:
    """The inverse of each square matrix in `x` (…, N, N): times `x` it is the identity.

    A singular matrix is a `DataError`. `solve` gives the product with something faster, and more precisely.
    """
    _check_square(x, "inv")
    return _regular(xp, lambda: _computed(xp, xp.linalg.inv, x), x, "x")


@inv.shape
def _(x: Aval) -> Aval:
    _check_square(x, "inv")
    return x


@inv.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    def gradient() -> Any:
        turned = swapaxes(y)
        return -(turned @ g @ turned)

    return (gradient,)


def _solved_shape(a: Any, b: Any) -> Shape:
    _check_square(a, "solve", "a")
    if not b.ndim:
        raise ShapeError(
            "b is a scalar, and solve needs a column for each right-hand side", port="b", hint="b: (…, N, K)"
        )
    rows = b.shape[0] if b.ndim == 1 else b.shape[-2]
    if rows != a.shape[-1]:
        fits = f"({a.shape[-1]},)" if b.ndim == 1 else f"(…, {a.shape[-1]}, {b.shape[-1]})"
        raise ShapeError(f"a has {a.shape[-1]} rows but b has {rows}", port="b", hint=f"b: {fits}")
    if b.ndim == 1:
        return tuple(a.shape[:-1])
    try:
        batch = broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ShapeError:
        message = f"a {a.shape} and b {b.shape} do not broadcast before their last two axes"
        raise ShapeError(message, port="b", hint="lengths must be equal or 1") from None
    return (*batch, *b.shape[-2:])


@op(
    formula="a^{-1} b",
    category="linear",
    samples=[
        Sample(shapes, domain=(REGULAR, "normal"))
        for shapes in (((3, 3), (3,)), ((2, 2), (2, 3)), ((2, 3, 3), (3,)), ((2, 1, 2, 2), (3, 2, 1)), ((1, 1), (1, 1)))
    ],
    promote="all",
    floating=True,
)
def solve(xp: Any, a: Any, b: Any) -> Any:
    """The `y` with a · y = b: what N linear equations `a` (…, N, N) come to, of each column of `b` (…, N, K).

    `b` may also be one vector (N,); axes before these broadcast. A singular `a` is a `DataError`. As in NumPy 2 only
    a `b` of one axis is a vector; PyTorch takes (…, N) beside (…, N, N) for vectors, too.
    """
    shape = _solved_shape(a, b)
    columns = b[:, None] if b.ndim == 1 else b
    batch = shape[:-1] if b.ndim == 1 else shape[:-2]
    rows = xp.broadcast_to(a, (*batch, *a.shape[-2:]))
    columns = xp.broadcast_to(columns, (*batch, *columns.shape[-2:]))
    found = _regular(xp, lambda: _computed(xp, xp.linalg.solve, rows, columns), a, "a")
    return found.reshape(shape)


@solve.shape
def _(a: Aval, b: Aval) -> Aval:
    return Aval(_solved_shape(a, b), b.dtype)


@solve.vjp
def _(g: Any, y: Any, a: Any, b: Any) -> Any:
    def columns(value: Any) -> Any:
        return expand_dims(value, axis=-1) if b.ndim == 1 else value

    def of_b() -> Any:
        return solve(swapaxes(a), columns(g))

    def gradient_of_b() -> Any:
        found = of_b()
        return sum_to(squeeze(found, axis=-1) if b.ndim == 1 else found, shape=b.shape)

    return lambda: sum_to(-(of_b() @ swapaxes(columns(y))), shape=a.shape), gradient_of_b


det.flops(lambda x: 2 * x.size * x.shape[-1] // 3)
inv.flops(lambda x: 2 * x.size * x.shape[-1])
cofactors.flat = {"x": Flat("is 1 whatever it is of", "stand alone in their matrix", "stands alone in its matrix")}
cofactors.flops(lambda x: 20 * x.size * x.shape[-1])  # of the singular values
solve.flops(lambda a, b: 2 * a.size * a.shape[-1] // 3 + 2 * b.size * a.shape[-1])

det.adjoint = {"x": "dx = g · cofactors of x: the one gradient {y} of each determinant times its matrix {x} of them"}
cofactors.adjoint = {"x": "dx = ((Σ g·y) y − y gᵀ y) / det x: of the gradient {y} and the cofactors, {x}"}
inv.adjoint = {"x": "dx = −x⁻ᵀ g x⁻ᵀ: the gradient {y} between two inverses, {x}"}
solve.adjoint = {
    "a": "da = −(a⁻ᵀ g) yᵀ: what the gradient {y} gives b, times the solution, {a}",
    "b": "db = a⁻ᵀ g: what the transposed equations give of the gradient {y}, {b}",
}
