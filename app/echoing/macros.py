"""Macros: what is done from one moment to another, kept as a script in the names of the console."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from ...core.errors import EditError
from ..chrome.name_dialog import NameDialog
from .acts import Act

if TYPE_CHECKING:
    from ...core.scripting.echoing import Echo
    from ..panels.console import ConsolePanel
    from ..window import Window

WHO = "macro"
FOLDER, SUFFIX = "macros", ".py"  # in the data folder


class Macros(QObject):
    """Of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._echo: Echo | None = None
        self._lines: list[str] = []
        window.acts.done.connect(self._note)
        window.editor.replaced.connect(self._follow)

    @property
    def folder(self) -> Path:
        """Where those of the user lie."""
        return self._window.application.data / FOLDER

    @property
    def recording(self) -> bool:
        return self._echo is not None

    def record(self) -> None:
        """Begin to write down what is done."""
        self._echo, self._lines = self._begun(), []
        self._window.acts.listen(WHO, True)
        self._window.tell("Recording a macro: Edit ▸ Macros ▸ Stop recording ends it")

    def stop(self) -> None:
        """End it, and ask for a name."""
        window = self._window
        window.acts.listen(WHO, False)  # tells what waits
        self._echo = None
        if not self._lines:
            window.tell("Nothing was done, so there is no macro", "refusal")
            return
        NameDialog("Save macro", "Save", "Macro", self.save, window).open()

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
        self._window.tell(f"Saved {path}: Edit ▸ Macros runs it, and gradwire exec")

    def text(self, path: Path) -> str:
        """The script."""
        return "\n".join([f"# gradwire exec {path.name!r} GRAPH.gw --save", *self._lines, ""])

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
        panel.run(code)

    def _note(self, act: Act) -> None:
        if self._echo is not None and WHO not in act.known_to:
            self._lines.append(self._echo.of(act.change, act.values) if act.change is not None else act.line)

    def _follow(self) -> None:
        """Another document: what is written from now on is of that."""
        if self._echo is not None:
            self._echo = self._begun()

    def _begun(self) -> Echo:
        """What tells the changes of the document from now on."""
        from ...core.scripting.echoing import Echo  # with all that it needs, when it is first wanted

        return Echo(self._window.editor.home, remembers=True)
