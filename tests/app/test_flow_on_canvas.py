"""What a run publishes comes onto the canvas in slices, and all of one iteration at once."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.results.flowing import Flow
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.runs import Snapshot


def flow(window: Window, number: int) -> Flow:
    """Of an iteration in which every value is its number."""
    graph, registry = window.editor.graph, window.editor.registry
    sources = [Source(id, o.name) for id, node in graph.nodes.items() for o in registry[node.op].outputs]
    arrays = {("value", source): np.asarray(float(number)) for source in sources}
    return Flow.of(Snapshot(number, number, arrays), None, f"iteration {number}")


def faces(window: Window) -> dict[str, QImage]:
    """How each node is seen, without asking that it be drawn exactly."""
    canvas = window.canvas
    image, found = canvas.grab().toImage(), {}
    for id in window.editor.graph.nodes:
        x, y, wide, high = canvas.scene.rect(id)
        size = QSize(round(wide * canvas.view.scale), round(high * canvas.view.scale))
        found[id] = image.copy(QRect(canvas.view.to_screen(x, y).toPoint(), size))
    return found


def open_window(place: Place, qtbot: QtBot) -> Window:
    window = place.start(place.copy("fork.gw"))
    *_, last = window.editor.graph.nodes
    qtbot.waitUntil(lambda: window.editor.live.value(Source(last, "y")) is not None)
    window.resize(1500, 940)
    window.show()
    window.canvas.frame()
    qtbot.waitExposed(window)
    return window


def test_the_nodes_of_an_iteration_change_together_once_all_are_drawn(place: Place, qtbot: QtBot) -> None:
    window = open_window(place, qtbot)
    flowing, painting = window.editor.flowing, window.canvas.painting
    flowing.show(flow(window, 1))
    first = faces(window)
    flowing.show(flow(window, 2))
    assert faces(window) == first  # whatever else is drawn meanwhile
    qtbot.waitUntil(lambda: not painting.renewing)
    second = faces(window)
    assert [id for id in first if second[id] == first[id]] == []
    window.canvas.grab_image()
    window.canvas.values.ask_again()
    assert faces(window) == second  # as when all is drawn anew
    flowing.show(None)
    assert not any(faces(window)[id] == second[id] for id in second)  # the end is seen at once


def test_a_picture_is_of_the_iteration_that_is_shown(place: Place, qtbot: QtBot) -> None:
    window = open_window(place, qtbot)
    for number in (1, 2, 3):
        window.editor.flowing.show(flow(window, number))
    exact = window.canvas.grab_image()
    qtbot.waitUntil(lambda: not window.canvas.painting.renewing)
    assert window.canvas.grab_image() == exact
