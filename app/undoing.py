"""Undo and redo of what an editor shows; and why nothing of it changes where it is only looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.document import Change
from ..core.errors import GradwireError
from .editing.moving import outermost
from .wording import UNDONE

if TYPE_CHECKING:
    from .editor import Editor

READ_ONLY = "this graph is only looked at: go back to the document to edit it"


def is_looked_at(editor: Editor) -> bool:
    """Whether the graph of a run is shown in the place of the document, which is not edited."""
    return editor.session is not editor.home


def refuses(editor: Editor) -> bool:
    """Whether what is shown is only looked at, and say so."""
    if is_looked_at(editor):
        editor.told.emit(READ_ONLY, "refusal")
    return is_looked_at(editor)


def take_step(editor: Editor, step: Callable[[], Change | None], word: str) -> None:
    """Undo or redo, and say what; what was deleted and is there again is selected."""
    if refuses(editor):
        return
    try:
        change = step()
    except GradwireError as error:
        editor.told.emit(str(error), "refusal")
        return
    if change is not None:
        if word == UNDONE and (back := _brought_back(change, editor.group)):  # it is at hand again
            editor.select(back)
        editor.told.emit(f"{word}: {change.label}", "note")


def _brought_back(change: Change, shown: str | None) -> list[str]:
    """The nodes and groups that are there again after a change, of those in the group that is shown."""
    before, after = change.before, change.after
    back = [id for id in after.nodes if id not in before.nodes]
    back += [id for id in after.groups if id not in before.groups]
    return [id for id in outermost(after, back) if shown is None or shown in after.chain(after.item(id).group)]
