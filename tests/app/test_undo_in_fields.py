"""Undo in a field: of what is being typed there, and of the document where nothing is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from training_windows import be_active, open_window
from windows import Place

from gradwire.app.inspecting.editors import TextEdit
from gradwire.app.window import Window

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def named(window: Window, qtbot: QtBot, panel: str, name: str) -> TextEdit:
    """The field of a panel that is called so, once it is there; it has the keyboard."""
    shown = window.panel(panel)

    def found() -> list[TextEdit]:
        return [each for each in shown.findChildren(TextEdit) if each.accessibleName() == name and each.isVisible()]

    qtbot.waitUntil(lambda: bool(found()))
    be_active(window)
    found()[0].setFocus()
    return found()[0]


def enter(field: TextEdit, text: str) -> None:
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def said(window: Window) -> str:
    return window.status.message.text()


def test_undo_in_a_number_field_is_the_documents_once_it_was_entered(place: Place, qtbot: QtBot) -> None:
    window = open_window(place)
    field = named(window, qtbot, "inspector", "epochs")
    first = field.text()
    enter(field, "7")
    assert window.editor.graph.training.epochs == 7
    QTest.keyClicks(field, "5")
    QTest.keyClick(field, Qt.Key.Key_Z, CONTROL)  # what is being typed
    assert field.text() == "7"
    assert window.editor.graph.training.epochs == 7
    QTest.keyClick(field, Qt.Key.Key_Z, CONTROL)
    assert said(window) == "Undone: Set epochs"
    qtbot.waitUntil(lambda: field.text() == first)
    QTest.keyClick(field, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert said(window) == "Redone: Set epochs"
    assert window.editor.graph.training.epochs == 7
    qtbot.waitUntil(lambda: field.text() == "7")


def test_undo_in_the_source_of_data_takes_back_the_source(place: Place, qtbot: QtBot) -> None:
    window = open_window(place)
    data = next(id for id, node in window.editor.graph.nodes.items() if node.op == "dataset")
    window.editor.select([data])
    field = named(window, qtbot, "data", "source")
    enter(field, "wine")
    assert window.editor.graph.nodes[data].params["source"] == "wine"
    QTest.keyClick(field, Qt.Key.Key_Z, CONTROL)
    assert window.editor.graph.nodes[data].params["source"] == "iris"
    assert said(window).startswith("Undone: ")
    qtbot.waitUntil(lambda: field.text() == "iris")
