"""The actions on what a node does and shows: its flags, its value, whether gradients are of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...core.graph import Source
from .. import editing
from ..results.root import add_root, choose_root, drop_root
from .action import Action
from .selected import chosen, graph_action, has_active

if TYPE_CHECKING:
    from ..window import Window


def _flag(flag: str) -> tuple[Callable[[Window], object], Callable[[Window], bool]]:
    """How a flag of the selection is turned over, and whether it is on."""

    def run(window: Window) -> None:
        editor = window.editor
        ids = chosen(editor)
        label = editing.flag_label(editor.graph, ids, flag)
        editor.attempt(label, lambda t: editing.toggle_flag(t, ids, flag))

    return run, lambda window: editing.has_flag(window.editor.graph, window.editor.selection, flag)


def _view(window: Window) -> None:
    editor, active = window.editor, window.editor.active
    assert active is not None
    given: list[Source] = editing.outputs(editor.graph, editor.document.registry, active)
    if given:
        editor.wishes.view.emit(given[0])


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
        choose_root(editor, None if is_root(window) else source)


def toggle_further_root(window: Window) -> None:
    """Add the active node to what gradients are of, or take it away again."""
    editor, source = window.editor, _first_output(window)
    if source is None:
        editor.told.emit("gradients are of a value, and this gives none", "refusal")
    else:
        (drop_root if source in editor.live.roots else add_root)(editor, source)


def leave_root(window: Window) -> None:
    """Let the graph say of what gradients are: of its loss, else of the one number that comes out."""
    choose_root(window.editor, None)


def _has_chosen_root(window: Window) -> bool:
    return window.shows_canvas and bool(window.editor.live.chosen)


def is_root(window: Window) -> bool:
    """Whether the active node was chosen as what gradients are of."""
    source = _first_output(window)
    return source is not None and source in (root.source for root in window.editor.live.chosen)


ACTIONS: tuple[Action, ...] = (
    graph_action(
        "bypass", "Bypass", _flag("bypass")[0], ("M", "D"), "Pass the input on", checked=_flag("bypass")[1], line=True
    ),
    graph_action(
        "detach", "Detach", _flag("detach")[0], ("Shift+M",), "Let no gradient through", checked=_flag("detach")[1]
    ),
    graph_action(
        "freeze", "Freeze", _flag("freeze")[0], ("Shift+F",), "Train its parameters no more", checked=_flag("freeze")[1]
    ),
    graph_action(
        "keep",
        "Keep gradient",
        _flag("keep")[0],
        ("Shift+G",),
        "Do not free it when backward is done; that of a parameter is kept anyhow",
        checked=_flag("keep")[1],
    ),
    graph_action(
        "gradients_of",
        "Make this the root of gradients",
        toggle_root,
        about="Show how each value changes that of the active node: backward starts there",
        enabled=has_active,
        checked=is_root,
        line=True,
        menu="Graph/Gradients",
    ),
    graph_action(
        "gradients_of_this_too",
        "Show gradients of this node too",
        toggle_further_root,
        about="Add the active node to the roots of the backward pass, or take it away",
        enabled=has_active,
        checked=is_root,
        menu="Graph/Gradients",
    ),
    graph_action(
        "gradients_of_loss",
        "Gradients of the loss again",
        leave_root,
        about="Backward starts at the loss of training, else at the one number that comes out",
        enabled=_has_chosen_root,
        menu="Graph/Gradients",
    ),
    graph_action("view_value", "Show the value", _view, ("V",), "In the tensor viewer (Ctrl+Shift+click)", has_active),
)
