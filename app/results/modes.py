"""In which mode what is shown was computed, where that matters: in a line, and of each node in a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the status bar asks, which stands before `core` is loaded
    from ..editor import Editor


def mode_line(editor: Editor) -> str:
    """`training: dropout is on`; "" where nothing that is shown depends on the mode."""
    from ...core.stepping.modes import depends_on_mode, mode_text

    run, registry = editor.results.run, editor.live.computed.registry
    if run is None or registry is None or not depends_on_mode(run.asked.graph, registry):
        return ""
    return mode_text(run, registry)


def mode_of(editor: Editor, id: str) -> str:
    """In which mode a node ran, "train" or "eval", where what it gives depends on that; else ""."""
    from ...core.stepping import modes

    run, registry = editor.results.run, editor.live.computed.registry
    return "" if run is None or registry is None else modes.mode_of(run, registry, id)
