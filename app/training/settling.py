"""That a graph has training settings before a run begins: one without is given those that are proposed for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..editor import Editor


def with_settings(editor: Editor, begin: Callable[[], object], shows: bool) -> None:
    """Begin a run; of a graph without settings when its check knows what training could make small, and with these.

    Where there is nothing to train the run fails; `shows`: its panel is to be seen then.
    """
    if editor.graph.training is not None:
        begin()
    else:
        editor.checking.when_known(lambda: _begin_as_proposed(editor, begin, shows))


def _begin_as_proposed(editor: Editor, begin: Callable[[], object], shows: bool) -> None:
    from ..inspecting.proposing import NO_LOSS, proposed

    settings, graph = proposed(editor), editor.graph
    if settings is None:
        _refuse(editor, NO_LOSS, shows)
        return
    loss = graph.path(settings.loss)
    if not any(graph.nodes[id].op == "parameter" for id in graph.ancestors([settings.loss])):
        _refuse(editor, f"there is nothing to train: {loss} depends on no parameter", shows)
        return
    editor.attempt("Add training", lambda t: t.set_training(settings))
    if editor.graph.training is not None:
        editor.told.emit(f"Trains to make {loss} small; the inspector tells how, with nothing selected", "note")
        begin()


def _refuse(editor: Editor, why: str, shows: bool) -> None:
    editor.training.begun.emit(shows)
    editor.training.fail(why)
