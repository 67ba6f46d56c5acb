"""The panel of data: which set, what it holds, how it is split, how a table is read, and what is wrong with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_pages import FRUIT, Show, cells, heads, node, params, saved, settled, shower
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from windows import Place, add, keyboard

from gradwire.app.data import reading
from gradwire.app.data.balance import Bar
from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.panels.data import DataPanel

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def home(editor: Editor, tmp_path: Path) -> Path:
    """The folder of the document, which has one dataset."""
    return saved(editor, tmp_path)


@pytest.fixture
def show(editor: Editor, show_panel: Callable[..., Any], qtbot: QtBot) -> Show:
    """Shows the panel with its set read to the end."""
    return shower(editor, show_panel, qtbot)


# What a set is.


def test_a_built_in_set_is_told_with_its_classes_and_rows(home: Path, show: Show) -> None:
    page = show(source="iris")
    assert page.name.whole() == "dataset: the built-in set iris"
    assert page.about.text() == (
        "150 rows: 120 to train with, 30 held out\nx: 4 features a row, float64, from 0.1 to 7.9\ny: one of 3 classes"
    )
    assert page.bars.balance.bars == (Bar("setosa", 40, 10), Bar("versicolor", 40, 10), Bar("virginica", 40, 10))
    assert "versicolor: 40 to train with, 10 held out" in page.bars.accessibleDescription()
    assert heads(page)[0] == ["sepal length (cm)", "number, none missing", "4.3 … 7.9", "mean 5.843"]
    assert heads(page)[4][0] == "y  ◂ target"
    assert cells(page)[0] == ["5.1", "3.5", "1.4", "0.2", "setosa"]
    assert len(cells(page)) == 50


def test_real_targets_are_counted_by_ranges(home: Path, show: Show) -> None:
    page = show(source="sine")
    assert sum(bar.train for bar in page.bars.balance.bars) == 240
    assert sum(bar.held for bar in page.bars.balance.bars) == 60
    assert len(page.bars.balance.bars) == 10


def test_pictures_are_shown_as_tiles_that_keys_go_through(home: Path, show: Show) -> None:
    page = show()
    assert page.rows.shown.currentWidget() is page.rows.board
    assert page.rows.told.whole() == "60 of 1,797 pictures"
    assert page.rows.tiles.shown.captions[:12] == (*"0123456789", "0", "1")
    page.rows.board.setFocus()
    QTest.keyClick(page.rows.board, Qt.Key.Key_Right)
    QTest.keyClick(page.rows.board, Qt.Key.Key_Right)
    assert page.rows.told.whole() == "digits, row 1 (from 0): 1"


def test_a_folder_of_images_shows_each_class_and_names_the_files(home: Path, show: Show) -> None:
    from PIL import Image

    for name, count in (("cat", 6), ("dog", 4)):
        (home / "pets" / name).mkdir(parents=True)
        for number in range(count):
            Image.fromarray(np.full((8, 9, 3), 20 * number, np.uint8)).save(home / "pets" / name / f"{number}.png")
    page = show(source="pets/")
    assert page.bars.balance.bars == (Bar("cat", 5, 1), Bar("dog", 3, 1))
    assert "3 × 8 × 9" in page.about.text()
    assert page.rows.tiles.shown.words[:3] == ("pets/cat/0.png: cat", "pets/dog/0.png: dog", "pets/cat/1.png: cat")


def test_a_text_is_shown_as_characters_and_those_that_come_next(home: Path, show: Show) -> None:
    (home / "a.txt").write_text("to be or not\n" * 20)
    page = show(source="a.txt", window=5)
    assert cells(page)[0] == ["to be", "o be "]
    assert "␣" in [bar.name for bar in page.bars.balance.bars]


def test_columns_of_text_become_columns_of_0_and_1_as_the_network_gets_them(home: Path, show: Show) -> None:
    (home / "fruit.csv").write_text(FRUIT)
    page = show(source="fruit.csv", standardise=True)
    assert cells(page)[0] == ["red", "1.5", "pear"]
    assert heads(page)[0] == ["colour", "text, none missing", "3 different", "blue, green, red"]
    QTest.mouseClick(page.rows.given, LEFT, pos=QPoint(8, page.rows.given.height() // 2))
    assert [head[0] for head in heads(page)] == ["colour=blue", "colour=green", "colour=red", "size", "y  ◂ target"]
    assert {(*tuple(row[:3]), row[4]) for row in cells(page)} == {
        ("0", "0", "1", "pear"),
        ("1", "0", "0", "pear"),
        ("0", "1", "0", "apple"),
    }
    mean = float(heads(page)[3][3].removeprefix("mean ").replace("−", "-"))
    assert mean == pytest.approx(0, abs=1e-9)  # standardised


# What is chosen and set.


def test_choosing_another_set_is_one_undo_and_forgets_how_the_old_one_was_read(
    editor: Editor, home: Path, show: Show, qtbot: QtBot
) -> None:
    (home / "fruit.csv").write_text(FRUIT)
    page = show(source="fruit.csv", header=True, target="colour", validation=0.5)
    menu = page.bar.sets.menu()
    menu.aboutToShow.emit()  # as a press on the button does
    action = next(each for each in menu.actions() if each.data() == "moons")
    assert action.text() == "moons: two half circles in each other's arms, in a plane"
    action.trigger()
    assert params(editor) == {"source": "moons", "validation": 0.5}
    settled(page, qtbot)
    assert page.bars.balance.bars == (Bar("0", 100, 100), Bar("1", 100, 100))
    editor.undo()
    assert params(editor) == {"source": "fruit.csv", "header": True, "target": "colour", "validation": 0.5}
    settled(page, qtbot)
    assert page.name.whole() == "dataset: the table fruit.csv"


def test_the_share_held_out_moves_the_counts_and_balance_repeats_rare_classes(
    editor: Editor, home: Path, show: Show, qtbot: QtBot
) -> None:
    (home / "fruit.csv").write_text(FRUIT)
    page = show(source="fruit.csv")
    assert page.bars.balance.bars == (Bar("apple", 16, 4), Bar("pear", 32, 8))
    field = page.settings.fields["validation"].text
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "1/2")
    QTest.keyClick(field, Qt.Key.Key_Return)
    settled(page, qtbot)
    assert page.bars.balance.bars == (Bar("apple", 10, 10), Bar("pear", 20, 20))
    check = page.settings.fields["balance"].check
    QTest.mouseClick(check, LEFT, pos=QPoint(8, check.height() // 2))
    settled(page, qtbot)
    assert page.bars.balance.bars == (Bar("apple", 20, 10), Bar("pear", 20, 20))
    assert "10 rows of rare classes repeated" in page.about.text()
    editor.undo()
    editor.undo()
    settled(page, qtbot)
    assert page.bars.balance.bars == (Bar("apple", 16, 4), Bar("pear", 32, 8))


def test_a_click_on_the_name_of_a_column_makes_it_the_target(
    editor: Editor, home: Path, show: Show, qtbot: QtBot
) -> None:
    (home / "fruit.csv").write_text(FRUIT)
    page = show(source="fruit.csv")
    header = page.rows.table.horizontalHeader()
    where = QPoint(header.sectionViewportPosition(0) + 10, 10)
    QTest.mouseClick(header.viewport(), LEFT, pos=where)
    assert params(editor)["target"] == "colour"
    settled(page, qtbot)
    assert heads(page)[0][0] == "colour  ◂ target"
    assert [bar.name for bar in page.bars.balance.bars] == ["blue", "green", "red"]
    assert page.settings.fields["target"].choice.currentText() == "colour"
    editor.undo()
    assert "target" not in params(editor)


def test_without_a_header_the_target_is_chosen_by_its_number(
    editor: Editor, home: Path, show: Show, qtbot: QtBot
) -> None:
    (home / "numbers.csv").write_text("0,1.5,2.5\n1,3.5,4.5\n" * 10)
    page = show(source="numbers.csv")
    assert [head[0] for head in heads(page)] == ["x0", "x1", "x2  ◂ target"]
    choice = page.settings.fields["target"].choice
    assert [choice.itemText(i) for i in range(choice.count())] == ["last column", "x0", "x1", "x2"]
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Home)
    QTest.keyClick(choice, Qt.Key.Key_Down)
    assert params(editor)["target"] == 0
    settled(page, qtbot)
    assert page.bars.balance.bars == (Bar("0", 8, 2), Bar("1", 8, 2))


def test_what_is_typed_as_the_source_leaves_the_keyboard_in_its_field(
    editor: Editor, home: Path, show: Show, qtbot: QtBot
) -> None:
    page = show(source="iris", standardise=True)
    panel = page.parentWidget()
    panel.activateWindow()
    assert QTest.qWaitForWindowActive(panel)
    field = page.settings.fields["source"].text
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "moons")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert params(editor) == {"source": "moons", "standardise": True}
    settled(page, qtbot)
    assert page.settings.fields["source"].text is not field  # a made set has other fields
    assert page.settings.fields["source"].text.hasFocus()
    for _ in range(4):
        QTest.keyClick(keyboard(), Qt.Key.Key_Tab)
    assert page.settings.isAncestorOf(keyboard())  # and not back at the first button


# Beside the window.


def test_a_set_that_is_still_read_holds_up_none_that_is_chosen_in_its_place(
    editor: Editor, home: Path, show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = show(source="iris")
    (home / "large.csv").write_text(FRUIT)
    going_on, real, asked = threading.Event(), reading.source, list[Any]()

    def slow(name: str, *rest: Any) -> Any:
        if name == "large.csv":
            asked.append(rest[-1])
            assert going_on.wait(20)
        return real(name, *rest)

    monkeypatch.setattr(reading, "source", slow)
    try:
        editor.attempt("Set", lambda t: t.set_param(node(editor), "source", "large.csv"))
        qtbot.waitUntil(lambda: bool(page.look.columns))  # its first rows are there before all is read
        assert cells(page)[0] == ["red", "1.5", "pear"]
        assert page.about.text() == "All of it is being read …"
        editor.attempt("Set", lambda t: t.set_param(node(editor), "source", "wine"))
        settled(page, qtbot)
        assert page.name.whole() == "dataset: the built-in set wine"
        assert [cancelled() for cancelled in asked] == [True]  # so that its reader stops
    finally:
        going_on.set()
    qtbot.wait(100)
    assert page.name.whole() == "dataset: the built-in set wine"


def test_nothing_is_read_while_the_panel_is_hidden(
    editor: Editor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    monkeypatch.setattr("gradwire.app.data.reader.look_at", lambda *each: read.append(each))
    add(editor, "dataset")
    panel = DataPanel(editor, DARK)
    qtbot.addWidget(panel)
    qtbot.wait(50)
    assert panel.page is None
    assert not read
    panel.show()
    qtbot.waitUntil(lambda: len(read) == 1)
    panel.hide()
    editor.attempt("Set", lambda t: t.set_param(node(editor), "source", "iris"))
    qtbot.wait(50)
    assert len(read) == 1
    editor.attempt("Delete", lambda t: t.remove(node(editor)))
    panel.show()
    qtbot.waitUntil(lambda: panel.page is None)


# The panel among others.


def test_a_graph_without_a_dataset_offers_one_and_the_inspector_leads_to_it(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    panel = window.panel("data")
    qtbot.waitUntil(lambda: panel.invitation is not None and panel.isVisible())
    button = next(each for each in panel.findChildren(QPushButton) if each.text() == "Add a dataset")
    before = window.editor.graph
    QTest.mouseClick(button, LEFT)
    added = [id for id, node in window.editor.graph.nodes.items() if node.op == "dataset"]
    assert len(added) == 1
    qtbot.waitUntil(lambda: panel.page is not None and panel.page.id == added[0])
    window.panel("problems")
    inspector = window.panel("inspector")
    more = next(each for each in inspector.findChildren(QPushButton) if each.text() == "Data…")
    QTest.mouseClick(more, LEFT)
    qtbot.waitUntil(lambda: panel.isVisible() and not panel.visibleRegion().isEmpty())
    window.panel("problems")
    window.menus.actions["view.panel_data"].trigger()
    qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())
    window.editor.undo()
    assert window.editor.graph == before
    qtbot.waitUntil(lambda: panel.invitation is not None)


def test_the_selected_one_of_several_is_shown_and_stays_while_other_nodes_are_looked_at(
    editor: Editor, show_panel: Callable[..., Any], qtbot: QtBot
) -> None:
    first, second = add(editor, "dataset"), add(editor, "dataset", params={"source": "iris"})
    other = add(editor, "input")
    panel = show_panel(DataPanel, 600, 400)
    qtbot.waitUntil(lambda: panel.invitation is not None)
    texts = [each.text() for each in panel.findChildren(QPushButton)]
    assert texts == [editor.graph.path(each) for each in sorted((first, second))]
    editor.select([second], second)
    qtbot.waitUntil(lambda: panel.page is not None and panel.page.id == second)
    editor.select([other], other)
    qtbot.wait(30)
    assert panel.page.id == second
    panel.close()


@pytest.mark.parametrize("width", [300, 620, 900])
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_nothing_is_cut_at_any_width(editor: Editor, home: Path, show: Show, width: int, theme: Any) -> None:
    (home / "fruit.csv").write_text(FRUIT)
    page = show(width, 700, source="fruit.csv")
    page.parentWidget().set_theme(theme)
    page = page.parentWidget().page
    for widget in page.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not page.window():
            continue
        left = widget.mapTo(page, QPoint(0, 0)).x()
        assert page.rows.isAncestorOf(widget) or (left >= 0 and left + widget.width() <= width), widget
        if isinstance(widget, (QPushButton, QLabel)) and not widget.property("wordWrap"):
            assert widget.width() >= widget.fontMetrics().horizontalAdvance(widget.text().split("\n")[0]), widget
    for widget in (page.bar.sets, page.bar.file, page.bar.images):
        assert widget.width() >= widget.sizeHint().width() - 8
