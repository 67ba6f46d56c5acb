"""What is asked of an evaluation, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ..errors import RunError
from ..graph import Graph, Source
from ..records import Record
from ..running import Holding
from ..tape import Tensor

Array = np.ndarray[Any, Any]


class Root(NamedTuple):
    """A value at which gradients start, and from what: a number for all of its elements, or nested tuples of numbers
    in its shape. None is 1 for each, which gives the gradients of the sum of the elements.
    """

    source: Source
    start: Any = None


class Asked(NamedTuple):
    """What is to be computed: a graph, its parameters' values with their versions, the run's dtype, and of what
    the gradients are wanted (none given: of the loss, or else of the one number that comes out). Those of several
    `roots` are those of the sum of the roots, each times its starting gradient.

    `mode` is "eval" or "train"; `iteration` counts from 1 and says which batch is taken, and whose random numbers.
    `put` are values in the place of what nodes give: no gradient goes back through them. `fed` are arrays in the place
    of what dataset nodes give; an output of such a node that is not among them has no value.
    """

    graph: Graph
    values: Mapping[str, Array]
    versions: Mapping[str, int]
    dtype: str
    folder: Path | None = None
    roots: tuple[Root, ...] = ()
    mode: str = "eval"
    iteration: int = 1
    put: Mapping[Source, Array] = MappingProxyType({})
    fed: Mapping[Source, Array] = MappingProxyType({})

    @classmethod
    def of(cls, held: Holding, *roots: Root | Source) -> Asked:
        """All of what a session holds, as it is now. Raises `RunError` where a value is given twice as a root."""
        document = held.document
        given = tuple(root if isinstance(root, Root) else Root(root) for root in roots)
        sources = [root.source for root in given]
        for source in sources:
            if sources.count(source) > 1:
                name = document.graph.path(source.node) if source.node in document.graph.nodes else source.node
                raise RunError(f"a value can be a root once, {name} is given twice", hint="with the sum of both starts")
        return cls(document.graph, document.values, document.versions, held.dtype, held.folder, given)

    @property
    def seed(self) -> int:
        return self.graph.training.seed if self.graph.training is not None else 0


class Gradients(NamedTuple):
    """Gradients by the number of the tensor that they are of, and what each consumer port delivered to it, in the
    order in which that was added up: (node id, port, array). They start from `starts`, by the numbers of the roots.

    `walked` are the records in the order in which the walk met them, each with its node and, where it is the cast
    that a port needs, that port. `error` says why there are none, and `node` at which node a rule failed where one did.
    """

    starts: Mapping[int, Array] = MappingProxyType({})
    totals: Mapping[int, Any] = MappingProxyType({})
    parts: Mapping[int, list[tuple[str, str, Any]]] = MappingProxyType({})
    walked: tuple[tuple[Record, str | None, str | None], ...] = ()
    error: str | None = None
    node: str | None = None
    of: tuple[tuple[int, Any], ...] = ()  # the numbers of the roots, each with from what it was asked to start


class Views:
    """Views that cannot be written: of an array that stays the same from one evaluation to the next, the same view.

    So who shows one knows it again, and computes nothing anew of it. What nobody has asked for since then is let go.
    """

    def __init__(self, before: Views | None = None) -> None:
        self._made: dict[int, tuple[Any, Array]] = {}
        self._before: dict[int, tuple[Any, Array]] = {} if before is None else before._made or before._before

    def of(self, value: Any) -> Array:
        """The view of a value. The value is held with it, or another might get the same id."""
        found = self._made.get(id(value)) or self._before.get(id(value))
        if found is None:
            view: Array = np.asarray(value).view()
            view.flags.writeable = False
            found = value, view
        self._made[id(value)] = found
        return found[1]


@dataclass(frozen=True)
class Evaluated:
    """What came of it. Nodes with an error, or with an input that is not there, have no value.

    `errors` says by node why, where a check of the graph could not have said it, and `unfed` where that is no fault:
    something that it depends on was not fed. `computed` are the nodes that were computed anew, in so many `seconds`,
    gradients included, data not.
    """

    asked: Asked
    tensors: Mapping[Source, Tensor] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    unfed: Mapping[str, str] = field(default_factory=dict)
    roots: tuple[Source, ...] = ()
    gradients: Gradients = field(default_factory=Gradients)
    computed: frozenset[str] = frozenset()
    seconds: float = 0.0
    views: Views = field(default_factory=Views, repr=False, compare=False)

    @property
    def root(self) -> Source | None:
        """The value of which gradients are, the first of several; None where there is none."""
        return self.roots[0] if self.roots else None

    @cached_property
    def failures(self) -> Mapping[str, str]:
        """By node what failed there: its value, or its rule of the gradient, for which no value has one."""
        node, error = self.gradients.node, self.gradients.error
        return self.errors if node is None or error is None else {**self.errors, node: error}

    @cached_property
    def holders(self) -> Mapping[int, tuple[str, ...]]:
        """By the number of a tensor the nodes that have it as an output: one that gives back what it took shares it."""
        found = defaultdict(list)
        for source, tensor in self.tensors.items():
            found[tensor.slot].append(source.node)
        return {slot: tuple(nodes) for slot, nodes in found.items()}

    def start(self, source: Source) -> Array | None:
        """The gradient that was put in at a root; None at what is none."""
        tensor = self.tensors.get(source)
        start = None if tensor is None else self.gradients.starts.get(tensor.slot)
        return None if start is None else self.views.of(start)

    def objective(self) -> float:
        """What the gradients are of: the sum of the roots, each times its starting gradient; NaN without roots."""
        slots = {self.tensors[root].slot: root for root in self.roots if root in self.tensors}
        terms = [
            float(np.sum(np.asarray(self.value(root), np.float64) * self.gradients.starts[slot]))
            for slot, root in slots.items()
            if slot in self.gradients.starts
        ]
        return sum(terms) if terms else float("nan")

    def value(self, source: Source) -> Array | None:
        """The value there, None where there is none. It cannot be written."""
        tensor = self.tensors.get(source)
        return None if tensor is None else self.views.of(tensor.value)

    def gradient(self, source: Source) -> Array | None:
        """The gradient of the roots with respect to this value, None where there is no path."""
        tensor = self.tensors.get(source)
        total = None if tensor is None else self.gradients.totals.get(tensor.slot)
        return None if total is None else self.views.of(total)

    def contributions(self, source: Source) -> list[tuple[str, str, Array]]:
        """What each consumer port delivered, where there are two or more: (node id, port, array). Their sum from left
        to right is the gradient. At a root that goes on to another the first is its start, at its own port "seed".
        """
        tensor = self.tensors.get(source)
        parts = [] if tensor is None else self.gradients.parts.get(tensor.slot, [])
        return [(node, port, self.views.of(part)) for node, port, part in parts] if len(parts) > 1 else []
