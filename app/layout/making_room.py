"""Where a new node goes so that it covers no other one, what makes room for it, and the view that shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...core.document import Transaction
from ...core.graph import GraphView, Wire
from ..canvas.nesting import EMPTY_FRAME, FRAME_SIDE, FRAME_TOP
from ..editing import move, with_interior
from ..look.theme import GRID, NODE_WIDTH, PORT_HEIGHT, TITLE_HEIGHT, VALUE_HEIGHT
from .boxes import Box, meet

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas

LEAST, APART = 16.0, 40.0  # between a node that goes into a wire and what is beside it: kept, and made
ASIDE = 30  # between an item and a copy that would lie on it
SHARES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)  # of the way along a wire, where a node that goes into it may stand
HEIGHT = TITLE_HEIGHT + 2 * PORT_HEIGHT + 2 * VALUE_HEIGHT  # of a node with two ports


def free_place(canvas: Canvas, x: float, y: float) -> tuple[float, float]:
    """The corner for a new node at (x, y), or straight beneath what it would cover there."""
    scene = canvas.scene
    for _ in range(len(canvas.editor.graph.nodes) + 1):
        met = scene.find.items_in(x, y, x + NODE_WIDTH, y + HEIGHT)
        if not met:
            break
        y = max(top + tall for _, top, _, tall in map(scene.rect, met)) + GRID
    return x, y


def settle(canvas: Canvas, t: Transaction, id: str) -> None:
    """Move a group that was just added straight down until it, as it is drawn, lies on nothing beside it.

    A single node stays where it was put: that one may be meant to lie there, and is small.
    """
    graph = t.graph
    if id not in graph.groups or graph.is_note(id):
        return
    beside = [other for other in graph.members(graph.group(id).group).values() if other != id]
    boxes = sorted((extent(canvas, graph, other) for other in beside), key=lambda box: box[1])
    x, y, width, height = extent(canvas, graph, id, shown=False)
    x, width, height = x - LEAST / 2, width + LEAST, height + GRID
    lowest = y
    for box in boxes:  # from above to below, so that none comes back into the way
        if meet(box, (x, lowest, width, height)):
            lowest = max(lowest, box[1] + box[3] + GRID)
    if lowest > y:
        move(t, [id], 0.0, lowest - y)


def show_added(canvas: Canvas, *ids: str) -> None:
    """Select what was added, and move the view by as little as brings it into sight."""
    canvas.editor.select(ids, active=ids[0] if len(ids) == 1 else None)
    canvas.bring_into_view(ids, made=True)


def clear_offset(canvas: Canvas, ids: Sequence[str]) -> tuple[float, float]:
    """By how much copies of some items stand off them: straight beneath, and further down what they would cover."""
    scene = canvas.scene
    boxes = [scene.rect(face) for face in {scene.face(id) for id in ids} if face is not None]
    if not boxes:
        return 0.0, 0.0
    top, bottom = min(box[1] for box in boxes), max(box[1] + box[3] for box in boxes)
    down = step = bottom - top + GRID * 2
    for _ in range(len(canvas.editor.graph.nodes) + 1):
        if not any(scene.find.items_in(x, y + down, x + wide, y + down + tall) for x, y, wide, tall in boxes):
            break
        down += step
    return 0.0, down


def paste_offset(canvas: Canvas, graph: GraphView, ids: Sequence[str]) -> tuple[float, float]:
    """By how much copies of some items of another graph move: their left top corner to the pointer.

    Where that is not over the canvas, they come into the middle of the view; on nothing that is there already.
    """
    boxes = [extent(canvas, graph, id, shown=False) for id in ids]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    x, y = canvas.pointer or canvas.view.middle(canvas.width(), canvas.height())
    if canvas.pointer is None:
        x -= (max(box[0] + box[2] for box in boxes) - left) / 2
        y -= (max(box[1] + box[3] for box in boxes) - top) / 2
    dx, dy = round(x - left), round(y - top)
    editor = canvas.editor
    taken = [editor.graph.item(id).position for id in editor.graph.members(editor.group).values()]
    places = [graph.item(id).position for id in ids]

    def covers() -> bool:
        return any(abs(x + dx - a) + abs(y + dy - b) < ASIDE for x, y in places for a, b in taken)

    while covers():
        dx, dy = dx + ASIDE, dy + ASIDE
    return dx, dy


def extent(canvas: Canvas, graph: GraphView, id: str, shown: bool = True) -> Box:
    """Where a node or group stands in a graph and how large it is drawn; measured where it is not `shown` yet."""
    if id in graph.groups and not graph.groups[id].collapsed and not graph.is_note(id):
        boxes = [extent(canvas, graph, member, shown) for member in graph.members(id).values()]
        if not boxes:
            return (*graph.groups[id].position, *EMPTY_FRAME)
        left, top = min(box[0] for box in boxes) - FRAME_SIDE, min(box[1] for box in boxes) - FRAME_TOP
        right, low = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
        return left, top, right + FRAME_SIDE - left, low + FRAME_SIDE - top
    scene = canvas.scene
    item = scene.item(id) if shown and id in scene.visible else scene.anatomist.of(graph, id)
    return (*graph.item(id).position, item.width, item.height)


# Room in a wire.


def middle_of(canvas: Canvas, id: str, wire: Wire) -> tuple[float, float]:
    """The step that brings an item into the middle of a wire, level with it; a little aside of what it would cover."""
    scene = canvas.scene
    x, y, width, height = scene.rect(id)
    item = scene.item(id)
    level = item.port_y(item.inputs[0], False) if item.inputs else height / 2
    path = scene.wires.paths(np.array([scene.wires.slots[wire.target, wire.port]]), 12)[0]
    far = np.concatenate([[0.0], np.sqrt((np.diff(path, axis=0) ** 2).sum(axis=1)).cumsum()])
    own = {id, scene.face(wire.source.node), scene.face(wire.target), *with_interior(canvas.editor.graph, [id])}
    steps = []
    for share in SHARES:
        across, down = (float(np.interp(share * far[-1], far, path[:, axis])) for axis in (0, 1))
        left, top = round(across - width / 2), round(down - level)
        steps.append((left - x, top - y))
        if own.issuperset(scene.find.items_in(left, top, left + width, top + height)):
            return steps[-1]
    return steps[0]


def make_room(canvas: Canvas, t: Transaction, id: str, wire: Wire, behind: Collection[str] = ()) -> float:
    """Let a node or group that has just gone into a wire stand right of what feeds it, and push what it would cover.

    All that lies downstream goes to the right as far as it is needed, and so does what feeds it from there, and what
    it would come to cover. Wires that lead back are left as they are: there the next node lies to the left. It comes to
    stand right of the nodes it is `behind` too, which stay where they are. The result is how far all goes, 0 where
    nothing was pushed.
    """
    scene = canvas.scene
    first, last = scene.face(wire.source.node), scene.face(_beside(t.graph, wire.target, t.graph.item(id).group))
    if first is None or last is None or first == last:
        return 0.0
    before, after = scene.rect(first), scene.rect(last)
    if after[0] < before[0] + before[2]:
        return 0.0
    x, _, width, _ = extent(canvas, t.graph, id)
    fixed = {first, *(face for node in behind if (face := scene.face(node)) is not None)} - {last}
    end = max(left + wide for left, _, wide, _ in map(scene.rect, fixed))
    step = end + APART - x if x < end + LEAST else 0.0
    need = x + step + width + APART - after[0]
    if step:
        move(t, [id], step, 0.0)
    if need <= APART - LEAST:
        return 0.0
    move(t, sorted(_pushed(canvas, t.graph, id, last, need, fixed - {first})), need, 0.0)
    return need


def _beside(graph: GraphView, node: str, group: str | None) -> str:
    """A node, or the group around it that lies directly in another group, None: at the top."""
    around = [node, *graph.chain(graph.item(node).group)]
    return next((each for each in around if graph.item(each).group == group), node)


def _pushed(canvas: Canvas, graph: GraphView, id: str, last: str, need: float, fixed: Collection[str]) -> set[str]:
    """What goes to the right with the item `last`, by `need`; not what is `fixed`."""
    scene = canvas.scene
    own = {id, *(graph.interior(id)[0] if id in graph.groups else ())}
    solid = [scene.items.at(slot).id for slot in scene.items.solid().tolist()]
    boxes = {item: scene.rect(item) for item in solid if item not in own}
    edge = boxes[last][0] if last in boxes else scene.rect(last)[0]
    right = {item for item, box in boxes.items() if box[0] >= edge and item not in fixed}
    pushed, waiting = set(), [last] if last in boxes else [*graph.interior(last)[0]]
    while waiting:
        item = waiting.pop()
        if item in pushed or item not in right:
            continue
        pushed.add(item)
        nodes = graph.interior(item)[0] if item in graph.groups else [item]
        around = {other for node in nodes for other in (*graph.targets(node), *graph.sources(node))}
        joined = {scene.face(other) for other in around - own}
        waiting += [other for other in joined if other is not None]
        x, y, width, height = boxes[item]
        waiting += [
            other
            for other in scene.find.items_in(x + need, y, x + need + width, y + height)
            if other in boxes and not meet(boxes[other], boxes[item])
        ]
    return pushed
