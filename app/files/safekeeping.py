"""That no work of a window is lost: its journal, what earlier sessions left, and what others do to its file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ...core.errors import GradwireError
from .keeping import digest_of
from .locking import process
from .opening import Opened
from .shelter import Shelter
from .watching import Watch

if TYPE_CHECKING:
    from ...core.session import Session
    from ..window import Window
    from .offers import Offers

AGAIN_IN = 5000  # milliseconds after which it is tried again to keep edits, and to have a file that another has open
SHARE = 0.05  # of the time that trying may take: a large graph is not written without end to a disk that is full


class Safekeeping(QObject):
    """Keeps the document of one window, from when it is taken until it is given up.

    As long as edits are not kept, or the file is open elsewhere, a bar says so.
    """

    reload_wanted = Signal()  # the user wants what another program has made of the file
    _lost = Signal(object)  # an error, from any thread

    def __init__(self, window: Window, offers: Offers) -> None:
        super().__init__(window)
        self._window, self._offers = window, offers
        self._shelter: Shelter | None = None
        self._told: dict[str, str] = {}
        self._lost.connect(self._lose)
        self.again = QTimer(self, interval=AGAIN_IN)
        self.again.timeout.connect(self._try_again)
        self.watch = Watch(self)
        self.watch.changed.connect(self._tell_changed)

    def begin(self, opened: Opened) -> None:
        """Write edits down from now on, and offer those that an earlier session left."""
        self._offers.withdraw()
        self._window.bars.take_away("disk")
        self.watch.follow(opened.session.path, opened.digest)
        self._shelter = Shelter(self._window.application.data, opened, self._offers, self._lost.emit)
        self._tell(anew=True)

    def saved(self, session: Session) -> None:
        """The document is in its file now."""
        assert session.path is not None
        digest = digest_of(session.path)
        self._window.bars.take_away("disk")
        self.watch.follow(session.path, digest)
        if self._shelter is not None:
            self._shelter.saved(session.path, digest)
            self._tell(anew=True)

    def give_up(self) -> None:
        """Let go of what is open, and of its journal: it is saved, or not wanted."""
        if self._shelter is not None:
            # What an earlier session left and nobody has answered for yet is still offered the next time.
            self._shelter.give_up(earlier=not self._offers.waiting)
        self._end()

    def release(self) -> None:
        """Leave what is not saved where it is, to be offered again."""
        if self._shelter is not None:
            self._shelter.release()
        self._end()

    def _end(self) -> None:
        self._shelter = None
        self.again.stop()
        self.watch.follow(None)

    def _lose(self, error: GradwireError) -> None:
        """A journal can no longer be written."""
        if self._shelter is None:
            return
        if self._shelter.apart is None:
            self._shelter.go_apart(error.message)
        else:  # tried again later: no copy is made with every edit
            self._shelter.why = error.message
        self._tell()

    def _try_again(self) -> None:
        if self._shelter is None:
            return
        began = time.monotonic()
        self._shelter.try_again(self.watch.digest())
        took = time.monotonic() - began
        self.again.setInterval(max(self.again.interval(), round(1000 * took / SHARE)))
        self._tell()

    def _tell(self, anew: bool = False) -> None:
        """Say what is not as it should be, as long as it is so; what the user has closed again only when `anew`."""
        shelter = self._shelter
        assert shelter is not None
        elsewhere = why = ""
        if shelter.holder is not None:
            elsewhere = (
                f"{self._window.files.name} is open in another Gradwire{process(shelter.holder)}. "
                "Who saves last overwrites what the other has saved."
            )
        if not shelter.keeps:
            why = f"Edits are not kept after a crash: {shelter.why}"
        elif shelter.why and not shelter.at_home:
            why = f"{shelter.why}. Edits are kept in a copy instead, which the next start offers after a crash."
        for bar, text in (("elsewhere", elsewhere), ("journal", why)):
            if anew or self._told.get(bar, "") != text:
                self._told[bar] = text
                if text:
                    self._window.bars.show_bar(bar, text, "warning")
                else:
                    self._window.bars.take_away(bar)
        self.again.stop() if shelter.keeps and shelter.holder is None else self.again.start()

    def _tell_changed(self, digest: str) -> None:
        name, bars = self._window.files.name, self._window.bars
        if digest and not self.watch.differs():  # it is again as it was
            bars.take_away("disk")
            return
        if not digest:
            bars.show_bar("disk", f"{name} is gone from the disk. Saving writes it again.", "warning")
        else:
            dirty = self._window.editor.home.document.dirty
            lost = " Reloading it loses the edits that are not saved here." if dirty else ""
            answers = {"Reload": self.reload_wanted.emit, "Keep mine": self.watch.keep_ours}
            bars.show_bar("disk", f"{name} was changed by another program.{lost}", "warning", answers)
        if self._shelter is not None and (self._shelter.apart is None or not digest):
            self._shelter.go_apart("")  # edits beside the file would not fit what it is now
            self._tell()
