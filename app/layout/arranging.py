"""Tidying up: align, distribute, and a layered layout of all or of what is selected. Never unasked, each one undo.

Boxes are (x, y, width, height) in scene units, by the id of a node or group, as the canvas shows them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from ...core.cancelling import Cancelled, never
from ...core.document import Transaction
from ...core.graph import GraphView
from ..canvas.anatomy import BOX, Item, ports_of
from ..editing import move, outermost
from ..editing.places import all_whole, whole
from .boxes import Box, around
from .families import Layout, bends

Point = tuple[float, float]

EDGES = ("left", "right", "top", "bottom", "centre", "middle")
TURNS = 4  # in which ports of collapsed groups come to stand as what they join does, at most
AXES = ("horizontally", "vertically")


def align(boxes: Mapping[str, Box], edge: str) -> dict[str, Point]:
    """The steps (dx, dy) that bring boxes to one edge of the box around them, or to its centre (x) or middle (y)."""
    left, top, width, height = around(boxes.values())
    steps = {}
    for id, (x, y, w, h) in boxes.items():
        steps[id] = {
            "left": (left - x, 0.0),
            "right": (left + width - x - w, 0.0),
            "top": (0.0, top - y),
            "bottom": (0.0, top + height - y - h),
            "centre": (left + width / 2 - x - w / 2, 0.0),
            "middle": (0.0, top + height / 2 - y - h / 2),
        }[edge]
    return steps


def distribute(boxes: Mapping[str, Box], axis: str) -> dict[str, Point]:
    """The steps that make the gaps between boxes equal along an axis; the outermost stay where they are."""
    along = AXES.index(axis)
    order = sorted(boxes, key=lambda id: (boxes[id][along] + boxes[id][2 + along] / 2, id))
    whole = around(boxes.values())
    taken = sum(box[2 + along] for box in boxes.values())
    gap = (whole[2 + along] - taken) / max(len(order) - 1, 1)
    steps, at = {}, whole[along]
    for id in order:
        step = at - boxes[id][along]
        steps[id] = (0.0, step) if along else (step, 0.0)
        at += boxes[id][2 + along] + gap
    return steps


def with_ports_as_moved(graph: GraphView, shown: Mapping[str, Item], steps: Mapping[str, Point]) -> dict[str, Item]:
    """What is shown, with the ports of collapsed groups in the order that they will have once all has moved."""
    moved = {}
    for id, (dx, dy) in steps.items():
        hidden = id in graph.groups and graph.groups[id].collapsed
        for node in graph.interior(id)[0] if hidden else [id] if id in graph.nodes else []:
            x, y = graph.nodes[node].position
            moved[node] = x + dx, y + dy
    found = dict(shown)
    for id in steps:
        item = shown.get(id)
        if item is not None and item.kind == BOX:
            entering, leaving = ports_of(graph, id, moved)
            inputs = tuple(dict.fromkeys((*(f"{wire.target}.{wire.port}" for wire in entering), *item.inputs)))
            given = [f"{wire.source.node}.{wire.source.output}" for wire in leaving]
            outputs = tuple(dict.fromkeys((*given, *item.outputs)))
            rows = {(name, False): row for row, name in enumerate(inputs)}
            rows |= {(name, True): row for row, name in enumerate(outputs)}
            found[id] = replace(item, inputs=inputs, outputs=outputs, rows=rows)
    return found


class Arranged(NamedTuple):
    """What a layout does: by how much each node and group moves, and the dots of the wires among them."""

    steps: dict[str, Point]
    bends: dict[tuple[str, str], list[Point]]  # by target and port


def layout_of(
    graph: GraphView,
    shown: Mapping[str, Item],
    ids: Iterable[str] | None = None,
    level: str | None = None,
    stopped: Cancelled = never,
) -> Arranged:
    """A layered layout: of all in the group `level` (None: the top), or of the nodes and groups `ids`.

    `shown` are nodes and collapsed groups as they are drawn. Expanded groups are laid out within and then stand as one
    box; those of each group stay around the middle that they had. Raises `RunError` once `stopped` says so.
    """
    chosen = list(graph.members(level).values()) if ids is None else outermost(graph, ids)
    families: dict[str | None, list[str]] = defaultdict(list)
    for id in chosen:
        families[graph.item(id).group].append(id)
    found = Arranged({}, {})
    for family in families.values():
        drawn = shown
        for _ in range(TURNS):
            layout = Layout(graph, drawn, stopped)
            steps = layout.around_middle(family)
            before, drawn = drawn, with_ports_as_moved(graph, drawn, steps)
            if drawn == before:
                break
        layout.shown = drawn
        found.steps.update(steps)
        found.bends.update(bends(layout))
    return found


def shift(t: Transaction, steps: Mapping[str, Point]) -> None:
    """Move nodes and groups, each by its step, with what lies within groups."""
    with t.step():
        for id, (dx, dy) in steps.items():
            if dx or dy:
                move(t, [id], dx, dy)


def is_as_drawn(graph: GraphView, before: GraphView) -> bool:
    """Whether a graph looks as it did before: parameters may have other values."""
    if graph is before:
        return True
    same = graph.nodes == before.nodes and graph.groups == before.groups and graph.bends == before.bends
    return same and all(graph.inputs(id) == before.inputs(id) for id in graph.nodes)


def changes(graph: GraphView, arranged: Arranged) -> bool:
    """Whether a layout would do anything."""
    moves = any(dx or dy for dx, dy in arranged.steps.values())
    return moves or any(graph.bends.get(wire, ()) != tuple(points) for wire, points in arranged.bends.items())


def put(t: Transaction, arranged: Arranged) -> None:
    """Move what was laid out; with a group goes only what has no step of its own."""
    steps, groups = arranged.steps, t.graph.groups
    with t.step():
        for id, (dx, dy) in steps.items():
            if not (dx or dy):
                continue
            if id in groups and not any(member in steps for member in t.graph.members(id).values()):
                move(t, [id], dx, dy)
            else:
                x, y = t.graph.item(id).position
                t.move(id, whole((x + dx, y + dy)))
        for wire, points in arranged.bends.items():
            if t.graph.bends.get(wire, ()) != tuple(dots := all_whole(points)):
                t.set_bends(*wire, dots)
