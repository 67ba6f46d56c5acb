"""The panel Printed: what `print` nodes write as one trains, steps and runs, each line with the way to its node."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from training_windows import click, open_window, press, set_training, wait_for
from windows import Place, add, recorded

from gradwire.app.look.seen import is_seen
from gradwire.app.panels.printed import FIRST, NONE, NOTHING, PrintedPanel
from gradwire.app.results.printing import LINES, TRAINING
from gradwire.app.window import Window
from gradwire.core.printing import Printed
from gradwire.core.session import Session

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def put_print(window: Window, every: int = 1, show: str = "value") -> str:
    """A print node before the loss of the example; its id."""
    editor = window.editor
    assert editor.graph.training is not None
    loss, found = editor.graph.training.loss, list[str]()
    logits = editor.graph.inputs(loss)["logits"]
    with editor.document.transaction("Print") as t:
        found.append(t.add("print", name="seen", inputs={"x": logits}, message="logits", every=every, show=show))
        t.connect(found[0], loss, "logits")
    return found[0]


def show(window: Window) -> PrintedPanel:
    found = window.panel("printed")
    assert isinstance(found, PrintedPanel)
    QTest.qWait(20)
    return found


def rows(panel: PrintedPanel) -> list[tuple[str, str]]:
    """Of each row the name of the node, and where the line comes from."""
    made = [panel.list.rows.row_at(i) for i in range(panel.list.rows.count)]
    return [(row.text, row.note) for row in made]


def line(node: str, iteration: int, message: str = "") -> Printed:
    return Printed.of(node, iteration, "forward", message, np.float32(iteration))


def click_row(panel: PrintedPanel, row: int) -> None:
    place = panel.list.visualRect(panel.list.rows.index(row)).center()
    assert panel.list.viewport().rect().contains(place)
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


@pytest.fixture
def small(editor, show_panel) -> tuple[PrintedPanel, str]:
    """The panel alone, beside a graph with one print node."""
    node = add(editor, "print", name="seen")
    assert node is not None
    return show_panel(PrintedPanel, 700, 200), node


def test_an_empty_panel_says_what_writes_there_and_how_to_add_one(editor, show_panel) -> None:
    panel = show_panel(PrintedPanel, 700, 200)
    assert panel.list.empty == NONE
    assert not panel.head.isVisible()
    add(editor, "print")
    assert panel.list.empty == NOTHING
    editor.undo()
    assert panel.list.empty == NONE


def test_a_line_is_read_copied_and_leads_to_its_node(editor, small, qtbot: QtBot) -> None:
    panel, node = small
    editor.printed.add(TRAINING, [line(node, 1200, "<b>h</b>"), line(node, 0)], editor.graph)
    assert rows(panel) == [("seen", "training 1,200; forward"), ("seen", "validation; forward")]
    assert panel.windowTitle() == "Printed •"
    assert panel.about.text() == "2 lines"
    index = panel.list.rows.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == ("seen, <b>h</b>: () f32 1200., training 1,200; forward")
    assert index.data(Qt.ItemDataRole.ToolTipRole) == (
        "<p style='white-space: pre'>seen, training 1,200, forward\n&lt;b&gt;h&lt;/b&gt;: () f32 1200.</p>"
    )
    editor.select(())
    with qtbot.waitSignal(editor.shown):
        click_row(panel, 0)
    assert editor.active == node
    QTest.keyClick(panel.list, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "seen, training 1,200, forward: <b>h</b>: () f32 1200."
    editor.select(())
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert editor.active == node
    editor.attempt("Delete", lambda t: t.remove(node))
    with qtbot.waitSignal(editor.told) as told:
        click_row(panel, 1)
    assert told.args == ["seen is not in this graph any more", "note"]
    click(panel.clear)
    assert (rows(panel), panel.list.empty, panel.windowTitle()) == ([], NONE, "Printed")


def test_the_list_follows_its_end_unless_somebody_has_scrolled_up(editor, small) -> None:
    panel, node = small
    bar = panel.list.verticalScrollBar()

    def more(first: int, count: int) -> None:
        editor.printed.add(TRAINING, [line(node, i) for i in range(first, first + count)], editor.graph)

    def top() -> str:
        return panel.list.rows.row_at(panel.list.rowAt(panel.list.row_height // 2)).note

    more(1, 50)
    assert 0 < bar.value() == bar.maximum()
    more(51, LINES)  # the first are let go
    assert panel.list.rows.count == LINES
    assert bar.value() == bar.maximum()
    assert panel.about.text() == "The last 2,000 lines"
    bar.setValue(1000 * panel.list.row_height)
    click_row(panel, 1002)
    read, chosen = top(), panel.list.rows.row_at(panel.list.current).note
    more(3000, 300)
    assert top() == read
    assert panel.list.rows.row_at(panel.list.current).note == chosen
    bar.setValue(bar.maximum())
    more(3300, 5)
    assert bar.value() == bar.maximum()
    assert panel.list.rows.row_at(LINES - 1).note == "training 3,304; forward"


def test_another_document_begins_without_lines(editor, small) -> None:
    panel, node = small
    editor.printed.add(TRAINING, [line(node, 1)], editor.graph, left_out=7)
    assert panel.about.text() == "1 line, and 7 that came too fast to be shown"
    editor.look_at(Session(), computes=False)  # a run of this document is looked at
    assert len(rows(panel)) == 1
    editor.look_at(editor.home)
    editor.open(Session())
    assert rows(panel) == []


@pytest.mark.slow
def test_lines_of_training_come_and_a_click_selects_their_node(place: Place, qtbot: QtBot) -> None:
    window = open_window(place)
    node, told = put_print(window, every=100, show="both"), list[str]()
    window.editor.told.connect(lambda text, _: told.append(text))
    press(window, Qt.Key.Key_R, CONTROL)
    wait_for(qtbot, window, "completed")
    assert is_seen(window.docks.panels["training"])  # which came forward as the run began, and stays
    assert not is_seen(window.docks.panels["printed"])
    assert told.count(FIRST) == 1
    assert window.docks.docks["printed"].windowTitle().startswith("Printed •")
    panel = show(window)
    assert rows(panel) == [("seen", f"training {i}; {phase}") for i in (100, 200) for phase in ("forward", "backward")]
    window.editor.select(())
    click_row(panel, 2)
    assert window.editor.active == node


@pytest.mark.slow
def test_a_flood_is_bounded_and_the_window_answers(place: Place, qtbot: QtBot) -> None:
    window = open_window(place)
    put_print(window, show="both")
    set_training(window, epochs=1500)
    panel = show(window)
    window.editor.training.begin(shows=False)
    waits, began = list[float](), time.perf_counter()
    qtbot.waitUntil(lambda: window.editor.training.state == "running")
    while window.editor.training.active:
        assert time.perf_counter() - began < 120
        at = time.perf_counter()
        QTest.qWait(1)
        waits.append(time.perf_counter() - at)
    wait_for(qtbot, window, "completed")
    printed = window.editor.printed
    assert len(printed.lines) == panel.list.rows.count <= LINES
    assert printed.left_out > LINES
    assert rows(panel)[-3][1] == "training 12,000; backward"  # two batches of validation follow
    bar = panel.list.verticalScrollBar()
    assert bar.value() == bar.maximum()
    assert sorted(waits)[len(waits) * 9 // 10] < 0.2


def test_stepping_writes_each_line_once(place: Place, qtbot: QtBot) -> None:
    window = open_window(place)
    put_print(window, show="both")
    stepper, panel = window.editor.stepper, show(window)
    window.canvas.setFocus()
    press(window, Qt.Key.Key_Space)
    recorded(window, qtbot)
    assert rows(panel) == []
    made = stepper.timeline.made_at[window.editor.graph.resolve("seen")]
    while stepper.cursor.step <= made:
        press(window, Qt.Key.Key_Space)
    assert rows(panel) == [("seen", "stepping 1; forward")]
    press(window, Qt.Key.Key_F10, SHIFT)
    press(window, Qt.Key.Key_Space)
    assert len(rows(panel)) == 1
    stepper.to_end()
    both = [("seen", "stepping 1; forward"), ("seen", "stepping 1; backward")]
    assert rows(panel) == both
    press(window, Qt.Key.Key_Space)
    recorded(window, qtbot)
    stepper.to_end()
    second = [("seen", "stepping 2; forward"), ("seen", "stepping 2; backward")]
    assert rows(panel) == [*both, *second]
    stepper.visit(1)
    recorded(window, qtbot)
    stepper.to_start()
    stepper.to_end()
    assert rows(panel) == [*both, *second]
    stepper.leave()
    stepper.to_end()  # recorded anew
    recorded(window, qtbot)
    assert rows(panel) == [*both, *second, *both]


@pytest.mark.parametrize(("width", "height"), [(900, 220), (420, 160), (230, 120), (190, 100)])
def test_at_every_width_a_row_shows_what_its_line_says(editor, small, width: int, height: int) -> None:
    panel, node = small
    panel.resize(width, height)
    seen = []
    for number in (3, 8):
        editor.printed.clear()
        told = Printed.of(node, 1, "forward", "", np.float32(number))
        editor.printed.add(TRAINING, [told], editor.graph)
        seen.append(panel.list.viewport().grab(panel.list.visualRect(panel.list.rows.index(0))).toImage())
    assert (panel.width(), panel.height()) == (width, height)
    assert panel.list.viewport().height() >= panel.list.row_height
    assert seen[0] != seen[1]
