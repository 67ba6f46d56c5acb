"""Ops that give axes other places or lengths of 1, and that turn elements around along them."""

from __future__ import annotations

from typing import Annotated, Any

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Start
from ..signature import Traits
from ._rules import counted, positive_axes, positive_axis
from .shapes import reshape

Shape = tuple[int, ...]
Axes = int | tuple[int, ...]


def several(axis: Axes) -> tuple[int, ...]:
    """`axis` as a tuple."""
    return (axis,) if isinstance(axis, int) else axis


def new_axes(axis: Axes, ndim: int) -> tuple[int, ...]:
    """The places, from the front and in order, of axes that are to be added to `ndim`. Raises `ShapeError`."""
    total = ndim + len(several(axis))
    for each in several(axis):
        if not -total <= each < total:
            raise ShapeError(
                f"the result has {counted(total, 'axis', 'axes')}, so no axis {each}",
                hint=f"axes: -{total} to {total - 1}",
            )
    return positive_axes(several(axis), total)


def _expanded(shape: Shape, axis: Axes) -> Shape:
    added = new_axes(axis, len(shape))
    rest = iter(shape)
    return tuple(1 if i in added else next(rest) for i in range(len(shape) + len(added)))


@op(
    formula=r"y_{i,0,j} = x_{ij}",
    category="shape",
    samples=[Sample(((2, 3),), {"axis": 0}), Sample(((2, 3),), {"axis": (-1, 1)}), Sample(((),), {"axis": 0})],
    view=True,
    contiguous=True,
)
def expand_dims(xp: Any, x: Any, *, axis: Annotated[int | tuple[int, ...], Start(0)]) -> Any:
    """`x` with an axis of length 1 at `axis`, one place or several, counted in the result."""
    return xp.reshape(x, _expanded(x.shape, axis))


@expand_dims.shape
def _(x: Aval, *, axis: Axes) -> Aval:
    return Aval(_expanded(x.shape, axis), x.dtype)


@expand_dims.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axes) -> Any:
    return (reshape(g, shape=x.shape),)


expand_dims.traits = Traits(carries="reformed", linear=True)
expand_dims.adjoint = {"x": "x {x} only gained axes of length 1, so the gradient {y} is laid out as {x} again"}


def _squeezed(shape: Shape, axis: Axes | None) -> Shape:
    if axis is None:
        return tuple(length for length in shape if length != 1)
    dropped = positive_axes(axis, len(shape))
    for each in dropped:
        if shape[each] != 1:
            raise ShapeError(
                f"x {shape} has {shape[each]} along axis {each}, and squeeze drops axes of length 1 only",
                port="x",
                hint="axis: null drops all of these",
            )
    return tuple(length for i, length in enumerate(shape) if i not in dropped)


@op(
    formula=r"y_{ij} = x_{i,0,j}",
    category="shape",
    samples=[((1, 3, 1),), Sample(((1, 3, 1),), {"axis": -1}), Sample(((1, 3, 1),), {"axis": (0, 2)}), ((2, 3),)],
    view=True,
    contiguous=True,
)
def squeeze(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None) -> Any:
    """`x` without the axes of length 1 that `axis` names, one or several; null: without any of them.

    Null drops the batch axis too where the batch is one row: name the axes where that may be.
    """
    return xp.reshape(x, _squeezed(x.shape, axis))


@squeeze.shape
def _(x: Aval, *, axis: Axes | None) -> Aval:
    return Aval(_squeezed(x.shape, axis), x.dtype)


@squeeze.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axes | None) -> Any:
    return (reshape(g, shape=x.shape),)


squeeze.traits = Traits(carries="reformed", linear=True)
squeeze.adjoint = {"x": "x {x} only lost axes of length 1, so the gradient {y} is laid out as {x} again"}


@op(
    formula=r"y_{\dots j \dots i \dots} = x_{\dots i \dots j \dots}",
    category="shape",
    samples=[Sample(((2, 3, 4),), {"axis1": 0, "axis2": 2}), Sample(((2, 3, 4),), {"axis1": -1, "axis2": 1})],
    view=True,
)
def swapaxes(xp: Any, x: Any, *, axis1: int = -2, axis2: int = -1) -> Any:
    """`x` with the axes `axis1` and `axis2` in each other's place: the last two, where nothing else is said."""
    return xp.swapaxes(x, axis1, axis2)


@swapaxes.shape
def _(x: Aval, *, axis1: int, axis2: int) -> Aval:
    first, second = positive_axis(axis1, x.ndim), positive_axis(axis2, x.ndim)
    shape = list(x.shape)
    shape[first], shape[second] = shape[second], shape[first]
    return Aval(tuple(shape), x.dtype)


@swapaxes.vjp
def _(g: Any, y: Any, x: Any, *, axis1: int, axis2: int) -> Any:
    return (swapaxes(g, axis1=axis1, axis2=axis2),)


swapaxes.traits = Traits(carries="reordered", linear=True)
swapaxes.adjoint = {"x": "two axes of x {x} changed places to {y}, so those of the gradient change back to {x}"}


def _moved(shape: Shape, source: Axes, destination: Axes) -> Shape:
    given, wanted = several(source), several(destination)
    if len(given) != len(wanted):
        raise ShapeError(
            f"source names {counted(len(given), 'axis', 'axes')} and destination {len(wanted)}",
            hint="one destination for each source",
        )
    positive_axes(given, len(shape))  # refuses what is twice
    positive_axes(wanted, len(shape))
    places = {to % len(shape): shape[of] for of, to in zip(given, wanted, strict=True)}
    moved = {of % len(shape) for of in given}
    rest = iter(length for i, length in enumerate(shape) if i not in moved)
    return tuple(places[i] if i in places else next(rest) for i in range(len(shape)))


@op(
    formula=r"y_{jki} = x_{ijk}",
    category="shape",
    samples=[
        Sample(((2, 3, 4),), {"source": 0, "destination": -1}),
        Sample(((2, 3, 4),), {"source": (2, 0), "destination": (0, 1)}),
    ],
    view=True,
)
def moveaxis(
    xp: Any,
    x: Any,
    *,
    source: int | tuple[int, ...] = 0,
    destination: int | tuple[int, ...] = -1,
) -> Any:
    """`x` with the axes `source` at the places `destination`; the others stay in their order."""
    return xp.moveaxis(x, source, destination)


@moveaxis.shape
def _(x: Aval, *, source: Axes, destination: Axes) -> Aval:
    return Aval(_moved(x.shape, source, destination), x.dtype)


@moveaxis.vjp
def _(g: Any, y: Any, x: Any, *, source: Axes, destination: Axes) -> Any:
    return (moveaxis(g, source=destination, destination=source),)


moveaxis.traits = Traits(carries="reordered", linear=True)
moveaxis.adjoint = {"x": "the axes of x {x} changed places to {y}, so those of the gradient change back to {x}"}


@op(
    formula=r"y_i = x_{n - 1 - i}",
    category="shape",
    samples=[((3,),), Sample(((2, 3),), {"axis": -1}), Sample(((2, 3, 2),), {"axis": (0, 1)})],
    view=True,
)
def flip(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None) -> Any:
    """`x` with its elements in reverse order along `axis`, one or several; null: along all axes."""
    return xp.flip(x, axis)


@flip.shape
def _(x: Aval, *, axis: Axes | None) -> Aval:
    positive_axes(axis, x.ndim)
    return x


@flip.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axes | None) -> Any:
    return (flip(g, axis=axis),)


flip.traits = Traits(carries="reordered", linear=True)
flip.adjoint = {"x": "x {x} was turned around along {axis}, so the gradient is turned around again"}


def check_roll(shift: Axes, axis: Axes | None, ndim: int) -> None:
    """Refuse axes that are not there, and shifts that do not go with them."""
    positive_axes(axis, ndim)
    if isinstance(shift, tuple) and (not isinstance(axis, tuple) or len(axis) != len(shift)):
        given = (axis,) if isinstance(axis, int) else axis
        found = "null" if given is None else f"{len(given)}: {', '.join(map(str, given))}"
        raise ShapeError(
            f"shift {shift} needs {counted(len(shift), 'axis', 'axes')} in a list, got {found}",
            hint="one number for all axes, or one for each",
        )


@op(
    formula=r"y_i = x_{(i - s) \,\mathrm{mod}\, n}",
    category="shape",
    samples=[
        Sample(((5,),), {"shift": 2}),
        Sample(((2, 3),), {"shift": -1}),
        Sample(((2, 3),), {"shift": 1, "axis": -1}),
        Sample(((2, 3, 4),), {"shift": (1, -2), "axis": (0, 2)}),
    ],
)
def roll(
    xp: Any, x: Any, *, shift: Annotated[int | tuple[int, ...], Start(1)], axis: int | tuple[int, ...] | None = None
) -> Any:
    """`x` with its elements moved on by `shift` along `axis`; those that leave at the end come in at the front.

    Several axes take one shift together, or one each. Null: along all elements, read row by row.
    """
    check_roll(shift, axis, x.ndim)
    return xp.roll(x, shift, axis) if axis != () else x.copy()


@roll.shape
def _(x: Aval, *, shift: Axes, axis: Axes | None) -> Aval:
    check_roll(shift, axis, x.ndim)
    return x


@roll.vjp
def _(g: Any, y: Any, x: Any, *, shift: Axes, axis: Axes | None) -> Any:
    back = -shift if isinstance(shift, int) else tuple(-each for each in shift)
    return (roll(g, shift=back, axis=axis),)


roll.traits = Traits(carries="reordered", linear=True)
roll.adjoint = {"x": "x {x} was moved on by {shift} along {axis}, so the gradient is moved back"}
