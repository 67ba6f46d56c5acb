"""The window as a user meets it: name, docks, theme, text scale, palette, key sheet, focus, messages."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QFontInfo, QImage, QPainter, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, keyboard

from gradwire.app.canvas.values import paint_values
from gradwire.app.faults import Faults
from gradwire.app.keys.sheet import KeySheet
from gradwire.app.look.fonts import MONO, TEXT, mono, text_font
from gradwire.app.panels import PANELS
from gradwire.app.window import Window


def activate(window: Window) -> None:
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)


def test_a_file_is_shown_with_its_name_and_size(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "sin_plus_product.gw")
    assert window.shows_canvas
    assert window.windowTitle() == "sin_plus_product.gw[*]"
    qtbot.waitUntil(lambda: window.statusBar().graph.text() == "✓ graph valid · 5 nodes, 5 wires")


def test_the_last_file_is_opened_again(place: Place) -> None:
    place.start(EXAMPLES / "colah.gw").close()
    assert place.start().files.name == "colah.gw"


def test_an_edit_marks_the_name_and_undo_by_key_takes_the_mark_away(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    window.activateWindow()
    window.editor.attempt("Add ReLU", lambda t: t.add("relu"))
    assert window.isWindowModified()
    assert (window.toolbar.name.text(), window.toolbar.mark.text()) == ("colah.gw", "●")
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not window.isWindowModified()
    assert (window.toolbar.name.text(), window.toolbar.mark.text()) == ("colah.gw", "")
    assert window.statusBar().message.text() == "Undone: Add ReLU"


def test_a_refusal_is_told_in_the_status_bar(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    window.editor.attempt("Connect", lambda t: t.connect("a", "no such node", "x"))
    assert window.statusBar().message.text().startswith("✗ ")
    assert window.theme.error in window.statusBar().message.styleSheet()


def test_the_status_bar_says_what_is_selected(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "iris_mlp.gw")
    graph, shown = window.editor.graph, window.statusBar().selected
    window.editor.select([graph.resolve("data")])
    assert shown.text() == "data selected"
    window.editor.select([*list(graph.nodes)[:2], *list(graph.groups)[:1]])
    assert shown.text() == "2 nodes, 1 group selected"
    window.editor.select([])
    assert shown.text() == ""


def test_problems_are_counted_and_a_click_shows_them(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("colah.gw"))
    window.editor.attempt("Add", lambda t: t.add("relu", name="loose"))
    window.panel("history")
    button = window.statusBar().graph
    qtbot.waitUntil(lambda: button.text() == "✗ 1 problem · 7 nodes, 6 wires")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.docks.panels["problems"].visibleRegion().isEmpty())


def test_a_click_lets_live_values_go_on_after_a_pause(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    live, button = window.editor.live, window.statusBar().live
    qtbot.waitUntil(lambda: button.text() == "live")
    assert not button.isEnabled()
    live.refreshing.limit = 0.0
    live.refresh_now()
    qtbot.waitUntil(lambda: button.text().startswith("▶ live is paused: "))
    live.refreshing.limit = 60.0
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: button.text() == "live")
    live.enabled = False
    assert button.text() == "▶ live is off"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert live.enabled
    assert window.toolbar.live.isChecked()


def test_every_panel_has_its_dock_and_place(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    assert set(window.docks.panels) == {panel.id for panel in PANELS}
    assert {"palette", "inspector", "problems", "history"} <= set(window.docks.panels)


def test_docks_come_back_as_they_were(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.docks.docks["palette"].hide()
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.docks.docks["inspector"])
    window.close()
    again = place.start()
    assert again.docks.docks["palette"].isHidden()
    assert again.dockWidgetArea(again.docks.docks["inspector"]) == Qt.DockWidgetArea.LeftDockWidgetArea
    again.docks.reset()
    assert not again.docks.docks["palette"].isHidden()
    assert again.dockWidgetArea(again.docks.docks["inspector"]) == Qt.DockWidgetArea.RightDockWidgetArea


def test_docks_are_wide_enough_at_first(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    qtbot.waitExposed(window)
    assert window.docks.docks["palette"].width() >= 180
    assert window.docks.docks["inspector"].width() >= 260


def test_the_theme_can_be_chosen_and_is_kept(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.application.choose_theme("light")
    assert window.canvas.theme.name == "light"
    assert window.application.qt.palette().window().color() == QColor(window.theme.panel)
    window.close()
    assert place.start().theme.name == "light"


@pytest.mark.slow
def test_text_scales_apart_from_the_canvas(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    zoom, before = window.canvas.view.scale, QFontInfo(window.toolbar.name.font()).pixelSize()
    window.activateWindow()
    mods = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    for _ in range(4):
        QTest.keyClick(window, Qt.Key.Key_Plus, mods)
    assert QFontInfo(window.toolbar.name.font()).pixelSize() > before
    assert window.canvas.view.scale == zoom
    window.application.scale_text(None)


def test_the_palette_does_what_is_typed(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(window.popups.commands.field, "theme light")
    QTest.keyClick(window.popups.commands.field, Qt.Key.Key_Return)
    assert window.theme.name == "light"
    assert not window.popups.commands.isVisible()


def test_letters_typed_into_a_field_are_letters(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    window.activateWindow()
    window.popups.open_palette()
    before = window.editor.graph
    QTest.keyClicks(window.popups.commands.field, "xmd")
    assert window.popups.commands.field.text() == "xmd"
    assert window.editor.graph is before


def test_a_key_can_be_given_to_another_action_in_the_sheet(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.popups.open_key_sheet()
    sheet = window.findChild(KeySheet)
    QTest.keyClicks(sheet.field, "full screen")
    QTest.keyClick(sheet.keys, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert sheet.said.text() == "⚠ Ctrl+S is the key of Save, which would lose it."
    QTest.mouseClick(sheet.set_button, Qt.MouseButton.LeftButton)
    shortcuts = {id: [k.toString() for k in made.shortcuts()] for id, made in window.menus.actions.items()}
    assert shortcuts["view.full_screen"] == ["Ctrl+S"]
    assert shortcuts["file.save"] == []
    assert window.application.keymap.collisions() == []
    sheet.preset.setCurrentText("Blender")
    assert window.application.keymap.preset == "Blender"
    sheet.close()


def test_f6_goes_round_all_areas_and_back_to_the_canvas(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.activateWindow()
    window.canvas.setFocus()
    been = []
    for _ in range(12):
        QTest.keyClick(keyboard(), Qt.Key.Key_F6)
        focus = keyboard()
        been.append(focus)
        if focus is window.canvas:
            break
    assert been[-1] is window.canvas
    assert len(been) >= 4
    assert all(widget.isVisible() for widget in been)


def test_presentation_shows_the_graph_alone_and_ends_as_before(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    before = [dock.isHidden() for dock in window.docks.docks.values()]
    window.presentation.toggle()
    assert window.isFullScreen()
    assert all(dock.isHidden() for dock in window.docks.docks.values())
    window.presentation.toggle()
    assert not window.isFullScreen()
    assert [dock.isHidden() for dock in window.docks.docks.values()] == before


@pytest.mark.slow
def test_a_presentation_is_larger_and_is_led_by_keys(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.resize(1400, 900)
    canvas, text = window.canvas, QFontInfo(window.toolbar.name.font()).pixelSize()
    qtbot.waitUntil(lambda: window.editor.live.status == "live")
    before = canvas.view.scale
    activate(window)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(canvas, Qt.Key.Key_F11, control | shift)
    assert window.presentation.on
    assert QFontInfo(window.toolbar.name.font()).pixelSize() > text
    assert canvas.values.larger > 1
    assert canvas.view.lines > 1
    assert "presentation" in window.bars.names()  # how to leave, while the menu is hidden
    if canvas.width() > 1000:
        qtbot.waitUntil(lambda: canvas.view.scale > before)
    window.application.choose_theme("light")  # everything stays as large
    assert QFontInfo(window.toolbar.name.font()).pixelSize() > text
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert window.files.name == "Copy of sin_plus_product"
    QTest.keyClick(canvas, Qt.Key.Key_PageUp)
    assert window.files.name == "Copy of colah"
    window.editor.select([next(iter(window.editor.graph.nodes))])
    QTest.keyClick(canvas, Qt.Key.Key_Escape)  # ends what is nearest first
    assert window.presentation.on
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not window.presentation.on
    assert (canvas.values.larger, canvas.view.lines) == (1.0, 1.0)
    assert QFontInfo(window.toolbar.name.font()).pixelSize() == text
    assert not window.isFullScreen()
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)  # outside of a presentation it is no such key
    assert window.files.name == "Copy of colah"


def test_decimals_are_set_by_keys_and_kept(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    activate(window)
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    for _ in range(2):
        QTest.keyClick(window.canvas, Qt.Key.Key_Period, keys)
    QTest.keyClick(window.canvas, Qt.Key.Key_Comma, keys)
    assert window.canvas.decimals == 4
    window.close()
    assert place.start().canvas.decimals == 4


def test_a_number_too_long_for_its_node_is_drawn_smaller_not_cut(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "sin_plus_product.gw")
    item = next(item for item in window.canvas.scene.items.items if item is not None and item.name == "sin")
    qtbot.waitUntil(lambda: window.editor.results.value(item.sources[0]) is not None)

    def drawn(decimals: int) -> list[int]:
        """The columns of a node's picture in which there is light text."""
        window.canvas.values.forget()
        shown = window.canvas.values.of(item.sources[0], window.theme, decimals)
        image = QImage(int(item.width), int(item.height), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.black)
        painter = QPainter(image)
        paint_values(painter, item, shown, window.theme, gradients=False)
        painter.end()
        rows = range(image.height())
        return [x for x in range(image.width()) if any(image.pixelColor(x, y).lightness() > 60 for y in rows)]

    assert max(drawn(3)) >= item.width - 16
    assert min(drawn(12)) > 20  # it just fits
    assert 14 <= min(drawn(30)) <= 20  # from one end of its place to the other
    assert max(drawn(30)) >= item.width - 16


def test_the_next_example_follows(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert window.files.name == "Copy of sin_plus_product"
    QTest.keyClick(window, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert window.files.name == "Copy of colah"


def test_a_file_dropped_on_the_window_is_opened(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(EXAMPLES / "fork.gw"))])
    copy, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window.canvas, QDragEnterEvent(QPoint(300, 300), copy, data, button, none))
    QApplication.sendEvent(window.canvas, QDropEvent(QPointF(300, 300), copy, data, button, none))
    assert window.files.name == "fork.gw"


def test_an_unexpected_error_is_told_and_the_window_lives(
    place: Place, capsys: pytest.CaptureFixture[str], qtbot: QtBot
) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    faults = Faults(window.application)
    try:
        raise ValueError("the reason")
    except ValueError as error:
        faults.take(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: window.bars.get("fault") is not None)
    bar = window.bars.get("fault")
    assert "ValueError: the reason" in bar.text
    QTest.mouseClick(bar.buttons["Copy details"], Qt.MouseButton.LeftButton)
    assert "Traceback" in QApplication.clipboard().text()
    assert "ValueError" in capsys.readouterr().err


def test_the_shipped_fonts_draw_their_own_glyphs(place: Place) -> None:
    """Where a font is missing every glyph is the same empty box."""
    place.start(EXAMPLES / "colah.gw")
    for font, family in ((text_font(), TEXT), (mono(), MONO)):
        assert QFontInfo(font).family() == family
        drawn = set()
        for letter in "Wire∂":
            image = QImage(40, 40, QImage.Format.Format_Grayscale8)
            image.fill(0)
            painter = QPainter(image)
            painter.setPen(Qt.GlobalColor.white)
            painter.setFont(font)
            painter.drawText(image.rect(), int(Qt.AlignmentFlag.AlignCenter), letter)
            painter.end()
            drawn.add(bytes(image.constBits()))
        assert len(drawn) == 5


def test_a_name_is_typed_where_it_stands(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    id = window.editor.graph.resolve("c")
    window.canvas.rename_wanted.emit(id)
    field = keyboard()
    QTest.keyClicks(field, "total")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.editor.graph.node(id).name == "total"


def test_a_name_is_kept_by_escape_and_taken_by_going_elsewhere(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    activate(window)
    id, before = window.editor.graph.resolve("c"), window.editor.graph
    for end in ("escape", "elsewhere"):
        window.editor.select([id])
        QTest.keyClick(window.canvas, Qt.Key.Key_F2)
        field = keyboard()
        assert field is not window.canvas
        QTest.keyClicks(field, "xfa")  # which are keys of the canvas
        QTest.keyClick(field, Qt.Key.Key_Up)
        assert window.editor.graph is before
        if end == "escape":
            QTest.keyClick(field, Qt.Key.Key_Escape)
            assert keyboard() is window.canvas
            assert window.editor.graph is before
    QTest.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert window.editor.graph.node(id).name == "xfa"


def test_the_search_says_what_an_op_does_with_its_ports_as_code(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    window.popups.open_search()
    QTest.keyClicks(window.popups.search.field, "matmul")
    shown = QTextDocument()
    shown.setHtml(window.popups.search.footer.text())
    assert shown.toPlainText().startswith("The product of rows x (…, N, K)")
    names = shown.find("rows x (")
    names.setPosition(names.selectionStart() + len("rows x"))
    assert names.charFormat().fontFamilies() == [MONO]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="paths of the XDG folders")
def test_nothing_is_written_to_the_home_folder() -> None:
    from gradwire.app.settings import cache_folder, data_folder, settings_folder

    assert [f for f in (settings_folder(), data_folder(), cache_folder()) if Path.home() in f.parents] == []


def test_a_window_that_is_closed_leaves_no_thread_at_work(place: Place, qtbot: QtBot) -> None:
    before = set(threading.enumerate())
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    stepper = window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    qtbot.waitUntil(lambda: any(thread.name == "findings" for thread in threading.enumerate()))
    window.close()
    qtbot.waitUntil(lambda: {thread.name for thread in set(threading.enumerate()) - before} <= {"pictures"})


def opened_and_closed(place: Place, qtbot: QtBot) -> list[weakref.ref[object]]:
    """References to a window in which somebody has stepped, and to its document."""
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    window.close()
    return [weakref.ref(window), weakref.ref(window.editor.session.document)]


def test_nothing_of_a_window_that_is_closed_stays(place: Place, qtbot: QtBot) -> None:
    before = set(QApplication.allWidgets())
    gone = opened_and_closed(place, qtbot)

    def is_gone() -> bool:
        gc.collect()
        return all(ref() is None for ref in gone) and before.issuperset(QApplication.allWidgets())

    qtbot.waitUntil(is_gone)
    place.applications[0].text_scaled.emit()  # nobody answers who is not there any more
