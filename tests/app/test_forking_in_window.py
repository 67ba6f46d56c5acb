"""Forking from a moment in the window: a value is typed, a branch shown beside the recording, and nothing is edited."""

from __future__ import annotations

import numpy as np
import pytest
from hand import middle
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from windows import Place, has_keyboard

from gradwire.app.canvas.describing import item_words
from gradwire.app.canvas.gestures.gesture import Press
from gradwire.app.canvas.gestures.menu import menu_for
from gradwire.app.canvas.stepping.caption import caption
from gradwire.app.canvas.stepping.fork_field import ForkField
from gradwire.app.canvas.stepping.forked import BELOW, forked_badges
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.stepping import Cursor, State


@pytest.fixture
def fork(place: Place, qtbot: QtBot) -> Window:
    """sin x + x·y at x = 1, y = 2, recorded, at its end, with sin selected."""
    window = place.start(place.copy("sin_plus_product.gw"))
    window.resize(1400, 850)
    window.show()
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    select(window, "sin")
    return window


def select(window: Window, name: str) -> None:
    id = window.editor.graph.resolve(name)
    window.editor.select([id], id)


def source(window: Window, name: str) -> Source:
    return Source(window.editor.graph.resolve(name), "y")


def value(window: Window, name: str) -> float:
    return float(window.editor.results.value(source(window, name)))


def field(window: Window) -> ForkField:
    """Open the field by its key."""
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_B)
    found = [each for each in window.canvas.findChildren(ForkField) if each.isVisible()]
    assert len(found) == 1
    return found[0]


def put_in(window: Window, qtbot: QtBot, text: str) -> None:
    found, before = field(window), window.editor.stepper.moment
    found.field.selectAll()
    QTest.keyClicks(found.field, text)
    QTest.keyClick(found.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.editor.stepper.moment is not before)


def chooser(window: Window) -> QComboBox:
    assert window.toolbar.stepper is not None
    return window.toolbar.stepper.branches


def choose(window: Window, qtbot: QtBot, row: int) -> None:
    before = window.editor.stepper.moment
    box = chooser(window)
    box.setCurrentIndex(row)
    box.activated.emit(row)
    qtbot.waitUntil(lambda: window.editor.stepper.moment is not before)


def test_a_typed_number_is_put_in_and_what_depends_on_it_is_recorded_again(fork: Window, qtbot: QtBot) -> None:
    assert field(fork).field.text() == repr(value(fork, "sin"))  # all digits of what is there
    put_in(fork, qtbot, "3")
    assert (value(fork, "sin"), value(fork, "f")) == (3.0, 5.0)
    gradient = fork.editor.results.gradient(source(fork, "x"))
    assert gradient.value == 2.0  # only by the product
    assert fork.canvas.hasFocus()
    assert not fork.editor.document.dirty
    assert fork.editor.document.history.next_undo is None


def test_the_chooser_goes_between_the_recording_and_branches_and_the_cursor_stays(fork: Window, qtbot: QtBot) -> None:
    assert not chooser(fork).isVisible()
    recorded = fork.editor.results.value(source(fork, "f"))
    fork.editor.stepper.seek(Cursor(5))
    put_in(fork, qtbot, "3")
    assert chooser(fork).isVisible()
    assert [chooser(fork).itemText(row) for row in range(2)] == ["Recorded", "sin = 3"]
    assert chooser(fork).currentText() == "sin = 3"
    assert fork.editor.stepper.cursor == Cursor(5)
    choose(fork, qtbot, 0)
    assert fork.editor.stepper.cursor == Cursor(5)
    fork.editor.stepper.to_end()
    assert fork.editor.results.value(source(fork, "f")) is recorded  # the very array: it was left as it was
    choose(fork, qtbot, 1)
    assert value(fork, "f") == 5.0


def test_what_says_that_a_value_was_put_in_stands_on_no_wire(fork: Window, qtbot: QtBot) -> None:
    scene = fork.canvas.scene
    face, port, text = source(fork, "x").node, ("product", "x"), "forked: 2.5"
    slot = scene.wires.slots[fork.editor.graph.resolve(port[0]), port[1]]
    (path,) = scene.wires.paths(np.array([slot]), 200)

    def place() -> QRectF:
        ((told, found),) = forked_badges(scene, {face: "2.5"}).values()
        assert told == text
        return found

    assert not [point for point in path if place().contains(*point)]  # which leaves at the right and falls
    assert not place().intersects(QRectF(*scene.rect(face)))
    assert place().bottom() <= QRectF(*scene.rect(face)).bottom() + BELOW


def test_the_node_says_that_its_value_was_put_in(fork: Window, qtbot: QtBot) -> None:
    item = fork.canvas.scene.item(source(fork, "sin").node)
    x, y, width, height = fork.canvas.scene.rect(item.id)
    corner = fork.canvas.view.to_screen(x + width + 12, y + height - 6).toPoint() * fork.canvas.devicePixelRatioF()
    ground = fork.canvas.grab_image().pixelColor(corner)
    put_in(fork, qtbot, "3")
    assert "forked: 3 was put in by hand" in item_words(fork.canvas, item)
    assert fork.editor.branching.here == {item.id: "3"}
    assert fork.canvas.grab_image().pixelColor(corner) != ground == QColor(fork.theme.background)
    fork.editor.stepper.seek(Cursor(3))
    assert fork.editor.stepper.moment is not None
    assert list(caption(fork.editor.stepper.moment, 3)) == ["forward · sin", "sin = 3.000, put in by hand"]
    choose(fork, qtbot, 0)
    assert fork.editor.branching.here == {}


def test_the_field_stands_in_the_place_of_an_answer_which_comes_back(fork: Window, qtbot: QtBot) -> None:
    editor, canvas = fork.editor, fork.canvas
    editor.questions.remember()
    editor.stepper.seek(Cursor(6))
    with qtbot.waitSignal(editor.questions.answered):
        editor.questions.compare()
    answered = canvas.grab_image()
    place = canvas.painting.telling.place.toRect()
    frame = place.topLeft() + QPoint(place.width() // 2, 0)  # of the answer's box
    ground = QColor(fork.theme.background)
    assert answered.pixelColor(frame * canvas.devicePixelRatioF()) != ground
    found = field(fork)
    assert not found.geometry().contains(frame)
    assert canvas.grab_image().pixelColor(frame * canvas.devicePixelRatioF()) == ground
    QTest.keyClick(found.field, Qt.Key.Key_Escape)
    assert canvas.grab_image() == answered


def test_what_lies_before_it_is_stopped_and_says_why(fork: Window, qtbot: QtBot) -> None:
    select(fork, "product")
    put_in(fork, qtbot, "-x")
    assert value(fork, "product") == -2.0
    gradient = fork.editor.results.gradient(source(fork, "y"))
    assert (gradient.state, gradient.reason) == (State.STOPPED, "its value was put in by hand")


def test_what_cannot_be_put_in_is_said_in_the_field_and_kept_there(fork: Window) -> None:
    found = field(fork)
    found.field.selectAll()
    QTest.keyClicks(found.field, "[1, 2]")
    QTest.keyClick(found.field, Qt.Key.Key_Return)
    assert found.isVisible()
    assert found.refusal.text() == "sin has the shape (), got (2,) (one number serves for all)"
    assert found.field.text() == "[1, 2]"
    found.field.setText("__import__('os')*x")
    QTest.keyClick(found.field, Qt.Key.Key_Return)
    assert "no function '__import__'" in found.refusal.text()
    found.field.setText("x.gradient")
    QTest.keyClick(found.field, Qt.Key.Key_Return)
    assert found.refusal.text() == (
        "x has no 'gradient' "
        "(what fits: 0.5; [1, 2]; x * 2, where x is the value as it is now; x + other.value; abs(x))"
    )
    QTest.keyClick(found.field, Qt.Key.Key_Escape)
    assert not found.isVisible()
    assert fork.canvas.hasFocus()
    assert fork.editor.branching.branches == ()


def test_a_value_that_is_not_made_yet_is_no_value_to_fork_from(fork: Window, qtbot: QtBot) -> None:
    fork.editor.stepper.seek(Cursor(1))
    fork.canvas.setFocus()
    with qtbot.waitSignal(fork.editor.told) as told:
        QTest.keyClick(fork.canvas, Qt.Key.Key_B)
    assert told.args == ["sin has no value yet: step on to it", "refusal"]


def test_leaving_the_stepper_drops_branches(fork: Window, qtbot: QtBot) -> None:
    put_in(fork, qtbot, "3")
    fork.editor.stepper.leave()
    assert not chooser(fork).isVisible()
    assert fork.editor.branching.branches == ()
    fork.editor.stepper.to_end()
    qtbot.waitUntil(lambda: fork.editor.stepper.active)
    assert value(fork, "f") == pytest.approx(2.8415, abs=1e-4)


def test_comparing_rings_what_changed_and_says_what_one_side_lacks(fork: Window, qtbot: QtBot) -> None:
    fork.canvas.setFocus()
    QTest.keyClick(fork.canvas, Qt.Key.Key_K)
    select(fork, "product")
    put_in(fork, qtbot, "10")
    fork.canvas.setFocus()
    with qtbot.waitSignal(fork.editor.questions.answered):
        QTest.keyClick(fork.canvas, Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    answer = fork.editor.spotlight.answer
    assert answer is not None
    names = {fork.editor.graph.path(id): text for id, text in answer.rings.items()}
    assert names == {"x": "∂ 2.540 → 0.540", "product": "2.000 → 10.000", "f": "2.841 → 10.841"}
    assert answer.lines[-1] == "only then: the gradient of y"


def test_in_training_later_iterations_follow_the_branch(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    stepper, name = window.editor.stepper, "mlp/linear_1/add"
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    stepper.step("iteration")
    qtbot.waitUntil(lambda: stepper.number == 2)
    window.editor.show(window.editor.graph.resolve(name))
    found = field(window)
    assert found.field.text() == ""
    assert found.forms.text() == "16×16 numbers are too many to type · x is the value now: x*2, -x, 0"
    QTest.keyClick(found.field, Qt.Key.Key_Escape)
    put_in(window, qtbot, "*0")
    assert not window.editor.results.value(source(window, name)).any()
    assert window.editor.branching.names == ["Recorded", f"{name} = *0 at iteration 2"]
    stepper.step("iteration")
    qtbot.waitUntil(lambda: stepper.number == 3)
    branched = np.array(window.editor.results.value(source(window, "loss")))
    assert window.editor.branching.here == {}  # it was put in in iteration 2
    choose(window, qtbot, 0)
    assert stepper.number == 3
    assert not np.array_equal(window.editor.results.value(source(window, "loss")), branched)
    assert window.editor.document.values == {}


def test_an_edit_leaves_a_branch_alone_and_offers_to_record_again_at_the_same_step(fork: Window, qtbot: QtBot) -> None:
    bar = fork.toolbar.stepper
    assert bar is not None
    put_in(fork, qtbot, "3")
    fork.editor.stepper.seek(Cursor(4))
    before, at = fork.editor.stepper.moment, fork.editor.stepper.moment.step
    assert not bar.again.isVisible()
    fork.editor.attempt("Edit", lambda t: t.set_param(fork.editor.graph.resolve("y"), "value", 5.0))
    assert bar.again.isVisible()
    assert fork.editor.stepper.moment is before
    fork.editor.undo()
    assert not bar.again.isVisible()  # it is of this graph again
    fork.editor.redo()
    QTest.mouseClick(bar.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: fork.editor.stepper.moment is not before)
    assert (fork.editor.stepper.moment.step.phase, fork.editor.stepper.moment.step.node) == (at.phase, at.node)
    assert not bar.again.isVisible()
    assert not fork.editor.results.is_stale(source(fork, "y").node)
    assert value(fork, "y") == 5.0
    assert fork.editor.branching.branches == ()  # they were of the graph before


def test_what_is_gone_is_passed_over_when_it_is_recorded_again(fork: Window, qtbot: QtBot) -> None:
    graph = fork.editor.graph
    timeline = fork.editor.stepper.timeline
    assert timeline is not None
    at = timeline.made_at[graph.resolve("sin")]
    fork.editor.stepper.seek(Cursor(at + 1))
    before = fork.editor.stepper.moment
    fork.editor.attempt("Delete", lambda t: t.remove(graph.resolve("sin")))
    fork.canvas.setFocus()
    QTest.keyClick(fork, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: fork.editor.stepper.moment is not before)
    last = fork.editor.stepper.moment.step
    assert last is not None
    assert (last.phase, last.node) == (timeline.steps[at - 1].phase, timeline.steps[at - 1].node)


def test_the_menu_of_a_node_offers_it_while_one_steps(fork: Window) -> None:
    canvas = fork.canvas
    place = middle(canvas, source(fork, "sin").node)
    hit, screen = canvas.hit(*place), canvas.view.to_screen(*place)
    press = Press(*place, screen, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, False, hit)
    offered = [action.text() for action in menu_for(canvas, press).actions()]
    begin = offered.index("Run to this value")
    assert offered[begin : begin + 6] == [
        "Run to this value",
        "Run to this gradient",
        "Breakpoint here",
        "Fork from here…",
        "Why is this gradient what it is?",
        "Watch value and gradient",
    ]
    fork.editor.stepper.leave()
    assert "Fork from here…" not in [action.text() for action in menu_for(canvas, press).actions()]


def test_a_parameter_is_no_value_to_fork_from_once_it_is_updated(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.resize(1400, 850)
    window.show()
    editor, stepper, told = window.editor, window.editor.stepper, []
    editor.told.connect(lambda text, kind: told.append((text, kind)))
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    id = editor.graph.resolve("mlp/linear_1/bias")
    editor.select([id], id)
    has_keyboard(window)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_B)
    refused = "mlp/linear_1/bias has been updated: step into the next iteration"
    assert told == [(refused, "refusal")]
    assert not [each for each in window.canvas.findChildren(ForkField) if each.isVisible()]
    assert editor.branching.fork(id, "0") == refused
    stepper.step()
    qtbot.waitUntil(lambda: stepper.number == 2)
    stepper.step()  # gradients are zero, now values are given
    shown = editor.results.value(Source(id, "y")).tolist()
    assert field(window).field.text() == f"[{', '.join(map(repr, shown))}]"  # what is put in is what is shown
