"""Windows and panels for tests: with settings and data of their own, and closed after the test."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hand import sample
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from windows import PatientBot, Place, with_keyboard

from gradwire.app.editor import Editor
from gradwire.app.files import asking
from gradwire.app.look.fonts import load_fonts, text_font
from gradwire.app.look.theme import DARK
from gradwire.app.window import Window
from gradwire.core.collector import hold
from gradwire.core.session import Session

# As the program does: PySide's own reads sources and switches features of Qt's classes, on any thread that imports.
builtins.__import__ = vars(builtins).get("__orig_import__", builtins.__import__)


@pytest.fixture(scope="package", autouse=True)
def collecting() -> Iterator[None]:
    """Tests that come after those of the window have Python's collector as they expect it."""
    yield
    hold(False)


@pytest.fixture(scope="package", autouse=True)
def keyboard_follows() -> Iterator[None]:
    """A key comes to a window that has the keyboard: one of an earlier test that closes late would take it away."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("keyClick", "keyClicks"):
            patch.setattr(QTest, name, with_keyboard(getattr(QTest, name)))
        yield


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's, with patience."""
    return PatientBot(request)


@pytest.fixture
def place(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in ("ask_open", "ask_save", "ask_losing", "confirmed"):

        def refuse(*_: object, name: str = name) -> None:
            raise AssertionError(f"the window asked {name} where nobody was to be asked")

        monkeypatch.setattr(asking, name, refuse)
    made = Place(tmp_path, qtbot)
    yield made
    made.end()


@pytest.fixture
def editor(qtbot: QtBot) -> Iterator[Editor]:
    """An empty graph that is edited."""
    made = Editor(Session())
    yield made
    made.close()


@pytest.fixture
def show_panel(editor: Editor, qtbot: QtBot) -> Callable[[type, int, int], Any]:
    """Shows a panel of the editor by its class, so wide and high, in the fonts of the program."""
    load_fonts()
    QApplication.setFont(text_font())

    def show(kind: type, width: int, height: int) -> Any:
        panel = kind(editor, DARK)
        qtbot.addWidget(panel)
        panel.resize(width, height)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    return show


@pytest.fixture
def drawn_window(place: Place, qtbot: QtBot) -> Iterator[Window]:
    """A window with the sample graph of `hand`, as large as on a desk, its canvas with the keyboard."""
    window = place.start(empty=True)
    window.editor.open(sample())
    window.show_canvas()
    window.resize(1500, 900)
    window.show()
    qtbot.waitUntil(lambda: not window.editor.checking.busy)
    window.canvas.frame()
    window.canvas.setFocus()
    yield window
    window.editor.document.mark_saved()
