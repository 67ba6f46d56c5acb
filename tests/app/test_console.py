"""The console: what a cell sees, prints and changes, and that no cell holds the window or what comes after it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.panels.console import ConsolePanel

Run = Callable[[str], str]


def opened(editor: Editor, folder: Path, qtbot: QtBot) -> ConsolePanel:
    panel = ConsolePanel(editor, DARK, folder=folder)
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    panel.show()
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text, timeout=20_000)
    return panel


@pytest.fixture
def console(editor: Editor, tmp_path: Path, qtbot: QtBot) -> Iterator[ConsolePanel]:
    panel = opened(editor, tmp_path, qtbot)
    yield panel
    panel.engine.close()


@pytest.fixture
def run(console: ConsolePanel, qtbot: QtBot) -> Run:
    """Runs a cell; what came of it."""

    def compute(code: str) -> str:
        before = len(console.view.text)
        console.view.execute(code)
        qtbot.waitUntil(lambda: not console.engine.busy, timeout=20_000)
        return console.view.text[before:]

    return compute


def longest_gap(until: Callable[[], bool], seconds: float) -> float:
    """Serve the window until something holds; the longest time, in seconds, for which it was not served."""
    gap, last, end = 0.0, time.monotonic(), time.monotonic() + seconds
    while not until() and last < end:
        QCoreApplication.processEvents()
        time.sleep(0.002)
        now = time.monotonic()
        gap, last = max(gap, now - last), now
    assert until(), f"it went on for more than {seconds} s"
    return gap


def test_cells_compute_edit_and_show_and_leave_the_process_as_it_was(
    console: ConsolePanel, run: Run, editor: Editor, tmp_path: Path, qtbot: QtBot
) -> None:
    main, path, streams = sys.modules["__main__"], list(sys.path), (sys.stdin.__class__.__name__, time.sleep.__name__)
    assert "Out[1]: 3" in run("1 + 2")
    assert "Out[2]: 'awaited'" in run("import asyncio\nawait asyncio.sleep(0.01)\n'awaited'")
    assert "7 of 7" in run("%timeit -n1 -r7 pass\nprint('7 of 7')")
    assert "Signature: sum(iterable" in run("sum?")
    told = run("1 / 0")
    assert "ZeroDivisionError: division by zero" in told
    assert "----> 1 1 / 0" in told
    run("add('relu')")
    assert [node.op for node in editor.graph.nodes.values()] == ["relu"]
    editor.undo()
    assert not editor.graph.nodes
    told = run("g.nope")
    assert "NameUnknownError: the graph has nothing called 'nope'" in told
    assert "core/" not in told, "frames of the program are of no use to who typed the cell"
    assert "\ufffc" in run("show(np.eye(3))"), "a picture stands there"
    assert "\ufffc" in run('class P:\n    def _repr_svg_(self): return \'<svg width="9" height="9"/>\'\nP()')
    run("doc.observe(lambda change: print('heard', change.label))")
    editor.attempt("Add one", lambda t: t.add("exp"))
    qtbot.waitUntil(lambda: "heard Add one" in console.view.text)
    assert "OverflowError: 10 ** 1,000,000,000 is an integer of" in run("10 ** 10 ** 9")
    console.set_theme(LIGHT)  # what stands there is written in the other theme's colours by now
    cursor = console.view._control.textCursor()
    cursor.setPosition(console.view.text.index("ZeroDivisionError") + 3)
    assert cursor.charFormat().foreground().color().name() == LIGHT.error
    console.engine.close()
    assert sys.modules["__main__"] is main
    assert "__console__" not in sys.modules
    assert sys.path == path
    assert (sys.stdin.__class__.__name__, time.sleep.__name__) == streams
    again = opened(editor, tmp_path, qtbot)
    QTest.keyClick(again.view._control, Qt.Key.Key_Up)
    assert again.view.input_buffer == "10 ** 10 ** 9", "what was typed in an earlier console comes back"
    again.engine.close()


def test_what_is_typed_is_completed_and_read_while_a_cell_waits(console: ConsolePanel, run: Run, qtbot: QtBot) -> None:
    control = console.view._control
    run("value_of_mine = np.arange(3)")
    console.view.setFocus()
    QTest.keyClicks(control, "value_o")
    QTest.keyClick(control, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: "value_of_mine" in console.view.input_buffer)
    console.view.input_buffer = ""
    console.view.execute("answer = input('how many? ')")
    qtbot.waitUntil(lambda: "how many? " in console.view.text and console.view._reading)
    assert "waits for a line" in console.state.text()
    QTest.keyClicks(control, "six")
    QTest.keyClick(control, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not console.engine.busy)
    assert "'six'" in run("answer")


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import time; time.sleep(60)",
        "while True: np.ones(1000).sum()",
        "import asyncio; await asyncio.sleep(60)",
        "input()",
    ],
)
def test_a_cell_is_stopped_at_once_and_the_window_goes_on(console: ConsolePanel, run: Run, code: str) -> None:
    console.view.execute(code)
    longest_gap(lambda: console.stop.isEnabled(), 5)
    end = time.monotonic() + 0.2
    longest_gap(lambda: time.monotonic() > end, 5)
    begun = time.monotonic()
    QTest.keyClick(console.view._control, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    longest_gap(lambda: not console.engine.busy, 5)
    assert time.monotonic() - begun < 1, "Stop works within a second, also on a machine that has much to do"
    assert "KeyboardInterrupt" in console.view.text
    assert "Out[2]: 4" in run("2 + 2")


def test_what_does_not_stop_is_left_by_a_new_console(console: ConsolePanel, run: Run, editor: Editor) -> None:
    console.view.execute(
        "import time\nprint('now ' 'it goes on')\nwhile 1:\n  try: time.sleep(9)\n  except KeyboardInterrupt: pass"
    )
    longest_gap(lambda: "now it goes on" in console.view.text, 5)
    console.stop.click()
    longest_gap(lambda: console.stuck.isVisible(), 5)
    assert "Restart begins a new console" in console.stuck.text()
    console.restart.click()
    longest_gap(lambda: console.state.text() == "Ready" and not console.stuck.isVisible(), 5)
    assert "Out[1]: 5" in run("2 + 3")
    run("add('relu')")
    assert len(editor.graph.nodes) == 1, "the document is whole, and the new console reaches it"


def test_very_much_print_reaches_the_window_bounded(console: ConsolePanel, run: Run) -> None:
    console.view.execute("for i in range(60_000): print(i)")
    gap = longest_gap(lambda: not console.engine.busy, 30)
    assert gap < 0.5, f"the window stood still for {gap:.2f} s"
    assert "59999" in console.view.text
    assert "lines came too fast, and are left out" in console.view.text
    assert len(run("print('x' * 10_000_000)")) < 10_000


def test_nothing_is_loaded_before_the_dock_is_seen(editor: Editor, qtbot: QtBot) -> None:
    panel = ConsolePanel(editor, DARK)
    qtbot.addWidget(panel)
    qtbot.wait(50)
    assert panel.engine is None
    assert panel.state.text() == "Loading…"
