"""A plugin whose loading does not end: given up, named, disabled and offered; the others are loaded all the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app import bridge
from gradwire.app.chrome.bars import Bar
from gradwire.app.plugins.manager import Manager
from gradwire.app.plugins.window import CRASHED
from gradwire.app.window import Window
from gradwire.core import plugins as package
from gradwire.core.cli import plugins as command
from gradwire.core.plugins import DISABLED, LOADED, loading

SOUND = "def register(host): pass\n"
HANGS = """
import time
def register(host):
    while True:
        time.sleep(0.05)
"""
TOLD = "it was still being loaded after 0.3 s"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a user with a plugin that hangs, between two that do not."""
    made = tmp_path / "plugins"
    made.mkdir()
    for name, text in (("a_sound", SOUND), ("hanging", HANGS), ("z_sound", SOUND)):
        (made / f"{name}.py").write_text(text, "utf-8")
    monkeypatch.setenv("GRADWIRE_PLUGINS", str(made))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(bridge, "HANGS", 0.3)
    loading._of_process.cache_clear()
    yield made
    loading._of_process.cache_clear()


@pytest.fixture
def begin(folder: Path, place: Place, qtbot: QtBot) -> Iterator[Callable[[], Window]]:
    """Starts the program, and waits until it has told what became of its plugins."""
    made: list[Window] = []

    def start() -> Window:
        window = place.start(empty=True)
        made.append(window)
        keeper = window.application.plugins
        keeper.begin()
        qtbot.waitUntil(lambda: keeper.begun and not keeper.doing)
        return window

    yield start
    for window in made:
        for _, host in window.application.plugins.parts.hosts.values():
            host.withdraw()


@pytest.fixture
def window(begin: Callable[[], Window]) -> Window:
    return begin()


def states() -> dict[str, str]:
    return {each.name: each.state for each in package.plugins() if each.origin == "folder"}


def bar(window: Window) -> Bar | None:
    return window.bars.get(f"{CRASHED} hanging")


def test_the_others_are_loaded_and_the_one_is_told(window: Window, folder: Path, qtbot: QtBot) -> None:
    assert states() == {"a_sound": LOADED, "hanging": DISABLED, "z_sound": LOADED}
    shown = bar(window)
    assert shown is not None
    assert shown.text == f"The plugin hanging is disabled: {TOLD}."
    assert list(shown.buttons) == ["Enable it", "Leave it disabled"]
    lost = [thread for desk in tuple(bridge.desks) for thread in desk.lost]
    qtbot.waitUntil(lambda: not any(thread.is_alive() for thread in lost))  # a loop in Python is ended
    QTest.mouseClick(shown.buttons["Enable it"], Qt.MouseButton.LeftButton)
    assert window.status.message.text() == "Loading the plugin hanging…"
    assert bar(window) is None
    qtbot.waitUntil(lambda: bar(window) is not None)  # and again it does not end
    (folder / "hanging.py").write_text(SOUND, "utf-8")
    QTest.mouseClick(bar(window).buttons["Enable it"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: states()["hanging"] == LOADED)
    qtbot.waitUntil(lambda: bar(window) is None)


def test_the_list_says_what_goes_on_and_goes_on_itself(window: Window, folder: Path, qtbot: QtBot) -> None:
    keeper = window.application.plugins
    manager: Any = Manager(window)
    qtbot.addWidget(manager)
    manager.show()
    manager.list.go_to([plugin.name for plugin in manager.shown].index("hanging"))
    QTest.mouseClick(manager.switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: manager.said.text() == "Loading hanging…")
    manager.list.go_to([plugin.name for plugin in manager.shown].index("z_sound"))
    QTest.mouseClick(manager.switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: states() == {"a_sound": LOADED, "hanging": DISABLED, "z_sound": DISABLED})
    qtbot.waitUntil(lambda: not keeper.doing and manager.said.text() == "")
    manager.list.go_to([plugin.name for plugin in manager.shown].index("hanging"))
    assert f"Not loaded: {TOLD}" in manager.about.toPlainText()


def test_a_bar_that_is_closed_stays_away_until_something_is_done(window: Window, folder: Path, qtbot: QtBot) -> None:
    QTest.mouseClick(bar(window)._dismiss, Qt.MouseButton.LeftButton)
    assert bar(window) is None
    manager = Manager(window)
    qtbot.addWidget(manager)
    qtbot.waitUntil(lambda: not window.application.plugins.doing)
    assert bar(window) is None
    window.application.plugins.enable("hanging")
    qtbot.waitUntil(lambda: bar(window) is not None)


def test_what_was_given_up_adds_nothing_when_it_ends_after_all(folder: Path, tmp_path: Path) -> None:
    (folder / "hanging.py").write_text("import time\ndef register(host): time.sleep(0.5); host.add_op(None)\n", "utf-8")
    known = package.Plugins(folder, tmp_path / "settings" / "gradwire")
    known.discover()
    thread = threading.Thread(target=known.load, daemon=True)
    thread.start()
    while (work := bridge.working(thread.ident)) is None or work.what != "the plugin hanging":
        time.sleep(0.01)
    bridge.give_up(work, 0.3)
    thread.join()
    assert (known["hanging"].state, known["hanging"].error, known["hanging"].brought) == (DISABLED, TOLD, ())


@pytest.mark.skipif(not hasattr(command.signal, "setitimer"), reason="there is no timer for the main thread")
def test_a_command_names_it_and_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "LONGEST", 0.3)
    monkeypatch.setattr(command, "OFTEN", 0.1)
    command.load_plugins()
    assert f"note: the plugin hanging is not loaded: hanging.py, line 5: {TOLD}\n" in capsys.readouterr().err
    assert states() == {"a_sound": LOADED, "hanging": DISABLED, "z_sound": LOADED}


def test_one_that_cannot_be_loaded_is_told_quietly_at_the_start(folder: Path, begin: Callable[[], Window]) -> None:
    (folder / "hanging.py").write_text("import nothing_of_this_name", "utf-8")
    window = begin()
    assert window.status.message.text() == "Not loaded, as Plugins… says why: hanging"
    assert not window.bars.names()
