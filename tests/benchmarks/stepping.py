"""A step on a graph of 1,000 nodes, from the key to the painted window: the goal is 16 ms.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/stepping.py

Once with single numbers and once with tensors of 64 x 64, at zooms at which all, half and few nodes are in view, and in
each near the beginning, in the middle and near the end, where all gradients lie on the wires.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gradwire.app.application import Application
from gradwire.app.settings import Settings
from gradwire.app.window import Window
from gradwire.core.document import Transaction
from gradwire.core.stepping import Cursor

COUNT, STEPS = 1_000, 40
ZOOMS = (0.095, 0.3, 0.6)
APART = 215.0, 150.0


def grid(t: Transaction, shape: tuple[int, ...]) -> None:
    """Rows of sin and add, each of which reads its left neighbour and a third one more from above, added up."""
    columns = int(COUNT**0.5)
    made: list[str] = []
    for number in range(columns * columns):
        row, column = divmod(number, columns)
        place = column * APART[0], row * APART[1]
        if column == 0:
            made.append(t.add("input", shape=shape, value=np.full(shape, 0.5).tolist(), position=place))
        elif number % 3 == 0 and row:
            made.append(t.add("add", inputs={"x": made[-1], "y": made[-columns - 1]}, position=place))
        else:
            made.append(t.add("sin", inputs={"x": made[-1]}, position=place))
    total = made[columns - 1]
    for row, end in enumerate(made[2 * columns - 1 :: columns], 1):
        total = t.add("add", inputs={"x": total, "y": end}, position=((columns + 1) * APART[0], row * APART[1]))
    t.add("sum", inputs={"x": total}, position=((columns + 2) * APART[0], 0.0))


def wait(until: Callable[[], bool]) -> None:
    while not until():
        QTest.qWait(20)


def timed(window: Window) -> str:
    """Median and 95th percentile of a step, in ms."""
    times = []
    for _ in range(STEPS):
        begun = perf_counter()
        QTest.keyClick(window.canvas, Qt.Key.Key_Space)
        window.canvas.repaint()
        window.toolbar.repaint()
        times.append((perf_counter() - begun) * 1000)
        QTest.qWait(1)
    return f"{median(times):6.1f} ms  p95 {quantiles(times, n=20)[-1]:6.1f}"


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    application = Application(Settings(folder / "settings.ini"), folder / "data", folder / "cache")
    for shape in ((), (64, 64)):
        window = application.open_window(None, True)
        wait(lambda window=window: window.files.begun)
        window.resize(1400, 900)
        window.show()
        window.editor.attempt("Build", lambda t, shape=shape: grid(t, shape))
        stepper = window.editor.stepper
        stepper.begin()
        wait(lambda stepper=stepper: stepper.active)
        last = stepper.timeline.end.step
        window.canvas.frame()
        for zoom in ZOOMS:
            window.canvas.zoom_to(zoom)
            for share in (0.15, 0.55, 0.95):
                stepper.seek(Cursor(int(share * (last - STEPS))))
                QTest.qWait(300)
                print(f"{shape!s:9} zoom {zoom:5} at {share:4.0%} of {last} steps: {timed(window)}", flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
