"""Room on the canvas: what is inserted, copied or pasted covers nothing and is seen; frames take only what is given."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hand import CONTROL, NONE, SHIFT, Hand, between, title
from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.dropping import MIME
from gradwire.app.canvas.looks import LOOKS
from gradwire.app.canvas.looks.matrix import Matrix
from gradwire.app.look.theme import DARK
from gradwire.app.window import Window
from gradwire.core.document import Transaction
from gradwire.core.files import dump_graph
from gradwire.core.graph import Source
from gradwire.core.layers import build as build_layer


@pytest.fixture
def window(drawn_window: Window) -> Window:
    return drawn_window


@pytest.fixture
def hand(window: Window) -> Hand:
    return Hand(window.canvas)


def box(canvas: Canvas, id: str) -> QRectF:
    return QRectF(*canvas.scene.rect(id))


def run(window: Window, action: str) -> None:
    window.menus.refresh()
    window.menus.actions[action].trigger()


def one_undo(window: Window, act: Callable[[], object], label: str) -> None:
    document = window.editor.document
    before, entries = dump_graph(document.graph), document.history.position
    act()
    assert (document.history.position, document.history.undo_label) == (entries + 1, label)
    after = dump_graph(document.graph)
    window.editor.undo()
    assert dump_graph(document.graph) == before
    window.editor.redo()
    assert dump_graph(document.graph) == after


def told(window: Window) -> list[str]:
    lines: list[str] = []
    window.editor.told.connect(lambda text, _: lines.append(text))
    return lines


# Room in a wire.


def close_chain(window: Window) -> None:
    """x -> first -> second -> third, 40 apart, with a weight that feeds the last one, and a note below."""

    def build(t: Transaction) -> None:
        t.remove(*window.editor.graph.nodes)
        t.add("input", id="x", position=(0, 0))
        t.add("sin", id="first", inputs={"x": "x"}, position=(190, 0))
        t.add("cos", id="second", inputs={"x": "first"}, position=(380, 0))
        t.add("input", id="weight", position=(570, 200))
        t.add("multiply", id="third", inputs={"x": "second", "y": "weight"}, position=(760, 0))
        t.add("relu", id="new", name="relu", position=(300, 500))

    window.editor.attempt("Build", build)
    window.canvas.frame()


def test_a_node_dropped_on_a_wire_pushes_what_lies_downstream(window: Window, hand: Hand) -> None:
    close_chain(window)
    canvas = window.canvas
    aim, start = between(canvas, "first", "second"), title(canvas, "new")
    left, top, width, height = canvas.scene.rect("new")
    end = (aim[0] + start[0] - left - width / 2, aim[1] + start[1] - top - height / 2)
    one_undo(window, lambda: hand.drag(start, end), "Insert relu between sin and cos.x")
    names = ["x", "first", "new", "second", "weight", "third"]
    boxes = {id: box(canvas, id) for id in names}
    for id in names:
        assert not any(boxes[id].intersects(boxes[other]) for other in names if other != id)
    order = ["x", "first", "new", "second", "third"]
    assert all(boxes[a].right() + 30 <= boxes[b].left() for a, b in itertools.pairwise(order))
    assert boxes["weight"].left() - boxes["second"].left() == 190  # goes along with what it feeds
    assert (boxes["x"].left(), boxes["first"].left()) == (0, 190)


def test_where_there_is_room_nothing_is_pushed(window: Window, hand: Hand) -> None:
    canvas, graph = window.canvas, window.editor.graph
    aim, start = between(canvas, "relu0", "sum0"), title(canvas, "tanh0")
    left, top, width, height = canvas.scene.rect("tanh0")
    hand.drag(start, (aim[0] + start[0] - left - width / 2, aim[1] + start[1] - top - height / 2))
    after = window.editor.graph
    assert after.fed("sum0", "x") == Source("tanh0", "y")
    assert {id for id in graph.nodes if graph.nodes[id].position != after.nodes[id].position} == {"tanh0"}


def test_insert_after_makes_room_too(window: Window) -> None:
    close_chain(window)
    editor, canvas = window.editor, window.canvas
    editor.select(["first"], "first")
    run(window, "graph.insert_after")
    search = window.popups.search
    search.field.setText("relu")
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    new = editor.active
    assert new is not None
    assert editor.graph.fed("second", "x").node == new  # type: ignore[union-attr]
    boxes = [box(canvas, id) for id in ("first", new, "second", "third")]
    assert all(a.right() + 30 <= b.left() for a, b in itertools.pairwise(boxes))
    editor.undo()
    assert editor.graph.nodes["second"].position == (380, 0)


# Copies, pastes, drops and notes are seen.


def test_a_copy_stands_clear_of_the_original(window: Window) -> None:
    canvas, editor = window.canvas, window.editor
    editor.select(["relu0", "sum0"])
    QTest.keyClick(canvas, Qt.Key.Key_D, CONTROL)
    everything = [box(canvas, id) for id in editor.graph.nodes]
    assert len(everything) == 8
    assert not any(a.intersects(b) for i, a in enumerate(everything) for b in everything[:i])


def in_view(canvas: Canvas, id: str) -> bool:
    left, top, right, bottom = canvas.view.window(canvas.width(), canvas.height())
    return QRectF(left, top, right - left, bottom - top).contains(box(canvas, id))


def test_what_is_pasted_is_brought_into_view(window: Window) -> None:
    canvas, editor = window.canvas, window.editor
    editor.select(["relu0"])
    QTest.keyClick(canvas, Qt.Key.Key_C, CONTROL)
    canvas.zoom_to(1.0)
    canvas.view.place(-4000, -4000)
    canvas.pointer = None
    QTest.keyClick(canvas, Qt.Key.Key_V, CONTROL)
    (new,) = editor.selection
    assert new != "relu0"
    assert in_view(canvas, new)
    assert canvas.view.scale == pytest.approx(1.0)


def test_what_is_dropped_at_the_edge_is_brought_into_view(window: Window) -> None:
    canvas = window.canvas
    canvas.zoom_to(1.0)
    data = QMimeData()
    data.setData(MIME, b"sin")
    at = QPointF(canvas.width() - 10, canvas.height() - 10)
    left = Qt.MouseButton.LeftButton
    QApplication.sendEvent(canvas, QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, left, NONE))
    QApplication.sendEvent(canvas, QDropEvent(at, Qt.DropAction.CopyAction, data, left, NONE))
    (new,) = window.editor.selection
    assert in_view(canvas, new)


def test_an_arrow_key_scrolls_only_to_what_is_out_of_view(window: Window) -> None:
    canvas = window.canvas
    canvas.zoom_to(0.3)
    canvas.frame()
    canvas.zoom_to(0.3)
    before = canvas.view.scale, canvas.view.x, canvas.view.y
    window.editor.select(["relu0"], "relu0")
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert window.editor.active == "sum0"
    assert (canvas.view.scale, canvas.view.x, canvas.view.y) == before
    canvas.zoom_to(1.0)
    canvas.view.place(-2000, 0)
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert in_view(canvas, "relu0")
    assert canvas.view.scale == pytest.approx(1.0)


# The minimap.


def has_map(canvas: Canvas) -> bool:
    canvas.grab_image()
    place = canvas.minimap.place(canvas.width(), canvas.height())
    return canvas.minimap.holds(place.center(), canvas.width(), canvas.height())


def test_the_minimap_is_there_where_it_is_needed_and_covers_nothing_selected(window: Window) -> None:
    canvas = window.canvas
    canvas.frame()
    assert not has_map(canvas)  # all is in view
    canvas.zoom_to(1.5)
    assert has_map(canvas)
    place = canvas.minimap.place(canvas.width(), canvas.height())
    x, y, wide, high = canvas.scene.rect("sum0")
    canvas.view.place(
        place.center().x() - (x + wide / 2) * canvas.view.scale, place.center().y() - (y + high / 2) * canvas.view.scale
    )
    assert has_map(canvas)
    window.editor.select(["sum0"], "sum0")
    assert not has_map(canvas)
    window.editor.select(["relu0"], "relu0")
    assert has_map(canvas)


def test_the_minimap_takes_its_share_only(window: Window) -> None:
    small, large = window.canvas.minimap.place(1200, 240), window.canvas.minimap.place(1200, 800)
    assert small.height() <= 0.17 * 240
    assert small.width() < large.width() == 132


# What is selected is what is shown.


def test_a_delete_after_an_undo_takes_what_is_seen(window: Window, hand: Hand) -> None:
    canvas, editor = window.canvas, window.editor
    editor.select(["relu0", "tanh0"])
    QTest.keyClick(canvas, Qt.Key.Key_G, CONTROL)
    (group,) = editor.selection
    QTest.keyClick(canvas, Qt.Key.Key_G, CONTROL | SHIFT)
    hand.click(title(canvas, "relu0"))
    assert editor.selection == {"relu0"}
    QTest.keyClick(canvas, Qt.Key.Key_Z, CONTROL)
    assert editor.selection == {group}
    assert editor.active == group
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert editor.document.history.undo_label == "Delete group"
    assert not {"relu0", "tanh0"} & set(editor.graph.nodes)


def test_collapsing_around_the_selection_selects_the_group(window: Window) -> None:
    editor = window.editor
    group = editor.attempt("Group", lambda t: t.group(["relu0", "sum0"]))
    editor.select(["relu0", "matmul0"], "relu0")
    editor.attempt("Collapse", lambda t: t.collapse(group))
    assert editor.selection == {group, "matmul0"}
    assert editor.active == group


# Frames.


@pytest.fixture
def frame(window: Window) -> str:
    frame = window.editor.attempt("Frame", lambda t: t.group(["relu0", "sum0"], "block"))
    assert frame is not None
    window.canvas.frame()
    return frame


def within(window: Window, id: str) -> str | None:
    return window.editor.graph.nodes[id].group


def test_a_node_dropped_over_a_frame_joins_it_only_with_shift(window: Window, hand: Hand, frame: str) -> None:
    canvas, lines = window.canvas, told(window)
    x, y, width, height = canvas.scene.rect(frame)
    inside = x + width / 2, y + height - 30
    start = title(canvas, "tanh0")
    hand.press(start)
    hand.move(inside)
    assert lines[-1] == "hold Shift to put tanh into block"
    hand.release()
    assert within(window, "tanh0") is None
    window.editor.undo()

    def join() -> None:
        hand.press(title(canvas, "tanh0"))
        hand.move(inside, modifiers=SHIFT)
        assert lines[-1] == "Put tanh into block"
        hand.release(modifiers=SHIFT)

    one_undo(window, join, "Put tanh into block")
    assert within(window, "tanh0") == frame


def test_a_node_leaves_its_frame_only_with_shift(window: Window, hand: Hand, frame: str) -> None:
    canvas, lines = window.canvas, told(window)
    x, y, _, _ = canvas.scene.rect(frame)
    hand.press(title(canvas, "relu0"))
    hand.move((x - 60, y - 120))
    assert lines[-1] == "hold Shift to take relu out of block"
    hand.release()
    assert within(window, "relu0") == frame
    window.editor.undo()
    hand.press(title(canvas, "relu0"))
    hand.move((x - 60, y - 120), modifiers=SHIFT)
    hand.release(modifiers=SHIFT)
    assert within(window, "relu0") is None
    assert window.editor.document.history.undo_label == "Take relu out of block"
    assert within(window, "sum0") == frame


def test_within_its_own_frame_nothing_is_offered(window: Window, hand: Hand, frame: str) -> None:
    canvas, lines = window.canvas, told(window)
    x, y = title(canvas, "sum0")
    hand.drag((x, y), (x - 30, y + 20))
    assert not any("Shift" in line for line in lines)


def test_frames_are_joined_and_left_without_a_mouse(window: Window, frame: str) -> None:
    editor = window.editor
    editor.select(["tanh0", "matmul0"], "tanh0")
    one_undo(window, lambda: run(window, "graph.put_into_frame"), "Put 2 nodes into block")
    assert within(window, "tanh0") == within(window, "matmul0") == frame
    editor.select(["matmul0"], "matmul0")
    one_undo(window, lambda: run(window, "graph.take_out_of_frame"), "Take matmul out of block")
    assert within(window, "matmul0") is None
    editor.select(["matmul0", frame], "matmul0")
    run(window, "graph.put_into_frame")  # the frame is selected along with it
    assert within(window, "matmul0") == frame


def test_a_name_that_is_taken_in_the_frame_is_changed(window: Window, frame: str) -> None:
    editor = window.editor
    other = editor.attempt("Add", lambda t: t.add("relu", name="relu", position=(0, 500)))
    editor.select([other], other)
    run(window, "graph.put_into_frame")
    assert editor.graph.nodes[other].name == "relu_2"


# Groups and layers.


def test_ungrouping_does_not_delete_a_note(window: Window) -> None:
    editor, lines = window.editor, told(window)
    note = editor.attempt("Note", lambda t: t.add_note("what this is for", position=(0, 600)))
    editor.select([note], note)
    QTest.keyClick(window.canvas, Qt.Key.Key_G, CONTROL | SHIFT)
    assert editor.graph.is_note(note)
    assert lines[-1] == "ungrouping needs a group, found a note, which holds nothing (Del deletes it)"


def test_a_layer_that_is_edited_by_hand_says_that_it_is_none_any_more(window: Window) -> None:
    editor, lines = window.editor, told(window)
    editor.attempt("Add", lambda t: build_layer(t, "linear", position=(0, 600), in_features=3, out_features=2))
    (layer,) = editor.graph.groups
    inside = next(id for id in editor.graph.interior(layer)[0] if editor.graph.nodes[id].op == "add")
    editor.attempt("Delete", lambda t: t.remove(inside))
    said = [line for line in lines if "no longer" in line]
    assert said == ["linear is no longer a layer: its inside was edited by hand"]
    editor.attempt("Add", lambda t: t.add("relu", group=layer))
    assert [line for line in lines if "no longer" in line] == said


# Numbers of matrices.


def test_a_small_matrix_shows_its_numbers_where_they_can_be_read(qtbot) -> None:
    value = np.array([[1.0, -2.0], [0.5, 3.0]])
    kind = next(look for look in LOOKS if look.fits(value))
    assert kind is Matrix
    look = Matrix(value, DARK, 3)
    place = QRectF(0, 0, 120, 23)

    def inks(look: Matrix, zoom: float) -> set[str]:
        image = QImage(int(120 * zoom), int(23 * zoom), QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        painter.scale(zoom, zoom)
        look.paint(painter, place, QColor(DARK.text))
        painter.end()
        return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}

    assert look.table.letters(place, 1.0) > 7
    assert "#101010" in inks(look, 2.0) or "#ffffff" in inks(look, 2.0)
    eight = Matrix(np.arange(64.0).reshape(8, 8), DARK, 3)
    assert eight.table.letters(place, 1.0) == 0.0
    assert len(inks(eight, 1.0)) <= 70  # colours alone
    assert eight.table.letters(place, 4.0) > 0
    assert not Matrix.fits(np.zeros((9, 2)))
    assert not Matrix.fits(np.zeros((0, 2)))
