"""Another size of text: all of the window follows, in proportion, and comes back to what it was."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from training_windows import open_window, press, set_training, show_training, wait_for
from windows import Place

from gradwire.app.inspecting.sheet import small
from gradwire.app.plots.grouping import PAGES
from gradwire.app.window import Window

CONTROL = Qt.KeyboardModifier.ControlModifier
ALL = CONTROL | Qt.KeyboardModifier.AltModifier


def sizes(window: Window) -> dict[QWidget, int]:
    """The size of each text that can be read, by its widget."""
    shown = (each for each in window.findChildren(QWidget) if isinstance(each, (QLabel, QPushButton)))
    return {each: each.font().pixelSize() for each in shown if each.isVisible() and each.text()}


def test_every_text_of_a_run_follows_the_size_and_comes_back(place: Place, qtbot: QtBot) -> None:
    window = open_window(place)
    panel = show_training(window)
    set_training(window, lr=0.3, epochs=30)
    press(window, Qt.Key.Key_R, CONTROL)
    wait_for(qtbot, window, "completed")
    qtbot.waitUntil(lambda: panel.plots is not None and bool(panel.beside.cards))
    before, base = sizes(window), QApplication.font().pixelSize()
    for _ in range(4):
        press(window, Qt.Key.Key_Plus, ALL)
    larger = QApplication.font().pixelSize()
    assert larger >= 1.4 * base
    after = sizes(window)
    stayed = before.keys() & after.keys()
    assert {each for each in panel.findChildren(QWidget) if each in before} <= stayed
    wrong = [each for each in stayed if abs(after[each] / larger - before[each] / base) > 0.06]
    assert [each.text() for each in wrong] == []
    press(window, Qt.Key.Key_0, ALL)
    now = sizes(window)
    assert [each.text() for each in stayed & now.keys() if now[each] != before[each]] == []


def test_every_text_keeps_its_larger_size_when_the_colours_change(place: Place, qtbot: QtBot) -> None:
    window = open_window(place)
    show_training(window)
    first = sizes(window)
    for _ in range(4):
        press(window, Qt.Key.Key_Plus, ALL)
    before = sizes(window)
    assert before[window.toolbar.brand] > first[window.toolbar.brand]
    for _ in range(2):  # to the other theme, and back
        window.toolbar.theme_button.click()
        after = sizes(window)
        assert [each.text() for each in before.keys() & after.keys() if before[each] != after[each]] == []
    press(window, Qt.Key.Key_0, ALL)
    now = sizes(window)
    assert [each.text() for each in first.keys() & now.keys() if now[each] != first[each]] == []


def test_what_is_predicted_has_room_for_larger_text(place: Place, qtbot: QtBot) -> None:
    window = open_window(place, "digits_mlp.gw")
    panel = show_training(window)
    set_training(window, epochs=1)
    press(window, Qt.Key.Key_R, CONTROL)
    wait_for(qtbot, window, "completed")
    qtbot.waitUntil(lambda: panel.page is not None and panel.page.has("Predictions"))
    panel.page.tabs.setCurrentIndex(PAGES.index("Predictions"))
    plots = panel.plots.page.plots
    qtbot.waitUntil(lambda: plots["Predictions", "samples"].isVisible())
    card, confusion = plots["Predictions", "samples"], plots["Predictions", "confusion"]
    before = confusion.minimumHeight()
    for _ in range(4):
        press(window, Qt.Key.Key_Plus, ALL)
    assert confusion.minimumHeight() >= 1.4 * before
    for each in card.tiles.tiling(QRectF(card.board.rect())).tiles:
        assert each.width() >= QFontMetricsF(small()).horizontalAdvance("8 → 0")  # a label that is not cut
