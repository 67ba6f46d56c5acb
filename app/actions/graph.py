"""The actions that build: add, connect, take apart, swap, flags, groups. Each gesture of the mouse has one here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ...core.graph import Source, Wire
from .. import editing
from ..look.theme import NODE_WIDTH, PORT_HEIGHT, TITLE_HEIGHT
from ..results.root import choose_root
from .action import Action
from .edit import attempt, chosen, has_selection, shows_canvas

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from ..canvas.scene import Place
    from ..window import Window


GAP = 60.0  # between the active node and what is added after it


def has_active(window: Window) -> bool:
    """Whether there is an active node or group."""
    return window.shows_canvas and window.editor.active is not None


def has_group(window: Window) -> bool:
    """Whether a group is selected."""
    return window.shows_canvas and any(id in window.editor.graph.groups for id in window.editor.selection)


def is_within(window: Window) -> bool:
    """Whether a group is entered."""
    return window.shows_canvas and window.editor.group is not None


def box(window: Window, id: str) -> tuple[float, float, float, float]:
    """x, y, width and height of what shows a node or group: itself, or a collapsed group around it."""
    scene = window.canvas.scene
    face = scene.face(id)
    return scene.rect(face) if face is not None else (*window.editor.graph.item(id).position, 0.0, 0.0)


# Adding.


def _place(window: Window, inserted: bool) -> Place | None:
    """Where the keyboard adds: to the right of the active node, at its output or in the first wire that leaves it."""
    from ..canvas.scene import Place, PortRef

    editor, active = window.editor, window.editor.active
    assert active is not None
    given = editing.outputs(editor.graph, editor.document.registry, active)
    if not given:
        editor.told.emit(f"{editor.graph.item(active).name} gives no value to build on", "refusal")
        return None
    x, y, width, _ = box(window, active)
    wires = [wire for wire in editor.graph.consumers(given[0].node) if wire.source == given[0]]
    if inserted and not wires:
        editor.told.emit(f"nothing reads {editing.source_name(editor.graph, given[0])} yet", "refusal")
        return None
    # `placing.corner` says which point of the new node comes to lie there: so that it stands level with the active one.
    if inserted:
        return Place(x + width + GAP + NODE_WIDTH / 2, y + TITLE_HEIGHT / 2, None, wires[0])
    port = PortRef(given[0].node, given[0].output, True)
    return Place(x + width + GAP, y + TITLE_HEIGHT + PORT_HEIGHT / 2, port)


def add_after(window: Window, inserted: bool = False) -> None:
    """Open the search for what is to read the active node, or to stand in its first wire."""
    place = _place(window, inserted)
    if place is not None:
        window.popups.open_search(place)


# Wires.


def connect_selected(window: Window) -> None:
    """Connect the selected nodes from left to right, or all into the active one."""
    editor, ids = window.editor, chosen(window.editor)
    registry, checked, active = editor.document.registry, editor.checking.found, editor.active
    names = editing.counted(editor.graph, ids)
    editor.attempt(f"Connect {names}", lambda t: editing.connect_selected(t, registry, ids, active, checked))


def _beneath(window: Window) -> QPoint | None:
    """The point of the screen beneath the active node, None where there is none."""
    active, canvas = window.editor.active, window.canvas
    if active is None:
        return None
    x, y, _, height = box(window, active)
    return canvas.mapToGlobal(canvas.view.to_screen(x, y + height).toPoint())


def connect_by_name(window: Window) -> None:
    """Choose or type where a wire begins, and where it ends."""
    window.popups.wires.open_connect(_beneath(window))


def disconnect_by_name(window: Window) -> None:
    """Choose or type which wires are taken off."""
    window.popups.wires.open_disconnect(_beneath(window))


def disconnect(window: Window) -> None:
    """Take all wires off the selection, those within it too."""
    editor = window.editor
    wires = editing.selected_wires(editor.graph, editor.selection)
    if wires:
        editor.attempt(editing.cut_label(editor.graph, wires), lambda t: editing.cut(t, wires))


def insert(window: Window) -> None:
    """Put the active node into the wire that lies nearest to it."""
    editor, active = window.editor, window.editor.active
    assert active is not None
    wire = nearest_wire(window, active)
    if wire is None:
        editor.told.emit(f"there is no wire near {editor.graph.item(active).name} to go into", "refusal")
        return
    registry, checked, graph = editor.document.registry, editor.checking.found, editor.graph
    label = editing.insert_label(graph, active, wire)
    editor.attempt(label, lambda t: editing.insert_on_wire(t, registry, active, wire, checked))


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


# Groups.


def group(window: Window, collapsed: bool) -> None:
    """Put the selection into a group, or into a frame."""
    new = attempt(window, "Group" if collapsed else "Frame", lambda t, ids: editing.group(t, ids, collapsed))
    if isinstance(new, str):
        window.editor.select([new], new)


def ungroup(window: Window) -> None:
    """Take the selected groups away, and select what lay in them."""
    groups = [id for id in chosen(window.editor) if id in window.editor.graph.groups]
    label = f"Ungroup {editing.counted(window.editor.graph, groups)}"
    members = window.editor.attempt(label, lambda t: editing.ungroup(t, groups))
    if members is not None:
        window.editor.select(members)


def enter(window: Window) -> None:
    """Show the inside of the active group."""
    active = window.editor.active
    if active is not None and window.editor.graph.is_note(active):
        window.canvas.rename_wanted.emit(active)
    elif active in window.editor.graph.groups:
        window.editor.enter(window.editor.active)


def leave(window: Window) -> None:
    """Show the group around, and select the one that was left."""
    editor = window.editor
    if editor.group is not None:
        left = editor.group
        editor.enter(editor.graph.groups[left].group)
        editor.select([left], left)


# Flags.


def _flag(flag: str) -> tuple[Callable[[Window], object], Callable[[Window], bool]]:
    """How a flag of the selection is turned over, and whether it is on."""

    def run(window: Window) -> None:
        editor = window.editor
        ids = chosen(editor)
        label = editing.flag_label(editor.graph, ids, flag)
        editor.attempt(label, lambda t: editing.toggle_flag(t, ids, flag))

    return run, lambda window: editing.has_flag(window.editor.graph, window.editor.selection, flag)


def _extract(window: Window) -> None:
    attempt(window, "Pull out", lambda t, ids: editing.extract(t, ids, window.editor.checking.found))


def _toggle_collapsed(window: Window) -> None:
    editor = window.editor
    groups = [id for id in chosen(editor) if id in editor.graph.groups]
    collapsed = all(editor.graph.groups[id].collapsed for id in groups)
    attempt(window, "Expand" if collapsed else "Collapse", lambda t, _: editing.toggle_collapsed(t, groups))


def _replace(window: Window) -> None:
    active = window.editor.active
    assert active is not None
    window.popups.search.open_swap(active, _beneath(window))


def _view(window: Window) -> None:
    editor, active = window.editor, window.editor.active
    assert active is not None
    given: list[Source] = editing.outputs(editor.graph, editor.document.registry, active)
    if given:
        editor.viewed.emit(given[0])


def _first_output(window: Window) -> Source | None:
    editor, active = window.editor, window.editor.active
    given = [] if active is None else editing.outputs(editor.graph, editor.document.registry, active)
    return given[0] if given else None


def toggle_root(window: Window) -> None:
    """Show the gradients of the active node, or leave their root to the graph again."""
    editor, source = window.editor, _first_output(window)
    if source is None:
        editor.told.emit("gradients are of a value, and this gives none", "refusal")
    else:
        choose_root(editor, None if editor.live.chosen == source else source)


def is_root(window: Window) -> bool:
    """Whether the active node was chosen as what gradients are of."""
    return window.editor.live.chosen is not None and window.editor.live.chosen == _first_output(window)


def _action(
    name: str,
    text: str,
    run: Callable[[Window], object],
    keys: tuple[str, ...] = (),
    about: str = "",
    enabled: Callable[[Window], bool] = has_selection,
    checked: Callable[[Window], bool] | None = None,
    line: bool = False,
) -> Action:
    return Action(f"graph.{name}", text, run, keys, "Graph", "canvas", enabled, checked, about, line)


ACTIONS: tuple[Action, ...] = (
    _action(
        "add",
        "Add node…",
        lambda w: w.popups.open_search(None),
        ("Tab", "Shift+A"),
        "Search for an op or a layer and add it (double-click the canvas)",
        shows_canvas,
    ),
    _action(
        "add_after",
        "Add after…",
        add_after,
        ("N",),
        "Add what reads the active node (drag a wire into the void)",
        has_active,
    ),
    _action(
        "insert_after",
        "Insert after…",
        lambda w: add_after(w, inserted=True),
        ("I",),
        "Add a node in the first wire that leaves the active one (Tab over a wire)",
        has_active,
    ),
    _action(
        "replace",
        "Replace with…",
        _replace,
        ("Shift+S",),
        "Put another op in the place of the active node; wires stay where they fit",
        lambda w: w.shows_canvas and w.editor.active in w.editor.graph.nodes,
    ),
    _action(
        "connect_selected",
        "Connect",
        connect_selected,
        ("C",),
        "Connect the selected nodes, from left to right (Alt + right drag)",
        lambda w: w.shows_canvas and len(w.editor.selection) > 1,
        line=True,
    ),
    _action(
        "connect_by_name",
        "Connect by name…",
        connect_by_name,
        ("Shift+C",),
        "Choose where a wire begins and where it ends, or type it: relu -> matmul.x (drag from port to port)",
        shows_canvas,
    ),
    _action(
        "disconnect_by_name",
        "Disconnect by name…",
        disconnect_by_name,
        ("Shift+X",),
        "Choose a wire to take off, or all from one output (Alt+click a port)",
        shows_canvas,
    ),
    _action("disconnect", "Disconnect", disconnect, ("Ctrl+Shift+X",), "Take all wires off the selection"),
    _action("insert", "Insert in the nearest wire", insert, ("W",), "Put the active node into a wire", has_active),
    _action(
        "extract",
        "Pull out of the wires",
        _extract,
        ("E",),
        "The wires close behind the selection (shake it while dragging, or Ctrl+Alt+drag)",
    ),
    _action(
        "bypass", "Bypass", _flag("bypass")[0], ("M", "D"), "Pass the input on", checked=_flag("bypass")[1], line=True
    ),
    _action(
        "detach", "Detach", _flag("detach")[0], ("Shift+M",), "Let no gradient through", checked=_flag("detach")[1]
    ),
    _action(
        "freeze", "Freeze", _flag("freeze")[0], ("Shift+F",), "Train its parameters no more", checked=_flag("freeze")[1]
    ),
    _action("group", "Group", lambda w: group(w, True), ("Ctrl+G",), "Put the selection into one box", line=True),
    _action("frame", "Frame", lambda w: group(w, False), ("Ctrl+J",), "Draw a frame around the selection"),
    _action(
        "ungroup", "Ungroup", ungroup, ("Ctrl+Shift+G",), "Take the group away, and leave what lies in it", has_group
    ),
    _action("collapse", "Collapse or expand", _toggle_collapsed, ("H",), "One box, or what lies within", has_group),
    _action("enter", "Enter the group", enter, ("Return", "Enter"), "Show only what lies in the group", has_group),
    _action(
        "leave",
        "Leave the group",
        leave,
        ("Shift+Return",),
        "Show what lies around the group (Esc, the breadcrumb)",
        is_within,
    ),
    _action(
        "gradients_of",
        "Show gradients of this node",
        toggle_root,
        about="Make the active node the root of the backward pass, or no more",
        enabled=has_active,
        checked=is_root,
        line=True,
    ),
    _action("view_value", "Show the value", _view, ("V",), "In the tensor viewer (Ctrl+Shift+click)", has_active),
)
