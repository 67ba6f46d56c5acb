"""The canvas of a whole window with 10,000 and 50,000 nodes on the software rasteriser: how long a frame takes.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/canvas.py [NODES …]

Each frame is that of a window with all panels in sight, from what moves it until nothing is left to paint. The goals
with a canvas of 1280 x 800 and 10,000 nodes with 13,000 wires: repaint of the whole graph at most 16 ms, pan and drag
at most 8 ms a frame, new values in 60 visible nodes at most 12 ms; with 50,000 nodes a pan at most 16 ms. 3840 x 2160
is reported beside it. Median and best of the frames. For edits see paste.py, for other editors peer_editors.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
from whole_window import Times, grid, opened

from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.scene import Scene
from gradwire.app.editor import Editor
from gradwire.app.window import Window
from gradwire.core.document.edits import MoveNode, SetCollapsed
from gradwire.core.session import Session

SIZES = ((1280, 800), (3840, 2160))
FRAMES = 40
# By what is done and the number of nodes up to which it holds, in ms; the canvas being 1280 x 800.
GOALS = {"whole graph": (16, 10_000), "pan": (8, 10_000), "drag one node": (8, 10_000), "new values": (12, 10_000)}
FAR_GOALS = {"pan": (16, 50_000)}


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


def timed(act: Callable[[int], object], count: int = FRAMES) -> Times:
    """How long a frame takes in which this is done first."""
    times = Times()
    for number in range(count + 3):

        def frame(number: int = number) -> None:
            act(number)
            QApplication.processEvents()

        (times if number >= 3 else Times()).take(frame)
    return times


def in_view(canvas: Canvas) -> list[str]:
    return canvas.scene.find.items_in(*canvas.view.window(canvas.width(), canvas.height()))


def resize(window: Window, width: int, height: int) -> None:
    """Make the window so large that its canvas has this size."""
    for _ in range(3):  # what stands beside the canvas may take another share of a larger window
        more = width - window.canvas.width(), height - window.canvas.height()
        window.resize(window.width() + more[0], window.height() + more[1])
        QApplication.processEvents()
    assert (window.canvas.width(), window.canvas.height()) == (width, height)


def frames(window: Window, numbers: Numbers) -> Iterator[tuple[str, Times, str]]:
    """What is done, how long a frame of it takes, and what is in view."""
    canvas, width, height = window.canvas, window.canvas.width(), window.canvas.height()
    canvas.frame()
    yield "whole graph", timed(lambda _: canvas.update()), ""
    middle = canvas.view.to_scene(QPointF(width / 2, height / 2))

    def look(scale: float) -> str:
        canvas.view.scale = scale
        canvas.view.center(*middle, width, height)
        canvas.view_moved()
        return f"{len(in_view(canvas))} nodes in view"

    def pan(number: int) -> None:
        canvas.view.pan(7 if number % 40 < 20 else -7, 5)
        canvas.view_moved()

    def drag(number: int) -> None:
        canvas.scene.dragging.displace(dict.fromkeys(dragged, (3.0 * number, 2.0 * number)))
        canvas.update()

    def refresh(_: int) -> None:
        numbers.turn += 1
        window.editor.results_changed.emit()

    def zoom(_: int) -> None:
        canvas.painting.hasten()
        canvas.view.zoom(1.01, QPointF(width / 2, height / 2))
        canvas.view_moved()

    seen = look(0.6)
    yield "pan", timed(pan), seen
    for what, count in (("drag one node", 1), ("drag 30 nodes", 30)):
        dragged = in_view(canvas)[:count]
        yield what, timed(drag), seen
    canvas.scene.dragging.settle()
    look(0.6)
    seen = look(0.6 * (len(in_view(canvas)) / 60) ** 0.5)
    yield "new values", timed(refresh), seen
    for scale in (0.3, 0.15):
        seen = look(scale)
        yield f"pan at zoom {scale}", timed(pan), seen
    look(0.6)
    yield "zoom by the wheel", timed(zoom, 20), ""


def changes(editor: Editor) -> None:
    """Print how long a scene takes to follow edits of many nodes."""
    begun = perf_counter()
    scene = Scene(editor)
    print(f"  build the scene        {(perf_counter() - begun) * 1000:7.1f} ms")
    spent: list[float] = []

    def follow(change: object) -> None:
        begun = perf_counter()
        scene.follow(change)
        spent.append((perf_counter() - begun) * 1000)

    end = editor.document.observe(follow)
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
    for count in counts:
        graph = grid(count)
        print(f"{count:,} nodes, {graph.wire_count:,} wires; median (best)")
        editor = Editor(Session(graph))
        editor.checking.close()
        changes(editor)
        editor.close()
        with opened(graph, live=False) as window:
            numbers = Numbers(window.editor)
            for width, height in SIZES:
                resize(window, width, height)
                print(f"  {width}x{height}")
                for what, times, seen in frames(window, numbers):
                    goal, most = (GOALS if count <= 10_000 else FAR_GOALS).get(what, (0, 0))
                    told = f"   goal {goal}" if (width, height) == SIZES[0] and count <= most else ""
                    print(f"    {what:18} {times}{told}   {seen}")


if __name__ == "__main__":
    QApplication.instance() or QApplication([])
    main([int(argument) for argument in sys.argv[1:]] or [10_000, 50_000])
