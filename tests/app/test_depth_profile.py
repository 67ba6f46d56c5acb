"""Gradients by depth: a small plot beside the graph in which one sees where they vanish."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from timelines import drawn, example, value
from windows import Place, recorded

from gradwire.app.inspecting.depth_profile import BARS, HIGH, LONG, TOP, DepthProfile
from gradwire.app.inspecting.document_page import DocumentPage
from gradwire.app.window import Window
from gradwire.core.ops import builtin
from gradwire.core.stepping import Cursor, Moment, Timeline
from gradwire.core.stepping.depth import Profile, depths, profile
from gradwire.core.stepping.naming import find_moment
from gradwire.core.stepping.timeline import Strength


def profile_at(timeline: Timeline, cursor: Cursor) -> Profile:
    graph, moment = timeline.run.asked.graph, Moment(timeline, cursor)

    def strength(source: Any) -> Strength | None:
        total = moment.gradient(source).value
        return None if total is None else Strength.of(np.asarray(total))

    return profile(graph, builtin(), depths(graph), strength)


def test_depths_are_longest_ways_and_parameters_are_as_deep_as_what_takes_them() -> None:
    timeline = example("digits_mlp")
    graph = timeline.run.asked.graph
    by_path = {graph.path(id): depth for id, depth in depths(graph).items()}
    assert by_path["data"] == 0
    assert by_path["mlp/linear_1/weight"] == by_path["mlp/linear_1/matmul"] == 1
    assert by_path["mlp/linear_1/bias"] == by_path["mlp/linear_1/add"] == 2
    assert by_path["mlp/linear_3/add"] == 8
    assert by_path["loss"] == 9


def test_a_line_goes_through_the_largest_of_each_depth() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 2.0)
        a, b = t.add("sin", name="a", inputs={"x": x}), t.add("exp", name="b", inputs={"x": x})
        t.add("multiply", name="f", inputs={"x": a, "y": b})

    timeline = drawn(build)
    found = profile_at(timeline, timeline.end)
    graph = timeline.run.asked.graph
    assert [(graph.path(level.source.node), level.depth) for level in found.line] == [("x", 0), ("a", 1), ("f", 2)]
    assert found.line[1].strength.rms == pytest.approx(np.exp(2.0)), "d f / d a = b, and sin 2 is less"
    assert len(found.levels) == 4


def test_a_profile_holds_what_has_come_by_the_moment() -> None:
    timeline = example("lessons/vanishing_sigmoids")
    counts = [len(profile_at(timeline, Cursor(step)).levels) for step in range(timeline.end.step + 1)]
    assert (counts[0], counts[-1]) == (0, 9)
    assert counts == sorted(counts)
    sizes = [level.strength.rms for level in profile_at(timeline, timeline.end).line]
    assert sizes[-1] == 1.0
    assert all(later / earlier > 3.9 for earlier, later in pairwise(sizes))


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    window = place.start(place.copy("lessons/vanishing_sigmoids.gw"))
    window.show()
    recorded(window, qtbot)
    return window


def shown(window: Window) -> DepthProfile:
    page = window.findChild(DocumentPage)
    assert page is not None, "nothing is selected"
    found = page.findChild(DepthProfile)
    assert found is not None
    return found


def test_the_plot_is_there_from_the_first_step_on_and_says_how_far_gradients_fall(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: shown(window).isVisible())
    stepper, found = window.editor.stepper, shown(window)
    assert found.plot.words == "no gradient has come back yet"
    before = found.mapTo(window, found.rect().topLeft())
    stepper.seek(find_moment(stepper.timeline, "loss"))
    qtbot.waitUntil(lambda: found.plot.words == "1 at s8")
    assert found.plot.decades == (-2, 0)
    stepper.to_end()
    qtbot.waitUntil(lambda: found.plot.words == "1 at s8, 7.675e−6 at x: 130,000 times smaller")
    assert found.mapTo(window, found.rect().topLeft()) == before
    stepper.seek(Cursor(0))
    qtbot.waitUntil(lambda: found.plot.words == "no gradient has come back yet")


def test_its_axis_says_how_thick_wires_are_and_a_sign_how_all_is_read(window: Window, qtbot: QtBot) -> None:
    window.editor.stepper.to_end()
    found = shown(window)
    qtbot.waitUntil(lambda: len(found.plot.found.line) == 9)
    assert found.plot.decades == (-6, 0)
    image = found.plot.grab().toImage()
    column = [image.pixelColor(BARS + LONG // 2, y).name() for y in range(image.height())]
    thick = [colour != column[0] for colour in column]
    assert found.plot.theme.gradient in column
    assert sum(thick[: 2 * TOP]) > sum(thick[HIGH : 2 * TOP + HIGH]) > 0, "a wire of 1 is thicker than one of 1e-6"
    QTest.mouseClick(found.help, Qt.MouseButton.LeftButton)
    assert "Bars at the axis are as thick as wires" in found.help.text_shown
    QTest.keyClick(found.help, Qt.Key.Key_Escape)
    assert found.help.text_shown == ""


def test_a_click_on_a_dot_selects_its_node(window: Window, qtbot: QtBot) -> None:
    window.editor.stepper.to_end()
    plot = shown(window).plot
    qtbot.waitUntil(lambda: len(plot.found.line) == 9)
    third = plot.found.line[3]
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.place(third).toPoint())
    assert window.editor.selection == {third.source.node}
    assert window.editor.graph.path(third.source.node) == "s3"


def test_nodes_that_go_while_it_is_shown_are_nobodys_dots(window: Window, qtbot: QtBot) -> None:
    window.editor.stepper.to_end()
    plot, editor = shown(window).plot, window.editor
    qtbot.waitUntil(lambda: len(plot.found.line) == 9)
    before = plot.place(plot.found.line[3])
    editor.attempt("Delete", lambda t: t.remove(editor.graph.resolve("s3")))
    assert plot.grab().toImage().isNull() is False, "before it is looked at anew"
    assert plot.at(before) is None
    qtbot.waitUntil(lambda: len(plot.found.line) < 9)


def test_gradients_that_are_not_finite_are_told_with_the_deepest_of_them(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/where_nan.gw"))
    window.show()
    recorded(window, qtbot)
    window.editor.stepper.to_end()
    found = shown(window)
    qtbot.waitUntil(lambda: bool(found.plot.found.levels))
    qtbot.waitUntil(lambda: found.plot.words.startswith("not finite from "))
    assert found.grab().toImage().isNull() is False


def test_a_shallow_graph_has_no_profile(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("fork.gw"))
    window.show()
    recorded(window, qtbot)
    assert not shown(window).isVisible()
