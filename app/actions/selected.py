"""What actions on the canvas have in common: what they ask of a window first, and one undo for what they do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ...core.document import Transaction
from .. import editing
from .action import Action

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from ..editor import Editor
    from ..window import Window


def shows_canvas(window: Window) -> bool:
    """Whether there is a graph to edit."""
    return window.shows_canvas


def has_selection(window: Window) -> bool:
    """Whether something is selected."""
    return window.shows_canvas and bool(window.editor.selection)


def has_active(window: Window) -> bool:
    """Whether there is an active node or group."""
    return window.shows_canvas and window.editor.active is not None


def has_dots(window: Window) -> bool:
    """Whether reroute dots are selected."""
    return window.shows_canvas and bool(window.canvas.dots)


def takes_one_node(window: Window) -> str:
    """Why nothing is done to the active node: there is none, or it is a group."""
    graph, selection = window.editor.graph, window.editor.selection
    if len(selection) == 1:
        return f"this takes a node, {graph.called(next(iter(selection)))} is a group"
    return f"this takes one node, found {len(selection) or 'none'} selected"


def takes_selection(_: Window) -> str:
    """Why nothing is done to what is selected."""
    return "nothing is selected to do this with"


def takes_several(window: Window) -> str:
    """Why nothing is done to nodes beside each other."""
    return f"this takes several nodes, found {len(window.editor.selection) or 'none'} selected"


def chosen(editor: Editor) -> list[str]:
    """What is selected, without what lies in a selected group."""
    return sorted(editing.outermost(editor.graph, editor.selection))


def attempt(window: Window, verb: str, act: Callable[[Transaction, list[str]], object]) -> object:
    """Do something to the selection in one undo, labelled by the verb and what is selected."""
    editor = window.editor
    ids = chosen(editor)
    return editor.attempt(f"{verb} {editing.counted(editor.graph, ids)}", lambda t: act(t, ids)) if ids else None


def box(window: Window, id: str) -> tuple[float, float, float, float]:
    """x, y, width and height of what shows a node or group: itself, or a collapsed group around it."""
    scene = window.canvas.scene
    face = scene.face(id)
    return scene.rect(face) if face is not None else (*window.editor.graph.item(id).position, 0.0, 0.0)


def beneath(window: Window) -> QPoint | None:
    """The point of the screen beneath the active node, None where there is none."""
    active, canvas = window.editor.active, window.canvas
    if active is None:
        return None
    x, y, _, height = box(window, active)
    return canvas.mapToGlobal(canvas.view.to_screen(x, y + height).toPoint())


def canvas_action(
    name: str,
    text: str,
    run: Callable[[Window], object],
    keys: tuple[str, ...] = (),
    about: str = "",
    enabled: Callable[[Window], bool] = has_selection,
    menu: str = "Edit",
    checked: Callable[[Window], bool] | None = None,
    line: bool = False,
    refusal: Callable[[Window], str] | None = None,
) -> Action:
    """An action for the canvas, called after its menu: "edit.copy"."""
    id = f"{menu.partition('/')[0].lower()}.{name}"
    if refusal is None and enabled in (has_selection, has_active):
        refusal = takes_selection
    return Action(id, text, run, keys, menu, "canvas", enabled, checked, about, line, refusal=refusal)


graph_action = partial(canvas_action, menu="Graph")
