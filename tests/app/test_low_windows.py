"""Low and narrow windows: the graph has most of the height, and what a lesson asks can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, recorded

from gradwire.app.canvas.extent import all_in_view
from gradwire.app.canvas.lettering import LABEL, width
from gradwire.app.canvas.notes import EASY, ENOUGH, LETTERS, beginning
from gradwire.app.canvas.stepping.caption_place import concerned, spared
from gradwire.app.files.examples import lessons
from gradwire.app.window import Window


def resized(window: Window, wide: int, high: int) -> int:
    """How high what stands between canvas and status bar is in a window of this size."""
    window.resize(wide, high)
    QApplication.processEvents()
    return window.statusBar().y() - window.middle.geometry().bottom()


@pytest.fixture
def window(place: Place) -> Window:
    window = place.start(place.copy("fork.gw"))
    window.resize(1400, 900)
    window.show()
    QApplication.processEvents()
    return window


def test_the_bottom_leaves_the_graph_of_a_low_window_the_most(window: Window) -> None:
    at_first = resized(window, 1400, 900)
    for wide, high in ((1000, 700), (1366, 768)):
        assert resized(window, wide, high) <= 0.27 * high
        assert window.canvas.height() > 1.7 * resized(window, wide, high)
    assert resized(window, 1400, 900) == at_first


def test_the_bottom_of_a_window_that_opens_low_is_low(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("fork.gw"))
    window.resize(1000, 700)
    window.show()
    qtbot.waitUntil(lambda: window.statusBar().y() - window.middle.geometry().bottom() <= 0.23 * 700)


def test_a_bottom_that_was_made_higher_by_hand_stays_so(window: Window) -> None:
    window.resizeDocks([window.docks.docks["problems"]], [350], Qt.Orientation.Vertical)
    high = resized(window, 1400, 900)
    assert high >= 350
    assert resized(window, 1000, 800) == high
    window.docks.reset()
    assert resized(window, 1000, 700) <= 0.27 * 700


# Lessons.


def lesson(place: Place, qtbot: QtBot, name: str, wide: int, high: int) -> Window:
    """A lesson as it opens in a window of this size, before its first step; steps are not animated."""
    window = place.start(empty=True)
    window.resize(wide, high)
    window.show()
    QApplication.processEvents()
    window.editor.playing.cut(True)
    window.files.open_example(EXAMPLES / "lessons" / f"{name}.gw")
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    QApplication.processEvents()
    return window


def note_in_view(window: Window) -> bool:
    (note,) = window.editor.graph.groups
    canvas = window.canvas
    return canvas.view.holds(canvas.scene.rect(note), canvas.width(), canvas.height())


@pytest.mark.parametrize("size", [(1000, 700), (1366, 768)], ids=str)
@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_the_note_of_a_lesson_is_read_when_it_opens(
    path: Path, size: tuple[int, int], place: Place, qtbot: QtBot
) -> None:
    window = lesson(place, qtbot, path.stem, *size)
    view, (left, top, right, low) = window.canvas.view, window.canvas.scene.bounds()
    whole = view.holds((left, top, right - left, low - top), window.canvas.width(), window.canvas.height())
    assert view.scale >= ENOUGH - 0.001
    assert whole or view.scale * LETTERS >= EASY - 0.01
    assert note_in_view(window)
    canvas = window.canvas
    boxes = [canvas.scene.rect(id) for id in window.editor.graph.nodes]
    assert any(canvas.view.holds(box, canvas.width(), canvas.height()) for box in boxes)
    resized(window, size[0] - 50, size[1])
    assert note_in_view(window)  # until somebody moves it


def test_the_note_stays_while_the_first_steps_are_followed(place: Place, qtbot: QtBot) -> None:
    window = lesson(place, qtbot, "vanishing_sigmoids", 1000, 700)
    before = window.canvas.view.scale
    for _ in range(2):
        window.editor.stepper.step()
        assert note_in_view(window)
    assert window.canvas.view.scale == before


def test_all_is_shown_where_that_is_asked_for(place: Place, qtbot: QtBot) -> None:
    window = lesson(place, qtbot, "shared_over_time", 1000, 700)
    window.canvas.frame()
    assert all_in_view(window.canvas)


def test_of_a_note_that_is_small_the_beginning_is_read() -> None:
    text = "One weight, three time steps: each new h is w times the old one."
    assert beginning(text, 150.0, 1) == ("One weight, three time…",)
    first, second = beginning(text, 150.0, 2)
    assert first == "One weight, three time"
    assert second.startswith("steps:")
    assert second.endswith("…")
    assert all(width(line, LABEL) <= 150.0 for line in (first, second))
    assert beginning(text, 150.0, 0) == ()
    assert beginning("Incomprehensibilities", 40.0, 1)[0].endswith("…")
    assert beginning("Two", 150.0, 2) == ("Two",)


# What lies over the canvas.


@pytest.mark.parametrize(
    ("name", "steps", "size"),
    [("shared_over_time", 14, (1000, 700)), ("not_zeroed", 14, (1366, 768)), ("where_nan", 9, (1000, 560))],
)
def test_no_caption_covers_the_nodes_of_its_step_in_a_small_window(
    name: str, steps: int, size: tuple[int, int], place: Place, qtbot: QtBot
) -> None:
    window = lesson(place, qtbot, name, *size)
    canvas, stepper = window.canvas, window.editor.stepper
    for _ in range(steps):
        stepper.step()
        recorded(window, qtbot)
        canvas.grab_image()
        box, moment = canvas.painting.telling.place, stepper.moment
        nodes = concerned(moment) & set(window.editor.graph.nodes)
        faces = [canvas.view.transform.mapRect(QRectF(*canvas.scene.rect(id))) for id in nodes]
        covered = sum(over.width() * over.height() for over in map(box.intersected, faces))
        assert covered <= 300, moment.step


def test_the_minimap_is_not_there_in_a_small_canvas_nor_over_nodes_of_the_step(place: Place, qtbot: QtBot) -> None:
    window = lesson(place, qtbot, "shared_over_time", 1400, 900)
    canvas = window.canvas
    canvas.zoom_to(1.4)
    wide, high = canvas.width(), canvas.height()
    window.editor.stepper.step()
    window.editor.stepper.step()
    canvas.grab_image()
    assert canvas.minimap.taken(canvas.view, 499, high, ()).isEmpty()
    assert canvas.minimap.taken(canvas.view, wide, 349, ()).isEmpty()
    node = window.editor.stepper.moment.step.node
    x, y, across, down = canvas.scene.rect(node)
    at = canvas.minimap.place(wide, high).center()
    canvas.view.place(at.x() - (x + across / 2) * 1.4, at.y() - (y + down / 2) * 1.4)
    assert not canvas.minimap.taken(canvas.view, wide, high, ()).isEmpty()
    assert canvas.minimap.taken(canvas.view, wide, high, spared(canvas)).isEmpty()
