"""Files in the panel of data: what is wrong with them is told at its place, and where they may lie."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_pages import FRUIT, Show, heads, node, params, saved, settled, shower
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot
from windows import add

from gradwire.app.data.faults import Fault
from gradwire.app.editor import Editor
from gradwire.core.graph import Source

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def home(editor: Editor, tmp_path: Path) -> Path:
    """The folder of the document, which has one dataset."""
    return saved(editor, tmp_path)


@pytest.fixture
def show(editor: Editor, show_panel: Callable[..., Any], qtbot: QtBot) -> Show:
    """Shows the panel with its set read to the end."""
    return shower(editor, show_panel, qtbot)


# What is wrong.


def test_what_is_wrong_with_a_table_is_marked_at_its_place_and_gone_to(home: Path, show: Show) -> None:
    lines = FRUIT.splitlines()
    lines[3], lines[9] = "green,much,apple", "red,1.5"
    lines += ["red,1.5,pear"] * 100 + ["red,,pear", "red,2,pear"]
    (home / "bad.csv").write_text("\n".join(lines))
    page = show(source="bad.csv")
    assert page.faults.text.text() == (
        '✗ bad.csv, line 4, column "size": a finite number is required; found "much"'
        " (write a number such as 1.5 or 2e-3, or drop that column)"
    )
    assert page.faults.count.whole() == "1 of 3"
    table, model = page.rows.table, page.rows.table.model()
    assert table.currentIndex().data() == "✗ much"
    assert heads(page)[1][1] == "number, 1 is text, 1 missing"
    QTest.mouseClick(page.faults.on, LEFT)
    assert "line 10: 3 cells are required, as in the first line; found 2" in page.faults.text.text()
    assert model.headerData(table.currentIndex().row(), Qt.Orientation.Vertical) == "✗ 10"
    QTest.mouseClick(page.faults.on, LEFT)
    assert "line 162" in page.faults.text.text()
    assert table.currentIndex().data() == "✗ empty"  # far behind the first rows, and seen all the same
    assert model.headerData(table.currentIndex().row(), Qt.Orientation.Vertical) == "162"
    assert table.visualRect(table.currentIndex()).intersects(table.viewport().rect())
    assert not page.balance.isVisible()
    for column in range(model.columnCount()):
        table.setColumnWidth(column, 200)
    table.setFixedWidth(table.verticalHeader().width() + 420)
    table.go_to(next(cell for cell, text in page.look.source.marks.items() if "much" in text))
    assert table.currentIndex().data() == "✗ much"
    assert table.horizontalScrollBar().maximum() > 0
    assert table.horizontalScrollBar().value() == 0  # what is in sight stays where it is


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "an empty file"),
        (b"a\n1\n", "found one column"),
        (b"a,b\n1,2\n\xff,3\n", "line 3: text in UTF-8 is required"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "line 3"),
        (b"\x00a\x00,\x00b", "zero bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_costs_nothing(
    editor: Editor, home: Path, show: Show, qtbot: QtBot, content: bytes, told: str
) -> None:
    (home / "odd.csv").write_bytes(content)
    page = show(source="odd.csv")
    assert told in page.faults.text.text()
    editor.undo()
    settled(page, qtbot)
    assert not page.faults.isVisible()
    assert "1,797 rows" in page.about.text()


def test_a_column_whose_name_begins_as_another_is_told_apart(home: Path, show: Show) -> None:
    (home / "d.csv").write_text('a,"a"", b",y\n' + "1,2,0\n3,4,1\n" * 5 + "1,x,0\n")
    page = show(source="d.csv")
    assert [(fault.line, fault.column) for fault in page.look.faults] == [(12, 1)]
    assert Fault("whole") == Fault("whole", None, None)


def test_two_columns_of_one_name_are_refused(home: Path, show: Show) -> None:
    (home / "d.csv").write_text("a,a,y\n" + "1,2,0\n3,4,1\n" * 5)
    page = show(source="d.csv")
    told = 'a column must have a name of its own; found "a" 2 times (rename one of them in line 1)'
    assert told in page.faults.text.text()


# Files.


def drop(panel: QWidget, path: Path) -> bool:
    """Drop a file there; whether it was taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    panel.dragEnterEvent(enter)
    if enter.isAccepted():
        at = QPointF(9, 9)
        panel.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier))
    return enter.isAccepted()


def test_a_file_that_is_dropped_is_named_from_the_document_on(
    editor: Editor, home: Path, show: Show, qtbot: QtBot
) -> None:
    page = show()
    (home / "tables").mkdir()
    (home / "tables" / "fruit.csv").write_text(FRUIT)
    assert drop(page.parentWidget(), home / "tables" / "fruit.csv")
    assert params(editor) == {"source": "tables/fruit.csv"}
    editor.undo()
    assert params(editor) == {}
    assert not drop(page.parentWidget(), home / "net.gw")  # which is the window's to open


def test_a_file_that_lies_elsewhere_is_copied_beside_the_document_where_that_is_wanted(
    editor: Editor, home: Path, show: Show, qtbot: QtBot
) -> None:
    page, away = show(), home.parent / "fruit.csv"
    away.write_text(FRUIT)
    drop(page.parentWidget(), away)
    assert params(editor) == {}
    assert page.bar.offer.text().startswith("fruit.csv lies outside the document's folder")
    QTest.mouseClick(page.bar.copy, LEFT)
    qtbot.waitUntil(lambda: params(editor) == {"source": "fruit.csv"})
    assert (home / "fruit.csv").read_text() == FRUIT
    assert not page.bar.copy.isVisible()
    editor.undo()
    away.write_text("a,b\n1,2\n")
    drop(page.parentWidget(), away)
    QTest.mouseClick(page.bar.copy, LEFT)
    qtbot.waitUntil(lambda: "is beside the document already, with other content" in page.refused.text())
    assert (home / "fruit.csv").read_text() == FRUIT
    assert params(editor) == {}


def test_a_document_without_a_folder_says_that_it_is_to_be_saved(editor: Editor, show: Show, tmp_path: Path) -> None:
    add(editor, "dataset")
    (tmp_path / "fruit.csv").write_text(FRUIT)
    page = show()
    drop(page.parentWidget(), tmp_path / "fruit.csv")
    assert page.refused.text().endswith("(save the document first)")
    assert params(editor) == {}


# What changes on the disk.


def test_a_file_that_is_mended_is_read_again_when_it_is_opened_again(
    editor: Editor, home: Path, show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "bad.csv").write_text(FRUIT.replace("4,apple", "much,apple", 1))
    page = show(source="bad.csv")
    assert 'found "much"' in page.faults.text.text()
    editor.checking.on_disk.follow({})  # nobody has noticed by itself
    (home / "bad.csv").write_text(FRUIT)
    monkeypatch.setattr(
        "gradwire.app.data.source_bar.QFileDialog.getOpenFileName", lambda *_: (str(home / "bad.csv"), "")
    )
    button = next(each for each in page.bar.findChildren(QPushButton) if each.text().startswith("Open file"))
    QTest.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: page.look.whole and not page.look.faults)
    assert page.faults.isHidden()
    assert heads(page)[1][1] == "number, none missing"


def test_a_file_that_another_program_changes_is_read_again(home: Path, show: Show, qtbot: QtBot) -> None:
    (home / "fruit.csv").write_text(FRUIT.replace("4,apple", "much,apple", 1))
    page = show(source="fruit.csv")
    assert page.look.faults
    (home / "other.csv").write_text(FRUIT)
    (home / "other.csv").replace(home / "fruit.csv")  # as editors write
    qtbot.waitUntil(lambda: page.look.whole and not page.look.faults)
    with (home / "fruit.csv").open("a") as file:
        file.write("red,none,pear\n")
    qtbot.waitUntil(lambda: page.look.whole and bool(page.look.faults))
    assert 'found "none"' in page.faults.text.text()


@pytest.mark.slow
def test_a_file_that_is_mended_is_no_problem_any_more_and_its_new_values_are_shown(
    editor: Editor, home: Path, qtbot: QtBot
) -> None:
    """Also where no panel shows the data."""
    rows = "a,b,y\n" + "1,2,0\n3,4,1\n" * 30
    (home / "d.csv").write_text(rows.replace("3,4,1", "much,4,1", 1))
    editor.attempt("Set", lambda t: t.set_param(node(editor), "source", "d.csv"))
    qtbot.waitUntil(lambda: len(editor.problems) == 1)
    (home / "d.csv").write_text(rows)
    x = Source(node(editor), "x")
    qtbot.waitUntil(lambda: not editor.problems and editor.live.value(x) is not None)
    assert editor.live.value(x).max() == 4
    (home / "other.csv").write_text(rows.replace("3,4,1", "3,9,1"))
    (home / "other.csv").replace(home / "d.csv")
    qtbot.waitUntil(lambda: editor.live.value(x).max() == 9)
    (home / "d.csv").unlink()
    qtbot.waitUntil(lambda: len(editor.problems) == 1)
    (home / "d.csv").write_text(rows)
    qtbot.waitUntil(lambda: not editor.problems and editor.live.value(x).max() == 4)
