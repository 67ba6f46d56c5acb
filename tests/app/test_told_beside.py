"""What is told of a node stands beside the others: words at the pointer, chips, and the bar with what would help."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.badges import HIGH, growth
from gradwire.app.canvas.finding_badge import word
from gradwire.app.canvas.hover_text import place_of
from gradwire.app.canvas.stepping import forks
from gradwire.app.canvas.stepping.chip_places import kept_clear
from gradwire.app.canvas.stepping.junctions import junctions
from gradwire.app.look.theme import TITLE_HEIGHT
from gradwire.app.window import Window
from gradwire.core.diagnosing import Finding
from gradwire.core.document import Document
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor


def branch() -> Session:
    """log x is taken where x is above 1: the gradient of x is not a number at x = 0."""
    document = Document()
    with document.transaction("build") as t:
        x = t.add("input", name="x", params={"shape": [3], "value": [0.0, 0.5, 2.0]}, position=(0, 0))
        one = t.add("constant", name="one", params={"value": 1.0}, position=(0, 144))
        above = t.add("greater", name="c", inputs={"x": x, "y": one}, position=(240, 0))
        log = t.add("log", name="lg", inputs={"x": x}, position=(240, 162))
        chosen = t.add("where", name="w", inputs={"c": above, "x": log, "y": x}, position=(480, 0))
        t.add("sum", name="loss", inputs={"x": chosen}, position=(720, 0))
    return Session(document)


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """That graph in a low canvas, all of it framed, and with what is found of it."""
    window = place.start(empty=True)
    window.resize(1500, 940)
    window.show()
    window.editor.open(branch())
    window.canvas.frame()
    qtbot.waitUntil(lambda: bool(window.editor.findings.found))
    return window


def box_of(window: Window, name: str, badges: bool = False) -> QRectF:
    """A node in pixels of the canvas, and its badges above it."""
    canvas = window.canvas
    x, y, wide, high = canvas.scene.rect(window.editor.graph.resolve(name))
    above = HIGH * growth(canvas.view.scale) if badges else 0.0
    return canvas.view.transform.mapRect(QRectF(x, y - above, wide, high + above))


def head_of(window: Window, name: str) -> QRectF:
    """The band with the name of a node, in pixels."""
    box = box_of(window, name)
    return QRectF(box.left(), box.top(), box.width(), TITLE_HEIGHT * window.canvas.view.scale)


def test_words_about_a_node_cover_no_head_of_its_neighbours(window: Window) -> None:
    canvas = window.canvas
    box = box_of(window, "x")
    canvas.view.place(canvas.view.x, canvas.view.y - box.top() + 20.0)  # as near to the upper edge as under a bar
    at = box_of(window, "x").center()
    canvas.pointer = canvas.view.to_scene(QPointF(at.x(), box_of(window, "x").top() + 4.0))
    canvas.hover.over(canvas.hit(*canvas.pointer))
    assert canvas.hover.text
    words = place_of(canvas, 330.0, 24.0)
    assert not [name for name in ("c", "w", "loss", "one") if words.intersects(head_of(window, name))]


def test_a_bar_with_what_would_help_covers_no_badge_of_what_it_is_about(window: Window, qtbot: QtBot) -> None:
    canvas, editor = window.canvas, window.editor
    box = box_of(window, "x", badges=True)
    canvas.view.place(canvas.view.x, canvas.view.y - box.top() + 6.0)
    editor.questions.why(editor.graph.resolve("x"))
    qtbot.waitUntil(lambda: window.bars.get("mend") is not None)
    qtbot.waitUntil(lambda: box_of(window, "x", badges=True).top() >= 0)
    assert canvas.rect().contains(box_of(window, "lg").toRect())


def test_a_part_that_meets_others_covers_no_name_of_a_group(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    document = Document()
    with document.transaction("build") as t:
        x = t.add("input", name="x", params={"value": 0.5}, position=(0, 0))
        a = t.add("sin", name="a", inputs={"x": x}, position=(240, 0))
        b = t.add("exp", name="b", inputs={"x": a}, position=(480, 0))
        c = t.add("cos", name="c", inputs={"x": b}, position=(720, 0))
        t.add("multiply", name="f", inputs={"x": c, "y": a}, position=(960, 0))
        t.group([b, c], name="inner")
    window.resize(1500, 900)
    window.show()
    window.editor.open(Session(document))
    window.canvas.frame()
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    canvas, moment = window.canvas, window.editor.stepper.moment
    (frame,) = canvas.scene.items.nesting.frames
    corner = canvas.scene.items.boxes[frame, :2].tolist()
    chips = [
        chip.place
        for _, each in forks.placed(canvas.scene, list(junctions(canvas.scene, moment)), 3, kept_clear(canvas))
        for chip in each
    ]
    assert len(chips) == 2
    for zoom in (0.5, 0.75, 1.0):
        left, top, right, low = canvas.scene.find.title(frame, zoom).rect(zoom)
        name = QRectF(left, top, right - left, low - top).translated(*corner)
        assert not [place for place in chips if place.intersects(name)]


def test_badges_about_updates_and_gradients_wait_for_them(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("moons_mlp.gw"))
    editor, canvas = window.editor, window.canvas
    editor.stepper.to_end()
    qtbot.waitUntil(lambda: editor.stepper.active)
    editor.stepper.step()  # into the next iteration, which has the weights of this one
    qtbot.waitUntil(lambda: editor.stepper.number == 2)
    (weight, *_) = (id for id, node in editor.graph.nodes.items() if node.op == "parameter")
    item = canvas.scene.item(canvas.scene.face(weight))
    found = [Finding(rule, "hint", weight, rule) for rule in ("update size", "vanishing gradient")]

    def told() -> str:
        source = next(each for each in item.sources if each.node == weight) if weight != item.id else item.sources[0]
        shown = canvas.values.of(source, canvas.theme, canvas.decimals)
        return word(found, shown, editor.stepper.moment).word

    editor.stepper.to_start()
    assert told() == ""
    phases = [step.phase for step in editor.stepper.timeline.steps]
    editor.stepper.seek(Cursor(phases.index("update")))
    assert told() == "vanishing"
    editor.stepper.to_end()
    assert told() == "update size +1"
