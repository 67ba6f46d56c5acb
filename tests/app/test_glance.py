"""Nodes too small for texts: their values and gradients are seen at a glance."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.far_badges import far_badges
from gradwire.app.canvas.frame_titles import NAMES
from gradwire.app.canvas.glance import GLANCE, LEAST, places
from gradwire.app.canvas.nodes import TEXTS
from gradwire.app.window import Window
from gradwire.core.diagnosing.finding import Finding
from gradwire.core.document import Document
from gradwire.core.session import Session


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


def chain() -> Session:
    """Ten sigmoids, each of the one before times a weight: the gradient of the first weight vanishes."""
    document = Document()
    with document.transaction("build") as t:
        last = t.add("input", name="x", shape=(1, 1), value=[[0.5]], position=(0, 0))
        for number in range(10):
            x = 440 * number
            w = t.add("parameter", name=f"w{number}", shape=(1, 1), init="ones", position=(x, 200))
            m = t.add("matmul", name=f"m{number}", inputs={"x": last, "w": w}, position=(x + 220, 0))
            last = t.add("sigmoid", name=f"s{number}", inputs={"x": m}, position=(x + 440, 0))
        t.add("sum", name="loss", inputs={"x": last}, position=(4700, 0))
    return Session(document)


@pytest.fixture
def far(place: Place, qtbot: QtBot) -> Window:
    """The end of a pass through `chain`, all of it in view."""
    window = place.start(empty=True)
    window.resize(1500, 900)
    window.show()
    window.editor.open(chain())
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    qtbot.waitUntil(lambda: bool(window.canvas.marks.findings))
    window.canvas.frame()
    assert window.canvas.view.scale < NAMES
    return window


def thickness(window: Window, image: QImage, name: str) -> float:
    """How much of the colour of gradients is seen beneath the wire into a sigmoid, in pixels."""
    canvas, id = window.canvas, window.editor.graph.resolve(name)
    path = canvas.scene.wires.paths([canvas.scene.wires.slots[id, "x"]], 8)[0]
    left, right = canvas.view.to_screen(*path[0]), canvas.view.to_screen(*path[-1])
    violet, ground = QColor(window.theme.gradient), QColor(window.theme.background)
    across = range(round(left.x()) + 3, round(right.x()) - 3)
    found = 0.0
    for x in across:
        for y in range(round(left.y()) + 1, round(left.y()) + 9):
            found += max(image.pixelColor(x, y).red() - ground.red(), 0) / (violet.red() - ground.red())
    return found / len(across)


def test_vanishing_is_seen_as_thinning_where_nodes_are_too_small_for_letters(far: Window) -> None:
    image = far.canvas.grab_image()
    assert image.devicePixelRatio() == 1.0
    first, middle, last = (thickness(far, image, name) for name in ("s0", "s5", "s9"))
    assert first < 0.7 * middle < 0.7 * 0.8 * last
    assert last > 1.5


def test_a_finding_is_told_where_nodes_are_too_small_for_letters(far: Window) -> None:
    canvas = far.canvas
    ((told, place, _),) = far_badges(canvas, canvas.scene.items.solid())
    assert told.word == "vanishing"
    box = canvas.view.transform.mapRect(QRectF(*canvas.scene.rect(far.editor.graph.resolve("w0"))))
    assert place.intersects(box)
    corner = place.toRect()
    with_badge = colours(canvas.grab_image(), corner)
    far.canvas.marks.take_findings(())
    assert with_badge - colours(canvas.grab_image(), corner)


def test_findings_cover_no_other_finding_and_are_not_cut(far: Window) -> None:
    canvas = far.canvas
    nodes = [far.editor.graph.resolve(f"s{number}") for number in range(10)]
    rows = [Finding("dead units", "hint" if number % 2 else "alert", id, "") for number, id in enumerate(nodes)]
    canvas.view.zoom(0.3, QPointF(0, 0))
    canvas.view.pan(canvas.width() - canvas.view.to_screen(*canvas.scene.rect(nodes[-1])[:2]).x() - 12, 0)
    canvas.marks.take_findings(rows)
    told = far_badges(canvas, canvas.scene.items.solid())
    assert {word.word for word, _, _ in told} == {"dead units", "!"}, "where words have no room, signs"
    places = [place for _, place, _ in told]
    assert not [pair for pair in combinations(places, 2) if pair[0].intersects(pair[1])]
    assert max(place.right() for place in places) <= canvas.width()


def test_all_of_a_graph_is_as_large_as_a_low_canvas_lets_it(far: Window) -> None:
    canvas = far.canvas
    canvas.resize(820, 130)
    canvas.frame()
    tops, bottoms = zip(
        *((rect[1], rect[1] + rect[3]) for rect in map(canvas.scene.rect, far.editor.graph.nodes)), strict=True
    )
    lefts, rights = zip(
        *((rect[0], rect[0] + rect[2]) for rect in map(canvas.scene.rect, far.editor.graph.nodes)), strict=True
    )
    scale = canvas.view.scale
    assert max((max(rights) - min(lefts)) * scale / 820, (max(bottoms) - min(tops)) * scale / 130) > 0.6
