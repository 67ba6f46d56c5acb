"""What the benchmarks of the whole window share: a large graph, a window with every panel in sight, two clocks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep, thread_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from gradwire.app.application import Application
from gradwire.app.bridge import Worker
from gradwire.app.settings import Settings
from gradwire.app.window import Window
from gradwire.core.files import save
from gradwire.core.graph import Graph, Node, Source

QUIET = 0.6  # seconds without work: panels wait a moment before they ask for some
MOST = 60.0  # seconds of work after one edit
APART = 215.0, 150.0


def grid(count: int, top: float = 0.0) -> Graph:
    """`count` nodes in rows with 1.3 wires each: every one reads its left neighbour, a third one more from above.

    All have shapes and values of 4 by 3 numbers.
    """
    draft = Graph().draft()
    columns = int(count**0.5)
    for number in range(count):
        row, column = divmod(number, columns)
        op = "constant" if column == 0 else "add" if number % 3 == 0 else "sin"
        params = {"value": ((1.0, 2.0, 3.0),) * 4} if column == 0 else {}
        place = column * APART[0], top + row * APART[1]
        draft.add_node(Node(f"n{number}", op, f"n{number}", params, position=place))
        if column:
            draft.set_wire(f"n{number}", "x", Source(f"n{number - 1}", "y"))
            if op == "add":
                above = number - columns if row else number - 1
                draft.set_wire(f"n{number}", "y", Source(f"n{above}", "y"))
    return draft.freeze()


class Times:
    """What several turns of the same took: in all, and of it on the processor by the thread of the window.

    Where other programs run at the same time, the second says more.
    """

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def take(self, act: Callable[[], object]) -> None:
        """Do it once more."""
        begun, used = perf_counter(), thread_time()
        act()
        self.cpu.append((thread_time() - used) * 1e3)
        self.wall.append((perf_counter() - begun) * 1e3)

    def __str__(self) -> str:
        """Median and best in milliseconds."""
        wall, cpu = ((median(times), min(times)) for times in (self.wall, self.cpu))
        return "{:7.1f} ({:5.1f}) ms, processor {:6.1f} ({:5.1f})".format(*wall, *cpu)


def wait_until_idle(window: Window) -> float:
    """Let what the last edit gave to do end; how long the window's thread was held at most meanwhile, in ms of it."""
    quiet, longest = perf_counter(), 0.0
    begun_at = quiet
    while perf_counter() - quiet < QUIET:
        begun = thread_time()
        QApplication.processEvents()
        longest = max(longest, (thread_time() - begun) * 1e3)
        sleep(0.002)
        busy = [worker for worker in window.findChildren(Worker) if worker.busy]
        if busy or window.editor.live.refreshing.pending:
            quiet = perf_counter()
        assert quiet < begun_at + MOST, f"still at work after {MOST:g} s: {[worker.parent() for worker in busy]}"
    return longest


@contextmanager
def opened(graph: Graph, live: bool = True) -> Iterator[Window]:
    """A window with a file of this graph, its journal beside it, and all panels in sight, at rest."""
    application = QApplication.instance() or QApplication([])
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "grid.gw"
        save(path, graph)
        gradwire = Application(Settings(folder / "settings.ini"), folder / "data", folder / "cache")
        window = gradwire.open_window(path)
        while not window.files.begun:
            application.processEvents()
        window.editor.live.enabled = live
        window.resize(1600, 1000)
        for dock in window.docks.docks.values():
            if window.tabifiedDockWidgets(dock):  # one of several in the same place would hide the others
                dock.setFloating(True)
            dock.show()
        wait_until_idle(window)
        hidden = [id for id, panel in window.docks.panels.items() if not panel.isVisible()]
        assert not hidden, f"all panels are to be in sight, {hidden} are not"
        yield window
        window.editor.document.mark_saved()
        window.close()
