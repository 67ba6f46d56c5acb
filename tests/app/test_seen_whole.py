"""Nothing is cut off or hidden: pictures hold all wires, backward wires run apart, recovered graphs are in view."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QPushButton
from windows import Place

from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.lanes import GAP
from gradwire.app.canvas.places import Hit
from gradwire.app.editing import insert_label
from gradwire.app.editor import Editor
from gradwire.app.export import PAPER, Still, export_picture
from gradwire.app.export.still import Drawing
from gradwire.app.export.writing import MARGIN, SHARP
from gradwire.app.look.theme import DARK
from gradwire.app.results.root import none_text, root_text
from gradwire.app.search.ports import ports
from gradwire.core.document.edits import SetCollapsed
from gradwire.core.graph import Wire
from gradwire.core.layers import build
from gradwire.core.session import Session
from gradwire.core.stepping.naming import find_moment


@pytest.fixture
def canvas(qtbot: Any) -> Iterator[Canvas]:
    editor = Editor(Session())
    with editor.document.transaction("Build") as t:
        t.add("input", name="x", id="x", params={"value": 1.0}, position=(240.0, 144.0))
        t.add("input", name="y", id="y", params={"value": 2.0}, position=(240.0, 360.0))
        t.add("sin", name="sin", id="sin", position=(480.0, 72.0), inputs={"x": "x"})
        t.add("multiply", name="product", id="product", position=(480.0, 288.0), inputs={"x": "x", "y": "y"})
        t.add("add", name="f", id="f", position=(720.0, 144.0), inputs={"x": "sin", "y": "product"})
    made = Canvas(editor, DARK)
    qtbot.addWidget(made)
    made.resize(900, 600)
    qtbot.waitUntil(lambda: not editor.checking.busy)
    yield made
    editor.close()


def f_to_the_left(canvas: Canvas) -> None:
    """As a user drags it: so that both wires into it go back past x."""
    x, y = canvas.editor.graph.nodes["x"].position
    canvas.editor.attempt("Move f", lambda t: t.move("f", (x - 192.0, y - 36.0)))


def paths(canvas: Canvas, *ports: tuple[str, str]) -> list[np.ndarray]:
    wires = canvas.scene.wires
    return list(wires.paths(np.array([wires.slots[port] for port in ports]), 20))


def finely(path: np.ndarray) -> np.ndarray:
    """Points all along a line, not at its turns alone."""
    return np.concatenate([np.linspace(a, b, 20) for a, b in pairwise(path)])


def test_backward_wires_run_apart_and_clear_of_what_they_pass(canvas: Canvas) -> None:
    f_to_the_left(canvas)
    first, second = (finely(path) for path in paths(canvas, ("f", "x"), ("f", "y")))
    away = np.abs(first[:, None] - second[None]).max(axis=2).min(axis=1)  # of each point to the other wire
    between = (first[:, 0] > canvas.scene.rect("f")[0]) & (first[:, 0] < sum(canvas.scene.rect("sin")[0:3:2]))
    assert between.any()
    assert away[between].min() >= GAP - 0.5
    for path in (first, second):
        for id in canvas.editor.graph.nodes:
            x, y, wide, high = canvas.scene.rect(id)
            near = (path > [x + 1, y - 5]).all(axis=1) & (path < [x + wide - 1, y + high + 5]).all(axis=1)
            assert not near.any(), id


def test_lanes_follow_what_is_put_in_their_way(canvas: Canvas) -> None:
    f_to_the_left(canvas)
    (path,) = paths(canvas, ("f", "x"))
    x, y = path[len(path) // 2]
    canvas.editor.attempt("Move x", lambda t: t.move("x", (float(x) - 70.0, float(y) - 40.0)))
    (path,) = paths(canvas, ("f", "x"))
    left, top, wide, high = canvas.scene.rect("x")
    steps = finely(path)
    assert not ((steps > [left, top]).all(axis=1) & (steps < [left + wide, top + high]).all(axis=1)).any()


@pytest.mark.parametrize("stepping", [False, True])
def test_a_picture_holds_wires_dots_and_what_stands_at_forks(
    canvas: Canvas, qtbot: Any, tmp_path: Path, stepping: bool
) -> None:
    f_to_the_left(canvas)
    bottom = max(y + high for _, y, _, high in map(canvas.scene.rect, canvas.editor.graph.nodes))
    dot = (320.0, bottom + 150.0)
    canvas.editor.attempt("Add reroute dot", lambda t: t.set_bends("product", "x", [dot]))
    if stepping:
        canvas.editor.stepper.go(lambda timeline: find_moment(timeline, "end"))
        qtbot.waitUntil(lambda: canvas.editor.stepper.active)
    still = Still.of(canvas, PAPER)
    bounds = Drawing(still).bounds()
    assert bounds is not None
    assert bounds[3] >= dot[1]
    export_picture(still, tmp_path / "whole.png")
    image = QImage(str(tmp_path / "whole.png"))
    ground, edge = QColor(PAPER.background).rgb(), round(MARGIN * SHARP) - 4
    wide, high = image.width(), image.height()
    if not stepping:  # else the caption stands at the foot
        assert high == round((bounds[3] - bounds[1] + 2 * MARGIN) * SHARP)
        rim = [(x, high - 1 - depth) for depth in range(edge) for x in range(0, wide, 2)]
        assert all(image.pixel(*at) == ground for at in rim)
    rim = [(x, y) for depth in range(edge - 16) for y in range(0, high, 2) for x in (depth, wide - 1 - depth)]
    assert all(image.pixel(*at) == ground for at in rim)


def test_a_recovered_untitled_graph_is_in_view(place: Place, qtbot: Any) -> None:
    window = place.start()
    window.files.new()
    window.editor.attempt("Add far", lambda t: t.add("sin", position=(5000.0, 4000.0)))
    place.crash(window)
    again = place.start()
    again.resize(1400, 900)
    again.show()
    (name,) = [name for name in again.bars.names() if name.startswith("unsaved")]
    buttons = {button.text(): button for button in again.findChildren(QPushButton)}
    assert name
    buttons["Recover"].click()
    canvas = again.canvas
    qtbot.waitUntil(lambda: bool(again.editor.graph.nodes))
    (id,) = again.editor.graph.nodes
    qtbot.waitUntil(lambda: canvas.view.holds(canvas.scene.rect(id), canvas.width(), canvas.height()), timeout=2000)


def test_tips_name_the_group_that_is_seen(editor: Editor, qtbot: Any) -> None:
    x = editor.attempt("x", lambda t: t.add("input", name="x", params={"shape": ("N", 4)}))
    made = editor.attempt("l", lambda t: build(t, "linear", t.ports.source(x), in_features=4, out_features=3))
    relu = editor.attempt("r", lambda t: t.add("relu", name="relu", inputs={"x": made.output}))
    editor.attempt("collapse", lambda t: t.apply(SetCollapsed(made.group, False, True)))
    canvas = Canvas(editor, DARK)
    qtbot.addWidget(canvas)
    wire = Wire(made.output, relu, "x")
    assert insert_label(editor.graph, "Tanh", wire, editor.group) == "Insert Tanh between linear and relu.x"
    canvas.hover.over(Hit(wire=wire))
    assert canvas.hover.text.split("   ")[0] == "linear → relu.x"
    editor.attempt("expand", lambda t: t.apply(SetCollapsed(made.group, True, False)))
    assert insert_label(editor.graph, "Tanh", wire, editor.group) == "Insert Tanh between add and relu.x"
    texts = [port.text for port in ports(editor)]
    assert len(texts) == len(set(texts))
    assert "relu (result)" in texts
    assert "relu.x" in texts


def test_an_input_without_a_value_is_named_as_the_cause(editor: Editor, qtbot: Any) -> None:
    x = editor.attempt("x", lambda t: t.add("input", name="x", params={"value": 1.0}))
    y = editor.attempt("y", lambda t: t.add("input", name="y"))
    both = editor.attempt("both", lambda t: t.add("multiply", inputs={"x": x, "y": y}))
    qtbot.waitUntil(lambda: editor.live.status == "live")
    assert root_text(editor) == "nothing yet: y has no value yet"
    assert none_text(editor) == "no gradients: y has no value yet"
    canvas = Canvas(editor, DARK)
    qtbot.addWidget(canvas)
    canvas.hover.over(Hit(both))
    assert canvas.hover.text == "y has no value yet"
    editor.attempt("fill", lambda t: t.set_param(y, "value", 2.0))
    qtbot.waitUntil(lambda: editor.live.root is not None)
    assert root_text(editor) == "multiply (the one number that comes out)"


def test_all_fits_on_in_another_size_until_somebody_looks_elsewhere(place: Place, qtbot: Any) -> None:
    window = place.start(place.copy("digits_cnn.gw"))
    window.resize(1500, 900)
    window.show()
    qtbot.waitExposed(window)
    canvas = window.canvas
    before = canvas.view.scale
    window.resize(1000, 900)
    qtbot.waitUntil(lambda: canvas.view.scale < before)
    assert all(
        canvas.view.holds(canvas.scene.rect(id), canvas.width(), canvas.height()) for id in canvas.scene.items.slots
    )
    canvas.zoom_to(1.0)
    window.resize(1500, 900)
    qtbot.wait(100)
    assert canvas.view.scale == pytest.approx(1.0)
