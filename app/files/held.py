"""The document of a window and where it is kept: how it is taken, written, given up. Whoever asks is in `filing`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.errors import GradwireError
from ...core.session import Session
from .keeping import UNTITLED, Keeping, Unsaved, digest_of
from .offers import Offers
from .watching import Watch

if TYPE_CHECKING:
    from ..window import Window


class Held(QObject):
    """What one window has open, and where it is kept."""

    changed = Signal()  # another file, or saved
    _journal_failed = Signal(str)  # from any thread

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._keeping: Keeping | None = None
        self._journal_failed.connect(self._tell_unkept)
        self.origin: Path | None = None  # of what a document without a file is a copy: an example, a picture
        self.begun = False  # whether there is a document to be edited: after the first paint
        self.offers = Offers(window)
        self.watch = Watch(self)

    @property
    def path(self) -> Path | None:
        """The file of the document, None where it has none yet."""
        return self._window.editor.session.path

    @property
    def name(self) -> str:
        """What to call the document."""
        if self.path is not None:
            return self.path.name
        return f"Copy of {self.origin.stem}" if self.origin is not None else UNTITLED

    def _open_file(self, path: Path) -> None:
        digest = digest_of(path)
        session = Session.open(path)
        self._take(session, path, digest)
        self._window.application.recent.add(path)
        self._window.application.settings.set("last", str(path))

    def _open_picture(self, path: Path) -> None:
        """The graph that a picture of it carries, as a document without a file."""
        from ..export import read_picture

        self._take(Session(read_picture(path)), None, origin=path)
        self._window.show_canvas()

    def _open_copy(self, path: Path) -> None:
        """What a file holds as a document without a file: saving asks where, and the file stays as it is."""
        session = Session.open(path)
        session.path = None
        self._take(session, None, origin=path)
        self._window.show_canvas()

    def _read(self, path: Path) -> bool:
        """Take the file in the place of what is open, whose edits are given up."""
        if path.suffix.lower() == ".png":
            return self._attempt(lambda: self._open_picture(path))
        return self._attempt(lambda: self._open_file(path))

    def _take(self, session: Session, path: Path | None, digest: str = "", origin: Path | None = None) -> None:
        self.give_up()
        self.origin = origin
        self._window.bars.take_away("left", "disk", "notices", "elsewhere", "journal")
        self._window.editor.open(session)
        self.watch.follow(path, digest)
        self._keep(session, path, digest)
        if path is not None:
            self._window.show_canvas()
        self.offers.show_notices(session.notices)
        self.begun = True
        self.changed.emit()

    def _keep(self, session: Session, path: Path | None, digest: str) -> None:
        """Write edits down from now on, and offer those that an earlier session left."""
        self.offers.waiting = False
        try:
            name = self.origin.stem if self.origin is not None else UNTITLED
            data = self._window.application.data
            keeping = Keeping(data, path, session.document, name, self._journal_failed_with)
            self._keeping = keeping
            left = keeping.left()
            keeping.attach(session.document, digest)
        except (GradwireError, OSError) as error:  # the graph is open all the same
            self._tell_unkept(str(error))
            return
        self.offers.show_left(keeping, left)

    def _journal_failed_with(self, error: GradwireError) -> None:
        self._journal_failed.emit(str(error))

    def _tell_unkept(self, reason: str) -> None:
        self._window.bars.show_bar("journal", f"Edits are not kept after a crash: {reason}", "warning")

    def adopt(self, unsaved: Unsaved) -> None:
        """Take a document without a file, with edits that an earlier session left. Raises where they do not fit."""
        origin = Path(unsaved.name) if unsaved.name != UNTITLED else None
        session = Session(unsaved.document())
        self._take(session, None, origin=origin)
        unsaved.recovered.replay(session.document)
        self.recovered()

    def _attempt(self, act: Callable[[], None]) -> bool:
        """Do it; why it could not be done stands in a bar."""
        try:
            act()
        except GradwireError as error:
            self._window.bars.show_bar("open", str(error), "error")
            return False
        except OSError as error:
            self._window.bars.show_bar("open", f"{error.filename or ''}: {error.strerror or error}", "error")
            return False
        self._window.bars.take_away("open")
        return True

    def _save_to(self, path: Path) -> None:
        editor = self._window.editor
        session, folder = editor.session, editor.session.folder
        session.save(path)
        digest = digest_of(path)
        self.origin = None
        if session.folder != folder:  # data is read from another place now
            editor.checking.follow(session)
            editor.live.follow(session)
        self._window.bars.take_away("journal")  # told again where it still cannot be written
        if self._keeping is not None:
            self._keeping = self._keeping.saved(session.document, path, digest)
        self.watch.follow(path, digest)
        self._window.bars.take_away("disk", "left")
        self._window.application.recent.add(path)
        self._window.application.settings.set("last", str(path))
        self._window.tell(f"Saved {path.name}", "note")
        self.changed.emit()

    def give_up(self) -> None:
        """Let go of what is open, and of its journal: it is saved, or not wanted."""
        if self._keeping is not None:
            # What an earlier session left and nobody has answered for yet is still offered the next time.
            self._keeping.give_up(earlier=not self.offers.waiting)
            self._keeping = None
        self.watch.follow(None)

    def release(self) -> None:
        """Leave what is not saved where it is, to be offered again."""
        if self._keeping is not None:
            self._keeping.release()
            self._keeping = None

    def recovered(self) -> None:
        """Told by the offers: edits were made again and are unsaved in this window."""
        self._window.show_canvas()
        self.changed.emit()
