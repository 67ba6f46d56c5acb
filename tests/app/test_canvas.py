"""The canvas: what it shows follows the document, and mouse and keys move about on it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradwire.app.canvas.anatomy import PortRef
from gradwire.app.canvas.canvas import FOOT, Canvas
from gradwire.app.canvas.looks import LOOKS
from gradwire.app.canvas.scene import Hit, Scene
from gradwire.app.editor import Editor
from gradwire.app.look.colour_map import averaged
from gradwire.app.look.numbers import fixed
from gradwire.app.look.theme import DARK, LIGHT
from gradwire.core.document.edits import MoveNode, SetCollapsed, SetFlags
from gradwire.core.graph import Source
from gradwire.core.session import Session

MIDDLE, RIGHT, LEFT = Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton, Qt.MouseButton.LeftButton


@pytest.fixture
def editor(qtbot) -> Iterator[Editor]:
    made = Editor(Session())
    with made.document.transaction("Build") as t:
        t.add("input", name="x", id="x", position=(0, 0))
        t.add("input", name="y", id="y", position=(0, 200))
        t.add("sin", name="sin", id="sin", position=(250, 0), inputs={"x": "x"})
        t.add("multiply", name="product", id="product", position=(250, 200), inputs={"x": "x", "y": "y"})
        t.add("add", name="f", id="f", position=(500, 100), inputs={"x": "sin", "y": "product"})
    yield made
    made.close()


@pytest.fixture
def canvas(editor: Editor, qtbot) -> Canvas:
    made = Canvas(editor, DARK)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    made.setFocus()
    return made


def on_screen(canvas: Canvas, x: float, y: float) -> QPoint:
    return canvas.view.to_screen(x, y).toPoint()


def send(canvas: Canvas, kind: QEvent.Type, at: QPointF, button=Qt.MouseButton.NoButton, held=None) -> None:
    held = button if held is None else held
    event = QMouseEvent(kind, at, canvas.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def drag(canvas: Canvas, button: Qt.MouseButton, start: QPointF, end: QPointF) -> None:
    send(canvas, QEvent.Type.MouseButtonPress, start, button)
    for part in (0.3, 0.6, 1.0):
        send(canvas, QEvent.Type.MouseMove, start + (end - start) * part, Qt.MouseButton.NoButton, button)
    send(canvas, QEvent.Type.MouseButtonRelease, end, button, Qt.MouseButton.NoButton)


def same(scene: Scene, other: Scene) -> None:
    """Both show the same things in the same places."""
    assert scene.visible == other.visible
    for id in scene.visible:
        assert scene.rect(id) == other.rect(id), id
        assert scene.item(id) == other.item(id)
    lines = [
        {wire: tuple(each.wires.ends[slot]) for slot, wire in enumerate(each.wires.wires) if wire is not None}
        for each in (scene, other)
    ]
    assert lines[0] == lines[1]


def test_shows_nodes_and_wires_of_the_graph(canvas: Canvas) -> None:
    scene = canvas.scene
    assert scene.visible == {"x", "y", "sin", "product", "f"}
    assert scene.ports("product") == [
        PortRef("product", "x", False),
        PortRef("product", "y", False),
        PortRef("product", "y", True),
    ]
    wire = next(wire for wire in scene.wires.wires if wire.target == "sin")
    ends = scene.wires.ends[scene.wires.slots["sin", "x"]]
    assert tuple(ends[:2]) == scene.position(PortRef("x", wire.source.output, True))
    assert tuple(ends[2:]) == scene.position(PortRef("sin", "x", False))


def test_every_edit_leaves_the_scene_as_if_made_anew(canvas: Canvas) -> None:
    document, scene = canvas.editor.document, canvas.scene

    def check() -> None:
        same(scene, Scene(canvas.editor))

    with document.transaction("Add") as t:
        t.add("concat", name="both", id="both", position=(800, 0), inputs={"xs0": "sin", "xs1": "f"})
    check()
    with document.transaction("Rename") as t:
        t.rename("both", "a name that is so long that the node must be wider")
    check()
    with document.transaction("Move and mark") as t:
        t.apply_all([MoveNode("x", (0.0, 0.0), (-40.0, 30.0)), SetFlags("sin", frozenset(), frozenset({"freeze"}))])
    check()
    with document.transaction("Delete") as t:
        t.remove("product")
    check()
    with document.transaction("Group") as t:
        group = t.group(["sin", "x"], "pair")
    check()
    with document.transaction("Collapse") as t:
        t.apply_all([SetCollapsed(group, False, True)])
    check()
    assert {"sin", "x"}.isdisjoint(scene.visible)
    while canvas.editor.document.undo():
        check()
    while canvas.editor.document.redo():
        check()


def test_a_collapsed_group_has_the_ports_of_the_wires_that_cross_it(canvas: Canvas) -> None:
    with canvas.editor.document.transaction("Group") as t:
        group = t.group(["sin", "product"], "pair")
        t.apply_all([SetCollapsed(group, False, True)])
    ports = canvas.scene.ports(group)
    assert {port.name for port in ports if not port.output} == {"sin.x", "product.x", "product.y"}
    assert {port.name for port in ports if port.output} == {"sin.y", "product.y"}
    port = PortRef(group, "product.x", False)
    assert canvas.scene.real(port) == PortRef("product", "x", False)
    assert canvas.hit(*canvas.scene.position(port)).port == port
    assert canvas.scene.position(PortRef("product", "x", False)) == canvas.scene.position(port)


def test_an_entered_group_shows_only_its_inside_and_where_its_wires_lead(canvas: Canvas) -> None:
    with canvas.editor.document.transaction("Group") as t:
        group = t.group(["sin", "product"], "pair")
    x, y = canvas.scene.rect(group)[:2]
    assert canvas.hit(x + 30, y + 10).item == group
    at = on_screen(canvas, x + 30, y + 10)
    QTest.mouseDClick(canvas, LEFT, pos=at)
    QTest.mouseRelease(canvas, LEFT, pos=at)
    assert canvas.editor.group == group
    assert canvas.scene.visible == {"sin", "product"}
    assert sorted(stub.label for stub in canvas.scene.joiner.stubs) == ["f", "f", "x", "x", "y"]
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.editor.group is None
    assert canvas.editor.selection == {group}


def test_hits_ports_parts_wires_and_nothing(canvas: Canvas) -> None:
    scene = canvas.scene
    x, y, width, height = scene.rect("sin")
    assert canvas.hit(x + 70, y + 10)[::3] == ("sin", "title")
    assert canvas.hit(x + 70, y + height - 12)[::3] == ("sin", "gradient")
    assert canvas.hit(x + width, scene.position(PortRef("sin", "y", True))[1]).port == PortRef("sin", "y", True)
    path = scene.wires.paths(np.array([scene.wires.slots["product", "y"]]), 10)[0]
    assert canvas.hit(*path[15]).wire.port == "y"
    assert canvas.hit(-500, -500) == Hit()


def test_hovering_a_wire_lights_its_whole_net_and_says_its_shape(canvas: Canvas, qtbot) -> None:
    qtbot.waitUntil(lambda: bool(canvas.editor.shapes))
    scene = canvas.scene
    path = scene.wires.paths(np.array([scene.wires.slots["product", "x"]]), 10)[0]
    send(canvas, QEvent.Type.MouseMove, canvas.view.to_screen(*path[15]))
    lit = {(scene.wires.wires[slot].target, scene.wires.wires[slot].port) for slot in canvas.hover.lit}
    assert lit == {("sin", "x"), ("product", "x")}
    assert canvas.hover.text.startswith("x → product.x")
    assert canvas.hover.text.endswith(canvas.editor.shapes[Source("x", "y")])
    send(canvas, QEvent.Type.MouseMove, canvas.view.to_screen(-300, -300))
    assert canvas.hover.lit is None
    assert not canvas.hover.text


@pytest.mark.parametrize("button", [MIDDLE, RIGHT])
def test_dragging_with_the_middle_or_right_button_pans(canvas: Canvas, button: Qt.MouseButton) -> None:
    x, y = canvas.view.x, canvas.view.y
    drag(canvas, button, QPointF(100, 100), QPointF(260, 180))
    assert (canvas.view.x - x, canvas.view.y - y) == (160, 80)
    assert canvas.gesture is None
    assert not canvas.editor.document.dirty or canvas.editor.document.history.next_undo.label == "Build"


def test_space_and_the_left_button_pan(canvas: Canvas) -> None:
    x = canvas.view.x
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(canvas, LEFT, QPointF(100, 100), QPointF(260, 180))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.view.x == x + 160
    assert not canvas.editor.selection


def test_the_wheel_zooms_to_the_cursor_in_proportion(canvas: Canvas) -> None:
    at = QPointF(300, 200)
    before, scale = canvas.view.to_scene(at), canvas.view.scale

    def turn(eighths: int, pixels: QPoint | None = None, phase=Qt.ScrollPhase.NoScrollPhase) -> None:
        no = Qt.KeyboardModifier.NoModifier
        held = Qt.MouseButton.NoButton
        QApplication.sendEvent(
            canvas,
            QWheelEvent(at, canvas.mapToGlobal(at), pixels or QPoint(), QPoint(0, eighths), held, no, phase, False),
        )

    turn(-120)
    assert canvas.view.scale == pytest.approx(scale / 1.2)
    assert canvas.view.to_scene(at) == pytest.approx(before, abs=2)
    for _ in range(4):
        turn(30)
    assert canvas.view.scale == pytest.approx(scale)
    x = canvas.view.x
    turn(80, QPoint(25, 10), Qt.ScrollPhase.ScrollUpdate)
    assert canvas.view.scale == pytest.approx(scale), "two fingers pan"
    assert canvas.view.x == x + 25


def test_arrows_walk_along_wires(canvas: Canvas) -> None:
    walk = [(Qt.Key.Key_Right, "x"), (Qt.Key.Key_Right, "sin"), (Qt.Key.Key_Right, "f"), (Qt.Key.Key_Left, "product")]
    walk += [(Qt.Key.Key_Up, "sin"), (Qt.Key.Key_Down, "product")]
    for key, expected in walk:
        QTest.keyClick(canvas, key)
        assert canvas.editor.active == expected


def test_a_double_click_asks_for_the_search(canvas: Canvas, qtbot) -> None:
    with qtbot.waitSignal(canvas.search_wanted) as asked:
        QTest.mouseDClick(canvas, LEFT, pos=QPoint(20, 20))
    assert (asked.args[0].x, asked.args[0].y) == pytest.approx(canvas.view.to_scene(QPointF(20, 20)))


def test_frames_all_and_the_selection(canvas: Canvas) -> None:
    canvas.view.place(5000, 5000)
    canvas.frame()
    left, top, right, bottom = canvas.view.window(canvas.width(), canvas.height())
    for id in canvas.scene.visible:
        x, y, width, height = canvas.scene.rect(id)
        assert left <= x
        assert top <= y
        assert x + width <= right
        assert y + height <= bottom
    canvas.frame(["f"])
    x, y, width, height = canvas.scene.rect("f")
    assert on_screen(canvas, x + width / 2, y + height / 2) == QPoint(500, round((700 - FOOT) / 2))


@pytest.mark.parametrize("key", ["A", "F", "Home", "Tab", "F1", "F2", "Return"])
def test_no_key_of_an_action_is_also_one_of_the_canvas(canvas: Canvas, key: str) -> None:
    """Outside of a window there are no actions: what still acts here could not be unbound."""
    canvas.view.place(5000, 5000)
    asked: list[object] = []
    canvas.search_wanted.connect(asked.append)
    canvas.rename_wanted.connect(asked.append)
    canvas.editor.select(["f"], "f")
    QTest.keyClick(canvas, getattr(Qt.Key, f"Key_{key}"))
    assert (canvas.view.x, canvas.view.y) == (5000, 5000)
    assert not asked


def test_a_drag_shows_items_elsewhere_without_an_edit(canvas: Canvas) -> None:
    graph, before = canvas.editor.graph, canvas.scene.rect("sin")
    canvas.scene.dragging.displace({"sin": (30.0, 40.0)})
    assert canvas.scene.rect("sin")[:2] == (before[0] + 30, before[1] + 40)
    assert canvas.scene.wires.ends[canvas.scene.wires.slots["sin", "x"]][2] == before[0] + 30
    canvas.scene.dragging.displace({"f": (5.0, 5.0)})
    assert canvas.scene.rect("sin") == before
    canvas.scene.dragging.settle()
    assert canvas.editor.graph is graph
    same(canvas.scene, Scene(canvas.editor))


def test_a_dragged_frame_takes_what_it_holds(canvas: Canvas) -> None:
    with canvas.editor.document.transaction("Group") as t:
        group = t.group(["sin", "product"], "pair")
    frame, node = canvas.scene.rect(group), canvas.scene.rect("sin")
    canvas.scene.dragging.displace({group: (100.0, 0.0)})
    assert canvas.scene.rect(group) == (frame[0] + 100, *frame[1:])
    assert canvas.scene.rect("sin") == (node[0] + 100, *node[1:])


def test_a_wire_that_goes_back_keeps_clear_of_both_nodes(canvas: Canvas) -> None:
    with canvas.editor.document.transaction("Move") as t:
        t.apply_all([MoveNode("f", (500.0, 100.0), (-300.0, 0.0))])
    scene = canvas.scene
    path = scene.wires.paths(np.array([scene.wires.slots["f", "x"]]), 10)[0]
    for id in ("sin", "f"):
        x, y, width, height = scene.rect(id)
        inside = (path > [x + 1, y + 1]).all(axis=1) & (path < [x + width - 1, y + height - 1]).all(axis=1)
        assert not inside.any(), id


def test_a_wire_down_a_column_goes_round_what_stands_between(canvas: Canvas) -> None:
    with canvas.editor.document.transaction("Column") as t:
        for number, name in enumerate(("top", "between", "bottom")):
            t.add("sin", id=name, name=name, position=(800, 200 * number))
        t.connect("top", "bottom", "x")
    scene = canvas.scene
    slot = scene.wires.slots["bottom", "x"]
    for down in (True, False):
        path = scene.wires.paths(np.array([slot]), 40)[0]
        x, y, width, height = scene.rect("between")
        assert not np.any((abs(path - (x + width / 2, y + height / 2)) <= (width / 2, height / 2)).all(axis=1)), down
        with canvas.editor.document.transaction("Turn") as t:
            t.move("top", (800, 400))
            t.move("bottom", (800, 0))


def test_the_name_of_an_inner_frame_is_not_covered_by_what_it_holds(canvas: Canvas) -> None:
    with canvas.editor.document.transaction("Frames") as t:
        outer = t.group([t.group(["sin", "product"], "inner")], "outer")
    inner = next(id for id in canvas.editor.graph.groups if id != outer)
    left, top, width, _ = canvas.scene.rect(inner)
    held = canvas.scene.rect("sin")
    for zoom in (0.22, 0.25, 0.3):
        canvas.zoom_to(zoom)
        canvas.view.center(*held[:2], canvas.width(), canvas.height())
        seen = canvas.grab_image()
        first, last = canvas.view.to_screen(left, top).toPoint(), canvas.view.to_screen(left + width, held[1]).toPoint()
        middle = (first.y() + last.y()) // 2
        columns = range(first.x() + 2, last.x() - 2)
        strip, edge = (max(seen.pixelColor(x, y).lightness() for x in columns) for y in (middle, last.y() - 1))
        assert strip > 120, zoom  # there are letters above what it holds,
        assert edge < 120, zoom  # and none goes on beneath it


def test_a_problem_is_told_on_the_node_its_port_and_its_wire(canvas: Canvas, qtbot) -> None:
    with canvas.editor.document.transaction("Misfit") as t:
        t.add("parameter", id="w", name="w", params={"shape": [3, 4]}, position=(0, 400))
        t.add("matmul", id="bad", name="bad", inputs={"x": "w", "w": "w"}, position=(300, 400))
    qtbot.waitUntil(lambda: "bad" in canvas.marks.bad_items)
    assert canvas.scene.bad_wires[canvas.scene.wires.slots["bad", "w"]]
    canvas.zoom_to(1.0)
    canvas.center_on("bad")
    seen = canvas.grab_image()
    at = on_screen(canvas, *canvas.scene.position(PortRef("bad", "w", False)))
    assert seen.pixelColor(at) == QColor(DARK.error)


def test_looks_of_values() -> None:
    def look(value: object) -> str:
        array = np.asarray(value)
        return next(kind.__name__ for kind in LOOKS if kind.fits(array))

    assert look(2.0) == "Number"
    assert look([1.0, 2.0, 3.0]) == "Cells"
    assert look(np.zeros((5, 40))) == "HeatMap"
    assert look(np.zeros((5, 1, 8, 8))) == "Pictures"
    for value in (np.array([np.nan, np.inf, -np.inf]), np.zeros((3, 0)), np.array([True, False]), np.ones((2, 3)) * 1j):
        kind = next((kind for kind in LOOKS if kind.fits(value)), None)
        if kind is not None:
            kind(value, LIGHT, 3)
    texts = [fixed(np.float64(number), 3) for number in (0.0, 1.5, -2.0, 1e-7, 12345678.0)]
    assert texts == ["0.000", "1.500", "−2.000", "1.000e−7", "1.235e7"]
    assert fixed(np.float64("nan"), 3) == "NaN"


@pytest.mark.parametrize("zoom", [2.0, 1.0, 0.4, 0.15, 0.03])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_paints_at_every_zoom_and_density(canvas: Canvas, zoom: float, theme) -> None:
    canvas.set_theme(theme)
    canvas.order_badges = True
    canvas.editor.select(["x", "f"], "f")
    canvas.zoom_to(zoom)
    image = canvas.grab_image()
    colours = {image.pixelColor(x, y).name() for x in range(0, 1000, 3) for y in range(0, 700, 3)}
    assert theme.background in colours
    assert len(colours) > 3


def test_an_empty_canvas_says_what_to_do(qtbot) -> None:
    editor = Editor(Session())
    canvas = Canvas(editor, DARK)
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    image = canvas.grab_image()
    assert any(image.pixelColor(x, 150) not in (QColor(DARK.background), QColor(DARK.grid)) for x in range(100, 300))
    editor.close()


def test_a_turn_of_the_wheel_is_drawn_exactly_once_it_rests(canvas: Canvas, qtbot) -> None:
    canvas.grab_image()
    canvas.painting.hasten()
    canvas.zoom_to(1.3)
    canvas.repaint()
    qtbot.wait(250)
    resting = canvas.grab().toImage()
    fresh = Canvas(canvas.editor, DARK)
    qtbot.addWidget(fresh)
    fresh.resize(canvas.size())
    fresh.grab()
    fresh.view.scale = canvas.view.scale
    fresh.view.place(canvas.view.x, canvas.view.y)
    assert fresh.grab().toImage() == resting


def test_a_press_on_the_minimap_goes_there(canvas: Canvas) -> None:
    canvas.zoom_to(2.0)
    canvas.grab_image()
    place = canvas.minimap.place(canvas.width(), canvas.height())
    at = place.topLeft() + QPointF(30, 30)
    there = canvas.minimap.to_scene(at, canvas.width(), canvas.height())
    QTest.mouseClick(canvas, LEFT, pos=at.toPoint())
    middle = canvas.view.to_scene(QPointF(canvas.width() / 2, canvas.height() / 2))
    assert middle == pytest.approx(there, abs=1.0)


def test_a_screen_of_high_density_is_drawn_in_its_own_pixels(canvas: Canvas) -> None:
    canvas.zoom_to(1.0)
    image = QImage(2000, 1400, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2.0)
    painter = QPainter(image)
    canvas.painting.paint(painter)
    painter.end()
    assert canvas.view.ratio == 2.0
    x, y, width, _ = canvas.scene.rect("f")
    at = canvas.view.to_screen(x, y + 12)
    title = [image.pixelColor(round(at.x() * 2) + dx, round(at.y() * 2)) for dx in range(4, int(width * 2) - 4)]
    assert any(colour.lightness() > 240 for colour in title), "the letters of the title are there, at full strength"


def test_a_press_whose_release_is_lost_holds_up_nothing(canvas: Canvas) -> None:
    at = canvas.view.to_screen(-200, -200)
    send(canvas, QEvent.Type.MouseButtonPress, at, LEFT)
    assert canvas.gesture is not None
    drag(canvas, LEFT, on_title(canvas, "sin"), on_title(canvas, "sin"))
    assert canvas.gesture is None
    assert canvas.editor.selection == {"sin"}


def on_title(canvas: Canvas, id: str) -> QPointF:
    x, y = canvas.scene.rect(id)[:2]
    return canvas.view.to_screen(x + 40, y + 10)


def test_a_change_from_elsewhere_ends_the_gesture(canvas: Canvas) -> None:
    editor, start = canvas.editor, on_title(canvas, "sin")
    with editor.document.transaction("Add") as t:
        t.add("cos", id="late", name="late", position=(0, 500))
    editor.select(["late"])
    home = canvas.scene.rect("sin")
    send(canvas, QEvent.Type.MouseButtonPress, start, LEFT)
    for way in (20, 60):
        send(canvas, QEvent.Type.MouseMove, start + QPointF(way, way), Qt.MouseButton.NoButton, LEFT)
    assert canvas.scene.rect("sin") != home
    editor.undo()
    assert canvas.gesture is None
    assert canvas.scene.rect("sin") == home
    assert "late" not in editor.selection, "it is gone, though it was selected before the drag"
    graph = editor.graph
    send(canvas, QEvent.Type.MouseMove, start + QPointF(90, 90), Qt.MouseButton.NoButton, LEFT)
    send(canvas, QEvent.Type.MouseButtonRelease, start + QPointF(90, 90), LEFT, Qt.MouseButton.NoButton)
    assert editor.graph is graph


def test_an_edit_beside_or_within_a_collapsed_group_makes_only_a_few_items_anew(canvas: Canvas) -> None:
    document, scene = canvas.editor.document, canvas.scene
    with document.transaction("Group") as t:
        group = t.group(["sin", "product"], "pair")
        t.apply_all([SetCollapsed(group, False, True)])
    far = scene.item("f")
    rebuilt: list[bool] = []
    scene.rebuild, rebuild = lambda: rebuilt.append(True), scene.rebuild
    with document.transaction("Wire into it") as t:
        t.add("cos", id="cos", name="cos", position=(0, 500), inputs={"x": "product"})
    same(scene, Scene(canvas.editor))
    with document.transaction("Rename within") as t:
        t.rename("sin", "inner")
    same(scene, Scene(canvas.editor))
    with document.transaction("Delete within") as t:
        t.remove("product")
    same(scene, Scene(canvas.editor))
    while document.undo() and document.history.next_undo.label != "Group":
        same(scene, Scene(canvas.editor))
    assert not rebuilt
    assert scene.item("f") is not far, "its inputs changed"
    scene.rebuild = rebuild
    canvas.editor.enter(group)
    with document.transaction("Rename outside") as t:
        t.rename("x", "xx")
    assert {stub.label for stub in scene.joiner.stubs} == {"xx", "y", "f"}


def test_screen_readers_find_nodes_and_ports_with_names(canvas: Canvas, qtbot) -> None:
    qtbot.waitUntil(lambda: Source("x", "y") in canvas.editor.shapes)
    reader = QAccessible.queryAccessibleInterface(canvas)
    names = [reader.child(index).text(QAccessible.Text.Name) for index in range(reader.childCount())]
    assert len(names) == 5
    product = next(name for name in names if name.startswith("Multiply product"))
    shape = canvas.editor.shapes[Source("x", "y")]
    assert f"2 inputs: x from x.y {shape}, y from y.y {shape}; 1 output: y" in product
    assert "to f.y" in product
    canvas.editor.select(["product"], "product")
    node = reader.focusChild()
    assert reader.indexOfChild(node) == [name.startswith("Multiply") for name in names].index(True)
    assert node.state().selected
    assert node.childCount() == 3
    assert node.child(1).text(QAccessible.Text.Name) == f"input y from y.y {shape}"
    assert node.child(1).parent() == node
    middle = node.rect().center()
    assert reader.childAt(middle.x(), middle.y()) == node
    with canvas.editor.document.transaction("Delete") as t:
        t.remove("product")
    assert not node.isValid()
    assert reader.childCount() == 4
    assert node.text(QAccessible.Text.Name) == ""


def test_a_walk_tells_what_it_comes_to(canvas: Canvas, qtbot) -> None:
    with canvas.editor.document.transaction("Misfit") as t:
        t.add("parameter", id="w", name="w", params={"shape": [3, 4]}, position=(-400, 400))
        t.add("matmul", id="bad", name="bad", inputs={"x": "w", "w": "w"}, position=(-200, 400))
    qtbot.waitUntil(lambda: "bad" in canvas.marks.bad_items)
    canvas.editor.select(["w"], "w")
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.editor.active == "bad"
    told = canvas.accessibleDescription()
    assert told.startswith("MatMul bad, 2 inputs: x from w.y (3, 4) f32, w from w.y (3, 4) f32;")
    assert "1 problem: w: " in told
    canvas.editor.select(())
    assert not canvas.accessibleDescription()


def test_a_large_matrix_is_averaged_not_sampled() -> None:
    matrix = np.zeros((1000, 1000))
    matrix[:, 1::2] = 2.0
    assert np.array_equal(averaged(matrix, 64, 256), np.ones((63, 250)))
    matrix[777, 333] = np.nan
    assert np.isnan(averaged(matrix, 64, 256)).sum() == 1
    small = np.arange(6.0).reshape(2, 3)
    assert averaged(small, 64, 256) is small


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_positive_numbers_are_blue_and_negative_ones_orange(theme) -> None:
    for value in ([-1.0, 1.0], np.linspace(-1.0, 1.0, 40)):
        array = np.asarray(value)
        image = QImage(40, 10, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        look = next(kind for kind in LOOKS if kind.fits(array))
        look(array, theme, 3).paint(painter, QRectF(0, 0, 40, 10), QColor(theme.text))
        painter.end()
        left, right = image.pixelColor(2, 5), image.pixelColor(37, 5)
        assert left.red() > left.green() > left.blue()
        assert right.blue() > right.green() > right.red()


def test_new_values_are_drawn_alike_the_first_and_the_second_time(canvas: Canvas) -> None:
    canvas.zoom_to(0.8)
    live = canvas.editor.live
    live.value = lambda source: np.float64(1.25)
    canvas.grab_image()
    live.value = lambda source: np.float64(-4.75)
    canvas.editor.results_changed.emit()
    first, second = canvas.grab().toImage(), canvas.grab().toImage()
    assert first == second
    canvas.set_theme(LIGHT)
    canvas.set_theme(DARK)
    assert canvas.grab().toImage() == first


def test_what_fails_at_run_time_is_marked_at_every_zoom_and_on_a_collapsed_group(canvas: Canvas) -> None:
    canvas.editor.live.errors = lambda: {"sin": "sin refuses this", "gone": "of a node that was deleted"}
    canvas.editor.results_changed.emit()
    assert canvas.marks.bad_items == {"sin"}
    canvas.editor.select(["sin"], "sin")
    assert canvas.accessibleDescription().endswith("1 problem: sin refuses this")
    with canvas.editor.document.transaction("Group") as t:
        group = t.group(["sin", "product"], "pair")
        t.apply_all([SetCollapsed(group, False, True)])
    canvas.editor.results_changed.emit()
    assert canvas.marks.bad_items == {group}


def test_what_is_said_of_a_thing_hovered_stays_within_the_canvas(canvas: Canvas) -> None:
    x, y, *_ = canvas.scene.rect("product")
    send(canvas, QEvent.Type.MouseMove, canvas.view.to_screen(x + 70, y + 10))
    canvas.hover.text = "why " * 100
    told = canvas.grab().toImage()
    canvas.hover.text = ""
    plain = canvas.grab().toImage()
    rows = [y for y in range(told.height()) if any(told.pixel(x, y) != plain.pixel(x, y) for x in range(told.width()))]
    assert len(rows) > 60  # several lines
    assert all(told.pixel(x, y) == plain.pixel(x, y) for x in (0, 3, told.width() - 4) for y in rows)
