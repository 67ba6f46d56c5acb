"""That no edit is lost: the journal of a window's document, with or without a file, and what earlier ones left.

A document without a file is journalled beside a copy of what it began with in the data folder. A lock says that a
window has it, so that another start does not offer what is just being edited. Where the folder of a file takes no
journal, the journal stands in the data folder as well.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QLockFile

from ...core.document import Document
from ...core.errors import FileError
from ...core.files import Journal, Recovered, load, recover, save

# Folders of the data folder.
UNSAVED = "unsaved"  # documents without a file
JOURNALS = "journals"  # of files in folders where nothing may be written
UNTITLED = "untitled"


class Keeping:
    """Keeps one document: its journal and the lock on its file."""

    def __init__(
        self, data: Path, path: Path | None, begun: Document, name: str, tell: Callable[[FileError], object]
    ) -> None:
        """For the file at `path`; None: for a document that has none yet, and begins as `begun` under a name.

        `tell` is called, on any thread, where the journal can no longer be written. Raises `FileError`.
        """
        self._data, self._tell = data, tell
        self.path = path
        self.base = path if path is not None else _new_base(data, begun, name)
        self.journal: Journal | None = None
        self.lock = _lock(data, self.base)
        self.locked_by: int | None = None if self.lock.tryLock(0) else _owner(self.lock)
        self._folder = None if takes_files(self.base.parent) else data / JOURNALS

    @property
    def elsewhere(self) -> bool:
        """Whether another Gradwire has this file open: the journal beside it is that one's."""
        return self.locked_by is not None

    def left(self) -> Recovered | None:
        """What an earlier session left unsaved, in either place. Raises `FileError` where it cannot be read."""
        if self.elsewhere or self.path is None:
            return None
        return recover(self.path) or recover(self.path, self._data / JOURNALS)

    def attach(self, document: Document, digest: str | None = None) -> None:
        """Write down every edit from now on."""
        if self.elsewhere:
            return
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(self.base, digest or digest_of(self.base), self._folder, self._tell)
        self.journal.attach(document)

    def saved(self, document: Document, path: Path, digest: str) -> Keeping:
        """The document is in the file at `path` now: nothing is unsaved. The keeping of that file, which may be new."""
        if self.path == path and self.journal is not None:
            self.journal.clear(digest)
            self._clear_other()
            return self
        follower = Keeping(self._data, path, document, "", self._tell)
        follower.attach(document, digest)
        if follower.journal is not None:
            follower.journal.clear(digest)  # of the file that was there before
            follower._clear_other()
        self.give_up()
        return follower

    def forget_earlier(self) -> None:
        """The user does not want what an earlier session left."""
        if self.journal is not None:
            self.journal.forget_earlier()
            self._clear_other()

    def _clear_other(self) -> None:
        """Remove what an earlier session left in the place that is not used now."""
        if self.path is not None:
            Journal(self.path, "", None if self._folder is not None else self._data / JOURNALS).clear("")

    def give_up(self, earlier: bool = False) -> None:
        """End, and let go of the edits of this session; with `earlier` of those that it recovered as well."""
        if self.journal is not None:
            if earlier:
                self.forget_earlier()
            self.journal.forget()
            self.journal = None
        if self.path is None:
            self.base.unlink(missing_ok=True)
        self.lock.unlock()

    def release(self) -> None:
        """End; what is not saved stays, to be offered again."""
        if self.journal is not None:
            self.journal.detach()
            self.journal = None
        self.lock.unlock()


class Unsaved:
    """A document that had no file when its session ended without saving."""

    def __init__(self, base: Path, recovered: Recovered) -> None:
        self.base, self.recovered = base, recovered
        self.name = base.stem.rpartition("-")[0]  # of what it was a copy, "untitled" where it was none
        self.time = time.strftime("%d %B, %H:%M", time.localtime(base.stat().st_mtime))

    def document(self) -> Document:
        """What the document began with. Raises `FileError`."""
        begun = load(self.base)
        return Document(begun.graph, begun.values)

    def forget(self) -> None:
        """Remove it: it is recovered elsewhere, or not wanted."""
        journal = Journal(self.base, "")
        journal.clear("")
        self.base.unlink(missing_ok=True)


def left_unsaved(data: Path) -> Iterator[Unsaved]:
    """Documents without a file that earlier sessions left, newest first; what was never edited is cleared away."""
    bases = sorted((data / UNSAVED).glob("*.gwz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for base in bases:
        lock = _lock(data, base)
        if not lock.tryLock(0):  # a window has it
            continue
        try:
            found = recover(base)
        except FileError:  # left where it is: a later version may read it
            lock.unlock()
            continue
        if found is None:
            base.unlink(missing_ok=True)
            lock.unlock()
            continue
        lock.unlock()
        yield Unsaved(base, found)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, "" where it cannot be read: gone, or being replaced."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def takes_files(folder: Path) -> bool:
    """Whether files can be made in a folder."""
    return os.access(folder, os.W_OK | os.X_OK)


def _new_base(data: Path, begun: Document, name: str) -> Path:
    """A file that holds what a document without one begins with, its values too."""
    folder = data / UNSAVED
    folder.mkdir(parents=True, exist_ok=True)
    plain = re.sub(r"[^\w .]", "_", name)[:60] or UNTITLED
    base = folder / f"{plain}-{secrets.token_hex(6)}.gwz"
    save(base, begun.graph, begun.values)
    return base


def _lock(data: Path, path: Path) -> QLockFile:
    folder = data / "open"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        whole = path.resolve()
    except OSError:
        whole = path.absolute()
    lock = QLockFile(str(folder / f"{sha256(str(whole).encode()).hexdigest()[:24]}.lock"))
    lock.setStaleLockTime(0)  # held as long as its process lives
    return lock


def _owner(lock: QLockFile) -> int:
    """The process that holds a lock, 0 where that cannot be told."""
    info = lock.getLockInfo()
    return int(info[0]) if isinstance(info, tuple) and len(info) == 3 else 0
