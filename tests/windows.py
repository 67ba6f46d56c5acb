"""What tests of windows share: an application with its own folders, and windows that are closed after the test."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gradwire.app.application import Application
from gradwire.app.editor import Editor
from gradwire.app.settings import Settings
from gradwire.app.window import Window

A_MINUTE = 60_000  # milliseconds, after which what is still at work hangs
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


class PatientBot(QtBot):
    """Waits a minute where pytest-qt waits five seconds: what a busy machine takes is no fault of what is tested."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = A_MINUTE) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = A_MINUTE, **more: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **more)


def add(editor: Editor, op: str, **more: Any) -> str | None:
    """Add a node as a user does; its id."""
    return editor.attempt(f"Add {op}", lambda t: t.add(op, **more))


def rest(window: Window, qtbot: QtBot) -> None:
    """End the stepping that a lesson begins with when it is opened, original and copy alike."""
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    window.editor.stepper.leave()


def recorded(window: Window, qtbot: QtBot) -> None:
    """Wait until what was asked of the stepper's thread is done, or refused, however busy the machine is."""
    qtbot.waitUntil(lambda: not window.editor.stepper.recordings.busy)


def has_keyboard(window: Window) -> None:
    """Give a window the keyboard, and wait until it has it: one that closes late would leave none with it."""
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window, A_MINUTE)


def with_keyboard(press: Callable[..., None]) -> Callable[..., None]:
    """A press of keys that first gives the window of its widget the keyboard, where a user's would have it."""

    def pressed(widget: QWidget | QWindow, *given: Any, **named: Any) -> None:
        window = widget.window() if isinstance(widget, QWidget) else None
        held = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if window is not None and window.isVisible() and not window.isActiveWindow() and held in (None, window):
            window.activateWindow()
            QTest.qWaitForWindowActive(window)
        press(widget, *given, **named)

    return pressed


def keyboard() -> QWidget:
    """What has the keyboard, once something has it."""
    until = monotonic() + A_MINUTE / 1000
    while (found := QApplication.focusWidget()) is None:
        assert monotonic() < until, "nothing has the keyboard"
        QTest.qWait(1)
    return found


class Place:
    """One user's settings and data, in which the program is started as often as a test likes."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.folder, self._qtbot = folder, qtbot
        self.applications: list[Application] = []
        self._last: Callable[[], Window | None] = lambda: None  # of its windows that had the keyboard
        QGuiApplication.instance().focusWindowChanged.connect(self._manage)

    def _manage(self, focus: QWindow | None) -> None:
        """As a window manager does: where the window that had the keyboard goes and no other takes it, one gets it."""
        active = QApplication.activeWindow()
        if isinstance(active, Window):
            self._last = weakref.ref(active)
        elif focus is None:
            QTimer.singleShot(0, self._give_back)

    def _give_back(self) -> None:
        last = self._last()
        there = last is not None and shiboken6.isValid(last) and last.isVisible()
        if there and QGuiApplication.focusWindow() is None:
            (QApplication.activeModalWidget() or last).activateWindow()

    def copy(self, name: str) -> Path:
        """A copy of an example, to be edited: a journal beside the example itself would stay in the repository."""
        return Path(shutil.copy(EXAMPLES / name, self.folder / Path(name).name))

    def start(self, path: Path | None = None, empty: bool = False) -> Window:
        """Start the program; the window once its file is open."""
        settings = Settings(self.folder / "settings.ini")
        application = Application(settings, self.folder / "data", self.folder / "cache")
        self.applications.append(application)
        window = application.open_window(path, empty)
        self._qtbot.waitUntil(lambda: window.files.begun)
        has_keyboard(window)
        return window

    def crash(self, window: Window) -> None:
        """End as SIGKILL would: nothing is asked, saved or cleared; what is on the disk stays as it is."""
        window.editor.session.document.mark_saved()  # so that closing does not ask
        window.files.safekeeping.release()
        window.close()

    def end(self) -> None:
        QGuiApplication.instance().focusWindowChanged.disconnect(self._manage)
        for application in self.applications:
            for window in tuple(application.windows):
                window.editor.document.mark_saved()
                window.editor.training.leave()  # a test that failed may have left a run going, of which closing asks
                window.close()
