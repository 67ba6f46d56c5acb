"""Products of vectors and matrices beside matmul: dot, outer, Kronecker's."""

from __future__ import annotations

import math
from typing import Any

from ..op import Aval, ShapeError, op
from ..signature import Traits
from ._rules import arithmetic
from .reductions import sum_
from .shapes import reshape

Shape = tuple[int, ...]


def check_numbers(*values: Any) -> None:
    """Refuse booleans, which have no products and sums."""
    arithmetic(*(Aval((), value.dtype) for value in values))


def _check_vectors(x: Any, y: Any, name: str) -> None:
    check_numbers(x, y)
    for value, port in ((x, "x"), (y, "y")):
        if value.ndim != 1:
            raise ShapeError(
                f"{port} must be a vector for {name}, got {value.shape}",
                port=port,
                hint=f"{port}: ({value.size},), by reshape" if name == "outer" else "matmul takes matrices",
            )


def _check_dot(x: Any, y: Any) -> None:
    _check_vectors(x, y, "dot")
    if x.shape != y.shape:
        raise ShapeError(f"x has {x.size} elements but y has {y.size}", port="y", hint=f"y: {x.shape}")


@op(formula=r"x \cdot y = \sum_i x_i y_i", category="linear", samples=[((3,), (3,)), ((1,), (1,))], promote="all")
def dot(xp: Any, x: Any, y: Any) -> Any:
    """The inner product of two vectors `x` (K,) and `y` (K,), a number; of no elements it is 0.

    Of vectors NumPy's dot and vdot and PyTorch's dot are the same; NumPy's dot of matrices is matmul.
    """
    _check_dot(x, y)
    return xp.asarray(xp.dot(x, y))[()]


@dot.shape
def _(x: Aval, y: Aval) -> Aval:
    _check_dot(x, y)
    return Aval((), x.dtype)


@dot.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return lambda: g * y, lambda: g * x


@dot.composition
def _(x: Any, y: Any) -> Any:
    return sum_(x * y)


@dot.flops
def _(x: Aval, y: Aval) -> int:
    return 2 * x.size


dot.traits = Traits(reduces="sum", matrices=True)
dot.adjoint = {
    "x": "dx = g · y: the one gradient {g} times each of y {y}",
    "y": "dy = g · x: the one gradient {g} times each of x {x}",
}


@op(formula=r"x\,y^\top", category="linear", samples=[((2,), (3,)), ((1,), (2,))], promote="all")
def outer(xp: Any, x: Any, y: Any) -> Any:
    """Each element of the vector `x` (N,) times each of the vector `y` (M,): a matrix (N, M)."""
    _check_vectors(x, y, "outer")
    return xp.multiply(x[:, None], y)


@outer.shape
def _(x: Aval, y: Aval) -> Aval:
    _check_vectors(x, y, "outer")
    return Aval((x.size, y.size), x.dtype)


@outer.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    return lambda: g @ y, lambda: x @ g


@outer.composition
def _(x: Any, y: Any) -> Any:
    return reshape(x, shape=(*x.shape, 1)) * y


outer.adjoint = {
    "x": "dx = g · y: each row of the gradient {g} with y, {x}",
    "y": "dy = gᵀ · x: each column of the gradient {g} with x, {y}",
}


def _blocks(x: Shape, y: Shape) -> tuple[Shape, Shape]:
    """The shapes in which the product of each with each is a broadcast, two axes for each axis of the result."""
    ndim = max(len(x), len(y))
    longer = [(1,) * (ndim - len(shape)) + shape for shape in (x, y)]
    return tuple(n for a in longer[0] for n in (a, 1)), tuple(n for b in longer[1] for n in (1, b))


@op(
    formula=r"x \otimes y",
    category="linear",
    samples=[((2, 3), (2, 2)), ((2,), (3,)), ((2, 2), (3,)), ((2,), (2, 1, 3)), ((), (2,))],
    promote="all",
)
def kron(xp: Any, x: Any, y: Any) -> Any:
    """Kronecker's product: each element of `x` becomes a block, `y` times that element.

    Lengths are multiplied, axis by axis from the right; a missing one counts as 1.
    """
    check_numbers(x, y)
    first, second = _blocks(x.shape, y.shape)
    product = xp.asarray(xp.multiply(x.reshape(first), y.reshape(second)), order="C")
    return product.reshape([a * b for a, b in zip(product.shape[::2], product.shape[1::2], strict=True)])


@kron.shape
def _(x: Aval, y: Aval) -> Aval:
    check_numbers(x, y)
    lengths = [a * b for a, b in zip(*_blocks(x.shape, y.shape), strict=True)]
    return Aval(tuple(a * b for a, b in zip(lengths[::2], lengths[1::2], strict=True)), x.dtype)


@kron.vjp
def _(g: Any, z: Any, x: Any, y: Any) -> Any:
    first, second = _blocks(x.shape, y.shape)
    blocks = reshape(g, shape=tuple(a * b for a, b in zip(first, second, strict=True)))
    even, odd = (tuple(range(start, len(first), 2)) for start in (0, 1))
    return (
        lambda: reshape(sum_(blocks * reshape(y, shape=second), axis=odd), shape=x.shape),
        lambda: reshape(sum_(blocks * reshape(x, shape=first), axis=even), shape=y.shape),
    )


@kron.composition
def _(x: Any, y: Any) -> Any:
    first, second = _blocks(x.shape, y.shape)
    lengths = [a * b for a, b in zip(first, second, strict=True)]
    shape = tuple(math.prod(pair) for pair in zip(lengths[::2], lengths[1::2], strict=True))
    return reshape(reshape(x, shape=first) * reshape(y, shape=second), shape=shape)


kron.adjoint = {
    "x": "each of x {x} made a block of the result, so it gets the sum of the gradient in {g} over that block, times y",
    "y": "each of y {y} stands once in each block of the result, so it gets the sum of these in {g}, times x",
}
