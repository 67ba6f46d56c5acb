"""The start: what is painted before the engine is loaded, that nothing moves when the rest comes, and closing early."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.application import Application
from gradwire.app.settings import Settings
from gradwire.app.window import Window

# Not loaded before the window is painted for the first time: each takes as long as the window itself, or longer.
AFTER_THE_FIRST_PAINT = (
    "IPython", "matplotlib", "networkx", "numpy", "pandas", "pyqtgraph", "safetensors", "scipy",
    "sklearn", "torch", "tqdm", "ziamath", "gradwire.core",
)  # fmt: skip


PROGRAM = """
import linecache, sys
from gradwire.app import entry

show = entry._show

def show_told(path):
    from gradwire.app.window import Window

    paint = Window.paintEvent

    def told(self, event):
        paint(self, event)
        if not self.is_filled:
            print("painted", *sorted(set(LATER) & set(sys.modules)))
            self.filled.connect(lambda: print("filled", self.editor.group) or self.close())

    Window.paintEvent = told
    return show(path)

entry._show = show_told
status = entry.main([])
print("read", *sorted(name for name in linecache.cache if name.endswith(("editor.py", "numeric.py"))))
sys.exit(status)
"""


def test_the_window_is_painted_before_numpy_and_the_engine_are_loaded(tmp_path: Path) -> None:
    """And no source is read for its own sake, as PySide's own way of importing does."""
    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", f"LATER = {AFTER_THE_FIRST_PAINT!r}\n{PROGRAM}"],
        env={**os.environ, **homes},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.split("\n")) == (0, ["painted", "filled None", "read", ""]), done.stderr


def bare(place: Place, path: Path | None = None) -> Window:
    """A window as the program starts it, before it is painted."""
    settings = Settings(place.folder / "settings.ini")
    application = Application(settings, place.folder / "data", place.folder / "cache")
    place.applications.append(application)
    return application.open_window(path, at_once=False)


def places(window: Window) -> dict[str, QRect]:
    """Where everything of a window stands that has a frame."""
    parts = {name: dock for name, dock in window.docks.docks.items() if not dock.visibleRegion().isEmpty()}
    parts |= {"middle": window.centralWidget(), "toolbar": window.toolbar, "status": window.statusBar()}
    return {name: part.geometry() for name, part in parts.items()}


def test_nothing_moves_when_the_contents_come(place: Place, qtbot: QtBot) -> None:
    window = bare(place, EXAMPLES / "colah.gw")
    window._soon.stop()
    window.resize(1400, 900)
    qtbot.waitExposed(window)
    QTest.qWait(50)
    empty = places(window)
    assert {"palette", "inspector", "problems"} <= set(empty)
    menus = [action.text() for action in window.menuBar().actions()]
    window.fill()
    qtbot.waitUntil(lambda: window.statusBar().graph.text().startswith("✓"))
    assert places(window) == empty
    assert [action.text() for action in window.menuBar().actions()] == menus
    assert window.shows_canvas
    assert window.files.name == "colah.gw"
    assert window.toolbar.isEnabled()
    assert window.canvas.hasFocus()


def test_a_window_that_nobody_sees_is_filled_all_the_same(place: Place, qtbot: QtBot) -> None:
    window = bare(place)
    window.hide()
    qtbot.waitUntil(lambda: window.is_filled)


def test_keys_and_closing_before_the_contents_do_no_harm(place: Place) -> None:
    window = bare(place)
    application = window.application
    QTest.keyClick(window, Qt.Key.Key_Escape)
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert not window.is_filled
    assert window.close()
    assert application.windows == []
