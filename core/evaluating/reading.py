"""What inputs and datasets give, read again only where it has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..cancelling import Cancelled, Stopped
from ..data import prepare
from ..document.ports import value_name
from ..errors import GradwireError, RunError
from ..feeding import batch_axes, read_data, value_of
from ..graph import Graph, Node, Source
from ..graph.normal_form import canonical
from ..ops import Registry
from .building import Array
from .result import Asked

GIVEN = ("given",)  # the context of arrays that are fed in the place of data


class Fed(NamedTuple):
    """What an input or a dataset node gives: its arrays by output, and a number that no other arrays have had."""

    node: Node
    context: tuple[Any, ...]
    arrays: Mapping[Source, Array]
    number: int


def same(old: Node, new: Node) -> bool:
    """Whether two nodes compute the same of the same inputs. Names and places do not matter; 0 and −0 do."""
    if old is new:
        return True
    return (old.op, old.acting) == (new.op, new.acting) and (
        old.params is new.params or canonical(old.params) == canonical(new.params)
    )


class Feeds:
    """The arrays of a graph's inputs and datasets, and the batch size that they tell."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.of: dict[str, Fed] = {}  # by id; an input without a value is not among them
        self.batch: int | None = None
        self._count = 0

    def read(self, asked: Asked, cancelled: Cancelled) -> dict[str, str]:
        """Bring all up to date; returns by id why one cannot be read."""
        nodes = asked.graph.nodes
        inputs = sorted(id for id, node in nodes.items() if node.op == "input")
        datasets = sorted(id for id, node in nodes.items() if node.op == "dataset")
        before, self.of, self.batch = self.of, {}, None
        errors: dict[str, str] = {}
        for id in (*inputs, *datasets):
            if cancelled():
                self.of = before | self.of
                raise Stopped
            read = self._input if nodes[id].op == "input" else self._dataset
            try:
                fed = read(asked, nodes[id], before.get(id))
            except GradwireError as error:
                errors[id] = str(error)
            else:
                if fed is not None:
                    self.of[id] = fed
        return errors

    def _input(self, asked: Asked, node: Node, fed: Fed | None) -> Fed | None:
        if fed is None or fed.context != (asked.dtype,) or not same(fed.node, node):
            array = value_of(node, self.registry, asked.dtype)
            if array is None:
                return None
            fed = self._new(node, (asked.dtype,), {Source(node.id, "y"): array})
        for size in batch_axes(node, fed.arrays[Source(node.id, "y")]):
            if self.batch not in (None, size):
                raise RunError(f"the values must have one batch size, but another has {self.batch} and this {size}")
            self.batch = size
        return fed

    def _dataset(self, asked: Asked, node: Node, fed: Fed | None) -> Fed:
        given = {source: array for source, array in asked.fed.items() if source.node == node.id}
        if given:
            return self._given(node, given, fed)
        data = prepare(node.params, asked.folder)  # the very same object as long as nothing has changed
        training = asked.graph.training
        settings = None if training is None else (training.batch, training.seed)
        context = (asked.dtype, self.batch, settings, asked.iteration)
        known = fed is not None and fed.context[0] is data and fed.context[1:] == context and same(fed.node, node)
        if fed is None or not known:
            arrays, _ = read_data(asked.graph, [node.id], {}, self.batch, asked.folder, asked.dtype, asked.iteration)
            fed = self._new(node, (data, *context), arrays)
        self.batch = len(fed.arrays[Source(node.id, "y")])
        return fed

    def _given(self, node: Node, given: Mapping[Source, Array], fed: Fed | None) -> Fed:
        """What is fed in the place of data; the same as before where it is the very same arrays."""
        for array in given.values():
            if self.batch not in (None, len(array)):
                raise RunError(
                    f"the values must have one batch size, but another has {self.batch} and this {len(array)}"
                )
            self.batch = len(array)
        known = fed is not None and fed.context == GIVEN and fed.arrays.keys() == given.keys()
        if fed is None or not known or any(fed.arrays[source] is not array for source, array in given.items()):
            fed = self._new(node, GIVEN, given)
        return fed

    def unfed(self, graph: Graph) -> dict[str, str]:
        """The datasets in the place of which not all is fed, by id, and what is missing."""
        found = {}
        for id, fed in self.of.items():
            outputs = [Source(id, output.name) for output in self.registry[fed.node.op].outputs]
            missing = [source for source in outputs if source not in fed.arrays]
            if missing:
                name = value_name(graph, self.registry, missing[0])
                found[id] = f"{name} is not given with what is tried"
        return found

    def _new(self, node: Node, context: tuple[Any, ...], arrays: Mapping[Source, Array]) -> Fed:
        self._count += 1
        return Fed(node, context, arrays, self._count)
