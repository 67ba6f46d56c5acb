"""What a script adds without saying where: as it is drawn, no wire runs behind a node that it does not belong to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from windows import Place

import gradwire.core as gw
from gradwire.app.canvas.anatomy import FRAME
from gradwire.app.canvas.scene import Scene
from gradwire.core.cli import main

PAST_ONE = """\
add("input", "x", value=3.0)
add("negative", "n", x="x")
add("add", "y", x="x", y="n")
"""
PAST_A_BRANCH = """\
add("input", "x", shape=[4], value=[0.0, 0.5, 2.0, 3.0])
add("constant", "one", value=1.0)
add("greater", "c", x="x", y="one")
add("log", "lg", x="x")
add("where", "w", c="c", x="lg", y="x")
add("sum", "loss", x="w")
"""
PAST_A_GROUP = """\
add("input", "x", value=0.5)
add("sin", "a", x="x"); add("exp", "b", x="a"); add("cos", "c", x="b"); add("square", "d", x="c")
add("multiply", "f", x="d", y="a")
group("b", "c", name="inner")
"""
LATER_IN_THE_WAY = """\
add("input", "p", value=3.0); add("input", "q", value=2.0)
add("sin", "a", x="q"); add("exp", "b", x="a"); add("add", "y", x="p", y="b")
add("cos", "c", x="p"); add("multiply", "z", x="y", y="c"); add("add", "s", x="z", y="p"); add("add", "u", x="s", y="q")
"""
MATRICES = """\
add("input", "x", shape=[4, 2], value=[[1.0, 2.0], [3.0, 4.0], [0.0, 1.0], [2.0, 2.0]])
add("parameter", "W", shape=[2, 3]); add("parameter", "b", shape=[3])
add("input", "t", shape=[4, 3], value=[[0.0, 0.0, 1.0]] * 4)
add("matmul", "h", x="x", w="W"); add("add", "z", x="h", y="b"); add("relu", "r", x="z")
add("add", "res", x="r", y="h"); add("mse", "loss", prediction="res", target="t")
"""


def build(folder: Path, text: str) -> Path:
    (folder / "build.py").write_text(text, encoding="utf-8")
    file = folder / "built.gw"
    assert main(["exec", str(folder / "build.py"), str(file), "--new", "--save"]) == 0
    return file


def behind(scene: Scene) -> set[tuple[str, str, str]]:
    """Source, target and what a wire between them runs behind."""
    found, graph = set(), scene.graph
    boxes = {id: scene.rect(id) for id in scene.visible if scene.item(id).kind != FRAME}
    for source, target, port in graph.wires():
        slot = scene.wires.slots[target, port]
        path = scene.wires.paths(np.array([slot]), 40)[0]
        if (target, port) in graph.bends:
            path = scene.wires.bends.path(slot, scene.wires.ends[slot])
        for id in boxes.keys() - {source.node, target}:
            x, y, wide, high = boxes[id]
            if ((path > (x, y)) & (path < (x + wide, y + high))).all(axis=1).any():
                found.add((graph.path(source.node), graph.path(target), graph.path(id)))
    return found


@pytest.mark.parametrize(
    "text", [PAST_ONE, PAST_A_BRANCH, PAST_A_GROUP, LATER_IN_THE_WAY, MATRICES], ids=lambda text: text.split('"')[-2]
)
def test_no_wire_runs_behind_a_node(text: str, tmp_path: Path, place: Place) -> None:
    window = place.start(build(tmp_path, text))
    assert behind(window.canvas.scene) == set()


def test_a_wire_that_has_its_way_free_is_drawn_straight(tmp_path: Path) -> None:
    bends = gw.Session.open(build(tmp_path, PAST_ONE)).graph.bends
    assert set(bends) == {("add0", "x")}


def test_what_has_a_place_stays_there_and_its_wires_as_they_are(tmp_path: Path) -> None:
    text = PAST_ONE.replace('y="n"', 'y="n", at=(700, 30)')
    graph = gw.Session.open(build(tmp_path, text)).graph
    assert graph.node("add0").position == (700, 30)
    assert not graph.bends
