"""From graph to plan: one step for each node that is needed, and the casts that its ports ask for.

`Lowering` keeps the builder, and for each value of the graph its symbol, so that gradients, update rules and
metrics can be added before the plan is finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .builder import Builder, Symbol
from .collector import paused
from .document.ports import value_name
from .document.written import written_by
from .graph import Graph, Node, Source
from .infer import Binding, Describe, arrange, bypassed, in_order, infer, refuse
from .op import Aval, Op
from .ops import Registry

# A colon cannot stand in a name, so what the program itself feeds and keeps is never taken for a node.
RANDOM_STATE = ":random"
STATE_AVAL = Aval((4,), np.dtype(np.uint64))


class Lowering:
    """A graph on its way to a plan. `values` holds the symbol of each value lowered so far."""

    def __init__(
        self,
        graph: Graph,
        registry: Registry,
        binding: Binding,
        describe: Describe | None = None,
        fed: Mapping[Source, Aval] | None = None,
        builder: Any = None,
    ) -> None:
        self.graph = graph
        self.registry = registry
        self.binding = binding
        self.describe = describe
        self.fed = dict(fed or {})
        self.builder = Builder() if builder is None else builder
        self.values: dict[Source, Symbol] = {}
        self.updates: dict[str, Symbol] = {}

    def needed(self, wanted: Iterable[Source]) -> set[str]:
        """The nodes that have to run for `wanted`: nothing behind a value that is fed."""
        needed: set[str] = set()
        waiting = [source for source in wanted if source not in self.fed]
        while waiting:
            id = waiting.pop().node
            if id in needed:
                continue
            needed.add(id)
            node = self.graph.nodes[id]
            waiting += [source for source in self.graph.inputs(id).values() if source not in self.fed]
            if node.op == "shared":
                waiting.append(Source(str(node.params.get("of")), "y"))
        return needed

    @paused()
    def lower(self, wanted: Sequence[Source]) -> list[Symbol]:
        """Add the steps for `wanted` and return their symbols. Raises the problems met as one `GradwireError`."""
        needed = self.needed(wanted)
        inferred = infer(self.graph, self.registry, self.binding, self.describe, self.fed, needed)
        refuse(inferred.problems, self.graph)
        for source, aval in self.fed.items():
            self._source(source, self.builder.input(value_name(self.graph, self.registry, source), aval))
        for id in in_order(self.graph):
            if id in needed:
                self.add(self.graph.nodes[id], inferred.params[id], inferred.avals)
        self.builder.node = None
        return [self.values[source] for source in wanted]

    def _source(self, source: Source, symbol: Symbol) -> None:
        self.values[source] = symbol
        self.builder.sources.setdefault(symbol.slot, source.node)

    def add(self, node: Node, params: dict[str, Any], avals: Mapping[Source, Aval]) -> None:
        """Add the steps of one node, after those of what feeds it."""
        op = self.registry.get(node.op)
        assert op is not None, "infer names unknown ops first"
        outputs = [Source(node.id, output.name) for output in op.outputs]
        made = self._make(node, op, params, [avals[o] for o in outputs], avals)
        if "detach" in node.flags:
            detach = self.registry.get("detach")
            assert detach is not None
            made = [self.builder.apply(detach, (value,), {}) for value in made]
        for i, symbol in zip(op.visible, made, strict=True):
            if outputs[i] not in self.values:
                self._source(outputs[i], symbol)

    def _make(
        self, node: Node, op: Op, params: dict[str, Any], outs: list[Aval], avals: Mapping[Source, Aval]
    ) -> list[Symbol]:
        """The visible outputs of `node`."""
        builder = self.builder
        builder.node = node.id
        if "bypass" in node.flags:
            return [self.values[bypassed(self.graph, node, op, avals, outs[op.visible[0]])]]
        if op.name in ("input", "dataset"):
            names = [value_name(self.graph, self.registry, Source(node.id, o.name)) for o in op.outputs]
            return [builder.input(name, aval) for name, aval in zip(names, outs, strict=True)]
        if op.name == "parameter":
            return [builder.read(node.id, outs[0])]
        if op.name == "shared":
            return [self.values[Source(params["of"], "y")]]
        if op.name == "constant":
            return [builder.constant(op.forward(np, **params))]
        args = [None if s is None else self.values[s] for s in arrange(op, self.graph.inputs(node.id))]
        for i, port in enumerate(op.ports):
            if port.hidden:
                args[i] = builder.input(RANDOM_STATE, STATE_AVAL)
        result = builder.apply(op, tuple(args), params)
        made = list(result) if isinstance(result, tuple) else [result]
        if params.get("mode", "train") == "train":  # in evaluation no op keeps statistics
            for target, source in written_by(self.graph, self.registry, node):
                self.updates[target] = builder.output(made[0], op, source.output)
        return made
