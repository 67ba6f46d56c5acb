"""Going over groups: all that follows of one in a phase is one step, on the way there and on the way back."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from timelines import drawn, value
from windows import Place, has_keyboard, recorded

from gradwire.app.canvas.stepping.caption import caption
from gradwire.app.window import Window
from gradwire.core.stepping import Cursor, Moment, Timeline
from gradwire.core.stepping.over import earlier_over, gone_over, later_out, later_over, outermost


def boxed(*members: str) -> Timeline:
    """f = exp(sin x) · sin x, computed as x, a, b, f, with so many of its ops in a group that is called box."""

    def build(t: Any) -> None:
        x = value(t, "x", 0.5)
        ids = {"a": t.add("sin", name="a", inputs={"x": x})}
        ids["b"] = t.add("exp", name="b", inputs={"x": ids["a"]})
        ids["f"] = t.add("multiply", name="f", inputs={"x": ids["b"], "y": ids["a"]})
        t.group([ids[name] for name in members], "box")

    return drawn(build)


def told(timeline: Timeline, there: bool) -> list[list[str]]:
    """The captions of all moments, as one goes over groups there or back."""
    graph, within = timeline.run.asked.graph, outermost(timeline)
    cursors = [Cursor()] if there else [timeline.end]
    while cursors[-1] != (timeline.end if there else Cursor()):
        cursors.append((later_over if there else earlier_over)(timeline, cursors[-1], within))
    overs = [gone_over(timeline, cursor, within, graph.path) for cursor in cursors]
    return [list(caption(Moment(timeline, *each), 3)) for each in zip(cursors, overs, strict=True)]


def test_a_group_is_one_step_forward_and_one_back_and_says_what_comes_out_of_it() -> None:
    captions = told(boxed("a", "b"), there=True)
    assert captions[2] == ["forward · box: 2 ops", "box/a = 0.479", "box/b = 1.615"]
    assert captions[-1] == ["backward · box: 2 ops", "to x by box/a.x: 2.097"]
    assert [lines[0].split(" · ")[0] for lines in captions] == [
        "Nothing is computed yet", "forward", "forward", "forward", "loss", "backward", "backward"
    ]  # fmt: skip
    assert told(boxed("a", "b"), there=False) == captions[::-1]


def test_where_others_stand_between_its_ops_a_group_is_several_steps() -> None:
    captions = told(boxed("a", "f"), there=True)
    assert [lines[0] for lines in captions] == [
        "Nothing is computed yet",
        "forward · what is given",
        "forward · box/a",
        "forward · b",
        "forward · box/f",
        "loss · where gradients start, at box/f = 0.774",
        "backward · box/f",
        "backward · b",
        "backward · box/a",
    ]


def test_a_part_of_a_group_says_of_how_many_it_is() -> None:
    timeline = boxed("a", "b")
    over = gone_over(timeline, Cursor(3), lambda node: "box", str)
    assert over is not None
    assert next(caption(Moment(timeline, Cursor(3), over), 3)) == "forward · box: 2 of 3 ops"


def test_from_within_a_group_a_step_goes_to_its_end_or_back_to_its_start() -> None:
    timeline = boxed("a", "b")
    within = outermost(timeline)
    assert later_over(timeline, Cursor(2), within) == Cursor(3)
    assert earlier_over(timeline, Cursor(2), within) == Cursor(1)
    end = timeline.end.step
    parts = len(timeline.steps[end - 2].micros)
    assert parts > 1
    for micro in range(1, parts):
        assert later_over(timeline, Cursor(end - 2, micro), within) == timeline.end
        assert earlier_over(timeline, Cursor(end - 2, micro), within) == Cursor(end - 2)


def test_all_that_a_group_delivers_is_delivered_at_once() -> None:
    timeline = boxed("a", "b")
    over = gone_over(timeline, timeline.end, outermost(timeline), str)
    delivered = Moment(timeline, timeline.end, over).delivering
    assert [timeline.run.asked.graph.path(delivery.node) for delivery in delivered] == ["box/b", "box/a"]
    assert Moment(timeline, timeline.end).delivering == delivered[1:]


# In a window.

OUTER = ["forward · box: 2 ops", "box/a = 0.479", "box/b = 1.615"]


@pytest.fixture
def window(place: Place) -> Window:
    """f = exp(sin x) · sin x at its start, with a and b in a collapsed group."""
    window = place.start(empty=True)
    window.show()

    def build(t: Any) -> None:
        x = t.add("input", name="x", params={"value": 0.5})
        a = t.add("sin", name="a", inputs={"x": x})
        b = t.add("exp", name="b", inputs={"x": a})
        t.add("multiply", name="f", inputs={"x": b, "y": a})
        t.group([a, b], "box")

    window.editor.attempt("Build", build)
    has_keyboard(window)
    window.canvas.setFocus()
    return window


def head(window: Window) -> str:
    """The first line of what the canvas says of the moment."""
    moment = window.editor.stepper.moment
    assert moment is not None
    return next(caption(moment, 3))


def press(window: Window, qtbot: QtBot, key: Qt.Key, shift: bool = False) -> str:
    """Press a key in the canvas; what is then said."""
    modifiers = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(window.canvas, key, modifiers)
    recorded(window, qtbot)
    return head(window)


def collapsed(window: Window, qtbot: QtBot) -> bool:
    """Press H with the group selected; whether it then is one box."""
    (box,) = window.editor.graph.groups
    window.editor.select([box], box)
    QTest.keyClick(window.canvas, Qt.Key.Key_H)
    return window.editor.graph.groups[box].collapsed


def test_f10_steps_over_a_collapsed_group_and_space_through_it(window: Window, qtbot: QtBot) -> None:
    if not window.editor.graph.groups["group0"].collapsed:
        assert collapsed(window, qtbot)
    there = [press(window, qtbot, Qt.Key.Key_F10) for _ in range(6)]
    assert there == [
        "forward · what is given",
        "forward · box: 2 ops",
        "forward · f",
        "loss · where gradients start, at f = 0.774",
        "backward · f",
        "backward · box: 2 ops",
    ]
    assert window.editor.stepper.at_end
    back = [press(window, qtbot, Qt.Key.Key_F10, shift=True) for _ in range(5)]
    assert back == there[-2::-1]
    assert press(window, qtbot, Qt.Key.Key_Space) == "forward · box/a"
    assert press(window, qtbot, Qt.Key.Key_Space) == "forward · box/b"
    assert press(window, qtbot, Qt.Key.Key_F10, shift=True) == "forward · what is given"
    assert press(window, qtbot, Qt.Key.Key_F11) == "forward · box/a"  # into it
    assert press(window, qtbot, Qt.Key.Key_F10) == "forward · box: 2 ops"  # and on to its end
    assert press(window, qtbot, Qt.Key.Key_F5).startswith("backward · box/a")  # nothing was gone over


def test_an_expanded_group_is_stepped_through(window: Window, qtbot: QtBot) -> None:
    if window.editor.graph.groups["group0"].collapsed:
        assert not collapsed(window, qtbot)
    there = [press(window, qtbot, Qt.Key.Key_F10) for _ in range(3)]
    assert there == ["forward · what is given", "forward · box/a", "forward · box/b"]
    assert collapsed(window, qtbot)
    assert press(window, qtbot, Qt.Key.Key_F10, shift=True) == "forward · what is given"
    window.editor.enter("group0")
    assert press(window, qtbot, Qt.Key.Key_F10) == "forward · box/a"  # which is seen from within


def test_at_the_grain_of_groups_every_step_tells_the_group(window: Window, qtbot: QtBot) -> None:
    window.editor.stepper.choose_grain("group")
    there = [press(window, qtbot, Qt.Key.Key_Space) for _ in range(3)]
    assert there == ["forward · what is given", "forward · box: 2 ops", "forward · f"]
    window.editor.stepper.back()
    moment = window.editor.stepper.moment
    assert moment is not None
    assert list(caption(moment, 3)) == OUTER


def test_what_a_group_gives_back_moves_out_of_it_when_it_is_gone_over(window: Window, qtbot: QtBot) -> None:
    editor = window.editor
    if not editor.graph.groups["group0"].collapsed:
        assert collapsed(window, qtbot)
    for _ in range(6):
        press(window, qtbot, Qt.Key.Key_F10)
    assert ("sin0", "x") in editor.motion.coming  # on its way to x
    qtbot.waitUntil(lambda: editor.motion.progress is None)
    assert editor.results.gradient(next(iter(editor.stepper.timeline.sources_of["input0"]))).value is not None


def test_a_step_out_leaves_the_inner_group_and_the_next_one_the_outer(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    editor = window.editor

    def build(t: Any) -> None:
        value = t.add("input", name="x", shape=(), value=0.5)
        ids = []
        for name, op in (("a", "sin"), ("b", "cos"), ("c", "exp"), ("d", "square"), ("loss", "negative")):
            value = t.add(op, name=name, inputs={"x": value}, position=(200.0 * len(ids), 0.0))
            ids.append(value)
        inner = t.group(ids[1:3], name="inner")
        t.group([ids[0], inner, ids[3]], name="outer")

    editor.attempt("Build", build)
    window.show_canvas()
    qtbot.waitUntil(lambda: editor.live.root is not None)
    editor.stepper.to_start()
    qtbot.waitUntil(lambda: editor.stepper.active)
    has_keyboard(window)
    window.canvas.setFocus()
    timeline, seen = editor.stepper.timeline, []
    for key, held in [(Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier)] * 3 + [
        (Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
    ] * 3:
        QTest.keyClick(window.canvas, key, held)
        seen.append(editor.graph.path(timeline.steps[editor.stepper.cursor.step - 1].nodes[-1]))
    assert seen == ["x", "outer/a", "outer/inner/b", "outer/inner/c", "outer/d", "loss"]
    assert later_out(timeline, Cursor(1)) == Cursor(5)  # from before a: all of outer
    assert later_out(timeline, Cursor(2)) == Cursor(5)  # one is in outer, though inner comes next
    assert later_out(timeline, Cursor(2, 1)) == Cursor(4)  # in the middle of a step of inner
    d = next(i for i, step in enumerate(timeline.steps) if step.phase == "backward" and step.node == "square0")
    assert later_out(timeline, Cursor(d + 1)) == Cursor(d + 4)  # back as well: with c, b and a
    assert later_out(timeline, timeline.end) == timeline.end
