"""What one session left unsaved: edits of the file that is open, or of a document without a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.files import Recovered
from ...core.files.journal import BUILDS_ELSEWHERE, HOLDS_EARLIER
from ..wording import counted
from .opening import Opened, read_copy, read_unsaved
from .reading import journals_of
from .unsaved import UNTITLED, Unsaved

if TYPE_CHECKING:
    from ...core.document import Document
    from .keeping import Keeping


class OfFile:
    """Edits of a file, in a journal."""

    def __init__(self, recovered: Recovered, keeping: Keeping) -> None:
        self._recovered, self._keeping = recovered, keeping
        self.base = keeping.base
        self.of = keeping.base.name
        self.time = _time_of(recovered.path)
        self.told = f": {_told(recovered)}"
        self.unfit = "" if recovered.fits else "They build on another state of the file and may not fit."
        told_otherwise = (BUILDS_ELSEWHERE, HOLDS_EARLIER)
        self.notices = [each for each in recovered.notices if not each.endswith(told_otherwise)]

    def journals(self) -> list[Path]:
        """Where the edits stand."""
        return [self._keeping.journal_of(self._recovered)]

    def proposed(self, _: Path) -> Path:
        """Where the user may want to save them."""
        return self.base.with_name(f"{self.base.stem} recovered{self.base.suffix}")

    def opened(self) -> Opened:
        """What the edits build on, as a copy. Raises `GradwireError`."""
        return read_copy(self.base)

    def replay(self, document: Document) -> None:
        """Make them again. Raises `EditError` where they do not fit."""
        self._recovered.replay(document)

    def recovered_here(self) -> None:
        """They were made again in the document that is journalled beside the file."""
        if self._keeping.keeps:
            self.forget()

    def forget(self) -> None:
        """They are kept elsewhere, or not wanted."""
        self._keeping.forget_left(self._recovered)


class OfCopy:
    """A document that had no file, or could not be kept beside it."""

    unfit, notices = "", ()

    def __init__(self, unsaved: Unsaved) -> None:
        self._unsaved = unsaved
        self.base = unsaved.base
        self.of = "an untitled graph" if unsaved.name == UNTITLED else f"a copy of {unsaved.name}"
        self.time = unsaved.time
        self.told = _told_of(unsaved)

    def journals(self) -> list[Path]:
        """Where the edits since the copy stand."""
        return journals_of(self.base)

    def proposed(self, folder: Path) -> Path:
        """Where in the folder for new files the user may want to save it."""
        return folder / f"{self._unsaved.name}.gw"

    def opened(self) -> Opened:
        """What it began with. Raises `GradwireError`."""
        return read_unsaved(self._unsaved)

    def replay(self, document: Document) -> None:
        """Make the edits since then again. Raises `EditError` where they do not fit."""
        self._unsaved.replay(document)

    def forget(self) -> None:
        """It is kept elsewhere, or not wanted."""
        self._unsaved.forget()


Left = OfFile | OfCopy


def lefts_of(keeping: Keeping) -> list[OfFile]:
    """What sessions of a file left, newest first; `keeping.notices` tell of what cannot be read."""
    newest = keeping.left()
    return [] if newest is None else [OfFile(each, keeping) for each in (newest, *newest.earlier)]


def text_of(lefts: list[Left]) -> str:
    """What a bar says of them."""
    if len(lefts) == 1:
        (left,) = lefts
        of = left.of if isinstance(left, OfFile) else f"{left.of} of {left.time}"
        said = " ".join(filter(None, (f"Unsaved edits of {of} were found{left.told}.", left.unfit)))
        return "\n".join([said, *left.notices])
    lines = [f"Unsaved edits of {counted(len(lefts), 'earlier session')} were found:"]
    for left, title in zip(lefts, titles(lefts), strict=True):
        lines.append(" ".join(filter(None, (f"{title}{left.told}.", left.unfit))))
        lines += left.notices
    return "\n".join(lines)


def titles(lefts: list[Left]) -> list[str]:
    """What each is called in the bar and in the menus of its buttons."""
    return [f"{number}. {left.of}, {left.time}" for number, left in enumerate(lefts, 1)]


def _time_of(journal: Path) -> str:
    try:
        changed = journal.stat().st_mtime
    except OSError:
        return "at a time that is not known"
    return time.strftime("%d %B, %H:%M", time.localtime(changed))


def _told(left: Recovered) -> str:
    return f"{counted(len(left.lasting), 'edit')}, the last “{left.lasting[-1].label}”"


def _told_of(unsaved: Unsaved) -> str:
    """What is known of its edits: of those before the copy only that there were some."""
    if unsaved.recovered is None:
        return ""
    return (
        f": {_told(unsaved.recovered)}" if not unsaved.edited else f", the last “{unsaved.recovered.lasting[-1].label}”"
    )
