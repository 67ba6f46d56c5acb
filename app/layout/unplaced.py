"""Where nodes go that are added without a place while others are there: by a line in the console or a plugin, behind
what is selected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...core.document import Transaction
from ...core.document.edits import AddNode, MoveNode
from ...core.graph import Graph, GraphView
from ...core.graph.elements import ORIGIN
from ..canvas.anatomy import PortRef
from ..canvas.batch import Floats
from ..canvas.places import Place
from ..editing import move, with_interior
from ..editing.wiring import outputs
from ..look.theme import GRID, NODE_WIDTH, PORT_HEIGHT, ROWS_TOP
from .boxes import Box
from .making_room import HEIGHT, extent

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas

APART = 4.5 * GRID  # between a node and those that it takes


def place_unplaced(canvas: Canvas, t: Transaction) -> None:
    """Move what an edit has added without a place off what it would cover: to the right of what it takes, or beneath.

    What has room where it is stays there, and so does the first node of a graph.
    """
    waiting = dict.fromkeys(_unplaced(canvas.editor.document.graph, t))
    moved = _moved(t)
    levels: dict[str | None, Floats] = {}  # by group the boxes of what has its place there
    for id in list(waiting):
        level = t.graph.item(id).group
        if level not in levels:
            levels[level] = _boxes(canvas, t.graph, level, waiting, moved)
        del waiting[id]
        left, top, wide, high = box = _box(canvas, t.graph, id)
        if len(_meeting(levels[level], left, wide, top, high)):
            taken = [_box(canvas, t.graph, other) for other in _taken(t.graph, id, waiting)]
            x, y = _room(box, levels[level], taken)
            move(t, [id], x - left, y - top)
            left, top = x, y
        levels[level] = np.vstack([levels[level], (left, top, wide, high)])


def behind_selected(canvas: Canvas) -> Place | None:
    """To the right of the one node or group that is selected, wired to what it gives; None where none such is seen."""
    editor = canvas.editor
    if len(editor.selection) != 1:
        return None
    (id,) = editor.selection
    if id not in canvas.scene.visible or editor.graph.is_note(id):
        return None
    given = outputs(editor.graph, editor.registry, id)
    if not given:
        return None
    left, top, wide, _ = canvas.scene.rect(id)
    port = PortRef(given[0].node, given[0].output, True)
    return Place(left + wide + APART, top + ROWS_TOP + PORT_HEIGHT / 2, port)


def _unplaced(before: Graph, t: Transaction) -> Iterator[str]:
    """What is new and lies nowhere; of a new group the group alone."""
    for id in t.unplaced:
        found = t.graph.nodes.get(id) or t.graph.groups.get(id)
        if found is not None and found.position == ORIGIN and (found.group is None or found.group in before.groups):
            yield id


def _moved(t: Transaction) -> set[str]:
    """What lies elsewhere than it is drawn, or has another size: what an edit has moved or changed within."""
    touched = {edit.id for edit in t.edits if isinstance(edit, MoveNode)}
    touched.update(edit.node.id for edit in t.edits if isinstance(edit, AddNode))
    items = [t.graph.item(id) for id in touched if id in t.graph.nodes or id in t.graph.groups]
    return touched.union(*(t.graph.chain(item.group) for item in items))


def _boxes(
    canvas: Canvas, graph: GraphView, level: str | None, waiting: Collection[str], moved: Collection[str]
) -> Floats:
    """The boxes (n, 4) of what is in a group beside what is `waiting` for a place; those `moved` are not as drawn."""
    slots, items = canvas.scene.items.slots, canvas.scene.items
    members = [id for id in graph.members(level).values() if id not in waiting]
    drawn = items.boxes[[slots[id] for id in members if id in slots and id not in moved]].reshape(-1, 4)
    others = [_box(canvas, graph, id) for id in members if id not in slots or id in moved]
    return np.vstack([drawn, np.array(others).reshape(-1, 4)])


def _box(canvas: Canvas, graph: GraphView, id: str) -> Box:
    """About where an item stands: a node that is not drawn yet is as large as one with two ports."""
    if id in graph.groups or id in canvas.scene.visible:
        return extent(canvas, graph, id, shown=id in canvas.scene.visible)
    return (*graph.item(id).position, NODE_WIDTH, HEIGHT)


def _taken(graph: GraphView, id: str, waiting: Collection[str]) -> list[str]:
    """The nodes beside a new node or group whose values it takes."""
    nodes = [each for each in with_interior(graph, [id]) if each in graph.nodes]
    sources = {source.node: None for node in nodes for source in graph.inputs(node).values()}
    return [each for each in sources if graph.item(each).group == graph.item(id).group and each not in waiting]


def _room(box: Box, beside: Floats, taken: Collection[Box]) -> tuple[float, float]:
    """The left top corner of what lies nowhere: level with what it takes, or in the first column, and free."""
    _, _, wide, high = box
    x = max((left + width for left, _, width, _ in taken), default=float(beside[:, 0].min()) - APART) + APART
    y = min((top for _, top, _, _ in taken), default=float(beside[:, 1].min()))
    column = _meeting(beside, x, wide)
    for top, tall in column[np.argsort(column[:, 1]), 1::2].tolist():
        if top < y + high and top + tall > y:
            y = top + tall + GRID
    return x, y


def _meeting(boxes: Floats, left: float, wide: float, top: float = -np.inf, high: float = np.inf) -> Floats:
    """Those of some boxes that have more in common with one than an edge."""
    apart = (boxes[:, 0] >= left + wide) | (boxes[:, 0] + boxes[:, 2] <= left)
    if high < np.inf:
        apart |= (boxes[:, 1] >= top + high) | (boxes[:, 1] + boxes[:, 3] <= top)
    found: Floats = boxes[~apart]
    return found
