"""Align, distribute and layered layout: one undo, frames together, nothing overlapping."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.actions.arrange import ACTIONS
from gradwire.app.canvas.bends import route
from gradwire.app.canvas.curves import points
from gradwire.app.layout import layering
from gradwire.app.layout.arranging import EDGES, align, distribute, layout_of
from gradwire.app.layout.boxes import around
from gradwire.app.layout.lanes import BETWEEN_ROWS, Joint
from gradwire.app.layout.layering import Drawing, layered, without_loops
from gradwire.app.layout.routing import dots
from gradwire.app.window import Window
from gradwire.core.document import Document
from gradwire.core.errors import RunError
from gradwire.core.files import dump_graph
from gradwire.core.files.journal import journal_path
from gradwire.core.graph import Source
from gradwire.core.layers import build
from gradwire.core.session import Session

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BOXES = {"a": (0.0, 0.0, 150.0, 80.0), "b": (200.0, 40.0, 180.0, 120.0), "c": (500.0, 300.0, 150.0, 60.0)}


def moved(boxes: dict[str, Any], steps: dict[str, tuple[float, float]]) -> dict[str, Any]:
    return {id: (x + steps[id][0], y + steps[id][1], w, h) for id, (x, y, w, h) in boxes.items()}


def overlap(one: Any, other: Any) -> bool:
    apart = one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
    return not (apart or one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1])


@pytest.mark.parametrize(
    ("edge", "read"),
    [
        ("left", lambda b: b[0]),
        ("right", lambda b: b[0] + b[2]),
        ("top", lambda b: b[1]),
        ("bottom", lambda b: b[1] + b[3]),
        ("centre", lambda b: b[0] + b[2] / 2),
        ("middle", lambda b: b[1] + b[3] / 2),
    ],
)
def test_aligned_boxes_share_an_edge(edge: str, read: Any) -> None:
    assert edge in EDGES
    after = moved(BOXES, align(BOXES, edge))
    assert len({read(box) for box in after.values()}) == 1
    whole = around(after.values())
    before = around(BOXES.values())
    axis = 0 if edge in ("left", "right", "centre") else 1
    assert before[axis] <= whole[axis]
    assert whole[axis] + whole[2 + axis] <= before[axis] + before[2 + axis]


@pytest.mark.parametrize(("axis", "along"), [("horizontally", 0), ("vertically", 1)])
def test_distributed_boxes_have_equal_gaps(axis: str, along: int) -> None:
    after = moved(BOXES, distribute(BOXES, axis))
    order = sorted(after.values(), key=lambda box: box[along])
    gaps = [second[along] - first[along] - first[2 + along] for first, second in itertools.pairwise(order)]
    assert gaps[0] == pytest.approx(gaps[1])
    assert after["a"] == BOXES["a"]
    assert after["c"] == BOXES["c"]


def drawn(sizes: Any, edges: Any, **more: Any) -> Drawing:
    """Boxes that are joined from middle to middle."""
    return layered(sizes, [Joint(a, b, sizes[a][1] / 2, sizes[b][1] / 2) for a, b in edges], **more)


@settings(max_examples=60)
@given(st.data())
def test_layered_boxes_go_to_the_right_and_do_not_overlap(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 14))
    size = st.tuples(st.floats(40, 300), st.floats(20, 300))
    sizes = data.draw(st.lists(size, min_size=count, max_size=count))
    node = st.integers(0, count - 1)
    edges = data.draw(st.lists(st.tuples(node, node), max_size=30))
    places = drawn(sizes, edges).places
    boxes = [(*place, *size) for place, size in zip(places, sizes, strict=True)]
    assert not any(overlap(one, other) for i, one in enumerate(boxes) for other in boxes[:i])
    for source, target in without_loops(count, sorted(set(edges))):
        assert boxes[source][0] + boxes[source][2] <= boxes[target][0]
    assert min(x for x, _ in places) == pytest.approx(0)
    assert min(y for _, y in places) >= 0
    assert drawn(sizes, edges).places == places


def crossings(places: Any, edges: Any) -> int:
    count = 0
    for i, (a, b) in enumerate(edges):
        for c, d in edges[:i]:
            if places[a][0] == places[c][0] and places[b][0] == places[d][0]:
                count += (places[a][1] - places[c][1]) * (places[b][1] - places[d][1]) < 0
    return count


def test_a_layout_untangles() -> None:
    edges = [(i, 9 - i) for i in range(5)]
    assert crossings(drawn([(100.0, 50.0)] * 10, edges).places, edges) == 0
    chain = drawn([(100.0, 50.0), (100.0, 120.0), (100.0, 30.0)], [(0, 1), (1, 2)]).places
    middles = {y + h / 2 for (_, y), h in zip(chain, (50, 120, 30), strict=True)}
    assert len({round(m, 6) for m in middles}) == 1
    fan = drawn([(100.0, 50.0)] * 4, [(0, 1), (0, 2), (0, 3)]).places
    assert [fan[i + 1][1] - fan[i][1] for i in (1, 2)] == [50 + BETWEEN_ROWS] * 2


def test_a_large_graph_is_laid_out_within_a_second_or_so() -> None:
    numbers = random.Random(1)
    count = 10_000
    edges = [(max(0, i - numbers.randint(1, 20)), i) for i in range(1, count)]
    started = time.perf_counter()
    places = drawn([(150.0, 90.0)] * count, edges).places
    assert len(set(places)) == count
    assert time.perf_counter() - started < 5


@pytest.fixture
def window(place: Any) -> Any:
    found = place.start(place.copy("digits_mlp.gw"))
    found.show_canvas()
    return found


def act(window: Any, id: str) -> None:
    next(action for action in ACTIONS if action.id == id).run(window)
    deadline = time.monotonic() + 10
    while (window.editor.checking.busy or window.jobs.layout.busy) and time.monotonic() < deadline:
        QApplication.processEvents()
    assert not window.jobs.layout.busy


def boxes_of(window: Any) -> dict[str, Any]:
    scene = window.canvas.scene
    return {id: scene.rect(id) for id in scene.visible}


def test_a_layout_of_all_keeps_frames_together_and_is_one_undo(window: Any) -> None:
    editor = window.editor
    before = dump_graph(editor.graph)
    old = around([box for id, box in boxes_of(window).items() if id in editor.graph.nodes])
    act(window, "arrange.lay_out")
    boxes, graph = boxes_of(window), editor.graph
    nodes = [id for id in boxes if id in graph.nodes]
    assert not any(overlap(boxes[a], boxes[b]) for i, a in enumerate(nodes) for b in nodes[:i])
    for wire in graph.wires():
        assert boxes[wire.source.node][0] + boxes[wire.source.node][2] <= boxes[wire.target][0]
    for group in graph.groups:
        within = set(graph.interior(group)[0])
        for node in nodes:
            assert overlap(boxes[group], boxes[node]) == (node in within)
    new = around([boxes[id] for id in nodes])
    assert new[0] + new[2] / 2 == pytest.approx(old[0] + old[2] / 2, abs=1)
    assert new[1] + new[3] / 2 == pytest.approx(old[1] + old[3] / 2, abs=1)
    assert [entry.label for entry in editor.document.history.entries] == ["Lay out the graph"]
    kinds = {type(edit).__name__ for edit in editor.document.history.entries[-1].edits}
    assert kinds <= {"MoveNode", "SetBends"}
    editor.undo()
    assert dump_graph(editor.graph) == before


def behind(window: Any) -> list[str]:
    """The wires that run behind a node, each with that node."""
    scene = window.canvas.scene
    found = []
    for (target, port), slot in scene.wires.slots.items():
        path = scene.wires.paths(np.array([slot]), 30)[0]
        for other in set(scene.items.solid().tolist()) - set(scene.wires.items[slot].tolist()):
            x, y, width, height = scene.items.boxes[other]
            within = (path[:, 0] > x) & (path[:, 0] < x + width) & (path[:, 1] > y) & (path[:, 1] < y + height)
            if within.any():
                found.append(f"{target}.{port} behind {scene.items.at(other).id}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.gw")), ids=lambda path: path.stem)
def test_no_wire_runs_behind_a_node_after_a_layout_and_none_has_a_step(path: Path, place: Any, qtbot: Any) -> None:
    window = place.start(Path(shutil.copy(path, place.folder / path.name)))
    window.show_canvas()
    qtbot.waitUntil(lambda: not window.editor.checking.busy)
    act(window, "arrange.lay_out")
    assert behind(window) == []
    ends = window.canvas.scene.wires.ends[list(window.canvas.scene.wires.slots.values())]
    rises = np.abs(ends[:, 3] - ends[:, 1])
    assert not ((rises > 0) & (rises < 4)).any()  # level, or seen not to be
    assert (rises == 0).any()


def test_a_wire_past_others_has_a_lane_of_its_own(place: Any, qtbot: Any) -> None:
    window = place.start(empty=True)
    window.show_canvas()

    def build(t: Any) -> None:
        t.add("input", id="x")
        for i in range(5):
            t.add("sin", id=f"s{i}", inputs={"x": f"s{i - 1}" if i else "x"})
        t.add("add", id="end", inputs={"x": "s4", "y": "x"})
        t.add("cos", id="c", inputs={"x": "x"})
        t.add("multiply", id="m", inputs={"x": "c", "y": "end"})
        t.group(["s1", "s2", "c"], "block")

    window.editor.attempt("Build", build)
    qtbot.waitUntil(lambda: not window.editor.checking.busy)
    act(window, "arrange.lay_out")
    assert behind(window) == []
    assert ("end", "y") in window.editor.graph.bends
    dots = window.editor.graph.bends["end", "y"]
    assert len(dots) <= 4
    before = window.editor.graph
    act(window, "arrange.lay_out")
    assert window.editor.graph == before


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_part_is_torn_apart_by_a_band_in_which_nothing_stands(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 12))
    sizes = data.draw(st.lists(st.tuples(st.integers(60, 260), st.integers(60, 200)), min_size=count, max_size=count))
    edges = [(data.draw(st.integers(0, node - 1)), node) for node in range(1, count)]  # one part
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    edges += [(a, b) for a, b in data.draw(st.lists(pair, max_size=12)) if a < b]
    drawing = drawn(sizes, edges)
    spans = [(y, y + high) for (_, y), (_, high) in zip(drawing.places, sizes, strict=True)]
    spans += [(lane.y, lane.y) for lanes in drawing.lanes.values() for lane in lanes]
    low = 0.0
    for top, bottom in sorted(spans):
        assert top - low <= BETWEEN_ROWS + 1e-6
        low = max(low, bottom)


@given(st.data())
def test_lanes_lead_past_all_boxes(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 12))
    sizes = data.draw(st.lists(st.tuples(st.integers(60, 260), st.integers(60, 200)), min_size=count, max_size=count))
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    edges = [(a, b) for a, b in data.draw(st.lists(pair, max_size=20)) if a < b]
    drawing = drawn(sizes, edges)
    boxes = np.array([(x, y, x + w, y + h) for (x, y), (w, h) in zip(drawing.places, sizes, strict=True)])
    for number, (a, b) in enumerate(edges):
        start = boxes[a, 2], boxes[a, 1] + sizes[a][1] / 2
        end = boxes[b, 0], boxes[b, 1] + sizes[b][1] / 2
        others = np.delete(boxes, [a, b], axis=0)
        found = dots(start, end, drawing.lanes[number], others)
        wire = route(start, end, np.array(found).reshape(-1, 2), 400) if found else None
        if wire is None:
            wire = points(np.array([[*start, *end]]), np.zeros(1), 100)[0]
        for left, top, right, bottom in others:
            within = (wire[:, 0] > left) & (wire[:, 0] < right) & (wire[:, 1] > top) & (wire[:, 1] < bottom)
            assert not within.any()


def test_a_layout_of_a_selection_leaves_the_others(window: Any) -> None:
    editor = window.editor
    editor.attempt("Spoil", lambda t: [t.move(id, (0.0, 0.0)) for id in ("matmul0", "add0", "parameter0")])
    editor.select(["matmul0", "add0", "parameter0"])
    before = {id: node.position for id, node in editor.graph.nodes.items()}
    act(window, "arrange.lay_out")
    after = {id: node.position for id, node in editor.graph.nodes.items()}
    assert {id for id in after if after[id] != before[id]} <= {"matmul0", "add0", "parameter0"}
    assert after["parameter0"][0] < after["matmul0"][0] < after["add0"][0]
    assert editor.document.history.entries[-1].label == "Lay out the selection"


def test_a_second_layout_moves_nothing(window: Any) -> None:
    act(window, "arrange.lay_out")
    graph = window.editor.graph
    act(window, "arrange.lay_out")
    assert window.editor.graph == graph
    assert len(window.editor.document.history.entries) == 1


class Gate:
    """Lets a layout wait in the middle, as that of a large graph would take its time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        found = layering._longest_paths

        def wait(*given: Any) -> Any:
            self.reached.set()
            assert self.open.wait(20)
            return found(*given)

        monkeypatch.setattr(layering, "_longest_paths", wait)


def test_a_layout_of_what_has_been_edited_meanwhile_is_refused(
    window: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, editor = Gate(monkeypatch), window.editor
    next(action for action in ACTIONS if action.id == "arrange.lay_out").run(window)
    assert gate.reached.wait(10)
    editor.attempt("Move", lambda t: t.move("softmax0", (5.0, 5.0)))
    moved = editor.graph
    gate.open.set()
    qtbot.waitUntil(lambda: not window.jobs.layout.busy)
    assert editor.graph is moved
    assert window.status.message.text() == (
        "✗ The layout fits no more: the graph was edited meanwhile. Lay it out again"
    )


def test_a_layout_can_be_stopped(window: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, before = Gate(monkeypatch), window.editor.graph
    next(action for action in ACTIONS if action.id == "arrange.lay_out").run(window)
    assert gate.reached.wait(10)
    qtbot.waitUntil(lambda: "Laying out the graph …" in window.bars.texts())
    qtbot.mouseClick(window.bars.get("layout").buttons["Stop"], Qt.MouseButton.LeftButton)
    assert window.status.message.text() == "Stopped: Laying out the graph"
    gate.open.set()
    qtbot.wait(100)
    assert window.editor.graph is before
    with pytest.raises(RunError, match="the layout was stopped before it was done"):
        drawn([(10.0, 10.0)] * 2, [(0, 1)], stopped=lambda: True)


def test_values_that_training_sets_meanwhile_do_not_hinder_a_layout(
    window: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, editor = Gate(monkeypatch), window.editor
    next(action for action in ACTIONS if action.id == "arrange.lay_out").run(window)
    assert gate.reached.wait(10)
    value = editor.session.run(fetch="parameter0")["parameter0"]
    editor.attempt("Train", lambda t: t.set_values("parameter0", value + 1))
    gate.open.set()
    qtbot.waitUntil(lambda: not window.jobs.layout.busy)
    assert editor.document.history.entries[-1].label == "Lay out the graph"


def test_a_collapsed_group_is_one_box_and_takes_its_inside_along(window: Any) -> None:
    editor = window.editor
    editor.attempt("Collapse", lambda t: t.collapse("mlp0"))
    inside = {id: editor.graph.nodes[id].position for id in editor.graph.interior("mlp0")[0]}
    corner = editor.graph.groups["mlp0"].position
    act(window, "arrange.lay_out")
    boxes = boxes_of(window)
    assert set(boxes) == {"dataset0", "mlp0", "cross_entropy0", "softmax0"}
    assert boxes["dataset0"][0] < boxes["mlp0"][0] < boxes["softmax0"][0]
    after = editor.graph.groups["mlp0"].position
    for id, (x, y) in inside.items():
        assert editor.graph.nodes[id].position == (x + after[0] - corner[0], y + after[1] - corner[1])


def test_align_and_distribute_are_one_undo_each(window: Any) -> None:
    editor = window.editor
    before = dump_graph(editor.graph)
    editor.select(["dataset0", "softmax0", "cross_entropy0"])
    act(window, "arrange.align_top")
    assert len({editor.graph.nodes[id].position[1] for id in editor.selection}) == 1
    act(window, "arrange.align_right")
    act(window, "arrange.distribute_vertically")
    assert [entry.label for entry in editor.document.history.entries][:1] == ["Align 3 nodes"]
    while editor.document.history.position:
        editor.undo()
    assert dump_graph(editor.graph) == before


def test_actions_have_keys_that_no_other_has() -> None:
    from gradwire.app.actions import ACTIONS as ALL

    keys = [key for action in ALL for key in action.keys]
    ours = [key for action in ACTIONS for key in action.keys]
    assert [key for key in ours if keys.count(key) > 1] == []


def test_a_layout_of_nothing_is_nothing() -> None:
    assert layout_of(Session().graph, {}) == ({}, {})


def test_a_graph_without_places_is_laid_out_when_it_is_opened(place: Place, qtbot: QtBot, tmp_path: Path) -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", shape=("N", 4))
        hidden = build(t, "linear", Source(x, "y"), in_features=4, out_features=3)
        t.add("sum", inputs={"x": t.add("relu", inputs={"x": hidden.output})})
    path = Session(document).save(tmp_path / "made.gw")
    window = place.start(path)
    window.resize(1200, 800)
    window.show()
    qtbot.waitUntil(lambda: window.editor.document.history.next_undo is not None)
    graph, scene = window.editor.graph, window.canvas.scene
    top = [id for id, item in {**graph.nodes, **graph.groups}.items() if item.group is None]
    rects = [scene.rect(id) for id in top]
    for i, (x, y, wide, high) in enumerate(rects):
        for left, above, width, height in rects[i + 1 :]:
            assert x + wide <= left or left + width <= x or y + high <= above or above + height <= y
    assert all(window.canvas.view.holds(rect, window.canvas.width(), window.canvas.height()) for rect in rects)
    assert window.status.message.text().startswith("This graph had no places, so it was laid out")
    assert not window.isWindowModified()  # nobody has edited anything
    assert not journal_path(path).exists()
    window.editor.undo()
    assert {window.editor.graph.item(id).position for id in top} == {(0.0, 0.0)}
    assert not window.isWindowModified()
    window.files.open(place.copy("colah.gw"))  # whose places are somebody's
    qtbot.wait(200)
    assert window.editor.document.history.next_undo is None


def test_edits_after_the_layout_at_opening_are_recovered_with_it(place: Place, qtbot: QtBot, tmp_path: Path) -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", shape=(3,), value=[1.0, 2.0, 3.0])
        t.add("sum", inputs={"x": t.add("sin", inputs={"x": x})})
    path = Session(document).save(tmp_path / "made.gw")

    def laid_out() -> Window:
        window = place.start(path)
        window.resize(1200, 800)
        window.show()
        qtbot.waitUntil(lambda: window.editor.document.history.next_undo is not None)
        return window

    window = laid_out()
    assert window.bars.get("left") is None
    editor = window.editor
    editor.attempt("Move", lambda t: t.move(x, (-500.0, -300.0)))
    assert window.isWindowModified()
    graph = editor.graph
    place.crash(window)
    again = laid_out()
    bar, canvas = again.bars.get("left"), again.canvas
    assert "the last “Move”" in bar.text
    # The message is there with what is opened, so it covers nothing of that.
    assert all(canvas.view.holds(canvas.scene.rect(id), canvas.width(), canvas.height()) for id in graph.nodes)
    assert canvas.view.all_framed
    QTest.mouseClick(bar.buttons["Recover"], Qt.MouseButton.LeftButton)
    assert again.bars.get("open") is None  # which would say why not
    assert again.editor.graph == graph


def test_the_layout_of_what_is_opened_knows_how_high_values_make_their_nodes(
    place: Place, qtbot: QtBot, tmp_path: Path
) -> None:
    document = Document()
    with document.transaction("Build") as t:
        tall = t.add("parameter", name="tall", shape=(8, 1), init="normal")
        beside = t.add("constant", name="beside", value=[1.0, 2.0, 3.0, 4.0, 5.0])
        t.add("sum", inputs={"x": t.add("subtract", inputs={"x": tall, "y": beside})})
    window = place.start(Session(document).save(tmp_path / "made.gw"))
    window.show()
    qtbot.waitUntil(lambda: window.editor.document.history.next_undo is not None)
    qtbot.waitUntil(lambda: not window.editor.checking.busy)
    rects = boxes_of(window)
    assert rects[tall][3] > 200
    assert not [pair for pair in itertools.combinations(rects, 2) if overlap(rects[pair[0]], rects[pair[1]])]
