"""Macros: what is done from one moment to another, kept as a script in the names of the console."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from ...core.errors import EditError
from ..chrome.name_dialog import NameDialog
from .acts import Act

if TYPE_CHECKING:
    from ..panels.console import ConsolePanel
    from ..window import Window
    from .recorder import Recorder

WHO = "macro"
OWN = frozenset({"console", "training", "run"})  # sources of what a macro does
KEPT = "Not saved: the macro is kept until another is recorded, Edit ▸ Macros ▸ Save macro… asks again"
FOLDER, SUFFIX = "macros", ".py"  # in the data folder


class _Run:
    """A macro that runs in the console: where it fails, all that it has done to the document is taken back."""

    def __init__(self, window: Window, name: str) -> None:
        self._window, self._name = window, name
        self._document = window.editor.home.document
        self._state = self._document.history.state[1]

    def begin(self) -> None:
        """It begins now; the console may have had to be loaded first."""
        self._document = self._window.editor.home.document
        self._state = self._document.history.state[1]

    def end(self, succeeded: bool) -> None:
        """It has ended."""
        if succeeded:
            return
        history = self._document.history
        done = history.entries[: history.position]
        first = next((at for at, entry in enumerate(done) if entry.before == self._state), len(done))
        own = all(entry.source in OWN for entry in done[first:]) and self._document is self._window.editor.document
        told = "nothing is changed" if own else "what it has done stays, for other edits came between"
        for _ in done[first:] if own else ():
            self._window.editor.undo()
        self._window.tell(f"{self._name} failed, and {told}: the console says in which line", "refusal")


class Macros(QObject):
    """Of one window."""

    changed = Signal()  # one is recorded from now on, or no more; or there is one to save, or no more

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._recorder: Recorder | None = None
        self._recorded: Recorder | None = None  # the last one that was ended
        self.unsaved = False  # whether that is in no file yet
        window.acts.done.connect(self._note)
        window.editor.replaced.connect(self._follow)

    @property
    def folder(self) -> Path:
        """Where those of the user lie."""
        return self._window.application.data / FOLDER

    @property
    def recording(self) -> bool:
        return self._recorder is not None

    def record(self) -> None:
        """Begin to write down what is done."""
        from .recorder import Recorder  # with all that it needs, when it is first wanted

        window = self._window
        window.acts.listen(WHO, True)  # tells others what waits
        self._recorder = Recorder(window.editor.home)
        window.tell("Recording a macro: Edit ▸ Macros ▸ Stop recording ends it")
        self.changed.emit()

    def stop(self) -> None:
        """End it, and ask for a name."""
        window = self._window
        window.acts.listen(WHO, False)  # tells what waits
        ended, self._recorder = self._recorder, None
        empty = ended is None or ended.empty
        if not empty:
            self._recorded, self.unsaved = ended, True
        self.changed.emit()
        if empty:
            window.tell("Nothing was done to the graph, so there is no macro", "refusal")
        else:
            self.ask_and_save()

    def ask_and_save(self) -> None:
        """Ask for a name of what was recorded last. Where none is given it is kept until another is recorded."""
        dialog = NameDialog("Save macro", "Save", "Macro", self.save, self._window)
        dialog.rejected.connect(lambda: self._window.tell(KEPT))
        dialog.open()

    def save(self, name: str, again: bool) -> None:
        """Keep what was recorded under a name. Raises `EditError`."""
        path = self.folder / f"{name.strip()}{SUFFIX}"
        if not name.strip() or Path(name).name != name or name.startswith("."):
            raise EditError(f"a macro is called as a file may be, got {name!r}", hint="letters, digits, spaces")
        if path.exists() and not again:
            raise EditError(f"there is a macro {name!r} already", hint="Save again replaces it")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text(path), encoding="utf-8")
        except OSError as error:
            raise EditError(f"{path} cannot be written: {error.strerror or error}") from error
        self.unsaved = False
        self.changed.emit()
        self._window.tell(f"Saved {path}: Edit ▸ Macros runs it, and gradwire exec")

    def text(self, path: Path) -> str:
        """The script."""
        lines = "" if self._recorded is None else self._recorded.script(path.stem)
        return f"# gradwire exec {path.name!r} GRAPH.gw --save\n{lines}\n"

    def ask_and_run(self) -> None:
        """Ask for a script, and run it on the graph that is open."""
        title, kinds = "Run a macro", f"Scripts (*{SUFFIX})"
        name, _ = QFileDialog.getOpenFileName(self._window, title, str(self.folder), kinds)
        if name:
            self.run(Path(name))

    def run(self, path: Path) -> None:
        """Run a script in the console, where its lines stand, and what it says."""
        try:
            code = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self._window.tell(f"{path.name} cannot be read: {error}", "refusal")
            return
        panel: ConsolePanel = self._window.panel("console")  # type: ignore[assignment]  # it has this id
        panel.run(code, _Run(self._window, path.name))

    def _note(self, act: Act) -> None:
        if self._recorder is None:
            return
        if WHO in act.known_to:
            self._recorder.train_ended(act.state)
        else:
            self._recorder.note(act)

    def _follow(self) -> None:
        """Another document: what is written from now on is of that."""
        if self._recorder is not None:
            self._recorder.follow(self._window.editor.home)
