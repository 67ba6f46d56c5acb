"""What is offered after a crash: the edits that earlier sessions did not save, all of them in one bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..chrome.bars import Act, Answers
from .keeping import Keeping
from .left import Left, OfCopy, OfFile, lefts_of, text_of, titles
from .recovering import discard, open_copy, recover_here, save_as
from .unsaved import left_unsaved

if TYPE_CHECKING:
    from pathlib import Path

    from ..window import Window

LEFT, UNSAVED = "left", "unsaved"  # the names of the bar: with edits of the file that is open, and without


class Offers:
    """The offers of one window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._lefts: list[Left] = []  # what is not answered, in the order in which it is shown
        self._recovered = False  # whether edits of the file that is open were made again in it

    @property
    def waiting(self) -> bool:
        """Whether edits of the file that is open were found for which the user has not answered."""
        return any(isinstance(left, OfFile) for left in self._lefts)

    def show_left(self, keeping: Keeping) -> None:
        """Offer the unsaved edits of earlier sessions of this file."""
        lefts = lefts_of(keeping)
        self._show_unread("unread", keeping.notices)
        self._recovered = False
        self._show([*lefts, *self._copies()])

    def withdraw_left(self) -> None:
        """What is edited is no longer the file whose edits are offered: they are again when that is opened."""
        self._show(self._copies())

    def show_notices(self, notices: Iterable[str]) -> None:
        """What the file's reader had to tell."""
        if lines := list(notices):
            more = [f"… and {len(lines) - 4} more"] if len(lines) > 4 else []
            self._window.bars.show_bar("notices", "\n".join([*lines[:4], *more]), "note")

    def show_unsaved(self) -> None:
        """Offer what had no file when its session ended, the newest first."""
        unread: list[str] = []
        copies = [OfCopy(unsaved) for unsaved in left_unsaved(self._window.application.data, unread.append)]
        self._show([*(left for left in self._lefts if isinstance(left, OfFile)), *copies])
        self._show_unread("unread copies", unread)

    def withdraw(self) -> None:
        """Another document is edited here. What was not answered is offered again with its file, or at the start."""
        self._show([])
        self._window.bars.take_away("unread", "notices")

    def drop(self, base: Path) -> None:
        """A document without a file was answered for, in whichever window."""
        self._show([left for left in self._lefts if left.base != base])

    def _copies(self) -> list[Left]:
        return [left for left in self._lefts if isinstance(left, OfCopy)]

    # The bar.

    def _show(self, lefts: Sequence[Left]) -> None:
        before, self._lefts = self._lefts, list(lefts)
        if self._lefts == before:  # also where the user has closed the bar
            return
        bars, name = self._window.bars, LEFT if self.waiting else UNSAVED
        if not self._lefts:
            bars.take_away(LEFT, UNSAVED)
            return
        bars.take_away(UNSAVED if name == LEFT else LEFT)
        bars.show_bar(name, text_of(self._lefts), "warning", self._answers())

    def _answers(self) -> Answers:
        ways: dict[str, Callable[[Left], object]] = {
            "Recover": self._recover,
            "Save as…": self._save_as,
            "Discard": self._discard,
        }
        if len(self._lefts) == 1:
            return {name: partial(way, self._lefts[0]) for name, way in ways.items()}
        called = [*zip(titles(self._lefts), self._lefts, strict=True)]
        menus: dict[str, dict[str, Act]] = {
            name: {title: partial(way, left) for title, left in called} for name, way in ways.items()
        }
        menus["Discard"]["All of them"] = self._discard_all
        return menus

    def _answered(self, left: Left) -> None:
        """Offer it no more. The bar, which an answer has closed, comes back with the others."""
        rest = [each for each in self._lefts if each is not left]
        if isinstance(left, OfCopy):
            for window in self._window.application.windows:  # each that was opened with a file offers it as well
                window.files.offers.drop(left.base)
        self._show(rest)

    def _again(self) -> None:
        """It was not answered after all."""
        lefts, self._lefts = self._lefts, []
        self._show(lefts)

    # What the user wants of it.

    def _recover(self, left: Left) -> None:
        """Make the edits again: those of the file in it, but each after the first as a copy, as they build on the file
        and not on each other; those of a copy in this window if nothing is lost by that, else in one of its own.
        """
        if isinstance(left, OfFile) and not self._recovered:
            done = self._recovered = recover_here(self._window, left)
        else:
            lefts = self._lefts
            done = open_copy(self._window, left)
            self._lefts = lefts  # they went with the document that was here
        self._answered(left) if done else self._again()

    def _save_as(self, left: Left) -> None:
        self._answered(left) if save_as(self._window, left) else self._again()

    def _discard(self, *lefts: Left) -> None:
        """Of one document."""
        if not discard(self._window, lefts):
            self._again()
            return
        for left in lefts:
            self._answered(left)

    def _discard_all(self) -> None:
        for base in dict.fromkeys(left.base for left in self._lefts):
            self._discard(*(left for left in self._lefts if left.base == base))

    def _show_unread(self, name: str, lines: list[str]) -> None:
        """Tell of journals that could not be read."""
        if lines:
            self._window.bars.show_bar(name, "\n".join(lines), "warning")
