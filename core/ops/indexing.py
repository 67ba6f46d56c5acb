"""Ops that join, cut and pick along an axis, and the adjoints of these."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Draw, Sample, ShapeError, op
from ..parameters import AnyDtype, Range, Start
from ..signature import Flat, Limits, Terms, Traits, Within
from ._limits import check_integers, check_limits, limits_along, limits_along_shape
from ._rules import INT, lengths, positive_axis

Shape = tuple[int, ...]


@op(
    formula=r"[x_0; x_1; \dots]",
    category="shape",
    samples=[((2, 3), (4, 3)), Sample(((2, 1), (2, 3), (2, 2)), {"axis": -1}), ((3,),)],
    promote="all",
)
def concat(xp: Any, *xs: Any, axis: int = 0) -> Any:
    """The values joined along `axis`, one after the other; their other lengths must be equal."""
    return xp.concatenate(xs, axis=axis)


@concat.shape
def _(*xs: Aval, axis: int) -> Aval:
    if not xs:
        raise ShapeError("concat has nothing to join", hint="wire at least one value")
    first = xs[0]
    place = positive_axis(axis, first.ndim, "xs0")
    for i, x in enumerate(xs):
        fits = tuple("…" if d == place else str(length) for d, length in enumerate(first.shape))
        if x.ndim != first.ndim or any(x.shape[d] != first.shape[d] for d in range(x.ndim) if d != place):
            raise ShapeError(
                f"xs{i} {x.shape} cannot be joined to xs0 {first.shape} along axis {axis}",
                port=f"xs{i}",
                hint=f"xs{i}: ({', '.join(fits)}{',' if len(fits) == 1 else ''})",
            )
    shape = list(first.shape)
    shape[place] = sum(x.shape[place] for x in xs)
    return Aval(tuple(shape), first.dtype)


@concat.vjp
def _(g: Any, y: Any, *xs: Any, axis: int) -> Any:
    ends = np.cumsum([x.shape[axis] for x in xs]).tolist()
    return tuple(
        lambda start=end - x.shape[axis], stop=end: slice_(g, axis=axis, start=start, stop=stop)
        for x, end in zip(xs, ends, strict=True)
    )


concat.traits = Traits(linear=True)
concat.adjoint = {"xs": "{port} {xs} is a piece of {y} along {axis}, so its gradient is that piece of the gradient {y}"}


def _cut(shape: Shape, axis: int, start: int | None, stop: int | None, step: int) -> tuple[slice, ...]:
    """The index that picks from `shape` along `axis`. Raises `ShapeError`."""
    if step == 0:
        raise ShapeError("step must not be 0", hint="step: 1, or -1 to go backwards")
    place = positive_axis(axis, len(shape))
    return (*[slice(None)] * place, slice(start, stop, step))


def _cut_shape(shape: Shape, index: tuple[slice, ...]) -> Shape:
    place = len(index) - 1
    return (*shape[:place], len(range(*index[-1].indices(shape[place]))), *shape[place + 1 :])


@op(
    formula=r"x_{a:b:s}",
    category="shape",
    samples=[
        Sample(((4, 3),), {"start": 1, "stop": 3}),
        Sample(((2, 5),), {"axis": -1, "start": -1, "step": -2}),
        Sample(((4,),), {"stop": 2}),
    ],
    view=True,
)
def slice_(xp: Any, x: Any, *, axis: int = 0, start: int | None = None, stop: int | None = None, step: int = 1) -> Any:
    """The elements from `start` up to (without) `stop` along `axis`, every `step`-th one.

    As Python's slices: negative positions count from the end, bounds beyond the ends are cut to them, and a
    negative step goes backwards. The axis stays.
    """
    return x[_cut(x.shape, axis, start, stop, step)]


@slice_.shape
def _(x: Aval, *, axis: int, start: int | None, stop: int | None, step: int) -> Aval:
    return Aval(_cut_shape(x.shape, _cut(x.shape, axis, start, stop, step)), x.dtype)


@slice_.vjp
def _(g: Any, y: Any, x: Any, *, axis: int, start: int | None, stop: int | None, step: int) -> Any:
    return (place(g, shape=x.shape, axis=axis, start=start, stop=stop, step=step),)


def _element_of_slice(index: Any, made: Any, x: Any, **part: Any) -> Terms:
    taken = zip(x.shape, _cut(x.shape, **part), strict=False)
    begun = [range(*cut.indices(length)) for length, cut in taken]
    return Terms({"x": np.array([*(each[i] for each, i in zip(begun, index, strict=False)), *index[len(begun) :]])})


slice_.element = _element_of_slice


slice_.traits = Traits(linear=True)
slice_.flat = {"x": Flat("leaves it out", "are outside the part that is taken", "is outside the part that is taken")}
slice_.adjoint = {"x": "only the part {y} of x {x} passed, so the gradient stands in its place in {x}, and 0 elsewhere"}


@op(
    formula=r"y_{a:b:s} = x,\ 0\ \text{elsewhere}",
    category="shape",
    samples=[
        Sample(((2, 3),), {"shape": (4, 3), "start": 1, "stop": 3}),
        Sample(((2, 3),), {"shape": (2, 5), "axis": -1, "start": -1, "step": -2}),
    ],
)
def place(
    xp: Any,
    x: Any,
    *,
    shape: tuple[int, ...],
    axis: int = 0,
    start: int | None = None,
    stop: int | None = None,
    step: int = 1,
) -> Any:
    """Zeros of `shape` with `x` where `slice` with the same parameters would cut: the adjoint of `slice`."""
    part = _part(x, shape, axis, start, stop, step)
    y = xp.zeros(shape, x.dtype)
    y[part] = x
    return y


def _part(x: Any, shape: Shape, axis: int, start: int | None, stop: int | None, step: int) -> tuple[slice, ...]:
    """The index of the part of `shape` that `x` fills. Raises `ShapeError`."""
    part = _cut(shape, axis, start, stop, step)
    fits = _cut_shape(lengths(shape), part)
    if x.shape != fits:
        raise ShapeError(f"x {x.shape} does not fill the part {fits} of {shape}", port="x", hint=f"x: {fits}")
    return part


@place.shape
def _(x: Aval, *, shape: Shape, axis: int, start: int | None, stop: int | None, step: int) -> Aval:
    _part(x, shape, axis, start, stop, step)
    return Aval(shape, x.dtype)


@place.vjp
def _(g: Any, y: Any, x: Any, *, shape: Shape, axis: int, start: int | None, stop: int | None, step: int) -> Any:
    return (slice_(g, axis=axis, start=start, stop=stop, step=step),)


place.traits = Traits(linear=True)
place.adjoint = {"x": "x {x} was put among zeros to {y}, so its gradient is cut out of the same place"}


@op(
    formula=r"x_{i_k}",
    category="shape",
    samples=[
        ((4, 3), Draw("integers", (5,), 4)),
        Sample(((2, 4), Draw("integers", (2, 3), 4)), {"axis": -1}),
        ((4, 3), Draw("integers", (), 4)),
    ],
)
def gather(xp: Any, x: Any, indices: Annotated[Any, Within(limits_along)], *, axis: int = 0) -> Any:
    """The parts of `x` along `axis` that `indices` names, whose shape takes the place of that axis.

    As NumPy's take, but an index below 0 or beyond the end is a `DataError`. An element that is picked twice
    gets the sum of both gradients.
    """
    positive_axis(axis, x.ndim)  # what is refused first is told first, as the rule tells it
    check_integers(indices, "indices")
    check_limits(indices, limits_along(x, indices, axis=axis), "indices")
    return xp.take(x, indices, axis=axis)


@gather.shape
def _(x: Aval, indices: Aval, *, axis: int) -> Aval:
    place = positive_axis(axis, x.ndim)
    check_integers(indices, "indices")
    return Aval((*x.shape[:place], *indices.shape, *x.shape[place + 1 :]), x.dtype)


@gather.vjp
def _(g: Any, y: Any, x: Any, indices: Any, *, axis: int) -> Any:
    return scatter_add(g, indices, shape=x.shape, axis=axis), None


gather.flat = {"x": Flat("never picks it", "are named by no index", "is named by no index")}
gather.adjoint = {
    "x": "parts of x {x} were picked along {axis} to {y}, so their gradients are added to zeros {x} at the indices: "
    "a part that was picked twice gets both"
}


@op(
    formula=r"y_i = \sum_{k:\, i_k = i} x_k",
    category="shape",
    samples=[
        Sample(((5, 3), Draw("integers", (5,), 4)), {"shape": (4, 3)}),
        Sample(((2, 2, 3), Draw("integers", (2, 3), 4)), {"shape": (2, 4), "axis": -1}),
    ],
)
def scatter_add(
    xp: Any, x: Any, indices: Annotated[Any, Within(limits_along_shape)], *, shape: tuple[int, ...], axis: int = 0
) -> Any:
    """Zeros of `shape` to which the parts of `x` are added at `indices` along `axis`.

    The adjoint of `gather`: parts that meet at one index are added, on a GPU in any order.
    """
    place = _check_parts(x, indices, shape, axis)
    length, inner = shape[place], math.prod(shape[place + 1 :])
    check_limits(indices, limits_along_shape(x, indices, shape=shape, axis=axis), "indices")
    # One flat index for each element: NumPy's `add.at` is several times as fast on flat arrays.
    outer = xp.arange(math.prod(shape[:place])) * (length * inner)
    rows = indices.reshape(-1).astype(INT, copy=False) * inner
    flat = outer[:, None, None] + rows[:, None] + xp.arange(inner)
    y = xp.zeros(math.prod(shape), x.dtype)
    xp.add.at(y, flat.reshape(-1), x.reshape(-1))
    return y.reshape(shape)


def _check_parts(x: Any, indices: Any, shape: Shape, axis: int) -> int:
    """The place of `axis`, once `x` is known to have a part of `shape` for each of `indices`. Raises `ShapeError`."""
    place = positive_axis(axis, len(lengths(shape)), "shape")
    check_integers(indices, "indices")
    fits = (*shape[:place], *indices.shape, *shape[place + 1 :])
    if x.shape != fits:
        raise ShapeError(
            f"x {x.shape} does not fit indices {indices.shape} along axis {axis} of {shape}",
            port="x",
            hint=f"x: {fits}",
        )
    return place


@scatter_add.shape
def _(x: Aval, indices: Aval, *, shape: Shape, axis: int) -> Aval:
    _check_parts(x, indices, shape, axis)
    return Aval(shape, x.dtype)


@scatter_add.vjp
def _(g: Any, y: Any, x: Any, indices: Any, *, shape: Shape, axis: int) -> Any:
    return gather(g, indices, axis=axis), None


scatter_add.traits = Traits(adds_at="parts")
scatter_add.adjoint = {
    "x": "the parts of x {x} were added to zeros {y}, so each gets the gradient of the place to which it was added"
}


def _classes(x: Any, *, classes: int, **_: Any) -> Limits:
    return Limits(0, classes - 1, f"classes: {classes}", "mend the labels, or set more classes")


@op(
    formula=r"y_{k,c} = [x_k = c]",
    category="shape",
    samples=[
        Sample((Draw("integers", (4,), 3),), {"classes": 3}),
        Sample((Draw("integers", (), 3),), {"classes": 5}),
    ],
    no_gradient="a label moves in steps: there is no path for a gradient",
)
def one_hot(
    xp: Any,
    x: Annotated[Any, Within(_classes)],
    *,
    classes: Annotated[int, Range(low=1), Start(10)],
    dtype: AnyDtype = "float",
) -> Any:
    """Labels `x` (…) as rows (…, `classes`) with a 1 at the label and 0 elsewhere.

    A label below 0 or beyond the classes is a `DataError`. The dtype "float" is that of the document, and
    float64 where there is none.
    """
    check_integers(x, "x")
    check_limits(x, _classes(x, classes=classes), "x")
    return (x[..., None] == xp.arange(classes)).astype(dtype)


@one_hot.shape
def _(x: Aval, *, classes: int, dtype: str) -> Aval:
    check_integers(x, "x")
    return Aval((*x.shape, classes), np.dtype(dtype))
