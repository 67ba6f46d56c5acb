"""Which wires of the graph a scene shows, and between which ports of what it shows."""

from __future__ import annotations

from ...core.graph import Graph, Wire, boundary
from ...core.graph.elements import Places
from .anatomy import PortRef, row_middle
from .faces import Faces
from .items import ItemTable
from .places import Stub
from .seen import Seen
from .wiring import WireTable

End = tuple[int, int, float, float]  # slots of the items at both ends of a wire, and how high it ends at each


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
        graph, slots, items = self._graph, self._items.slots, self._items.items
        for target in graph.nodes:
            last = slots.get(target)
            for port, source in graph.inputs(target).items():
                wire = Wire(source, target, port)
                first = slots.get(source.node)
                if first is not None and last is not None:  # both stand for themselves
                    # Reads rows here: a large graph is made anew in a hundred milliseconds, or in three.
                    up, down = items[first].rows, items[last].rows  # type: ignore[union-attr]  # both are in use
                    rise, fall = up.get((source.output, True), 0), down.get((port, False), 0)
                    end: End | None = (first, last, row_middle(rise), row_middle(fall))
                else:
                    end = self._end(wire)
                if end is not None:
                    wires.append(wire)
                    ends.append(end)
        self._wires.fill(wires, ends)
        bent = [wire for wire in graph.bends if wire in self._wires.slots]
        self._wires.bend({self._wires.slots[wire]: self._bends(*wire) for wire in bent})
        self.find_stubs()

    def join(self, target: str, port: str) -> None:
        """Show the wire into a port as it is now, if there is one."""
        self._wires.remove(target, port)
        source = self._graph.fed(target, port) if target in self._graph.nodes else None
        end = self._end(Wire(source, target, port)) if source is not None else None
        if source is not None and end is not None:
            self._wires.put(Wire(source, target, port), end, self._bends(target, port))

    def refit(self, slot: int) -> None:
        """The item of this slot has other ports or another size: its wires follow."""
        wires = self._wires.touching([slot])
        for each in wires.tolist():
            end = self._end(self._wires.at(each))
            if end is not None:
                self._wires.set_heights(each, *end[2:])
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
        source, target = self._faces.of(wire.source.node), self._faces.of(wire.target)
        if source is None or target is None or source == target:
            return None
        first, last = self._items.slots[source], self._items.slots[target]
        start = self._height(first, self.shown(PortRef(*wire.source, True)))
        return first, last, start, self._height(last, self.shown(PortRef(wire.target, wire.port, False)))

    def _height(self, slot: int, port: PortRef) -> float:
        return self._items.at(slot).port_y(port.name, port.output)

    def _bends(self, target: str, port: str) -> Places:
        """The dots of a wire; none where an end is in a collapsed group: they lead to what it hides."""
        source, face = self._graph.fed(target, port), self._faces.of
        whole = source is not None and face(target) == target and face(source.node) == source.node
        return self._graph.bends.get((target, port), ()) if whole else ()
