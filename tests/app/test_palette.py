"""The palette: every op and layer by section, searched, dragged, added, and walked by keys."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest

from gradwire.app.lists.rows import GAP, MARGIN
from gradwire.app.look.fonts import MONO
from gradwire.app.look.theme import LIGHT
from gradwire.app.panels.palette import MIME, PalettePanel
from gradwire.app.reference.card import Card
from gradwire.core.layers import LAYERS
from gradwire.core.ops import installed

LONGEST = 20  # rows of a section, as many as a panel shows at once


@pytest.fixture
def palette(show_panel):
    panel = show_panel(PalettePanel, 220, 700)
    panel.activateWindow()
    return panel


def texts(panel):
    return [panel.list.rows.row_at(i).text for i in range(panel.list.rows.count)]


def row_of(panel, text):
    return texts(panel).index(text)


def middle(panel, text):
    panel.list.scrollTo(panel.list.rows.index(row_of(panel, text)))
    return panel.list.visualRect(panel.list.rows.index(row_of(panel, text))).center()


def click(panel, text):
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=middle(panel, text))


def test_every_op_and_layer_stands_in_a_section(palette):
    sections = [text for text in texts(palette) if isinstance(palette.shown[row_of(palette, text)], str)]
    assert sections[:3] == ["Values", "Arithmetic", "Powers and logs"]
    assert "Plugins" not in sections  # a section in which nothing is is not shown
    assert len(texts(palette)) == len(installed()) + len(LAYERS) + len(sections)


def test_sections_are_small_enough_to_be_looked_through(palette):
    sizes = Counter(entry.section for entry in palette.shown if not isinstance(entry, str))
    assert max(sizes.values()) <= LONGEST, sizes


def test_a_click_on_a_section_closes_and_opens_it(palette):
    before = texts(palette)
    click(palette, "Values")
    assert row_of(palette, "Arithmetic") == 1
    click(palette, "Values")
    assert texts(palette) == before


def test_keys_close_and_open_sections_and_add(palette, qtbot):
    palette.list.setFocus(Qt.FocusReason.TabFocusReason)
    assert palette.list.current == 0
    QTest.keyClick(palette.list, Qt.Key.Key_Left)
    assert texts(palette)[1] == "Arithmetic"
    QTest.keyClick(palette.list, Qt.Key.Key_Right)
    assert texts(palette)[1] == "Input"
    QTest.keyClick(palette.list, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.editor.wishes.add) as told:
        QTest.keyClick(palette.list, Qt.Key.Key_Return)
    assert told.args == ["input"]
    QTest.keyClick(palette.list, Qt.Key.Key_Left)
    assert palette.list.current == 0
    QTest.keyClick(palette.list, Qt.Key.Key_End)
    assert palette.list.current == palette.list.rows.count - 1
    QTest.keyClick(palette.list, Qt.Key.Key_Home)
    assert palette.list.current == 0


def test_typing_searches_and_enter_adds_the_best(palette, qtbot):
    QTest.keyClicks(palette.field, "dense")
    assert texts(palette)[0] == "Linear"
    with qtbot.waitSignal(palette.editor.wishes.add) as told:
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert told.args == ["layer:linear"]
    palette.field.clear()
    assert texts(palette)[0] == "Values"


@pytest.mark.parametrize(
    ("typed", "found"),
    [("nn.ReLU", "ReLU"), ("torch.cat", "Concat"), ("CrossEntropyLoss", "Cross entropy"), ("Dense", "Linear")],
)
def test_names_of_other_libraries_find_ours(palette, qtbot, typed, found):
    QTest.keyClicks(palette.field, typed)
    assert texts(palette)[0] == found


def test_nothing_found_is_said(palette):
    QTest.keyClicks(palette.field, "qqqq")
    assert palette.list.rows.count == 0
    assert palette.list.empty == "No op or layer has this name"


def test_a_double_click_asks_for_the_op(palette, qtbot):
    with qtbot.waitSignal(palette.editor.wishes.add) as told:
        place = middle(palette, "MatMul")
        QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == ["matmul"]


def test_a_drag_carries_the_name(palette):
    for text, name in (("ReLU", b"relu"), ("MLP", b"layer:mlp")):
        index = palette.list.rows.index(row_of(palette, text))
        data = palette.list.rows.mimeData([index])
        assert data.data(MIME).data() == name
        assert palette.list.rows.flags(index) & Qt.ItemFlag.ItemIsDragEnabled


def test_a_tooltip_tells_formula_and_meaning(palette):
    tip = palette.list.rows.row_at(row_of(palette, "MatMul")).tip
    assert "x W" in tip
    document = QTextDocument()
    document.setHtml(tip)
    assert "The product of rows x (…, N, K)" in document.toPlainText()
    names = document.find("rows x (")
    names.setPosition(names.selectionStart() + len("rows x"))
    assert names.charFormat().fontFamilies() == [MONO]  # as code, not as an x among words


def test_the_theme_changes(palette):
    palette.set_theme(LIGHT)
    row = palette.list.rows.row_at(row_of(palette, "MatMul"))
    assert row.colour == LIGHT.title("linear")
    assert palette.list.theme is LIGHT


def test_f1_tells_of_the_row_that_is_chosen_not_of_the_node_on_the_canvas(drawn_window, qtbot):
    window = drawn_window
    window.editor.select(["matmul0"], "matmul0")
    palette = window.docks.panels["palette"]
    window.activateWindow()
    palette.field.setFocus()
    QTest.keyClicks(palette.field, "einsum")
    QTest.keyClick(palette.field, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: any(card.isVisible() for card in window.findChildren(Card)))
    (card,) = (card for card in window.findChildren(Card) if card.isVisible())
    assert card.windowTitle() == "Einsum"
    QTest.keyClick(card, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not card.isVisible())
    assert (palette.field.text(), palette.shown[palette.list.current].name) == ("einsum", "einsum")


def test_the_name_of_an_op_has_the_room_of_its_section(palette):
    QTest.keyClicks(palette.field, "avgpool")
    painter, inside = palette.list.painter_of_rows, palette.list.viewport().width() - 2 * MARGIN
    notes = {}
    for i in range(palette.list.rows.count):
        row = palette.list.rows.row_at(i)
        notes[row.text] = painter.note_width(row, inside, inside - 10 - painter.text_width(row) - GAP)
    whole = palette.list.fontMetrics().horizontalAdvance(palette.list.rows.row_at(0).note)
    assert 0 < notes["Average pool2d"] <= whole
    assert notes["Adaptive average pool2d"] == 0  # a section cuts no name


@pytest.mark.parametrize("name", ["layer norm", "batch norm"])
def test_rows_of_one_name_tell_their_sections_in_a_narrow_palette_too(show_panel, name):
    palette = show_panel(PalettePanel, 190, 700)
    QTest.keyClicks(palette.field, name)
    painter, inside = palette.list.painter_of_rows, palette.list.viewport().width() - 2 * MARGIN
    rows = [row for i in range(2) if (row := palette.list.rows.row_at(i))]
    assert [(row.text.lower(), row.note) for row in rows] == [(name, "Layers"), (name, "Normalisations")]
    for row in rows:
        room = inside - 10 - painter.text_width(row) - GAP
        assert 0 < painter.note_width(row, inside, room) <= room
