"""Nodes too small for texts: their values and gradients are seen at a glance."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.glance import GLANCE, LEAST, places
from gradwire.app.canvas.nodes import TEXTS
from gradwire.app.window import Window


def strips(window: Window, name: str) -> tuple[QRect, QRect]:
    """Where value and gradient of a node stand, in pixels of the canvas."""
    canvas = window.canvas
    slot = canvas.scene.items.slots[window.editor.graph.resolve(name)]
    found = places(canvas.scene.items.at(slot), canvas.view.scale, gradients=True)
    assert found is not None
    assert found.chip is not None
    x, y = canvas.scene.items.boxes[slot, :2].tolist()
    return tuple(  # type: ignore[return-value]
        QRect(
            canvas.view.to_screen(x + each.x(), y + each.y()).toPoint(),
            canvas.view.to_screen(x + each.right(), y + each.bottom()).toPoint(),
        )
        for each in (found.value, found.chip)
    )


def colours(image: QImage, place: QRect) -> set[int]:
    return {image.pixel(x, y) for x in range(place.left(), place.right()) for y in range(place.top(), place.bottom())}


def test_a_network_that_fits_the_canvas_shows_what_flows(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.resize(1280, 800)
    window.show()
    canvas, stepper = window.canvas, window.editor.stepper
    canvas.frame()
    canvas.view.scale = (GLANCE + TEXTS) / 2
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active)
    seen = []
    for target in (
        0,
        stepper.timeline.made_at[window.editor.graph.resolve("mlp/relu_1")] + 1,
        len(stepper.timeline.steps),
    ):
        while stepper.cursor.step < target:
            stepper.step()
        image = canvas.grab_image()
        seen.append([len(colours(image, strip)) for strip in strips(window, "mlp/relu_1")])
    (value0, gradient0), (value1, gradient1), (value2, gradient2) = seen
    assert value1 > value0 + 10  # a map of its colours has come
    assert abs(gradient1 - gradient0) <= 2
    assert gradient2 > gradient1 + 10
    assert value2 == value1


def test_what_has_no_room_shows_only_its_name(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    item = window.canvas.scene.items.at(0)
    assert places(item, GLANCE - 0.01, gradients=True) is None
    found = places(item, GLANCE, gradients=True)
    assert found is not None
    assert found.chip is not None
    assert found.chip.height() * GLANCE >= LEAST
    assert found.value.bottom() < found.chip.top()
    assert found.chip.bottom() <= item.height
