"""What a canvas keeps from frame to frame: never more than it may, nothing that is old, nothing of what was left."""

from __future__ import annotations

import gc
import random
import weakref
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRect, QRectF
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas import drawn, haste
from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.kept import Kept
from gradwire.app.canvas.wires import _laid
from gradwire.app.sweeping import Sweeping
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.stepping import Cursor


def build(window: Window, rows: int, columns: int) -> None:
    def fill(t: Any) -> None:
        for row in range(rows):
            for column in range(columns):
                t.add("input", name=f"x{row}_{column}", position=(column * 220.0, row * 120.0), value=float(row))

    window.editor.attempt("Build", fill)


@pytest.fixture
def window(place: Place) -> Window:
    opened = place.start(empty=True)
    opened.show()
    return opened


def test_more_pictures_than_may_be_kept_are_drawn_anew(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn, "MOST_BYTES", 300_000)
    build(window, 6, 6)
    canvas = window.canvas
    qtbot.waitUntil(lambda: window.editor.live.value(Source(list(window.editor.graph.nodes)[-1], "y")) is not None)
    canvas.zoom_to(1.0)
    pictures = canvas.painting._pictures
    for _ in range(2):
        for row in range(6):
            for column in range(6):
                canvas.view.center(column * 220 + 80, row * 120 + 40, canvas.width(), canvas.height())
                canvas.view_moved()
                canvas.grab()
                seen = canvas.grab().toImage()
                assert pictures._whole.bytes <= 300_000
                pictures.forget()
                canvas.grab()
                assert canvas.grab().toImage() == seen


def test_while_the_view_moves_what_is_at_work_is_drawn_at_once_and_the_rest_a_little_later(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(place.copy("digits_mlp.gw"))
    window.show()
    canvas, stepper = window.canvas, window.editor.stepper
    window.editor.playing.cut(True)
    stepper.begin()
    qtbot.waitUntil(lambda: stepper.active)
    canvas.zoom_to(0.5)
    monkeypatch.setattr(haste, "PATIENCE", -1.0)  # one picture a frame
    pictures = canvas.painting._pictures
    stepper.seek(Cursor(2))  # past the zeroing of gradients, which is at no node
    for _ in range(12):
        pictures.forget()
        canvas.painting.hasten()
        stepper.step()
        soon = canvas.grab().toImage()
        assert pictures.haste.behind
        exact = canvas.grab_image()
        assert soon != exact
        assert stepper.moment is not None
        assert stepper.moment.step is not None
        node = stepper.moment.step.node
        assert node is not None
        box = within(canvas, node)
        assert soon.copy(box) == exact.copy(box)
    pictures.forget()
    canvas.painting.hasten()
    canvas.repaint()
    qtbot.waitUntil(lambda: not pictures.haste.behind)
    assert canvas.grab().toImage() == exact


def test_no_number_of_another_moment_is_drawn_while_the_zoom_changes(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(place.copy("lessons/fork.gw"))
    window.show()
    canvas, stepper = window.canvas, window.editor.stepper
    window.editor.playing.cut(True)
    qtbot.waitUntil(lambda: stepper.active)  # as lessons are opened
    assert stepper.timeline is not None
    stepper.seek(stepper.timeline.end)
    canvas.frame()
    before = canvas.grab_image()
    monkeypatch.setattr(haste, "PATIENCE", -1.0)
    canvas.painting.hasten()
    stepper.seek(Cursor())
    soon = canvas.grab().toImage()
    assert soon != before
    assert soon == canvas.grab_image()


def within(canvas: Canvas, id: str) -> QRect:
    """The inside of a node as it is seen, clear of what is drawn over its edge."""
    x, y, wide, high = canvas.scene.rect(id)
    corner, far = canvas.view.to_screen(x, y), canvas.view.to_screen(x + wide, y + high)
    return QRectF(corner, far).adjusted(8, 8, -8, -8).toRect()


def test_of_an_iteration_that_is_left_nothing_is_kept(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/fork.gw"))
    window.show()
    canvas, stepper = window.canvas, window.editor.stepper
    stepper.begin(lambda timeline: timeline.end)
    qtbot.waitUntil(lambda: stepper.active)
    canvas.zoom_to(1.0)
    canvas.grab(), canvas.grab()
    assert stepper.timeline is not None
    timeline = weakref.ref(stepper.timeline)
    stepper.leave()

    def gone() -> bool:
        gc.unfreeze()
        gc.collect()
        return timeline() is None

    qtbot.waitUntil(gone)


def test_pictures_hold_no_values_of_a_document_that_is_closed(window: Window, qtbot: QtBot) -> None:
    build(window, 2, 2)
    editor, canvas = window.editor, window.canvas
    qtbot.waitUntil(lambda: editor.live.value(Source(list(editor.graph.nodes)[-1], "y")) is not None)
    canvas.grab(), canvas.grab()
    ids = list(editor.graph.nodes)
    shown = weakref.ref(canvas.values.of(Source(ids[0], "y"), window.theme, canvas.decimals))
    canvas.values.forget()
    gc.collect()
    assert shown() is None


@pytest.mark.parametrize("seed", range(3))
def test_lines_that_are_kept_are_those_that_would_be_laid_now(
    seed: int, place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    canvas, chance, asked = window.canvas, random.Random(seed), []
    get = Kept.get

    def held_against_new(self: Any, scene: Any, key: Any, find: Any) -> Any:
        found = get(self, scene, key, find)
        if self is _laid:
            for one, other in zip(found, find(), strict=True):
                np.testing.assert_array_equal(one, other)
            asked.append(key)
        return found

    monkeypatch.setattr(Kept, "get", held_against_new)
    for _ in range(25):
        ids = list(window.editor.graph.nodes)
        id, act = chance.choice(ids), chance.choice(["move", "delete", "undo", "zoom"])
        if act == "move":
            to = chance.uniform(-300, 300), chance.uniform(-300, 300)
            window.editor.attempt("Move", lambda t, to=to, id=id: t.move(id, to))
        elif act == "delete" and len(ids) > 3:
            window.editor.attempt("Delete", lambda t, id=id: t.remove(id))
        elif act == "undo":
            window.editor.undo()
        else:
            canvas.zoom_to(chance.choice([0.1, 0.4, 1.0]))
        canvas.grab(), canvas.grab()
    assert len(asked) > 25


def test_what_was_garbage_before_it_was_frozen_goes_in_a_pause(qtbot: QtBot) -> None:
    class Knot:
        pass

    knot: Any = Knot()
    knot.own = knot
    gone, sweeping = weakref.ref(knot), Sweeping()
    gc.disable()
    try:
        del knot
        gc.freeze()
        sweeping.sweep_all(calm=False)
        assert gone() is not None
        sweeping.sweep_all(calm=True)
        assert gone() is None
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.enable()
