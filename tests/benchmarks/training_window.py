"""A training of `digits_mlp` in the window: how long its thread is held at once, and what the window costs the run.

    .venv/bin/python tests/benchmarks/training_window.py [SECONDS] [ROUNDS]

The window stands on the screen of `DISPLAY` where `QT_QPA_PLATFORM` is "xcb", else offscreen, with the curves in sight
and the canvas live. A timer beats 60 times a second on its thread: the goal is that of 100 beats 99 come within 20 ms,
and all within 100. Then, in turns, the iterations a second of a run with the window beside it
and of `gradwire train`: the goal is at least 0.95. Beside it, on Linux, how much of a processor the run had beside the
window: that does not depend on how fast the machine is at the time.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from gradwire.app.entry import AWAKE

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", AWAKE)  # as the program does before it loads NumPy

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication
from runs import EXAMPLE, GOAL, PER_EPOCH, command_line

from gradwire.app.application import Application
from gradwire.app.panels.training import TrainingPanel
from gradwire.app.settings import Settings
from gradwire.app.window import Window

FRAME, SHARE, LONGEST = 16, 20.0, 100.0  # milliseconds
WARM = 2.0  # seconds from the start that are told apart


class Frames:
    """Milliseconds from one beat of a timer of 60 a second to the next, each with when it was."""

    def __init__(self) -> None:
        self.held: list[float] = []
        self.ended: list[float] = []
        self._last = perf_counter()
        self._timer = QTimer(interval=FRAME, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = perf_counter()
        self.held.append((now - self._last) * 1e3)
        self.ended.append(now)
        self._last = now

    def told(self, since: float, until: float = np.inf) -> str:
        """Median, 99th percentile, the longest, and how many were too long."""
        held = np.array([ms for ms, at in zip(self.held, self.ended, strict=True) if since <= at < until])
        middle, most, longest = np.percentile(held, [50, 99, 100])
        beyond = int((held > LONGEST).sum())
        numbers = f"median {middle:5.2f}, 99 % {most:6.2f}, longest {longest:6.1f} ms"
        return f"{len(held):6,} frames, {numbers}, {beyond} beyond {LONGEST:g}"


@contextmanager
def opened(folder: Path, epochs: int) -> Iterator[Window]:
    """A window with the example, its training panel in sight, that trains for so many epochs when it is asked to."""
    gradwire = Application(Settings(folder / "settings.ini"), folder / "data", folder / "cache")
    window = gradwire.open_window(Path(shutil.copy(EXAMPLE, folder)))  # its journal stays beside it
    while not window.files.begun:
        QApplication.processEvents()
    window.resize(1500, 950)
    training = window.editor.graph.training
    assert training is not None
    window.editor.attempt("Set", lambda t: t.set_training(replace(training, epochs=epochs)))
    wait(2.0)
    yield window
    window.editor.training.leave()


def wait(seconds: float) -> None:
    """Let the window go on for so long."""
    loop = QEventLoop()  # to quit the application would close the window
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def begin(window: Window) -> None:
    """Press Train, and wait until the run goes on."""
    panel = window.panel("training")
    assert isinstance(panel, TrainingPanel)
    panel.train.click()
    while window.editor.training.state != "running":
        wait(0.05)


def frames(seconds: float, epochs: int = 100_000) -> None:
    """A run that is stopped after so long."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name, opened(Path(name), epochs) as window:
        counted = Frames()
        begun = perf_counter()
        begin(window)
        wait(seconds)
        print(f"the first {WARM:g} s: {counted.told(begun, begun + WARM)}")
        print(f"then, {seconds:g} s: {counted.told(begun + WARM)}   goals: 99 % {SHARE:g}, longest {LONGEST:g}")


def computed(process: int) -> float:
    """Seconds that the main thread of a process has had a processor; NaN where the system does not tell."""
    told = Path(f"/proc/{process}/task/{process}/schedstat")
    return int(told.read_text().split()[0]) / 1e9 if told.exists() else float("nan")


def with_window(epochs: int) -> tuple[float, float]:
    """Iterations a second of a run beside its window, from the end of its first epoch to that of its last; and the
    share of a processor that it had in its second half.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as name, opened(Path(name), epochs) as window:
        begin(window)
        run = window.editor.training.run
        assert run is not None
        while run.epochs.rows < epochs // 2:
            wait(0.02)
        used, since = computed(run.process.pid), perf_counter()
        while run.epochs.rows < epochs * 9 // 10:  # it is still there then
            wait(0.02)
        had = (computed(run.process.pid) - used) / (perf_counter() - since)
        while window.editor.training.active:
            wait(0.1)
        ends = run.epochs["time"]
        return (epochs - 1) * PER_EPOCH / float(ends[-1] - ends[0]), had


def main() -> None:
    """Print both."""
    seconds, rounds = (float(text) for text in (sys.argv[1:] + ["60", "5"][len(sys.argv) - 1 :]))
    application = QApplication.instance() or QApplication([])
    assert application is not None
    frames(seconds)
    ratios = []
    for _ in range(int(rounds)):
        alone, (beside, had) = command_line(200), with_window(200)
        ratios.append(beside / alone)
        told = f"  gradwire train {alone:5.0f}, in the window {beside:5.0f} iterations a second"
        print(told if np.isnan(had) else f"{told}, with {had:.1%} of a processor")
    print(
        f"in the window / gradwire train {median(ratios):.3f}   goal {GOAL}   ({min(ratios):.3f} to {max(ratios):.3f})"
    )
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
