"""What meets within one port: a part that was picked several times gets a gradient for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..tape import Tensor, untraced
from .local import Local
from .timeline import Array

Place = tuple[int | None, ...]  # an index, None for a whole axis
WHOLE = slice(None)


class Repeat(NamedTuple):
    """A part that was picked more than once: its place, what each pick gives back, and the sum.

    `picks` says at which places of the result each was picked; empty where the step back has reformed that result.
    """

    place: Place
    parts: tuple[Array, ...]
    total: Array
    picks: tuple[Place, ...] = ()


class Added(NamedTuple):
    """What is added up where: `x` with as many axes as the result, and beside it its `indices` along `axis`.

    Along other axes the indices have the length 1 where whole parts are added. `held` is the shape that they have of
    their own in the place of that axis.
    """

    x: Array
    indices: Array
    axis: int
    held: tuple[int, ...]


def added(made: Tensor) -> Added | None:
    """What the op of a tensor adds up at indices; None where it does not."""
    if made.op is None or made.op.traits.adds_at is None:
        return None
    x, indices = (np.asarray(untraced(arg)) for arg in made.args[:2])
    params: dict[str, Any] = {**made.op.defaults, **made.params}
    axis = params["axis"] % made.value.ndim
    held = indices.shape[axis : axis + 1]
    if made.op.traits.adds_at == "parts":
        held = indices.shape
        behind = x.ndim - axis - indices.ndim
        x = x.reshape(*x.shape[:axis], indices.size, *x.shape[axis + indices.ndim :])
        indices = indices.reshape(*[1] * axis, indices.size, *[1] * behind)
    return Added(x, indices, axis, held)


def repeats(found: Local) -> Iterator[Repeat]:
    """The parts that this step back adds up within one port, in the order of their indices."""
    made = found.product
    while made.op is not None and made.op.traits.carries == "reformed":
        made = made.args[0]
    shape, several = found.entry.shape, added(made)
    flat = made.value.ndim == 1 and made.value.size == np.prod(shape)
    if several is None or not (flat or made.shape == shape):
        return
    for place, parts, picks in _met(several):
        total = made.value[_cut(place)]
        if made.shape != shape and place[0] is not None:
            place, picks = tuple(int(i) for i in np.unravel_index(place[0], shape)), ()
        yield Repeat(place, parts, total, picks)


def _met(several: Added) -> Iterator[tuple[Place, tuple[Array, ...], tuple[Place, ...]]]:
    """The places of the result at which more than one part arrives, these parts, and where each comes from."""
    x, indices, axis, held = several
    twice = (np.diff(np.sort(indices, axis), axis=axis) == 0).any(axis, keepdims=True)
    for at in np.argwhere(twice).tolist():
        row: list[int | None] = [None if indices.shape[i] == 1 < x.shape[i] else j for i, j in enumerate(at)]
        line = indices[tuple(WHOLE if i == axis else j for i, j in enumerate(at))]
        found, counts = np.unique(line, return_counts=True)
        for index in found[counts > 1].tolist():
            picks = np.flatnonzero(line == index).tolist()
            parts = tuple(x[_cut((*row[:axis], pick, *row[axis + 1 :]))] for pick in picks)
            own = [tuple(int(i) for i in np.unravel_index(pick, held)) for pick in picks]
            before, behind = row[:axis], row[axis + 1 :]
            yield (*before, index, *behind), parts, tuple((*before, *each, *behind) for each in own)


def _cut(place: Place) -> tuple[int | slice, ...]:
    return tuple(WHOLE if i is None else i for i in place)
