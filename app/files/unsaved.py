"""Documents that are kept as copies in the data folder: what each began with, beside it the journal since.

Documents without a file are kept so, and those that cannot be kept beside their file. A lock says that a window has
one, so that another start does not offer what is just being edited.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from ...core.document import Document
from ...core.document.edits import SetDtype
from ...core.files import Journal, Recovered, load
from .locking import Lock
from .reading import Tell, journals_of, left_in, rename_aside

UNSAVED = "unsaved"  # folder of the data folder
UNTITLED = "untitled"
_EDITED = "-edited"  # ends the names of copies of documents that were not saved when the copy was made


def new_base(data: Path, name: str, edited: bool) -> Path:
    """Where the copy of a document is to stand that is called `name`."""
    folder = data / UNSAVED
    folder.mkdir(parents=True, exist_ok=True)
    plain = re.sub(r"[^\w .]", "_", name)[:60] or UNTITLED
    return folder / f"{plain}-{secrets.token_hex(6)}{_EDITED if edited else ''}.gwz"


class Unsaved:
    """A document that had edits in no file when its session ended. `recovered`: those since its copy was made."""

    def __init__(self, base: Path, recovered: Recovered | None) -> None:
        self.base, self.recovered = base, recovered
        self.edited = base.stem.endswith(_EDITED)
        # Of what it was a copy, "untitled" where it was none.
        self.name = base.stem.removesuffix(_EDITED).rpartition("-")[0]
        self.time = time.strftime("%d %B, %H:%M", time.localtime(base.stat().st_mtime))

    def document(self) -> Document:
        """What the copy holds. Raises `FileError`."""
        begun = load(self.base)
        return Document(begun.graph, begun.values)

    def replay(self, document: Document) -> None:
        """Make the edits since the copy again. Raises `EditError` where they do not fit."""
        if self.edited:  # what it begins with is in no file: nothing but saving makes it clean
            dtype = document.graph.dtype
            document.replay([SetDtype(dtype, dtype)], "Recover", source="journal", undoable=False)
        if self.recovered is not None:
            self.recovered.replay(document)

    def forget(self) -> None:
        """Remove it: it is recovered elsewhere, or not wanted."""
        Journal(self.base, "").clear("")
        self.base.unlink(missing_ok=True)


def left_unsaved(data: Path, tell: Tell) -> Iterator[Unsaved]:
    """Documents that earlier sessions left, newest first; what was never edited is cleared away.

    What cannot be read is set aside, and `tell` gets a line for it.
    """
    bases = sorted((data / UNSAVED).glob("*.gwz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for base in bases:
        lock = Lock(data, base.resolve())
        if not (lock.take() and lock.held):  # a window has it
            continue
        try:
            unsaved = _read(base, tell)
        finally:
            lock.release()
        if unsaved is not None:
            yield unsaved


def _read(base: Path, tell: Tell) -> Unsaved | None:
    """What was left with this copy. The copy of a journal that is set aside goes with it."""
    lines: list[str] = []
    unsaved = Unsaved(base, left_in(base, None, lines.append))
    for line in lines:
        tell(line)
    if unsaved.recovered is not None or unsaved.edited:
        return unsaved
    if not lines:
        base.unlink(missing_ok=True)
    elif not journals_of(base):
        rename_aside(base)
    return None
