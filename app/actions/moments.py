"""What actions on the moment that is shown ask of a window first, and why they do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..stepping.questions import NOTHING
from .selected import takes_one_node

if TYPE_CHECKING:
    from ..window import Window


def has_nodes(window: Window) -> bool:
    """Whether there is something to step through, or to train."""
    return window.shows_canvas and bool(window.editor.graph.nodes)


def steps(window: Window) -> bool:
    """Whether a moment is shown that was recorded."""
    return window.shows_canvas and window.editor.stepper.active


def nothing_to_step(window: Window) -> str:
    """Why nothing is stepped through; nothing to say where that is not it."""
    return "" if has_nodes(window) else "there is nothing to step through: the graph is empty"


def no_moment(window: Window) -> str:
    """Why nothing is done to the moment that is shown: there is none."""
    return nothing_to_step(window) or "this takes a recorded moment: Space does the first step"


def has_node(window: Window) -> bool:
    """Whether a node is active, and no group."""
    return has_nodes(window) and window.editor.active in window.editor.graph.nodes


def is_computed(window: Window) -> bool:
    """Whether there is an iteration to ask of."""
    return has_nodes(window) and window.editor.results.timeline is not None


def asks_of_node(window: Window) -> bool:
    """Whether there is one, and a node to ask about."""
    return is_computed(window) and has_node(window)


def wants_one_node(window: Window) -> str:
    """Why nothing is done to the active node, or asked about it."""
    one = window.editor.active in window.editor.graph.nodes
    return NOTHING if one else takes_one_node(window)
