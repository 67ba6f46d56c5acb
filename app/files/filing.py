"""The file of a window: new, open, save, revert; nothing is lost without being asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.session import Session
from ..training.ending import may_end
from . import asking
from .attempting import attempt, open_elsewhere
from .examples import neighbour
from .offers import Offers
from .opening import Opened, read, read_copy
from .safekeeping import Safekeeping
from .unsaved import UNTITLED

if TYPE_CHECKING:
    from ..window import Window


class Files(QObject):
    """What a user can do with the file of one window. Why something cannot be done stands in a bar."""

    changed = Signal()  # another file, or saved

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.origin: Path | None = None  # of what a document without a file is a copy: an example, a picture
        self.begun = False  # whether there is a document to be edited: after the first paint
        self.offers = Offers(window)
        self.safekeeping = Safekeeping(window, self.offers)
        self.safekeeping.reload_wanted.connect(self._reload)

    @property
    def path(self) -> Path | None:
        """The file of the document, None where it has none yet."""
        return self._window.editor.home.path

    @property
    def name(self) -> str:
        """What to call the document."""
        return self.path.name if self.path is not None else _name_of_copy(self.origin)

    def start(self, path: Path | None) -> None:
        """After the window has been painted: the file, else the last one, else the welcome page."""
        if path is None and len(self._window.application.windows) == 1:
            path = self._window.application.recent.last()
        if path is not None and self.open(path):
            self.offers.show_unsaved()
            self._window.middle.frame_beneath_bars()
        else:
            self.take(Opened(Session()))
            self._window.show_welcome()
        self.begun = True

    # A document in the place of the one that is open.

    def new(self) -> bool:
        """An empty graph without a file; False where the user keeps what is there."""
        begun = self.may_lose() and attempt(self._window.bars, lambda: self.take(Opened(Session())))
        if begun:
            self._window.zoom(None)  # there is nothing that another zoom was meant for
        return begun

    def ask_open(self) -> bool:
        """Ask for a file and open it."""
        folder = self.path.parent if self.path is not None else self._window.application.recent.folder()
        path = asking.ask_open(self._window, folder)
        return path is not None and self.open(path)

    def open(self, path: Path) -> bool:
        """Open a file in this window, or come to the window that shows it; where it cannot be read, nothing changes."""
        path = Path(path).absolute()
        shown = self._window.application.window_of(path)
        if shown is not None and shown is not self._window:
            shown.come_forward()
            return True
        return self.may_lose() and self._read(path) and _teach(self._window)

    def open_example(self, path: Path) -> bool:
        """Open a copy of an example, which has no file: the example itself stays as it ships."""
        opened = self.may_lose() and attempt(self._window.bars, lambda: self.take(read_copy(path)))
        return opened and _teach(self._window)

    def step_example(self, step: int) -> None:
        """Open the next or the previous example."""
        self.open_example(neighbour(self.path or self.origin, step))

    def revert(self) -> None:
        """Read the file again, and let go of the edits since; asks first."""
        lost = f"The edits of {self.name} since it was saved are lost."
        if not self._window.editor.home.document.dirty or asking.confirmed(self._window, lost, "Revert"):
            self._reload()

    def _reload(self) -> None:
        if self.path is not None and may_end(self._window):
            self._read(self.path)

    def _read(self, path: Path) -> bool:
        return attempt(self._window.bars, lambda: self.take(read(path)))

    def take(self, opened: Opened) -> None:
        """Edit another document, and let go of the one that is open."""
        self.safekeeping.give_up()
        self.origin = opened.origin
        self._window.editor.name = _name_of_copy(self.origin)
        self._window.editor.open(opened.session)
        self.safekeeping.begin(opened)
        self._window.show_canvas()
        self.offers.show_notices(opened.session.notices)
        self._window.middle.frame_beneath_bars()
        if self.path is not None:
            self._window.application.recent.add(self.path)
        self.begun = True
        self.changed.emit()

    # Saving.

    def save(self) -> bool:
        """Write the document to its file; ask for one where it has none. False where it is not saved."""
        if self.path is None:
            return self.save_as()
        if self.safekeeping.watch.differs() and not asking.confirmed(
            self._window, f"{self.name} was changed by another program since it was opened here.", "Overwrite it"
        ):
            return False
        return self._write(self.path)

    def save_as(self) -> bool:
        """Ask for a file, write the document there, and go on with that file."""
        name = self.origin.stem if self.origin is not None else UNTITLED
        proposed = self.path or self._window.application.recent.folder() / f"{name}.gw"
        path = asking.ask_save(self._window, proposed)
        if path is None:
            return False
        if open_elsewhere(self._window, path):
            return False
        return self._write(path.absolute())

    def _write(self, path: Path) -> bool:
        return attempt(self._window.bars, lambda: self._save_to(path))

    def _save_to(self, path: Path) -> None:
        editor = self._window.editor
        session, folder = editor.home, editor.home.folder
        session.save(path)
        self.origin = None
        if session.folder != folder and session is editor.session:  # data is read from another place now
            editor.checking.follow(session)
            editor.live.follow(session)
        self.safekeeping.saved(session)
        self._window.application.recent.add(path)
        self._window.tell(f"Saved {path.name}", "note")
        self.changed.emit()

    def may_lose(self, closing: bool = False) -> bool:
        """Whether what is open may be replaced, or closed: it is saved and not trained, or the user says so."""
        if not may_end(self._window, closing):
            return False
        if not self._window.editor.home.document.dirty:
            return True
        match asking.ask_losing(self._window, self.name):
            case "save":
                return self.save()
            case "discard":
                return True
        return False


def _teach(window: Window) -> bool:
    """A lesson begins before its first step, however it was opened: that it is one its file says."""
    if window.editor.graph.extra.get("lesson") is True:
        window.editor.stepper.begin()
        window.toolbar.focus_timeline()  # Space does the rest
    return True


def _name_of_copy(origin: Path | None) -> str:
    """What to call a document that has no file."""
    return f"Copy of {origin.stem}" if origin is not None else UNTITLED
