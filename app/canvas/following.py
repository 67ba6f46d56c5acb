"""How a scene follows a change: edit by edit where few items are concerned, else by making everything anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...core.collector import paused
from ...core.document import Change
from ...core.document.edits import (
    AddGroup,
    AddNode,
    Edit,
    MoveNode,
    RemoveGroup,
    RemoveNode,
    Rename,
    SetBends,
    SetFlags,
    SetNote,
    SetParam,
    SetValues,
    SetWire,
)
from ...core.graph import Graph
from .anatomy import BOX, FRAME
from .dragging import put

if TYPE_CHECKING:
    from .scene import Scene

FEW, SHARE = 200, 0.5  # edits that are followed one by one: so many, and of a large graph this share of its nodes
_LOCAL = (AddNode, RemoveNode, MoveNode, Rename, SetWire, SetBends, SetParam, SetFlags, SetValues)


class Follower:
    """Brings one scene up to date."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def follow(self, change: Change) -> None:
        """Show what a change did."""
        moves = {edit.id: edit.new for edit in change.edits if isinstance(edit, MoveNode)}
        rest = [edit for edit in change.edits if not isinstance(edit, MoveNode)]
        few = len(rest) <= max(FEW, SHARE * len(change.after.nodes))
        if few and all(_is_local(edit, change) for edit in rest):
            if rest:
                self._follow_each(rest, change)
            items = self._scene.items
            put(items, self._scene.wires, {items.slots[id]: moves[id] for id in moves if id in items.slots})
            self._reorder(moves, change.after)
        else:
            self._scene.rebuild()

    def _reorder(self, moved: Iterable[str], graph: Graph) -> None:
        """Collapsed groups have their ports in the order of what they join: bring those beside what has moved."""
        scene = self._scene
        if not (scene.items.kinds == BOX).any():
            return
        near = {other for id in moved if id in graph.nodes for other in (id, *graph.sources(id), *graph.targets(id))}
        covers = {scene.faces.cover(graph.nodes[id].group) for id in near}
        for box in covers:
            if box and box in scene.items.slots:
                self.refresh(box)

    def _follow_each(self, edits: list, change: Change) -> None:
        """Make only the items and wires anew that edits name, and the collapsed groups around them."""
        scene, after = self._scene, change.after
        groups: dict[str, str | None] = {}  # of each node or group that an edit concerns: the group it lies in
        ports: set[tuple[str, str]] = set()
        for edit in edits:
            if isinstance(edit, (AddNode, RemoveNode)):
                groups[edit.node.id] = edit.node.group
            elif isinstance(edit, (AddGroup, RemoveGroup)):
                groups[edit.group.id] = edit.group.group
            elif isinstance(edit, SetBends):
                ports.add((edit.target, edit.port))
            elif isinstance(edit, SetWire):
                ports.add((edit.target, edit.port))
                ends = edit.target, *(source.node for source in (edit.old, edit.new) if source is not None)
                groups.update((id, after.nodes[id].group) for id in ends if id in after.nodes)
            elif edit.id in after.nodes or edit.id in after.groups:
                groups[edit.id] = after.item(edit.id).group
        scene.wires.remove_all(ports)
        # What is gone goes first: a collapsed group shows the ports of what is left.
        cover = scene.faces.cover
        covers = {id: cover(group) for id, group in groups.items() if group is None or group in after.groups}
        gone = [id for id in groups if id not in after.nodes and id not in after.groups]
        scene.items.remove_all([id for id in gone if id in scene.items.slots])
        seen = [id for id, covered in covers.items() if covered == "" and (id in after.nodes or id in after.groups)]
        new = [id for id in seen if id not in scene.items.slots]
        for id in seen:
            if id in scene.items.slots:
                self.refresh(id)
        made = [scene.anatomist.of(after, id) for id in new]
        scene.items.add_all(made, [after.item(id).position for id in new], [scene.faces.frame(id) for id in new])
        for box in {covered for covered in covers.values() if covered}:
            self.refresh(box)
        scene.joiner.join(ports)
        scene.joiner.find_stubs()

    def refresh_all(self, ids: list[str]) -> None:
        """Show items with the texts and sizes that they have now; their ports are the same."""
        scene, graph = self._scene, self._scene.graph
        if len(ids) < FEW:
            for id in ids:
                self.refresh(id)
            return
        with paused():
            resized = scene.items.replace_all([scene.anatomist.of(graph, id) for id in ids])
        scene.wires.follow(scene.wires.touching(resized))

    def refresh(self, id: str) -> None:
        """Show an item with the texts, ports and sizes that it has now."""
        scene, graph = self._scene, self._scene.graph
        slot = scene.items.slots[id]
        kind = scene.items.kinds[slot]
        item = scene.anatomist.of(graph, id)
        if kind == FRAME:
            scene.items.items[slot] = item
            scene.items.touch(slot)
            return
        scene.items.replace_all([item])
        scene.joiner.refit(slot)


def _is_local(edit: Edit, change: Change) -> bool:
    """Whether an edit concerns the items that it names and the wires at them, and no frame around them."""
    if isinstance(edit, (AddGroup, RemoveGroup)):
        return edit.group.note is not None
    if isinstance(edit, SetNote):
        return change.before.is_note(edit.id) and change.after.is_note(edit.id)
    if isinstance(edit, (AddNode, RemoveNode)) and edit.node.group is not None:
        around = [g.groups[edit.node.group] for g in (change.before, change.after) if edit.node.group in g.groups]
        return all(group.note is None for group in around)  # a note that holds something is a frame
    return isinstance(edit, _LOCAL)
