"""That a graph has training settings before a run begins: one without is given those that are proposed for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..editor import Editor


def with_settings(editor: Editor, begin: Callable[[], object], refuse: Callable[[str], object]) -> None:
    """Begin; where the graph has no settings when its check knows what training could make small, and with these."""
    if editor.graph.training is not None:
        begin()
    else:
        editor.checking.when_known(lambda: _propose(editor, begin, refuse))


def _propose(editor: Editor, begin: Callable[[], object], refuse: Callable[[str], object]) -> None:
    from ..inspecting.proposing import NO_LOSS, proposed

    settings = proposed(editor)
    if settings is None:
        refuse(NO_LOSS)
        return
    editor.attempt("Add training", lambda t: t.set_training(settings))
    if editor.graph.training is not None:
        loss = editor.graph.path(settings.loss)
        editor.told.emit(f"Trains to make {loss} small; the inspector tells how, with nothing selected", "note")
        begin()
