"""Ops that lay values side by side, cut one into parts, and repeat elements."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range, Start
from ..signature import Flat, Traits
from ._rules import positive_axis
from .axes import new_axes, several
from .indexing import place, slice_
from .reductions import sum_
from .shapes import reshape

Shape = tuple[int, ...]
Counts = int | tuple[int, ...]


@op(
    formula=r"[x_0, x_1, \dots]",
    category="shape",
    samples=[((2, 3), (2, 3)), Sample(((2, 3), (2, 3), (2, 3)), {"axis": -1}), ((),), ((), ())],
    promote="all",
)
def stack(xp: Any, *xs: Any, axis: int = 0) -> Any:
    """The values, which must have one shape, side by side along a new axis at `axis`, counted in the result."""
    return xp.stack(xs, axis=axis)


@stack.shape
def _(*xs: Aval, axis: int) -> Aval:
    if not xs:
        raise ShapeError("stack has nothing to join", hint="wire at least one value")
    first = xs[0]
    for i, x in enumerate(xs):
        if x.shape != first.shape:
            raise ShapeError(
                f"xs{i} {x.shape} cannot be stacked on xs0 {first.shape}", port=f"xs{i}", hint=f"xs{i}: {first.shape}"
            )
    (added,) = new_axes(axis, first.ndim)
    return Aval((*first.shape[:added], len(xs), *first.shape[added:]), first.dtype)


@stack.vjp
def _(g: Any, y: Any, *xs: Any, axis: int) -> Any:
    return tuple(
        lambda i=i, x=x: reshape(slice_(g, axis=axis, start=i, stop=i + 1), shape=x.shape) for i, x in enumerate(xs)
    )


stack.traits = Traits(linear=True)
stack.adjoint = {"xs": "{port} {xs} is a layer of {y} along {axis}, so its gradient is that layer of the gradient {y}"}


def part(shape: Shape, sections: Counts, index: int, axis: int) -> tuple[int, int]:
    """Where the part `index` begins and ends along `axis`. Raises `ShapeError`."""
    length = shape[positive_axis(axis, len(shape))]
    if isinstance(sections, int):
        if length % sections:
            raise ShapeError(
                f"x {shape} has {length} along axis {axis}, which do not divide into {sections} equal parts",
                port="x",
                hint="a list names the places of the cuts",
            )
        cuts = [length // sections * i for i in range(sections + 1)]
    else:
        cuts = [0, *sections, length]
        if cuts != sorted(cuts):
            raise ShapeError(
                f"sections {sections} must be places in order, at most {length}: x {shape} has {length} along axis "
                f"{axis}",
                port="x",
            )
    count = len(cuts) - 1
    if not -count <= index < count:
        raise ShapeError(f"index {index} is none of {count} parts", hint=f"index: {-count} to {count - 1}")
    return cuts[index % count], cuts[index % count + 1]


@op(
    formula=r"x^{(i)},\ x = [x^{(0)}; x^{(1)}; \dots]",
    category="shape",
    samples=[
        Sample(((4, 3),), {"sections": 2, "index": 1}),
        Sample(((2, 6),), {"sections": 3, "axis": -1}),
        Sample(((5, 2),), {"sections": (1, 3), "index": -1}),
    ],
    view=True,
)
def split(
    xp: Any,
    x: Any,
    *,
    sections: Annotated[int | tuple[int, ...], Range(low=1), Start(2)],
    index: int = 0,
    axis: int = 0,
) -> Any:
    """One part of `x` along `axis`: that with the number `index`, from 0, or from −1 backwards.

    As in NumPy `sections` is a number of equal parts, or a list of the places before which to cut: (1, 3) gives
    the rows before 1, those from 1 to 3, and the rest. A node gives one part; for each other one there is another
    node with another `index`.
    """
    start, stop = part(x.shape, sections, index, axis)
    return x[(*[slice(None)] * (axis % x.ndim), slice(start, stop))]


@split.shape
def _(x: Aval, *, sections: Counts, index: int, axis: int) -> Aval:
    start, stop = part(x.shape, sections, index, axis)
    shape = list(x.shape)
    shape[axis] = stop - start
    return Aval(tuple(shape), x.dtype)


@split.vjp
def _(g: Any, y: Any, x: Any, *, sections: Counts, index: int, axis: int) -> Any:
    start, stop = part(x.shape, sections, index, axis)
    return (place(g, shape=x.shape, axis=axis, start=start, stop=stop),)


split.traits = Traits(linear=True)
split.flat = {"x": Flat("leaves it out", "are in other parts", "is in another part")}
split.adjoint = {"x": "only the part {y} of x {x} passed, so the gradient stands in its place in {x}, and 0 elsewhere"}


def _tiled(shape: Shape, reps: Counts) -> tuple[Shape, Shape]:
    """The shape and the repetitions along each axis, brought to one number of axes by ones in front."""
    counts = several(reps)
    ndim = max(len(shape), len(counts))
    return (1,) * (ndim - len(shape)) + shape, (1,) * (ndim - len(counts)) + counts


@op(
    formula=r"[x, x, \dots]",
    category="shape",
    samples=[
        Sample(((2, 3),), {"reps": 2}),
        Sample(((2, 3),), {"reps": (2, 1, 3)}),
        Sample(((2, 3),), {"reps": (2, 2)}),
        Sample(((),), {"reps": 3}),
    ],
)
def tile(xp: Any, x: Any, *, reps: Annotated[int | tuple[int, ...], Range(low=0), Start(2)]) -> Any:
    """`x` as a whole `reps` times over: one number for the last axis, or one for each axis, of which more may be new.

    Numbers belong to axes from the right, as lengths do in broadcasting. 0 times over nothing is left.
    """
    return xp.tile(x, reps)


@tile.shape
def _(x: Aval, *, reps: Counts) -> Aval:
    return Aval(tuple(a * b for a, b in zip(*_tiled(x.shape, reps), strict=True)), x.dtype)


@tile.vjp
def _(g: Any, y: Any, x: Any, *, reps: Counts) -> Any:
    shape, counts = _tiled(x.shape, reps)
    apart = reshape(g, shape=tuple(n for pair in zip(counts, shape, strict=True) for n in pair))
    return (reshape(sum_(apart, axis=tuple(range(0, 2 * len(shape), 2))), shape=x.shape),)


tile.traits = Traits(carries="copied", linear=True)
tile.adjoint = {"x": "x {x} was copied {reps} times over to {y}, so its gradient is the sum of those of all copies"}


@op(
    formula=r"(x_0, x_0, \dots, x_1, x_1, \dots)",
    category="shape",
    samples=[
        Sample(((2, 3),), {"repeats": 2}),
        Sample(((2, 3),), {"repeats": 3, "axis": 0}),
        Sample(((2, 3),), {"repeats": 2, "axis": -1}),
    ],
)
def repeat(xp: Any, x: Any, *, repeats: Annotated[int, Range(low=0), Start(2)], axis: int | None = None) -> Any:
    """Each part of `x` along `axis`, `repeats` times before the next one; null: each element, as a vector.

    0 times nothing is left.
    """
    return xp.repeat(x, repeats, axis=axis)


@repeat.shape
def _(x: Aval, *, repeats: int, axis: int | None) -> Aval:
    if axis is None:
        return Aval((x.size * repeats,), x.dtype)
    shape = list(x.shape)
    shape[positive_axis(axis, x.ndim)] *= repeats
    return Aval(tuple(shape), x.dtype)


@repeat.vjp
def _(g: Any, y: Any, x: Any, *, repeats: int, axis: int | None) -> Any:
    shape = x.shape if axis is not None else (math.prod(x.shape),)
    after = (axis or 0) % len(shape) + 1
    apart = reshape(g, shape=(*shape[:after], repeats, *shape[after:]))
    return (reshape(sum_(apart, axis=after), shape=x.shape),)


repeat.traits = Traits(carries="copied", linear=True)
repeat.adjoint = {
    "x": "each of x {x} was copied {repeats} times to {y}, so its gradient is the sum of those of its copies"
}


Indexing = Literal["xy", "ij"]


def _grid(x: Any, y: Any, indexing: str) -> Shape:
    for value, port in ((x, "x"), (y, "y")):
        if value.ndim != 1:
            raise ShapeError(
                f"{port} must be a vector, got {value.shape}", port=port, hint=f"{port}: ({value.size},), by reshape"
            )
    return (y.size, x.size) if indexing == "xy" else (x.size, y.size)


@op(
    formula=r"X_{ij} = x_j,\ Y_{ij} = y_i",
    category="shape",
    samples=[((2,), (3,)), Sample(((2,), (3,)), {"indexing": "ij"})],
    outputs=("grid_x", "grid_y"),
)
def meshgrid(xp: Any, x: Any, y: Any, *, indexing: Indexing = "xy") -> Any:
    """The coordinates of the points of a grid: `x` (W,) and `y` (H,) each as a matrix of one number for each point.

    `indexing` "xy" (NumPy's default) gives (H, W): rows are the `y`, columns the `x`. "ij" (PyTorch's default)
    gives (W, H).
    """
    _grid(x, y, indexing)  # NumPy would flatten a matrix
    first, second = xp.meshgrid(x, y, indexing=indexing)
    return first, second


@meshgrid.shape
def _(x: Aval, y: Aval, *, indexing: str) -> tuple[Aval, Aval]:
    shape = _grid(x, y, indexing)
    return Aval(shape, x.dtype), Aval(shape, y.dtype)


@meshgrid.vjp
def _(g: Any, grids: Any, x: Any, y: Any, *, indexing: str) -> Any:
    of_x = 1 if indexing == "xy" else 0
    return (
        None if g[0] is None else sum_(g[0], axis=1 - of_x),
        None if g[1] is None else sum_(g[1], axis=of_x),
    )


meshgrid.adjoint = {
    "x": "x {x} was copied to each row or column of {grid_x}, so its gradient is the sum over these copies",
    "y": "y {y} was copied to each row or column of {grid_y}, so its gradient is the sum over these copies",
}
