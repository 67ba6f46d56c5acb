"""What a first user stumbled over: the way to the inspector without a mouse, nodes on nodes, a canvas that moved."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from windows import Place, keyboard

from gradwire.app.window import Window


def key_until(qtbot: QtBot, key: Qt.Key, arrived: Callable[[], bool]) -> None:
    """Press a key until it has led somewhere."""
    for _ in range(12):
        if arrived():
            return
        QTest.keyClick(keyboard(), key)
        qtbot.wait(20)
    raise AssertionError(f"{key} does not lead there")


def add_by_search(qtbot: QtBot, window: Window, key: str, typed: str) -> str:
    """Add a node by its name with the keyboard alone; its id."""
    window.activateWindow()
    window.canvas.setFocus()
    before = set(window.editor.graph.nodes)
    shift = Qt.KeyboardModifier.ShiftModifier if key == "A" else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(window.canvas, Qt.Key[f"Key_{key}"], shift)
    QTest.keyClicks(window.popups.search.field, typed)
    QTest.keyClick(window.popups.search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.editor.graph.nodes) == len(before) + 1)
    return next(iter(set(window.editor.graph.nodes) - before))


def test_f6_leads_into_a_field_of_the_inspector(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.activateWindow()
    window.canvas.setFocus()
    inspector = window.docks.panels["inspector"]
    for selected in ([], [next(iter(window.editor.graph.nodes))]):
        window.editor.select(selected)
        qtbot.wait(50)
        key_until(qtbot, Qt.Key.Key_F6, lambda: inspector.isAncestorOf(keyboard()))
        assert keyboard().accessibleName() == ("name" if selected else "dtype")
        key_until(qtbot, Qt.Key.Key_F6, lambda: keyboard() is window.canvas)


def test_no_panel_behind_another_tab_takes_the_keyboard(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.activateWindow()
    window.canvas.setFocus()
    for _ in range(8):
        QTest.keyClick(keyboard(), Qt.Key.Key_F6)
        qtbot.wait(20)
        for name in ("history", "tensor", "code"):
            assert not window.docks.panels[name].isAncestorOf(keyboard())


def test_nodes_added_by_the_keyboard_cover_none_and_are_seen(place: Place, qtbot: QtBot) -> None:
    window = place.start(None, empty=True)
    window.show_canvas()
    qtbot.wait(50)
    for key, typed in (("A", "input"), ("A", "input"), ("N", "sin"), ("N", "exp"), ("N", "cos"), ("N", "tanh")):
        id = add_by_search(qtbot, window, key, typed)
        x, y, width, height = window.canvas.scene.rect(id)
        left, top, right, bottom = window.canvas.view.window(window.canvas.width(), window.canvas.height())
        assert left <= x < x + width <= right, typed
        assert top <= y < y + height <= bottom, typed
        assert window.canvas.scene.find.items_in(x, y, x + width, y + height) == [id], typed


def test_insert_after_stands_beside_the_active_node(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    id = next(id for id, node in window.editor.graph.nodes.items() if node.name == "sin")
    window.editor.select([id], active=id)
    added = add_by_search(qtbot, window, "I", "exp")
    x, y, width, height = window.canvas.scene.rect(added)
    assert window.canvas.scene.find.items_in(x, y, x + width, y + height) == [added]


def test_values_that_come_do_not_move_the_canvas(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    qtbot.wait(100)
    before = window.canvas.height()
    for id in window.editor.graph.nodes:
        window.editor.select([id], active=id)
        qtbot.wait(100)
        assert window.canvas.height() == before


def test_an_input_without_a_value_says_where_to_type_one(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    id = add_by_search(qtbot, window, "A", "input")
    window.editor.select([id], active=id)
    inspector = window.panel("inspector")
    qtbot.waitUntil(
        lambda: any(label.text() == "none yet: type one at value" for label in inspector.findChildren(QLabel))
    )


def test_a_refusal_too_long_for_the_status_bar_is_whole_in_its_tooltip(place: Place) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    width, text = window.width(), "x has 3 columns but w has 5 rows " * 20
    window.editor.told.emit(text, "refusal")
    message = window.statusBar().message
    assert message.toolTip() == text
    assert window.width() == width
