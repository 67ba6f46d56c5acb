"""A click with the right button: what can be done to what lies there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from ....core.graph import Wire
from ....core.tracing import is_composite, standing_for
from ... import editing
from ..bends import Dot
from ..scene import Place, PortRef
from .gesture import Gesture, Press
from .rerouting import add_dots, remove_dots
from .select import is_void

if TYPE_CHECKING:
    from ...editor import Editor
    from ..canvas import Canvas

Entry = tuple[str, Callable[[], object]] | str | None  # text and act, the id of an action, or a line between

FOR_VOID: tuple[Entry, ...] = (
    "graph.add",
    "edit.paste",
    "edit.paste_with_inputs",
    None,
    "graph.add_note",
    "edit.select_all",
    "view.frame_all",
    "graph.leave",
    "graph.gradients_of_loss",
)
FOR_ITEM: tuple[Entry, ...] = (
    "edit.cut",
    "edit.copy",
    "edit.duplicate",
    "edit.delete",
    "edit.delete_and_reconnect",
    None,
    "graph.bypass",
    "graph.detach",
    "graph.freeze",
    "graph.keep",
    None,
    "graph.connect_selected",
    "graph.extract",
    "graph.insert",
    "graph.disconnect",
    "graph.replace",
    None,
    "graph.enter",
    "graph.collapse",
    "graph.group",
    "graph.frame",
    "graph.put_into_frame",
    "graph.take_out_of_frame",
    "graph.ungroup",
    "graph.save_as_layer",
    "graph.expand",
    "graph.fuse",
    None,
    "step.run_to",
    "step.run_to_gradient",
    "step.breakpoint",
    "step.fork",
    "step.why",
    "step.watch",
    None,
    "graph.gradients_of",
    "graph.gradients_of_loss",
    None,
    "graph.view_value",
    "help.card",
    "edit.rename",
)


class Menu(Gesture):
    """Opens at the press, which the canvas passes on only where it was no drag."""

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins with the right button alone."""
        plain = press.modifiers == Qt.KeyboardModifier.NoModifier
        if press.button != Qt.MouseButton.RightButton or not plain:
            return None
        menu = menu_for(canvas, press)
        if not menu.isEmpty():
            menu.popup(canvas.mapToGlobal(press.screen.toPoint()))
        return cls()


def menu_for(canvas: Canvas, press: Press) -> QMenu:
    """The menu of what lies under the pointer; a node there is selected unless it is already."""
    editor, item = canvas.editor, press.hit.item
    if press.hit.port is None and not is_void(press) and item is not None and item not in editor.selection:
        editor.select([item], item)
    menu = QMenu(canvas)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    known = getattr(getattr(canvas.window(), "menus", None), "actions", {})
    waiting = False
    for entry in _entries(canvas, press):
        if entry is None:
            waiting = not menu.isEmpty()
            continue
        action = known.get(entry) if isinstance(entry, str) else None
        if isinstance(entry, str) and (action is None or not action.isEnabled()):
            continue
        if waiting:
            menu.addSeparator()
            waiting = False
        if action is not None:
            menu.addAction(action)
        elif not isinstance(entry, str):
            menu.addAction(entry[0], entry[1])
    return menu


def _entries(canvas: Canvas, press: Press) -> Iterator[Entry]:
    editor = canvas.editor
    refresh = getattr(getattr(canvas.window(), "menus", None), "refresh", None)
    if refresh is not None:
        refresh()  # what can be done has changed with the selection
    if press.hit.port is not None:
        yield from _for_port(canvas, press, canvas.scene.real(press.hit.port))
    elif press.hit.wire is not None:
        yield from _for_wire(canvas, press, press.hit.wire)
    else:
        yield from FOR_VOID if is_void(press) else (entry for entry in FOR_ITEM if _concerns(editor, entry))


def _concerns(editor: Editor, entry: Entry) -> bool:
    """Whether an action that most nodes refuse is for the one that is active."""
    active, graph = editor.active or "", editor.graph
    if entry == "graph.expand":
        return active in graph.nodes and is_composite(editor.registry.get(graph.nodes[active].op))
    return entry != "graph.fuse" or standing_for(graph, editor.registry, active) is not None


def _for_port(canvas: Canvas, press: Press, port: PortRef) -> Iterator[Entry]:
    editor = canvas.editor
    wires = editing.wires_at(editor.graph, *port)
    what = "Add what reads this…" if port.output else "Add what feeds this…"
    yield what, lambda: canvas.search_wanted.emit(Place(press.x, press.y, port, None))
    if wires:
        yield editing.cut_label(editor.graph, wires), lambda: _cut(canvas, wires)


def _for_wire(canvas: Canvas, press: Press, wire: Wire) -> Iterator[Entry]:
    yield "Insert a node…", lambda: canvas.search_wanted.emit(Place(press.x, press.y, None, wire))
    yield editing.cut_label(canvas.editor.graph, [wire]), lambda: _cut(canvas, [wire])
    yield "Show the value", lambda: canvas.editor.wishes.view.emit(wire.source)
    yield None
    if press.hit.dot is not None:
        dot = frozenset({press.hit.dot})
        yield "Remove the reroute dot", lambda: remove_dots(canvas, dot)
    else:
        yield "Add a reroute dot", lambda: add_dots(canvas, {wire: (press.x, press.y)})
    if (count := len(canvas.editor.graph.bends.get((wire.target, wire.port), ()))) > 1:
        every = frozenset(Dot(wire.target, wire.port, number) for number in range(count))
        yield f"Remove its {editing.dots_counted(count)}", lambda: remove_dots(canvas, every)


def _cut(canvas: Canvas, wires: list[Wire]) -> None:
    editor = canvas.editor
    editor.attempt(editing.cut_label(editor.graph, wires), lambda t: editing.cut(t, wires))
