"""That no edit is lost: the journal of a window's document, with or without a file, and what earlier ones left.

A document without a file is journalled beside an empty one in the data folder. A lock says that a window has it, so
that another start does not offer what is just being edited.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QLockFile

from ..core.document import Document
from ..core.errors import FileError
from ..core.files import Journal, Recovered, load, recover, save
from ..core.graph import Graph

UNSAVED = "unsaved"  # folder of the data folder


class Keeping:
    """Keeps one document: its journal and the lock on its file."""

    def __init__(self, data: Path, path: Path | None) -> None:
        """For the file at `path`; None: for a document that has none yet. Raises `FileError`."""
        self._data = data
        self.path = path
        self.base = path if path is not None else _new_base(data)
        self.journal: Journal | None = None
        self.lock = _lock(data, self.base)
        self.locked_by: int | None = None if self.lock.tryLock(0) else _owner(self.lock)

    @property
    def elsewhere(self) -> bool:
        """Whether another Gradwire has this file open: the journal beside it is that one's."""
        return self.locked_by is not None

    def left(self) -> Recovered | None:
        """What an earlier session left unsaved. Raises `FileError` where it cannot be read."""
        return None if self.elsewhere or self.path is None else recover(self.path)

    def attach(self, document: Document, digest: str | None = None) -> None:
        """Write down every edit from now on."""
        if self.elsewhere:
            return
        self.journal = Journal(self.base, digest or digest_of(self.base))
        self.journal.attach(document)

    def saved(self, document: Document, path: Path, digest: str) -> Keeping:
        """The document is in the file at `path` now: nothing is unsaved. The keeping of that file, which may be new."""
        if self.path == path and self.journal is not None:
            self.journal.clear(digest)
            return self
        follower = Keeping(self._data, path)
        follower.attach(document, digest)
        if follower.journal is not None:
            follower.journal.clear(digest)  # of the file that was there before
        self.give_up()
        return follower

    def forget_earlier(self) -> None:
        """The user does not want what an earlier session left."""
        if self.journal is not None:
            self.journal.forget_earlier()

    def give_up(self, earlier: bool = False) -> None:
        """End, and let go of the edits of this session; with `earlier` of those that it recovered as well."""
        if self.journal is not None:
            if earlier:
                self.journal.forget_earlier()
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
        self.time = time.strftime("%d %B, %H:%M", time.localtime(base.stat().st_mtime))

    def graph(self) -> Graph:
        """What the document began with. Raises `FileError`."""
        return load(self.base).graph

    def forget(self) -> None:
        """Remove it: it is recovered elsewhere, or not wanted."""
        journal = Journal(self.base, "")
        journal.clear("")
        self.base.unlink(missing_ok=True)


def left_unsaved(data: Path) -> Iterator[Unsaved]:
    """Documents without a file that earlier sessions left, newest first; what was never edited is cleared away."""
    bases = sorted((data / UNSAVED).glob("*.gw"), key=lambda path: path.stat().st_mtime, reverse=True)
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


def _new_base(data: Path) -> Path:
    folder = data / UNSAVED
    folder.mkdir(parents=True, exist_ok=True)
    base = folder / f"untitled-{secrets.token_hex(6)}.gw"
    save(base, Graph())
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
