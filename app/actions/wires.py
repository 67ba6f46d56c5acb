"""The actions on wires: connect, take off, put a node into one, pull it out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...core.document import Transaction
from ...core.graph import Wire
from .. import editing
from ..layout.making_room import make_room, middle_of
from .action import Action
from .selected import attempt, beneath, box, canvas_action, chosen, has_active, shows_canvas, takes_several

if TYPE_CHECKING:
    from ..window import Window


def connect_selected(window: Window) -> None:
    """Connect the selected nodes from left to right, or all into the active one."""
    editor, ids = window.editor, chosen(window.editor)
    registry, checked, active = editor.document.registry, editor.checking.found, editor.active
    names = editing.counted(editor.graph, ids)
    editor.attempt(f"Connect {names}", lambda t: editing.connect_selected(t, registry, ids, active, checked))


def connect_by_name(window: Window) -> None:
    """Choose or type where a wire begins, and where it ends."""
    window.popups.wires.open_connect(beneath(window))


def disconnect_by_name(window: Window) -> None:
    """Choose or type which wires are taken off."""
    window.popups.wires.open_disconnect(beneath(window))


def disconnect(window: Window) -> None:
    """Take all wires off the selection, those within it too."""
    editor = window.editor
    wires = editing.selected_wires(editor.graph, editor.selection)
    if wires:
        editor.attempt(editing.cut_label(editor.graph, wires), lambda t: editing.cut(t, wires))


def insert(window: Window) -> None:
    """Put the active node into the middle of the wire that lies nearest to it, as if it were dropped there."""
    editor, active = window.editor, window.editor.active
    assert active is not None
    wire = nearest_wire(window, active)
    if wire is None:
        editor.told.emit(f"there is no wire near {editor.graph.item(active).name} to go into", "refusal")
        return
    registry, checked, graph = editor.document.registry, editor.checking.found, editor.graph

    def act(t: Transaction) -> None:
        editing.move(t, [active], *middle_of(window.canvas, active, wire))
        editing.insert_on_wire(t, registry, active, wire, checked)
        make_room(window.canvas, t, active, wire)

    editor.attempt(editing.insert_label(graph, graph.item(active).name, wire, editor.group), act)
    window.canvas.bring_into_view([active])


def nearest_wire(window: Window, id: str) -> Wire | None:
    """The wire whose middle lies nearest to that of an item, of those that are shown and do not end there."""
    wires, (x, y, width, height) = window.canvas.scene.wires, box(window, id)
    own = set(editing.with_interior(window.editor.graph, [id]))
    shown = np.flatnonzero(wires.items[:, 0] >= 0)
    middles = (wires.ends[shown, :2] + wires.ends[shown, 2:]) / 2
    away = np.abs(middles - [x + width / 2, y + height / 2]).sum(axis=1)
    for slot in shown[np.argsort(away, kind="stable")].tolist():
        wire = wires.at(slot)
        if wire.target not in own and wire.source.node not in own:
            return wire
    return None


def _extract(window: Window) -> None:
    attempt(window, "Pull out", lambda t, ids: editing.extract(t, ids, window.editor.checking.found))


wire_action = partial(canvas_action, menu="Graph/Wires")

ACTIONS: tuple[Action, ...] = (
    wire_action(
        "connect_selected",
        "Connect",
        connect_selected,
        ("C",),
        "Connect the selected nodes, from left to right (Alt + right drag)",
        lambda w: w.shows_canvas and len(w.editor.selection) > 1,
        line=True,
        refusal=takes_several,
    ),
    wire_action(
        "connect_by_name",
        "Connect by name…",
        connect_by_name,
        ("Shift+C",),
        "Choose where a wire begins and where it ends, or type it: relu -> matmul.x (drag from port to port)",
        shows_canvas,
    ),
    wire_action(
        "disconnect_by_name",
        "Disconnect by name…",
        disconnect_by_name,
        ("Shift+X",),
        "Choose a wire to take off, or all from one output (Alt+click a port)",
        shows_canvas,
    ),
    wire_action("disconnect", "Disconnect", disconnect, ("Ctrl+Shift+X",), "Take all wires off the selection"),
    wire_action(
        "insert",
        "Insert in the nearest wire",
        insert,
        ("W",),
        "Put the active node into a wire (drag it there)",
        has_active,
    ),
    wire_action(
        "extract",
        "Pull out of the wires",
        _extract,
        ("E",),
        "The wires close behind the selection (shake it while dragging, or Ctrl+Alt+drag)",
    ),
)
