"""What is offered after a crash: the edits that an earlier session did not save, in a bar."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from ...core.errors import GradwireError
from ...core.files import Recovered
from ..wording import counted
from .attempting import attempt
from .keeping import UNTITLED, Keeping, Unsaved, left_unsaved
from .opening import read_unsaved

if TYPE_CHECKING:
    from ..window import Window

UNSAVED = "unsaved "  # before the names of bars that offer documents without a file


class Offers:
    """The offers of one window. `waiting`: edits beside its file were found, and the user has not answered."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.waiting = False

    def show_left(self, keeping: Keeping, left: Recovered | None) -> None:
        """Offer the unsaved edits of an earlier session of this file."""
        self.waiting = left is not None
        name = self._window.files.name
        if keeping.elsewhere:
            process = f" (process {keeping.locked_by})" if keeping.locked_by else ""
            text = f"{name} is open in another Gradwire{process}. What is edited here is not kept after a crash."
            self._window.bars.show_bar("elsewhere", text, "warning")
        if left is None:
            return
        unfit = "" if left.fits else " They build on another state of the file and may not fit."
        self._window.bars.show_bar(
            "left",
            f"Unsaved edits of {name} were found: {_told(left)}.{unfit}",
            "warning",
            {"Recover": lambda: self._recover(left), "Discard": lambda: self._discard(keeping)},
        )

    def show_notices(self, notices: Iterable[str]) -> None:
        """What the file's reader had to tell."""
        if lines := list(notices):
            more = [f"… and {len(lines) - 4} more"] if len(lines) > 4 else []
            self._window.bars.show_bar("notices", "\n".join([*lines[:4], *more]), "note")

    def show_unsaved(self) -> None:
        """Offer what had no file when its session ended, the newest first."""
        for unsaved in left_unsaved(self._window.application.data):
            self._window.bars.show_bar(
                _bar_of(unsaved),
                f"Unsaved edits of {_of(unsaved)} of {unsaved.time} were found: {_told(unsaved.recovered)}.",
                "warning",
                {
                    "Recover": partial(self._open_unsaved, unsaved),
                    "Discard": partial(self._forget_unsaved, unsaved),
                },
            )

    def withdraw(self) -> None:
        """Another document is edited here. What was not answered is offered again with its file, or at the start."""
        self.waiting = False
        bars = self._window.bars
        bars.take_away("left", "elsewhere", "notices", *(name for name in bars.names() if name.startswith(UNSAVED)))

    def _recover(self, left: Recovered) -> None:
        """Make the edits again, as one entry of the history."""
        if self._replay(left, self._window):
            self.waiting = False

    def _discard(self, keeping: Keeping) -> None:
        self.waiting = False
        keeping.forget_earlier()

    def _open_unsaved(self, unsaved: Unsaved) -> None:
        """In this window if nothing is lost by that, else in one of its own."""
        window = self._window
        files, document = window.files, window.editor.document
        if files.path is not None or document.dirty or document.graph.nodes:
            window = window.application.open_window(empty=True)
        if attempt(window.bars, lambda: window.files.take(read_unsaved(unsaved))) and self._replay(
            unsaved.recovered, window
        ):
            self._forget_unsaved(unsaved)
            self.show_unsaved()  # the others, which went with the document that was here

    def _forget_unsaved(self, unsaved: Unsaved) -> None:
        unsaved.forget()
        for window in self._window.application.windows:  # each that was opened with a file offers it as well
            window.bars.take_away(_bar_of(unsaved))

    def _replay(self, recovered: Recovered, window: Window) -> bool:
        try:
            recovered.replay(window.editor.document)
        except GradwireError as error:
            window.bars.show_bar("open", f"The edits cannot be made again: {error}", "error")
            return False
        window.show_canvas()
        window.files.changed.emit()
        return True


def _bar_of(unsaved: Unsaved) -> str:
    return f"{UNSAVED}{unsaved.base.name}"


def _of(unsaved: Unsaved) -> str:
    return "an untitled graph" if unsaved.name == UNTITLED else f"a copy of {unsaved.name}"


def _told(left: Recovered) -> str:
    last = left.changes[-1].label
    return f"{counted(len(left.changes), 'edit')}, the last “{last}”"
