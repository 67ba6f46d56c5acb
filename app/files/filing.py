"""The file of a window: new, open, save, revert; nothing is lost without being asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...core.session import Session
from . import asking
from .examples import examples
from .held import Held
from .keeping import UNTITLED

if TYPE_CHECKING:
    from ..window import Window


class Files(Held):
    """What a user can do with the file of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.watch.changed.connect(self._tell_changed)

    def start(self, path: Path | None) -> None:
        """After the window has been painted: the file, else the last one, else the welcome page."""
        last = self._window.application.settings.get("last", "")
        if path is not None:
            opened = self.open(path)
        elif last and Path(last).is_file() and len(self._window.application.windows) == 1:
            opened = self.open(Path(last))
        else:
            opened = False
        self.begun = False
        if not opened:
            self.new()
            self._window.show_welcome()
        self.offers.show_unsaved()
        self.begun = True

    def new(self) -> bool:
        """An empty graph without a file; False where the user keeps what is there."""
        if not self.may_lose():
            return False
        self._take(Session(), None)
        self._window.show_canvas()
        return True

    def ask_open(self) -> bool:
        """Ask for a file and open it."""
        folder = self.path.parent if self.path is not None else self._window.application.recent.folder()
        path = asking.ask_open(self._window, folder)
        return path is not None and self.open(path)

    def open(self, path: Path) -> bool:
        """Open a file in this window; why it cannot be read stands in a bar, and what was open stays."""
        path = Path(path).absolute()
        shown = self._window.application.window_of(path)
        if shown is not None and shown is not self._window:
            shown.come_forward()
            return True
        return self.may_lose() and self._read(path)

    def open_example(self, path: Path) -> bool:
        """Open a copy of an example, which has no file: the example itself stays as it ships."""
        return self.may_lose() and self._attempt(lambda: self._open_copy(path))

    def save(self) -> bool:
        """Write the document to its file; ask for one where it has none. False where it is not saved."""
        if self.path is None:
            return self.save_as()
        if self.watch.differs() and not asking.confirmed(
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
        shown = self._window.application.window_of(path)
        if shown is not None and shown is not self._window:
            text = f"{path.name} is open in another window. Close it there, or choose another name."
            self._window.bars.show_bar("open", text, "error")
            return False
        return self._write(path.absolute())

    def _write(self, path: Path) -> bool:
        return self._attempt(lambda: self._save_to(path))

    def revert(self) -> None:
        """Read the file again, and let go of the edits since; asks first."""
        if self.path is None:
            return
        lost = f"The edits of {self.name} since it was saved are lost."
        if not self._window.editor.document.dirty or asking.confirmed(self._window, lost, "Revert"):
            self._read(self.path)

    def step_example(self, step: int) -> None:
        """Open the next or the previous example."""
        paths = examples()
        shown = self.path or self.origin
        here = paths.index(shown) if shown in paths else None
        place = (here + step) % len(paths) if here is not None else 0 if step > 0 else len(paths) - 1
        self.open_example(paths[place])

    def may_lose(self) -> bool:
        """Whether what is open may be replaced: it is saved, or the user says so."""
        if not self._window.editor.document.dirty:
            return True
        match asking.ask_losing(self._window, self.name):
            case "save":
                return self.save()
            case "discard":
                return True
        return False

    def _tell_changed(self, digest: str) -> None:
        if not digest:
            self._window.bars.show_bar("disk", f"{self.name} is gone from the disk. Saving writes it again.", "warning")
            return
        dirty = self._window.editor.document.dirty
        lost = " Reloading it loses the edits that are not saved here." if dirty else ""
        self._window.bars.show_bar(
            "disk",
            f"{self.name} was changed by another program.{lost}",
            "warning",
            {"Reload": lambda: self._read(self.path), "Keep mine": self.watch.keep_ours},
        )
