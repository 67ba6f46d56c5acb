"""One node that a check has found a problem at: what comes to its ports, and what it would do with something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...check import Checked
from ...document import Transaction
from ...errors import GradwireError
from ...graph import Graph, Source, Wire
from ...graph.elements import COLUMN
from ...infer import arrange, refused_alone
from ...op import Aval, Op
from ...ops import Registry
from ...promotion import promoted_avals
from ...refusing import FAILURES
from ...stepping.mending import Inserted
from .layouts import Avals, Layout

LEARNT = {"parameter", "shared"}


class Fitted:
    """The node `id` of a graph, of which `checked` is known."""

    def __init__(self, graph: Graph, registry: Registry, checked: Checked, id: str, op: Op) -> None:
        self.graph, self.registry, self.checked = graph, registry, checked
        self.id, self.op = id, op
        known = {port: self.avals(source) for port, source in graph.inputs(id).items()}
        self.fed = {port: avals for port, avals in known.items() if avals is not None}
        self.known = len(self.fed) == len(known)  # else something that feeds it has a problem of its own

    def avals(self, source: Source) -> Avals | None:
        """What is known of a value of the graph."""
        first, second = (inferred.avals.get(source) for inferred in self.checked.inferred)
        return None if first is None or second is None else (first, second)

    def takes(self, changed: Mapping[str, Avals]) -> bool:
        """Whether the op takes all that comes to it with other values at some of its ports."""
        fed = {**self.fed, **changed}
        for i, inferred in enumerate(self.checked.inferred):
            params = inferred.params.get(self.id)
            avals = {port: pair[i] for port, pair in fed.items()}
            if params is None or not _takes(self.op, avals, params):
                return False
        return True

    @property
    def layer(self) -> str | None:
        """The innermost layer that the node belongs to."""
        return layer_of(self.graph, self.id)

    @property
    def name(self) -> str:
        """That of its layer, else its own."""
        return self.graph.item(self.layer or self.id).name

    def is_learnt(self, source: Source) -> bool:
        """Whether a value depends on parameters."""
        return any(self.graph.nodes[id].op in LEARNT for id in self.graph.ancestors([source.node]))

    def put(self, t: Transaction, port: str, layout: Layout) -> Inserted:
        """Lay out what comes to a port; outside of the layer to which the node belongs, if it comes from there."""
        source, graph = self.graph.inputs(self.id)[port], self.graph
        around = [self.id, *graph.chain(graph.nodes[self.id].group)]
        outside = graph.nodes[source.node].group
        inner = graph.item(next((id for id in around if graph.item(id).group == outside), self.id))
        place = inner.position[0] - COLUMN, inner.position[1]
        made = t.add(layout.op, group=inner.group, position=place, inputs={"x": source}, params=layout.params)
        t.connect(Source(made, "y"), self.id, port)
        return Inserted(made, Wire(source, self.id, port))


def layer_of(graph: Graph, node: str) -> str | None:
    """The innermost layer that a node belongs to, None where it belongs to none."""
    groups = graph.chain(graph.nodes[node].group)
    return next((id for id in groups if graph.groups[id].built_by is not None), None)


def _takes(op: Op, avals: Mapping[str, Aval], params: Mapping[str, Any]) -> bool:
    try:
        placed = arrange(op, avals)
    except GradwireError:  # another port is open
        return refused_alone(op, avals, params) is None
    try:
        op.infer(promoted_avals(op, placed), params)
    except (GradwireError, *FAILURES):  # the rule of a plugin may fail as well
        return False
    return True
