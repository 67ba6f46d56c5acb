"""What is asked of an evaluation, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ..graph import Graph, Source
from ..tape import Tensor

Array = np.ndarray[Any, Any]


class Asked(NamedTuple):
    """What is to be computed: a graph, its parameters' values with their versions, the run's dtype, and of what
    the gradients are wanted (None: of the loss, or else of the one number that comes out).
    """

    graph: Graph
    values: Mapping[str, Array]
    versions: Mapping[str, int]
    dtype: str
    folder: Path | None = None
    root: Source | None = None

    @property
    def seed(self) -> int:
        return self.graph.training.seed if self.graph.training is not None else 0


class Gradients(NamedTuple):
    """Gradients of the tensor numbered `slot`, by the number of what they are of, and where two or more consumer ports
    delivered, each of these in the order in which they were added up: (node id, port, array).

    `error` says why there are none.
    """

    slot: int | None = None
    totals: Mapping[int, Any] = MappingProxyType({})
    parts: Mapping[int, list[tuple[str, str, Any]]] = MappingProxyType({})
    error: str | None = None


@dataclass(frozen=True)
class Evaluated:
    """What came of it. Nodes with an error, or with an input that is not there, have no value.

    `errors` says by node why, where a check of the graph could not have said it; `computed` are the nodes that were
    computed anew, in so many `seconds`, gradients included, data not.
    """

    asked: Asked
    tensors: Mapping[Source, Tensor] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    root: Source | None = None
    gradients: Gradients = field(default_factory=Gradients)
    computed: frozenset[str] = frozenset()
    seconds: float = 0.0

    def value(self, source: Source) -> Array | None:
        """The value there, None where there is none. It cannot be written."""
        tensor = self.tensors.get(source)
        return None if tensor is None else _read_only(tensor.value)

    def gradient(self, source: Source) -> Array | None:
        """The gradient of the root with respect to this value, None where there is no path."""
        tensor = self.tensors.get(source)
        total = None if tensor is None else self.gradients.totals.get(tensor.slot)
        return None if total is None else _read_only(total)

    def contributions(self, source: Source) -> list[tuple[str, str, Array]]:
        """What each consumer port delivered, where there are two or more: (node id, port, array). Their sum from left
        to right is the gradient.
        """
        tensor = self.tensors.get(source)
        parts = [] if tensor is None else self.gradients.parts.get(tensor.slot, [])
        return [(node, port, _read_only(part)) for node, port, part in parts]


def _read_only(value: Any) -> Array:
    array: Array = np.asarray(value).view()
    array.flags.writeable = False
    return array
