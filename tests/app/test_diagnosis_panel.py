"""The diagnosis panel: what is unusual about what is computed, told with its place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES

from gradwire.app.lists.view import Row
from gradwire.app.panels.diagnosis import DiagnosisPanel
from gradwire.core.diagnosing import RULES
from gradwire.core.session import Session


@pytest.fixture
def panel(show_panel):
    return show_panel(DiagnosisPanel, 900, 200)


def rows(panel: DiagnosisPanel) -> list[tuple[str, str]]:
    return [panel.list.rows.row_at(i)[:2] for i in range(panel.list.rows.count)]


def test_what_is_sound_is_said_to_be(editor, panel, qtbot: QtBot) -> None:
    assert panel.list.empty == "Nothing is computed yet"
    editor.open(Session.open(EXAMPLES / "sin_plus_product.gw"))
    told = f"Nothing is unusual: {len(RULES)} diagnoses have looked at values, gradients and wiring"
    qtbot.waitUntil(lambda: panel.list.empty == told)
    assert panel.windowTitle() == "Diagnosis"


def test_nothing_is_said_to_be_sound_that_could_not_be_looked_at(editor, panel, qtbot: QtBot) -> None:
    refused, two = Session(), Session()
    with refused.document.transaction("Build") as t:
        t.add("constant", name="x", value=1.0)
        t.add("exp", name="y")
    with two.document.transaction("Build") as t:
        t.add("parameter", name="w", shape=(2,), value=[1.0, 2.0])
        for name in ("sum", "mean"):
            t.add(name, inputs={"x": "parameter0"})
    editor.open(refused)
    told = "Nothing is unusual in what can be computed: 1 problem keeps the rest from it (Problems)"
    qtbot.waitUntil(lambda: panel.list.empty == told)
    editor.open(two)
    told = "Nothing is unusual in values and wiring; there are no gradients to look at"
    qtbot.waitUntil(lambda: panel.list.empty == told)


def test_a_broken_network_is_told_what_is_wrong_and_where(editor, panel, qtbot: QtBot) -> None:
    editor.open(Session.open(EXAMPLES / "lessons" / "where_nan.gw"))
    qtbot.waitUntil(lambda: len(rows(panel)) > 0)
    assert panel.windowTitle() == f"Diagnosis ({len(rows(panel))})"
    path, text = rows(panel)[0]
    assert path in {node.name for node in editor.graph.nodes.values()}
    assert "NaN" in text or "not finite" in text
    with qtbot.waitSignal(editor.shown) as told:
        panel.list.setCurrentIndex(panel.list.rows.index(0))
        QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert editor.graph.path(told.args[0]) == path


def test_rows_show_all_of_their_text_where_all_have_room(editor, panel, qtbot: QtBot) -> None:
    panel.resize(500, 300)
    editor.open(Session.open(EXAMPLES / "lessons" / "where_nan.gw"))
    qtbot.waitUntil(lambda: len(rows(panel)) > 1)
    view = panel.list
    single, texts = view.row_height, [text for _, text in rows(panel)]
    for row, text in enumerate(texts):
        lines = view.painter_of_rows.lines_of(view.rows.row_at(row))
        assert " ".join(lines) == text
        assert len(lines) > 1
        assert view.rowHeight(row) >= len(lines) * view.fontMetrics().lineSpacing()
        foot = view.visualRect(view.rows.index(row)).adjusted(240, single, 0, 0)
        image = view.viewport().grab(foot).toImage()
        colours = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
        assert len(colours) > 2  # it is written
    wide = view.rowHeight(0)
    panel.resize(2400, 300)
    assert view.rowHeight(0) < wide


def test_where_rows_have_no_room_the_one_with_the_keyboard_shows_all_of_its_text(panel) -> None:
    panel.resize(500, 200)
    view, single = panel.list, panel.list.row_height
    view.show_rows(3, lambda _: Row("x", "finding " * 60), 1)
    assert view.rowHeight(1) > view.rowHeight(0) == view.rowHeight(2) == single
    view.go_to(2)
    assert view.rowHeight(2) > view.rowHeight(1) == single
    panel.resize(500, 2000)
    assert view.rowHeight(0) == view.rowHeight(1) == view.rowHeight(2) > single
    view.show_rows(1, lambda _: Row("x", "finding"), -1)
    assert view.rowHeight(0) == single


def test_an_edit_that_mends_it_is_seen(editor, panel, qtbot: QtBot) -> None:
    editor.open(Session.open(EXAMPLES / "lessons" / "where_nan.gw"))
    qtbot.waitUntil(lambda: len(rows(panel)) > 0)
    x = editor.graph.resolve("x")
    editor.attempt("Set", lambda t: t.set_param(x, "value", [3.0, 2.0, 4.0]))
    qtbot.waitUntil(lambda: rows(panel) == [])


def test_a_hidden_panel_looks_at_nothing(editor, panel, qtbot: QtBot) -> None:
    panel.hide()
    editor.open(Session.open(EXAMPLES / "lessons" / "where_nan.gw"))
    qtbot.waitUntil(lambda: editor.live.root is not None)
    qtbot.wait(600)
    assert rows(panel) == []
    panel.show()
    qtbot.waitUntil(lambda: len(rows(panel)) > 0)
