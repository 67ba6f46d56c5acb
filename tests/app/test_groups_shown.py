"""Groups: boxes show what they compute, going in and out keeps the view, wires to boxes lead past all nodes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hand import CONTROL, Hand, port, sample, title
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.scene import PortRef, Scene
from gradwire.app.window import Window
from gradwire.core.document import Transaction
from gradwire.core.files import dump_graph
from gradwire.core.graph import Source


@pytest.fixture
def window(drawn_window: Window) -> Window:
    return drawn_window


@pytest.fixture
def hand(window: Window) -> Hand:
    return Hand(window.canvas)


@pytest.fixture
def end(window: Window) -> str:
    """relu and sum, the end of the graph, in one box."""
    window.editor.select(["relu0", "sum0"])
    QTest.keyClick(window.canvas, Qt.Key.Key_G, CONTROL)
    (group,) = window.editor.selection
    return group


def outputs(canvas: Canvas, group: str) -> list[str]:
    return [port.name for port in canvas.scene.ports(group) if port.output]


def view(canvas: Canvas) -> tuple[float, float, float]:
    return canvas.view.scale, canvas.view.x, canvas.view.y


def is_filled(canvas: Canvas, id: str, name: str) -> bool:
    """Whether an output is drawn as one that something reads."""
    image = canvas.grab_image()
    at = canvas.view.to_screen(*port(canvas, id, name, True)) * image.devicePixelRatio()
    return image.pixelColor(at.toPoint()).lightness() > 128


# The result in a box.


def test_a_box_around_the_end_of_a_graph_shows_its_result_and_gradient(window: Window, end: str, qtbot: QtBot) -> None:
    canvas, editor = window.canvas, window.editor
    assert outputs(canvas, end) == ["sum0.y"]
    qtbot.waitUntil(lambda: editor.results.value(Source("sum0", "y")) is not None)
    (source,) = canvas.scene.item(end).sources
    told = canvas.values.tell(source)
    assert told.value == editor.session.run(fetch="sum0")["sum0"] == 18
    qtbot.waitUntil(lambda: canvas.values.tell(source).gradient == 1)
    x, y, width, height = canvas.scene.rect(end)
    assert canvas.hit(x + width / 2, y + height - 12).part == "gradient"
    assert canvas.hit(x + width, port(canvas, end, "sum0.y", True)[1]).port == PortRef(end, "sum0.y", True)


def test_a_wire_drawn_from_such_a_port_starts_at_the_inner_node(window: Window, hand: Hand, end: str) -> None:
    canvas, editor = window.canvas, window.editor
    assert not is_filled(canvas, end, "sum0.y")
    hand.drag(port(canvas, end, "sum0.y", True), port(canvas, "tanh0", "x"))
    assert editor.graph.fed("tanh0", "x") == Source("sum0", "y")
    assert editor.document.history.undo_label == "Connect sum to tanh.x"
    assert outputs(canvas, end) == ["sum0.y"]  # taken now, and still there
    assert is_filled(canvas, end, "sum0.y")


def test_collapsing_and_expanding_leaves_the_graph_as_it_was(window: Window, end: str) -> None:
    canvas, editor = window.canvas, window.editor
    collapsed = dump_graph(editor.graph)
    boxes = {id: canvas.scene.rect(id) for id in canvas.scene.visible}
    QTest.keyClick(canvas, Qt.Key.Key_H)
    assert {"relu0", "sum0"} <= canvas.scene.visible
    QTest.keyClick(canvas, Qt.Key.Key_H)
    assert dump_graph(editor.graph) == collapsed
    assert {id: canvas.scene.rect(id) for id in canvas.scene.visible} == boxes


def test_what_a_box_gives_others_stands_first_and_follows_each_edit_within(window: Window, hand: Hand) -> None:
    canvas, editor = window.canvas, window.editor
    editor.select(["matmul0", "relu0", "tanh0"])
    QTest.keyClick(canvas, Qt.Key.Key_G, CONTROL)
    (group,) = editor.selection

    def agrees() -> list[str]:
        new = Scene(editor)
        assert [canvas.scene.rect(id) for id in sorted(new.visible)] == [new.rect(id) for id in sorted(new.visible)]
        assert outputs(canvas, group) == [port.name for port in new.ports(group) if port.output]
        return outputs(canvas, group)

    assert agrees() == ["relu0.y", "tanh0.y"]
    editor.attempt("Read tanh", lambda t: t.add("sin", id="sin0", inputs={"x": "tanh0"}, group=group))
    assert agrees() == ["relu0.y", "sin0.y"]
    editor.attempt("Cut", lambda t: t.disconnect("sum0", "x"))
    assert set(agrees()) == {"relu0.y", "sin0.y"}
    editor.attempt("Delete", lambda t: t.remove("sin0"))
    assert set(agrees()) == {"relu0.y", "tanh0.y"}
    for _ in range(3):
        editor.undo()
        agrees()
    assert outputs(canvas, group) == ["relu0.y", "tanh0.y"]


# In and out.


def test_leaving_a_group_finds_the_view_where_it_was(window: Window, hand: Hand, end: str) -> None:
    canvas, editor = window.canvas, window.editor
    canvas.zoom_to(1.3)
    canvas.view.pan(-37, 21)
    outside = view(canvas)
    hand.double(title(canvas, end))
    assert editor.group == end
    left, top, right, bottom = canvas.scene.bounds()  # type: ignore[misc]
    x0, y0, x1, y1 = canvas.view.window(canvas.width(), canvas.height())
    assert x0 <= left < right <= x1
    assert y0 <= top < bottom <= y1
    assert canvas.view.scale == 1.0  # two nodes have room to be larger
    canvas.view.pan(55, 66)
    canvas.zoom_to(0.7)
    inside = view(canvas)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert editor.group is None
    assert view(canvas) == outside
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert editor.group == end
    assert view(canvas) == inside


def test_another_document_is_shown_whole(window: Window, end: str) -> None:
    canvas, editor = window.canvas, window.editor
    editor.enter(end)
    canvas.view.pan(4000, 4000)
    editor.open(sample())
    window.editor.enter(window.editor.attempt("Group", lambda t: t.group(["relu0", "sum0"])))
    assert all(x > 0 for x in canvas.view.to_screen(*canvas.scene.rect("relu0")[:2]).toTuple())
    editor.document.mark_saved()


# Wires to boxes.


def behind(canvas: Canvas) -> list[str]:
    """The wires that run behind a node or box, each with that."""
    scene = canvas.scene
    found = []
    for (target, name), slot in scene.wires.slots.items():
        path = scene.wires.paths(np.array([slot]), 30)[0]
        for other in set(scene.items.solid().tolist()) - set(scene.wires.items[slot].tolist()):
            x, y, width, height = scene.items.boxes[other]
            within = (path[:, 0] > x) & (path[:, 0] < x + width) & (path[:, 1] > y) & (path[:, 1] < y + height)
            if within.any():
                found.append(f"{target}.{name} behind {scene.items.at(other).id}")
    return found


def lay_out(window: Window, qtbot: QtBot) -> None:
    QTest.keyClick(window.canvas, Qt.Key.Key_L, CONTROL)
    qtbot.waitUntil(lambda: not window.jobs.layout.busy)


def boxes(window: Window, qtbot: QtBot) -> None:
    """Two boxes at the ends of a chain; each is wired past all of it, by what is hidden in it."""
    editor = window.editor

    def build(t: Transaction) -> None:
        t.remove(*editor.graph.nodes)
        t.add("constant", id="a", params={"value": 1.0})
        t.add("exp", id="b", inputs={"x": "a"}, position=(0, 100))
        for i in range(5):
            t.add("sin", id=f"s{i}", inputs={"x": f"s{i - 1}" if i else "a"}, position=(200 * i + 200, 0))
        t.add("add", id="c", inputs={"x": "s4", "y": "b"}, position=(1300, 0))
        t.add("multiply", id="d", inputs={"x": "c", "y": "a"}, position=(1500, 0))
        for name, ids in (("first", ["a", "b"]), ("last", ["c", "d"])):
            t.collapse(t.group(ids, name))

    editor.attempt("Build", build)
    qtbot.waitUntil(lambda: not editor.checking.busy)


def test_wires_to_boxes_lead_past_all_nodes_after_a_layout(window: Window, qtbot: QtBot) -> None:
    boxes(window, qtbot)
    canvas, editor = window.canvas, window.editor
    lay_out(window, qtbot)
    assert behind(canvas) == []
    past = {("c", "y"), ("d", "y")}
    assert past <= set(editor.graph.bends)
    shown = {wire for wire in past if canvas.scene.wires.slots[wire] in canvas.scene.wires.bends.dots}
    assert shown == past
    graph = editor.graph
    lay_out(window, qtbot)
    assert editor.graph == graph


def test_dots_before_a_box_are_shown_and_those_within_are_not(window: Window, hand: Hand, end: str) -> None:
    canvas, editor = window.canvas, window.editor
    x, y = canvas.scene.rect(end)[:2]
    before, within = (x - 40.0, y - 60.0), (x + 30.0, y - 60.0)
    for dots, seen in (([before], True), ([before, within], False), ([before], True)):
        editor.attempt("Bend", lambda t, dots=dots: t.set_bends("relu0", "x", dots))
        assert (canvas.hit(*before).dot is not None) == seen
    # The box is moved to the left of the dot, and back.
    corner = title(canvas, end)
    hand.drag(corner, (corner[0] - 80, corner[1]))
    assert canvas.hit(*before).dot is None
    QTest.keyClick(canvas, Qt.Key.Key_Z, CONTROL)
    assert canvas.hit(*before).dot is not None


@pytest.mark.parametrize("seed", range(6))
def test_no_wire_runs_behind_a_node_whatever_is_collapsed(window: Window, qtbot: QtBot, seed: int) -> None:
    editor, numbers = window.editor, np.random.default_rng(seed)

    def build(t: Transaction) -> None:
        t.remove(*editor.graph.nodes)
        t.add("constant", id="n0", params={"value": 1.0})
        for i in range(1, 16):
            a, b = (f"n{numbers.integers(max(i - 6, 0), i)}" for _ in "ab")
            t.add("add", id=f"n{i}", inputs={"x": a, "y": b}, position=(180 * i, 0))
        for name, start in (("one", 2), ("two", 7), ("three", 12)):
            t.collapse(t.group([f"n{start + i}" for i in range(3)], name))

    editor.attempt("Build", build)
    qtbot.waitUntil(lambda: not editor.checking.busy)
    lay_out(window, qtbot)
    canvas = window.canvas
    rects = [canvas.scene.rect(id) for id in canvas.scene.visible]
    for (x, y, w, h), (a, b, c, d) in itertools.combinations(rects, 2):
        assert x + w <= a or a + c <= x or y + h <= b or b + d <= y
    ends = canvas.scene.wires.ends[list(canvas.scene.wires.slots.values())]
    if (ends[:, 2] > ends[:, 0]).all():  # boxes that close a loop have wires back, which go round by themselves
        assert behind(canvas) == []


# Its page in the inspector.


def test_the_page_names_the_nodes_of_problems_and_values_as_ports_do(window: Window, end: str, qtbot: QtBot) -> None:
    editor, inspector = window.editor, window.docks.panels["inspector"]
    for id in ("relu1", "exp1"):
        editor.attempt("Add", lambda t, id=id: t.add(id[:-1], id=id, name=f"own_{id}", group=end))
    editor.select([end])
    qtbot.waitUntil(lambda: "own_relu1" in inspector.page.problems.lines.text())
    open_port = "nothing is wired to this port (any floating tensor fits)"
    told = [line for line in inspector.page.problems.lines.text().splitlines() if open_port in line]
    assert sorted(told) == [f"⚠ own_exp1.x: {open_port}", f"⚠ own_relu1.x: {open_port}"]
    values = [output.suffix.strip() for output in inspector.page.outputs]
    assert set(values) == {"sum", "own_relu1", "own_exp1"}  # each of them gives one value alone
