"""This canvas beside NodeGraphQt and qtpynodeeditor, on one graph, in one window size, by the software rasteriser.

    python tests/benchmarks/peer_editors.py [NODES …]

Each editor runs in a process of its own, and one that is not installed is skipped. They need not be installed beside
this program, and bring what would be in its way; a folder is enough:

    pip install --target /tmp/peers NodeGraphQt qtpynodeeditor "setuptools<81"
    PYTHONPATH=/tmp/peers python tests/benchmarks/peer_editors.py

Every editor is asked for the same, by what its users would call: nodes with two inputs and one output in rows, 1.3
wires each. "build" is from an empty window to the first picture of the whole, "whole" a repaint of all of it, "pan" a
frame at zoom 0.6, "move" one node dragged there, "add" one more wired node and its frame. Ours writes a history and
checks ports and loops meanwhile. A process that takes longer than ten minutes is ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from math import dist
from statistics import median
from time import perf_counter
from typing import Any

os.environ |= {"QT_QPA_PLATFORM": "offscreen", "QT_API": "pyside6", "QT_PREFERRED_BINDING": "PySide6"}

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QTransform
from PySide6.QtWidgets import QApplication

WIDTH, HEIGHT = 1280, 800
APART = 215.0, 150.0
ZOOM = 0.6
FRAMES = 20
LONGEST = 600  # seconds

Place = tuple[float, float]
Wire = tuple[int, int, int]  # from node, to node, to input


def graph(count: int) -> tuple[list[Place], list[Wire]]:
    """Nodes in rows: every one reads its left neighbour, a third one more from above."""
    columns = max(1, int(count**0.5))
    places, wires = [], []
    for number in range(count):
        row, column = divmod(number, columns)
        places.append((column * APART[0], row * APART[1]))
        if column:
            wires.append((number - 1, number, 0))
            if number % 3 == 0 and row:
                wires.append((number - columns - 1, number, 1))
    return places, wires


class Contender(ABC):
    """One editor in a window of its own."""

    widget: Any

    @property
    def painted(self) -> Any:
        """The widget in which the graph is."""
        return self.widget

    @abstractmethod
    def build(self, places: list[Place], wires: list[Wire]) -> None:
        """Fill the empty editor, by one act where it has one for that."""

    @abstractmethod
    def look(self, middle: Place, scale: float) -> None:
        """Show what lies around a point."""

    @abstractmethod
    def pan(self, x: float, y: float) -> None:
        """Move what is shown, in scene units."""

    @abstractmethod
    def move(self, node: int, place: Place) -> None:
        """Put a node elsewhere."""

    @abstractmethod
    def add(self, place: Place, source: int) -> None:
        """Add a node that reads another."""


class Gradwire(Contender):
    def __init__(self) -> None:
        from gradwire.app.canvas.canvas import Canvas
        from gradwire.app.editor import Editor
        from gradwire.app.look.theme import DARK
        from gradwire.core.session import Session

        self.editor = Editor(Session())
        self.editor.checking.close()  # threads would be measured with it
        self.editor.live.close()
        self.widget = Canvas(self.editor, DARK)

    def build(self, places: list[Place], wires: list[Wire]) -> None:
        sources: dict[int, dict[str, str]] = {}
        for source, target, port in wires:
            sources.setdefault(target, {})["xy"[port]] = f"n{source}"
        with self.editor.document.transaction("Build") as t:
            for number, place in enumerate(places):
                read = sources.get(number, {})
                t.add(("input", "sin", "add")[len(read)], id=f"n{number}", position=place, inputs=read)

    def look(self, middle: Place, scale: float) -> None:
        self.widget.view.scale = scale
        self.widget.view.center(*middle, WIDTH, HEIGHT)

    def pan(self, x: float, y: float) -> None:
        self.widget.view.pan(-x * ZOOM, -y * ZOOM)

    def move(self, node: int, place: Place) -> None:
        with self.editor.document.transaction("Move", merge="move") as t:
            t.move(f"n{node}", place)

    def add(self, place: Place, source: int) -> None:
        with self.editor.document.transaction("Add") as t:
            t.add("sin", position=place, inputs={"x": f"n{source}"})


class GraphicsView(Contender):
    """Both others stand on QGraphicsView, and pan by moving the rectangle of the scene that it shows."""

    nodes: list[Any]

    @abstractmethod
    def _make(self, place: Place) -> None:
        """Add a node to the editor and to `nodes`."""

    @abstractmethod
    def _wire(self, source: int, target: int, port: int) -> None:
        """Wire a node's output to an input of another."""

    @property
    def painted(self) -> Any:
        return self.widget.viewport()

    def build(self, places: list[Place], wires: list[Wire]) -> None:
        for place in places:
            self._make(place)
        for wire in wires:
            self._wire(*wire)

    def add(self, place: Place, source: int) -> None:
        self._make(place)
        self._wire(source, len(self.nodes) - 1, 0)

    def look(self, middle: Place, scale: float) -> None:
        width, height = WIDTH / scale, HEIGHT / scale
        self.widget.setSceneRect(QRectF(middle[0] - width / 2, middle[1] - height / 2, width, height))
        self.widget.setTransform(QTransform.fromScale(scale, scale))

    def pan(self, x: float, y: float) -> None:
        self.widget.setSceneRect(self.widget.sceneRect().translated(x, y))


class NodeGraphQt(GraphicsView):
    def __init__(self) -> None:
        from NodeGraphQt import BaseNode, NodeGraph

        class Plain(BaseNode):
            __identifier__ = "benchmark"
            NODE_NAME = "node"

            def __init__(self) -> None:
                super().__init__()
                self.add_input("x")
                self.add_input("y")
                self.add_output("out")

        self.graph = NodeGraph()
        self.graph.register_node(Plain)
        self.widget = self.graph.viewer()
        self.nodes = []

    def _make(self, place: Place) -> None:
        self.nodes.append(self.graph.create_node("benchmark.Plain", pos=list(place), selected=False, push_undo=False))

    def _wire(self, source: int, target: int, port: int) -> None:
        self.nodes[source].output(0).connect_to(self.nodes[target].input(port), push_undo=False)

    def move(self, node: int, place: Place) -> None:
        self.nodes[node].set_pos(*place)


class Qtpynodeeditor(GraphicsView):
    def __init__(self) -> None:
        from qtpynodeeditor import DataModelRegistry, FlowScene, FlowView, NodeDataModel, NodeDataType

        class Plain(NodeDataModel):
            name = "node"
            num_ports = {"input": 2, "output": 1}  # noqa: RUF012  # its way of saying so
            data_type = NodeDataType("value", "value")

            def out_data(self, port: int) -> None:
                return None

            def set_in_data(self, data: object, port: object) -> None:
                pass

            def embedded_widget(self) -> None:
                return None

        registry = DataModelRegistry()
        registry.register_model(Plain)
        self.model = Plain
        self.scene = FlowScene(registry=registry)
        self.widget = FlowView(self.scene)
        self.nodes = []

    def _make(self, place: Place) -> None:
        node = self.scene.create_node(self.model)
        node.graphics_object.setPos(QPointF(*place))
        self.nodes.append(node)

    def _wire(self, source: int, target: int, port: int) -> None:
        self.scene.create_connection(self.nodes[source]["output"][0], self.nodes[target]["input"][port])

    def move(self, node: int, place: Place) -> None:
        self.nodes[node].graphics_object.setPos(QPointF(*place))


CONTENDERS = {"gradwire": Gradwire, "NodeGraphQt": NodeGraphQt, "qtpynodeeditor": Qtpynodeeditor}


def measured(contender: Contender, count: int) -> Iterator[tuple[str, float]]:
    """Name and milliseconds of each kind of work."""
    widget, painted = contender.widget, contender.painted
    widget.resize(WIDTH, HEIGHT)
    widget.show()
    QApplication.processEvents()
    target = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    places, wires = graph(count)
    right, low = (max(along) for along in zip(*places, strict=True))
    middle = right / 2, low / 2

    def timed(act: Callable[[int], object], frames: int = FRAMES) -> float:
        times = []
        for number in range(frames):
            begun = perf_counter()
            act(number)
            painted.render(target)
            times.append((perf_counter() - begun) * 1e3)
        return median(times)

    def build(_: int) -> None:
        contender.build(places, wires)
        contender.look(middle, min(WIDTH / (right + APART[0]), HEIGHT / (low + APART[1])))

    yield "build", timed(build, 1)
    yield "whole", timed(lambda _: None, 5)
    contender.look(middle, ZOOM)
    yield "pan", timed(lambda number: contender.pan(7 if number % 10 < 5 else -7, 5))
    moved = min(range(count), key=lambda number: dist(places[number], middle))
    x, y = places[moved]
    yield "move", timed(lambda number: contender.move(moved, (x + 3 * number, y + 2 * number)))
    yield "add", timed(lambda number: contender.add((x + 20 * number, y + 60), moved))


def run_one(name: str, count: int) -> None:
    """In a process of its own: one line of milliseconds."""
    application = QApplication([])  # noqa: F841  # lives as long as this is bound
    for kind, milliseconds in measured(CONTENDERS[name](), count):
        print(f"{kind} {milliseconds:10,.1f} ms", end="   ", flush=True)
    print(flush=True)
    os._exit(0)  # the end of ten thousand graphics items is nobody's matter


def main(counts: list[int]) -> None:
    for count in counts:
        print(f"{count:,} nodes, {len(graph(count)[1]):,} wires, {WIDTH} x {HEIGHT}")
        for name in CONTENDERS:
            if find_spec(name) is None:
                print(f"  {name:16} is not installed")
                continue
            print(f"  {name:16} ", end="", flush=True)
            try:
                done = subprocess.run(
                    [sys.executable, __file__, name, str(count)], timeout=LONGEST, stderr=subprocess.PIPE, text=True
                )
            except subprocess.TimeoutExpired:
                print(f"… ended after {LONGEST} s")
                continue
            if done.returncode:
                print(f"failed: {done.stderr.strip().splitlines()[-1]}")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in CONTENDERS:
        run_one(sys.argv[1], int(sys.argv[2]))
    main([int(argument) for argument in sys.argv[1:]] or [1_000])
