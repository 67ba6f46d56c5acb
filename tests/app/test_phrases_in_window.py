"""Edits that are typed in the command palette: a network is built with the keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import Place, keyboard

from gradwire.app.canvas.scene import PortRef
from gradwire.app.keys.command_palette import Found
from gradwire.app.keys.phrases import Phrases
from gradwire.app.layout.routing import path_of
from gradwire.app.window import Window

ENTER, TAB, UP = Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Up
SHIFT = Qt.KeyboardModifier.ShiftModifier


def rows(window: Window) -> list[str]:
    """What the palette shows, its first rows."""
    shown = window.popups.commands.list.rows
    return [shown.row_at(row).text for row in range(min(shown.count, 12))]


def test_a_network_is_built_with_the_keyboard_alone(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    window.show()
    editor = window.editor
    window.canvas.setFocus()
    QTest.keyClicks(window.canvas, ":")
    palette = window.popups.commands
    assert "add " in rows(window)
    for line in ("add dataset source=iris as data", "data.x -> linear units=8 as fc1 -> relu"):
        qtbot.waitUntil(lambda: len(editor.checking.found.shapes) >= 2 * len(editor.graph.nodes))
        QTest.keyClicks(keyboard(), line)
        QTest.keyClick(keyboard(), ENTER, SHIFT)
        assert (palette.isVisible(), palette.field.text()) == (True, "")
    assert editor.graph.node(editor.graph.resolve("fc1/weight")).params["shape"] == (4, 8)
    QTest.keyClicks(keyboard(), "relu -> lin")
    assert "linear" in rows(window)
    QTest.keyClick(keyboard(), TAB)
    assert palette.field.text() == "relu -> linear"
    QTest.keyClicks(keyboard(), " units=3 -> fc2")
    QTest.keyClick(keyboard(), ENTER)
    assert not palette.isVisible()
    assert editor.graph.node(editor.graph.resolve("fc2/weight")).params["shape"] == (8, 3)
    assert {editor.graph.item(id).name for id in editor.selection} == {"fc2"}
    labels = [entry.label for entry in editor.document.history.entries[-3:]]
    assert labels == ["Add data", "Add fc1 and relu", "Add fc2"]
    boxes = [window.canvas.scene.rect(id) for id in ("dataset0", editor.graph.resolve("relu"))]
    assert boxes[0][0] + boxes[0][2] <= boxes[1][0]
    QTest.keyClick(window.canvas, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(keyboard(), UP)
    assert palette.field.text() == "relu -> linear units=3 -> fc2"
    palette.field.selectAll()
    QTest.keyClicks(keyboard(), "fc2, data.z -> cross_entropy")
    assert rows(window)[0] == "data has no output 'z'"
    assert palette.list.rows.row_at(0).note == "column 6"
    QTest.keyClick(keyboard(), ENTER)
    assert palette.field.text().startswith("fc2, data.z")
    palette.field.selectAll()
    QTest.keyClicks(keyboard(), "fc2, data.y -> cross_entropy -> loss")
    QTest.keyClick(keyboard(), ENTER)
    qtbot.waitUntil(lambda: not editor.problems and "loss" in [n.name for n in editor.graph.nodes.values()])


def test_a_wire_that_is_typed_runs_around_the_nodes_between_its_ends(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    canvas, phrases = window.canvas, Phrases(window)
    for text in (
        "add dataset source=iris as data",
        "data.x -> linear units=8 as fc1 -> relu -> linear units=3 as fc2",
        "fc2 -> cross_entropy as loss",
        "data.y -> loss.target",
    ):
        phrases.do(phrases.read(text))
        qtbot.waitUntil(lambda: len(window.editor.checking.found.shapes) >= len(window.editor.graph.nodes))
    assert window.status.message.text() == "Wired data.y into loss.target"
    graph = window.editor.graph
    loss, data = graph.named("loss", None), graph.named("data", None)
    assert (loss, "target") in graph.bends
    qtbot.waitUntil(lambda: loss in canvas.scene.visible)
    ends = [canvas.scene.position(PortRef(*port)) for port in ((data, "y", True), (loss, "target", False))]
    path = path_of(*ends, graph.bends[loss, "target"])
    for id in graph.nodes.keys() - {loss, data}:
        left, top, wide, tall = canvas.scene.rect(id)
        assert not any(left < x < left + wide and top < y < top + tall for x, y in path), f"it runs behind {id}"


@pytest.mark.parametrize("how", ["Enter", "click"])
def test_the_line_that_is_shown_is_done_and_none_that_would_complete_it(place: Place, qtbot: QtBot, how: str) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    palette = window.popups.commands
    for line, added in (("add relu", "relu"), ("z1 = x - f", "z1")):
        window.canvas.setFocus()
        QTest.keyClicks(window.canvas, ":")
        QTest.keyClicks(keyboard(), line)
        assert len(palette.found) > 1  # there are longer names
        if how == "Enter":
            QTest.keyClick(keyboard(), ENTER)
        else:
            index = palette.list.model().index(0, 0)
            QTest.mouseClick(
                palette.list.viewport(), Qt.MouseButton.LeftButton, pos=palette.list.visualRect(index).center()
            )
        assert [window.editor.graph.item(id).name for id in window.editor.selection] == [added]
        assert not palette.isVisible()
        assert keyboard() is window.canvas


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("set fc9.units 64", "column 5: there is no node or group 'fc9'"),
        ("data.x -> conv2d", "column 1: no node, op or layer is called 'data'"),
        ("g = sin(x) + x*", "column 16: a value, a number or a function must stand here, got the end"),
    ],
)
def test_enter_on_a_line_that_is_wrong_says_why_and_completes_nothing(place: Place, line: str, told: str) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    before, palette = window.editor.graph, window.popups.commands
    window.popups.open_palette()
    QTest.keyClicks(keyboard(), line)
    assert str(palette.found[palette.list.current]).startswith(told)
    assert not [each for each in palette.found if isinstance(each, Found)]  # examples of phrases stand in their texts
    QTest.keyClick(keyboard(), ENTER)
    assert palette.field.text() == line
    assert window.editor.graph is before


def test_a_node_is_added_under_a_name_without_a_verb(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    window.popups.open_palette()
    QTest.keyClicks(keyboard(), "dataset as data")
    QTest.keyClick(keyboard(), ENTER)
    assert [node.name for node in window.editor.graph.nodes.values()] == ["data"]


def test_what_no_longer_fits_is_told_with_the_line_that_mends_it(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    editor, palette = window.editor, window.popups.commands
    for line in (
        "add dataset source=iris as data",
        "data.x -> linear units=8 as fc1 -> relu -> linear units=3 as fc2",
        "fc2, data.y -> cross_entropy as loss",
    ):
        palette.phrases.do(palette.phrases.read(line))
        qtbot.waitUntil(lambda: not editor.checking.busy)
    assert not editor.problems
    assert palette.phrases.mending == []
    window.popups.open_palette(saying=True)
    QTest.keyClicks(keyboard(), "set fc1.units 64")
    QTest.keyClick(keyboard(), ENTER, SHIFT)
    qtbot.waitUntil(lambda: bool(palette.phrases.mending))
    misfit = "fc2 no longer fits: x has 64 columns but w has 8 rows"
    told = f"Set out_features of fc1 to 64, but {misfit}: set fc2.in_features 64 mends it"
    assert window.status.message.toolTip() == told
    assert rows(window)[0] == "set fc2.in_features 64"
    assert palette.footer_text(0).startswith(misfit)
    QTest.keyClick(keyboard(), TAB)
    QTest.keyClick(keyboard(), ENTER)
    qtbot.waitUntil(lambda: not editor.problems)
    assert window.status.message.text() == "Set in_features of fc2 to 64"
    editor.undo()
    window.popups.open_palette()  # what was offered was for the graph as it was
    assert rows(window)[0] != "set fc2.in_features 64"


@pytest.mark.parametrize("begun", ["x -> relu as a_rather_long_name_of_", "x -> rellu as a_rather_long_name_of_"])
def test_a_long_phrase_is_to_be_read_whole(place: Place, begun: str) -> None:
    window = place.start(place.copy("fork.gw"))
    palette, said = window.popups.commands, QTextDocument()
    window.popups.open_palette()
    palette.field.setText(" -> ".join([f"{begun}0", *(f"tanh as a_rather_long_name_of_{i}" for i in range(1, 4))]))
    before = palette.geometry()
    row = palette.list.rows.row_at(palette.list.current)
    said.setHtml(palette.footer.text())
    wanted = palette.footer_text(palette.list.current)
    assert said.toPlainText() == wanted
    assert palette.footer.heightForWidth(palette.footer.width()) <= palette.footer.height()
    assert row.tip in (wanted, f"{wanted[:1].lower()}{wanted.removesuffix('. Shift+Enter does it and stays')[1:]}")
    assert palette.geometry() == before
    palette.field.setText("zoom")  # what an action is for stands in two lines, and the list has its room again
    assert palette.footer.height() < 4 * palette.fontMetrics().lineSpacing()
