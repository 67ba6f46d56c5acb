"""Breakpoints and watches in the window: added by hand, halting a run, and telling their own errors."""

from __future__ import annotations

import math
import threading
import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QTableWidget
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.actions import ACTIONS
from gradwire.app.canvas.badges import HALT, badges
from gradwire.app.canvas.describing import item_words
from gradwire.app.panels.watch import WatchPanel, _told
from gradwire.app.window import Window
from gradwire.core.stepping import Cursor
from gradwire.core.stepping.forms import FITS
from gradwire.core.stepping.functions import FUNCTIONS


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


@pytest.mark.parametrize(
    ("text", "step"), [('phase == "backward"', 6), ('op == "sin" and phase == "backward"', 7), ("iteration == 1", 1)]
)
def test_a_phase_an_op_or_an_iteration_halts(
    window: Window, panel: WatchPanel, qtbot: QtBot, text: str, step: int
) -> None:
    enter(panel.halt, text)
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.editor.stepper.cursor == Cursor(step)
    assert cells(panel.breakpoints, 0) == [f"where {text}", "1", "◀ here"]


def test_a_node_that_only_receives_says_so_and_may_halt_in_one_phase_only(
    window: Window, panel: WatchPanel, qtbot: QtBot
) -> None:
    """The breakpoint of a leaf halts at the steps of others, at which its gradient arrives."""
    window.editor.breakpoints.toggle(window.editor.graph.resolve("y"))
    table = panel.breakpoints
    press(window, qtbot, Qt.Key.Key_F5)
    assert (window.editor.stepper.cursor, cells(table, 0)[2]) == (Cursor(1), "◀ here")
    press(window, qtbot, Qt.Key.Key_F5)
    assert (window.editor.stepper.cursor, cells(table, 0)[2]) == (Cursor(8), "◀ here: its gradient arrives")
    assert window.status.message.text() == "Halted at y: its gradient arrives"
    window.editor.stepper.to_start()
    table.setCurrentCell(0, 0)
    table.customContextMenuRequested.emit(table.visualItemRect(table.item(0, 0)).center())
    menu = panel.findChild(QMenu)
    assert menu is not None
    qtbot.waitUntil(menu.isVisible)
    (backward,) = (action for action in menu.actions() if action.text() == "Backward only")
    menu.setActiveAction(backward)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert cells(table, 0)[0] == "at y, backward"
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.editor.stepper.cursor == Cursor(8)


def test_a_node_with_a_breakpoint_bears_a_sign(window: Window, panel: WatchPanel) -> None:
    canvas, id = window.canvas, window.editor.graph.resolve("sin")
    plain = canvas.grab().toImage()
    window.editor.breakpoints.toggle(id)
    assert canvas.grab().toImage() != plain
    item = canvas.scene.item(id)
    assert [badge.kind for badge in badges(item, canvas.marks.state(item, None, False), 1.0)] == [HALT]
    assert "; breakpoint" in item_words(canvas, item)
    window.editor.breakpoints.change(0, enabled=False)
    assert canvas.grab().toImage() == plain


def test_a_breakpoint_that_is_off_halts_nothing(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    enter(panel.halt, "sin.value > 0")
    panel.breakpoints.item(0, 0).setCheckState(Qt.CheckState.Unchecked)
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.editor.stepper.cursor == Cursor(8)


BROKEN = "'x.grad >' is no expression: it ends too early"


def shown_error(table: QTableWidget, row: int) -> str:
    """The error in a row: in the colour of errors, in its tip with what would fit, and with room for all of it."""
    item = next(item for column in (1, 2) if (item := table.item(row, column)).foreground().style().value)
    assert item.foreground().color().isValid()
    assert item.toolTip().startswith(item.text())
    return item.text()


def retype(table: QTableWidget, row: int, text: str) -> str:
    """Edit a row where it stands; what stood in the field before."""
    table.setFocus()
    table.setCurrentCell(row, 0)
    QTest.keyClick(table, Qt.Key.Key_F2)
    field = table.viewport().findChild(QLineEdit)
    assert field is not None
    before = field.text()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.qWait(1)  # Qt takes what was typed once the key is done with
    return before


def test_a_condition_that_cannot_be_read_is_a_row_that_says_why_and_is_mended_there(
    window: Window, panel: WatchPanel, qtbot: QtBot
) -> None:
    enter(panel.halt, "x.grad >")
    enter(panel.halt, "x.grad > 2")
    assert panel.halt.text() == ""
    assert cells(panel.breakpoints, 0)[:2] == ["where x.grad >", "0"]
    assert shown_error(panel.breakpoints, 0) == BROKEN
    press(window, qtbot, Qt.Key.Key_F5)
    assert cells(panel.breakpoints, 1) == ["where x.grad > 2", "1", "◀ here"]  # the other one halts all the same
    assert shown_error(panel.breakpoints, 0) == BROKEN
    window.editor.stepper.to_start()
    assert retype(panel.breakpoints, 0, "sin.value > 0") == "x.grad >"
    assert cells(panel.breakpoints, 0) == ["where sin.value > 0", "0", ""]
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.editor.stepper.cursor == Cursor(3)


def test_a_watch_that_cannot_be_read_is_a_row_that_says_why_and_is_mended_there(
    window: Window, panel: WatchPanel, qtbot: QtBot
) -> None:
    enter(panel.expression, "x.grad >")
    enter(panel.expression, "x.grad")
    assert panel.expression.text() == ""
    assert cells(panel.watches, 0)[0] == "x.grad >"  # also before anything is stepped through
    assert shown_error(panel.watches, 0) == BROKEN
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active and not window.editor.watching.busy)
    assert shown_error(panel.watches, 0) == BROKEN
    assert cells(panel.watches, 1)[1] == "2.5403"
    assert retype(panel.watches, 0, "x.grad > 1") == "x.grad >"
    qtbot.waitUntil(lambda: cells(panel.watches, 0) == ["x.grad > 1", "yes", ""])


def test_a_row_that_is_added_is_seen_whole_however_high_those_above_are(
    window: Window, panel: WatchPanel, qtbot: QtBot
) -> None:
    window.resize(1300, 820)
    for table, field in ((panel.watches, panel.expression), (panel.breakpoints, panel.halt)):
        for text in (
            "x.grad > 10",
            "rms(x.grad > 0",
            "nosuch.grad > 1",
            "cos(x.grad) > 3",
            "x.grad > 1",
            "f.value > 0",
        ):
            enter(field, text)
            qtbot.wait(20)
            last = table.visualItemRect(table.item(table.rowCount() - 1, 0))
            assert table.viewport().rect().contains(last), text


def test_what_is_typed_in_a_row_is_not_lost_while_moments_go_by(
    window: Window, panel: WatchPanel, qtbot: QtBot
) -> None:
    enter(panel.expression, "x.grad")
    stepper, watching = window.editor.stepper, window.editor.watching
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active and not watching.busy)
    panel.watches.edit_row(0)
    field = panel.watches.viewport().findChild(QLineEdit)
    field.setText("y.gra")
    stepper.back()
    qtbot.waitUntil(lambda: not watching.busy and cells(panel.watches, 0)[1] == "not yet")
    assert field.text() == "y.gra"
    QTest.keyClick(field, Qt.Key.Key_D)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: cells(panel.watches, 0)[0] == "y.grad")


def test_of_a_node_s_breakpoint_the_condition_is_edited_and_may_be_taken_away(
    window: Window, panel: WatchPanel
) -> None:
    window.editor.breakpoints.toggle(window.editor.graph.resolve("sin"))
    assert retype(panel.breakpoints, 0, "grad > 0") == ""
    assert cells(panel.breakpoints, 0)[0] == "at sin, where grad > 0"
    assert retype(panel.breakpoints, 0, " ") == "grad > 0"
    assert cells(panel.breakpoints, 0)[0] == "at sin"


def test_the_strongest_paths_are_watched_with_their_names(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    enter(panel.expression, "path(x, f).top(3)")
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active and not window.editor.watching.busy)
    assert cells(panel.watches, 0)[1:] == ["2, 0.5403", ""]
    assert panel.watches.item(0, 1).toolTip() == "2 by product.x → f.y\n0.5403 by sin.x → f.x"


def test_a_breakpoint_that_fails_tells_its_error_in_its_row(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    enter(panel.halt, "nobody.grad > 1")
    assert cells(panel.breakpoints, 0)[2] == "there is no node 'nobody'"  # before anything is run
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.editor.stepper.cursor == Cursor(8)
    assert cells(panel.breakpoints, 0) == ["where nobody.grad > 1", "0", "there is no node 'nobody'"]


def test_the_fields_say_what_each_function_computes(panel: WatchPanel) -> None:
    for field in (panel.expression, panel.halt):
        lines = field.toolTip().splitlines()
        assert "max(x): greatest element" in lines
        assert "cancellation(x.contribs): share of the contributions that cancels" in lines
        assert all(any(line.startswith(f"{name}(") for line in lines) for name in FUNCTIONS)


def test_a_watch_is_computed_at_each_moment(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    enter(panel.expression, "x.grad")
    enter(panel.expression, "cos(x.via.sin, x.via.product) < 0")
    enter(panel.expression, "q")
    assert [cells(panel.watches, row)[1] for row in range(3)] == ["–", "–", "there is no node 'q'"]  # known at rest
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active and not window.editor.watching.busy)
    assert [cells(panel.watches, row)[1:] for row in range(3)] == [
        ["2.5403", ""],
        ["no", ""],
        ["there is no node 'q'", ""],
    ]
    window.editor.stepper.back()
    assert [cells(panel.watches, row)[1:] for row in range(3)] == [["…", ""]] * 3  # what was there is of another moment
    qtbot.waitUntil(lambda: cells(panel.watches, 0)[1] == "not yet")


def test_a_watch_that_takes_long_holds_up_nothing_and_never_shows_a_moment_gone_by(
    window: Window, panel: WatchPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(value: float) -> float:
        begun.set()
        assert go_on.wait(20)
        return float(value)

    monkeypatch.setitem(FUNCTIONS, "sum", FUNCTIONS["sum"]._replace(compute=slow))
    enter(panel.expression, "sum(x.grad)")
    window.editor.stepper.to_end()
    qtbot.waitUntil(begun.is_set)
    window.editor.stepper.to_start()  # the window answers, while the watch is still computed for the end
    go_on.set()
    qtbot.waitUntil(lambda: not window.editor.watching.busy)
    assert cells(panel.watches, 0) == ["sum(x.grad)", "not yet", ""]


def test_here_is_shown_only_where_the_run_has_halted(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    enter(panel.halt, "sin.value > 0")
    press(window, qtbot, Qt.Key.Key_F5)
    assert cells(panel.breakpoints, 0)[2] == "◀ here"
    window.editor.attempt("Edit", lambda t: t.rename(window.editor.graph.resolve("y"), "why"))
    assert cells(panel.breakpoints, 0)[2] == "◀ here"  # one is still there
    window.editor.stepper.step()
    assert cells(panel.breakpoints, 0) == ["where sin.value > 0", "1", ""]
    window.editor.stepper.back()
    assert cells(panel.breakpoints, 0)[2] == ""


def test_a_run_that_finds_nothing_can_be_stopped_and_answers_at_once(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    stepper = window.editor.stepper
    stepper.begin()
    qtbot.waitUntil(lambda: stepper.active)
    moment = stepper.moment
    window.editor.breakpoints.add("rms(loss.value) > 1e9")  # which never comes true
    window.canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.bars.get("run") is not None)
    bar = window.bars.get("run")
    assert bar is not None
    assert bar.text == "Running to the next breakpoint …"
    bar.buttons["Stop"].click()
    assert window.bars.get("run") is None
    assert not stepper.recordings.busy
    assert stepper.moment is moment  # what was shown is shown still
    done, begun = [], time.monotonic()
    stepper.recordings.arrived.connect(lambda _: done.append(time.monotonic() - begun))
    stepper.recordings.want(1, stepper.branch, lambda timeline: timeline.end)  # the thread is free for something else
    qtbot.waitUntil(lambda: bool(done))
    assert done[0] < 0.5  # and not after thousands of iterations; alone it takes a few milliseconds


def test_delete_takes_a_row_away(window: Window, panel: WatchPanel) -> None:
    enter(panel.expression, "x")
    panel.watches.setCurrentCell(0, 0)
    QTest.keyClick(panel.watches, Qt.Key.Key_Delete)
    assert panel.watches.rowCount() == 0
    assert window.editor.graph.nodes  # and nothing else


def test_a_watch_has_a_line_of_how_it_went_over_the_moments_that_were_shown(
    window: Window, panel: WatchPanel, qtbot: QtBot
) -> None:
    enter(panel.expression, "x.contrib['sin']")
    enter(panel.expression, "sin.value")
    stepper, watching = window.editor.stepper, window.editor.watching
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active and not watching.busy)
    assert watching.line("sin.value") is None  # of one moment there is nothing to draw
    plain = panel.watches.grab().toImage()
    enter(panel.expression, "x.grad - x.via.sin - x.via.product + sin.value")
    for _ in range(4):
        stepper.back()
        qtbot.waitUntil(lambda: not watching.busy)
    line = watching.line("sin.value")
    assert line is not None
    assert line.numbers == (math.sin(1.0),) * 5
    assert line.now == 0  # the earliest of them, though it was shown last
    assert panel.watches.item(1, 2).data(Qt.ItemDataRole.AccessibleTextRole) == (
        "over 5 moments that were shown: 0.8415 to 0.8415"
    )
    assert panel.watches.grab().toImage() != plain
    stepper.leave()
    assert watching.line("sin.value") is None


def test_a_breakpoint_that_only_counts_is_chosen_in_its_menu_and_seen_in_its_row(
    window: Window, panel: WatchPanel, qtbot: QtBot
) -> None:
    enter(panel.halt, "sin.value > 0")
    press(window, qtbot, Qt.Key.Key_F5)
    window.editor.stepper.to_start()
    table = panel.breakpoints
    table.setCurrentCell(0, 0)
    place = table.visualItemRect(table.item(0, 0)).center()
    table.customContextMenuRequested.emit(place)
    menu = panel.findChild(QMenu)
    assert menu is not None
    qtbot.waitUntil(menu.isVisible)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["On", "Count hits only, halt nothing", "Edit", "Remove"]
    menu.setActiveAction(menu.actions()[1])
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert cells(table, 0) == ["where sin.value > 0", "1", "counts only"]
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.editor.stepper.at_end  # nothing has halted
    assert cells(table, 0) == ["where sin.value > 0", "2", "counts only"]


def test_a_condition_is_not_cut_while_there_is_room(window: Window, panel: WatchPanel) -> None:
    window.resize(1500, 900)
    enter(panel.halt, "rms(x.grad) > 2 and rms(product.grad) > 3")
    table = panel.breakpoints
    assert table.columnWidth(0) >= table.sizeHintForColumn(0)
    assert table.columnWidth(0) > table.viewport().width() / 2


def test_a_tensor_that_is_not_finite_says_how_much_of_it_is_not() -> None:
    assert _told(np.array([3.0, np.nan, 4.0])) == "norm NaN · 1 of 3 not finite · 3"
    assert _told(np.array([[np.inf, np.nan], [0.0, 1.0]])) == "norm NaN · 2 of 4 not finite · 2×2"
    assert _told(np.array([3.0, 4.0])) == "norm 5 · 2"


def test_the_line_of_a_watch_is_of_the_recording_that_is_shown(window: Window, panel: WatchPanel, qtbot: QtBot) -> None:
    editor = window.editor
    enter(panel.expression, "sin.value")

    def line_at(*cursors: int) -> tuple[float, ...]:
        for cursor in cursors:
            editor.stepper.seek(Cursor(cursor))
            qtbot.waitUntil(
                lambda: not editor.watching.busy and editor.watching.seen("sin.value", editor.graph) is not None
            )
        line = editor.watching.line("sin.value")
        assert line is not None
        return line.numbers

    editor.stepper.to_end()
    qtbot.waitUntil(lambda: editor.stepper.active)
    before = line_at(3, 4, 5)
    x, old = editor.graph.resolve("x"), editor.stepper.timeline
    editor.attempt("Set", lambda t: t.set_param(x, "value", 2.5))
    editor.branching.record_again()
    qtbot.waitUntil(lambda: editor.stepper.timeline is not old)
    after = line_at(3, 4, 5)
    assert after == pytest.approx((np.sin(2.5),) * len(after))
    assert not set(after) & set(before)


def test_what_is_long_leaves_room_for_the_expressions_and_for_the_errors(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/where_nan.gw"))
    window.resize(1500, 940)
    window.show()
    panel = window.docks.show("watch")
    assert isinstance(panel, WatchPanel)
    texts = ("path(x, loss)", "rms(", "cos(x.contrib['y'], x.contrib['log x'])", "path(x, loss).top(3)", "x.grad")
    for text in texts:
        enter(panel.expression, text)
    qtbot.waitUntil(lambda: window.editor.stepper.active)  # as a lesson begins
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: not window.editor.watching.busy and cells(panel.watches, 0)[1].startswith("norm NaN"))
    table = panel.watches
    assert not table.horizontalScrollBar().isVisible()
    assert sum(table.columnWidth(column) for column in range(3)) <= table.viewport().width()
    letter = table.fontMetrics().horizontalAdvance("0")
    for row, text in enumerate(texts):
        lines = table.rowHeight(row) // table.fontMetrics().lineSpacing()
        assert len(text) * letter <= lines * table.columnWidth(0)
    joined = table.visualItemRect(table.item(1, 1)).width()
    assert joined >= table.viewport().width() // 2 - 1  # "rms(" is told why it cannot be read
    assert table.columnWidth(2) >= 60  # the lines are seen without scrolling


def test_what_cannot_be_read_leaves_room_for_the_other_rows_and_its_tip_says_what_would_fit(
    place: Place, qtbot: QtBot
) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.resize(1500, 940)
    window.show()
    panel = window.docks.show("watch")
    assert isinstance(panel, WatchPanel)
    for text in ("iteration > 3", "cos(x) < )", "nonfinite(x.grad)"):
        enter(panel.halt, text)
    for text in ("x.grad", "__import__('os')", "y.grad"):
        enter(panel.expression, text)
    assert shown_error(panel.breakpoints, 1) == "'cos(x) < )' is no expression: it cannot be read from ')' on"
    assert shown_error(panel.watches, 1) == "there is no function '__import__'"
    assert panel.breakpoints.item(1, 2).toolTip().endswith(f"({FITS})")
    assert "rms(x), norm(x)" in panel.watches.item(1, 1).toolTip()
    for table in (panel.watches, panel.breakpoints):
        error = next(item for column in (1, 2) if (item := table.item(1, column)).foreground().style().value)
        box = table.visualItemRect(error)
        told = table.fontMetrics().boundingRect(box, int(Qt.TextFlag.TextWordWrap), error.text())
        assert told.height() <= table.rowHeight(1) <= 4 * table.fontMetrics().lineSpacing() + 20
        high = table.verticalHeader().length()
        assert high <= 10 * table.fontMetrics().lineSpacing()  # the others are seen beside it in a low panel


def test_an_unknown_name_is_told_at_rest_and_when_a_node_is_renamed(window: Window, panel: WatchPanel) -> None:
    enter(panel.halt, "nosuch.grad > 1")
    enter(panel.halt, "nonfinite")
    enter(panel.halt, "rms(grad) > 1")  # of any node
    enter(panel.halt, "path(x, f) > 1")
    assert shown_error(panel.breakpoints, 0) == "there is no node 'nosuch'"
    assert shown_error(panel.breakpoints, 1).startswith("nonfinite is a function and no node")
    assert [cells(panel.breakpoints, row)[2] for row in (2, 3)] == ["", ""]
    window.editor.attempt("Rename", lambda t: t.rename(window.editor.graph.resolve("x"), "other"))
    assert shown_error(panel.breakpoints, 3).startswith("there is no node 'x'")


@pytest.mark.parametrize("name", ["sin", "log x", "value", "in", 'a "b"', "sum"])
def test_the_selected_node_is_watched_from_the_palette(
    name: str, window: Window, panel: WatchPanel, qtbot: QtBot
) -> None:
    editor, id = window.editor, window.editor.graph.resolve("sin")
    editor.attempt("Rename", lambda t: t.rename(id, name)) if name != "sin" else None
    editor.select([id], id)
    action = next(each for each in ACTIONS if each.text == "Watch value and gradient")
    window.menus.start(action)
    editor.stepper.to_end()
    qtbot.waitUntil(lambda: editor.stepper.active and not editor.watching.busy)
    assert [cells(panel.watches, row)[1] for row in range(2)] == ["0.84147", "1"]


def test_a_run_that_halts_says_by_which_breakpoint_and_shows_its_row(
    window: Window, panel: WatchPanel, qtbot: QtBot
) -> None:
    enter(panel.halt, "x.grad > 1")
    for number in range(30):
        enter(panel.halt, f"rms(x.value) > {100 + number}")  # more rows than are in view
    assert panel.breakpoints.rowAt(0) > 0
    press(window, qtbot, Qt.Key.Key_F5)
    assert window.status.message.text() == "Halted where x.grad > 1"
    assert cells(panel.breakpoints, 0)[1:] == ["1", "◀ here"]
    assert panel.breakpoints.rowAt(0) == 0
