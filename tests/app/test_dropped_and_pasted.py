"""Where new things come to stand: pasted, dragged from the palette, put into a wire by a key."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hand import CONTROL, LEFT, NONE, Hand, between, middle, port, sample, title
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.gestures import drawing
from gradwire.app.editing.adding import MIME
from gradwire.app.window import Window
from gradwire.core.files import dump_graph
from gradwire.core.graph import Source


@pytest.fixture
def window(drawn_window: Window) -> Window:
    return drawn_window


@pytest.fixture
def hand(window: Window) -> Hand:
    return Hand(window.canvas)


def one_undo(window: Window, act: Callable[[], object], label: str) -> None:
    document = window.editor.document
    before, entries = dump_graph(document.graph), document.history.position
    act()
    assert (document.history.position, document.history.undo_label) == (entries + 1, label)
    window.editor.undo()
    assert dump_graph(document.graph) == before
    window.editor.redo()


def box(canvas: Canvas, id: str) -> QRectF:
    return QRectF(*canvas.scene.rect(id))


# Pasting.


def copied(window: Window, *ids: str) -> None:
    window.editor.select(ids)
    QTest.keyClick(window.canvas, Qt.Key.Key_C, CONTROL)


def pasted(window: Window) -> list[str]:
    QTest.keyClick(window.canvas, Qt.Key.Key_V, CONTROL)
    return sorted(window.editor.selection)


def corner(canvas: Canvas, ids: list[str]) -> tuple[float, float]:
    boxes = [canvas.scene.rect(id) for id in ids]
    return min(x for x, *_ in boxes), min(y for _, y, *_ in boxes)


def test_what_is_pasted_has_its_corner_under_the_pointer(window: Window, hand: Hand) -> None:
    canvas = window.canvas
    copied(window, "relu0", "sum0")
    apart = canvas.scene.rect("sum0")[0] - canvas.scene.rect("relu0")[0]
    hand.move((0, 310), Qt.MouseButton.NoButton)
    new = pasted(window)
    assert corner(canvas, new) == pytest.approx((0, 310), abs=1.5)
    lefts = sorted(canvas.scene.rect(id)[0] for id in new)
    assert lefts[1] - lefts[0] == apart
    assert corner(canvas, pasted(window)) == pytest.approx((30, 340), abs=1.5)
    hand.move((2, 311), Qt.MouseButton.NoButton)  # hardly moved: else the copies would look like one
    assert corner(canvas, pasted(window)) == pytest.approx((62, 371), abs=1.5)


def test_a_frame_is_pasted_by_its_own_corner(window: Window, hand: Hand) -> None:
    canvas, editor = window.canvas, window.editor
    frame = editor.attempt("Frame", lambda t: t.group(["relu0", "tanh0"], "block"))
    assert frame is not None
    copied(window, frame)
    hand.move((-200, 300), Qt.MouseButton.NoButton)
    (new,) = pasted(window)
    assert corner(canvas, [new]) == pytest.approx((-200, 300), abs=1.5)


def test_paste_of_the_menu_is_meant_where_that_was_opened(window: Window, qtbot: QtBot) -> None:
    canvas = window.canvas
    copied(window, "relu0")
    place = (250.0, 330.0)
    at = canvas.view.to_screen(*place).toPoint()
    QTest.mouseMove(canvas, at)
    QTest.mouseClick(canvas, Qt.MouseButton.RightButton, pos=at)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))  # as the window system tells
    action = next(action for action in menu.actions() if action.text() == "Paste")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert corner(canvas, sorted(window.editor.selection)) == pytest.approx(place, abs=1.5)


def test_the_pointer_means_what_lies_under_it_once_the_view_has_moved(window: Window, hand: Hand) -> None:
    canvas = window.canvas
    copied(window, "relu0")
    hand.move((250, 330), Qt.MouseButton.NoButton)
    screen = canvas.view.to_screen(250, 330)
    QTest.keyClick(canvas, Qt.Key.Key_Plus, CONTROL)
    assert canvas.view.to_screen(250, 330) != screen
    new = corner(canvas, pasted(window))
    assert canvas.view.to_screen(*new).toTuple() == pytest.approx(screen.toTuple(), abs=1.5)


def test_without_a_pointer_what_is_pasted_comes_into_the_middle_of_the_view(window: Window, hand: Hand) -> None:
    canvas = window.canvas
    copied(window, "relu0", "sum0")
    canvas.zoom_to(0.8)
    canvas.view.pan(700, -300)
    hand.move((0, 0), Qt.MouseButton.NoButton)
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    before = canvas.view.x, canvas.view.y
    new = pasted(window)
    whole = box(canvas, new[0]).united(box(canvas, new[1])).center()
    seen = canvas.view.to_screen(whole.x(), whole.y())
    assert (seen.x(), seen.y()) == pytest.approx((canvas.width() / 2, canvas.height() / 2), abs=12)
    assert (canvas.view.x, canvas.view.y) == before
    other = pasted(window)
    assert canvas.scene.rect(other[0])[0] == canvas.scene.rect(new[0])[0] + 30


# Dragging from the palette.


class Drag:
    """A drag of one row of the palette, by real events in scene coordinates."""

    def __init__(self, window: Window, name: str) -> None:
        self.window, self.canvas = window, window.canvas
        palette = window.docks.panels["palette"]
        rows = [entry for entry in palette.shown if not isinstance(entry, str) and entry.name == name]
        data = palette.dragged(palette.shown.index(rows[0]))
        assert data.data(MIME).data() == name.encode()
        self.data: QMimeData = data
        self.entered = False

    def over(self, place: tuple[float, float]) -> None:
        at = self.canvas.view.to_screen(*place).toPoint()
        kind = QDragMoveEvent if self.entered else QDragEnterEvent
        event = kind(at, Qt.DropAction.CopyAction, self.data, LEFT, NONE)
        self.entered = True
        QApplication.sendEvent(self.canvas, event)
        assert event.isAccepted()

    def drop(self) -> str:
        event = QDropEvent(self.at, Qt.DropAction.CopyAction, self.data, LEFT, NONE)
        QApplication.sendEvent(self.canvas, event)
        (new,) = self.window.editor.selection
        return new

    @property
    def at(self) -> QPointF:
        return self.canvas.view.to_screen(self.gesture.place.x, self.gesture.place.y)

    @property
    def gesture(self):
        assert self.canvas.gesture is not None
        return self.canvas.gesture


def words(window: Window, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that are written beside the pointer in one frame."""
    from gradwire.app.canvas.gestures import adding

    lines: list[str] = []
    monkeypatch.setattr(adding, "draw_text", lambda _p, _t, _a, text, *_: lines.append(text))
    window.canvas.grab()
    monkeypatch.setattr(adding, "draw_text", drawing.draw_text)
    return lines


def green(window: Window, place: tuple[float, float]) -> bool:
    """Whether the canvas has the colour there of what would be done."""
    canvas = window.canvas
    image = canvas.grab_image()
    ratio = image.devicePixelRatio()
    at = (canvas.view.to_screen(*place) * ratio).toPoint()
    wanted = QColor(window.theme.good)
    near = [image.pixelColor(at + QPoint(0, dy)) for dy in range(-4, 5)]
    return any(abs(c.hue() - wanted.hue()) < 12 and c.saturation() > 80 for c in near)


def test_over_the_empty_canvas_an_outline_stands_where_the_node_will(window: Window, hand: Hand) -> None:
    canvas = window.canvas
    drag = Drag(window, "matmul")
    empty = (250.0, 330.0)
    plain = canvas.grab_image()
    drag.over((250, 300))
    drag.over(empty)
    x, y, wide, high = drag.gesture._box()
    ghost = canvas.grab_image()
    ratio = ghost.devicePixelRatio()
    for place in ((x, y + high / 2), (x + wide, y + high / 2), (x + wide / 2, y + high)):  # its edges
        at = (canvas.view.to_screen(*place) * ratio).toPoint()
        around = [at + QPoint(dx, dy) for dx in range(-3, 4) for dy in range(-3, 4)]
        assert any(plain.pixelColor(point) != ghost.pixelColor(point) for point in around)
    new = drag.drop()
    assert canvas.gesture is None
    assert canvas.scene.rect(new)[:2] == (round(x), round(y))
    assert canvas.scene.rect(new)[2:] == pytest.approx((wide, high), abs=30)  # shapes are written when it is checked
    assert not window.editor.graph.inputs(new)


def test_over_a_wire_it_is_lit_and_named_and_a_drop_goes_into_it(
    window: Window, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas, editor = window.canvas, window.editor
    aim, beside = between(canvas, "matmul0", "relu0"), (700.0, 600.0)
    near = aim[0] - 40, canvas.scene.position(canvas.scene.ports("matmul0")[-1])[1]
    drag = Drag(window, "sin")
    drag.over(beside)
    assert not green(window, near)
    assert words(window, monkeypatch) == []
    drag.over(aim)
    assert green(window, near)
    assert words(window, monkeypatch) == ["Insert Sin between matmul and relu.x"]
    one_undo(window, drag.drop, "Add Sin")
    (new,) = set(editor.graph.nodes) - set(sample().document.graph.nodes)
    assert editor.graph.fed("relu0", "x") == Source(new, "y")
    assert editor.graph.fed(new, "x") == Source("matmul0", "y")
    boxes = [box(canvas, id) for id in ("matmul0", new, "relu0")]
    assert all(a.right() < b.left() for a, b in itertools.pairwise(boxes))


def test_over_a_port_a_wire_is_begun(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    drag, canvas = Drag(window, "sin"), window.canvas
    drag.over(port(canvas, "sum0", "y", True))
    assert words(window, monkeypatch) == ["Sin reads sum"]
    new = drag.drop()
    assert window.editor.graph.fed(new, "x") == Source("sum0", "y")


def test_what_takes_nothing_goes_into_no_wire(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    drag = Drag(window, "constant")
    drag.over(between(window.canvas, "matmul0", "relu0"))
    assert words(window, monkeypatch) == []
    graph = window.editor.graph
    new = drag.drop()
    assert set(window.editor.graph.nodes) == {*graph.nodes, new}
    assert window.editor.graph.fed("relu0", "x") == graph.fed("relu0", "x")


def test_a_layer_has_the_outline_of_its_frame(window: Window) -> None:
    drag = Drag(window, "layer:mlp")
    drag.over((0.0, 700.0))
    ghost = QRectF(*drag.gesture._box())
    new = drag.drop()
    real = box(window.canvas, new)
    assert (ghost.left(), ghost.top()) == pytest.approx((real.left(), real.top()), abs=1)
    assert (ghost.width(), ghost.height()) == pytest.approx((real.width(), real.height()), rel=0.15)


def test_a_drag_that_is_given_up_leaves_nothing(window: Window) -> None:
    canvas, drag = window.canvas, Drag(window, "sin")
    drag.over((100.0, 480.0))
    before = window.editor.graph
    QApplication.sendEvent(canvas, QDragLeaveEvent())
    assert canvas.gesture is None
    assert window.editor.graph is before


# Into a wire by a key.


def test_w_puts_the_node_into_the_middle_of_the_wire(window: Window, hand: Hand) -> None:
    canvas, editor = window.canvas, window.editor
    hand.drag(title(canvas, "tanh0"), (820, 240))
    start, end = port(canvas, "relu0", "y", True), port(canvas, "sum0", "x")
    editor.select(["tanh0"], "tanh0")
    graph = editor.graph
    one_undo(window, lambda: QTest.keyClick(canvas, Qt.Key.Key_W), "Insert tanh between relu and sum.x")
    assert editor.graph.fed("sum0", "x") == Source("tanh0", "y")
    assert middle(canvas, "tanh0")[0] == pytest.approx((start[0] + end[0]) / 2, abs=1)
    assert port(canvas, "tanh0", "x")[1] == pytest.approx((start[1] + end[1]) / 2, abs=1)
    moved = {id for id in graph.nodes if graph.nodes[id].position != editor.graph.nodes[id].position}
    assert moved == {"tanh0"}  # there was room


def test_w_makes_room_where_there_is_none(window: Window) -> None:
    canvas, editor = window.canvas, window.editor
    editor.attempt("Close up", lambda t: [t.move("relu0", (440, 80)), t.move("sum0", (630, 80))])
    editor.attempt("Below", lambda t: t.move("tanh0", (540, 200)))
    editor.select(["tanh0"], "tanh0")
    QTest.keyClick(canvas, Qt.Key.Key_W)
    assert editor.graph.fed("sum0", "x") == Source("tanh0", "y")
    boxes = [box(canvas, id) for id in ("matmul0", "relu0", "tanh0", "sum0")]
    assert not any(a.intersects(b) for a, b in itertools.combinations(boxes, 2))
    assert all(a.right() + 15 <= b.left() for a, b in itertools.pairwise(boxes))


def test_w_stands_aside_of_what_lies_on_the_middle_of_the_wire(window: Window) -> None:
    canvas, editor = window.canvas, window.editor
    editor.attempt("Far", lambda t: [t.move("sum0", (2000, 80)), t.move("tanh0", (1250, 400))])
    x, y = between(canvas, "relu0", "sum0")
    other = editor.attempt("On it", lambda t: t.add("cos", position=(x - 75, y - 60)))
    assert other is not None
    editor.select(["tanh0"], "tanh0")
    QTest.keyClick(canvas, Qt.Key.Key_W)
    assert editor.graph.fed("sum0", "x") == Source("tanh0", "y")
    assert not box(canvas, "tanh0").intersects(box(canvas, other))
