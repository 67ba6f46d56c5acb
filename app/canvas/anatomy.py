"""What a node or a collapsed group consists of and how large it is; all in scene units from its top left corner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ...core.graph import Graph, Group, Node, Source, boundary
from ...core.graph.elements import natural_key
from ...core.op import Op
from ...core.ops import Registry
from ..theme import GRADIENT_HEIGHT, NODE_WIDTH, PADDING, PORT_HEIGHT, TITLE_HEIGHT, VALUE_HEIGHT
from ..words import display_name
from .lettering import LABEL, TITLE, width

NODE, BOX, FRAME = 1, 2, 3  # a node, a collapsed group, an expanded group
WIDEST = 260
ROWS_TOP = TITLE_HEIGHT + 4
SIDE = 11  # between the edge and the texts of a row
GAP = 14  # between two texts in one row


class PortRef(NamedTuple):
    """A port of a node, or of a collapsed group: there its name is "node.port" of what is inside."""

    id: str
    name: str
    output: bool


@dataclass(slots=True)
class Item:
    """One thing that is shown."""

    id: str
    kind: int
    name: str
    op: str  # in words; of a group, the layer that built it
    category: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    input_labels: tuple[str, ...] = ()
    output_labels: tuple[str, ...] = ()  # name, where there are several, and shape
    sources: tuple[Source, ...] = ()  # what is shown at each output
    flags: frozenset[str] = frozenset()
    unknown: bool = False  # a placeholder: its op is not known here
    width: float = NODE_WIDTH
    height: float = 0.0
    rows: Mapping[tuple[str, bool], int] = field(default_factory=dict)

    def port_y(self, name: str, output: bool) -> float:
        """The height of a port's middle; that of the first row for one which is not there."""
        return ROWS_TOP + PORT_HEIGHT * (self.rows.get((name, output), 0) + 0.5)

    @property
    def value_top(self) -> float:
        return ROWS_TOP + PORT_HEIGHT * max(len(self.inputs), len(self.outputs), 1) + 2

    def measure(self, gradients: bool) -> None:
        """Find rows, width and height. The width grows where the name or a shape would be cut."""
        self.rows = {(name, False): row for row, name in enumerate(self.inputs)} | {
            (name, True): row for row, name in enumerate(self.outputs)
        }
        need = width(self.name, TITLE) + GAP + width(self.op, LABEL) + 2 * PADDING + 8
        for row in range(max(len(self.inputs), len(self.outputs))):
            left = width(self.input_labels[row], LABEL) if row < len(self.inputs) else 0.0
            right = width(self.output_labels[row], LABEL) if row < len(self.outputs) else 0.0
            need = max(need, left + right + 2 * SIDE + (GAP if left and right else 0))
        self.width = min(max(NODE_WIDTH, -(-need // 2) * 2), WIDEST)
        self.height = self.value_top + PADDING
        if self.outputs:
            self.height += VALUE_HEIGHT + (GRADIENT_HEIGHT if gradients else 0)


def _output_label(name: str, shape: str, several: bool) -> str:
    return f"{name}  {shape}".strip() if several else shape


def input_names(op: Op, fed: Mapping[str, object]) -> tuple[str, ...]:
    """The ports of a node with this op: of a port that grows, those with a wire and one more."""
    fixed = op.port_names(len(op.ports) - op.grows)
    names = [name for name in fixed if op.has_port(name)]
    if op.grows:
        stem = op.ports[-1].name
        taken = sorted(int(name[len(stem) :]) for name in fed if name not in op.positions)
        free = next(number for number, _ in enumerate([*taken, 0]) if number not in taken)
        names += [f"{stem}{number}" for number in sorted([*taken, free])]
    return tuple(names)


class Anatomist:
    """Makes items of a graph. What depends on the op alone is found once for each."""

    def __init__(self, registry: Registry, shape: Callable[[Source], str], gradients: bool) -> None:
        self._registry = registry
        self._shape = shape
        self.gradients = gradients
        self._plain: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def _ports(self, graph: Graph, node: Node, op: Op | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if op is None:
            fed = sorted(graph.inputs(node.id), key=natural_key)
            return tuple(fed), tuple(sorted({wire.source.output for wire in graph.consumers(node.id)}))
        known = self._plain.get(op.name)
        if known is None:
            outputs = tuple(op.outputs[i].name for i in op.visible)
            known = (() if op.grows else input_names(op, {})), outputs
            self._plain[op.name] = known
        if op.grows:
            return input_names(op, graph.inputs(node.id)), known[1]
        return known

    def node(self, graph: Graph, node: Node) -> Item:
        """A node as it is shown."""
        op = self._registry.get(node.op)
        inputs, outputs = self._ports(graph, node, op)
        sources = tuple(Source(node.id, name) for name in outputs)
        several = len(outputs) > 1
        item = Item(
            node.id,
            NODE,
            node.name,
            display_name(node.op),
            op.category if op is not None else "",
            inputs,
            outputs,
            inputs,
            tuple(_output_label(source.output, self._shape(source), several) for source in sources),
            sources,
            node.flags,
            op is None,
        )
        item.measure(self.gradients)
        return item

    def group(self, graph: Graph, group: Group) -> Item:
        """A group: its frame, or where it is collapsed its box, with a port for each wire that crosses it."""
        op = display_name(group.built_by.layer) if group.built_by is not None else "Group"
        category = "linear" if group.built_by is not None else "flow"
        if not group.collapsed:
            return Item(group.id, FRAME, group.name, op, category)
        entering, leaving = boundary(graph, group.id)
        inputs = [(wire.target, wire.port) for wire in entering]
        sources = tuple(dict.fromkeys(wire.source for wire in leaving))
        several = len(sources) > 1
        item = Item(
            group.id,
            BOX,
            group.name,
            op,
            category,
            tuple(f"{node}.{port}" for node, port in inputs),
            tuple(f"{source.node}.{source.output}" for source in sources),
            tuple(f"{graph.nodes[node].name}.{port}" for node, port in inputs),
            tuple(_output_label(graph.nodes[source.node].name, self._shape(source), several) for source in sources),
            sources,
        )
        item.measure(self.gradients)
        return item
