"""What the numbers of data mean, as constants of the source: the names of classes by label, of columns by place."""

from __future__ import annotations

from collections.abc import Sequence

from ..data import names_of
from ..errors import GradwireError
from ..graph import Source
from . import literals
from .identifiers import identifier
from .outline import Outline

WIDTH = 100
MOST = {"CLASSES": 1000, "COLUMNS": 50}  # more (pixels mostly) nobody reads


def meanings(outline: Outline) -> list[str]:
    """`CLASSES = ("setosa", …)` and `COLUMNS`, for each set of data that is read and has names; of several sets with
    the name of their node before it.
    """
    ids = dict.fromkeys(argument.source.node for argument in outline.arguments)
    nodes = [outline.graph.nodes[id] for id in ids if outline.graph.nodes[id].op == "dataset"]
    lines: list[str] = []
    for node in nodes:
        lead = f"{identifier(node.name).upper()}_" if len(nodes) > 1 else ""
        try:
            columns, classes = names_of(node.params, outline.folder)
        except GradwireError:
            continue  # told where the data is read; the source needs no names
        told = {"CLASSES": classes, "COLUMNS": columns if Source(node.id, "x") in outline.values else ()}
        for name, names in told.items():
            if len(names) <= MOST[name] and _say_more(names):
                lines += _tuple(f"{lead}{name}", names)
    return lines


def _say_more(names: Sequence[str]) -> bool:
    """Whether names tell more than the places 0, 1, … do."""
    return any(text not in (str(place), f"x{place}") for place, text in enumerate(names))


def _tuple(name: str, names: Sequence[str]) -> list[str]:
    """A constant of texts, on one line where it fits."""
    line = f"{name} = {literals.plain(tuple(names))}"
    if len(line) <= WIDTH:
        return [line]
    rows = [""]
    for item in (f"{literals.text(text)}," for text in names):
        if rows[-1] and len(rows[-1]) + len(item) + 5 > WIDTH:
            rows.append("")
        rows[-1] += f" {item}" if rows[-1] else item
    return [f"{name} = (", *(f"    {row}" for row in rows), ")"]
