"""Asking of gradients in the window: isolating, ∂B/∂A, why, mending, nudging, comparing, predicting."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hand import Hand, title
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.canvas.stepping.guess_field import GuessField
from gradwire.app.chrome.message import FRESH
from gradwire.app.editing import group
from gradwire.app.lists.view import ListView
from gradwire.app.results.root import choose_root
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.stepping import Cursor
from gradwire.core.stepping.between import Region

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
Open = Callable[[str], Window]


@pytest.fixture
def lesson(place: Place, qtbot: QtBot) -> Open:
    """Opens a lesson in a window that has the keyboard in its canvas, and waits for its values."""

    def open_(name: str) -> Window:
        window = place.start()
        window.resize(1200, 800)
        window.files.open_example(EXAMPLES / "lessons" / f"{name}.gw")
        window.show()
        live = window.editor.live
        qtbot.waitUntil(lambda: live.root is not None and not live.refreshing.pending)
        window.editor.stepper.leave()
        window.canvas.setFocus()
        return window

    return open_


def press(window: Window, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, key, modifiers)


def ask(window: Window, qtbot: QtBot, key: Qt.Key, modifiers: Qt.KeyboardModifier = SHIFT) -> tuple[str, ...]:
    """Press a key that asks; the lines of the answer, none where it was refused."""
    with qtbot.waitSignal(window.editor.questions.answered):
        press(window, key, modifiers)
    answer = window.editor.spotlight.answer
    return () if answer is None else answer.lines


def select(window: Window, *names: str) -> None:
    window.editor.select([window.editor.graph.resolve(name) for name in names])


def do(window: Window, id: str) -> None:
    """Start an action as a menu does."""
    window.menus.actions[id].trigger()


def contrast(window: Window, name: str) -> int:
    """By how much the title of a node stands out from the ground of the canvas."""
    canvas = window.canvas
    graph = window.editor.graph
    x, y, width, _ = canvas.scene.rect(name if name in graph.groups else graph.resolve(name))
    point = canvas.view.to_screen(x + width - 12, y + 5)  # within the border at any zoom, above the letters
    seen = canvas.grab_image().pixelColor(point.toPoint() * canvas.devicePixelRatioF())
    ground = QColor(window.theme.background)
    return sum(abs(a - b) for a, b in zip(seen.getRgb()[:3], ground.getRgb()[:3], strict=True))


def source(window: Window, name: str) -> Source:
    return Source(window.editor.graph.resolve(name), "y")


def test_why_lights_all_ways_on_which_a_gradient_becomes_zero(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    editor = window.editor

    def draw(t):
        x = t.add("input", name="x", params={"shape": (2,), "value": [-1.0, -2.0]})
        off = t.add("relu", name="off", inputs={"x": x}, position=(250, 0))
        steps = t.add("round", name="steps", inputs={"x": x}, position=(250, 200))
        both = t.add("add", name="both", inputs={"x": off, "y": steps}, position=(500, 0))
        t.add("sum", name="loss", inputs={"x": both}, position=(750, 0))

    editor.attempt("Draw", draw)
    qtbot.waitUntil(lambda: editor.live.root is not None and not editor.live.refreshing.pending)
    x, off, steps = (editor.graph.resolve(name) for name in ("x", "off", "steps"))
    with qtbot.waitSignal(editor.questions.answered):
        editor.questions.why(x)
    answer = editor.spotlight.answer
    assert answer is not None
    assert answer.region == Region(frozenset((x, off, steps)), frozenset(((off, "x"), (steps, "x"))))
    assert set(answer.lines[-2:]) == {"way: x → off", "way: x → steps"}
    assert " ".join(answer.lines[1:-2]) == window.statusBar().message.toolTip()


# Isolating.


def test_isolating_dims_what_a_node_is_not_joined_to_until_the_key_is_pressed_again(lesson: Open) -> None:
    window = lesson("fork")
    select(window, "squared")
    full = contrast(window, "negated")
    press(window, Qt.Key.Key_I, SHIFT)
    assert contrast(window, "negated") < 0.5 * full
    assert contrast(window, "y") == pytest.approx(full, abs=3)
    press(window, Qt.Key.Key_I, SHIFT)
    assert contrast(window, "negated") == full


def test_escape_ends_it_and_leaves_the_selection(lesson: Open) -> None:
    window = lesson("fork")
    select(window, "squared")
    press(window, Qt.Key.Key_I, SHIFT)
    press(window, Qt.Key.Key_Escape)
    assert not window.editor.spotlight.isolates
    assert window.editor.selection
    press(window, Qt.Key.Key_Escape)
    assert not window.editor.selection


def test_nodes_that_no_way_joins_are_not_isolated_and_it_is_said(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    select(window, "squared", "negated")
    with qtbot.waitSignal(window.editor.told) as told:
        press(window, Qt.Key.Key_I, SHIFT)
    assert told.args == ["no way leads from one of the selected nodes to another", "refusal"]
    assert window.editor.spotlight.region is None


def test_what_is_isolated_follows_the_graph_and_ends_with_its_nodes(lesson: Open) -> None:
    window = lesson("fork")
    editor = window.editor
    select(window, "x")
    press(window, Qt.Key.Key_I, SHIFT)
    squared, x = editor.graph.resolve("squared"), editor.graph.resolve("x")
    editor.attempt("Cut", lambda t: t.disconnect(squared, "x"))
    assert editor.spotlight.region is not None
    assert squared not in editor.spotlight.region.nodes
    editor.attempt("Remove", lambda t: t.remove(x))
    assert editor.spotlight.region is None


def test_what_lies_in_a_collapsed_group_is_lit_by_the_group(lesson: Open) -> None:
    window = lesson("fork")
    editor = window.editor
    squared, x = editor.graph.resolve("squared"), editor.graph.resolve("x")
    box = editor.attempt("Group", lambda t: group(t, [squared, editor.graph.resolve("y")]))
    assert box is not None
    editor.select([x])
    editor.spotlight.isolate([squared])
    full = contrast(window, "x")
    assert contrast(window, box) > 100  # a box has a paler title
    editor.spotlight.isolate([x])
    editor.attempt("Cut", lambda t: t.disconnect(squared, "x"))
    assert contrast(window, box) > 100  # the other way leads there still
    editor.attempt("Cut", lambda t: t.disconnect(editor.graph.resolve("negated"), "x"))
    assert contrast(window, box) < 0.5 * full


# Two nodes.


def test_two_nodes_and_a_key_tell_the_derivative_and_light_its_ways(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    select(window, "x", "y")
    assert ask(window, qtbot, Qt.Key.Key_D) == ("derivative", "∂y/∂x = 5.000 (2 ways)")
    assert window.status.message.text() == "∂y/∂x = 5.000 (2 ways)"
    select(window, "squared", "x")  # in whichever order
    assert ask(window, qtbot, Qt.Key.Key_D)[1] == "∂squared/∂x = 6.000 (1 way)"
    full = contrast(window, "squared")
    assert contrast(window, "negated") < 0.5 * full


def test_of_several_numbers_the_sum_is_derived_and_that_is_said(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("where_nan")
    select(window, "x", "above one")
    with qtbot.waitSignal(window.editor.told) as told:
        assert ask(window, qtbot, Qt.Key.Key_D) == ()
    assert told.args == ["above one has no float that could be differentiated", "refusal"]
    select(window, "y", "loss")
    assert ask(window, qtbot, Qt.Key.Key_D)[1] == "∂loss/∂y = norm 1.732, shape (3,) (1 way)"
    select(window, "log x", "y")
    assert ask(window, qtbot, Qt.Key.Key_D) == (
        "derivative of the sum of the elements",
        "∂Σy/∂log x = norm 1, shape (3,) (1 way)",
    )


def test_neither_of_two_depends_on_the_other(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    select(window, "squared", "negated")
    with qtbot.waitSignal(window.editor.told) as told:
        assert ask(window, qtbot, Qt.Key.Key_D) == ()
    assert told.args[0].startswith("neither of ")


def test_a_step_or_an_edit_takes_the_answer_away(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    editor = window.editor
    for act in (
        lambda: editor.stepper.step(),
        lambda: editor.attempt("Set", lambda t: t.set_param(editor.graph.resolve("x"), "value", 5.0)),
    ):
        select(window, "x", "y")
        assert ask(window, qtbot, Qt.Key.Key_D)
        act()
        qtbot.waitUntil(lambda: editor.spotlight.answer is None)


# Why, and mending.


def test_why_goes_to_the_cause_and_one_click_mends_it_with_one_undo(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("where_nan")
    editor = window.editor
    before = editor.graph
    select(window, "x")
    assert ask(window, qtbot, Qt.Key.Key_W) == (
        "why the gradient at x is not finite",
        "log x to x: g / x = 0 / 0 = NaN at [0]",
        "way: x → log x",
    )
    assert editor.active == editor.graph.resolve("log x")
    bar = window.bars.get("mend")
    assert bar is not None
    bar.buttons["Insert the inner where before log x"].click()
    x = source(window, "x")
    qtbot.waitUntil(lambda: not editor.live.refreshing.pending)
    np.testing.assert_array_equal(editor.live.gradient(x), [1.0, 1.0, 0.5])
    assert window.bars.get("mend") is None
    rects = [window.canvas.scene.rect(id) for id in editor.graph.nodes]
    covered = [
        (a, b)
        for i, a in enumerate(rects)
        for b in rects[i + 1 :]
        if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
    ]
    assert covered == []
    editor.undo()
    assert editor.graph == before


def test_the_first_nan_is_found_and_the_menu_mends_it(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("where_nan")
    with qtbot.waitSignal(window.editor.questions.answered):
        do(window, "step.first_nan")
    assert window.editor.active == window.editor.graph.resolve("log x")
    do(window, "step.mend")
    assert "inner where" in {node.name for node in window.editor.graph.nodes.values()}


def at_row(window: Window, qtbot: QtBot, panel: str, name: str) -> ListView:
    """Put the keyboard at the row of a panel that is about a node."""
    shown = window.panel(panel)
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    rows = shown.list
    qtbot.waitUntil(lambda: rows.rows.count > 0)
    rows.setFocus()
    rows.go_to(next(i for i in range(rows.rows.count) if rows.rows.row_at(i).text == name))
    return rows


def test_keys_act_on_the_node_of_the_row_that_has_the_keyboard(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("where_nan")
    select(window, "loss")
    rows = at_row(window, qtbot, "diagnosis", "log x")
    with qtbot.waitSignal(window.editor.questions.answered):
        QTest.keyClick(rows, Qt.Key.Key_W, SHIFT)
    assert window.editor.spotlight.answer is not None
    assert window.editor.spotlight.answer.lines[0].startswith("why the gradient at log x ")
    assert rows.hasFocus()
    QTest.keyClick(rows, Qt.Key.Key_F9)
    assert window.editor.breakpoints.nodes == {window.editor.graph.resolve("log x")}


def test_a_row_is_mended_from_its_menu_or_by_a_key(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("where_nan")
    editor, before = window.editor, window.editor.graph
    rows = at_row(window, qtbot, "diagnosis", "log x")
    rows.customContextMenuRequested.emit(rows.visualRect(rows.currentIndex()).center())
    menu = next(menu for menu in window.findChildren(QMenu) if menu.isVisible())
    entry = next(action for action in menu.actions() if action.text() == "Mend")
    assert entry.isEnabled()
    menu.close()
    with qtbot.waitSignal(editor.questions.answered):
        QTest.keyClick(rows, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    assert "inner where" in {node.name for node in editor.graph.nodes.values()}
    editor.undo()
    assert editor.graph == before


def test_where_nothing_is_broken_the_key_says_so(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    select(window, "x")
    press(window, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    assert window.status.message.text() == "✗ the gradients at x are finite: there is nothing to mend"


def test_what_no_mend_is_known_of_is_not_offered_and_says_why(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    editor = window.editor

    def draw(t):
        z = t.add("input", name="z", params={"value": -1.0}, position=(0, 900))
        t.add("sqrt", name="root", inputs={"x": z}, position=(250, 900))  # stays NaN whatever is added to it
        t.set_training(None)

    editor.attempt("Draw", draw)
    qtbot.waitUntil(lambda: not editor.live.refreshing.pending)
    choose_root(editor, source(window, "root"))
    qtbot.waitUntil(lambda: not editor.live.refreshing.pending and editor.live.root == source(window, "root"))
    with qtbot.waitSignal(editor.questions.mending.found):
        select(window, "root")
    menu, entry = window.menus.menus["Step/Questions"], window.menus.actions["step.mend"]
    menu.aboutToShow.emit()
    assert not entry.isEnabled()
    assert entry.toolTip() == "no mend is known: root is NaN, of z = −1"
    assert menu.toolTipsVisible()
    menu.aboutToHide.emit()
    before = editor.graph
    press(window, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    assert window.status.message.text() == "✗ no mend is known: root is NaN, of z = −1"
    assert editor.graph == before


def test_what_menus_ask_of_mends_begins_no_work_and_forgets_nothing(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("where_nan")
    editor, mending = window.editor, window.editor.questions.mending
    with qtbot.waitSignal(mending.found):
        select(window, "x")
    other = editor.graph.resolve("log x")
    assert mending.is_broken(other)
    with qtbot.assertNotEmitted(mending.found, wait=500):
        assert mending.why_not(other) == ""
        window.menus.refresh()
    with qtbot.assertNotEmitted(mending.found, wait=500):
        select(window, "loss")
        select(window, "x")  # of which it is still known
    with qtbot.waitSignal(mending.found):
        select(window, "log x")


def test_keys_that_take_one_node_say_so_where_several_are_selected(lesson: Open) -> None:
    window = lesson("fork")
    before = window.editor.graph
    select(window, "x", "squared")
    for key, modifiers in ((Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier), (Qt.Key.Key_W, SHIFT)):
        window.status.message.forget()
        press(window, key, modifiers)
        assert window.status.message.text() == "✗ this takes one node, found 2 selected"
    window.editor.select(())
    press(window, Qt.Key.Key_F1)
    assert window.status.message.text() == "✗ this takes one node, found none selected"
    assert window.editor.graph is before
    QTest.qWait(round(1000 * FRESH) + 50)
    select(window, "x")
    assert window.status.message.text() == ""  # it was about the two


def test_where_all_is_finite_that_is_said(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    with qtbot.waitSignal(window.editor.told) as told:
        do(window, "step.first_nan")
    assert told.args == ["all values and gradients are finite", "refusal"]


@pytest.mark.parametrize("name", ["dying_relu", "vanishing_sigmoids", "not_zeroed", "softmax_cross_entropy"])
def test_every_node_of_a_lesson_has_an_answer(name: str, lesson: Open, qtbot: QtBot) -> None:
    window = lesson(name)
    for node in list(window.editor.graph.nodes):
        with qtbot.waitSignal(window.editor.questions.answered):
            window.editor.questions.why(node)
        answer = window.editor.spotlight.answer
        assert answer is not None
        assert answer.lines[1]
        window.canvas.grab_image()


# Nudging.


def test_a_nudge_is_told_beside_the_gradient_and_edits_nothing(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    before = window.editor.graph
    select(window, "x")
    assert ask(window, qtbot, Qt.Key.Key_E) == (
        "nudged: x by ε = 0.0003",
        "ΔL/ε = 5.0003 · gradient 5",
    )
    assert window.editor.graph is before
    assert not window.editor.document.dirty


# Comparing.


def test_what_has_changed_since_a_moment_is_ringed_and_told_with_old_and_new(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    editor = window.editor
    press(window, Qt.Key.Key_K)
    editor.attempt("Set", lambda t: t.set_param(editor.graph.resolve("x"), "value", 4.0))
    qtbot.waitUntil(lambda: not editor.live.refreshing.pending)
    plain = window.canvas.grab_image()
    ask(window, qtbot, Qt.Key.Key_K)
    assert editor.spotlight.answer is not None
    rings = {editor.graph.path(id): word for id, word in editor.spotlight.answer.rings.items()}
    assert rings == {
        "x": "3.000 → 4.000 · ∂ 5.000 → 7.000",
        "squared": "9.000 → 16.000",
        "negated": "−3.000 → −4.000",
        "y": "6.000 → 12.000",
    }
    assert editor.spotlight.answer.lines == (
        "compared with the remembered moment · 4 nodes changed by more than 10\u202f%",
        "y 6.000 → 12.000",
        "squared 9.000 → 16.000",
        "x 3.000 → 4.000 · gradient 5.000 → 7.000",
        "negated −3.000 → −4.000",
    )
    assert window.canvas.grab_image() != plain


def test_a_sign_that_turns_is_told_though_the_size_stays(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    editor = window.editor
    press(window, Qt.Key.Key_K)
    editor.attempt("Set", lambda t: t.set_param(editor.graph.resolve("x"), "value", -3.0))
    qtbot.waitUntil(lambda: not editor.live.refreshing.pending)
    lines = ask(window, qtbot, Qt.Key.Key_K)
    assert lines[1] == "x 3.000 → −3.000 · gradient 5.000 → −7.000"
    assert not any(line.startswith("squared") for line in lines)


def test_two_iterations_are_compared(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("linear_regression.gw"))
    window.show()
    stepper = window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    window.editor.questions.remember()
    for _ in range(20):
        moment = stepper.moment
        stepper.step("iteration")
        qtbot.waitUntil(lambda moment=moment: stepper.moment is not moment)
        stepper.to_end()
    with qtbot.waitSignal(window.editor.questions.answered):
        window.editor.questions.compare()
    assert window.editor.spotlight.answer is not None
    assert window.editor.spotlight.answer.rings


def test_a_node_with_two_outputs_is_named_once_among_what_is_known_now(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("linear_regression.gw"))
    window.show()
    stepper, questions = window.editor.stepper, window.editor.questions
    stepper.begin()
    qtbot.waitUntil(lambda: stepper.active)
    questions.remember()
    for _ in range(2):
        stepper.step("op")
    with qtbot.waitSignal(questions.answered):
        questions.compare()
    assert window.editor.spotlight.answer.lines[2] == "only now: the values of data, linear/weight, linear/bias"


# Predicting.


def begin_predicting(window: Window, qtbot: QtBot) -> QLineEdit:
    press(window, Qt.Key.Key_Q)
    qtbot.waitUntil(lambda: window.editor.predicting.question is not None)
    field = window.canvas.findChild(QLineEdit)
    assert field is not None
    assert field.isVisible()
    return field


def chip(window: Window, name: str) -> str:
    return window.canvas.values.of(source(window, name), window.theme, 3).chip.text


def test_what_comes_next_is_hidden_guessed_and_counted(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    predicting = window.editor.predicting
    field = begin_predicting(window, qtbot)
    assert predicting.text == "What does y.x bring back to squared: sign or value?"
    assert chip(window, "squared") == "?"
    for guess, next_one, tally in (
        ("1", "What does y.y bring back to negated: sign or value?", "1 of 1"),
        ("-", "What does squared.x bring back to x: sign or value?", "1 of 2"),
        ("6.02", "What does negated.x bring back to x: sign or value?", "2 of 3"),
    ):
        QTest.keyClicks(field, guess)
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert (predicting.text, predicting.tally) == (next_one, tally)
    assert chip(window, "x") == "?"
    QTest.keyClicks(field, "-1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert predicting.question is None
    assert not field.isVisible()
    assert predicting.verdict == "✓ right: predicted −1, came −1 · 3 of 4 right"
    assert window.editor.stepper.cursor == Cursor(8)
    assert window.canvas.hasFocus()
    telling = window.canvas.painting.telling
    assert telling.caption(window.editor.stepper.moment).lines[1] == predicting.verdict  # no question stands over it
    window.editor.stepper.back()
    assert predicting.verdict not in telling.caption(window.editor.stepper.moment).lines


def test_what_was_guessed_is_told_with_the_rule_by_which_it_comes(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    field = begin_predicting(window, qtbot)
    shown = window.canvas.findChild(GuessField)
    assert not shown.rule.isVisible()  # it would give the answer away
    for rule in (
        "to squared: g = 1.000",
        "to negated: g = 1.000",
        "to x: g · 2 · x = 1.000 · 2.000 · 3.000 = 6.000",
    ):
        QTest.keyClicks(field, "+")
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert shown.rule.isVisible()
        assert shown.rule.text() == rule


def test_q_in_the_field_ends_it_and_tells_how_many_were_right(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    field = begin_predicting(window, qtbot)
    QTest.keyClicks(field, "many")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.editor.predicting.tally == "0 of 0"  # it is no guess
    QTest.keyClicks(field, "1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    with qtbot.waitSignal(window.editor.told) as told:
        QTest.keyClick(field, Qt.Key.Key_Q)
    assert told.args == ["Predicted: 1 of 1", "note"]
    assert chip(window, "negated") == "–"
    assert not field.isVisible()


def test_a_tensor_is_guessed_by_its_norm(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("matmul_shapes")
    begin_predicting(window, qtbot)
    while window.editor.predicting.question is not None and window.editor.predicting.question.is_number:
        window.editor.predicting.guess("1")
    assert window.editor.predicting.text.endswith(": norm?")
    field = window.canvas.findChild(GuessField).field
    QTest.keyClicks(field, "+")  # which a norm has not
    with qtbot.waitSignal(window.editor.told) as told:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert told.args == ["a number, the norm, is wanted, found '+'", "refusal"]


def test_where_there_is_nothing_to_step_through_nothing_is_asked(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    window.show()
    window.editor.attempt("Add", lambda t: t.add("sin"))
    with qtbot.waitSignal(window.editor.stepper.told):
        do(window, "step.predict")
    assert not window.editor.predicting.on


def begin_asking(window: Window, qtbot: QtBot) -> None:
    """Ask for ∂B/∂A of x and another node."""
    select(window, "x")
    with qtbot.waitSignal(window.editor.told) as told:
        press(window, Qt.Key.Key_D, SHIFT)
    assert told.args == ["∂B/∂A of x and: click the other node, Esc ends it", "note"]


def test_the_other_of_two_nodes_is_clicked(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    begin_asking(window, qtbot)
    message, id = window.status.message, window.editor.graph.resolve("y")
    assert "click the other node" in message.text()
    with qtbot.waitSignal(window.editor.questions.answered):
        Hand(window.canvas).click(title(window.canvas, id))
    answer = window.editor.spotlight.answer
    assert answer is not None
    assert answer.lines[1].startswith("∂y/∂x = ")
    assert message.text() == answer.lines[1]
    Hand(window.canvas).click(title(window.canvas, window.editor.graph.resolve("squared")))
    assert window.editor.spotlight.answer is answer  # that was all that was asked


def test_the_other_of_two_nodes_is_selected_by_keys(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    begin_asking(window, qtbot)
    select(window, "y")
    assert ask(window, qtbot, Qt.Key.Key_D)[1].startswith("∂y/∂x = ")


def test_escape_ends_asking_for_the_other_node(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    begin_asking(window, qtbot)
    press(window, Qt.Key.Key_Escape)
    assert window.status.message.text() == ""
    assert window.editor.selection
    Hand(window.canvas).click(title(window.canvas, window.editor.graph.resolve("y")))
    qtbot.wait(100)
    assert window.editor.spotlight.answer is None


def test_space_in_an_empty_field_skips_and_asks_on(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    field, predicting = begin_predicting(window, qtbot), window.editor.predicting
    QTest.keyClick(field, Qt.Key.Key_Space)
    assert predicting.text == "What does y.y bring back to negated: sign or value?"
    assert predicting.verdict == "skipped: came 1"
    assert predicting.tally == "0 of 0"
    assert (field.text(), field.isVisible(), field.hasFocus()) == ("", True, True)
    assert chip(window, "squared") != "?"
    QTest.keyClicks(field, "1 ")
    assert predicting.tally == "0 of 0"  # a blank behind what is typed says nothing
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert predicting.tally == "1 of 1"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert predicting.verdict.startswith("skipped: ")


def test_the_field_of_guesses_covers_no_node_that_it_asks_about(lesson: Open, qtbot: QtBot) -> None:
    window = lesson("fork")
    canvas = window.canvas
    canvas.zoom_to(1.0)
    id = window.editor.graph.resolve("squared")
    x, y, wide, high = canvas.scene.rect(id)
    canvas.view.place(canvas.width() / 2 - x - wide / 2, canvas.height() - 30 - y - high)
    begin_predicting(window, qtbot)
    shown = canvas.findChild(GuessField)
    node = canvas.view.transform.mapRect(QRectF(x, y, wide, high))
    assert canvas.rect().toRectF().contains(node)
    assert not node.intersects(QRectF(shown.geometry()))


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (5, "x has no gradient yet: step on, and ask then"),
        (7, "not all parts of the gradient at x are there yet: step on, and ask then"),
    ],
)
def test_why_tells_nothing_of_a_gradient_that_comes_later(lesson: Open, qtbot: QtBot, steps: int, told: str) -> None:
    window = lesson("fork")
    select(window, "x")
    window.editor.stepper.to_start()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    for _ in range(steps):
        window.editor.stepper.step()
    press(window, Qt.Key.Key_W, SHIFT)
    assert window.status.message.text() == f"✗ {told}"
    assert window.editor.spotlight.answer is None
