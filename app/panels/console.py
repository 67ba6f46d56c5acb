"""Python beside the graph: cells that read, compute and change what the window shows."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ...core.errors import RunError
from ..chrome.line import Line
from ..console.typed import Typed
from ..look.seen import is_seen
from ..look.theme import Theme
from ..settings import data_folder

if TYPE_CHECKING:
    from ..console.engine import Engine
    from ..console.opening import Loading
    from ..console.output import Output
    from ..console.owner import Owner
    from ..console.view import ConsoleView
    from ..editor import Editor

ECHOED = 200  # acts whose lines are kept until the console is first seen
LEAST = 200  # pixels: however many buttons there are, the window may be made as small as its other panels allow
SECOND = 1000  # milliseconds between two looks at how long a cell has run
STUCK = (
    "The cell does not stop: it swallows the interrupt, or waits in code that Python cannot end. "
    "Restart begins a new console without its names; the document stays as it is."
)


STOP = (
    "Interrupt the cell that runs (Ctrl+C with nothing selected). One call into C, as sum(range(10**10)), "
    "cannot be cut short: Stop waits for its end"
)
ABOUT = (
    "g is the graph: g.fc1.weight.value, .grad, .shape; add, connect, undo change it, step, train, run compute it\n"
    "show(g.fc1.weight) draws an array · help(add) tells of one name, dir(g) of all · Tab completes"
)


class Follower(Protocol):
    """Who is told of a script that runs in the console."""

    def begin(self) -> None:
        """It begins now."""

    def end(self, succeeded: bool) -> None:
        """It has ended, with an error or without."""


class Followed:
    """The script that runs, where somebody is told of it."""

    def __init__(self) -> None:
        self._by: Follower | None = None

    def begin(self, by: Follower | None) -> None:
        """It begins."""
        self._by = by
        if by is not None:
            by.begin()

    def end(self, succeeded: bool) -> None:
        """Whatever ran has ended."""
        by, self._by = self._by, None
        if by is not None:
            by.end(succeeded)


def _no_action(id: str) -> None:
    raise RunError(f"do({id!r}) needs the window")


def _standing(engine: Engine, seconds: int, typed: int) -> str:
    """What the cell that runs is at, in a few words, and how many keys wait for its end."""
    if engine.busy and engine.reads:
        return "The cell waits for a line: type it, then Return"
    waits = f" · {typed} {'keys wait' if typed > 1 else 'key waits'} for its end" if typed else ""
    return f"Running{f' for {seconds} s' if seconds else ''}…{waits}" if engine.busy else "Ready"


def _names(panel: ConsolePanel, owner: Owner, output: Output) -> dict[str, Any]:
    """What a cell of a panel can name."""
    from ...core.scripting import names
    from ..console.host import WindowHost

    host = WindowHost(panel.editor, owner, output, lambda: panel.theme, lambda id: panel.perform(id))
    return names(panel.editor.home, host)


def _warning(panel: QWidget) -> QLabel:
    """That a cell does not stop, hidden until it is so."""
    made = QLabel(STUCK, panel, wordWrap=True)
    made.setProperty("kind", "warning")
    made.hide()
    return made


class Head(QWidget):
    """How the console stands, and what can be done with it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.state = Line()
        self.state.setText("Loading…")
        self.state.setProperty("rank", "second")
        self.echoes = self._button("Echo", "Tell what is done in the window as the Python that does the same")
        self.echoes.setCheckable(True)
        self.echoes.setEnabled(True)
        self.stop = self._button("Stop", STOP)
        self.restart = self._button("Restart", "Begin a new console: its names are lost, the document stays")
        self.clear = self._button("Clear", "Empty the console; its names stay (Ctrl+L)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.addWidget(self.state, 1)
        for button in (self.echoes, self.stop, self.restart, self.clear):
            row.addWidget(button)

    def serve(self, engine: Engine, view: ConsoleView, restart: Callable[[], None]) -> None:
        """Let the buttons do what they say; then the keyboard goes back to the prompt."""
        self.stop.clicked.connect(engine.stop)
        self.restart.clicked.connect(restart)
        self.clear.clicked.connect(view.clear)
        for button in (self.echoes, self.stop, self.restart, self.clear):
            button.clicked.connect(lambda: view.setFocus())

    def tell(self, engine: Engine, seconds: int, typed: int) -> None:
        """How the console stands, whose cell has run for so long, and for whose end so many keys wait."""
        self.state.setText(_standing(engine, seconds, typed))
        self.stop.setEnabled(engine.busy)
        self.restart.setEnabled(True)
        self.clear.setEnabled(True)

    def _button(self, text: str, about: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setEnabled(False)
        button.setToolTip(about)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays with the prompt: Space restarts nothing
        return button


class ConsolePanel(QWidget):
    """IPython in a dock. It is loaded when the dock is first seen, and nothing of it before."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None, folder: Path | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self._folder = folder or data_folder() / "console"
        self.engine: Engine | None = None
        self.view: ConsoleView | None = None
        self._loader: Loading | None = None
        self._began = 0.0
        self.perform: Callable[[str], None] = _no_action  # does an action of the window, by its id
        self._echoed: deque[str] = deque(maxlen=ECHOED)  # while the console was not loaded
        self._wanted: tuple[str, Follower | None] | None = None  # a script to run when it is
        self._followed = Followed()
        self._typed = Typed(self)  # while there was no prompt
        self._typed.changed.connect(self._tell)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # until the prompt is there to have the keyboard
        self._clock = QTimer(self, interval=SECOND)
        self._clock.timeout.connect(self._tell)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._load)
        self._build()

    def _build(self) -> None:
        self._head = head = Head(self)
        self.state, self.echoes = head.state, head.echoes
        self.stop, self.restart, self.clear = head.stop, head.restart, head.clear
        self.stuck = _warning(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 0, 0)
        self.setMinimumWidth(LEAST)
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
        """Load IPython beside the window, then qtconsole, piece by piece, on the window's thread."""
        if self._loader is not None or not is_seen(self):
            return
        from ..console.opening import Loading

        self._loader = Loading(self, self._pieces)
        self._loader.failed.connect(lambda error: self.state.setText(f"The console cannot be loaded: {error}"))
        self._loader.begin()

    def _pieces(self) -> Iterator[None]:
        from ..console.client import Client
        from ..console.engine import Engine, python_line
        from ..console.view import ConsoleView

        engine = Engine(partial(_names, self), self._folder, self)
        yield
        view = ConsoleView(Client(engine, self), self.theme, f"{python_line()}\n{ABOUT}\n", self._typed, self)
        self._open(engine, view)  # in the same turn: its first prompt, which comes in the next one, is waited for

    def _open(self, engine: Engine, view: ConsoleView) -> None:
        self.engine, self.view = engine, view
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.takeAt(layout.count() - 1)
        layout.addWidget(view, 1)
        self._head.serve(engine, view, self._restart)
        _connect(self, engine)
        self._tell()
        view.prompted.connect(self._catch_up, Qt.ConnectionType.QueuedConnection)  # when all of the prompt is there

    def _catch_up(self) -> None:
        """Do with the first prompt what was wanted before it was there; then the keyboard is its."""
        if self.view is not None and self.focusProxy() is None:
            had_keyboard = self.hasFocus()
            self.setFocusProxy(self.view)
            if had_keyboard:
                self.view.setFocus()
        while self._echoed:
            self.echo(self._echoed.popleft())
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.run(*wanted)
        elif self.view is not None:
            self._typed.type_into(self.view)

    # What is told from without, and asked.

    @property
    def serves(self) -> bool:
        """Whether what is done in the window now was asked for by a cell."""
        return self.engine is not None and self.engine.owner.serves

    def echo(self, text: str) -> None:
        """Lines of what was done, before what is being typed; kept until the console is loaded."""
        if self.view is None:
            self._echoed.append(text)
        else:
            self.view.echo(text)

    def run(self, code: str, follower: Follower | None = None) -> None:
        """Run a script as a cell, when the console is loaded and does nothing else; `follower` is told of it."""
        if self.view is None:
            self._wanted = code, follower
        elif self.engine is not None and self.engine.busy:
            self.editor.told.emit("The console is at work: stop its cell first", "refusal")
        else:
            self._followed.begin(follower)
            self.view.execute(code)

    def _begin(self) -> None:
        self._began = time.monotonic()
        self._clock.start()
        self._tell()

    def _restart(self) -> None:
        if self.engine is not None and self.view is not None:
            self._followed.end(False)
            self._typed.forget()
            self.engine.restart()
            self.view.begin_anew()
            self._tell()

    def _tell(self) -> None:
        """How it stands."""
        if self.engine is not None:
            if not self.engine.busy:
                self._clock.stop()
                self.stuck.hide()
            self._head.tell(self.engine, int(time.monotonic() - self._began), len(self._typed))

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        if self.view is not None:
            self.view.set_theme(theme)

    def event(self, event: QEvent) -> bool:
        """Until the prompt is there what is typed is kept for it, and is no shortcut of the window."""
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride) and self.focusProxy() is None:
            return self._typed.takes(event, prompts=False) or super().event(event)
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.view is not None and self.focusProxy() is not None:
            self.view.setFocus()


def _connect(panel: ConsolePanel, engine: Engine) -> None:
    engine.began.connect(panel._begin)
    engine.began.connect(lambda: panel.state.repaint())  # a cell that is one call into C lets nothing be painted later
    engine.ended.connect(lambda reply: panel._followed.end(reply["status"] == "ok"))
    engine.ended.connect(lambda _: panel._tell())
    engine.arrived.connect(lambda *_: panel._tell() if engine.reads else None)
    engine.stuck.connect(lambda: panel.stuck.setVisible(engine.busy))
    panel.editor.replaced.connect(engine.name_anew)
