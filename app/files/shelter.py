"""Where the edits of a document are written down: at its own place, or apart from it.

Where a journal cannot stand at its own place, edits are kept in a copy of the document as it is then, with a journal
beside that: when another Gradwire has the file open, when the file is gone or was changed by another program, so that
edits would not fit it, when its folder is full. The next start offers such a copy after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import GradwireError
from .keeping import Keeping
from .unsaved import UNTITLED

if TYPE_CHECKING:
    from .offers import Offers
    from .opening import Opened


class Shelter:
    """Keeps one document. `why`: the reason where it cannot be kept at its own place."""

    def __init__(self, data: Path, opened: Opened, offers: Offers, lost: Callable[[GradwireError], object]) -> None:
        """`lost` is called, on any thread, where a journal can no longer be written."""
        self._data, self._session, self._offers, self._lost = data, opened.session, offers, lost
        self._origin = opened.origin
        self.own: Keeping | None = None
        self.apart: Keeping | None = None
        self.why = ""
        with self._at_own_place():
            self.own = self._make(self._session.path)
            offers.show_left(self.own)
            self.own.attach(self._session.document, opened.digest)

    @property
    def at_home(self) -> bool:
        """Whether edits are written down at their own place, as far as is known."""
        return self.own is not None and self.own.keeps

    @property
    def keeps(self) -> bool:
        """Whether edits are written down at all."""
        return self.at_home or (self.apart is not None and self.apart.keeps)

    @property
    def holder(self) -> int | None:
        """The process that has the file open as well, 0 where that cannot be told, None: none has."""
        return self.own.lock.holder if self.own is not None else None

    def saved(self, path: Path, digest: str) -> None:
        """The document is in the file at `path` now."""
        with self._at_own_place():
            before = self.own
            if before is not None and before.elsewhere and before.is_at(path):
                self._take_lock(before)
            self.own = before.following(path) if before is not None else self._make(path)
            if self.own is not before:
                self._offers.withdraw_left()
            self.own.begin_anew(self._session.document, digest, earlier=not self._offers.waiting)

    def try_again(self, digest: str) -> None:
        """Come back from where it failed. `digest`: of the file where its bytes are still ours, else ""."""
        if self.own is not None and self.own.elsewhere:
            free = self._take_lock(self.own)
            if free and digest and not self._session.document.dirty:
                with self._at_own_place():
                    self.own.attach(self._session.document, digest)
        if not self.keeps:
            self.go_apart(self.why)

    def go_apart(self, why: str) -> None:
        """Make a copy of the document as it is now, and write down there what comes after."""
        self.why = why
        document, path = self._session.document, self._session.path
        edited = document.dirty or (path is not None and not path.exists())
        try:
            apart = self._make(None, edited)
            apart.attach(document)
        except (GradwireError, OSError) as error:
            self.why = _reason(error)
            return
        self._drop_apart()
        if path is None:  # a copy is its own place
            if self.own is not None:
                self.own.give_up()
            self.own, self.why = apart, ""
            return
        self.apart = apart
        if self.own is not None:
            self.own.pause()  # what it wrote is in the copy

    def give_up(self, earlier: bool) -> None:
        """End, and let go of the edits; with `earlier` of those of earlier sessions as well."""
        if self.own is not None:
            self.own.give_up(earlier)
        self._drop_apart()

    def release(self) -> None:
        """End; what is not saved stays, to be offered again."""
        for keeping in (self.own, self.apart):
            if keeping is not None:
                keeping.release()

    @contextmanager
    def _at_own_place(self) -> Iterator[None]:
        """What is done to keep edits at their own place; where they then are not, they are kept apart."""
        self.why = ""
        try:
            yield
        except (GradwireError, OSError) as error:
            self.why = _reason(error)
        if self.at_home:
            self._drop_apart()
        else:
            self.go_apart(self.why)

    def _make(self, path: Path | None, edited: bool = False) -> Keeping:
        origin = self._session.path or self._origin
        name = origin.stem if origin is not None else UNTITLED
        return Keeping(self._data, path, self._session.document, name, self._lost, edited)

    def _take_lock(self, keeping: Keeping) -> bool:
        """Have the file for this window if the other Gradwire has ended; what that left is offered."""
        if keeping.lock.take():
            self._offers.show_left(keeping)
        return not keeping.elsewhere

    def _drop_apart(self) -> None:
        if self.apart is not None:
            self.apart.give_up()
            self.apart = None


def _reason(error: GradwireError | OSError) -> str:
    if isinstance(error, GradwireError):
        return error.message
    return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
