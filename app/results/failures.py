"""What failed while it was computed, where a check of the graph finds nothing wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the status bar asks, which stands before `core` is loaded
    from ...core.infer import Problem
    from ..editor import Editor


def failures(editor: Editor) -> list[Problem]:
    """A problem for each node that failed, of those that have no other."""
    from ...core.infer import Problem

    told = {problem.node for problem in editor.problems}
    errors, nodes = editor.live.errors(), editor.graph.nodes
    return [Problem(id, None, message) for id, message in errors.items() if id in nodes and id not in told]


def refusal(editor: Editor) -> str:
    """Why there is no gradient anywhere of what is shown, as it stands in the place of one; "" where there are some."""
    stepped = editor.stepper.timeline if editor.stepper.active else None
    run = editor.live.computed.result if stepped is None else stepped.run
    if run is None or run.gradients.error is None or (stepped is None and not editor.live.refusal):
        return ""
    node = run.gradients.node
    if node is not None and node in editor.graph.nodes:
        return f"none: the gradient rule of {editor.graph.path(node)} failed"
    return "none: gradients could not be computed"
