"""The actions that select."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import editing
from .action import Action
from .selected import canvas_action, has_selection, shows_canvas

if TYPE_CHECKING:
    from ..window import Window


def select_all(window: Window) -> None:
    """Everything in the group that is entered."""
    window.editor.select(window.editor.graph.members(window.editor.group).values())


def invert_selection(window: Window) -> None:
    """What is not selected in the group that is entered."""
    members = window.editor.graph.members(window.editor.group).values()
    window.editor.select(set(members) - window.editor.selection)


def select_stream(window: Window, step: Callable[[set[str]], set[str]]) -> None:
    """The selection and all nodes up or down its wires; what is hidden in a collapsed group as that group."""
    editor, graph = window.editor, window.editor.graph
    nodes = {id for id in editing.with_interior(graph, editor.selection) if id in graph.nodes}
    faces = {window.canvas.scene.face(id) for id in step(nodes)}
    editor.select({id for id in faces if id is not None} | editor.selection, editor.active)


def select_linked(window: Window) -> None:
    """Everything that hangs together with the selection."""
    graph = window.editor.graph

    def step(nodes: set[str]) -> set[str]:
        waiting, found = list(nodes), set(nodes)
        while waiting:
            id = waiting.pop()
            for other in (*graph.sources(id), *graph.targets(id)):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found

    select_stream(window, step)


ACTIONS: tuple[Action, ...] = (
    canvas_action(
        "select_all", "Select all", select_all, ("Ctrl+A",), "Everything in this group", shows_canvas, "Edit/Select"
    ),
    canvas_action(
        "select_none",
        "Select nothing",
        lambda w: w.editor.select(()),
        ("Ctrl+Shift+A",),
        "Let go of the selection",
        has_selection,
        "Edit/Select",
    ),
    canvas_action(
        "invert_selection", "Invert", invert_selection, ("Ctrl+I",), "What is not selected", shows_canvas, "Edit/Select"
    ),
    canvas_action(
        "select_upstream",
        "All that feeds it",
        lambda w: select_stream(w, w.editor.graph.ancestors),
        ("Shift+Left",),
        "Select all that the selection depends on too",
        menu="Edit/Select",
    ),
    canvas_action(
        "select_downstream",
        "All that depends on it",
        lambda w: select_stream(w, w.editor.graph.descendants),
        ("Shift+Right",),
        "Select all that depends on the selection too",
        menu="Edit/Select",
    ),
    canvas_action(
        "select_linked", "All linked", select_linked, ("L",), "All that hangs together with it", menu="Edit/Select"
    ),
)
