"""What is shown of a document: it follows every change, and only what changed is made anew.

The scene holds ids and arrays, never elements of the graph. It shows the inside of the group that is entered; a
collapsed group stands as one box for all that lies in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ...core.collector import paused
from ...core.document import Change
from ...core.graph import Graph, Source
from .anatomy import BOX, Anatomist, Item, PortRef
from .dragging import Dragging
from .faces import Faces
from .finding import Finder
from .following import Follower
from .items import ItemTable
from .joining import Joiner
from .numbered import batch_of
from .places import Hit, Place, Stub
from .seen import Seen
from .wiring import WireTable

__all__ = ["Hit", "Place", "PortRef", "Scene", "Stub"]


class Scene:
    """The items and wires that are shown, in scene units."""

    def __init__(self, editor: Seen, gradients: bool = True) -> None:
        self.editor = editor
        self.items = ItemTable()
        self.wires = WireTable(self.items)
        self.faces = Faces(editor)
        self.joiner = Joiner(editor, self.faces, self.items, self.wires)
        self.find = Finder(self.items, self.wires)
        self.dragging = Dragging(self.items, self.wires)
        self.bad_wires: np.ndarray | None = None  # of each wire whether it leads to a port with a problem
        self._shapes: Mapping[Source, str] = editor.shapes
        self.anatomist = Anatomist(editor.registry, self._shape, gradients, batch_of(editor.graph))
        self._follower = Follower(self)
        self.rebuild()

    def _shape(self, source: Source) -> str:
        return self._shapes.get(source, "")

    @property
    def graph(self) -> Graph:
        return self.editor.graph

    # What is shown, and where.

    @property
    def visible(self) -> set[str]:
        """The ids of the nodes and groups that are shown."""
        return set(self.items.slots)

    def face(self, id: str) -> str | None:
        """The id of what stands for a node or group here, None where it is outside."""
        return self.faces.of(id)

    def item(self, id: str) -> Item:
        """What is shown of a node or group; KeyError if it is not shown."""
        return self.items.at(self.items.slots[id])

    def rect(self, id: str) -> tuple[float, float, float, float]:
        """x, y, width and height of an item."""
        x, y, width, height = self.items.boxes[self.items.slots[id]].tolist()
        return x, y, width, height

    def bounds(self, ids: Iterable[str] | None = None) -> tuple[float, float, float, float] | None:
        """The left, top, right and bottom of all items, or of these; None where there are none."""
        if ids is None:
            slots = np.flatnonzero(self.items.kinds)
        else:
            slots = np.array([self.items.slots[id] for id in ids if id in self.items.slots], np.intp)
        if not len(slots):
            return None
        boxes = self.items.boxes[slots]
        low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def ports(self, id: str) -> list[PortRef]:
        """The ports of an item, inputs first."""
        item = self.item(id)
        return [PortRef(id, name, False) for name in item.inputs] + [PortRef(id, name, True) for name in item.outputs]

    def position(self, port: PortRef) -> tuple[float, float]:
        """Where the middle of a port is; of one within a collapsed group, that of the group's port."""
        if port.id not in self.items.slots:
            port = self.joiner.shown(port)
        x, y, width, _ = self.rect(port.id)
        return x + width * port.output, y + self.item(port.id).port_y(port.name, port.output)

    def real(self, port: PortRef) -> PortRef:
        """The node's own port behind that of a collapsed group."""
        if port.id in self.items.slots and self.item(port.id).kind == BOX:
            node, _, name = port.name.rpartition(".")
            return PortRef(node, name, port.output)
        return port

    def source(self, port: PortRef) -> Source:
        """The value at an output."""
        port = self.real(port)
        return Source(port.id, port.name)

    # Following the document.

    def rebuild(self) -> None:
        """Make everything anew."""
        with paused():  # a collection in the middle takes longer than the rest
            self._rebuild()

    def _rebuild(self) -> None:
        graph, face = self.graph, self.faces.of
        self.bad_wires = None
        self.faces.forget()
        self.dragging.forget()
        self.anatomist = Anatomist(self.editor.registry, self._shape, self.anatomist.gradients, batch_of(graph))
        self._shapes = self.editor.shapes
        groups = sorted((len(graph.chain(id)), id) for id in graph.groups if face(id) == id)
        nodes = [node for node in graph.nodes.values() if face(node.id) == node.id]
        items = [self.anatomist.group(graph, graph.groups[id]) for _, id in groups]
        items += [self.anatomist.node(graph, node) for node in nodes]
        places = [graph.groups[id].position for _, id in groups] + [node.position for node in nodes]
        self.items.fill(items, places, [self.faces.frame(item.id) for item in items])
        self.joiner.join_all()

    def follow(self, change: Change) -> None:
        """Show what a change has done."""
        self.dragging.settle()
        self.bad_wires = None  # until the graph as it is now has been checked
        self.faces.forget()
        self._follower.follow(change)

    def take_shapes(self, changed: Iterable[Source]) -> None:
        """Show the shapes that the check has found; `changed` are the values of which they are others than before."""
        self._shapes = self.editor.shapes
        if self.anatomist.batch != batch_of(self.graph):  # nodes that show all of one are as high as it is long
            self.rebuild()
            return
        faces = {self.face(s.node) for s in changed if s.node in self.graph.nodes}
        self._follower.refresh_all([face for face in faces if face is not None])

    def mark(self, bad: set[tuple[str, str]]) -> None:
        """Say which (node, port) have a problem: the wires into them are drawn so."""
        slots = [self.wires.slots[port] for port in bad if port in self.wires.slots]
        self.bad_wires = None
        if slots:
            self.bad_wires = np.zeros(len(self.wires.items), bool)
            self.bad_wires[slots] = True

    def show_gradients(self, on: bool) -> None:
        """Make room for gradient chips, or not."""
        self.anatomist.gradients = on
        self.rebuild()
