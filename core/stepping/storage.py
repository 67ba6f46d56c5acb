"""In which memory the arrays of an iteration lie: those that are shown, hidden ones, and what is within a node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..tape import history
from .timeline import Array, Timeline


def storage(arrays: Iterable[Any]) -> tuple[Array, ...]:
    """The arrays that own the memory in which these lie, each once: a view keeps all of what it is a view of."""
    found: dict[int, Array] = {}
    for array in arrays:
        owner = np.asarray(array)
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        found[id(owner)] = owner
    return tuple(found.values())


def arrays_of(timeline: Timeline) -> Iterator[Any]:
    """All arrays that a timeline keeps, some of them twice. The tape keeps each value from which another was made."""
    run = timeline.run
    for tensor in history(run.tensors.values()):
        yield from (tensor.value,) if tensor.results is None else tensor.results[1]
        yield from (arg for arg in tensor.args if isinstance(arg, np.ndarray))
    yield from (tensor.value for tensor in run.tensors.values())  # what was put in is not what its op has made
    yield from run.gradients.starts.values()
    yield from run.gradients.totals.values()
    yield from (value for parts in run.gradients.parts.values() for *_, value in parts)
    yield from (part.value for left in timeline.left.values() for part in left)
