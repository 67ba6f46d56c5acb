"""The console beside its window: what is chosen, trained and drawn in one is so in the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, add, keyboard

from gradwire.app.actions import ACTIONS
from gradwire.app.results.root import choose_root
from gradwire.app.window import Window
from gradwire.core.graph import Source, Training

Run = Callable[[str], str]


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """One with f = sin(x) and h = exp(x) at x = 0.5, and the console."""
    made = place.start(empty=True)
    add(made.editor, "input", name="x", params={"value": 0.5})
    add(made.editor, "sin", name="f", position=(240, 0), inputs={"x": "input0"})
    add(made.editor, "exp", name="h", position=(240, 200), inputs={"x": "input0"})
    panel = made.panel("console")
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text)
    return made


@pytest.fixture
def run(window: Window, qtbot: QtBot) -> Run:
    """Runs a cell; what came of it."""
    panel = window.docks.panels["console"]

    def compute(code: str) -> str:
        before = len(panel.view.text)
        panel.view.execute(code)
        qtbot.waitUntil(lambda: not panel.engine.busy)
        return panel.view.text[before:]

    return compute


def test_gradients_in_the_console_are_of_the_root_that_was_chosen_in_the_window(window: Window, run: Run) -> None:
    assert "x has no gradient: nothing says of what" in run("g.x.grad")
    choose_root(window.editor, Source("sin0", "y"))
    assert "0.8775" in run("g.x.grad")
    run("root('h', starts=(2,))")
    assert [(root.source.node, root.start) for root in window.editor.live.chosen] == [("exp0", 2)]
    assert "3.297" in run("g.x.grad")


def test_what_is_traced_computes_and_is_selected_in_view(window: Window, run: Run, qtbot: QtBot) -> None:
    there, editor, canvas = set(window.editor.graph.nodes), window.editor, window.canvas
    editor.attempt("Move all", lambda t: [t.move(id, (9000 + 300 * i, 7000)) for i, id in enumerate(there)])
    told = run("trace(lambda x, y: np.sin(x) + x*y, 1.0, 2.0).value")
    assert "2.841" in told
    made = editor.graph.nodes.keys() - there
    assert editor.selection == made
    qtbot.waitUntil(lambda: made <= set(canvas.scene.visible))
    for id in made:
        assert canvas.view.holds(canvas.scene.rect(canvas.scene.face(id)), canvas.width(), canvas.height())
        assert editor.graph.nodes[id].position[1] > 7100
        left, top, wide, tall = canvas.scene.rect(canvas.scene.face(id))
        others = canvas.scene.find.items_in(left, top, left + wide, top + tall)
        assert others == [id], "none lies on another"


def test_a_run_of_the_window_is_plotted_and_one_of_the_console_leaves_it_in_view(
    window: Window, run: Run, qtbot: QtBot
) -> None:
    editor = window.editor
    with editor.document.transaction("Train something") as t:
        weight = t.add("parameter", name="w", params={"shape": [], "init": "ones"}, position=(0, 400))
        t.set_values(weight, np.float32(1))
        loss = t.add("multiply", name="loss", inputs={"x": weight, "y": weight}, position=(240, 400))
        t.set_training(Training(loss, epochs=3))
    assert "RunError: there is no curve yet" in run("plot()")
    window.menus.start(ACTIONS["train.begin"])
    qtbot.waitUntil(lambda: editor.training.run is not None and editor.training.ready)
    assert not window.docks.panels["training"].visibleRegion().isEmpty(), "who trains in the window is shown the curves"
    window.panel("console")
    assert "3 points, from " in run("plot()")
    assert "3 points, from 1 to 9" in run("plot([1, 4, 9])")
    assert "train_loss" in run("train()")
    assert not window.docks.panels["console"].visibleRegion().isEmpty(), "what is typed next is seen"


def test_what_a_run_prints_stands_below_the_cell_and_in_its_panel(window: Window, run: Run) -> None:
    add(window.editor, "print", name="seen", position=(480, 0), inputs={"x": "sin0"}, params={"message": "f is"})
    told = run("run('seen')")
    assert "f is, iteration 1, forward: () f32 0.479426" in told
    assert [each.whole for each in window.editor.printed.lines] == ["seen, run 1, forward: f is: () f32 0.479426"]
    run("run('f')")
    run("g.seen.value")
    assert len(window.editor.printed.lines) == 1


def test_what_a_cell_duplicates_is_selected_as_by_hand(window: Window, run: Run) -> None:
    editor = window.editor
    there = set(editor.graph.nodes)
    run("duplicate('f', 'h')")
    assert editor.selection == editor.graph.nodes.keys() - there
    assert len(editor.selection) == 2
    before = editor.selection
    run("with edits('Both'):\n  a = duplicate('f'); b = duplicate('h')")
    assert editor.selection == before


def test_attributes_are_completed_on_a_line_that_begins_with_the_dot(window: Window, run: Run, qtbot: QtBot) -> None:
    view = window.docks.panels["console"].view
    for begun, ended in (
        ("(g.f  # the wave\n    .contri", "(g.f  # the wave\n    .contributions"),
        ("x = 1\n(np.arange(3)\n  .resh", "x = 1\n(np.arange(3)\n  .reshape"),
        ("(g\n.f\n.contri", "(g\n.f\n.contributions"),
    ):
        view.input_buffer = begun
        view.setFocus()
        QTest.keyClick(view._control, Qt.Key.Key_Tab)
        qtbot.waitUntil(lambda: view.input_buffer == ended)  # noqa: B023
    view.input_buffer = ""


def test_a_click_on_its_tab_lets_one_type(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "fork.gw")
    window.resize(1400, 900)
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    window.canvas.setFocus()
    panel, dock = window.docks.panels["console"], window.docks.docks["console"]

    def tabs() -> Iterator[tuple[QTabBar, int]]:
        for bar in window.findChildren(QTabBar):
            yield from ((bar, index) for index in range(bar.count()) if bar.tabText(index) == dock.windowTitle())

    qtbot.waitUntil(lambda: any(bar.isVisible() for bar, _ in tabs()))
    (bar, index), *_ = tabs()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(index).center())
    QTest.qWait(20)
    focus = keyboard()
    QTest.keyClicks(focus, "1 + 2")  # while it still loads
    QTest.keyClick(focus, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.view is not None and "Out[1]: 3" in panel.view.text)
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: keyboard() is window.canvas)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(index).center())  # which is in front
    qtbot.waitUntil(lambda: panel.isAncestorOf(keyboard()))


def test_the_end_stays_in_sight_where_the_panel_gets_lower(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "fork.gw")
    window.resize(1400, 900)
    window.show()
    panel, dock = window.panel("console"), window.docks.docks["console"]
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text)
    control = panel.view._control
    control.setFocus()
    QTest.keyClicks(keyboard(), "print('line\\n' * 40)")
    QTest.keyClick(keyboard(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "In [2]" in panel.view.text)

    def seen() -> bool:
        end = QTextCursor(control.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        return 0 <= control.cursorRect(end).bottom() <= control.viewport().height()

    qtbot.waitUntil(seen)
    high = dock.height()
    window.resizeDocks([dock], [high - 90], Qt.Orientation.Vertical)
    qtbot.waitUntil(lambda: dock.height() < high - 40)
    qtbot.waitUntil(seen, timeout=5000)
