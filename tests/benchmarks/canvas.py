"""The canvas with 10,000 and 50,000 nodes on the software rasteriser: how long frames and changes take.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/canvas.py [NODES …]

The goals at 1280 x 800 with 10,000 nodes and 13,000 wires: repaint of the whole graph at most 16 ms, pan and drag at
most 8 ms a frame, new values in 60 visible nodes at most 12 ms, one node more at most 16 ms; with 50,000 nodes a pan at
most 16 ms. 3840 x 2160 is reported beside it, and NodeGraphQt and qtpynodeeditor where they are installed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median, quantiles
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.scene import Scene
from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK
from gradwire.core.document.edits import MoveNode, SetCollapsed
from gradwire.core.graph import Graph, Node, Source
from gradwire.core.session import Session

SIZES = ((1280, 800), (3840, 2160))
FRAMES = 40
APART = 215.0, 150.0
PEERS = ("NodeGraphQt", "qtpynodeeditor")


def grid(count: int) -> Graph:
    """`count` nodes in rows, with 1.3 wires each: every one reads its left neighbour, a third one more from above."""
    draft = Graph().draft()
    columns = max(1, int(count**0.5))
    for number in range(count):
        row, column = divmod(number, columns)
        op = "input" if column == 0 else "add" if number % 3 == 0 else "sin"
        place = column * APART[0], row * APART[1]
        draft.add_node(Node(f"n{number}", op, f"n{number}", position=place))
    for number in range(count):
        row, column = divmod(number, columns)
        if column:
            draft.set_wire(f"n{number}", "x", Source(f"n{number - 1}", "y"))
            if number % 3 == 0 and row:
                draft.set_wire(f"n{number}", "y", Source(f"n{number - columns - 1}", "y"))
    return draft.freeze()


class Numbers:
    """Stands for the live values: each node has a number that changes with every refresh."""

    def __init__(self, editor: Editor) -> None:
        self.turn = 0
        live = editor.live
        live.value = lambda source: np.float64(hash(source) % 997 + self.turn)
        live.gradient = lambda source: np.float64(self.turn * 0.37)
        live.gradient_state = lambda source: "value"
        live.is_stale = lambda id: False
        live.error = lambda id: None


def timed(act: Callable[[int], object], count: int = FRAMES) -> str:
    """Median and 95th percentile in ms."""
    times = []
    for number in range(count + 3):
        begun = perf_counter()
        act(number)
        times.append((perf_counter() - begun) * 1000)
    times = times[3:]
    return f"{median(times):7.2f} ms  p95 {quantiles(times, n=20)[-1]:7.2f}"


def measure(editor: Editor, width: int, height: int) -> None:
    """Print one line for each kind of work in a window of this size."""
    canvas = Canvas(editor, DARK)
    canvas.resize(width, height)
    canvas.ensurePolished()
    target = QImage(width, height, QImage.Format.Format_RGB32)
    numbers = Numbers(editor)

    def frame(_: int = 0) -> None:
        canvas.render(target)

    canvas.frame()
    print(f"  {width}x{height}")
    print(f"    whole graph          {timed(frame)}")
    middle = canvas.view.to_scene(QPointF(width / 2, height / 2))

    def look(scale: float) -> None:
        canvas.view.scale = scale
        canvas.view.center(*middle, width, height)

    look(0.6)

    def pan(number: int) -> None:
        canvas.view.pan(7 if number % 40 < 20 else -7, 5)
        frame()

    print(f"    pan                  {timed(pan)}   {len(in_view(canvas))} nodes in view")
    dragged = in_view(canvas)[:1]

    def drag(number: int) -> None:
        canvas.scene.dragging.displace(dict.fromkeys(dragged, (3.0 * number, 2.0 * number)))
        frame()

    print(f"    drag one node        {timed(drag)}")
    dragged = in_view(canvas)[:30]
    print(f"    drag 30 nodes        {timed(drag)}")
    canvas.scene.dragging.settle()

    def refresh(number: int) -> None:
        numbers.turn += 1
        editor.results_changed.emit()
        frame()

    print(f"    new values           {timed(refresh)}   in {len(in_view(canvas))} nodes")
    look(0.6 * (len(in_view(canvas)) / 60) ** 0.5)
    print(f"    new values           {timed(refresh)}   in {len(in_view(canvas))} nodes")
    look(0.3)
    print(f"    pan at zoom 0.3      {timed(pan)}   {len(in_view(canvas))} nodes in view")
    look(0.15)
    print(f"    pan at zoom 0.15     {timed(pan)}   {len(in_view(canvas))} nodes in view")

    def zoom(number: int) -> None:
        canvas.painting.hasten()
        canvas.view.zoom(1.01, QPointF(width / 2, height / 2))
        frame()

    look(0.6)
    print(f"    zoom by the wheel    {timed(zoom, 20)}")
    canvas.deleteLater()


def in_view(canvas: Canvas) -> list[str]:
    return canvas.scene.find.items_in(*canvas.view.window(canvas.width(), canvas.height()))


def changes(editor: Editor) -> None:
    """Print how long the scene takes to follow edits."""
    begun = perf_counter()
    scene = Scene(editor)
    print(f"  build                  {(perf_counter() - begun) * 1000:7.1f} ms")
    spent: list[float] = []
    whole: list[float] = []

    def follow(change: object) -> None:
        begun = perf_counter()
        scene.follow(change)
        spent.append((perf_counter() - begun) * 1000)

    end = editor.document.observe(follow)
    for number in range(10):
        begun = perf_counter()
        with editor.document.transaction("Add") as t:
            t.add("sin", name=f"more{number}", position=(50.0 * number, -300.0), inputs={"x": "n5"})
        whole.append((perf_counter() - begun) * 1000)
    print(f"  add a wired node       {median(spent):7.2f} ms in the scene, {median(whole):.2f} ms in all")
    spent.clear()
    ids = [f"n{number}" for number in range(1000)]
    for _ in range(5):
        with editor.document.transaction("Move") as t:
            for id in ids:
                x, y = editor.graph.nodes[id].position
                t.apply_all([MoveNode(id, (x, y), (x + 1.0, y))])
    print(f"  move 1,000 nodes       {median(spent):7.2f} ms in the scene")
    spent.clear()
    with editor.document.transaction("Group") as t:
        group = t.group([f"n{number}" for number in range(1, 20)], "box")
        t.apply_all([SetCollapsed(group, False, True)])
    for number in range(6):
        with editor.document.transaction("Rename") as t:
            t.rename("n5", f"inner{number}")
    print(f"  rename in a collapsed group {median(spent[1:]):.2f} ms in the scene, collapse {spent[0]:.1f} ms")
    end()


def main(counts: list[int]) -> None:
    application = QApplication.instance() or QApplication([])
    for count in counts:
        graph = grid(count)
        session = Session(graph)
        editor = Editor(session)
        editor.checking.close()
        print(f"{count:,} nodes, {sum(1 for _ in graph.wires()):,} wires")
        changes(editor)
        for width, height in SIZES:
            measure(editor, width, height)
        editor.close()
    for peer in PEERS:
        print(f"{peer}: {'installed, see its own benchmark' if find_spec(peer) else 'not installed'}")
    del application


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [10_000, 50_000])
