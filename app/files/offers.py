"""What is offered after a crash: the edits that an earlier session did not save, in a bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from ...core.errors import GradwireError
from ...core.files import Recovered
from ..wording import counted
from .attempting import attempt
from .discarding import set_aside
from .keeping import Keeping
from .opening import read_unsaved
from .reading import journals_of
from .unsaved import UNTITLED, Unsaved, left_unsaved

if TYPE_CHECKING:
    from pathlib import Path

    from ...core.document import Document
    from ..window import Window

UNSAVED = "unsaved "  # before the names of bars that offer documents without a file


class Offers:
    """The offers of one window. `waiting`: edits beside its file were found, and the user has not answered."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.waiting = False

    def show_left(self, keeping: Keeping) -> None:
        """Offer the unsaved edits of an earlier session of this file."""
        left, name = keeping.left(), self._window.files.name
        self._show_unread("unread", keeping.notices)
        self.waiting = left is not None
        if left is None:
            return
        unfit = "" if left.fits else " They build on another state of the file and may not fit."
        notices = [notice for notice in left.notices if not notice.endswith("builds on another state of the file")]
        self._window.bars.show_bar(
            "left",
            "\n".join([f"Unsaved edits of {name} were found: {_told(left)}.{unfit}", *notices]),
            "warning",
            {"Recover": lambda: self._recover(left), "Discard": lambda: self._discard(keeping)},
        )

    def withdraw_left(self) -> None:
        """What is edited is no longer the file whose edits are offered: they are again when that is opened."""
        self.waiting = False
        self._window.bars.take_away("left")

    def show_notices(self, notices: Iterable[str]) -> None:
        """What the file's reader had to tell."""
        if lines := list(notices):
            more = [f"… and {len(lines) - 4} more"] if len(lines) > 4 else []
            self._window.bars.show_bar("notices", "\n".join([*lines[:4], *more]), "note")

    def show_unsaved(self) -> None:
        """Offer what had no file when its session ended, the newest first."""
        unread: list[str] = []
        for unsaved in left_unsaved(self._window.application.data, unread.append):
            self._window.bars.show_bar(
                _bar_of(unsaved),
                f"Unsaved edits of {_of(unsaved)} of {unsaved.time} were found{_told_of(unsaved)}.",
                "warning",
                {
                    "Recover": partial(self._open_unsaved, unsaved),
                    "Discard": partial(self._discard_unsaved, unsaved),
                },
            )
        self._show_unread("unread copies", unread)

    def withdraw(self) -> None:
        """Another document is edited here. What was not answered is offered again with its file, or at the start."""
        self.withdraw_left()
        bars = self._window.bars
        bars.take_away("unread", "notices", *(name for name in bars.names() if name.startswith(UNSAVED)))

    def _recover(self, left: Recovered) -> None:
        """Make the edits again, as one entry of the history; where nothing else was done, of what the file holds."""
        document = self._window.editor.home.document
        while not document.dirty and document.history.state != document.saved_state:
            document.undo()  # what a graph is opened with, as its layout: the edits have that of their own session
        if self._replay(left.replay, self._window):
            self.waiting = False

    def _discard(self, keeping: Keeping) -> None:
        if self._set_aside(keeping.base, keeping.earlier()):
            self.waiting = False
            keeping.forget_earlier()

    def _set_aside(self, path: Path, journals: list[Path]) -> bool:
        """Whether what is discarded could be set aside, which is told; else it stays, and is offered again."""
        try:
            copy = set_aside(self._window.application.data, path, journals)
        except OSError as error:
            self._window.tell(f"not discarded: it could not be set aside ({error.strerror})", "refusal")
            return False
        self._window.tell(f"Discarded, and set aside: open {copy} to have these edits after all")
        return True

    def _open_unsaved(self, unsaved: Unsaved) -> None:
        """In this window if nothing is lost by that, else in one of its own."""
        window = self._window
        files, document = window.files, window.editor.home.document
        if files.path is not None or document.dirty or document.graph.nodes:
            window = window.application.open_window(empty=True)
        if attempt(window.bars, lambda: window.files.take(read_unsaved(unsaved))) and self._replay(
            unsaved.replay, window
        ):
            self._forget_unsaved(unsaved)
            self.show_unsaved()  # the others, which went with the document that was here

    def _discard_unsaved(self, unsaved: Unsaved) -> None:
        if self._set_aside(unsaved.base, journals_of(unsaved.base)):
            self._forget_unsaved(unsaved)

    def _forget_unsaved(self, unsaved: Unsaved) -> None:
        unsaved.forget()
        for window in self._window.application.windows:  # each that was opened with a file offers it as well
            window.bars.take_away(_bar_of(unsaved))

    def _show_unread(self, name: str, lines: list[str]) -> None:
        """Tell of journals that could not be read."""
        if lines:
            self._window.bars.show_bar(name, "\n".join(lines), "warning")

    def _replay(self, replay: Callable[[Document], object], window: Window) -> bool:
        try:
            replay(window.editor.home.document)
        except GradwireError as error:
            window.bars.show_bar("open", f"The edits cannot be made again: {error}", "error")
            return False
        window.show_canvas()
        window.canvas.frame()  # it was empty, or looked at elsewhere
        window.files.changed.emit()
        return True


def _bar_of(unsaved: Unsaved) -> str:
    return f"{UNSAVED}{unsaved.base.name}"


def _of(unsaved: Unsaved) -> str:
    return "an untitled graph" if unsaved.name == UNTITLED else f"a copy of {unsaved.name}"


def _told(left: Recovered) -> str:
    last = left.changes[-1].label
    return f"{counted(len(left.changes), 'edit')}, the last “{last}”"


def _told_of(unsaved: Unsaved) -> str:
    """What is known of its edits: of those before the copy only that there were some."""
    if unsaved.recovered is None:
        return ""
    return (
        f": {_told(unsaved.recovered)}" if not unsaved.edited else f", the last “{unsaved.recovered.changes[-1].label}”"
    )
