"""1,000 nodes pasted into a large document, undone and redone, and one node added: in core, and in the whole window.

    QT_QPA_PLATFORM=offscreen python tests/benchmarks/paste.py [NODES …]

"core" and "window" are from the opening of the transaction to the last observer told; in the window, which keeps a
journal and shows all panels, all that it shows follows. "repaint" also counts what the window then does until it is
idle for the first time. The goals, repaint and all, in graphs of 1,000 and of 10,000 nodes: 16 ms for one node more,
50 ms for each of the others. "later" is the longest that the window's thread is held at one time by what comes after:
the check, values, code. Median and best of several turns.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from statistics import median

from PySide6.QtWidgets import QApplication
from whole_window import Times, grid, opened, wait_until_idle

from gradwire.core.document import Document

TURNS = 7
GOALS = {"paste": 50, "undo": 50, "redo": 50, "add one": 16, "undo of it": 16}  # ms


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
        yield from (
            ("paste", paste),
            ("undo", undo),
            ("redo", redo),
            ("", undo),
            ("add one", add),
            ("undo of it", undo),
        )


def in_core(count: int) -> dict[str, Times]:
    """How long each takes in a document that only one observer follows."""
    document = Document(grid(count))
    document.observe(lambda change: None)
    found: dict[str, Times] = {}
    for name, act in turns(document, document.undo, document.redo):
        found.setdefault(name, Times()).take(act)
    return found


def in_window(count: int) -> tuple[dict[str, Times], dict[str, Times], dict[str, list[float]]]:
    """How long each takes until all are told, and until all is painted; and how long what comes later holds up."""
    told: dict[str, Times] = {}
    painted: dict[str, Times] = {}
    later: dict[str, list[float]] = {}
    with opened(grid(count)) as window:
        editor = window.editor
        for name, act in turns(editor.document, editor.undo, editor.redo):

            def whole(name: str = name, act: Callable[[], object] = act) -> None:
                told.setdefault(name, Times()).take(act)
                QApplication.processEvents()

            painted.setdefault(name, Times()).take(whole)
            later.setdefault(name, []).append(wait_until_idle(window))
        assert [each.name for each in editor.session.path.parent.glob(".*.journal")] == [".grid.gw.journal"]
    return told, painted, later


def main(counts: list[int]) -> None:
    for count in counts:
        core, (told, painted, later) = in_core(count), in_window(count)
        print(f"into {count:,} nodes; median (best)")
        for name, goal in GOALS.items():
            print(f"  {name:10} core     {core[name]}")
            print(f"             window   {told[name]}")
            print(f"             repaint  {painted[name]}   goal {goal}")
            print(f"             later    at most {median(later[name]):5.1f} ({min(later[name]):.1f}) at one time")


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [1_000, 10_000])
