"""The name of an expanded group is clicked where it is written, at every zoom, and selects the group."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.window import Window


def opened(place: Place, qtbot: QtBot) -> Window:
    window = place.start(place.copy("digits_cnn.gw"))
    window.resize(1500, 940)
    window.show()
    qtbot.waitUntil(lambda: not window.editor.checking.busy)
    window.canvas.grab_image()
    return window


def letters(window: Window) -> dict[str, list[QPoint]]:
    """By group points where its name is drawn: what differs in the picture when it is not."""
    canvas = window.canvas
    found = {}
    for slot in canvas.scene.items.nesting.frames:
        item = canvas.scene.items.at(slot)
        whole = _pixels(canvas.grab_image())
        name, item.name = item.name, " " * len(item.name)
        op, item.op = item.op, ""
        blank = _pixels(canvas.grab_image())
        item.name, item.op = name, op
        ys, xs = np.nonzero((whole != blank).any(axis=2))
        if len(xs):
            middle = QPoint(int(np.median(xs)), int(np.median(ys)))
            found[item.id] = [QPoint(int(xs.min()) + 1, middle.y()), middle, QPoint(int(xs.max()) - 1, middle.y())]
    return found


def _pixels(image: object) -> np.ndarray:
    made = image.convertToFormat(image.Format.Format_RGB32)  # type: ignore[attr-defined]
    return np.array(made.constBits()).reshape(made.height(), made.width(), 4).astype(int)


@pytest.mark.parametrize("zoom", [None, 0.16, 0.2, 0.25, 0.3, 0.34, 0.4, 0.6, 1.0, 1.6])
def test_a_written_title_selects_its_group(zoom: float | None, place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    canvas, editor = window.canvas, window.editor
    if zoom is not None:
        x, y, _, _ = canvas.scene.rect(canvas.scene.items.at(canvas.scene.items.nesting.frames[0]).id)
        canvas.view.scale = zoom
        canvas.view.place(200 - x * zoom, 200 - y * zoom)
    texts = letters(window)
    assert texts
    for id, points in texts.items():
        for point in points:
            if not canvas.rect().contains(point):
                continue
            editor.select([])
            QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
            assert editor.selection == {id}, (id, point)
