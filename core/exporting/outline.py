"""What of a graph is to be written, in order and with names: the same for every language.

Arguments are what comes from outside (inputs, rows of a dataset, values from beyond a selection), parameters what
training changes, items the ops in the order in which they run, outputs what nothing within consumes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..check import Checked, check
from ..document.written import writers
from ..feeding import describer
from ..graph import Graph, Group, Node, Source
from ..infer import Binding, arrange, bypassed, in_order
from ..lower import Lowering
from ..op import Aval, Op
from ..ops import Registry
from ..parameters import BATCH
from ..program import resolved
from ..promotion import promoted_avals
from .identifiers import Names

FED = ("input", "dataset")


@dataclass(frozen=True)
class Argument:
    """A value that the function is given: its shape, with what was done to it. `rows` says that its first axis is the
    batch.
    """

    name: str
    source: Source
    shape: str
    rows: bool = False


@dataclass(frozen=True)
class Weight:
    """A parameter of the graph: its settings with "float" bound to the document's dtype."""

    name: str
    node: Node
    params: Mapping[str, Any]
    shape: str
    trained: bool


@dataclass(frozen=True)
class Item:
    """One op, or why it cannot be written.

    `args` are names (None: an open optional port), `passed` the name that a bypassed node passes on, `ins` what the
    arguments are before and `wanted` what they are after promotion. `kept` are the names of those hidden outputs that
    a parameter holds from the next iteration on.
    """

    node: Node
    op: Op | None
    names: tuple[str, ...] = ()
    args: tuple[str | None, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    ins: tuple[Aval | None, ...] = ()
    wanted: tuple[Aval | None, ...] = ()
    outs: tuple[Aval, ...] = ()
    shape: str = ""
    passed: str | None = None
    problem: str | None = None
    frame: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)


class Written:
    """What is to be written, as it is asked for while text is made of it."""

    graph: Graph
    registry: Registry
    folder: Path | None
    chosen: set[str]
    arguments: list[Argument]
    weights: list[Weight]
    items: list[Item]
    values: dict[Source, str]
    fetch: tuple[Source, ...]

    @property
    def batch(self) -> str | None:
        """The first argument that has the batch as its first axis."""
        return next((argument.name for argument in self.arguments if argument.rows), None)

    def uses(self, *ops: str) -> bool:
        """Whether one of these ops is written."""
        return any(item.node.op in ops and item.passed is None for item in self.items)

    @property
    def ops(self) -> list[Op]:
        """The ops that are written, one for each node."""
        return [item.op for item in self.items if item.op is not None and item.passed is None]

    @property
    def by_mode(self) -> bool:
        """Whether an op is written that computes otherwise in training than in evaluation."""
        return any(op.takes_mode for op in self.ops)

    @property
    def outputs(self) -> list[str]:
        """The names of what is fetched; else of what nothing within consumes or something outside does, and loss."""
        if self.fetch:
            return list(dict.fromkeys(self.values[source] for source in self.fetch if source in self.values))
        found: dict[str, None] = {}
        loss = self.graph.training.loss if self.graph.training is not None else None
        for item in self.items:
            if item.op is None or not item.names or item.op.category == "source":
                continue
            wires = self.graph.consumers(item.node.id)
            for index, name in zip(item.op.visible, item.names, strict=True):
                targets = [wire.target for wire in wires if wire.source.output == item.op.outputs[index].name]
                if not targets or any(t not in self.chosen for t in targets) or item.node.id == loss:
                    found[name] = None
        return list(found)

    @property
    def loss(self) -> str | None:
        """The name of what training makes small, None where it is not among what is written."""
        training = self.graph.training
        if training is None:
            return None
        return next((item.names[0] for item in self.items if item.node.id == training.loss and item.names), None)


class Outline(Written):
    """A graph, or the nodes and groups `ids` of it, as what is to be written; of `fetch`, as Session.run has it, what
    its values are made of. `reserved` names are not given.
    """

    def __init__(
        self,
        graph: Graph,
        registry: Registry,
        ids: Iterable[str] | None,
        folder: Path | None,
        reserved: Iterable[str],
        attributes: Iterable[str] = (),
        fetch: str | Sequence[str] = (),
    ) -> None:
        self.graph = graph
        self.registry = registry
        self.folder = folder
        self.fetch = tuple(resolved(graph, registry, fetch).values())
        self.whole = ids is None and not fetch
        self.chosen = set(graph.nodes) if ids is None else within(graph, ids)
        called = Counter(graph.nodes[id].name for id in self.chosen)  # a weight has one name whatever is fetched
        if self.fetch:
            self.chosen &= Lowering(graph, registry, Binding()).needed(self.fetch)
        self.found = check(graph, registry, describer(folder, graph.dtype))
        self.problems = _first_problems(self.found)
        self.arguments: list[Argument] = []
        self.weights: list[Weight] = []
        self.items: list[Item] = []
        self.values: dict[Source, str] = {}
        self.assigned: dict[str, str] = {}  # the name of a parameter → that of its next value, an output of a node
        self.kept: dict[str, str] = {}  # the same of those that a node keeps beside its outputs, as statistics
        self._written: Mapping[str, Source] = {}  # by parameter, by its id, what it holds next
        self._names = Names({*reserved, BATCH})
        self._attributes = frozenset(attributes)
        self._called = called  # those of one name bear their group's too
        self._read()

    # Reading the graph.

    def _read(self) -> None:
        order = [id for id in in_order(self.graph) if id in self.chosen]
        self._written = writers(self.graph, self.registry, order)
        for id in order:
            node = self.graph.nodes[id]
            if node.op in FED and id not in self.problems:
                self._fed(node)
        for id in order:
            for source in self.graph.inputs(id).values():
                if source.node not in self.chosen and source not in self.values:
                    self._argument(source)
        for id in order:
            if self.graph.nodes[id].op == "parameter" and id not in self.problems:
                self._weight(self.graph.nodes[id], id not in self._written)
        for id in order:
            node = self.graph.nodes[id]
            if id in self.problems:
                self.items.append(Item(node, self.registry.get(node.op), problem=self.problems[id]))
            elif node.op not in (*FED, "parameter"):
                self._item(node)
        for target, source in self._written.items():
            held, following = self.values.get(Source(target, "y")), self.values.get(source)
            if held is not None and following is not None:
                self.assigned[held] = following

    def _fed(self, node: Node) -> None:
        op = self.registry[node.op]
        for i in op.visible:
            source = Source(node.id, op.outputs[i].name)
            if node.op != "dataset" or source in self.fetch or _is_read(self, source):
                self._argument(source)

    def _argument(self, source: Source) -> None:
        shape = self.found.shapes.get(source, "")
        name = self._name(source)
        told = shape + _standardised(self.graph.nodes[source.node], source.output)
        self.arguments.append(Argument(name, source, told, shape.startswith((f"({BATCH},", f"({BATCH})"))))
        self.values[source] = name

    def _weight(self, node: Node, free: bool) -> None:
        source = Source(node.id, "y")
        name = self._name(source, self._attributes)
        trained = free and node.flags.isdisjoint({"freeze", "detach"})
        self.weights.append(Weight(name, node, _params(self, node), self.found.shapes.get(source, ""), trained))
        self.values[source] = name

    def _name(self, source: Source, also: Iterable[str] = ()) -> str:
        """The node's name, of several outputs with the output; where it is taken, with the groups around it."""
        node = self.graph.nodes[source.node]
        op = self.registry.get(node.op)
        parts = self.graph.path(node.id).split("/")
        several = op is not None and len(op.visible) > 1
        if several:
            parts.append(source.output)
        least = min(len(parts), 1 + several + (self._called[node.name] > 1))
        longer = ["_".join(parts[-count:]) for count in range(least, len(parts) + 1)]
        return self._names.new(*longer, otherwise=node.op, also=also)

    def _item(self, node: Node) -> None:
        op = self.registry[node.op]
        outputs = [Source(node.id, output.name) for output in op.outputs]
        if any(source not in self.found.avals for source in outputs):
            self.items.append(Item(node, op, problem="what feeds it has a problem"))
            return
        if op.name == "shared":
            self._shared(node, outputs[0])
            return
        fed = arrange(op, self.graph.inputs(node.id))
        pairs = [(source, port) for port, source in zip(_each_port(op, len(fed)), fed, strict=True) if not port.hidden]
        ins = [None if source is None else self.found.avals[source] for source in fed]
        wanted = promoted_avals(op, ins)
        shown = [i for i, port in enumerate(_each_port(op, len(fed))) if not port.hidden]
        passed = None
        if "bypass" in node.flags:
            passed = self.values[bypassed(self.graph, node, op, self.found.avals, self.found.avals[outputs[0]])]
        names = tuple(self._name(outputs[i]) for i in op.visible)
        self.items.append(
            Item(
                node,
                op,
                names,
                tuple(None if source is None else self.values.get(source, "None") for source, _ in pairs),
                _params(self, node),
                tuple(ins[i] for i in shown),
                tuple(wanted[i] for i in shown),
                tuple(self.found.avals[source] for source in outputs),
                ", ".join(self.found.shapes.get(outputs[i], "") for i in op.visible),
                passed,
                frame="" if node.group is None else self.graph.path(node.group),
                kept=self._kept(node, op),
            )
        )
        self.values.update((outputs[i], name) for i, name in zip(op.visible, names, strict=True))

    def _shared(self, node: Node, output: Source) -> None:
        """A second place for a parameter is the parameter itself, or an argument where that lies outside."""
        of = Source(str(node.params["of"]), "y")
        if of not in self.values:
            self._argument(of)
        self.values[output] = self.values[of]

    def _kept(self, node: Node, op: Op) -> dict[str, str]:
        """By hidden output that a parameter holds from the next iteration on the name of that value."""
        hidden = {output.name for output in op.outputs if output.hidden}
        found = {}
        for target, source in self._written.items():
            held = self.values.get(Source(target, "y"))
            if source.node == node.id and source.output in hidden and held is not None:
                self.kept[held] = found[source.output] = self._names.new(f"next_{held}", otherwise="next")
        return found


def _standardised(node: Node, output: str) -> str:
    """What a dataset node does to its samples, which a prediction must be given likewise."""
    if node.op == "dataset" and output == "x" and node.params.get("standardise"):
        return ", less the mean of the training rows, divided by their deviation"
    return ""


def _is_read(written: Written, source: Source) -> bool:
    """Whether a node reads a value: where some are fetched, one that is written."""
    wires = [wire for wire in written.graph.consumers(source.node) if wire.source == source]
    return any(not written.fetch or wire.target in written.chosen for wire in wires)


def _params(written: Written, node: Node) -> dict[str, Any]:
    """The node's parameters, complete; "float" is the document's dtype, and "N" stays."""
    op = written.registry[node.op]
    params = op.check_parameters(node.params)
    for name, role in op.roles.items():
        if role == "dtype" and params[name] == "float":
            params[name] = written.graph.dtype
    return params


def within(graph: Graph, ids: Iterable[str]) -> set[str]:
    """The nodes among `ids`, and those at any depth in the groups among them."""
    found: set[str] = set()
    for id in ids:
        found.update(graph.interior(id)[0] if isinstance(graph.item(id), Group) else (id,))
    return found


def _each_port(op: Op, count: int) -> list[Any]:
    """The declared port of each of `count` arguments."""
    return [op.ports[min(i, len(op.ports) - 1)] for i in range(count)]


def _first_problems(found: Checked) -> dict[str, str]:
    """The first problem, in words, of each node that has no value for it: a loss of the wrong shape still has one."""
    first: dict[str, str] = {}
    computed = {source.node for source in found.avals}
    for problem in found.problems:
        if problem.node is not None and problem.node not in computed:
            where = f"{problem.port}: " if problem.port else ""
            first.setdefault(problem.node, where + problem.message)
    return first
