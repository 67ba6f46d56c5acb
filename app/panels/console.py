"""Python beside the graph: cells that read, compute and change what the window shows."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QTimer
from PySide6.QtGui import QFocusEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ...core.errors import RunError
from ..bridge import Worker
from ..look.theme import Theme
from ..settings import data_folder

if TYPE_CHECKING:
    from ..console.engine import Engine
    from ..console.output import Output
    from ..console.owner import Owner
    from ..console.view import ConsoleView
    from ..editor import Editor

ECHOED = 200  # acts whose lines are kept until the console is first seen
SECOND = 1000  # milliseconds between two looks at how long a cell has run
STUCK = (
    "The cell does not stop: it swallows the interrupt, or waits in code that Python cannot end. "
    "Restart begins a new console without its names; the document stays as it is."
)


def _find_all_of_qt() -> None:
    """Make all names of Qt's modules: qtconsole takes them by a star, which finds only those that somebody has used."""
    from PySide6 import QtOpenGL

    for module in (QtCore, QtGui, QtWidgets, QtOpenGL):
        for name in dir(module):
            getattr(module, name)


def _no_action(id: str) -> None:
    raise RunError(f"do({id!r}) needs the window")


def _standing(engine: Engine, seconds: int) -> str:
    """What the cell that runs is at, in a few words."""
    if engine.busy and engine.reads:
        return "The cell waits for a line: type it, then Return"
    return f"Running{f' for {seconds} s' if seconds else ''}…" if engine.busy else "Ready"


class Head(QWidget):
    """How the console stands, and what can be done with it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.state = QLabel("Loading…", self)
        self.state.setProperty("rank", "second")
        self.echoes = self._button("Echo", "Tell what is done in the window as the Python that does the same")
        self.echoes.setCheckable(True)
        self.echoes.setEnabled(True)
        self.stop = self._button("Stop", "Interrupt the cell that runs (Ctrl+C with nothing selected)")
        self.restart = self._button("Restart", "Begin a new console: its names are lost, the document stays")
        self.clear = self._button("Clear", "Empty the console; its names stay (Ctrl+L)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.addWidget(self.state)
        row.addStretch(1)
        for button in (self.echoes, self.stop, self.restart, self.clear):
            row.addWidget(button)

    def _button(self, text: str, about: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setEnabled(False)
        button.setToolTip(about)
        return button


class ConsolePanel(QWidget):
    """IPython in a dock. It is loaded when the dock is first seen, and nothing of it before."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None, folder: Path | None = None) -> None:
        super().__init__(parent)
        self.editor, self._theme = editor, theme
        self._folder = folder or data_folder() / "console"
        self.engine: Engine | None = None
        self.view: ConsoleView | None = None
        self._loader: Worker | None = None
        self._began = 0.0
        self.perform: Callable[[str], None] = _no_action  # does an action of the window, by its id
        self._echoed: deque[str] = deque(maxlen=ECHOED)  # while the console was not loaded
        self._wanted = ""  # a script to run when it is
        self._clock = QTimer(self, interval=SECOND)
        self._clock.timeout.connect(self._tell)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._load)
        self._build()

    def _build(self) -> None:
        head = Head(self)
        self.state, self.echoes = head.state, head.echoes
        self.stop, self.restart, self.clear = head.stop, head.restart, head.clear
        self.stuck = QLabel(STUCK, self, wordWrap=True)
        self.stuck.hide()
        self.stuck.setProperty("kind", "warning")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(head)
        layout.addWidget(self.stuck)
        layout.addStretch(1)

    # Loading.

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._loader is None:  # not when it is shown: a dock behind another one's tab is that, too
            self._soon.start()

    def _load(self) -> None:
        """Load IPython beside the window; qtconsole, which changes classes of Qt, after it on the window's thread."""
        if self._loader is not None or self.visibleRegion().isEmpty():
            return
        self._loader = Worker("console loading", self)
        self._loader.finished.connect(lambda _: self._open())
        self._loader.failed.connect(lambda error: self.state.setText(f"The console cannot be loaded: {error}"))
        # Not the view: qtpy changes classes of Qt as it is imported, which crashes what is being painted.
        self._loader.ask(lambda _: import_module("..console.engine", __package__))

    def _open(self) -> None:
        _find_all_of_qt()
        from ..console.client import Client
        from ..console.engine import Engine, python_line
        from ..console.view import ConsoleView

        assert self._loader is not None
        self._loader.close()
        self.engine = engine = Engine(self._names, self._folder, self)
        self.view = ConsoleView(Client(engine, self), self._theme, f"{python_line()} · ? for help\n", self)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.takeAt(layout.count() - 1)
        layout.addWidget(self.view, 1)
        self.stop.clicked.connect(engine.stop)
        self.restart.clicked.connect(self._restart)
        self.clear.clicked.connect(lambda: self.view is not None and self.view.clear())
        engine.began.connect(self._begin)
        engine.ended.connect(lambda _: self._tell())
        engine.arrived.connect(lambda *_: self._tell() if engine.reads else None)
        engine.stuck.connect(self._offer)
        self.editor.replaced.connect(engine.name_anew)
        self.setFocusProxy(self.view)
        self._tell()
        QTimer.singleShot(0, self, self._catch_up)  # the prompt comes first

    def _catch_up(self) -> None:
        while self._echoed:
            self.echo(self._echoed.popleft())
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self.run(wanted)

    def _names(self, owner: Owner, output: Output) -> dict[str, Any]:
        """What a cell can name."""
        from ...core.scripting import names
        from ..console.host import WindowHost

        return names(
            self.editor.home, WindowHost(self.editor, owner, output, lambda: self._theme, lambda id: self.perform(id))
        )

    # What is told from without.

    def echo(self, text: str) -> None:
        """Lines of what was done, before what is being typed; kept until the console is loaded."""
        if self.view is None:
            self._echoed.append(text)
        else:
            self.view.echo(text)

    def run(self, code: str) -> None:
        """Run a script as a cell, when the console is loaded and does nothing else."""
        if self.view is None:
            self._wanted = code
        elif self.engine is not None and self.engine.busy:
            self.editor.told.emit("The console is at work: stop its cell first", "refusal")
        else:
            self.view.execute(code)

    # While it runs.

    def _begin(self) -> None:
        self._began = time.monotonic()
        self._clock.start()
        self._tell()

    def _offer(self) -> None:
        self.stuck.setVisible(self.engine is not None and self.engine.busy)

    def _restart(self) -> None:
        if self.engine is not None and self.view is not None:
            self.engine.restart()
            self.view.begin_anew()
            self._tell()

    def _tell(self) -> None:
        """How it stands."""
        if self.engine is None:
            return
        busy = self.engine.busy
        if not busy:
            self._clock.stop()
            self.stuck.hide()
        self.state.setText(_standing(self.engine, int(time.monotonic() - self._began)))
        self.stop.setEnabled(busy)
        self.restart.setEnabled(True)
        self.clear.setEnabled(True)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self.view is not None:
            self.view.set_theme(theme)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.view is not None:
            self.view.setFocus()
