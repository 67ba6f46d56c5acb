"""Which wires of the graph a scene shows, and between which ports of what it shows."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.graph import Graph, Wire, boundary
from ...core.graph.elements import Places
from ..look.theme import NODE_WIDTH
from .anatomy import BOX, PortRef, row_middle
from .faces import Faces
from .items import ItemTable
from .places import Stub
from .seen import Seen
from .wiring import End, WireTable


class Joiner:
    """Fills a table of wires from the graph: all at once, or wire by wire."""

    def __init__(self, editor: Seen, faces: Faces, items: ItemTable, wires: WireTable) -> None:
        self._editor = editor
        self._faces = faces
        self._items = items
        self._wires = wires
        self.stubs: list[Stub] = []

    @property
    def _graph(self) -> Graph:
        return self._editor.graph

    def join_all(self) -> None:
        """Show all wires anew."""
        wires, ends = [], []
        graph = self._graph
        for target in graph.nodes:
            for port, source in graph.inputs(target).items():
                wire = Wire(source, target, port)
                end = self._end(wire)
                if end is not None:
                    wires.append(wire)
                    ends.append(end)
        self._wires.fill(wires, ends)
        bent = [wire for wire in graph.bends if wire in self._wires.slots]
        self._wires.bend({self._wires.slots[wire]: self._bends(*wire) for wire in bent})
        self.find_stubs()

    def join(self, ports: Iterable[tuple[str, str]]) -> None:
        """Show the wires into these ports, by target and port, as they are now; where there are none any more, none."""
        graph = self._graph
        ports = tuple(ports)
        self._wires.remove_all(ports)
        wires, ends, bends = [], [], []
        for target, port in ports:
            source = graph.fed(target, port) if target in graph.nodes else None
            wire = None if source is None else Wire(source, target, port)
            end = None if wire is None else self._end(wire)
            if wire is not None and end is not None:
                wires.append(wire)
                ends.append(end)
                bends.append(self._bends(target, port))
        self._wires.put_all(wires, ends, bends)

    def refit(self, slot: int) -> None:
        """The item of this slot has other ports or another size: its wires follow."""
        wires = self._wires.touching([slot])
        for each in wires.tolist():
            end = self._end(self._wires.at(each))
            if end is not None:
                self._wires.set_heights(each, *end[2:])
            if self._items.kinds[slot] == BOX:
                self._wires.bends.put(each, self._bends(*self._wires.at(each)[1:]))
        self._wires.follow(wires)

    def find_stubs(self) -> None:
        """Find the wires that lead out of the group that is entered, or into it."""
        self.stubs = []
        entered = self._editor.group
        if entered is None:
            return
        for wires, output in zip(boundary(self._graph, entered), (False, True), strict=True):
            for wire in wires:
                inner = PortRef(*wire.source, True) if output else PortRef(wire.target, wire.port, False)
                outer = wire.target if output else wire.source.node
                self.stubs.append(Stub(self.shown(inner), self._graph.path(outer)))

    def shown(self, port: PortRef) -> PortRef:
        """The port that stands for a node's here: its own, or that of the collapsed group around it."""
        face = self._faces.of(port.id)
        return port if face is None or face == port.id else PortRef(face, f"{port.id}.{port.name}", port.output)

    def _end(self, wire: Wire) -> End | None:
        """None where a wire is hidden."""
        slots, items = self._items.slots, self._items.items
        first, last = slots.get(wire.source.node), slots.get(wire.target)
        if first is not None and last is not None:  # both stand for themselves, as nearly all do
            # Reads rows here: a large graph is made anew in a hundred milliseconds, or in three.
            up, down = items[first].rows, items[last].rows  # type: ignore[union-attr]  # both are in use
            rise, fall = up.get((wire.source.output, True), 0), down.get((wire.port, False), 0)
            return first, last, row_middle(rise), row_middle(fall)
        source, target = self._faces.of(wire.source.node), self._faces.of(wire.target)
        if source is None or target is None or source == target:
            return None
        first, last = slots[source], slots[target]
        start = self._height(first, self.shown(PortRef(*wire.source, True)))
        return first, last, start, self._height(last, self.shown(PortRef(wire.target, wire.port, False)))

    def _height(self, slot: int, port: PortRef) -> float:
        return self._items.at(slot).port_y(port.name, port.output)

    def _bends(self, target: str, port: str) -> Places:
        """The dots of a wire; of one into or out of a collapsed group none where one lies beyond its near edge.

        Those were put there while the group was expanded, and lead to what it hides.
        """
        points = self._graph.bends.get((target, port), ())
        source = self._graph.fed(target, port) if points else None
        if source is None:
            return points
        first, last = self._faces.of(source.node), self._faces.of(target)
        low = high = None
        if first is not None and first != source.node:
            low = self._items.boxes[self._items.slots[first], 0] + NODE_WIDTH  # it grows with what is written there
        if last is not None and last != target:
            high = self._items.boxes[self._items.slots[last], 0]
        beside = all((low is None or x >= low) and (high is None or x <= high) for x, _ in points)
        return points if beside else ()
