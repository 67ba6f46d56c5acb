"""Square matrices: determinant, cofactors, inverse, and linear equations."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any, NamedTuple

import numpy as np

from ..errors import DataError
from ..looking import look
from ..op import Aval, Sample, ShapeError, op
from ..signature import Flat
from ._rules import broadcast_shapes, check_numbers
from .arithmetic import abs_, where
from .axes import expand_dims, squeeze, swapaxes
from .norms import norm
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
        first = next((place for place in np.ndindex(x.shape[:-2]) if _is_singular(x[place])), None)
        if first is not None:
            where = f"{port}[{', '.join(map(str, first))}]" if first else port
            message = f"{where} must have an inverse, got a singular matrix: its determinant is 0"
            raise DataError(message, hint="a small multiple of the identity added to it gives one", port=port)

    try:
        found = compute()
    except np.linalg.LinAlgError:
        refuse(x)
        raise
    if not isinstance(x, np.ndarray):  # on a device nothing fails: something comes out that is not finite
        look(x, lambda _: ~xp.isfinite(found), refuse)
    return found


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
    singular matrix has them, and their gradient.
    """
    _check_square(x, "cofactors")
    return _where_finite(xp, lambda x: _cofactors(xp, x), x)


def _where_finite(xp: Any, compute: Callable[..., Any], *matrices: Any) -> Any:
    """What is computed of matrices; NaN where one of them is not finite, of which there are no singular values."""
    finite = reduce(and_, (xp.isfinite(x).all(axis=(-2, -1), keepdims=True) for x in matrices))
    zero, nan = (matrices[0].dtype.type(number) for number in (0, np.nan))
    found = _computed(xp, compute, *(xp.where(finite, x, zero) for x in matrices))
    return xp.where(finite, found, nan)


class _Turned(NamedTuple):
    """x = u diag(s) vh, with the sign of det u · det vh. `same` (N, N) is true on the diagonal, `others` has a row of
    s for each of them, in which that is 1.
    """

    u: Any
    vh: Any
    sign: Any
    same: Any
    others: Any


def _turned(xp: Any, x: Any) -> _Turned:
    u, s, vh = xp.linalg.svd(x)
    places = xp.arange(x.shape[-1])
    same = places[:, None] == places
    sign = xp.sign(xp.linalg.det(u) * xp.linalg.det(vh))[..., None, None]
    return _Turned(u, vh, sign, same, xp.where(same, s.dtype.type(1), s[..., None, :]))


def _cofactors(xp: Any, x: Any) -> Any:
    u, vh, sign, _, others = _turned(xp, x)
    return xp.matmul(u * (sign * others.prod(axis=-1)[..., None, :]), vh)


@cofactors.shape
def _(x: Aval) -> Aval:
    _check_square(x, "cofactors")
    return x


@cofactors.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (lambda: cofactors_along(x, g),)


@op(
    formula=r"\frac{d}{dt} \operatorname{cofactors}(x + t\,d)",
    category="linear",
    samples=[Sample((shape, shape), domain=(REGULAR, "normal")) for shape in ((3, 3), (1, 1), (2, 2), (2, 3, 3))],
    promote="all",
    floating=True,
)
def cofactors_along(xp: Any, x: Any, d: Any) -> Any:
    """How the cofactors of each square matrix in `x` (…, N, N) change along `d`, which is like `x`: (…, N, N).

    It is the second derivative of the determinant, times `d`: the gradient of the cofactors, too. Computed from the
    singular values, so that a singular matrix has it. A derivative of it is divided by the determinant: of a singular
    matrix, also one that is singular but for rounding, it is NaN.
    """
    _check_square(x, "cofactors_along")
    _check_alike(x, d)
    return _where_finite(xp, lambda x, d: _cofactors_along(xp, x, d), x, d)


def _check_alike(x: Any, d: Any) -> None:
    check_numbers(d)
    if d.shape != x.shape:
        raise ShapeError(f"d has shape {d.shape}, x has {x.shape}", port="d", hint=f"d: {x.shape}")


def _cofactors_along(xp: Any, x: Any, d: Any) -> Any:
    """In the axes of the singular values s the determinant is their product, and of its second derivatives only those
    by elements (i, i) and (k, k), and by (i, k) and (k, i), are not 0: ± the product of all s but those of i and k.
    """
    u, vh, sign, same, others = _turned(xp, x)
    zero, one = others.dtype.type(0), xp.ones((*others.shape[:-1], 1), others.dtype)
    before = xp.concatenate([one, others[..., :-1].cumprod(axis=-1)], axis=-1)
    behind = xp.concatenate([one, others[..., :0:-1].cumprod(axis=-1)], axis=-1)[..., ::-1]
    two_left_out = xp.where(same, zero, before * behind)
    turned = xp.matmul(xp.matmul(xp.swapaxes(u, -1, -2), d), xp.swapaxes(vh, -1, -2))
    straight = xp.matmul(two_left_out, xp.diagonal(turned, axis1=-2, axis2=-1)[..., None])
    found = xp.where(same, straight, zero) - two_left_out * xp.swapaxes(turned, -1, -2)
    return sign * xp.matmul(xp.matmul(u, found), vh)


@cofactors_along.shape
def _(x: Aval, d: Aval) -> Aval:
    _check_square(x, "cofactors_along")
    _check_alike(x, d)
    return x


@cofactors_along.vjp
def _(g: Any, y: Any, x: Any, d: Any) -> Any:
    def of_x() -> Any:
        # That of (Σ(d·c) c − c dᵀ c) / det x, which y is with the cofactors c. Not by `inv`: where x is singular a run
        # that needs no such gradient would be refused, if it computes eagerly.
        c, along = cofactors(x), cofactors_along(x, g)
        product = c @ swapaxes(d)
        made = _total(d * along) * c + _total(d * c) * along - along @ swapaxes(d) @ c - product @ along
        return (made - _total(g * c) * y) / _as_matrices(_det_of_regular(x))

    return of_x, lambda: cofactors_along(x, g)


def _det_of_regular(x: Any) -> Any:
    """The determinant; NaN of what is singular but for rounding, by which nothing is to be divided."""
    found, rows = det(x), norm(x, axis=-1, keepdims=True)
    # By Hadamard's inequality that of rows of length 1 is at most 1: of it a singular matrix leaves rounding alone.
    limit = x.shape[-1] * float(np.finfo(x.dtype).eps)
    return where(abs_(det(x / rows)) > limit, found, np.nan)


def _total(x: Any) -> Any:
    """The sum over each matrix, which broadcasts over it."""
    return _as_matrices(sum_(x, axis=(-2, -1)))


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
cofactors_along.flat = {
    "x": Flat("is the same whatever it is of", "are in a matrix of 2 rows or less", "is in a matrix of 2 rows or less"),
    "d": Flat("is 0 whatever it is along", "stand alone in their matrix", "stands alone in its matrix"),
}
cofactors_along.flops(lambda x, d: 28 * x.size * x.shape[-1])
solve.flops(lambda a, b: 2 * a.size * a.shape[-1] // 3 + 2 * b.size * a.shape[-1])

det.adjoint = {"x": "dx = g · cofactors of x: the one gradient {y} of each determinant times its matrix {x} of them"}
cofactors_along.gradients = {
    "x": "(Σ(d · h) · c + Σ(d · c) · h − h @ dᵀ @ c − c @ dᵀ @ h − Σ(g · c) · y) / det(x), where c = cofactors(x) and"
    " h = cofactors_along(x, g)",
    "d": "cofactors_along(x, g)",
}

cofactors.adjoint = {"x": "dx: how the cofactors change along the gradient {y}, {x}"}
cofactors_along.adjoint = {
    "x": "dx: how the second derivative of det changes, times the gradient {y} and d, {x}",
    "d": "dd: how the cofactors change along the gradient {y}, {d}",
}
inv.adjoint = {"x": "dx = −x⁻ᵀ g x⁻ᵀ: the gradient {y} between two inverses, {x}"}
solve.adjoint = {
    "a": "da = −(a⁻ᵀ g) yᵀ: what the gradient {y} gives b, times the solution, {a}",
    "b": "db = a⁻ᵀ g: what the transposed equations give of the gradient {y}, {b}",
}
