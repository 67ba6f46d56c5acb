"""Icons: made once, and whole for as long as somebody shows them."""

from __future__ import annotations

import gc

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage, QPixmap
from pytestqt.qtbot import QtBot

from gradwire.app.look.style import icon

SIZE = QSize(16, 16)


def drawn(shown: QIcon) -> QImage:
    return shown.pixmap(SIZE).toImage()


def test_an_icon_in_one_colour_is_one_and_outlives_those_who_show_it(qtbot: QtBot) -> None:
    first = drawn(icon("play", "#ff0000"))
    assert first.pixelColor(8, 8).red() == 255
    for _ in range(3):
        shown = {True: icon("play", "#ff0000")}
        shown["again"] = shown  # type: ignore[index,assignment]  # garbage that only the collector finds
        del shown
        gc.collect()
    assert icon("play", "#ff0000") is icon("play", "#ff0000")
    assert drawn(icon("play", "#ff0000")) == first
    assert drawn(icon("play", "#00ff00")) != first


def test_a_copy_that_goes_its_own_way_is_drawn_as_the_icon_was(qtbot: QtBot) -> None:
    original = icon("play", "#ff0000")
    copy = QIcon(original)
    copy.addPixmap(QPixmap(8, 8))  # from here on Qt has two
    gc.collect()
    assert drawn(copy) == drawn(original)
