"""The actions that ask about what is shown: ways and derivatives, causes, mends, and what is guessed beforehand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...core.stepping.paths import spelled_path
from ..stepping.offering import can_mend, mend, nothing_to_mend
from .action import Action, Menu
from .moments import asks_of_node, has_node, has_nodes, is_computed, wants_one_node
from .selected import takes_selection

if TYPE_CHECKING:
    from ..window import Window


def _one_or_two_nodes(window: Window) -> bool:
    chosen = window.editor.selection
    return is_computed(window) and len(chosen) in (1, 2) and chosen <= window.editor.graph.nodes.keys()


def _can_isolate(window: Window) -> bool:
    return window.shows_canvas and (window.editor.spotlight.isolates or bool(window.editor.selection))


def _watch(window: Window) -> None:
    """Watch value and gradient of the active node, and show what they come to."""
    editor = window.editor
    name = spelled_path(editor.graph, str(editor.active))
    editor.watching.watch(f"{name}.value")
    editor.watching.watch(f"{name}.grad")
    window.docks.show("watch")


def _isolate(window: Window) -> None:
    """Dim all but what the selection is joined to; where something is isolated already, end that."""
    editor = window.editor
    if editor.spotlight.isolates:
        editor.spotlight.end_answer()
        editor.spotlight.end()
    elif not editor.spotlight.isolate(editor.selection):
        editor.told.emit("no way leads from one of the selected nodes to another", "refusal")


_ASK = Menu("Step/Questions", "step")
_on_canvas = partial(_ASK.action, focus="canvas")
_on_node = partial(_on_canvas, enabled=asks_of_node, on_rows=True, refusal=wants_one_node)

ACTIONS: tuple[Action, ...] = (
    _on_canvas(
        "isolate",
        "Isolate",
        "Dim all but the ways between the selected nodes, or what the one selected is joined to",
        _isolate,
        "Shift+I",
        enabled=_can_isolate,
        checked=lambda w: w.editor.spotlight.isolates,
        line=True,
        refusal=takes_selection,
    ),
    _on_canvas(
        "derivative",
        "∂B/∂A of two nodes",
        "Compute the derivative of the later of two nodes by the earlier, and light its ways: select both, or one"
        " after the other",
        lambda w: w.editor.questions.pairing.take(sorted(w.editor.selection)),
        "Shift+D",
        enabled=_one_or_two_nodes,
        refusal=lambda w: "select one of two nodes and press Shift+D, then click the other",
    ),
    _on_node(
        "why",
        "Why is this gradient what it is?",
        "Find why the gradient of the selected node is zero, not finite, none or large, and go to the cause",
        lambda w: w.editor.questions.why(str(w.editor.active)),
        "Shift+W",
    ),
    _on_node(
        "watch",
        "Watch value and gradient",
        "Add the selected node to the Watch panel, which tells at each moment what its value and gradient are",
        _watch,
        enabled=has_node,
    ),
    _ASK.action(
        "diagnose",
        "Diagnose",
        "Look for what is unusual: NaN, dead units, vanishing gradients, a loss that broadcasts, …",
        lambda w: w.panel("diagnosis"),
        "Ctrl+Shift+L",
    ),
    _ASK.action(
        "first_nan",
        "Go to the first NaN",
        "Find where the first NaN or infinity begins, forwards and then backwards",
        lambda w: w.editor.questions.first_not_finite(),
        enabled=is_computed,
    ),
    _ASK.action(
        "mend",
        "Mend",
        "Do the first of the mends that were offered, else look for one here: of what is not finite, or of a finding",
        mend,
        "Alt+Return",
        enabled=lambda w: has_nodes(w) and can_mend(w.editor),
        on_rows=True,
        refusal=nothing_to_mend,
    ),
    _on_node(
        "nudge",
        "Nudge",
        "Move the value of the selected node by a little, and hold ΔL/ε against the gradient; nothing is edited",
        lambda w: w.editor.questions.nudge(str(w.editor.active)),
        "Shift+E",
        line=True,
    ),
    _on_canvas(
        "predict",
        "Predict",
        "Say the sign or value of what is delivered next before it is shown",
        lambda w: w.editor.predicting.toggle(),
        "Q",
        enabled=has_nodes,
        checked=lambda w: w.editor.predicting.on,
    ),
)
