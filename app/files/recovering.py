"""What becomes of edits that an earlier session did not save: made again here or in a copy, saved, or discarded.

Each gives whether it could be done; why not is told in the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import GradwireError
from . import asking
from .attempting import attempt, open_elsewhere
from .discarding import set_aside
from .left import Left, OfFile

if TYPE_CHECKING:
    from ..window import Window


def recover_here(window: Window, left: OfFile) -> bool:
    """Make the edits again in the file that is open, where nothing else was done of what it holds; as one undo."""
    document = window.editor.home.document
    while not document.dirty and document.history.state != document.saved_state:
        document.undo()  # what a graph is opened with, as its layout: the edits have that of their own session
    if not _replayed(window, left):
        return False
    left.recovered_here()
    return True


def open_copy(window: Window, left: Left) -> bool:
    """Make the edits again in a copy of what they build on, here if nothing is lost by that, else in a new window."""
    document = window.editor.home.document
    if window.files.path is not None or document.dirty or document.graph.nodes:
        window = window.application.open_window(empty=True)
    if not (attempt(window.bars, lambda: window.files.take(left.opened())) and _replayed(window, left)):
        return False
    left.forget()
    return True


def save_as(window: Window, left: Left) -> bool:
    """Ask for a file, and write there what the edits make of what they build on."""
    recent = window.application.recent
    path = asking.ask_save(window, left.proposed(recent.folder()))
    if path is None or open_elsewhere(window, path) or not attempt(window.bars, lambda: _save(left, path.absolute())):
        return False
    left.forget()
    recent.add(path)
    if window.files.path is not None:
        recent.add(window.files.path)  # the one with which the next start goes on
    window.tell(f"Saved the recovered edits as {path.name}", "note")
    return True


def discard(window: Window, lefts: Sequence[Left]) -> bool:
    """Let go of edits of one document, which are set aside for a while; else they stay, and are offered again."""
    journals = [journal for left in lefts for journal in left.journals()]
    try:
        copy = set_aside(window.application.data, lefts[0].base, journals)
    except OSError as error:
        window.tell(f"not discarded: it could not be set aside ({error.strerror})", "refusal")
        return False
    for left in lefts:
        left.forget()
    window.tell(f"Discarded, and set aside: open {copy} to have these edits after all")
    return True


def _save(left: Left, path: Path) -> None:
    session = left.opened().session
    left.replay(session.document)
    session.save(path)


def _replayed(window: Window, left: Left) -> bool:
    try:
        left.replay(window.editor.home.document)
    except GradwireError as error:
        window.bars.show_bar("open", f"The edits cannot be made again: {error}", "error")
        return False
    window.show_canvas()
    window.canvas.frame()  # it was empty, or looked at elsewhere
    window.files.changed.emit()
    return True
