"""Wires as they are seen and dragged: what fits lights up, what does not is told where it does not, on both ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hand import CONTROL, Hand, port, title
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas import curves
from gradwire.app.canvas.anatomy import PortRef
from gradwire.app.canvas.gestures.connect import Connect, words
from gradwire.app.look.theme import DARK
from gradwire.app.window import Window
from gradwire.core.document import Document, Transaction
from gradwire.core.graph import Source
from gradwire.core.session import Session


@pytest.fixture
def show(place: Place, qtbot: QtBot) -> Iterator[Callable[[Callable[[Transaction], object]], Window]]:
    windows: list[Window] = []

    def show(build: Callable[[Transaction], object]) -> Window:
        window = place.start(empty=True)
        windows.append(window)
        document = Document()
        with document.transaction("Build", undoable=False) as t:
            build(t)
        window.editor.open(Session(document))
        window.show_canvas()
        window.resize(1500, 900)
        window.show()
        qtbot.waitUntil(lambda: not window.editor.checking.busy)
        window.canvas.frame()
        window.canvas.setFocus()
        return window

    yield show
    for window in windows:
        window.editor.document.mark_saved()


def matrices(t: Transaction) -> None:
    """A (2, 3) times B (3, 4), and C (2, 2) beside them, all as the issue of a user had it."""
    for id, shape, y in (("A", (2, 3), 0), ("B", (3, 4), 160), ("C", (2, 2), 320)):
        t.add("parameter", id=id, name=id, params={"shape": shape}, position=(0, y))
    t.add("matmul", id="m", name="m", inputs={"x": "A", "w": "B"}, position=(320, 60))


def checked(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.editor.checking.busy)


def connecting(window: Window) -> Connect:
    gesture = window.canvas.gesture
    assert isinstance(gesture, Connect)
    return gesture


def bad_wires(window: Window) -> set[tuple[str, str]]:
    scene = window.canvas.scene
    if scene.bad_wires is None:
        return set()
    return {scene.wires.at(slot)[1:] for slot in np.flatnonzero(scene.bad_wires).tolist()}


def test_a_misfit_is_told_for_the_wire_that_is_dropped_and_marks_both(show, qtbot: QtBot) -> None:
    window = show(matrices)
    canvas, hand = window.canvas, Hand(window.canvas)
    hand.press(port(canvas, "C", "y", True))
    hand.move(port(canvas, "m", "x"))
    (said,) = connecting(window).said
    assert said.text == "x has 2 columns but w has 3 rows (would fit: x: (2, 3)), replaces A"
    hand.release()
    checked(window, qtbot)
    (problem,) = window.editor.problems
    assert problem.ports == {"x", "w"}
    assert bad_wires(window) == {("m", "x"), ("m", "w")}
    assert problem.advice("x") == "x: (2, 3)"
    assert problem.advice("w") == "w: (2, …)"


def test_where_one_of_many_does_not_fit_it_alone_is_marked(show, qtbot: QtBot) -> None:
    def build(t: Transaction) -> None:
        for i, shape in enumerate([(2, 3), (2, 3), (4, 3)]):
            t.add("parameter", id=f"p{i}", params={"shape": shape}, position=(0, 150 * i))
        t.add("accumulate", id="all", inputs={f"xs{i}": f"p{i}" for i in range(3)}, position=(300, 100))

    window = show(build)
    assert bad_wires(window) == {("all", "xs2")}


def test_each_of_two_wires_that_are_moved_has_its_own_colour(show) -> None:
    def build(t: Transaction) -> None:
        matrices(t)
        t.add("sum", id="s", name="s", inputs={"x": "A"}, position=(320, 260))

    window = show(build)
    canvas, hand = window.canvas, Hand(window.canvas)
    hand.press(port(canvas, "A", "y", True), modifiers=CONTROL)
    hand.move(port(canvas, "C", "y", True), modifiers=CONTROL)
    gesture = connecting(window)
    assert {fixed.id: said.fits for fixed, said in zip(gesture.fixed, gesture.said, strict=True)} == {
        "m": False,
        "s": True,
    }
    assert words(gesture)[0].startswith("1 of 2 wires fit: x has 2 columns")
    hand.release(modifiers=CONTROL)


def test_two_wires_into_one_node_are_judged_together(show) -> None:
    def build(t: Transaction) -> None:
        for id, shape in (("a", (2, 3)), ("b", (4, 5))):
            t.add("parameter", id=id, name=id, params={"shape": shape}, position=(0, 200 * (id == "b")))
        t.add("multiply", id="square", inputs={"x": "a", "y": "a"}, position=(320, 60))

    window = show(build)
    canvas, hand = window.canvas, Hand(window.canvas)
    hand.press(port(canvas, "a", "y", True), modifiers=CONTROL)
    hand.move(port(canvas, "b", "y", True), modifiers=CONTROL)
    assert all(said.fits for said in connecting(window).said)
    hand.release(modifiers=CONTROL)
    assert window.editor.graph.fed("square", "y") == Source("b", "y")


def test_dashes_are_as_long_on_a_level_stretch_as_on_a_steep_one() -> None:
    path = curves.points(np.array([[0.0, 0.0, 300.0, 400.0]]), np.zeros(1), 8)
    drawn = curves.dashes(path)
    lengths = np.hypot(drawn[:, 2] - drawn[:, 0], drawn[:, 3] - drawn[:, 1])
    whole = np.hypot(*np.diff(path[0], axis=0).T).sum()
    assert lengths.sum() == pytest.approx(whole / 2, rel=0.05)  # the other half are gaps
    assert lengths[:-1].max() <= curves.DASH / 2 + 0.01
    assert np.median(lengths) == pytest.approx(curves.DASH / 2, rel=0.02)


def test_what_fits_lights_up_and_the_rest_is_dimmed(show) -> None:
    def build(t: Transaction) -> None:
        matrices(t)
        t.add("dataset", id="data", params={"source": "digits"}, position=(0, 480))
        t.add("cross_entropy", id="loss", inputs={"logits": "m"}, position=(640, 60))
        t.add("relu", id="relu", position=(640, 300))

    window = show(build)
    canvas, hand = window.canvas, Hand(window.canvas)
    plain = canvas.grab().toImage()
    hand.press(port(canvas, "data", "x", True))
    hand.move((500.0, 520.0))
    offers = connecting(window)._offers
    fits = {(port.id, port.name) for port, fit in offers.items() if fit}
    assert ("relu", "x") in fits
    assert ("m", "x") not in fits  # 64 columns, but B has 3 rows
    assert ("loss", "target") not in fits  # floats are no labels
    lit = canvas.grab().toImage()
    assert is_near(lit, canvas, "relu", "x", DARK.good)
    assert not is_near(plain, canvas, "relu", "x", DARK.good)
    assert not is_near(lit, canvas, "m", "x", DARK.good)
    x, y = title(canvas, "m")
    at = canvas.view.to_screen(x + 10, y + 12).toPoint()
    assert lit.pixelColor(at).lightness() < plain.pixelColor(at).lightness()
    assert words(connecting(window)) == ("drop: search for what fits", True)
    QTest.keyClick(canvas, "\x1b")
    hand.release()


def is_near(image: QImage, canvas, id: str, name: str, colour: str) -> bool:
    """Whether a colour is seen within some pixels of an input."""
    at, wanted = canvas.view.to_screen(*canvas.scene.position(PortRef(id, name, False))).toPoint(), QColor(colour)
    seen = [image.pixelColor(at.x() + dx, at.y() + dy) for dx in range(-10, 11) for dy in range(-10, 11)]
    return any(
        abs(c.red() - wanted.red()) + abs(c.green() - wanted.green()) + abs(c.blue() - wanted.blue()) < 40 for c in seen
    )


def test_a_node_upstream_is_no_offer(show) -> None:
    def build(t: Transaction) -> None:
        t.add("input", id="x", position=(0, 0))
        t.add("sin", id="first", inputs={"x": "x"}, position=(250, 0))
        t.add("sin", id="second", inputs={"x": "first"}, position=(500, 0))
        t.add("sin", id="aside", position=(500, 250))

    window = show(build)
    canvas, hand = window.canvas, Hand(window.canvas)
    hand.press(port(canvas, "second", "y", True))
    hand.move((700.0, 200.0))
    offers = connecting(window)._offers
    assert {port.id for port, fit in offers.items() if fit} == {"aside"}
    hand.move(port(canvas, "aside", "x"))
    hand.release()
    assert window.editor.graph.fed("aside", "x") == Source("second", "y")


def test_the_wire_stays_while_the_search_asks(show, qtbot: QtBot) -> None:
    window = show(matrices)
    canvas, hand = window.canvas, Hand(window.canvas)
    hand.drag(port(canvas, "m", "y", True), (600.0, 300.0))
    assert window.popups.search.isVisible()
    assert canvas.pending is not None
    assert canvas.pending.port == PortRef("m", "y", True)
    with_wire = canvas.grab().toImage()
    window.popups.search.dismiss()
    assert canvas.pending is None
    assert canvas.grab().toImage() != with_wire


def test_the_search_closes_where_what_it_would_wire_is_gone(show) -> None:
    window = show(matrices)
    canvas, editor = window.canvas, window.editor
    Hand(canvas).drag(port(canvas, "m", "y", True), (600.0, 300.0))
    assert window.popups.search.isVisible()
    held = canvas.pending
    editor.attempt("Delete", lambda t: t.remove("m"))
    assert not window.popups.search.isVisible()
    assert canvas.pending is None
    canvas.show_pending(held)  # as where it is painted before the search closes
    canvas.grab()
    window.popups.open_search()
    editor.attempt("Move", lambda t: t.move("A", (5.0, 5.0)))
    assert window.popups.search.isVisible()  # nothing else is computed: it stays
    window.popups.search.dismiss()


def test_the_list_of_ports_closes_as_the_graph_changes(show) -> None:
    window = show(matrices)
    wires = window.popups.wires
    wires.open_connect()
    assert wires.isVisible()
    window.editor.attempt("Delete", lambda t: t.remove("C"))
    assert not wires.isVisible()


def test_tab_over_a_wire_searches_for_what_goes_into_it(show) -> None:
    window = show(matrices)
    canvas = window.canvas
    (x0, y0), (x1, y1) = port(canvas, "A", "y", True), port(canvas, "m", "x")
    canvas.pointer = (x0 + x1) / 2, (y0 + y1) / 2
    window.popups.open_search()
    assert window.popups.search.place.wire[1:] == ("m", "x")
    window.popups.search.dismiss()


def test_a_wire_that_is_moved_or_replaced_is_drawn_pale(show) -> None:
    window = show(matrices)
    canvas, hand = window.canvas, Hand(window.canvas)
    hand.press(port(canvas, "m", "x"))
    hand.move((200.0, 400.0))
    assert connecting(window).lifted == {("m", "x")}
    assert words(connecting(window)) == ("drop: cut A to m.x", True)
    hand.move(port(canvas, "m", "w"))
    assert connecting(window).lifted == {("m", "x"), ("m", "w")}
    hand.move(port(canvas, "m", "x"))
    assert connecting(window).lifted == frozenset()  # it goes back
    hand.release()
    assert window.editor.graph.fed("m", "x") == Source("A", "y")


def test_the_same_wire_again_says_so(show) -> None:
    window = show(matrices)
    canvas, hand = window.canvas, Hand(window.canvas)
    entries = window.editor.document.history.position
    hand.press(port(canvas, "A", "y", True))
    hand.move(port(canvas, "m", "x"))
    assert words(connecting(window)) == ("already connected: A to m.x", True)
    hand.release()
    assert window.editor.document.history.position == entries
    assert window.status.message.text() == "already connected: A to m.x"


# Marks.


def test_a_wire_that_leads_back_has_a_head_that_points_back() -> None:
    ends = np.array([[300.0, 0.0, 0.0, 200.0]])
    path = curves.points(ends, np.array([100.0]), 8)
    heads = curves.arrow_heads(path)
    assert len(heads) == 2
    tips, tails = heads[:, :2], heads[:, 2:]
    assert np.allclose(tips[0], tips[1])
    assert tips[0] == pytest.approx((150.0, 100.0), abs=6)
    assert (tails[:, 0] > tips[:, 0]).all()  # they open to the right: it goes to the left
    assert curves.arrow_heads(path[:0]).shape == (0, 4)


def test_bypass_leaves_the_names_of_the_ports_readable_and_detach_marks_the_inputs(show) -> None:
    def build(t: Transaction) -> None:
        t.add("input", id="x", position=(0, 0))
        t.add("relu", id="relu", inputs={"x": "x"}, position=(300, 0))

    window = show(build)
    canvas = window.canvas

    def strip(left: float, top: float, wide: float, high: float) -> QImage:
        image = canvas.grab_image()
        corner = canvas.view.to_screen(left, top)
        return image.copy(
            int(corner.x()), int(corner.y()), int(wide * canvas.view.scale), int(high * canvas.view.scale)
        )

    x, y = canvas.scene.position(PortRef("relu", "x", False))
    canvas.editor.attempt("Flag", lambda t: t.set_flags("relu", ["bypass"]))
    name = strip(x + 9, y - 6, 30, 12)
    warning = QColor(DARK.warning)
    assert not any(close(name.pixelColor(i, j), warning) for i in range(name.width()) for j in range(name.height()))
    canvas.editor.attempt("Flag", lambda t: t.set_flags("relu", ["detach"]))
    before, after = strip(x - 16, y - 7, 12, 14), strip(canvas.scene.rect("relu")[0] + 156, y - 7, 12, 14)
    stopped = QColor(DARK.dim)
    assert any(close(before.pixelColor(i, j), stopped) for i in range(before.width()) for j in range(before.height()))
    assert not any(close(after.pixelColor(i, j), stopped) for i in range(after.width()) for j in range(after.height()))


def close(one: QColor, other: QColor) -> bool:
    return abs(one.red() - other.red()) + abs(one.green() - other.green()) + abs(one.blue() - other.blue()) < 60


# Collapsed groups.


def crossing(t: Transaction) -> None:
    """Two nodes in a group, named so that their ports would cross the wires in alphabetical order."""
    t.add("input", id="low", position=(0, 300))
    t.add("input", id="high", position=(0, 0))
    t.add("sin", id="a", name="a", inputs={"x": "low"}, position=(300, 300))
    t.add("cos", id="b", name="b", inputs={"x": "high"}, position=(300, 0))
    t.add("abs", id="after_b", inputs={"x": "b"}, position=(700, 0))
    t.add("abs", id="after_a", inputs={"x": "a"}, position=(700, 300))
    t.collapse(t.group(["a", "b"], "box"))


def test_a_box_has_its_ports_in_the_order_of_what_they_join(show) -> None:
    window = show(crossing)
    canvas, hand = window.canvas, Hand(window.canvas)
    box = next(iter(window.editor.graph.groups))
    assert canvas.scene.item(box).inputs == ("b.x", "a.x")
    assert canvas.scene.item(box).outputs == ("b.y", "a.y")
    start = title(canvas, "high")
    hand.press(start)
    hand.move((start[0], start[1] + 600))
    assert canvas.scene.item(box).inputs == ("b.x", "a.x")  # not under the hand
    hand.release()
    assert canvas.scene.item(box).inputs == ("a.x", "b.x")
    window.editor.undo()
    assert canvas.scene.item(box).inputs == ("b.x", "a.x")


def test_a_box_with_two_outputs_says_of_which_the_value_is(show, qtbot: QtBot) -> None:
    window = show(crossing)
    canvas = window.canvas
    box = next(iter(window.editor.graph.groups))
    item = canvas.scene.item(box)
    assert item.value_name == "b"
    assert item.sources[0] == Source("b", "y")
    plain = canvas.scene.item("after_a")
    assert plain.value_name == "value"
