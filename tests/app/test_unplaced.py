"""What is added without a place to a graph that a window shows: it covers nothing, and is taken back by one undo."""

from __future__ import annotations

from itertools import combinations

from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.layout.boxes import meet
from gradwire.app.window import Window
from gradwire.core.document import Transaction
from gradwire.core.layers import build


def opened(place: Place, qtbot: QtBot) -> Window:
    window = place.start(EXAMPLES / "lessons" / "fork.gw")
    qtbot.waitUntil(lambda: len(window.editor.graph.nodes) == 4)
    return window


def covers(window: Window) -> list[tuple[str, str]]:
    """The pairs of items of which one lies on the other."""
    scene, graph = window.canvas.scene, window.editor.graph
    shown = {graph.called(id): scene.rect(id) for id in scene.visible if graph.item(id).group is None}
    return [(a, b) for a, b in combinations(shown, 2) if meet(shown[a], shown[b])]


def test_nodes_without_a_place_stand_beside_what_they_take(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    editor, before = window.editor, window.editor.graph

    def add(t: Transaction) -> None:
        first = t.add("relu", inputs={"x": t.graph.resolve("squared")})
        second = t.add("sin", inputs={"x": first})
        t.add("multiply", inputs={"x": first, "y": second})
        t.add("input")

    editor.attempt("Add", add)
    places = {node.name: node.position for node in editor.graph.nodes.values()}
    assert places["relu"][0] == places["squared"][0] + 240
    assert places["sin"][0] == places["relu"][0] + 240
    assert places["multiply"][0] == places["sin"][0] + 240
    assert places["input"][0] == places["x"][0]
    assert covers(window) == []
    editor.undo()
    assert editor.graph == before
    editor.redo()
    assert {node.name: node.position for node in editor.graph.nodes.values()} == places


def test_one_by_one_as_a_script_adds_them(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    document = window.editor.document
    last = window.editor.graph.resolve("y")
    for _ in range(12):
        with document.transaction("Add") as t:
            last = t.add("tanh", inputs={"x": last})
            t.add("parameter", shape=(2,))
    assert covers(window) == []


def test_a_layer_without_a_place_covers_nothing(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    squared = window.editor.graph.resolve("squared")
    for x in (None, squared):
        window.editor.attempt("Add", lambda t, x=x: build(t, "linear", x, in_features=3, out_features=2))
    assert covers(window) == []
    open_, fed = (
        window.canvas.scene.rect(id) for id in window.editor.graph.groups if not window.editor.graph.is_note(id)
    )
    assert fed[0] > window.canvas.scene.rect(squared)[0] > open_[0]


def test_what_has_a_place_or_room_stays_there(place: Place, qtbot: QtBot) -> None:
    window = place.start()
    editor = window.editor
    editor.attempt("Add", lambda t: t.add("relu"))
    assert [node.position for node in editor.graph.nodes.values()] == [(0.0, 0.0)]
    editor.attempt("Add", lambda t: t.add("relu", position=(10.0, 10.0)))  # by hand, as a user may want it
    assert sorted(node.position for node in editor.graph.nodes.values()) == [(0.0, 0.0), (10.0, 10.0)]


def test_a_place_that_is_said_is_kept_at_the_origin_too(place: Place, qtbot: QtBot) -> None:
    editor = place.start().editor
    editor.attempt("Add", lambda t: t.add("relu", position=(10.0, 10.0)))
    editor.attempt("Add", lambda t: t.add("sin", position=(0.0, 0.0)))
    assert {node.op: node.position for node in editor.graph.nodes.values()} == {"relu": (10, 10), "sin": (0, 0)}


def test_what_the_same_edit_has_moved_or_removed_is_not_where_it_was(place: Place, qtbot: QtBot) -> None:
    window = place.start()
    editor = window.editor
    editor.attempt("Add", lambda t: t.add("relu", position=(1000.0, 1000.0)))

    def move_under_it(t: Transaction) -> None:
        t.move("relu0", (0.0, 0.0))
        t.add("sin")

    editor.attempt("Both", move_under_it)
    assert covers(window) == []

    def make_way(t: Transaction) -> None:
        t.remove("relu0", "sin0")
        t.add("exp")

    editor.attempt("Both", make_way)
    assert [node.position for node in editor.graph.nodes.values()] == [(0.0, 0.0)]
