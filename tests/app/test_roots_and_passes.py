"""Several roots with starts of their own, and gradients that are not set to zero, in the window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, add, rest

from gradwire.app.canvas.stepping.caption import Caption, caption
from gradwire.app.canvas.stepping.junctions import junctions
from gradwire.app.inspecting.editors import TextEdit
from gradwire.app.inspecting.output_sections import OutputSections
from gradwire.app.inspecting.root_line import RootLine
from gradwire.app.panels.inspector import InspectorPanel
from gradwire.app.panels.step import StepPanel
from gradwire.app.results.root import root_text
from gradwire.app.step_card.accounts import by_port, split
from gradwire.app.step_card.over_iterations import CourseSection
from gradwire.app.step_card.workings import update
from gradwire.app.window import Window
from gradwire.core.cancelling import never
from gradwire.core.document import Document
from gradwire.core.evaluating import Asked
from gradwire.core.graph import Source, Training
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, State
from gradwire.core.stepping.recorder import BUDGET, Recorder


def source(window: Window, name: str) -> Source:
    return Source(window.editor.graph.resolve(name), "y")


def gradient(window: Window, name: str) -> float:
    found = window.editor.results.gradient(source(window, name)).value
    assert found is not None
    return float(found)


def settle(window: Window, qtbot: QtBot) -> None:
    live = window.editor.live
    qtbot.waitUntil(lambda: live.root is not None and not live.refreshing.pending)


def line(window: Window, name: str) -> RootLine:
    """The line of the inspector that tells of what gradients are, on the page of a node."""
    window.editor.select([source(window, name).node])
    return inspector(window).page.outputs[0].root


def inspector(window: Window) -> InspectorPanel:
    """The inspector, up to date."""
    panel = window.findChild(InspectorPanel)
    assert panel is not None
    panel.refresh()
    return panel


def enter(field: TextEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_two_roots_are_chosen_in_the_inspector_and_given_starts(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    settle(window, qtbot)
    line(window, "sin").choose.click()
    settle(window, qtbot)
    assert gradient(window, "x") == pytest.approx(np.cos(1), abs=1e-6)
    line(window, "product").join.click()
    settle(window, qtbot)
    assert gradient(window, "x") == pytest.approx(np.cos(1) + 2, abs=1e-6)
    assert root_text(window.editor) == "1 · sin + 1 · product (chosen)"
    page = line(window, "product")
    assert page.starting.isVisibleTo(window)
    enter(page.start, "-1/2")
    settle(window, qtbot)
    assert gradient(window, "x") == pytest.approx(np.cos(1) - 1, abs=1e-6)
    assert root_text(window.editor) == "1 · sin + (−0.5) · product (chosen)"
    enter(page.start, "[1, 2]")
    assert page.refused.text() == "a starting gradient has the shape of its value, (), got (2,) (or is one number)"
    assert gradient(window, "x") == pytest.approx(np.cos(1) - 1, abs=1e-6)
    line(window, "product").drop.click()
    settle(window, qtbot)
    assert root_text(window.editor) == "sin (chosen)"
    line(window, "sin").leave.click()
    settle(window, qtbot)
    assert root_text(window.editor) == "f (the one number that comes out)"


def test_a_starting_gradient_waits_at_its_root_for_what_the_rest_sends_back(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    settle(window, qtbot)
    line(window, "f").choose.click()
    line(window, "sin").join.click()
    settle(window, qtbot)
    stepper = window.editor.stepper
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active)
    moment = stepper.moment
    assert moment is not None
    begun = [index for index, _ in moment.timeline.starts.values()]
    scene = window.canvas.scene

    def at_root(step: int) -> list[tuple[int, int]]:
        shown = junctions(scene, Moment(moment.timeline, Cursor(step)))
        return [(len(j.gradient.terms), j.gradient.parts) for j in shown if j.source == source(window, "sin")]

    assert at_root(min(begun)) == []
    assert at_root(max(begun) + 1) == [(1, 2)]  # before f has sent anything back
    assert at_root(len(moment.timeline.steps)) == [(2, 2)]


def test_stepping_starts_gradients_at_each_root(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    settle(window, qtbot)
    enter(line(window, "f").start, "3")
    line(window, "sin").join.click()
    settle(window, qtbot)
    stepper = window.editor.stepper
    seen = []
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active)
    while not stepper.at_end:
        stepper.step()
        assert stepper.moment is not None
        seen.append(list(caption(stepper.moment, 3)))
        window.canvas.grab_image()
    starts = [told for told in seen if told[0].startswith("loss")]
    assert starts == [
        ["loss · where gradients start, at f = 2.841", "the gradient of f starts from 3.000, one of 2 roots"],
        ["loss · where gradients start, at sin = 0.841", "the gradient of sin starts from 1.000, one of 2 roots"],
    ]
    assert "Σ at sin: 1.000 + 3.000 = 4.000" in [told for lines in seen for told in lines]
    assert gradient(window, "x") == pytest.approx(4 * np.cos(1) + 6, abs=1e-6)


def test_what_is_not_zeroed_is_added_to(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/not_zeroed.gw"))
    window.show()
    rest(window, qtbot)
    stepper = window.editor.stepper
    stepper.go(lambda timeline: timeline.end)
    qtbot.waitUntil(lambda: stepper.active and stepper.at_end)
    stepper.step("phase")  # into the second iteration
    qtbot.waitUntil(lambda: stepper.number == 2)
    shown = window.canvas.values.of(source(window, "w"), window.theme, 3)
    assert (shown.chip.label, shown.chip.left, shown.gradient.text) == ("left", 1.0, "4.000")
    window.canvas.grab_image()
    stepper.to_end()
    assert stepper.moment is not None
    shown = window.canvas.values.of(source(window, "w"), window.theme, 3)
    assert (shown.chip.label, shown.gradient.text) == ("grad", "6.000")
    assert shown.chip.left == pytest.approx(4 / 6)
    assert list(caption(stepper.moment, 3)) == [
        "update · w",
        "2.000 → 0.500, changed by −1.500",
        "the gradient of w was not zeroed: 4.000 (pass 1) + 2.000 (this pass) = 6.000",
    ]
    working = update(stepper.moment, source(window, "w").node)
    assert working is not None
    assert working.told(()) == ["old 2 → new 0.5", "Δ −1.5, gradient 4 (pass 1) + 2 = 6"]
    window.canvas.grab_image()


def test_where_gradients_are_zeroed_that_is_a_step(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/not_zeroed.gw"))
    window.show()
    rest(window, qtbot)
    settle(window, qtbot)
    window.editor.select([])
    field = next(
        f for f in window.findChildren(object) if getattr(getattr(f, "parameter", None), "name", "") == "zero_gradients"
    )
    assert not field.check.isChecked()
    field.check.click()
    training = window.editor.graph.training
    assert training is not None
    assert training.zero_gradients
    stepper = window.editor.stepper
    stepper.go(lambda timeline: timeline.end)
    qtbot.waitUntil(lambda: stepper.active and stepper.at_end)
    stepper.step()
    qtbot.waitUntil(lambda: stepper.number == 2)
    assert stepper.moment is not None
    assert list(caption(stepper.moment, 3)) == [
        "zero · what the iteration before has left in gradients is set to 0",
        "w: 4.000 → 0",
    ]
    stepper.to_end()
    assert gradient(window, "w") == 2.0


def test_gradients_that_are_zeroed_and_have_no_room_are_counted() -> None:
    timeline = Session.open(EXAMPLES / "digits_mlp.gw").timeline(iteration=2)
    lines = list(Caption.of(Moment(timeline, Cursor(1)), 3).lines)
    assert lines[0] == "zero · what the iteration before has left in gradients is set to 0"
    assert [line.partition(":")[0] for line in lines[1:]] == [
        *(f"mlp/{name}" for name in ("linear_1/weight", "linear_1/bias", "linear_2/weight", "linear_2/bias")),
        "and 2 more",
    ]


def test_a_root_that_is_deleted_while_stepping_is_named_no_more(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    settle(window, qtbot)
    for name in ("sin", "product"):
        line(window, name).join.click()
    settle(window, qtbot)
    stepper = window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    assert root_text(window.editor) == "1 · f + 1 · sin + 1 · product (chosen)"
    sin = source(window, "sin").node
    window.editor.attempt("Delete", lambda t: t.remove(sin))
    assert root_text(window.editor) == "1 · f + 1 · product (chosen)"
    window.editor.attempt("Delete", lambda t: t.remove(source(window, "product").node))
    assert root_text(window.editor) == "f (chosen)"
    window.canvas.grab_image()


def test_step_table_plots_inspector_and_canvas_tell_the_gradient_that_was_not_zeroed(
    place: Place, qtbot: QtBot
) -> None:
    window = place.start(place.copy("lessons/not_zeroed.gw"))
    window.resize(1500, 1000)
    window.show()
    rest(window, qtbot)
    window.docks.show("step")
    editor, stepper = window.editor, window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    for number in (2, 3):
        stepper.visit(number)
        qtbot.waitUntil(lambda number=number: stepper.number == number)
    w = Source(editor.graph.resolve("w"), "y")
    editor.select([w.node])
    panel, told = window.findChild(StepPanel), 4.0 + 2.0 - 1.0
    qtbot.waitUntil(lambda: panel.reading is not None and panel.reading.moment is stepper.moment)
    (account,) = panel.reading.accounts
    assert [(row.name, float(row.value)) for row in account.rows] == [
        ("left by pass 1", 4.0),
        ("left by pass 2", 2.0),
        ("error.x", -1.0),
    ]
    assert float(account.total.value) == told
    section = panel.findChild(CourseSection)
    gradient = next(course for course in section.courses if course.title == "gradient")
    assert gradient.number == "5"
    shown = window.canvas.values.of(w, window.theme, 3)
    assert shown.gradient.text == "5.000"
    page = window.findChild(OutputSections)
    qtbot.waitUntil(lambda: page.gradient.number.text() == "5.0000000")
    assert page.passes.text() == (
        "pass 1 has left 4.0000, pass 2 has left 2.0000, this pass adds −1.0000: it was not set to zero"
    )
    by_path = split(stepper.timeline, w, "by path", never)
    assert float(by_path.total.value) == -1.0
    assert by_path.notes[-1] == "of this pass; by pass tells what others have left"


@pytest.mark.parametrize("trained", [False, True])
def test_a_loss_that_is_an_integer_is_told_and_no_gradient_is_waited_for(
    place: Place, qtbot: QtBot, trained: bool
) -> None:
    window = place.start(empty=True)
    editor = window.editor

    def draw(t):
        w = t.add("parameter", name="w", shape=(2, 3), init="ones")
        best = t.add("argmax", name="best", inputs={"x": w}, params={"axis": 1}, position=(250, 0))
        loss = t.add("sum", name="loss", inputs={"x": best}, position=(500, 0))
        if trained:
            t.set_training(Training(loss))
        return Source(w, "y")

    w = editor.attempt("Draw", draw)
    status = window.statusBar()
    qtbot.waitUntil(lambda: status.root.text() == "no gradients of loss: it is no float")
    assert "nothing: loss is int64, and whole numbers have no gradient" in status.root.toolTip()
    moves = "a position moves in steps: there is no path for a gradient"
    assert editor.results.gradient(w)[0::4] == (State.STOPPED, moves)
    editor.questions.why(w.node)
    qtbot.waitUntil(lambda: editor.spotlight.answer is not None)
    assert editor.spotlight.answer.shown == editor.graph.resolve("best")
    assert " ".join(editor.spotlight.answer.lines).startswith(
        f"why the gradient at w is none best: {moves} (loss is int64"
    )
    editor.stepper.to_end()
    qtbot.waitUntil(lambda: editor.stepper.at_end)
    assert editor.results.gradient(w)[0::4] == (State.STOPPED, moves)
    with qtbot.waitSignal(editor.told) as told:
        editor.stepper.step()
    assert told.args[0].startswith("This is the end: there are no gradients: loss is int64")
    assert not line(window, "best").choose.isVisibleTo(window)  # of which there are none either
    assert line(window, "w").choose.isVisibleTo(window)


@pytest.mark.parametrize("which", ["choose", "join"])
def test_a_click_on_a_root_button_leaves_the_keyboard_on_the_canvas(place: Place, qtbot: QtBot, which: str) -> None:
    """The button vanishes, and Qt would give the keyboard to the field beneath it: Space would edit the graph."""
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    settle(window, qtbot)
    before = window.editor.graph
    button = getattr(line(window, "sin"), which)
    window.canvas.setFocus()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    inspector(window)
    assert not button.isVisible()
    assert window.focusWidget() is window.canvas
    QTest.keyClick(window.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    assert window.editor.graph == before


def test_a_root_button_that_the_keyboard_pressed_gives_it_to_the_one_in_its_place(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    settle(window, qtbot)
    root = line(window, "sin")
    root.choose.setFocus()
    QTest.keyClick(root.choose, Qt.Key.Key_Space)
    settle(window, qtbot)
    inspector(window)
    assert not root.choose.isVisible()
    assert root.leave.hasFocus()


def test_a_root_that_goes_on_to_another_tells_its_start_as_a_part(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    settle(window, qtbot)
    line(window, "product").join.click()
    settle(window, qtbot)
    enter(line(window, "product").start, "3")
    settle(window, qtbot)
    assert gradient(window, "product") == 4.0
    sections = inspector(window).page.outputs[0]
    assert sections.backward.caption.text() == "GRADIENT ∂(f + 3·product)/∂product"
    qtbot.waitUntil(lambda: not sections.explanation.busy)
    assert plain(sections.explanation.why) == "Why? Norm 4: its largest part is the start of product, 3"
    assert plain(sections.explanation.made).splitlines() == ["start: 3.000", "f.y: g = 1.000"]
    assert [(name, text) for _, name, _, text in sections.bars.rows] == [("start", "3.0000"), ("f.y", "1.0000")]
    enter(line(window, "product").start, "-1")
    settle(window, qtbot)
    assert inspector(window).page.outputs[0].backward.caption.text() == "GRADIENT ∂(f − product)/∂product"


def test_a_root_that_is_chosen_while_one_steps_is_told_and_recorded_where_nothing_is_lost(
    place: Place, qtbot: QtBot
) -> None:
    window = place.start(empty=True)
    editor = window.editor
    add(editor, "constant", id="x", name="x", value=[1.0, 2.0])
    add(editor, "sum", id="total", name="total", inputs={"x": "x"})
    add(editor, "mean", id="other", name="other", inputs={"x": "x"})
    window.show()
    qtbot.waitUntil(lambda: editor.live.status == "live" and not editor.live.refreshing.pending)
    editor.stepper.to_end()
    qtbot.waitUntil(lambda: editor.stepper.active)
    assert editor.results.roots == ()
    line(window, "total").choose.click()
    assert window.status.message.text() == "Gradients of: total (chosen)"
    qtbot.waitUntil(lambda: editor.results.roots == (Source("total", "y"),))  # recorded again by itself
    qtbot.waitUntil(lambda: window.status.root.text() == "gradients of total")
    line(window, "other").choose.click()
    told = "Gradients of: total, as it was recorded; Record again (Ctrl+F5) takes those of other"
    assert window.status.message.text() == told
    assert line(window, "other").about.text() == told
    assert editor.results.roots == (Source("total", "y"),)  # what is stepped through is not taken away
    line(window, "total").join.click()
    typed = line(window, "total").start
    typed.setFocus()
    typed.selectAll()
    QTest.keyClicks(typed, "2.5")
    QTest.keyClick(typed, Qt.Key.Key_Return)
    told = "Gradients of: total, as it was recorded; Record again (Ctrl+F5) takes those of other and 2.5 · total"
    assert line(window, "total").about.text() == told
    assert typed.text() == "2.5"  # what was typed is not lost
    line(window, "other").choose.click()
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: editor.results.roots == (Source("other", "y"),))
    assert line(window, "other").about.text() == "Gradients of: other (chosen)"


def plain(links: QLabel) -> str:
    """The text of lines in which names can be clicked."""
    document = QTextDocument()
    document.setHtml(links.text())
    return document.toPlainText()


def test_how_parts_agree_is_told_of_this_pass_where_others_have_left_something() -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(), value=1.0)
        up, down = (
            t.add("multiply", inputs={"x": w, "y": t.add("constant", value=3.0)}),
            t.add("negative", inputs={"x": w}),
        )
        loss = t.add("add", name="loss", inputs={"x": up, "y": down})
        t.set_training(Training(loss=loss, epochs=3, zero_gradients=False))
    session = Session(document)
    second = Recorder(Asked.of(session), session.registry, BUDGET).iteration(2)
    assert second is not None
    w_source = next(each for each in second.timeline.run.tensors if each.node == w)
    moment = Moment(second.timeline, second.timeline.end)
    found = by_port(moment, w_source)
    assert [row.name for row in found.rows] == ["left by pass 1", "negative.x", "multiply.x"]
    assert found.total is not None
    assert float(found.total.value) == 4.0
    told = [note.replace("\u202f", " ") for note in found.notes]
    assert told == [
        "cancellation κ = 50 %",
        "cos(negative.x, multiply.x) = −1: they oppose",
        "how parts agree is told of this pass, shares are of all that is there",
    ]


def test_nothing_is_told_of_how_a_single_part_agrees() -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(), value=1.0)
        loss = t.add("square", name="loss", inputs={"x": w})
        t.set_training(Training(loss=loss, epochs=3, zero_gradients=False))
    session = Session(document)
    second = Recorder(Asked.of(session), session.registry, BUDGET).iteration(2)
    assert second is not None
    w_source = next(each for each in second.timeline.run.tensors if each.node == w)
    found = by_port(Moment(second.timeline, second.timeline.end), w_source)
    assert [row.name for row in found.rows] == ["left by pass 1", "loss.x"]
    assert found.notes == ()
