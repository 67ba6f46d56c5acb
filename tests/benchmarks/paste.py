"""1,000 nodes pasted into a document of 10,000, undone and redone, and one node added: in core, and in a window.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/paste.py

From the opening of the transaction to the last observer told; in the window, which keeps a journal, all that it shows
follows. "repaint" also counts what the window then does until it is idle for the first time. The goals: 50 ms for each
of the three, in the window as in core, and 16 ms for one node more, repaint and all. Median and best of several turns.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from gradwire.app.application import Application
from gradwire.app.settings import Settings
from gradwire.app.window import Window
from gradwire.core.document import Document
from gradwire.core.files import save
from gradwire.core.graph import Graph, Node, Source

TURNS = 5
QUIET = 2.0  # seconds without known work: panels have threads that tell nobody when they end
GOALS = {"paste": 50, "undo": 50, "redo": 50, "add one": 16}
APART = 215.0, 150.0


def grid(count: int, top: float = 0.0) -> Graph:
    """`count` nodes in rows with 1.3 wires each: every one reads its left neighbour, a third one more from above."""
    draft = Graph().draft()
    columns = int(count**0.5)
    for number in range(count):
        row, column = divmod(number, columns)
        op = "input" if column == 0 else "add" if number % 3 == 0 else "sin"
        draft.add_node(Node(f"n{number}", op, f"n{number}", position=(column * APART[0], top + row * APART[1])))
        if column:
            draft.set_wire(f"n{number}", "x", Source(f"n{number - 1}", "y"))
            if op == "add":
                above = number - columns if row else number - 1
                draft.set_wire(f"n{number}", "y", Source(f"n{above}", "y"))
    return draft.freeze()


def turns(document: Document, undo: Callable[[], object], redo: Callable[[], object]) -> Iterator[tuple[str, Callable]]:
    """What is done to a document again and again, with a name where it is measured; it ends as it began."""
    pasted = grid(1_000, -10_000.0)
    nodes, wires = list(pasted.nodes.values()), list(pasted.wires())

    def paste() -> None:
        with document.transaction("Paste") as t:
            t.paste(nodes, [], wires)

    def add() -> None:
        with document.transaction("Add") as t:
            t.add("sin", inputs={"x": "n5"}, position=(0.0, -300.0))

    for _ in range(TURNS):
        yield from (("paste", paste), ("undo", undo), ("redo", redo), ("", undo), ("add one", add), ("", undo))


def in_core(count: int) -> dict[str, list[float]]:
    """The milliseconds of each kind in a document that only one observer follows."""
    document = Document(grid(count))
    document.observe(lambda change: None)
    found: dict[str, list[float]] = {}
    for name, act in turns(document, document.undo, document.redo):
        begun = perf_counter()
        act()
        found.setdefault(name, []).append((perf_counter() - begun) * 1e3)
    return found


def wait_until_idle(window: Window) -> None:
    """Let the threads beside the window end what the last edit gave them to do."""
    editor, quiet = window.editor, perf_counter()
    while perf_counter() - quiet < QUIET:
        QApplication.processEvents()
        sleep(0.005)
        if editor.checking.busy or editor.live.refreshing.pending:
            quiet = perf_counter()


def in_window(count: int, folder: Path) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The milliseconds of each kind in a window with a journal: until all are told, and until it is painted."""
    path = folder / "grid.gw"
    save(path, grid(count))
    application = Application(Settings(folder / "settings.ini"), folder / "data", folder / "cache")
    window = application.open_window(path)
    window.resize(1600, 1000)
    while not window.files.begun:
        QApplication.processEvents()
    wait_until_idle(window)
    editor = window.editor
    told: dict[str, list[float]] = {}
    painted: dict[str, list[float]] = {}
    for name, act in turns(editor.document, editor.undo, editor.redo):
        begun = perf_counter()
        act()
        told.setdefault(name, []).append((perf_counter() - begun) * 1e3)
        QApplication.processEvents()
        painted.setdefault(name, []).append((perf_counter() - begun) * 1e3)
        wait_until_idle(window)
    journals = [each.name for each in folder.glob(".*.journal")]
    editor.document.mark_saved()
    window.close()
    assert journals == [".grid.gw.journal"]
    return told, painted


def main() -> None:
    application = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        columns = {"core": in_core(10_000), "core, none before": in_core(10)}
        columns["window"], columns["with repaint"] = in_window(10_000, Path(folder))
    print(f"{'ms, median (best)':18}" + "".join(f"{name:>20}" for name in columns) + f"{'goal':>8}")
    for name, goal in GOALS.items():
        times = [f"{median(each[name]):.1f} ({min(each[name]):.1f})" for each in columns.values()]
        print(f"{name:18}" + "".join(f"{each:>20}" for each in times) + f"{goal:8}")
    del application


if __name__ == "__main__":
    main()
