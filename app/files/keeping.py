"""That no edit is lost: the journal of a window's document, with or without a file, and what earlier ones left.

A document without a file is journalled beside a copy of what it began with. A lock says that a window has it. Where
the folder of a file takes no journal, the journal stands in the data folder as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from ...core.document import Document
from ...core.errors import FileError
from ...core.files import Journal, Recovered, save
from ...core.files.journal import earlier_journals
from .locking import Lock
from .reading import journals_of, left_in
from .unsaved import new_base

JOURNALS = "journals"  # folder of the data folder: of files in folders where nothing may be written


class Keeping:
    """Keeps one document: its journal and the lock on its file."""

    def __init__(
        self,
        data: Path,
        path: Path | None,
        begun: Document,
        name: str,
        tell: Callable[[FileError], object],
        edited: bool = False,
    ) -> None:
        """For the file at `path`; None: for a copy of `begun` under a name, as long as it has no file.

        `tell` is called, on any thread, where the journal can no longer be written. `edited`: what `begun` holds is in
        no file. Raises `OSError` and `FileError` where the copy cannot be made.
        """
        self._data, self._tell = data, tell
        self.path = path
        self.base = path if path is not None else new_base(data, name, edited)
        self._place = _place_of(self.base)
        self.journal: Journal | None = None
        self.lock = Lock(data, self._place)
        self.lock.take()
        self._folder = None if takes_files(self._place.parent) else data / JOURNALS
        self.notices: list[str] = []
        self._unread = False  # whether a journal that cannot be read could not be set aside either
        if path is None:
            save(self.base, begun.graph, begun.values)

    @property
    def elsewhere(self) -> bool:
        """Whether another Gradwire has this file open: the journal beside it is that one's."""
        return self.lock.holder is not None

    @property
    def keeps(self) -> bool:
        """Whether every edit is written down, as far as is known."""
        return self.journal is not None and self.journal.failed is None

    def is_at(self, path: Path) -> bool:
        """Whether this is the file to which a path leads now."""
        return self.path is not None and self._place == _place_of(path)

    def left(self) -> Recovered | None:
        """What an earlier session left unsaved, in either place; `notices` tell of what cannot be read."""
        if self.elsewhere or self.path is None:
            return None
        for folder in (None, self._data / JOURNALS):
            if (left := left_in(self.path, folder, self.notices.append)) is not None:
                return left
            self._unread |= bool(self.notices and journals_of(self.path, folder))
        return None

    def attach(self, document: Document, digest: str | None = None) -> None:
        """Write down every edit from now on. Raises `OSError` where there is no place for a journal."""
        if self.elsewhere:
            return
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(self.base, digest or digest_of(self.base), self._folder, self._tell)
        self.journal.attach(document)

    def pause(self) -> None:
        """Let go of the edits of this session, and write down no more: they are kept elsewhere."""
        if self.journal is not None:
            self.journal.forget()
            self.journal = None

    def following(self, path: Path) -> Keeping:
        """The keeping of the file at `path`, into which the document was saved: this one, or a new one that begins."""
        if self.is_at(path):
            self.path = self.base = path  # perhaps another link to the file
            return self
        follower = Keeping(self._data, path, Document(), "", self._tell)
        follower.left()  # what cannot be read is set aside, not removed
        self.give_up()
        return follower

    def begin_anew(self, document: Document, digest: str, earlier: bool) -> None:
        """The document is as its file: nothing is unsaved. With `earlier` what earlier sessions left is let go of.

        Raises `OSError` as `attach` does.
        """
        self.pause()
        self.attach(document, digest)
        if earlier:
            self.forget_earlier()

    def earlier(self) -> list[Path]:
        """The journals that earlier sessions left, newest first."""
        own = self.journal.path if self.journal is not None and self.journal.started else None
        return [
            each for folder in (None, self._data / JOURNALS) for each in journals_of(self.base, folder) if each != own
        ]

    def journal_of(self, left: Recovered) -> Path:
        """Where the journal stands that holds this: put aside since it was read, where this session has written."""
        own = self.journal
        written = own is not None and own.started and own.path == left.path
        if written or not left.path.exists():
            return next(reversed(earlier_journals(left.path)), left.path)
        return left.path

    def forget_left(self, left: Recovered) -> None:
        """Remove the journal that holds this: it is recovered, or not wanted."""
        with suppress(OSError):  # then it is offered once more, and nothing is lost
            self.journal_of(left).unlink(missing_ok=True)

    def forget_earlier(self) -> None:
        """The user does not want what an earlier session left."""
        if self.elsewhere or self._unread:
            return
        (self.journal or Journal(self.base, "", self._folder)).forget_earlier()
        if self.path is not None:  # in the place that is not used now
            Journal(self.path, "", None if self._folder is not None else self._data / JOURNALS).clear("")

    def give_up(self, earlier: bool = False) -> None:
        """End, and let go of the edits of this session; with `earlier` of those that it recovered as well."""
        if earlier:
            self.forget_earlier()
        self.pause()
        if self.path is None:
            with suppress(OSError):  # then it is offered once more, and nothing is lost
                self.base.unlink(missing_ok=True)
        self.lock.release()

    def release(self) -> None:
        """End; what is not saved stays, to be offered again."""
        if self.journal is not None:
            self.journal.detach()
            self.journal = None
        self.lock.release()


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, "" where it cannot be read: gone, or being replaced."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def takes_files(folder: Path) -> bool:
    """Whether files can be made in a folder."""
    return os.access(folder, os.W_OK | os.X_OK)


def _place_of(path: Path) -> Path:
    """Where a file stands, whatever links lead to it."""
    return Path(os.path.realpath(path))
