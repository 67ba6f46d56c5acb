"""A lesson is laid once: no step moves what is all in view, and each moment looks the same on the way there and back.

Canvases are as low as they are in a window of 1500 × 940 with its panels open, and as large as without them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.nodes import TEXTS
from gradwire.app.files.examples import lessons
from gradwire.app.window import Window

SIZES = [(889, 435), (820, 400), (1300, 780)]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def window(request: pytest.FixtureRequest, place: Place) -> Window:
    """A window with a canvas so large, where views do not glide."""
    window = place.start()
    window.resize(1600, 1000)
    window.show()
    window.editor.playing.cut(True)
    window.canvas.setFixedSize(*request.param)
    return window


def on_screen(canvas: Canvas) -> dict[str, QRectF]:
    """The nodes and the note, in pixels of the canvas."""
    return {id: canvas.view.transform.mapRect(QRectF(*canvas.scene.rect(id))) for id in canvas.scene.items.slots}


def caption(canvas: Canvas) -> QRectF:
    """Where the caption stands that was drawn last."""
    return canvas.painting.telling.place


@pytest.mark.slow
@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_a_lesson_stays_as_it_is_laid_and_looks_the_same_on_the_way_back(
    path: Path, window: Window, qtbot: QtBot
) -> None:
    window.files.open_example(path)
    canvas, stepper = window.canvas, window.editor.stepper
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active and window.editor.findings.looked)  # badges come with the findings
    laid, boxes = canvas.view.place_and_zoom, on_screen(canvas)
    assert canvas.view.scale >= TEXTS
    assert all(QRectF(canvas.rect()).contains(box) for box in boxes.values())
    (note,) = (boxes[id] for id in window.editor.graph.groups)
    there = [canvas.grab_image()]
    while not stepper.at_end:
        stepper.step()
        there.append(canvas.grab_image())
        assert canvas.view.place_and_zoom == laid
        covered = caption(canvas).intersected(note)
        assert covered.width() * covered.height() < 100
    for picture in reversed(there):
        assert canvas.grab_image() == picture
        stepper.back()
    assert canvas.view.place_and_zoom == laid


def test_what_needs_the_margin_to_be_read_is_framed_with_less_of_it(window: Window) -> None:
    view, high = window.canvas.view, window.canvas.height()
    wide = 100_000.0
    view.frame((0.0, 0.0, 100.0, (high - 80.0) / 0.8), wide, high)
    assert view.scale == pytest.approx(0.8)  # a margin of 40 pixels
    view.frame((0.0, 0.0, 100.0, (high - 40.0) / 0.6), wide, high)
    assert view.scale == pytest.approx(0.6)  # of 20
    view.frame((0.0, 0.0, 100.0, (high - 24.0) / 0.5), wide, high)
    assert view.scale == pytest.approx(0.5)  # of 12 at least
