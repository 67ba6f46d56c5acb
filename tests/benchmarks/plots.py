"""Four curves of many points that grow: an update of the window, beside pyqtgraph's own ways. The goal is 10 ms.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/plots.py

An update is a hundred points more for each curve, handed over and painted, on a plot of 900 x 400 pixels. The columns
are memory-mapped. The second figures are processor time of the window's thread, then comes by how much the process has
grown while a plot took up all that there was.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, thread_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication, QWidget

from gradwire.app.look.fonts import load_fonts, text_font
from gradwire.app.look.theme import DARK
from gradwire.app.plots.curve_plot import CurvePlot
from gradwire.app.plots.data import Column, Curve, Steps

CURVES, MORE, UPDATES = 4, 100, 40
SIZES = (10_000, 100_000, 1_000_000)
Arrays = list[np.ndarray]


def columns(folder: Path, size: int) -> tuple[np.ndarray, Arrays]:
    """The iterations, and curves as of a loss, in files."""
    random = np.random.default_rng(1)
    made = []
    for number in range(CURVES + 1):
        path = folder / f"{size}.{number}"
        kind = np.int64 if number == 0 else np.float64
        file = np.memmap(path, kind, "w+", shape=(size,))
        noise = random.normal(size=size) * 0.1
        file[:] = (
            np.arange(1, size + 1) if number == 0 else 2 * np.exp(-np.arange(size) * 3 / size) + noise + number / 5
        )
        file.flush()
        made.append(np.memmap(path, kind, "r", shape=(size,)))
    return made[0], made[1:]


def memory() -> float:
    """MiB of the process that are its own: pages of the files are the system's."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    return float("nan")


def ours(log: bool, smoothing: float) -> tuple[QWidget, Callable[[np.ndarray, Arrays], None], QWidget]:
    plot = CurvePlot(DARK, "loss", log_y=log)
    plot.set_smoothing(smoothing)

    def show(steps: np.ndarray, values: Arrays) -> None:
        plot.show_curves(Curve(str(n), Column(column, Steps(steps))) for n, column in enumerate(values))

    return plot, show, plot.field.viewport()


def theirs(reduced: bool) -> tuple[QWidget, Callable[[np.ndarray, Arrays], None], QWidget]:
    plot = pg.PlotWidget()
    items = [plot.plot(pen=pg.mkPen(color, width=1)) for color in ("c", "y", "m", "g")]
    if reduced:
        plot.setDownsampling(auto=True, mode="peak")
        plot.setClipToView(True)

    def show(steps: np.ndarray, values: Arrays) -> None:
        for item, column in zip(items, values, strict=True):
            item.setData(steps, column)

    return plot, show, plot.viewport()


def timed(name: str, made: tuple[QWidget, Callable[..., None], QWidget], steps: np.ndarray, values: Arrays) -> None:
    """Print the median and the 95th percentile of an update."""
    plot, show, port = made
    plot.resize(900, 400)
    plot.show()
    QApplication.processEvents()
    before, found, updates = memory(), [], UPDATES if len(steps) < 10**6 else UPDATES // 2
    for number in range(updates):
        size = len(steps) - (updates - 1 - number) * MORE
        begin = perf_counter(), thread_time()
        show(steps[:size], [column[:size] for column in values])
        port.repaint()
        found.append(((perf_counter() - begin[0]) * 1000, (thread_time() - begin[1]) * 1000))
        QApplication.processEvents()
    grown = memory() - before
    (first, _), *rest = found
    whole, own = zip(*rest, strict=True)
    figures = first, median(whole), quantiles(whole, n=20)[-1], median(own), quantiles(own, n=20)[-1], grown
    print(f"{name:36}" + "".join(f"{figure:9.1f}" for figure in figures), flush=True)
    plot.close()
    plot.deleteLater()
    QApplication.processEvents()


def main() -> None:
    application = QApplication([])
    load_fonts()
    application.setFont(text_font())
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            steps, values = columns(Path(folder), size)
            heads = "".join(f"{head:>9}" for head in ("first", "median", "p95", "median", "p95", "MiB"))
            print(f"\n{f'{CURVES} curves of {size:,} points, ms':36}{heads}")
            timed("ours", ours(False, 0.0), steps, values)
            timed("ours, logarithmic", ours(True, 0.0), steps, values)
            timed("ours, smoothed", ours(False, 0.95), steps, values)
            timed("pyqtgraph, peaks of what is in view", theirs(True), steps, values)
            timed("pyqtgraph", theirs(False), steps, values)


if __name__ == "__main__":
    main()
