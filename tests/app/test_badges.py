"""Badges on nodes: seen at every zoom, hovered, clicked; and the words of an answer cover none of them."""

from __future__ import annotations

import pytest
from hand import Hand
from PySide6.QtCore import QRectF, Qt
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, rest

from gradwire.app.canvas.badges import FINDING, READ, VERSION, badges
from gradwire.app.canvas.describing import item_words
from gradwire.app.canvas.stepping.chip_places import kept_clear
from gradwire.app.canvas.stepping.forks import fork_places
from gradwire.app.canvas.stepping.junctions import junctions
from gradwire.app.canvas.stepping.rings import word_places
from gradwire.app.export import PAPER, Still
from gradwire.app.export.still import Drawing
from gradwire.app.stepping.versions import NOT_STEPPING, NOTHING
from gradwire.app.window import Window
from gradwire.core.document import Document
from gradwire.core.graph import Training
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor


def counted() -> Session:
    """(w·x + count)² with count, which an assign makes w·x."""
    document = Document()
    with document.transaction("build") as t:
        t.set_dtype("float64")
        x = t.add("input", name="x", shape=(), value=2.0, position=(0, 0))
        count = t.add("parameter", name="count", shape=(), init="zeros", position=(0, 400))
        w = t.add("parameter", name="w", shape=(), init="constant", value=3.0, position=(0, 200))
        y = t.add("multiply", name="y", inputs={"x": x, "y": w}, position=(260, 80))
        write = t.add("assign", name="write", inputs={"value": y}, params={"target": count}, position=(520, 320))
        cut = t.add("detach", name="cut", inputs={"x": write}, position=(780, 320))
        total = t.add("add", name="total", inputs={"x": y, "y": cut}, position=(1040, 100))
        loss = t.add("square", name="loss", inputs={"x": total}, position=(1300, 100))
        t.set_training(Training(loss, optimiser={"name": "sgd", "lr": 0.01}))
    return Session(document)


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """At the end of the third iteration of `counted`."""
    window = place.start(empty=True)
    window.resize(1500, 900)
    window.show()
    window.editor.open(counted())
    window.canvas.frame()
    stepper = window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    stepper.visit(3)
    qtbot.waitUntil(lambda: stepper.number == 3)
    return window


def place_of(window: Window, name: str, kind: str) -> QRectF:
    """Where a node's badge stands in the scene."""
    canvas, id = window.canvas, window.editor.graph.resolve(name)
    item = canvas.scene.item(id)
    shown = canvas.values.of(item.sources[0], canvas.theme, 3)
    found = badges(item, canvas.marks.state(item, shown, False), canvas.view.scale)
    x, y, _, _ = canvas.scene.rect(id)
    return next(badge.place for badge in found if badge.kind == kind).translated(x, y)


def test_the_badge_of_a_written_value_says_by_whom_and_when_and_a_click_goes_there(window: Window) -> None:
    stepper, hand = window.editor.stepper, Hand(window.canvas)
    middle = place_of(window, "count", VERSION).center()
    hand.move((middle.x(), middle.y()), Qt.MouseButton.NoButton)
    told = "v2 → v3: written by write (Assign) in the update of iteration 3"
    assert window.canvas.hover.text == f"{told} · a click goes there"
    assert window.canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    assert told in item_words(window.canvas, window.canvas.scene.item(window.editor.graph.resolve("count")))
    hand.press((middle.x(), middle.y()))
    hand.release()
    step = stepper.moment.step
    assert (step.phase, step.node) == ("update", window.editor.graph.resolve("count"))
    assert stepper.cursor < stepper.timeline.end
    hand.move((middle.x() + 400, middle.y()), Qt.MouseButton.NoButton)
    assert window.canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_an_action_goes_there_without_a_mouse(window: Window) -> None:
    editor, action = window.editor, window.menus.actions["step.to_write"]
    editor.select([editor.graph.resolve("count")])
    action.trigger()
    assert editor.stepper.moment.step.node == editor.graph.resolve("count")
    editor.stepper.to_start()
    here = editor.stepper.cursor
    action.trigger()
    assert editor.stepper.cursor == here  # it is not written yet
    message = window.status.message
    assert message.text() == "✗ count is written by write in step 12, later than this moment"
    editor.select([editor.graph.resolve("w")])
    action.trigger()
    assert message.text() == f"✗ {NOTHING}"
    editor.stepper.leave()
    action.trigger()
    assert message.text() == f"✗ {NOT_STEPPING}"


def test_badges_grow_as_the_view_goes_out_and_stay_over_their_node(window: Window) -> None:
    canvas = window.canvas
    canvas.zoom_to(1.0)
    size = place_of(window, "count", VERSION).height()
    for zoom in (0.7, 0.5, 0.4):
        canvas.zoom_to(zoom)
        place, box = (
            place_of(window, "count", VERSION),
            QRectF(*canvas.scene.rect(window.editor.graph.resolve("count"))),
        )
        assert place.height() * zoom == pytest.approx(size * READ)  # as large on the screen
        assert place.right() <= box.right() + 5
        assert place.bottom() < box.top() + 5  # what the node says is read as before


def test_a_picture_has_the_findings_that_the_canvas_has(window: Window, qtbot: QtBot) -> None:
    window.editor.open(Session.open(EXAMPLES / "lessons" / "dying_relu.gw"))
    qtbot.waitUntil(lambda: bool(window.canvas.marks.findings))
    on_canvas = {id: [finding.rule for finding in found] for id, found in window.canvas.marks.findings.items()}
    still = Still.of(window.canvas, PAPER)
    drawn = Drawing(still)
    bounds = drawn.bounds()
    states = {layer.name: layer.looks[0] for layer in drawn.layers(bounds) if layer.name.startswith("item ")}
    words = {name.removeprefix("item "): state.finding.word for name, state in states.items() if state.finding.word}
    assert words.keys() == on_canvas.keys()
    assert any("dead" in word for word in words.values())


def test_the_words_of_an_answer_cover_no_node_no_chip_and_no_badge(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/where_nan.gw"))
    window.resize(1500, 1000)
    window.show()
    rest(window, qtbot)
    editor, canvas = window.editor, window.canvas
    editor.stepper.to_end()
    qtbot.waitUntil(lambda: editor.stepper.active)
    canvas.frame()
    editor.questions.remember()
    assert editor.branching.fork(editor.graph.resolve("x"), "x*2+1") is None
    qtbot.waitUntil(lambda: bool(editor.branching.here))
    editor.stepper.to_end()
    editor.questions.compare()
    qtbot.waitUntil(lambda: editor.spotlight.answer is not None and bool(editor.spotlight.answer.rings))
    told = list(editor.spotlight.answer.rings.items())
    assert len(told) > 3
    words = word_places(canvas, told)
    others = [QRectF(*canvas.scene.rect(id)) for id in editor.graph.nodes]
    found = list(junctions(canvas.scene, editor.stepper.moment))
    others += fork_places(canvas.scene, found, canvas.decimals, kept_clear(canvas))
    others.append(place_of(window, "log x", "origin"))
    for number, word in enumerate(words):
        assert not [other for other in (*others, *words[:number]) if other.intersects(word)], told[number]
        assert canvas.view.holds(word.getRect(), canvas.width(), canvas.height()), told[number]
    canvas.grab_image()


def test_the_chips_of_forks_leave_badges_to_be_read(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/where_nan.gw"))
    window.resize(1500, 1000)
    window.show()
    rest(window, qtbot)
    stepper, canvas = window.editor.stepper, window.canvas
    stepper.go(lambda timeline: timeline.end)
    qtbot.waitUntil(lambda: stepper.active and stepper.cursor > Cursor())
    qtbot.waitUntil(lambda: bool(canvas.marks.findings))
    canvas.frame()
    for zoom in (canvas.view.scale, 0.7, 0.5):
        canvas.zoom_to(zoom)  # badges grow as the view goes out
        badge, found = place_of(window, "x", FINDING), junctions(canvas.scene, stepper.moment)
        chips = [*fork_places(canvas.scene, found, canvas.decimals, kept_clear(canvas))]
        assert chips
        assert not [chip for chip in chips if chip.intersects(badge)]


def test_each_parameter_whose_gradients_add_up_bears_the_badge(place: Place, qtbot: QtBot) -> None:
    document = Document()
    with document.transaction("build") as t:
        one, two = (t.add("parameter", name=name, shape=(), init="ones") for name in ("one", "two"))
        loss = t.add("multiply", name="loss", inputs={"x": one, "y": two})
        t.set_training(Training(loss, optimiser={"name": "sgd", "lr": 0.01}, zero_gradients=False))
    window = place.start(empty=True)
    window.show()
    window.editor.open(Session(document))
    window.editor.stepper.begin()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    window.editor.stepper.visit(2)
    marks = window.canvas.marks
    qtbot.waitUntil(lambda: any("not zeroed" in each.rule for found in marks.findings.values() for each in found))
    bearing = [id for id, found in marks.findings.items() if "gradients not zeroed" in {each.rule for each in found}]
    assert sorted(bearing) == sorted([one, two])
