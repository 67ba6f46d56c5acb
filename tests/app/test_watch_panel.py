"""Breakpoints and watches in the window: added by hand, halting a run, and telling their own errors."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QTableWidget
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.panels.watch import WatchPanel
from gradwire.app.window import Window
from gradwire.core.stepping import Cursor


@pytest.fixture
def window(place: Place) -> Window:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    return window


@pytest.fixture
def panel(window: Window) -> WatchPanel:
    found = window.docks.show("watch")
    assert isinstance(found, WatchPanel)
    return found


def enter(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.setText(text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def cells(table: QTableWidget, row: int) -> list[str]:
    return [table.item(row, column).text() for column in range(table.columnCount())]


def press(window: Window, qtbot: QtBot, key: Qt.Key) -> None:
    before = window.editor.stepper.moment
    QTest.keyClick(window, key)
    qtbot.waitUntil(lambda: window.editor.stepper.moment is not before)


def test_f9_halts_a_run_at_the_node_and_the_row_says_where(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    id = window.editor.graph.resolve("sin")
    window.editor.select([id], id)
    window.canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert cells(panel.breakpoints, 0) == ["at sin", "0", ""]
    stops = []
    for _ in range(3):
        press(window, qtbot, Qt.Key.Key_F5)
        stops.append(window.editor.stepper.cursor)
    assert stops == [Cursor(3), Cursor(6), Cursor(7)]
    assert cells(panel.breakpoints, 0) == ["at sin", "3", "◀ here"]
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.editor.stepper.cursor == Cursor(8)
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert panel.breakpoints.rowCount() == 0


def test_a_condition_halts_when_it_comes_true(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    enter(panel.halt, "x.grad > 2")
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.editor.stepper.cursor == Cursor(8)
    assert cells(panel.breakpoints, 0) == ["where x.grad > 2", "1", "◀ here"]


def test_a_breakpoint_that_is_off_halts_nothing(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    enter(panel.halt, "sin.value > 0")
    panel.breakpoints.item(0, 0).setCheckState(Qt.CheckState.Unchecked)
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.editor.stepper.cursor == Cursor(8)


def test_what_cannot_be_read_is_told_beside_its_field_and_kept_there(window: Window, panel: WatchPanel) -> None:
    enter(panel.halt, "x.grad >")
    assert panel.breakpoints.rowCount() == 0
    assert panel.halt.text() == "x.grad >"
    told = [label.text() for label in panel.findChildren(QLabel) if label.text()]
    assert told == ["'x.grad >' is no expression (like rms(w.grad) > 10)"]


def test_a_breakpoint_that_fails_tells_its_error_in_its_row(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    enter(panel.halt, "nobody.grad > 1")
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.editor.stepper.cursor == Cursor(8)
    assert cells(panel.breakpoints, 0) == ["where nobody.grad > 1", "0", "there is no node 'nobody'"]


def test_a_watch_is_computed_at_each_moment(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    enter(panel.expression, "x.grad")
    enter(panel.expression, "cos(x.via.sin, x.via.product) < 0")
    enter(panel.expression, "q")
    assert [cells(panel.watches, row)[1] for row in range(3)] == ["–", "–", "–"]
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    assert [cells(panel.watches, row)[1:] for row in range(3)] == [
        ["2.5403", ""],
        ["no", ""],
        ["–", "there is no node 'q'"],
    ]
    window.editor.stepper.back()
    assert cells(panel.watches, 0)[1] == "not yet"


def test_delete_takes_a_row_away(window: Window, panel: WatchPanel) -> None:
    enter(panel.expression, "x")
    panel.watches.setCurrentCell(0, 0)
    QTest.keyClick(panel.watches, Qt.Key.Key_Delete)
    assert panel.watches.rowCount() == 0
    assert window.editor.graph.nodes  # and nothing else
