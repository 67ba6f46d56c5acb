"""What is shown of a document: it follows every change, and only what changed is made anew.

The scene holds ids and arrays, never elements of the graph. It shows the inside of the group that is entered; a
collapsed group stands as one box for all that lies in it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...core.collector import paused
from ...core.document import Change
from ...core.graph import Source, Wire, boundary
from ...core.graph.elements import Places
from ..editor import Editor
from .anatomy import Anatomist, PortRef, row_middle
from .dragging import Dragging
from .faces import Showing
from .following import Follower
from .items import ItemTable
from .places import Hit, Place, Stub
from .wiring import WireTable

__all__ = ["Hit", "Place", "PortRef", "Scene", "Stub"]


class Scene(Showing, Dragging):
    """The items and wires that are shown, in scene units."""

    def __init__(self, editor: Editor, gradients: bool = True) -> None:
        self.editor = editor
        self.items = ItemTable()
        self.wires = WireTable(self.items)
        self.stubs: list[Stub] = []
        self.geometry = 0  # grows whenever something is elsewhere
        self.bad_wires: np.ndarray | None = None  # of each wire whether it leads to a port with a problem
        self._home: dict[int, tuple[float, float]] = {}  # of what is displaced
        self._faces: dict[str | None, str | None] = {}
        self._shapes: Mapping[Source, str] = editor.shapes
        self.anatomist = Anatomist(editor.document.registry, self._shape, gradients)
        self._follower = Follower(self)
        self.rebuild()

    def _shape(self, source: Source) -> str:
        return self._shapes.get(source, "")

    @property
    def visible(self) -> set[str]:
        """The ids of the nodes and groups that are shown."""
        return set(self.items.slots)

    # Following the document.

    def rebuild(self) -> None:
        """Make everything anew."""
        with paused():  # a collection in the middle takes longer than the rest
            self._rebuild()
        self.geometry += 1

    def _rebuild(self) -> None:
        graph = self.graph
        self._faces, self._home, self.bad_wires = {}, {}, None
        self.anatomist = Anatomist(self.editor.document.registry, self._shape, self.anatomist.gradients)
        self._shapes = self.editor.shapes
        groups = sorted((len(graph.chain(id)), id) for id in graph.groups if self.face(id) == id)
        nodes = [node for node in graph.nodes.values() if self.face(node.id) == node.id]
        items = [self.anatomist.group(graph, graph.groups[id]) for _, id in groups]
        items += [self.anatomist.node(graph, node) for node in nodes]
        places = [graph.groups[id].position for _, id in groups] + [node.position for node in nodes]
        self.items.fill(items, places, [self.parent(item.id) for item in items])
        self._rewire()

    def _rewire(self) -> None:
        wires, ends = [], []
        graph, slots, items = self.graph, self.items.slots, self.items.items
        for target in graph.nodes:
            last = slots.get(target)
            for port, source in graph.inputs(target).items():
                wire = Wire(source, target, port)
                first = slots.get(source.node)
                if first is not None and last is not None:  # both stand for themselves
                    # Reads rows here: a large graph is made anew in a hundred milliseconds, or in three.
                    up, down = items[first].rows, items[last].rows  # type: ignore[union-attr]
                    rise, fall = up.get((source.output, True), 0), down.get((port, False), 0)
                    end = first, last, row_middle(rise), row_middle(fall)
                else:
                    end = self.wire_end(wire)
                    if end is None:
                        continue
                wires.append(wire)
                ends.append(end)
        self.wires.fill(wires, ends)
        bent = [wire for wire in graph.bends if wire in self.wires.slots]
        self.wires.bend({self.wires.slots[wire]: self.bends(*wire) for wire in bent})
        self.find_stubs()

    def find_stubs(self) -> None:
        """Find the wires that lead out of the group that is entered, or into it."""
        self.stubs = []
        entered = self.editor.group
        if entered is None:
            return
        for wires, output in zip(boundary(self.graph, entered), (False, True), strict=True):
            for wire in wires:
                inner = PortRef(*wire.source, True) if output else PortRef(wire.target, wire.port, False)
                outer = wire.target if output else wire.source.node
                face = self.face(inner.id)
                assert face is not None
                self.stubs.append(Stub(self._shown(face, inner), self.graph.path(outer)))

    def wire_end(self, wire: Wire) -> tuple[int, int, float, float] | None:
        """Slots and heights of the ends of a wire; None where it is hidden."""
        source, target = self.face(wire.source.node), self.face(wire.target)
        if source is not None and target is not None and source != target:
            first, last = self.items.slots[source], self.items.slots[target]
            start = self._height(first, self._shown(source, PortRef(*wire.source, True)))
            return first, last, start, self._height(last, self._shown(target, PortRef(wire.target, wire.port, False)))
        return None

    def bends(self, target: str, port: str) -> Places:
        """The dots of the wire into a port; none where an end is in a collapsed group: they lead to what it hides."""
        source = self.graph.fed(target, port)
        whole = source is not None and self.face(target) == target and self.face(source.node) == source.node
        return self.graph.bends.get((target, port), ()) if whole else ()

    def _height(self, slot: int, port: PortRef) -> float:
        item = self.items.items[slot]
        assert item is not None
        return item.port_y(port.name, port.output)

    @staticmethod
    def _shown(face: str, port: PortRef) -> PortRef:
        return port if face == port.id else PortRef(face, f"{port.id}.{port.name}", port.output)

    def mark(self, bad: set[tuple[str, str]]) -> None:
        """Say which (node, port) have a problem: the wires into them are drawn so."""
        slots = [self.wires.slots[port] for port in bad if port in self.wires.slots]
        self.bad_wires = None
        if slots:
            self.bad_wires = np.zeros(len(self.wires.items), bool)
            self.bad_wires[slots] = True

    def follow(self, change: Change) -> None:
        """Show what a change has done."""
        self.settle()
        self.bad_wires = None  # until the graph as it is now has been checked
        self._faces = {}
        self._follower.follow(change)
        self.geometry += 1

    def take_shapes(self) -> None:
        """Show the shapes that the check has found."""
        old, self._shapes = self._shapes, self.editor.shapes
        changed = {source for source, text in self._shapes.items() if old.get(source) != text}
        changed.update(source for source in old if source not in self._shapes)
        faces = {self.face(s.node) for s in changed if s.node in self.graph.nodes}
        self._follower.refresh_all([face for face in faces if face is not None])
        self.geometry += bool(faces)

    def show_gradients(self, on: bool) -> None:
        """Make room for gradient chips, or not."""
        self.anatomist.gradients = on
        self.rebuild()
