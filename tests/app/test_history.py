"""The history panel: a row for each undo, what is current, undone and saved, and going to any of them."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from windows import add

from gradwire.app.panels.history import HistoryPanel
from gradwire.core.document.history import Entry
from gradwire.core.session import Session


@pytest.fixture
def panel(show_panel):
    return show_panel(HistoryPanel, 400, 240)


def rows(panel):
    return [panel.list.rows.row_at(i) for i in range(panel.list.rows.count)]


def texts(panel):
    return [row.text for row in rows(panel)]


def here(panel):
    return [row.mark for row in rows(panel)].index("here")


def click(panel, row):
    place = panel.list.visualRect(panel.list.rows.index(row)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_each_undo_is_a_row_and_the_last_is_current(editor, panel):
    assert texts(panel) == ["New graph"]
    for op in ("sin", "cos", "exp"):
        add(editor, op)
    assert texts(panel) == ["New graph", "Add sin", "Add cos", "Add exp"]
    assert here(panel) == panel.list.current == 3


def test_a_click_goes_back_and_forth(editor, panel):
    for op in ("sin", "cos", "exp"):
        add(editor, op)
    before = editor.graph
    click(panel, 1)
    assert [node.op for node in editor.graph.nodes.values()] == ["sin"]
    assert here(panel) == 1
    assert [row.note for row in rows(panel)[2:]] == ["undone", "undone"]
    assert [row.faded for row in rows(panel)] == [False, False, True, True]
    click(panel, 3)
    assert editor.graph == before
    click(panel, 0)
    assert len(editor.graph.nodes) == 0
    add(editor, "tanh")
    assert texts(panel) == ["New graph", "Add tanh"]


def test_keys_go_there_too(editor, panel):
    add(editor, "sin")
    add(editor, "cos")
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Up)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert editor.document.history.position == 1
    QTest.keyClick(panel.list, Qt.Key.Key_Home)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert editor.document.history.position == 0


def test_what_is_on_no_disk_is_not_marked_as_saved(editor, panel):
    add(editor, "sin")
    assert [(row.ticked, row.note) for row in rows(panel)] == [(False, ""), (False, "")]


def test_what_is_saved_is_marked(editor, panel, tmp_path):
    add(editor, "sin")
    editor.session.save(tmp_path / "lesson.gw")
    add(editor, "cos")
    assert [row.ticked for row in rows(panel)] == [False, True, False]
    assert rows(panel)[1].note == "saved"
    assert editor.document.dirty
    click(panel, 1)
    assert not editor.document.dirty


def test_another_document_has_its_own_history(editor, panel):
    add(editor, "sin")
    editor.open(Session())
    assert texts(panel) == ["New graph"]


def test_an_opened_file_is_the_beginning(editor, panel, tmp_path):
    session = Session()
    session.save(tmp_path / "lesson.gw")
    editor.open(session)
    assert texts(panel) == ["Opened lesson.gw"]


def test_a_hundred_thousand_entries_are_shown_and_walked_quickly(editor, panel):
    history = editor.document.history
    many = [Entry(f"Move node {i}", "canvas", (), None, 0.0, i, i + 1) for i in range(100_000)]
    history._undo.extend(many)  # as that many edits would leave it
    start = time.perf_counter()
    panel.refresh()
    panel.grab()
    assert time.perf_counter() - start < 0.5
    assert here(panel) == panel.list.current == 100_000
    start = time.perf_counter()
    for _ in range(20):
        QTest.keyClick(panel.list, Qt.Key.Key_PageUp)
        panel.grab()
    assert time.perf_counter() - start < 1.0
