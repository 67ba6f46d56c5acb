"""Layers on the canvas: none of the nodes of one lies on another, and none comes to lie on what is there already."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hand import Hand
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.anatomy import FRAME
from gradwire.app.editing.adding import MIME
from gradwire.app.window import Window
from gradwire.core.layers import LAYERS, build, rebuild

# By layer the settings of several, of which some have small matrices: these are shown whole, by nodes that are higher.
SETTINGS: Mapping[str, list[dict[str, Any]]] = {
    "linear": [{"in_features": 8, "out_features": 8}, {"in_features": 3, "out_features": 2, "bias": False}],
    "mlp": [{"sizes": (8, 8, 8)}, {"sizes": (2, 3)}],
    "conv2d": [{"in_channels": 3, "out_channels": 8}, {"in_channels": 3, "out_channels": 8, "bias": False}],
    "batch_norm": [{"num_features": 8}, {"num_features": 8, "affine": False}],
    "residual_block": [{"in_channels": 8, "out_channels": 8}, {"in_channels": 4, "out_channels": 8, "stride": 2}],
    "embedding": [{"num_embeddings": 8, "embedding_dim": 8}],
    "layer_norm": [{"normalized_shape": (8,)}, {"normalized_shape": (8, 8)}],
    "standardise": [{"shape": (8,)}, {"shape": (8, 8)}],
    "normalise": [{"shape": (8,)}, {"shape": (8, 8)}],
}
EACH = [(name, params) for name, several in SETTINGS.items() for params in several]


def overlaps(window: Window) -> list[tuple[str, str]]:
    """The pairs of nodes, boxes and notes that lie on each other, and of frames of which neither is in the other."""
    items = window.canvas.scene.items
    slots = list(items.slots.values())
    found = []
    for one, other in combinations(slots, 2):
        (x, y, wide, high), (u, v, w, h) = items.boxes[one].tolist(), items.boxes[other].tolist()
        within = one in items.nesting.around(other) or other in items.nesting.around(one)
        if not within and x < u + w and u < x + wide and y < v + h and v < y + high:
            found.append((items.at(one).name, items.at(other).name))
    return found


def settled(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.editor.checking.busy)
    window.canvas.grab_image()


def test_every_layer_is_tested_here() -> None:
    assert set(SETTINGS) == {each.name for each in LAYERS}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "params"), EACH, ids=lambda each: str(each))
def test_no_node_of_a_layer_lies_on_another(name: str, params: dict[str, Any], place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    window.show()
    window.editor.attempt("Add", lambda t: build(t, name, **params))
    settled(window, qtbot)
    assert overlaps(window) == []
    items = window.canvas.scene.items
    assert sum(items.kinds[slot] != FRAME for slot in items.slots.values()) > 1


def passed_by(window: Window, target: str, port: str) -> list[str]:
    """The nodes and frames behind which a wire runs, beside those that it joins and what these lie in."""
    items, wires = window.canvas.scene.items, window.canvas.scene.wires
    slot = wires.slots[target, port]
    ends = {items.slots[target], items.slots[wires.at(slot).source.node]}
    ends |= {frame for end in ends for frame in items.nesting.around(end)}
    path = wires.paths(np.array([slot]), 200)[0]
    found = []
    for other in items.slots.values():
        x, y, wide, high = items.boxes[other].tolist()
        within = (path[:, 0] > x) & (path[:, 0] < x + wide) & (path[:, 1] > y) & (path[:, 1] < y + high)
        if other not in ends and within.any():
            found.append(items.at(other).name)
    return found


@pytest.mark.parametrize("out_channels", [4, 8])
def test_the_way_around_a_residual_block_runs_behind_nothing(out_channels: int, place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    window.show()
    window.editor.attempt("Add", lambda t: build(t, "residual_block", in_channels=4, out_channels=out_channels))
    settled(window, qtbot)
    wires = list(window.editor.graph.wires())
    assert wires
    assert {(wire.target, wire.port): passed_by(window, wire.target, wire.port) for wire in wires} == {
        (wire.target, wire.port): [] for wire in wires
    }


def test_a_residual_block_that_comes_to_change_channels_has_room_for_its_way_around(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    window.show()
    made = window.editor.attempt("Add", lambda t: build(t, "residual_block", in_channels=8, out_channels=8))
    assert made is not None
    before = {id: node.position for id, node in window.editor.graph.nodes.items()}
    window.editor.attempt("Rebuild", lambda t: rebuild(t, made.group, stride=2))
    settled(window, qtbot)
    graph = window.editor.graph
    assert {id: graph.nodes[id].position for id in before} == before
    assert len(graph.nodes) > len(before)
    assert overlaps(window) == []
    for wire in graph.wires():
        assert passed_by(window, wire.target, wire.port) == []


def added_by_keys(window: Window, text: str) -> str:
    """Tab, the name, Enter: as a user adds a layer where the pointer is; its id."""
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    field = window.popups.search.field
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    (id,) = window.editor.selection
    return id


def test_layers_that_are_added_at_one_place_lie_on_nothing(drawn_window: Window, qtbot: QtBot) -> None:
    window, hand = drawn_window, Hand(drawn_window.canvas)
    hand.move((530, 100), Qt.MouseButton.NoButton)  # over relu
    for text in ("batch norm", "layer norm", "residual block"):
        before = len(window.editor.document.history.entries)
        assert added_by_keys(window, text) in window.editor.graph.groups
        assert len(window.editor.document.history.entries) == before + 1
        settled(window, qtbot)
        assert overlaps(window) == []
        hand.move((530, 100), Qt.MouseButton.NoButton)


def test_a_layer_that_is_dropped_beside_a_group_goes_beneath_it(drawn_window: Window, qtbot: QtBot) -> None:
    window = drawn_window
    made = window.editor.attempt("Add", lambda t: build(t, "linear", in_features=3, out_features=2, position=(0, 700)))
    assert made is not None
    settled(window, qtbot)
    drop(window, "layer:batch_norm", (300, 640))
    settled(window, qtbot)
    (new,) = window.editor.selection
    assert overlaps(window) == []
    assert window.canvas.scene.rect(new)[1] > sum(window.canvas.scene.rect(made.group)[1::2])


def test_a_layer_that_is_dropped_where_nothing_is_stays_there(drawn_window: Window, qtbot: QtBot) -> None:
    drop(drawn_window, "layer:layer_norm", (300, 900))
    settled(drawn_window, qtbot)
    (new,) = drawn_window.editor.selection
    assert drawn_window.editor.graph.group(new).position == pytest.approx((225, 888), abs=2)


def drop(window: Window, name: str, at: tuple[float, float]) -> None:
    """A drag from the palette that ends at a place of the scene."""
    canvas = window.canvas
    mime = QMimeData()
    mime.setData(MIME, name.encode())
    point, copy, button = canvas.view.to_screen(*at), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(canvas, QDragEnterEvent(point.toPoint(), copy, mime, button, none))
    QApplication.sendEvent(canvas, QDropEvent(QPointF(point), copy, mime, button, none))


def test_what_a_layer_does_breaks_only_where_there_is_no_more_room(drawn_window: Window, qtbot: QtBot) -> None:
    window = drawn_window
    made = window.editor.attempt("Add", lambda t: build(t, "batch_norm", num_features=8))
    assert made is not None
    window.editor.select([made.group], made.group)
    panel = window.docks.docks["inspector"].widget()
    panel.refresh()
    told = [each.text() for each in panel.page.findChildren(QLabel) if "running mean" in each.text()]
    assert told == [" ".join(found.doc.split()) for found in LAYERS if found.name == "batch_norm"]
