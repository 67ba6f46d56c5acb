"""The console: what a cell sees, prints and changes, and that no cell holds the window or what comes after it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from windows import Place, add, keyboard

from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.panels.console import ConsolePanel

Run = Callable[[str], str]


def opened(editor: Editor, folder: Path, qtbot: QtBot) -> ConsolePanel:
    panel = ConsolePanel(editor, DARK, folder=folder)
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    panel.show()
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text)
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
        qtbot.waitUntil(lambda: not console.engine.busy)
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
    assert "Traceback" not in told, "the line says all"
    told = run("%tb")
    assert "Traceback" in told
    assert "core/" not in told, "frames of the program are of no use to who typed the cell"
    assert "EditError in line 2: no op or layer is called 'nope'" in run("x = 1\nadd('nope')")
    assert "\ufffc" in run("show(np.eye(3))"), "a picture stands there"
    assert "\ufffc" in run("show(np.ones((70, 3, 3)))")
    assert "(70, 3, 3) float64, from 1 to 1, the first 64 of 70 planes" in run("show(np.ones((70, 3, 3)))")
    assert "\ufffc" in run('class P:\n    def _repr_svg_(self): return \'<svg width="9" height="9"/>\'\nP()')
    assert "\n[2, 3]" in run("display([2, 3])")
    run("doc.observe(lambda change: print('heard', change.label))")
    editor.attempt("Add one", lambda t: t.add("exp"))
    qtbot.waitUntil(lambda: "heard Add one" in console.view.text)
    assert "OverflowError: 10 ** 1,000,000,000 is an integer of" in run("10 ** 10 ** 9")
    console.set_theme(LIGHT)  # what stands there is written in the other theme's colours by now
    cursor = console.view._control.textCursor()
    cursor.setPosition(console.view.text.index("ZeroDivisionError") + 3)
    assert cursor.charFormat().foreground().color().name() == LIGHT.error
    cursor.setPosition(console.view.text.index("----> 1 1 / 0") + len("----> 1 1"))
    assert cursor.charFormat().background().style() == Qt.BrushStyle.NoBrush, "no field of another colour lies there"
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
    assert "CancelledError" not in console.view.text
    assert time.monotonic() - begun < 1, "Stop works within a second, also on a machine that has much to do"
    assert "KeyboardInterrupt" in console.view.text
    assert "Out[2]: 4" in run("2 + 2")


def test_a_stop_is_told_without_a_whole_traceback_which_takes_longer(
    console: ConsolePanel, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: list[type[BaseException]] = []
    formatter = console.engine.shell.InteractiveTB
    known = formatter.structured_traceback

    def format(etype: type[BaseException], *given: object, **named: object) -> object:
        whole.append(etype)
        return known(etype, *given, **named)

    monkeypatch.setattr(formatter, "structured_traceback", format)
    assert "stopped in line 1" in run("raise KeyboardInterrupt")
    assert whole == []
    assert "ZeroDivisionError" in run("1 / 0")
    assert whole == [ZeroDivisionError], "once: IPython would keep another one"


def test_an_edit_that_a_stopped_cell_waited_for_is_not_made(console: ConsolePanel, editor: Editor) -> None:
    console.view.execute("add('relu')")
    time.sleep(0.5)  # the window is busy, the cell asks it meanwhile
    console.stop.click()
    longest_gap(lambda: not console.engine.busy, 5)
    assert "KeyboardInterrupt" in console.view.text
    assert not editor.graph.nodes


def test_the_keyboard_stays_with_the_prompt_when_buttons_are_clicked(
    console: ConsolePanel, run: Run, qtbot: QtBot
) -> None:
    run("kept = 6")
    for button in (console.echoes, console.stop, console.restart, console.clear):
        assert button.focusPolicy() == Qt.FocusPolicy.NoFocus
    console.activateWindow()
    qtbot.waitUntil(console.isActiveWindow)
    console.view.execute("while True: pass")
    qtbot.waitUntil(console.stop.isEnabled)
    console.view._control.clearFocus()
    QTest.mouseClick(console.stop, Qt.MouseButton.LeftButton)
    longest_gap(lambda: not console.engine.busy, 5)
    assert keyboard() is console.view._control
    QTest.keyClicks(keyboard(), " kept")
    assert console.view.input_buffer == " kept", "Space has pressed no button"
    console.view.input_buffer = ""
    assert "6" in run("kept")


def test_the_document_can_be_edited_as_in_a_script(console: ConsolePanel, run: Run, editor: Editor) -> None:
    told = run(
        "with doc.transaction('Add two') as t:\n  a = t.add('relu'); b = t.add('sin', inputs={'x': a})\nt.change.label"
    )
    assert "'Add two'" in told
    assert [node.op for node in editor.graph.nodes.values()] == ["relu", "sin"]
    run("doc.undo()")
    assert not editor.graph.nodes
    run("doc.redo()")
    assert "2 nodes, undo takes back 'Add two'>" in run("doc")
    assert "Out" in run("len(doc.graph.nodes), doc.dirty, doc.history.position")
    run("with doc.transaction('Half') as t:\n  t.add('exp')\n  1 / 0")
    assert len(editor.graph.nodes) == 2, "of a block that raises nothing is made"
    run("with edits('All'):\n  add('exp')\n  with doc.transaction('inner') as t: t.add('cos')")
    assert editor.document.history.undo_label == "All"
    assert len(editor.graph.nodes) == 4
    assert "nothing is undone within edits" in run("with edits('All'):\n  doc.undo()")
    for line in ("session.document.undo()", "with session.document.transaction('T') as t: t.add('exp')"):
        assert "(in the console doc edits it: doc.undo(), doc.redo(), doc.transaction(label); and train() trains)" in (
            run(line)
        )
    assert len(editor.graph.nodes) == 4


def test_hooks_that_a_cell_sets_are_told_of_the_runs_of_later_cells(
    console: ConsolePanel, run: Run, editor: Editor
) -> None:
    run("with edits('Make'):\n  add('input', 'a', shape=[])\n  add('exp', 'e', x='a')\n  add('square', 'n', x='e')")
    run("seen = []\nhook = session.on_forward('e', lambda array, event: seen.append((event.path, float(array))))")
    run("deep = session.on_gradient('a', lambda array, event: seen.append((event.phase, round(float(array), 3))))")
    assert "Out" in run("run('n', {'a': 0.0})")
    assert "[('e', 1.0)]" in run("seen")
    run("_ = session.gradients('n', 'a', {'a': 0.0})")
    assert "('backward', 2.0)" in run("seen")
    run("hook.remove(); deep.remove(); seen.clear(); run('n', {'a': 0.0})")
    assert "Out" in run("seen")
    assert "[]" in run("seen")
    assert "ZeroDivisionError" in run("session.on_forward('e', lambda array, event: 1 / 0)\nrun('n', {'a': 0.0})")
    assert "Out" in run("1 + 1"), "a hook that raises ends its cell, and nothing else"


def test_values_that_a_run_writes_reach_the_document(console: ConsolePanel, run: Run, editor: Editor) -> None:
    run("x = add('input', 'x', shape=(4, 3)); x.value = np.arange(12.).reshape(4, 3)")
    run("add('layer:batch_norm', 'bn', x='x', num_features=3); add('dropout', x='x', rate=0.5)")
    before = dict(editor.document.values)
    assert "(4, 3)" in run("run('bn', train=True).shape")
    changed = [id for id, value in editor.document.values.items() if value is not before.get(id)]
    assert changed, "its averages"
    assert editor.document.history.undo_label == "Run"
    assert "False" in run("bool((run('dropout', train=True) == run('dropout', train=True)).all())")
    editor.undo()
    assert dict(editor.document.values) == before


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


def test_the_prompt_stays_in_sight_beneath_what_is_echoed(console: ConsolePanel, run: Run) -> None:
    run("1")
    view = console.view
    control, bar = view._control, view._control.verticalScrollBar()
    for number in range(60):
        view.echo(f"add('relu', at=({number}, 0))")
        assert control.viewport().rect().contains(control.cursorRect()), number
    bar.setValue(0)
    view.echo("undo()")
    assert bar.value() == 0  # who reads above is left there


def test_very_much_print_reaches_the_window_bounded(console: ConsolePanel, run: Run) -> None:
    console.view.execute("for i in range(60_000): print(i)")
    gap = longest_gap(lambda: not console.engine.busy, 30)
    assert gap < 3, f"the window stood still for {gap:.2f} s"  # else for all of the time that it prints
    assert "59999" in console.view.text
    assert "lines came too fast, and are left out" in console.view.text
    assert len(run("print('x' * 10_000_000)")) < 10_000


def test_what_fails_in_a_callback_is_told_in_the_console_and_the_document_is_whole(
    console: ConsolePanel, run: Run, editor: Editor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: faults.append(error))
    run("doc.observe(lambda change: 1 / 0)")
    QTimer.singleShot(0, lambda: editor.attempt("Add one", lambda t: t.add("exp")))
    qtbot.waitUntil(lambda: "A callback failed: ZeroDivisionError: division by zero (line 1 of" in console.view.text)
    told = run("add('relu')")
    assert "ZeroDivisionError" in told
    assert "core/" not in told, "how the program came to the callback is of no use"
    assert [node.op for node in editor.graph.nodes.values()] == ["exp", "relu"]
    run("import threading; threading.Thread(target=lambda: [][3]).start()")
    qtbot.waitUntil(lambda: "A callback failed: IndexError" in console.view.text)
    assert not faults, "it is no fault of the program"
    console.view.execute("import time; time.sleep(30)")
    qtbot.waitUntil(lambda: console.stop.isEnabled())
    QTimer.singleShot(0, lambda: {}["of the window"])
    qtbot.waitUntil(lambda: bool(faults))
    assert "of the window" not in console.view.text, "nor is one of the program told as the cell's"
    console.stop.click()
    qtbot.waitUntil(lambda: not console.engine.busy)


def test_steps_and_training_by_a_cell_are_those_of_the_window(
    console: ConsolePanel, run: Run, editor: Editor, tmp_path: Path
) -> None:
    editor.training.home = tmp_path / "runs"
    run("x = add('input', 'x', shape=[3]); x.value = np.ones(3)")
    run("w = add('parameter', 'w', shape=[3]); add('multiply', 'm', x='x', y='w'); add('sum', 'loss', x='m')")
    assert "1/" in run("step()")
    assert editor.stepper.cursor.step == 1
    assert "3/" in run("step(2)")
    run("back()")
    assert editor.stepper.cursor.step == 2
    run("training(loss='loss', epochs=1)")
    told = run("train(epochs=2, nope=3)")
    assert "EditError: training has no setting 'nope'" in told
    assert editor.graph.training.epochs == 1
    assert "RunError: there is no curve yet" in run("plot(path='losses.png')")
    assert "'train_loss'" in run("train()")
    run(f"plot(path=r'{tmp_path / 'losses.png'}')")
    assert (tmp_path / "losses.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_typed_while_the_console_is_loaded_comes_into_its_prompt(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    for _ in range(2):  # in the second one's process all modules are loaded
        QTest.keyClick(keyboard(), Qt.Key.Key_QuoteLeft, Qt.KeyboardModifier.ControlModifier)
        panel = window.panel("console")
        for letter in "6 * 7":
            QTest.keyClick(keyboard(), letter)
            qtbot.wait(20)  # some come before the prompt is there, some as it comes, some after that
        QTest.keyClick(keyboard(), Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: panel.view is not None and "In [2]" in panel.view.text)  # noqa: B023
        assert "In [1]: 6 * 7\nOut[1]: 42" in panel.view.text
        panel.engine.close()
        window.close()
        window = place.start(empty=True)


def test_what_is_typed_while_a_cell_runs_waits_for_the_next_prompt(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    add(window.editor, "sin", name="kept")
    panel = window.panel("console")
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text)
    window.editor.select(window.editor.graph.nodes)
    panel.view.setFocus()

    def press(text: str) -> None:
        for letter in text:  # each to what has the keyboard, as the system does; "?" and Space are keys of the window
            key = Qt.Key.Key_Return if letter == "\n" else letter
            QTest.keyClick(keyboard(), key)

    press("import time; time.sleep(0.5)\n")
    qtbot.waitUntil(lambda: panel.engine.busy)
    press("first = 6  * 7\n")
    press("g.kept?X")
    QTest.keyClick(keyboard(), Qt.Key.Key_Backspace)  # with a node selected that key removes it
    assert panel.engine.busy, "all of it was typed while the cell ran"
    assert "for its end" in panel.state.text()
    qtbot.waitUntil(lambda: panel.view.input_buffer == "g.kept?")
    assert "In [2]: first = 6  * 7\n" in panel.view.text
    assert panel.engine.shell.user_ns["first"] == 42
    assert [each.name for each in window.editor.graph.nodes.values()] == ["kept"]
    assert QApplication.activeWindow() is window, "no window of keys has opened"
    panel.engine.close()


def test_what_was_typed_while_a_cell_ran_is_read_by_its_input_and_forgotten_by_stop(
    console: ConsolePanel, run: Run, qtbot: QtBot
) -> None:
    control = console.view._control
    console.view.execute("import time; time.sleep(0.3); answer = input('how many? ')")
    qtbot.waitUntil(lambda: console.engine.busy)
    QTest.keyClicks(control, "six")
    QTest.keyClick(control, Qt.Key.Key_Return)
    QTest.keyClicks(control, "answer*2")
    qtbot.waitUntil(lambda: console.view.input_buffer == "answer*2" and not console.engine.busy)
    assert "how many? six" in console.view.text
    console.view.input_buffer = ""
    console.view.execute("while True: pass")
    qtbot.waitUntil(lambda: console.engine.busy)
    QTest.keyClicks(control, "add('relu')")
    QTest.keyClick(control, Qt.Key.Key_Return)
    console.stop.click()
    longest_gap(lambda: not console.engine.busy, 5)
    assert "Out" in run("1 + 1")
    assert not console.editor.graph.nodes
    assert "add('relu')" not in console.view.text


AS_THE_PROGRAM_STARTS = """
import sys, time, tempfile
from pathlib import Path
from gradwire.app.entry import load_qt
load_qt()
from PySide6.QtWidgets import QApplication
from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK
from gradwire.app.panels.console import ConsolePanel
from gradwire.core.overheard import forget, overheard, overhearing
from gradwire.core.session import Session
qt = QApplication([])
panel = ConsolePanel(Editor(Session()), DARK, folder=Path(tempfile.mkdtemp()))
qt.processEvents()
print(sorted({"IPython", "qtconsole", "qtpy"} & sys.modules.keys()))
panel.show()
end = time.monotonic() + 30
while time.monotonic() < end and (panel.view is None or "In [1]" not in panel.view.text):
    qt.processEvents()
print(panel.state.text(), flush=True)
import os
os._exit(0)
"""


def test_it_opens_in_a_process_that_began_as_the_program_does() -> None:
    """There PySide's own hook of imports is taken away, on which qtpy's stars rely."""
    more = {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", AS_THE_PROGRAM_STARTS], env=os.environ | more, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split("\n")[:2] == ["[]", "Ready"], done.stderr


def test_nothing_is_loaded_before_the_dock_is_seen(editor: Editor, qtbot: QtBot) -> None:
    panel = ConsolePanel(editor, DARK)
    qtbot.addWidget(panel)
    qtbot.wait(50)
    assert panel.engine is None
    assert panel.state.text() == "Loading…"


def test_a_breakpoint_in_a_cell_says_where_to_debug_and_the_cell_goes_on(run: Run) -> None:
    told = run("breakpoint()\nprint(1 + 1)")
    assert "breakpoint() does nothing in the console: go through the graph by step() and back()" in told
    assert "\n2\n" in told
    assert sys.breakpointhook is sys.__breakpointhook__
