"""How a scene follows a change: edit by edit where few items are concerned, else by making everything anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.document import Change
from ...core.document.edits import AddNode, MoveNode, RemoveNode, Rename, SetFlags, SetParam, SetValues, SetWire
from ...core.graph import Wire
from .anatomy import FRAME

if TYPE_CHECKING:
    from .scene import Scene

MANY = 1500  # edits: from here on making everything anew is faster
_LOCAL = (AddNode, RemoveNode, MoveNode, Rename, SetWire, SetParam, SetFlags, SetValues)


class Follower:
    """Brings one scene up to date."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def follow(self, change: Change) -> None:
        """Show what a change did."""
        moves = {edit.id: edit.new for edit in change.edits if isinstance(edit, MoveNode)}
        rest = [edit for edit in change.edits if not isinstance(edit, MoveNode)]
        local = len(rest) <= MANY and all(isinstance(edit, _LOCAL) for edit in rest)
        if not local or (rest and not self._follow_each(rest, change)):
            self._scene.rebuild()
        else:
            self._scene.move(moves)

    def _follow_each(self, edits: list, change: Change) -> bool:
        """Make only the items and wires anew that edits name; False where that does not do."""
        scene, after = self._scene, change.after
        nodes: set[str] = set()
        ports: set[tuple[str, str]] = set()
        for edit in edits:
            if isinstance(edit, (AddNode, RemoveNode)):
                nodes.add(edit.node.id)
            elif isinstance(edit, SetWire):
                ports.add((edit.target, edit.port))
                nodes.add(edit.target)
                nodes.update(source.node for source in (edit.old, edit.new) if source is not None)
            else:
                nodes.add(edit.id)
        faces = {id: scene.face(id) for id in nodes if id in after.nodes or id in after.groups}
        if scene.stubs or any(face != id for id, face in faces.items()):
            return False  # what is hidden or outside shows up in ports and stubs of others
        for target, port in ports:
            scene.wires.remove(target, port)
        for id in nodes:
            known = scene.items.slots.get(id)
            if id not in faces:
                if known is not None:
                    scene.items.remove(id)
            elif known is not None:
                self.refresh(id)
            else:
                node = after.nodes[id]
                scene.items.add(scene.anatomist.node(after, node), node.position, scene.parent(id))
        for target, port in ports:
            source = after.nodes.get(target) and after.fed(target, port)
            if source is not None:
                wire = Wire(source, target, port)
                end = scene.wire_end(wire)
                assert end is not None
                scene.wires.put(wire, end)
        return True

    def refresh(self, id: str) -> None:
        """Show an item with the texts, ports and sizes that it has now."""
        scene, graph = self._scene, self._scene.graph
        slot = scene.items.slots[id]
        kind = scene.items.kinds[slot]
        node = graph.nodes.get(id)
        item = scene.anatomist.node(graph, node) if node is not None else scene.anatomist.group(graph, graph.groups[id])
        if kind == FRAME:
            scene.items.items[slot] = item
            scene.items.touch(slot)
            return
        scene.items.replace(item)
        wires = scene.wires.at([slot])
        for each in wires.tolist():
            wire = scene.wires.wires[each]
            end = scene.wire_end(wire)
            if end is not None:
                scene.wires.set_heights(each, *end[2:])
        scene.wires.follow(wires)
