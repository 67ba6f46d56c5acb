"""A paste of 1,000 nodes into a document of 10,000, beside the same paste into an empty one.

    python tests/benchmarks/paste.py

The goal is 50 ms: from the opening of the transaction to the last observer told.
"""

from __future__ import annotations

from time import perf_counter

from gradwire.core.document import Document
from gradwire.core.graph import Wire
from gradwire.core.ops import builtin

TURNS = 9


def chain(length: int) -> Document:
    document = Document(registry=builtin())
    if length:
        with document.transaction("Chain") as t:
            last = t.add("input", name="x")
            for _ in range(length - 1):
                last = t.add("sin", inputs={"x": last})
    return document


def paste_milliseconds(length: int) -> float:
    """The best of several pastes into a document of `length` nodes, each undone again."""
    pasted = chain(1_000).graph
    nodes, wires = list(pasted.nodes.values()), [Wire(*wire) for wire in pasted.wires()]
    document = chain(length)
    document.observe(lambda change: None)
    best = float("inf")
    for _ in range(TURNS):
        begun = perf_counter()
        with document.transaction("Paste") as t:
            t.paste(nodes, [], wires)
        best = min(best, (perf_counter() - begun) * 1e3)
        assert len(document.graph.nodes) == length + 1_000
        document.undo()
    return best


def main() -> None:
    large, empty = paste_milliseconds(10_000), paste_milliseconds(0)
    print(f"1,000 nodes into 10,000: {large:.1f} ms (goal: 50), into none: {empty:.1f} ms")


if __name__ == "__main__":
    main()
