"""That no work of a window is lost: its journal, what earlier sessions left, and what others do to its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.errors import GradwireError
from .keeping import UNTITLED, Keeping, digest_of
from .opening import Opened
from .watching import Watch

if TYPE_CHECKING:
    from ...core.session import Session
    from ..window import Window
    from .offers import Offers


class Safekeeping(QObject):
    """Keeps the document of one window, from when it is taken until it is given up."""

    reload_wanted = Signal()  # the user wants what another program has made of the file
    _failed = Signal(str)  # from any thread

    def __init__(self, window: Window, offers: Offers) -> None:
        super().__init__(window)
        self._window, self._offers = window, offers
        self._keeping: Keeping | None = None
        self._failed.connect(self._tell)
        self.watch = Watch(self)
        self.watch.changed.connect(self._tell_changed)

    def begin(self, opened: Opened) -> None:
        """Write edits down from now on, and offer those that an earlier session left."""
        path, document = opened.session.path, opened.session.document
        name = opened.origin.stem if opened.origin is not None else UNTITLED
        self._offers.withdraw()
        self._window.bars.take_away("disk", "journal")
        self.watch.follow(path, opened.digest)
        try:
            self._keeping = Keeping(self._window.application.data, path, document, name, self._fail)
            left = self._keeping.left()
            self._keeping.attach(document, opened.digest)
        except (GradwireError, OSError) as error:  # the graph is open all the same
            self._tell(str(error))
            return
        self._offers.show_left(self._keeping, left)

    def saved(self, session: Session) -> None:
        """The document is in its file now."""
        assert session.path is not None
        digest = digest_of(session.path)
        self._window.bars.take_away("journal", "disk", "left")  # told again where edits still cannot be kept
        if self._keeping is not None:
            self._keeping = self._keeping.saved(session.document, session.path, digest)
        self.watch.follow(session.path, digest)

    def give_up(self) -> None:
        """Let go of what is open, and of its journal: it is saved, or not wanted."""
        if self._keeping is not None:
            # What an earlier session left and nobody has answered for yet is still offered the next time.
            self._keeping.give_up(earlier=not self._offers.waiting)
            self._keeping = None
        self.watch.follow(None)

    def release(self) -> None:
        """Leave what is not saved where it is, to be offered again."""
        if self._keeping is not None:
            self._keeping.release()
            self._keeping = None

    def _fail(self, error: GradwireError) -> None:
        self._failed.emit(str(error))

    def _tell(self, reason: str) -> None:
        self._window.bars.show_bar("journal", f"Edits are not kept after a crash: {reason}", "warning")

    def _tell_changed(self, digest: str) -> None:
        name, bars = self._window.files.name, self._window.bars
        if not digest:
            bars.show_bar("disk", f"{name} is gone from the disk. Saving writes it again.", "warning")
            return
        dirty = self._window.editor.document.dirty
        lost = " Reloading it loses the edits that are not saved here." if dirty else ""
        answers = {"Reload": self.reload_wanted.emit, "Keep mine": self.watch.keep_ours}
        bars.show_bar("disk", f"{name} was changed by another program.{lost}", "warning", answers)
