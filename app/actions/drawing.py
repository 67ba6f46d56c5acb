"""The actions on what is only drawn: reroute dots and notes. Each can be done without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.graph import Wire
from .. import editing
from .action import Action
from .selected import box, chosen, has_dots, has_selection, shows_canvas

if TYPE_CHECKING:
    from ..window import Window


def wire_meant(window: Window) -> Wire | None:
    """The wire under the pointer, else that of the selected dots, else the first at the active node or group."""
    canvas, editor = window.canvas, window.editor
    graph = editor.graph
    if canvas.hover.hit.wire is not None:
        return canvas.hover.hit.wire
    for target, port, _ in sorted(canvas.dots):
        source = graph.fed(target, port)
        return source and Wire(source, target, port)
    if editor.active is None:
        return None
    inside = set(editing.with_interior(graph, [editor.active]))
    wires = editing.selected_wires(graph, [editor.active])
    shown = canvas.scene.wires.slots
    drawn = sorted((wire for wire in wires if wire[1:] in shown), key=lambda wire: wire.target in inside)
    return drawn[0] if drawn else None


def add_dot(window: Window) -> None:
    """Add a reroute dot to a wire: at the pointer where it is on one, else in the middle of its longest part."""
    from ..canvas.gestures.rerouting import add_dots

    canvas, wire = window.canvas, wire_meant(window)
    if wire is None:
        window.editor.told.emit("there is no wire at the pointer or the active node to reroute", "refusal")
        return
    at = canvas.pointer
    if canvas.hover.hit.wire != wire or at is None:
        wires = canvas.scene.wires
        slot = wires.slots[wire.target, wire.port]
        knots = np.concatenate([wires.ends[slot, None, :2], wires.bends.of(slot), wires.ends[slot, None, 2:]])
        part = int(((knots[1:] - knots[:-1]) ** 2).sum(axis=1).argmax())
        x, y = ((knots[part] + knots[part + 1]) / 2).tolist()
        at = x, y
    add_dots(canvas, {wire: at})


def remove_dots(window: Window) -> None:
    """Remove the selected reroute dots, else all of the wires at the selection."""
    from ..canvas.gestures.rerouting import remove_dots

    editor, dots = window.editor, window.canvas.dots
    if dots:
        remove_dots(window.canvas, dots)
        return
    at = {wire[1:] for wire in editing.selected_wires(editor.graph, editor.selection)}
    bent = [wire for wire in editor.graph.bends if wire in at]
    if bent:
        label = f"Straighten {editing.wires_counted(len(bent))}"
        editor.attempt(label, lambda t: editing.straighten(t, bent))


def _has_bent(window: Window) -> bool:
    return has_dots(window) or (shows_canvas(window) and bool(window.editor.selection and window.editor.graph.bends))


def _frame_meant(window: Window, ids: list[str]) -> str | None:
    """The frame or group that is selected along with the rest, else the frame nearest to the active item."""
    graph, scene, active = window.editor.graph, window.canvas.scene, window.editor.active
    groups = [id for id in ids if id in graph.groups and not graph.is_note(id)]
    if len(ids) > 1 and groups:
        return active if active in groups else groups[0]
    chosen = active if active in ids else ids[0]
    own = {graph.item(chosen).group, *editing.with_interior(graph, ids)}
    frames = [scene.items.at(slot).id for slot in scene.items.nesting.frames]
    x, y, width, height = box(window, chosen)

    def away(id: str) -> float:
        left, top, wide, high = scene.rect(id)
        across = max(left - x - width, x - left - wide, 0.0)
        return across + max(top - y - height, y - top - high, 0.0)

    return min((id for id in frames if id not in own), key=away, default=None)


def put_into_frame(window: Window) -> None:
    """Put what is selected into the frame selected along with it, else into the nearest one."""
    editor = window.editor
    ids = chosen(editor)
    group = _frame_meant(window, ids)
    if group is None:
        editor.told.emit("there is no frame that this could go into (Ctrl+J makes one)", "refusal")
        return
    moved = [id for id in ids if id != group]
    editor.attempt(editing.put_label(editor.graph, moved, group), lambda t: editing.put_into(t, moved, group))


def take_out(window: Window) -> None:
    """Put what is selected beside the frame that it lies in."""
    editor = window.editor
    ids = [id for id in chosen(editor) if editor.graph.item(id).group not in (None, editor.group)]
    around = editor.graph.item(ids[0]).group
    group = editor.graph.groups[around].group if around is not None else None
    editor.attempt(editing.put_label(editor.graph, ids, group), lambda t: editing.put_into(t, ids, group))


def _in_frame(window: Window) -> bool:
    editor = window.editor
    return has_selection(window) and any(
        editor.graph.item(id).group not in (None, editor.group) for id in editor.selection
    )


def add_note(window: Window) -> None:
    """Write a note at the pointer, or in the middle of what is shown."""
    window.popups.write_note()


ACTIONS: tuple[Action, ...] = (
    Action(
        "graph.add_note",
        "Add note…",
        add_note,
        ("Shift+N",),
        "Graph",
        "canvas",
        shows_canvas,
        about="Write a text that lies on the canvas (double-click it to change it)",
        line=True,
    ),
    Action(
        "graph.add_dot",
        "Add reroute dot",
        add_dot,
        ("Shift+R",),
        "Graph/Wires",
        "canvas",
        shows_canvas,
        about="Lead a wire through a dot that can be dragged (Shift + right drag across wires)",
    ),
    Action(
        "graph.remove_dots",
        "Remove reroute dots",
        remove_dots,
        (),
        "Graph/Wires",
        "canvas",
        _has_bent,
        about="The selected ones, else all of the wires at the selection",
    ),
    Action(
        "graph.put_into_frame",
        "Put into the frame",
        put_into_frame,
        (),
        "Graph",
        "canvas",
        has_selection,
        about="The selection, into the frame selected along with it, else the nearest (Shift while dragging)",
    ),
    Action(
        "graph.take_out_of_frame",
        "Take out of the frame",
        take_out,
        (),
        "Graph",
        "canvas",
        _in_frame,
        about="Put the selection beside the frame that it lies in (Shift while dragging it out)",
    ),
)
