"""What meets within one port: a part that was picked several times gets a gradient for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..ops.indexing import scatter_add
from ..tape import Tensor
from .local import Local
from .timeline import Array


class Repeat(NamedTuple):
    """A part that was picked more than once: its place `at` along `axis`, what each pick gives back, and the sum."""

    at: int
    axis: int
    parts: tuple[Array, ...]
    total: Array


def repeats(found: Local) -> Iterator[Repeat]:
    """The parts that this step back adds up within one port, in the order of their indices."""
    made = found.product
    while made.op is not None and made.op.traits.carries == "reformed":
        made = made.args[0]
    if made.op is not scatter_add:
        return
    g, picked = (np.asarray(arg.value if isinstance(arg, Tensor) else arg) for arg in made.args[:2])
    axis = made.params["axis"] % made.value.ndim
    length = made.value.shape[axis]
    indices = picked.reshape(-1) % length
    flat = np.moveaxis(g, range(axis, axis + picked.ndim), range(picked.ndim)).reshape(indices.size, -1)
    rest = (*made.value.shape[:axis], *made.value.shape[axis + 1 :])
    counts = np.bincount(indices, minlength=length) if indices.size else np.zeros(length, int)
    for index in np.flatnonzero(counts > 1).tolist():
        parts = tuple(flat[at].reshape(rest) for at in np.flatnonzero(indices == index))
        yield Repeat(index, axis, parts, np.take(made.value, index, axis))
