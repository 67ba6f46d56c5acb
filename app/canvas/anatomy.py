"""What a node or a collapsed group consists of and how large it is; all in scene units from its top left corner."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ...core.graph import GraphView, Group, Node, Source, Wire, boundary
from ...core.graph.elements import natural_key
from ...core.op import Op
from ...core.ops import Registry
from ..editing.shown_ports import kept_ports
from ..editing.wiring import outputs
from ..look.theme import NODE_WIDTH, PADDING, PORT_HEIGHT, ROWS_TOP, VALUE_HEIGHT
from ..search.words import display_name
from .gradient_chip import ASIDE
from .lettering import LABEL, TITLE, width
from .notes import note_size
from .numbered import cells

NODE, BOX, NOTE, FRAME = 1, 2, 3, 4  # a node, a collapsed group, a text, an expanded group
WIDEST = 260
WIDEST_CELLS = 220.0  # as wide as a node becomes for numbers: nodes stand 240 apart, and a wire goes between
SIDE = 11  # between the edge and the texts of a row
GAP = 14  # between two texts in one row
CELL = 28.1, 11.5  # of a few numbers, so that they can be read
BESIDE = 2 * PADDING + ASIDE + 6  # of the width, what is not theirs


class PortRef(NamedTuple):
    """A port of a node, or of a collapsed group: there its name is "node.port" of what is inside."""

    id: str
    name: str
    output: bool


def row_middle(row: int) -> float:
    """The height of the middle of a row of ports."""
    return ROWS_TOP + PORT_HEIGHT * (row + 0.5)


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
    value_top: float = 0.0
    strip: float = VALUE_HEIGHT  # how high the value stands, and its gradient beneath it
    note: str = ""
    value_name: str = "value"  # what is said of the value that is shown: of several outputs, which it is

    @property
    def name_room(self) -> float:
        """How much of the width the name of the value takes, where it is told."""
        return min(width(self.value_name, LABEL) + 7.0, 0.45 * self.width)

    def port_y(self, name: str, output: bool) -> float:
        """The height of a port's middle; that of the first row for one which is not there."""
        return row_middle(self.rows.get((name, output), 0))


class Rows(NamedTuple):
    """What the ports and their labels ask for; the same for most nodes of an op, so found once for all of them."""

    rows: Mapping[tuple[str, bool], int]
    width: float
    value_top: float
    strip: float
    height: float


_rows: dict[tuple[object, ...], Rows] = {}


def rows_of(item: Item, gradients: bool, batch: int = 0) -> Rows:
    """The rows of an item: its ports and their labels tell them, and how long a `batch` is, 0 if it is not known."""
    key = item.inputs, item.outputs, item.input_labels, item.output_labels, gradients, batch
    found = _rows.get(key)
    if found is None:
        if len(_rows) > 20_000:
            _rows.clear()
        found = _rows[key] = _laid_out(item, gradients, batch)
    return found


def _laid_out(item: Item, gradients: bool, batch: int) -> Rows:
    rows = {(name, False): row for row, name in enumerate(item.inputs)} | {
        (name, True): row for row, name in enumerate(item.outputs)
    }
    need, count = 0.0, max(len(item.inputs), len(item.outputs))
    for row in range(count):
        left = width(item.input_labels[row], LABEL) if row < len(item.inputs) else 0.0
        right = width(item.output_labels[row], LABEL) if row < len(item.outputs) else 0.0
        need = max(need, left + right + 2 * SIDE + (GAP if left and right else 0))
    value_top = ROWS_TOP + PORT_HEIGHT * max(count, 1) + 2
    if not item.outputs:
        return Rows(rows, need, value_top, VALUE_HEIGHT, value_top + PADDING)
    down, across = cells(item.output_labels[0], batch)
    strip = max(VALUE_HEIGHT, down * CELL[1] + 6)
    if across:
        beside = BESIDE + (item.name_room if len(item.outputs) > 1 else 0.0)
        need = max(need, min(across * CELL[0] + beside, WIDEST_CELLS))
    return Rows(rows, need, value_top, strip, value_top + PADDING + strip * (2 if gradients else 1))


def measured(item: Item, gradients: bool, batch: int = 0) -> Item:
    """The item with rows, width and height. The width grows where the name or a shape would be cut."""
    item.rows, need, item.value_top, item.strip, item.height = rows_of(item, gradients, batch)
    need = max(need, width(item.name, TITLE) + GAP + width(item.op, LABEL) + 2 * PADDING + 8)
    item.width = min(max(NODE_WIDTH, -(-need // 2) * 2), WIDEST)
    return item


def _output_label(name: str, shape: str) -> str:
    """Where there are several outputs, each has its name too."""
    return f"{name}  {shape}".strip()


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


def ports_of(
    graph: GraphView, group: str, moved: Mapping[str, tuple[float, float]] | None = None
) -> tuple[list[Wire], list[Wire]]:
    """The wires that enter and leave a group, in the order of what they join outside from top to bottom.

    So few of them cross. An output stands as high as the middle of all that read it. Nodes that are about to be
    `moved` count where they will be.
    """
    entering, leaving = boundary(graph, group)
    ends = {id for wire in entering + leaving for id in (wire.source.node, wire.target)}
    places = {id: (moved or {}).get(id, graph.nodes[id].position) for id in ends}
    read: dict[Source, list[tuple[float, float]]] = defaultdict(list)
    for wire in leaving:
        read[wire.source].append(places[wire.target][::-1])
    # Sorting keeps the canonical order of those that stand alike.
    entering.sort(key=lambda wire: places[wire.source.node][::-1])
    middles = {source: (sum(y for y, _ in found) / len(found), min(found)) for source, found in read.items()}
    leaving.sort(key=lambda wire: middles[wire.source])
    return entering, leaving


def open_ports(graph: GraphView, registry: Registry, group: str) -> list[tuple[str, str]]:
    """The ports within a group that need a wire and have none, from top to bottom: (node, port)."""
    found = []
    for id in sorted(graph.interior(group)[0], key=lambda id: (graph.nodes[id].position[::-1], id)):
        op = registry.get(graph.nodes[id].op)
        if op is None:
            continue
        fed = graph.inputs(id)
        needed = [port.name for port in op.ports[: len(op.ports) - op.grows] if not (port.optional or port.hidden)]
        if op.grows and not fed:
            needed.append(f"{op.ports[-1].name}0")
        found += [(id, port) for port in needed if port not in fed]
    return found


def ends_of_group(graph: GraphView, registry: Registry, group: str) -> tuple[list[tuple[str, str]], list[Source]]:
    """The ports of a group's box: (node, port) of what takes values, and what it gives.

    First those that wires cross, then those that it keeps since it was saved as a layer, then what waits for a wire
    within, and what nothing reads.
    """
    entering, leaving = ports_of(graph, group)
    kept, kept_outputs = kept_ports(graph, registry, group)
    inputs = [(wire.target, wire.port) for wire in entering]
    inputs = list(dict.fromkeys([*inputs, *kept, *open_ports(graph, registry, group)]))
    given = dict.fromkeys([*(wire.source for wire in leaving), *kept_outputs])
    unread = set(outputs(graph, registry, group)).difference(given)
    return inputs, [
        *given,
        *sorted(unread, key=lambda source: (graph.nodes[source.node].position[::-1], source)),
    ]


class Anatomist:
    """Makes items of a graph. What depends on the op alone is found once for each."""

    def __init__(self, registry: Registry, shape: Callable[[Source], str], gradients: bool, batch: int = 0) -> None:
        self._registry = registry
        self._shape = shape
        self.gradients = gradients
        self.batch = batch  # how long one is, 0 if that is not known
        self._plain: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._words: dict[str, tuple[Op | None, str, str]] = {}  # of each op its name in words and its category

    def _ports(self, graph: GraphView, node: Node, op: Op | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
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

    def of(self, graph: GraphView, id: str) -> Item:
        """A node or group as it is shown."""
        node = graph.nodes.get(id)
        return self.node(graph, node) if node is not None else self.group(graph, graph.groups[id])

    def node(self, graph: GraphView, node: Node) -> Item:
        """A node as it is shown."""
        op, words, category = self._words.get(node.op) or self._look_up(node.op)
        inputs, outputs = self._ports(graph, node, op)
        if len(outputs) == 1:
            sources: tuple[Source, ...] = (Source(node.id, outputs[0]),)
            labels: tuple[str, ...] = (self._shape(sources[0]),)
        else:
            sources = tuple([Source(node.id, name) for name in outputs])
            labels = tuple([_output_label(source.output, self._shape(source)) for source in sources])
        unknown = op is None
        item = Item(
            node.id, NODE, node.name, words, category, inputs, outputs, inputs, labels, sources, node.flags, unknown
        )
        if len(outputs) > 1:
            item.value_name = outputs[0]
        return measured(item, self.gradients, self.batch)

    def _look_up(self, name: str) -> tuple[Op | None, str, str]:
        op = self._registry.get(name)
        found = self._words[name] = op, display_name(name), op.category if op is not None else ""
        return found

    def group(self, graph: GraphView, group: Group) -> Item:
        """A group: its frame, or where it is collapsed its box, with a port for each wire that crosses it.

        What nothing reads, as the result of a whole graph, has a port too: else nobody would see it. So has what
        waits for a wire within, which can be dropped there.
        """
        op = display_name(group.built_by.layer) if group.built_by is not None else "Group"
        category = "linear" if group.built_by is not None else "flow"
        if graph.is_note(group.id):
            wide, high = note_size(group.note or "")
            return Item(group.id, NOTE, group.name, "Note", "source", width=wide, height=high, note=group.note or "")
        if not group.collapsed:
            return Item(group.id, FRAME, group.name, op, category)
        inputs, given = ends_of_group(graph, self._registry, group.id)
        ports = Counter(port for _, port in inputs)  # the name of one that is the only one of its name is enough
        sources = tuple(given)
        labels = tuple(_output_label(graph.nodes[source.node].name, self._shape(source)) for source in sources)
        item = Item(
            group.id,
            BOX,
            group.name,
            op,
            category,
            tuple(f"{node}.{port}" for node, port in inputs),
            tuple(f"{source.node}.{source.output}" for source in sources),
            tuple(port if ports[port] == 1 else f"{graph.nodes[node].name}.{port}" for node, port in inputs),
            labels if len(labels) > 1 else tuple(map(self._shape, sources)),
            sources,
            value_name=graph.nodes[sources[0].node].name if len(sources) > 1 else "value",
        )
        return measured(item, self.gradients, self.batch)
