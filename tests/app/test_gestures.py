"""Gestures of the pointer on a real canvas: each is one undo, and leaves the graph as a user would expect."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from hand import ALT, CONTROL, NONE, RIGHT, SHIFT, Hand, between, middle, port, sample, title
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradwire.app.canvas.bends import Dot
from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.dropping import MIME
from gradwire.app.canvas.gestures.gesture import Press
from gradwire.app.canvas.gestures.menu import menu_for
from gradwire.app.canvas.gestures.move import Move
from gradwire.app.canvas.scene import PortRef
from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK
from gradwire.core.files import dump_graph
from gradwire.core.graph import Graph, Source

pytestmark = pytest.mark.usefixtures("qtbot")


@pytest.fixture
def canvas(qtbot: object) -> Iterator[Canvas]:
    editor = Editor(sample())
    canvas = Canvas(editor, DARK)
    canvas.resize(1400, 900)
    canvas.show()
    qtbot.waitUntil(lambda: not editor.checking.busy)  # type: ignore[attr-defined]
    canvas.frame()
    yield canvas
    canvas.close()
    editor.close()
    canvas.deleteLater()


@pytest.fixture
def hand(canvas: Canvas) -> Hand:
    return Hand(canvas)


def one_undo(canvas: Canvas, act: Callable[[], object], label: str | None = None) -> Graph:
    """Do it, hold that it is one entry called `label`, that undo and redo are exact; returns the graph after it."""
    document = canvas.editor.document
    before, entries = dump_graph(document.graph), document.history.position
    act()
    assert document.history.position == entries + 1
    if label is not None:
        assert document.history.undo_label == label
    after = document.graph
    canvas.editor.undo()
    assert dump_graph(document.graph) == before
    canvas.editor.redo()
    assert dump_graph(document.graph) == dump_graph(after)
    return document.graph


def no_edit(canvas: Canvas, act: Callable[[], object]) -> None:
    document = canvas.editor.document
    before, entries = dump_graph(document.graph), document.history.position
    act()
    assert document.history.position == entries
    assert dump_graph(document.graph) == before


# Selecting.


def test_a_click_selects_and_shift_or_ctrl_click_keeps_the_selection(canvas: Canvas, hand: Hand) -> None:
    hand.click(title(canvas, "relu0"))
    assert canvas.editor.selection == {"relu0"}
    hand.click(title(canvas, "sum0"), modifiers=SHIFT)
    assert (canvas.editor.selection, canvas.editor.active) == ({"relu0", "sum0"}, "sum0")
    hand.click(title(canvas, "tanh0"), modifiers=CONTROL)
    hand.click(title(canvas, "relu0"), modifiers=CONTROL)
    assert canvas.editor.selection == {"sum0", "tanh0"}
    hand.click(title(canvas, "sum0"))
    assert canvas.editor.selection == {"sum0"}


def test_a_box_selects_shift_adds_ctrl_toggles_escape_restores(canvas: Canvas, hand: Hand) -> None:
    right = (500.0, 40.0), (1100.0, 300.0)
    hand.drag(*right)
    assert canvas.editor.selection == {"relu0", "sum0"}
    hand.drag((500.0, 360.0), (720.0, 620.0), modifiers=SHIFT)
    assert canvas.editor.selection == {"relu0", "sum0", "tanh0"}
    hand.drag(*right, modifiers=CONTROL)
    assert canvas.editor.selection == {"tanh0"}
    hand.press(right[0])
    hand.move(right[1])
    assert canvas.editor.selection == {"relu0", "sum0"}
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.editor.selection == {"tanh0"}
    hand.release()
    hand.click((-60.0, 560.0))
    assert not canvas.editor.selection
    assert len(canvas.editor.document.history.entries) == 1  # selecting is no edit


# Moving.


def test_a_drag_moves_the_selection_as_one_undo(canvas: Canvas, hand: Hand) -> None:
    canvas.editor.select(["relu0", "sum0"])
    x, y = title(canvas, "relu0")
    graph = one_undo(canvas, lambda: hand.drag((x, y), (x + 30, y + 160)), "Move 2 nodes")
    assert graph.node("relu0").position == pytest.approx((550, 240), abs=1.0)
    assert graph.node("sum0").position == pytest.approx((890, 240), abs=1.0)


def test_a_drag_given_up_leaves_everything(canvas: Canvas, hand: Hand) -> None:
    def give_up() -> None:
        x, y = title(canvas, "tanh0")
        hand.press((x, y))
        hand.move((x + 100, y + 50))
        assert canvas.scene.rect("tanh0")[:2] != (520, 380)
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        hand.release()

    no_edit(canvas, give_up)
    assert canvas.scene.rect("tanh0")[:2] == (520, 380)


def test_ctrl_snaps_to_the_grid(canvas: Canvas, hand: Hand) -> None:
    def act() -> None:
        x, y = title(canvas, "tanh0")
        hand.press((x, y))
        hand.move((x + 33, y + 47), modifiers=CONTROL)
        hand.release(modifiers=CONTROL)

    graph = one_undo(canvas, act, "Move tanh")
    assert graph.node("tanh0").position == (560, 420)


def test_alt_drag_duplicates(canvas: Canvas, hand: Hand) -> None:
    canvas.editor.select(["matmul0", "relu0"])
    x, y = title(canvas, "relu0")

    def act() -> None:
        hand.drag((x, y), (x, y + 500), modifiers=ALT)
        assert canvas.editor.selection == {"relu1", "matmul1"}

    graph = one_undo(canvas, act, "Duplicate 2 nodes")
    assert graph.inputs("relu1") == {"x": Source("matmul1", "y")}
    assert graph.inputs("matmul1") == {}  # what fed the original is not taken along


def test_a_node_dropped_on_a_wire_goes_into_it_unless_alt_is_held(canvas: Canvas, hand: Hand) -> None:
    def drop(modifiers: object) -> None:
        x, y = middle(canvas, "tanh0")
        x1, y1 = between(canvas, "relu0", "sum0")
        hand.press((x, y))
        hand.move((x1, y1), modifiers=modifiers)
        canvas.grab()
        hand.release(modifiers=modifiers)

    graph = one_undo(canvas, lambda: drop(NONE), "Insert tanh between relu and sum.x")
    assert graph.inputs("sum0") == {"x": Source("tanh0", "y")}
    assert graph.inputs("tanh0") == {"x": Source("relu0", "y")}
    canvas.editor.undo()
    graph = one_undo(canvas, lambda: drop(ALT), "Move tanh")
    assert graph.inputs("tanh0") == {}


def test_shaking_pulls_a_node_out_of_its_wires(canvas: Canvas, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(Move, "clock", lambda: next(ticks) * 0.001)

    def shake() -> None:
        x, y = title(canvas, "relu0")
        hand.press((x, y))
        for way in (40, -40) * 4:
            hand.move((x + way, y + 200))
        hand.release()

    graph = one_undo(canvas, shake, "Pull relu out")
    assert graph.inputs("sum0") == {"x": Source("matmul0", "y")}
    assert graph.inputs("relu0") == {}


def test_ctrl_alt_drag_pulls_out_too(canvas: Canvas, hand: Hand) -> None:
    x, y = title(canvas, "relu0")
    graph = one_undo(canvas, lambda: hand.drag((x, y), (x, y + 240), modifiers=CONTROL | ALT), "Pull relu out")
    assert graph.inputs("sum0") == {"x": Source("matmul0", "y")}


# Wires.


def test_a_drag_from_output_to_port_connects(canvas: Canvas, hand: Hand) -> None:
    start, end = port(canvas, "matmul0", "y", True), port(canvas, "tanh0", "x")
    graph = one_undo(canvas, lambda: hand.drag(start, end), "Connect matmul to tanh.x")
    assert graph.inputs("tanh0") == {"x": Source("matmul0", "y")}


def test_a_drag_from_a_free_port_to_an_output_connects(canvas: Canvas, hand: Hand) -> None:
    start, end = port(canvas, "tanh0", "x"), port(canvas, "matmul0", "y", True)
    one_undo(canvas, lambda: hand.drag(start, end), "Connect matmul to tanh.x")


def test_a_wire_dropped_on_a_node_finds_its_port(canvas: Canvas, hand: Hand) -> None:
    start, end = port(canvas, "matmul0", "y", True), middle(canvas, "tanh0")
    one_undo(canvas, lambda: hand.drag(start, end), "Connect matmul to tanh.x")


def test_a_drag_from_a_wired_port_takes_the_wire_along(canvas: Canvas, hand: Hand) -> None:
    start, end = port(canvas, "sum0", "x"), port(canvas, "tanh0", "x")
    graph = one_undo(canvas, lambda: hand.drag(start, end), "Move relu to sum.x to tanh.x")
    assert graph.inputs("sum0") == {}
    assert graph.inputs("tanh0") == {"x": Source("relu0", "y")}
    void = (300.0, 600.0)
    start = port(canvas, "tanh0", "x")
    graph = one_undo(canvas, lambda: hand.drag(start, void), "Cut relu to tanh.x")
    assert graph.inputs("tanh0") == {}


def test_ctrl_drag_from_an_output_moves_all_its_wires(canvas: Canvas, hand: Hand) -> None:
    with canvas.editor.document.transaction("More") as t:
        t.connect("relu0", "tanh0", "x")
    start, end = port(canvas, "relu0", "y", True), port(canvas, "constant0", "y", True)
    graph = one_undo(canvas, lambda: hand.drag(start, end, modifiers=CONTROL), "Move 2 wires to x")
    assert graph.inputs("sum0") == graph.inputs("tanh0") == {"x": Source("constant0", "y")}


def test_alt_click_takes_all_wires_off_a_port(canvas: Canvas, hand: Hand) -> None:
    place = port(canvas, "matmul0", "w")
    graph = one_undo(canvas, lambda: hand.click(place, modifiers=ALT), "Cut w to matmul.w")
    assert list(graph.inputs("matmul0")) == ["x"]


def test_a_wire_dropped_in_the_void_asks_what_to_add(canvas: Canvas, hand: Hand) -> None:
    asked: list[object] = []
    canvas.search_wanted.connect(asked.append)
    no_edit(canvas, lambda: hand.drag(port(canvas, "relu0", "y", True), (820.0, 500.0)))
    (place,) = asked
    assert place.port == PortRef("relu0", "y", True)  # type: ignore[attr-defined]
    assert (place.x, place.y) == pytest.approx((820, 500), abs=1.5)  # type: ignore[attr-defined]


def test_a_loop_is_refused_before_the_drop_drawn_and_named(canvas: Canvas, hand: Hand) -> None:
    told: list[tuple[str, str]] = []
    canvas.editor.told.connect(lambda text, kind: told.append((text, kind)))
    with canvas.editor.document.transaction("Room") as t:
        t.add("add", name="add", inputs={"x": "relu0"}, position=(860, 400))
        t.connect("add0", "tanh0", "x")

    def act() -> None:
        hand.press(port(canvas, "tanh0", "y", True))
        hand.move(port(canvas, "add0", "y"))
        (said,) = canvas.gesture.said  # type: ignore[union-attr]
        assert (said.allowed, said.text) == (False, "would close the loop add → tanh → add")
        assert said.loop == ("add0", "tanh0")
        canvas.grab()
        hand.release()

    no_edit(canvas, act)
    assert told == [
        ("a wire from tanh to add would close the loop add -> tanh -> add", "refusal"),
    ]


def test_a_misfit_is_red_with_the_reason_and_may_be_dropped(canvas: Canvas, hand: Hand) -> None:
    def act() -> None:
        hand.press(port(canvas, "constant0", "y", True))
        hand.move(port(canvas, "matmul0", "w"))
        (said,) = canvas.gesture.said  # type: ignore[union-attr]
        assert (said.allowed, said.fits) == (True, False)
        assert said.text == "x has 3 columns but w has 1 rows (would fit: w: (3, …)), replaces w"
        canvas.grab()
        hand.release()

    graph = one_undo(canvas, act, "Connect x to matmul.w")
    assert graph.inputs("matmul0")["w"] == Source("constant0", "y")


def test_escape_gives_a_wire_up(canvas: Canvas, hand: Hand) -> None:
    def act() -> None:
        hand.press(port(canvas, "sum0", "x"))
        hand.move(port(canvas, "tanh0", "x"))
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        hand.release()

    no_edit(canvas, act)


def test_a_ctrl_stroke_cuts_what_it_crosses(canvas: Canvas, hand: Hand) -> None:
    x, y = between(canvas, "relu0", "sum0")
    x0 = between(canvas, "matmul0", "relu0")[0]
    strokes = [(x0, y - 100), (x0, y + 130), (x, y + 130), (x, y - 100)]

    def act() -> None:
        hand.press(strokes[0], RIGHT, CONTROL)
        for point in strokes[1:]:
            hand.move(point, RIGHT, CONTROL)
        canvas.grab()
        hand.release(RIGHT, CONTROL)

    graph = one_undo(canvas, act, "Cut 2 wires")
    assert graph.inputs("relu0") == graph.inputs("sum0") == {}


def test_alt_right_drag_connects_body_to_body(canvas: Canvas, hand: Hand) -> None:
    def act(start: str, end: str) -> None:
        hand.press(middle(canvas, start), RIGHT, ALT)
        hand.move(middle(canvas, end), RIGHT, ALT)
        canvas.grab()
        hand.release(RIGHT, ALT)

    graph = one_undo(canvas, lambda: act("matmul0", "tanh0"), "Connect matmul and tanh")
    assert graph.inputs("tanh0") == {"x": Source("matmul0", "y")}


# Opening.


def test_double_clicks_open(canvas: Canvas, hand: Hand) -> None:
    asked: list[object] = []
    renamed: list[str] = []
    canvas.search_wanted.connect(asked.append)
    canvas.rename_wanted.connect(renamed.append)
    hand.double((-60.0, 500.0))
    assert len(asked) == 1
    on_wire = between(canvas, "relu0", "sum0")
    hand.double(on_wire)
    ((x, y),) = canvas.editor.graph.bends["sum0", "x"]
    assert (x, y) == pytest.approx(on_wire, abs=2)
    assert len(asked) == 1
    assert canvas.dots == {Dot("sum0", "x", 0)}
    hand.double(on_wire)  # there is one already
    assert len(canvas.editor.graph.bends["sum0", "x"]) == 1
    hand.double(title(canvas, "relu0"))
    assert renamed == ["relu0"]
    with canvas.editor.document.transaction("Group") as t:
        group = t.group(["relu0", "sum0"])
        t.collapse(group)
    hand.double(title(canvas, group))
    assert canvas.editor.group == group


def test_the_menu_offers_what_fits(canvas: Canvas, hand: Hand) -> None:
    def texts(place: tuple[float, float]) -> list[str]:
        press = Press(*place, canvas.view.to_screen(*place), RIGHT, NONE, False, canvas.hit(*place))
        return [action.text() for action in menu_for(canvas, press).actions()]

    assert texts(port(canvas, "sum0", "x")) == ["Add what feeds this…", "Cut relu to sum.x"]
    assert texts(between(canvas, "relu0", "sum0")) == [
        *("Insert a node…", "Cut relu to sum.x", "Show the value"),
        *("", "Add a reroute dot"),
    ]


def drop(canvas: Canvas, op: str, place: tuple[float, float]) -> None:
    data, at, left = QMimeData(), canvas.view.to_screen(*place), Qt.MouseButton.LeftButton
    data.setData(MIME, op.encode())
    QApplication.sendEvent(canvas, QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, left, NONE))
    QApplication.sendEvent(canvas, QDropEvent(at, Qt.DropAction.CopyAction, data, left, NONE))


def test_an_op_dropped_from_the_palette_has_its_title_or_its_wired_port_under_the_pointer(canvas: Canvas) -> None:
    drop(canvas, "tanh", (100.0, 450.0))
    (added,) = canvas.editor.selection
    assert title(canvas, added) == pytest.approx((100.0, 446.0), abs=1)  # 8 beneath its upper edge
    assert canvas.hit(100.0, 450.0)[::3] == (added, "title")
    at = port(canvas, "tanh0", "y", output=True)
    drop(canvas, "exp", at)
    (added,) = canvas.editor.selection
    assert port(canvas, added, "x") == pytest.approx(at)
    assert canvas.editor.graph.fed(added, "x") == Source("tanh0", "y")


def test_gestures_of_a_collapsed_group_use_the_ports_within(canvas: Canvas, hand: Hand) -> None:
    with canvas.editor.document.transaction("Group") as t:
        group = t.group(["matmul0", "relu0"], "block")
        t.collapse(group)
    (output,) = [each for each in canvas.scene.ports(group) if each.output]
    start = canvas.scene.position(output)
    graph = one_undo(canvas, lambda: hand.drag(start, port(canvas, "tanh0", "x")), "Connect relu to tanh.x")
    assert graph.inputs("tanh0") == {"x": Source("relu0", "y")}
    x, y = title(canvas, group)
    graph = one_undo(canvas, lambda: hand.drag((x, y), (x + 40, y + 300)), "Move block")
    assert graph.node("matmul0").position == pytest.approx((290, 380), abs=1.0)  # so that expanding keeps the place
