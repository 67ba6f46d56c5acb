"""Computing a graph again where it has changed.

Each node's tensors are kept as long as the node and its inputs stay the same. A tensor's number is its version: what
the same op makes of tensors of the same numbers is the same. A node that fails stops only what depends on it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..cancelling import Cancelled, Stopped, never
from ..collector import paused
from ..document.ports import value_name
from ..errors import GradwireError
from ..feeding import describer, parameters, random_state
from ..graph import Node, Source
from ..infer import BATCH_UNKNOWN, Binding, Inferred, KnownShapes, in_order
from ..lower import Lowering
from ..op import Aval
from ..ops import Registry
from ..tape import Tensor
from .building import CachedBuilder, Origins, put_in
from .reading import Feeds, same
from .result import Asked, Evaluated, Gradients, Root, Views
from .roots import go_back, no_gradient, no_value, roots_of, starts_of


class Kept(NamedTuple):
    """What a node was when it was computed, of what, and what it gave."""

    node: Node
    given: tuple[Any, ...]
    made: Mapping[Source, Tensor]
    avals: Mapping[Source, Aval]
    origins: Origins


class Evaluator:
    """Computes graph after graph, and keeps what the next one needs. Belongs to the thread that uses it."""

    def __init__(self, registry: Registry, shapes: KnownShapes | None = None) -> None:
        """`shapes` is what evaluations of the same graph, each by an evaluator of its own, share."""
        self.registry = registry
        self.shapes = shapes or KnownShapes()
        self.since: float | None = None  # when computing began; None while data is read and while nothing is done
        self._feeds = Feeds(registry)
        self._kept: dict[str, Kept] = {}
        self._bound: tuple[Binding, int, int] | None = None
        self._builder: CachedBuilder | None = None
        self._gradients = Gradients()
        self._views = Views()

    def evaluate(self, asked: Asked, cancelled: Cancelled = never) -> Evaluated | None:
        """The values and gradients of `asked.graph`, None where the work was cancelled."""
        try:
            order = list(in_order(asked.graph))
        except GradwireError:
            return Evaluated(asked)  # a loop, which a check tells
        try:
            with np.errstate(all="ignore"):
                if self.since is not None:  # the last never came back, and may still change what was kept
                    self._builder, self._feeds = None, Feeds(self.registry)
                errors = self._feeds.read(asked, cancelled)
                self.since = time.perf_counter()
                return _Evaluation(self, asked, order, cancelled, errors).all()
        except Stopped:
            return None
        finally:
            self.since = None

    def builder(self, binding: Binding, iteration: int) -> CachedBuilder:
        """What computes the nodes; under another binding, or with other ops, nothing is kept of what was."""
        bound = binding, iteration, self.registry.version
        if self._builder is None or self._bound != bound:
            self._kept, self._gradients, self._bound = {}, Gradients(), bound
            self._builder = CachedBuilder(self.registry.get("identity"), random_state(binding.seed, iteration))
        return self._builder


class _Evaluation:
    """One evaluation of an `Evaluator`."""

    def __init__(
        self, owner: Evaluator, asked: Asked, order: list[str], cancelled: Cancelled, errors: dict[str, str]
    ) -> None:
        self.owner = owner
        self.asked = asked
        self.order = order
        self.cancelled = cancelled
        self.errors = errors
        self.graph = asked.graph
        self.registry = owner.registry
        self.feeds = owner._feeds
        self.binding = Binding(asked.dtype, self.feeds.batch, asked.mode, asked.seed)
        self.builder = owner.builder(self.binding, asked.iteration)
        self.builder.cancelled = cancelled
        self.kept = owner._kept
        self.inferred = Inferred()
        self.describe = describer(asked.folder, asked.dtype)
        self.lowering = Lowering(self.graph, self.registry, self.binding, self.describe, builder=self.builder)
        self.values: dict[Source, Tensor] = self.lowering.values  # type: ignore[assignment]
        self.computed: set[str] = set()
        self.taken: set[Source] = set()
        self.unfed = self.feeds.unfed(self.graph)

    @paused()
    def all(self) -> Evaluated:
        """Every node, then the gradients."""
        done = set()
        for id in self.order:
            if self.cancelled():
                raise Stopped
            if id not in self.errors and self._node(self.graph.nodes[id]):
                done.add(id)
        for id in self.kept.keys() - done:
            del self.kept[id]
        roots = roots_of(self.asked, self.registry, self.values, self.taken)
        gradients = self._differentiate(roots)
        self.owner._gradients = gradients
        seconds = 0.0 if self.owner.since is None else time.perf_counter() - self.owner.since
        self.owner._views = views = Views(self.owner._views)
        computed = frozenset(self.computed)
        sources = tuple(dict.fromkeys(root.source for root in roots))
        found = self.values, self.errors, self.unfed
        return Evaluated(self.asked, *found, sources, gradients, computed, seconds, views)

    # Values.

    def _node(self, node: Node) -> bool:
        """Give a node its values, kept or new; whether it has any."""
        given = self._given(node)
        if given is None:
            return False
        kept = self.kept.get(node.id)
        if kept is None or kept.given != given or not same(kept.node, node):
            try:
                kept = self._compute(node, given)
            except GradwireError as error:
                self.errors[node.id] = str(error)
            except Exception as error:  # an op of a plugin may raise anything; it is told at its node
                self.errors[node.id] = f"{type(error).__name__}: {error}"
            if node.id in self.errors or kept is None:
                return False
            self.computed.add(node.id)
            self.kept[node.id] = kept
        self.values.update(kept.made)
        for source in kept.made.keys() & self.asked.put.keys():
            self.values[source] = put_in(kept.made[source], self.asked.put[source])
        self.inferred.avals.update(kept.avals)
        return True

    def _given(self, node: Node) -> tuple[Any, ...] | None:
        """What a node's values depend on beside itself, None where something of it is not there."""
        given: list[Any] = []
        inputs, op = self.graph.inputs(node.id), self.registry.get(node.op)
        self.taken.update(inputs.values())
        for port, source in inputs.items():
            if source not in self.values:
                if source.node in self.unfed:
                    self.unfed[node.id] = self.unfed[source.node]
                return None
            given.append((port, self.values[source].slot))
        if node.op in ("input", "dataset"):
            if node.id not in self.feeds.of:
                return None
            given.append(self.feeds.of[node.id].number)
        elif node.op == "parameter":
            given.append(self.asked.versions.get(node.id))
        elif node.op == "shared":
            of = self.values.get(Source(str(node.params.get("of")), "y"))
            given.append(None if of is None else of.slot)
        elif op is not None and op.target is not None:  # what it names must be of the value's shape
            target = self.graph.nodes.get(str(node.params.get(op.target)))
            given.append(None if target is None else (target.op, target.params))
        return tuple(given)

    def _compute(self, node: Node, given: tuple[Any, ...]) -> Kept | None:
        """What a node gives, None where a check says why it gives nothing."""
        infer_node = self.owner.shapes.infer_node
        problems = infer_node(self.graph, self.registry, node.id, self.binding, self.describe, self.inferred)
        if problems:
            unknown = [problem for problem in problems if problem.message == BATCH_UNKNOWN]
            if unknown:  # a check takes any size, so this is first met here
                self.errors[node.id] = f"{BATCH_UNKNOWN} (an input with a value, or a dataset, tells it)"
            return None
        op = self.registry[node.op]
        sources = [Source(node.id, op.outputs[i].name) for i in op.visible]
        if any(source not in self.inferred.avals for source in sources):
            return None  # what feeds it has a problem of its own
        fed = self.feeds.of.get(node.id)
        arrays = {} if fed is None else {value_name(self.graph, self.registry, s): a for s, a in fed.arrays.items()}
        held = [node.id] if node.op == "parameter" else []
        state = parameters(self.graph, self.registry, held, self.asked.values, self.binding)
        self.builder.supply(arrays, state)
        if fed is not None and node.id in self.unfed:
            self.builder.node = node.id
            for source in fed.arrays:
                name = value_name(self.graph, self.registry, source)
                self.values[source] = tensor = self.builder.input(name, self.inferred.avals[source])
                self.builder.sources[tensor.slot] = node.id
        else:
            self.lowering.add(node, self.inferred.params[node.id], self.inferred.avals)
        avals = {s: self.inferred.avals[s] for s in (Source(node.id, o.name) for o in op.outputs)}
        made = {s: self.values[s] for s in sources if s in self.values}
        return Kept(node, given, made, avals, self.builder.origins)

    # Gradients.

    def _differentiate(self, roots: Sequence[Root]) -> Gradients:
        missing = [root.source for root in roots if root.source not in self.values]
        if missing:  # of what was asked for nothing is left out in silence; a loss may still wait for its inputs
            return Gradients(error=no_value(self.graph, self.registry, missing) if self.asked.roots else None)
        if not roots or (not self.asked.roots and any(no_gradient(self.values[root.source].dtype) for root in roots)):
            return Gradients()  # what of them has no gradient, a timeline tells where that begins
        of, known = starts_of(self.asked, roots, self.values), self.owner._gradients
        if known.of == of:
            return known  # what has the same number was made of the same
        builder = self.builder
        builder.rank = {id: rank for rank, id in enumerate(self.order)}
        builder.origins = {}
        for kept in self.kept.values():
            builder.origins.update(kept.origins)
        return go_back(self.graph, builder, roots, self.values, of)
