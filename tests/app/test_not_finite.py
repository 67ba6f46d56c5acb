"""NaN and infinity as a user meets them in the window: a mark where they begin, and no green light."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.anatomy import Item
from gradwire.app.canvas.describing import item_words
from gradwire.app.canvas.looks import Number
from gradwire.app.canvas.nodes import State
from gradwire.app.canvas.values import paint_values
from gradwire.app.look.theme import DARK
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.stepping import Cursor


@pytest.fixture
def window(place: Place) -> Window:
    return place.start(empty=True)


def draw(window: Window) -> str:
    """x · y → log → add, with y = −2; the id of y."""

    def act(t):
        x = t.add("input", name="x", params={"value": 1.5})
        y = t.add("input", name="y", params={"value": -2.0}, position=(0, 200))
        product = t.add("multiply", name="product", inputs={"x": x, "y": y}, position=(250, 0))
        log = t.add("log", name="log", inputs={"x": product}, position=(500, 0))
        t.add("add", name="sum", inputs={"x": log, "y": x}, position=(750, 0))
        return y

    return window.editor.attempt("Draw", act)


def item(window: Window, name: str) -> Item:
    found = [each for each in window.canvas.scene.items.items if each is not None and each.name == name]
    return found[0]


def state(window: Window, name: str) -> State:
    return window.canvas.marks.state(item(window, name), None, False)


def test_where_nan_starts_is_marked_on_the_graph_and_the_status_is_not_green(window: Window, qtbot: QtBot) -> None:
    y = draw(window)
    status = window.statusBar()
    qtbot.waitUntil(lambda: status.graph.text().startswith("◆ NaN starts at log ·"))
    assert "graph valid" not in status.graph.text()
    assert DARK.nonfinite in status.graph.styleSheet()
    assert state(window, "log").origin == "NaN"
    assert "NaN starts here" in item_words(window.canvas, item(window, "log"))
    assert state(window, "sum").origin == ""  # it comes there from elsewhere
    assert not window.grab().isNull()
    window.editor.attempt("Mend", lambda t: t.set_param(y, "value", 2.0))
    qtbot.waitUntil(lambda: status.graph.text().startswith("✓ graph valid ·"))
    assert state(window, "log").origin == ""


def test_a_mask_that_does_no_harm_keeps_the_green_light(window: Window, qtbot: QtBot) -> None:
    def act(t):
        mask = t.add("constant", name="mask", params={"value": [0.0, 0.0, "-inf"]})
        x = t.add("input", name="x", params={"shape": (3,), "value": [1.0, 2.0, 3.0]})
        p = t.add("softmax", name="p", inputs={"x": t.add("add", inputs={"x": x, "y": mask})})
        t.add("sum", name="loss", inputs={"x": t.add("square", inputs={"x": p})})

    window.editor.attempt("Draw", act)
    text = window.statusBar().graph
    qtbot.waitUntil(lambda: text.text().startswith("✓ graph valid ·") and window.editor.findings.looked)
    assert window.editor.findings.found == ()
    with qtbot.waitSignal(window.editor.told) as told:
        window.editor.questions.first_not_finite()
    assert told.args == ["each ∞ was typed, and no NaN comes of it", "refusal"]


def test_a_collapsed_group_is_marked_for_what_begins_within(window: Window, qtbot: QtBot) -> None:
    draw(window)
    log = window.editor.graph.resolve("log")
    window.editor.attempt("Group", lambda t: t.collapse(t.group([log], "inner")))
    qtbot.waitUntil(lambda: state(window, "inner").origin == "NaN")
    qtbot.waitUntil(lambda: window.statusBar().graph.text().startswith("◆ NaN starts at inner/log"))


def test_a_number_that_is_not_finite_is_like_no_other(window: Window, qtbot: QtBot) -> None:
    draw(window)
    log = Source(window.editor.graph.resolve("log"), "y")
    qtbot.waitUntil(lambda: window.editor.results.value(log) is not None)
    canvas = window.canvas
    for name, colour in (("log", DARK.nonfinite), ("product", None)):
        source = Source(window.editor.graph.resolve(name), "y")
        look = canvas.values.of(source, DARK, 3).value
        assert isinstance(look, Number)
        assert (look.own and look.own.name()) == colour


def test_actions_start_all_parameters_anew_in_one_undo(window: Window, qtbot: QtBot) -> None:
    editor = window.editor

    def act(t):
        ids = [t.add("parameter", params={"shape": (2,), "init": "normal"}) for _ in range(3)]
        for id in ids[:2]:
            t.set_values(id, [1.0, 2.0])
        return ids

    ids = editor.attempt("Draw", act)
    window.menus.actions["graph.reinitialise_all"].trigger()
    assert not editor.document.values
    assert editor.document.history.undo_label == "Reinitialise all"
    editor.undo()
    assert set(editor.document.values) == set(ids[:2])
    window.menus.actions["graph.new_seeds"].trigger()
    assert not editor.document.values
    assert all(isinstance(editor.graph.nodes[id].params["seed"], int) for id in ids)


def test_a_gradient_of_an_earlier_graph_has_a_clock_of_its_own(window: Window, qtbot: QtBot) -> None:
    editor = window.editor

    def act(t):
        x = t.add("input", name="x", params={"value": 1.0})
        y = t.add("input", name="y", params={"value": 2.0}, position=(0, 200))
        t.add("multiply", name="product", inputs={"x": x, "y": y}, position=(250, 0))
        return x, y

    x, y = editor.attempt("Draw", act)
    source = Source(x, "y")
    qtbot.waitUntil(lambda: editor.results.gradient(source).value is not None)
    editor.live.enabled = False

    def clocks() -> int:
        """How much of the node's right edge, from its value down, is in the colour of the clock."""
        node, shown = window.canvas.scene.item(x), window.canvas.values.of(source, DARK, 3)
        image = QImage(300, 200, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        paint_values(painter, node, shown, DARK, True)
        painter.end()
        tall, edge = image.height(), round(node.width) - 2
        colour = QColor(DARK.warning)
        return sum(image.pixelColor(edge, row) == colour for row in range(tall))

    assert clocks() == 0
    editor.attempt("Set", lambda t: t.set_param(y, "value", 5.0))
    shown = window.canvas.values.of(source, DARK, 3)
    assert (shown.stale, shown.stale_gradient) == (False, True)
    assert clocks() > 0


def test_where_nan_starts_is_marked_once_the_step_has_made_it(window: Window, qtbot: QtBot) -> None:
    draw(window)
    qtbot.waitUntil(lambda: state(window, "log").origin == "NaN")
    stepper, graph = window.editor.stepper, window.editor.graph
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active)
    assert state(window, "log").origin == ""
    assert "starts here" not in item_words(window.canvas, item(window, "log"))
    made = [step.node for step in stepper.timeline.steps].index(graph.resolve("log"))
    stepper.go(lambda timeline: Cursor(made))
    assert state(window, "log").origin == ""
    stepper.go(lambda timeline: Cursor(made + 1))
    assert state(window, "log").origin == "NaN"
    stepper.to_start()
    assert state(window, "log").origin == ""
