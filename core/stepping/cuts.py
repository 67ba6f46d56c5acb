"""Where a way that values take to the root is cut for gradients, and by what."""

from __future__ import annotations

from collections.abc import Container
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from ..evaluating import Evaluated, no_gradient
from ..graph import Graph, Source, Wire
from ..ops import Registry

PUT_IN = "its value was put in by hand"


class Cut(NamedTuple):
    """At which node and port nothing comes back, and why; at what is given there is no port."""

    node: str
    port: str | None
    reason: str


class Ran(Protocol):
    """What was computed, as much of it as a cut is looked for in."""

    def value(self, source: Source) -> Any:
        """What was computed; None where nothing was."""

    def gradient(self, source: Source) -> Any:
        """Its gradient; None where none came."""


def find_cut(
    ran: Ran, graph: Graph, registry: Registry, above: set[str], source: Source, put: Container[Source] = ()
) -> Cut | None:
    """What keeps the gradient from `source`, of several cuts the one that is met first on the way to the roots, which
    depend on the nodes `above`. The values `put` in were not computed.

    None where a gradient comes, and where the roots do not depend on the value: then nothing is cut.
    """
    if ran.gradient(source) is not None:
        return None
    seen, waiting = {source}, [source]
    while waiting:
        value = waiting.pop(0)
        for wire in graph.consumers(value.node):
            if wire.source != value or wire.target not in above:
                continue
            reason = _reason(ran, graph, registry, value, wire, put)
            if reason is not None:
                return Cut(wire.target, wire.port, reason)
            op = registry.get(graph.nodes[wire.target].op)
            further = {Source(wire.target, output.name) for output in op.outputs} if op is not None else set()
            waiting += sorted(further - seen)
            seen |= further
    return None


def _reason(
    ran: Ran, graph: Graph, registry: Registry, value: Source, wire: Wire, put: Container[Source]
) -> str | None:
    """Why nothing comes back through `wire`, None where that is decided further on."""
    node = graph.nodes[wire.target]
    op = registry.get(node.op)
    array = ran.value(value)
    if op is None or array is None:
        return None
    outputs = [Source(node.id, op.outputs[i].name) for i in op.visible]
    if all(output in put for output in outputs):
        return PUT_IN
    if why := no_gradient(array.dtype):
        return why
    if op.vjp_rule is None:
        return op.no_gradient or f"{op.name} has no derivative"
    if "detach" in node.flags:
        return "the node is detached"
    if any(ran.gradient(output) is not None for output in outputs):
        return f"{op.name} gives {wire.port} no gradient"
    return None


class Cuts:
    """The cuts of one run, each looked for once."""

    def __init__(self, run: Evaluated, registry: Registry) -> None:
        self._run = run
        self._registry = registry
        self._found: dict[Source, Cut | None] = {}  # filled by several threads: see `Timeline`
        self._stopped: dict[tuple[str, str], str] = {}  # so is this

    def __getitem__(self, source: Source) -> Cut | None:
        """As `find_cut`; where no gradient can start at a root, at the root itself what makes it no float."""
        if source not in self._found:
            self._found[source] = self._find(source)
        return self._found[source]

    def stopped(self, wire: Wire) -> str:
        """Why a wire that delivers none gives no gradient back; "" where nothing stops at it, but further on."""
        port = wire.target, wire.port
        if port not in self._stopped:
            on_the_way = wire.target in self._above and (self._run.gradients.totals or self.of_root is not None)
            self._stopped[port] = (self._reason(wire.source, wire) or "") if on_the_way else ""
        return self._stopped[port]

    @cached_property
    def no_float(self) -> Source | None:
        """A root at which no gradient can start, since it is no float."""
        values = {root: self._run.value(root) for root in self._run.roots}
        return next((root for root, value in values.items() if value is not None and no_gradient(value.dtype)), None)

    @cached_property
    def no_start(self) -> str:
        """`loss is int64, and whole numbers have no gradient`; "" where gradients can start at all roots."""
        root = self.no_float
        if root is None:
            return ""
        dtype = self._run.tensors[root].dtype
        return f"{self._run.asked.graph.path(root.node)} is {dtype}, and {no_gradient(dtype)}"

    @cached_property
    def of_root(self) -> Cut | None:
        """Where on the way to such a root numbers are floats for the last time."""
        if self.no_float is None:
            return None
        run, node = self._run, self.no_float.node
        while True:
            inputs = run.asked.graph.inputs(node)
            taken = {port: (fed, value) for port, fed in inputs.items() if (value := run.value(fed)) is not None}
            for port, (source, value) in taken.items():
                if value.dtype.kind == "f":
                    return Cut(node, port, self._reason(source, Wire(source, node, port)) or "it gives no float")
            before = [source for source, _ in taken.values()]
            if not before:
                return Cut(node, None, "it is given as no float")
            node = before[0].node

    @cached_property
    def _above(self) -> set[str]:
        """The nodes on which the roots depend, themselves included."""
        return self._run.asked.graph.ancestors([root.node for root in self._run.roots])

    def _find(self, source: Source) -> Cut | None:
        run, asked = self._run, self._run.asked
        if run.gradient(source) is None and source == self.no_float:
            return self.of_root
        return find_cut(run, asked.graph, self._registry, self._above, source, asked.put)

    def _reason(self, value: Source, wire: Wire) -> str | None:
        """Why nothing comes back through `wire`, None where that is decided further on."""
        asked = self._run.asked
        return _reason(self._run, asked.graph, self._registry, value, wire, asked.put)
