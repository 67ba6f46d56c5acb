"""The actions on ops that are made of simpler ones: show these, or the one op again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action
from .selected import graph_action, takes_one_node

if TYPE_CHECKING:
    from ..window import Window


def has_active_node(window: Window) -> bool:
    """Whether a node is active."""
    return window.shows_canvas and window.editor.active in window.editor.graph.nodes


def has_active_group(window: Window) -> bool:
    """Whether a group is active that is no note."""
    active, graph = window.editor.active, window.editor.graph
    return window.shows_canvas and active in graph.groups and not graph.is_note(active or "")


def _takes_expanded(window: Window) -> str:
    """Why nothing is fused."""
    active, graph = window.editor.active or "", window.editor.graph
    return f"this takes the group of an expanded op, found {graph.called(active) if active else 'none'} selected"


def expand(window: Window, id: str) -> None:
    """Show a node as the simpler ops of which it is made; what is made of nothing simpler is refused."""
    from ..editing import expanding  # with all that lays out

    expanding.expand(window.canvas, id)


def fuse(window: Window, id: str) -> None:
    """Make a group the one op again for which its parts stand."""
    from ..editing import expanding

    expanding.fuse(window.canvas, id)


def _active(window: Window) -> str:
    assert window.editor.active is not None
    return window.editor.active


ACTIONS: tuple[Action, ...] = (
    graph_action(
        "expand",
        "Expand into simpler ops",
        lambda window: expand(window, _active(window)),
        ("Ctrl+E",),
        "Show the active node as what it is made of: softmax as exponentials, their sum, and quotients",
        has_active_node,
        line=True,
        refusal=takes_one_node,
    ),
    graph_action(
        "fuse",
        "Fuse again",
        lambda window: fuse(window, _active(window)),
        ("Ctrl+Shift+E",),
        "Make what was expanded the one node again, with its name and its wires",
        has_active_group,
        refusal=_takes_expanded,
    ),
)
