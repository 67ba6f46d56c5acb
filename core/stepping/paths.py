"""Paths in expressions: `mlp/linear_1/weight.grad` is the gradient of a node, as names are shown, and no quotient."""

from __future__ import annotations

import re
from keyword import iskeyword

from ..graph import Graph
from ..graph.view import at_path
from .forms import FIELDS

_NAME = r"[^\W\d]\w*"
# A text in quotation marks; what is asked of something before it; names with strokes between them.
_PARTS = re.compile(rf"'[^']*'|\"[^\"]*\"|\.\s*{_NAME}|(?<!\w){_NAME}(?:\s*/\s*{_NAME})*")


def spelled_path(graph: Graph, id: str) -> str:
    """What an expression calls a node: `mlp/w`, or `node("log x")` where its name would be read otherwise."""
    path = graph.path(id)
    names = path.split("/")
    if all(re.fullmatch(_NAME, name) and not iskeyword(name) for name in names) and names[0] not in FIELDS:
        return path
    quotable = not set(path) & {'"', "\\", "\n"}
    return f'node("{path if quotable else id}")'


def with_paths(text: str, graph: Graph) -> str:
    """An expression in which each path of a node stands as `node("…")`.

    Of names with strokes between them as many as are a path are one; what follows divides it. Raises `EditError` for
    those that begin with a group and are no path.
    """
    return _PARTS.sub(lambda found: _replaced(found[0], graph), text) if "/" in text else text


def _replaced(text: str, graph: Graph) -> str:
    if "/" not in text or text[0] in "'\".":
        return text
    return " / ".join(_quotient([name.strip() for name in text.split("/")], graph))


def _quotient(names: list[str], graph: Graph) -> list[str]:
    """What is divided by what, among names with strokes between them."""
    found = []
    while names:
        lengths = range(len(names), 1, -1)
        length = next((n for n in lengths if is_node(graph, "/".join(names[:n]))), 1)
        if length == 1 and len(names) > 1 and graph.named(names[0], None) in graph.groups:
            graph.resolve("/".join(names))  # a path into a group is meant: what is wrong with it is told
        found.append(names[0] if length == 1 else f'node("{"/".join(names[:length])}")')
        names = names[length:]
    return found


def is_node(graph: Graph, path: str) -> bool:
    """Whether a path is that of a node."""
    return at_path(graph, path) in graph.nodes
