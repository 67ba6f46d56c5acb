"""Reroute dots and notes with mouse and keys in a real window: each edit is one undo, exact to the byte."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hand import CONTROL, RIGHT, SHIFT, Hand, between, middle, sample, title
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradwire.app.canvas.bends import Dot, route
from gradwire.app.canvas.gestures.menu import menu_for
from gradwire.app.chrome.note_field import NoteField
from gradwire.app.search.find import find, places
from gradwire.app.window import Window
from gradwire.core.files import dump_graph
from gradwire.core.graph import Source

WIRE = ("relu0", "x")


@pytest.fixture
def window(drawn_window: Window) -> Window:
    return drawn_window


@pytest.fixture
def hand(window: Window) -> Hand:
    return Hand(window.canvas)


def once(window: Window, act: Callable[[], object], label: str) -> None:
    """Do it, and hold that it is one undo called so, which gives the first bytes back."""
    document = window.editor.document
    first, entries = dump_graph(document.graph), document.history.position
    act()
    assert document.history.position == entries + 1
    assert document.history.undo_label == label
    after = dump_graph(document.graph)
    window.editor.undo()
    assert dump_graph(document.graph) == first
    window.editor.redo()
    assert dump_graph(document.graph) == after


def bent(window: Window, *points: tuple[float, float]) -> None:
    with window.editor.document.transaction("Bend", undoable=False) as t:
        t.set_bends(*WIRE, points)


def above(window: Window, dy: float = -90.0) -> tuple[float, float]:
    x, y = between(window.canvas, "matmul0", "relu0")
    return x, y + dy


def test_a_stroke_with_shift_adds_a_dot_to_each_wire_that_it_crosses(window: Window, hand: Hand) -> None:
    canvas = window.canvas
    x, y = between(canvas, "matmul0", "relu0")
    once(window, lambda: hand.drag((x, y - 60), (x, y + 60), RIGHT, SHIFT), "Reroute matmul to relu.x")
    ((px, py),) = window.editor.graph.bends[WIRE]
    assert px == pytest.approx(x, abs=2)
    assert canvas.hit(px, py).dot == Dot(*WIRE, 0)
    assert window.editor.graph.order() == sample().document.graph.order()


def test_a_click_with_shift_and_the_right_button_adds_a_dot_there(window: Window, hand: Hand) -> None:
    at = between(window.canvas, "matmul0", "relu0")
    once(window, lambda: hand.click(at, RIGHT, SHIFT), "Reroute matmul to relu.x")
    assert window.editor.graph.bends[WIRE] == (pytest.approx(at, abs=1),)


def test_a_dot_is_dragged_and_the_wire_goes_through_it(window: Window, hand: Hand) -> None:
    at, canvas = between(window.canvas, "matmul0", "relu0"), window.canvas
    bent(window, at)
    once(window, lambda: hand.drag(at, (at[0] + 30, at[1] - 90)), "Move a reroute dot")
    (moved,) = window.editor.graph.bends[WIRE]
    assert moved == pytest.approx((at[0] + 30, at[1] - 90), abs=1)
    assert canvas.hit(*moved).dot == Dot(*WIRE, 0)
    assert canvas.hit(*at).wire is None  # it goes elsewhere now
    hand.press(moved)
    hand.move((moved[0], moved[1] + 40))
    assert canvas.hit(moved[0], moved[1] + 40).dot is not None
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    hand.release()
    assert window.editor.graph.bends[WIRE] == (moved,)
    assert canvas.hit(*moved).dot == Dot(*WIRE, 0)


def test_a_second_dot_comes_where_it_lies_on_the_way(window: Window) -> None:
    (x, y), canvas = above(window), window.canvas
    bent(window, (x, y))
    slot = canvas.scene.wires.slots[WIRE]
    for part, number in ((6, 0), (-6, 2)):
        at = canvas.scene.wires.paths(canvas.scene.wires.touching([canvas.scene.items.slots["relu0"]])[:1], 10)
        assert at.shape[1] == 31
        path = route((0, 0), (100, 0), canvas.scene.wires.bends.of(slot), 30)
        assert len(path) == 31
        here = tuple(canvas.scene.wires.paths([slot], 10)[0][part].tolist())
        press = Hand(canvas)
        press.click(here, RIGHT, SHIFT)
        assert canvas.dots == {Dot(*WIRE, number)}
    assert len(window.editor.graph.bends[WIRE]) == 3


def test_selected_dots_are_deleted_nudged_and_taken_by_a_box(window: Window, hand: Hand) -> None:
    (x, y), canvas = above(window), window.canvas
    bent(window, (x - 10, y), (x + 10, y))
    hand.click((x - 10, y))
    hand.click((x + 10, y), modifiers=SHIFT)
    assert canvas.dots == {Dot(*WIRE, 0), Dot(*WIRE, 1)}
    once(window, lambda: QTest.keyClick(canvas, Qt.Key.Key_Up, CONTROL), "Move 2 reroute dots")
    assert window.editor.graph.bends[WIRE] == ((x - 10, y - 10), (x + 10, y - 10))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.dots == frozenset()
    hand.drag((x - 30, y - 40), (x, y + 5))
    assert canvas.dots == {Dot(*WIRE, 0)}
    once(window, lambda: QTest.keyClick(canvas, Qt.Key.Key_Delete), "Delete a reroute dot")
    assert window.editor.graph.bends[WIRE] == ((x + 10, y - 10),)


def test_dots_by_keyboard_alone(window: Window) -> None:
    canvas = window.canvas
    window.editor.select(["matmul0"], "matmul0")
    once(window, lambda: QTest.keyClick(canvas, Qt.Key.Key_R, SHIFT), "Reroute matmul to relu.x")
    window.editor.undo()
    window.editor.select(["matmul0"], "matmul0")
    QTest.keyClick(canvas, Qt.Key.Key_R, SHIFT)
    assert canvas.dots == {Dot(*WIRE, 0)}
    before = window.editor.graph.bends[WIRE][0]
    QTest.keyClick(canvas, Qt.Key.Key_Down, CONTROL)
    assert window.editor.graph.bends[WIRE] == ((before[0], before[1] + 10),)
    QTest.keyClick(canvas, Qt.Key.Key_R, SHIFT)
    assert len(window.editor.graph.bends[WIRE]) == 2
    window.editor.select(["relu0"], "relu0")
    once(window, lambda: window.menus.actions["graph.remove_dots"].trigger(), "Straighten 1 wire")
    assert window.editor.graph.bends == {}


def test_the_menu_of_wires_and_dots(window: Window, hand: Hand) -> None:
    canvas = window.canvas
    at = between(canvas, "matmul0", "relu0")
    hand.move(at, Qt.MouseButton.NoButton)

    def pick(place: tuple[float, float], text: str) -> None:
        from gradwire.app.canvas.gestures.gesture import Press

        screen = canvas.view.to_screen(*place)
        press = Press(*place, screen, RIGHT, Qt.KeyboardModifier.NoModifier, False, canvas.hit(*place))
        next(entry for entry in menu_for(canvas, press).actions() if entry.text() == text).trigger()

    once(window, lambda: pick(at, "Add a reroute dot"), "Reroute matmul to relu.x")
    once(window, lambda: pick(at, "Remove the reroute dot"), "Remove a reroute dot")


def test_dots_go_along_with_both_nodes_and_stay_when_one_moves(window: Window, hand: Hand) -> None:
    canvas, editor = window.canvas, window.editor
    x, y = above(window)
    bent(window, (x, y))
    editor.select(["matmul0", "relu0"], "relu0")
    start = title(canvas, "relu0")
    hand.press(start)
    hand.move((start[0] + 50, start[1] + 40))
    assert canvas.hit(x + 50, y + 40).dot == Dot(*WIRE, 0)  # already while it is dragged
    hand.release()
    assert editor.graph.bends[WIRE] == (pytest.approx((x + 50, y + 40), abs=1),)
    editor.undo()
    assert editor.graph.bends[WIRE] == ((x, y),)
    editor.select(["relu0"], "relu0")
    hand.drag(title(canvas, "relu0"), (start[0] + 50, start[1] + 40))
    assert editor.graph.bends[WIRE] == ((x, y),)


def test_insert_and_pull_out_share_and_join_the_dots(window: Window, hand: Hand) -> None:
    canvas, editor = window.canvas, window.editor
    x, y = between(canvas, "relu0", "sum0")
    with editor.document.transaction("Bend", undoable=False) as t:
        t.set_bends("sum0", "x", [(x - 60, y), (x + 90, y)])
    start = title(canvas, "tanh0")
    left, top, width, height = canvas.scene.rect("tanh0")
    hand.drag(start, (start[0] + x - left - width / 2, start[1] + y - top - height / 2))
    assert editor.graph.fed("sum0", "x") == Source("tanh0", "y")
    assert editor.graph.bends == {("tanh0", "x"): ((x - 60, y),), ("sum0", "x"): ((x + 90, y),)}
    editor.select(["tanh0"], "tanh0")
    once(window, lambda: QTest.keyClick(canvas, Qt.Key.Key_Delete, CONTROL), "Delete and reconnect tanh")
    assert editor.graph.bends == {("sum0", "x"): ((x - 60, y), (x + 90, y))}


def test_copies_duplicates_and_swaps_keep_dots(window: Window) -> None:
    canvas, editor = window.canvas, window.editor
    bent(window, above(window))
    x, y = above(window)
    editor.select(["matmul0", "relu0"])
    QTest.keyClick(canvas, Qt.Key.Key_C, CONTROL)
    canvas.pointer = None
    once(window, lambda: QTest.keyClick(canvas, Qt.Key.Key_V, CONTROL), "Paste 2 nodes")
    before, after = editor.graph.nodes["relu0"].position, editor.graph.nodes["relu1"].position
    assert editor.graph.bends["relu1", "x"] == ((x + after[0] - before[0], y + after[1] - before[1]),)
    editor.select(["matmul0", "relu0"])
    once(window, lambda: QTest.keyClick(canvas, Qt.Key.Key_D, CONTROL), "Duplicate 2 nodes")
    before, after = editor.graph.nodes["relu0"].position, editor.graph.nodes["relu2"].position
    assert editor.graph.bends["relu2", "x"] == ((x + after[0] - before[0], y + after[1] - before[1]),)


def test_a_collapsed_group_hides_dots_and_shows_them_again(window: Window) -> None:
    canvas, editor = window.canvas, window.editor
    x, _, wide, _ = canvas.scene.rect("relu0")
    at = x + wide / 2, above(window)[1]  # a dot before the box stays; see test_groups_shown
    bent(window, at)
    editor.select(["relu0"], "relu0")
    QTest.keyClick(canvas, Qt.Key.Key_G, CONTROL)
    assert canvas.hit(*at).dot is None
    assert editor.graph.bends[WIRE] == (at,)
    QTest.keyClick(canvas, Qt.Key.Key_H)
    assert canvas.hit(*at).dot == Dot(*WIRE, 0)


def test_a_drag_with_y_held_cuts(window: Window, hand: Hand) -> None:
    x, y = between(window.canvas, "matmul0", "relu0")
    QTest.keyPress(window.canvas, Qt.Key.Key_Y)
    once(window, lambda: hand.drag((x, y - 60), (x, y + 60)), "Cut matmul to relu.x")
    QTest.keyRelease(window.canvas, Qt.Key.Key_Y)
    hand.drag((x, y - 60), (x, y + 60))
    assert window.editor.document.history.undo_label == "Cut matmul to relu.x"


def test_laying_out_straightens_what_it_moves(window: Window, qtbot: QtBot) -> None:
    def lay_out() -> None:
        before = window.editor.document.history.position
        QTest.keyClick(window.canvas, Qt.Key.Key_L, CONTROL)
        qtbot.waitUntil(lambda: window.editor.document.history.position > before)

    bent(window, above(window))
    once(window, lay_out, "Lay out the graph")
    assert window.editor.graph.bends == {}


# Notes.


def write(window: Window, text: str, key: Qt.Key = Qt.Key.Key_Return, modifiers: object = CONTROL) -> None:
    (field,) = window.canvas.findChildren(NoteField)
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, key, modifiers)
    window.canvas.findChildren(NoteField)


def test_a_note_is_written_changed_moved_copied_and_deleted(window: Window, hand: Hand, qtbot: QtBot) -> None:
    canvas, editor = window.canvas, window.editor
    hand.move((100, 480), Qt.MouseButton.NoButton)

    def add() -> None:
        QTest.keyClick(canvas, Qt.Key.Key_N, SHIFT)
        write(window, "Why relu here")

    once(window, add, "Add a note")
    assert editor.graph.groups["note0"].note == "Why relu here"
    assert editor.selection == frozenset()  # undone and redone
    assert canvas.scene.rect("note0")[:2] == pytest.approx((100, 480), abs=1)
    qtbot.waitUntil(lambda: not canvas.findChildren(NoteField))

    def change() -> None:
        hand.double(middle(canvas, "note0"))
        write(window, "Shorter")

    once(window, change, "Change a note")
    assert editor.group is None  # it is not entered
    assert editor.graph.groups["note0"].note == "Shorter"
    once(window, lambda: hand.drag(middle(canvas, "note0"), (300, 560)), "Move note")
    QTest.keyClick(canvas, Qt.Key.Key_C, CONTROL)
    once(window, lambda: QTest.keyClick(canvas, Qt.Key.Key_V, CONTROL), "Paste note")
    assert editor.graph.groups["note1"].note == "Shorter"
    editor.select(["note1"], "note1")
    once(window, lambda: QTest.keyClick(canvas, Qt.Key.Key_Delete), "Delete note_2")
    qtbot.waitUntil(lambda: not canvas.findChildren(NoteField))
    editor.select(["note0"], "note0")
    QTest.keyClick(canvas, Qt.Key.Key_F2)
    write(window, "not this", Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert editor.graph.groups["note0"].note == "Shorter"


def test_letters_typed_into_a_note_are_letters(window: Window) -> None:
    QTest.keyClick(window.canvas, Qt.Key.Key_N, SHIFT)
    (field,) = window.canvas.findChildren(NoteField)
    QTest.keyClicks(field, "x m d Tab")
    assert field.toPlainText() == "x m d Tab"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not any(window.editor.graph.is_note(id) for id in window.editor.graph.groups)


def test_a_note_in_a_frame_moves_with_it_and_the_frame_is_around_it(window: Window, hand: Hand) -> None:
    canvas, editor = window.canvas, window.editor
    with editor.document.transaction("Note", undoable=False) as t:
        t.add_note("one\ntwo\nthree", position=(520, 600))
    editor.select(["tanh0", "note0"])
    once(window, lambda: QTest.keyClick(canvas, Qt.Key.Key_J, CONTROL), "Frame 2 items")
    x, y, width, height = canvas.scene.rect("group0")
    note = canvas.scene.rect("note0")
    assert x < note[0]
    assert y + height > note[1] + note[3]
    once(window, lambda: hand.drag((x + width / 2, y + 8), (x + width / 2 + 40, y + 8 + 20)), "Move frame")
    assert editor.graph.groups["note0"].position == pytest.approx((560, 620), abs=1)
    assert editor.graph.groups["note0"].group == "group0"


def test_a_long_note_wraps_and_a_note_takes_part_in_no_wire(window: Window, hand: Hand) -> None:
    canvas, editor = window.canvas, window.editor
    with editor.document.transaction("Notes", undoable=False) as t:
        t.add_note("short", position=(0, 500))
        t.add_note("a text with many words " * 12, position=(200, 500))
        t.add_note("unbroken" * 40, position=(500, 560))
    heights = [canvas.scene.rect(f"note{i}")[3] for i in range(3)]
    assert heights[0] < heights[1]
    assert max(canvas.scene.rect(f"note{i}")[2] for i in range(3)) <= 260
    told: list[str] = []
    editor.told.connect(lambda text, kind: told.append(text))
    editor.select(["note0", "relu0"])
    QTest.keyClick(canvas, Qt.Key.Key_C)
    assert told
    editor.select(["note0"], "note0")
    for key in (Qt.Key.Key_H, Qt.Key.Key_M, Qt.Key.Key_E, Qt.Key.Key_W):
        QTest.keyClick(canvas, key)
    assert not editor.graph.groups["note0"].collapsed


def test_a_note_is_found_by_its_text(window: Window) -> None:
    with window.editor.document.transaction("Note", undoable=False) as t:
        t.add_note("Ask about\nsaturation")
    assert [place.id for place in find(places(window.editor), "saturation")] == ["note0"]
