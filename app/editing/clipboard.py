"""Copy and paste by the system clipboard, as text: a `.gw` file of what was copied, with what lay around it.

The text is read as strictly as a file; what does not read is refused in one line. A whole `.gw` file can be pasted.
Beside the file's own sections there are "held" (values, in base64) and "outside" (what fed copied nodes from nodes
that were not copied, for pasting with inputs).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
from PySide6.QtGui import QGuiApplication

from ...core.document import Transaction
from ...core.document.edit import write_array
from ...core.errors import EditError, FileError
from ...core.files import dump_graph, parse_graph
from ...core.files.strict_json import describe
from ...core.graph import Graph, GraphView, Source, Wire
from ...core.graph.draft import Array, Draft
from ...core.graph.elements import Group, Node, natural_key
from ...core.graph.normal_form import frozen
from . import outermost, wires_within, with_interior
from .places import whole

HELD, OUTSIDE = "held", "outside"
MOST_BYTES = 16 * 2**20  # of values that go along; a text beyond that is too long for a clipboard
NAME = "the clipboard"

Item = TypeVar("Item", Node, Group)


class Piece(NamedTuple):
    """What the clipboard holds: a graph, values by node id, and what fed it from elsewhere."""

    graph: Graph
    values: Mapping[str, Array]
    outside: tuple[tuple[str, str, Source, str], ...]  # node, port, what fed it, and the op of that node


# Writing.


def text_of(graph: Graph, values: Mapping[str, Array], ids: Collection[str]) -> str:
    """Nodes and groups, all within these, and the wires among them, as text."""
    chosen = set(with_interior(graph, outermost(graph, ids)))
    draft = Draft(Graph())
    draft.dtype = graph.dtype
    for id in sorted(chosen & graph.groups.keys(), key=lambda id: len(graph.chain(id))):
        group = graph.groups[id]
        draft.add_group(group if group.group in chosen else _at_top(group, draft))
    nodes = chosen & graph.nodes.keys()
    for id in sorted(nodes, key=natural_key):
        node = graph.nodes[id]
        draft.add_node(node if node.group in chosen else _at_top(node, draft))
    within, entering = wires_within(graph, nodes)
    for source, target, port in within:
        draft.set_wire(target, port, source)
        draft.set_bends(target, port, graph.bends.get((target, port), ()))
    extra: dict[str, Any] = {}
    if entering:
        extra[OUTSIDE] = {
            f"{target}.{port}": {"source": f"{source.node}.{source.output}", "op": graph.node(source.node).op}
            for source, target, port in sorted(entering, key=lambda wire: (wire.target, wire.port))
        }
    held = {id: values[id] for id in sorted(nodes) if id in values}
    if held and sum(array.nbytes for array in held.values()) <= MOST_BYTES:
        extra[HELD] = {id: write_array(array) for id, array in held.items()}
    draft.extra = frozen(extra)
    return dump_graph(draft.freeze()).decode("utf-8")


def _at_top(item: Item, draft: Draft) -> Item:
    """The item outside all groups, where names must differ too."""
    return replace(item, group=None, name=draft.free_name(item.name, None))


# Reading.


def read(text: str) -> Piece:
    """What `text_of` wrote, or a `.gw` file. Raises EditError in one line for any other text."""
    if not text.strip():
        raise EditError("the clipboard is empty, so there is nothing to paste", hint="Ctrl+C copies what is selected")
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        found = " ".join(text.split())
        found = found if len(found) <= 40 else found[:39] + "…"
        raise EditError(f"pasting needs a copied graph, {NAME} holds the text {found!r}")
    try:
        graph, _ = parse_graph(text.encode("utf-8", "surrogatepass"), NAME)
    except FileError as error:
        message = error.message.splitlines()[0]
        raise EditError(f"pasting needs a copied graph, {message}", hint=error.hint) from None
    if not graph.nodes and not graph.groups:
        raise EditError(f"pasting needs a copied graph, the one on {NAME} is empty")
    return Piece(graph, _values(graph), tuple(_outside(graph)))


def _section(graph: Graph, name: str) -> Mapping[str, Any]:
    section = graph.extra.get(name, {})
    if not isinstance(section, Mapping) or not all(isinstance(each, Mapping) for each in section.values()):
        raise EditError(f'{NAME}: "{name}" must be an object of objects, found {describe(section)}')
    return section


def _values(graph: Graph) -> dict[str, Array]:
    values = {}
    for id, data in _section(graph, HELD).items():
        if id not in graph.nodes:
            raise EditError(f"{NAME}: {HELD!r} has a value for {id!r}, which is not among the nodes")
        try:
            dtype = np.dtype(data["dtype"])
            if dtype.kind not in "biuf":
                raise ValueError(f"{data['dtype']!r} is no dtype of numbers")
            array = np.frombuffer(base64.b64decode(data["base64"], validate=True), dtype)
            values[id] = array.reshape(data["shape"])
        except (TypeError, ValueError, LookupError, binascii.Error) as error:
            reason = f"it lacks {error}" if isinstance(error, LookupError) else error
            raise EditError(f"{NAME}: the value of {id!r} cannot be read: {reason}") from None
    return values


def _outside(graph: Graph) -> list[tuple[str, str, Source, str]]:
    found = []
    for place, data in _section(graph, OUTSIDE).items():
        target, _, port = place.partition(".")
        source, _, output = str(data.get("source", "")).partition(".")
        if target not in graph.nodes or not port or not source:
            raise EditError(f'{NAME}: "{OUTSIDE}" must say NODE.PORT: {{"source": NODE.OUTPUT}}, found {place!r}')
        found.append((target, port, Source(source, output or "y"), str(data.get("op", ""))))
    return found


# Pasting.


def paste(
    t: Transaction, piece: Piece, group: str | None, offset: tuple[float, float], inputs: bool = False
) -> tuple[list[str], int]:
    """Add what was copied to `group`; with `inputs` it reads again what fed it, where that is still there.

    Returns the outermost copies, and how many inputs were not found.
    """
    graph = piece.graph
    wires, missing = list(graph.wires()), 0
    for target, port, source, op in piece.outside if inputs else ():
        if source.node not in graph.nodes and _there(t.graph, source, op):
            wires.append(Wire(source, target, port))
        else:
            missing += 1
    copies = graph.nodes.values(), graph.groups.values(), wires
    new = t.paste(*copies, values=piece.values, bends=graph.bends, group=group, offset=whole(offset))
    return [new[id] for id in (*graph.groups, *graph.nodes) if graph.item(id).group is None], missing


def _there(graph: GraphView, source: Source, op: str) -> bool:
    node = graph.nodes.get(source.node)
    return node is not None and (not op or node.op == op)


# The system's clipboard.


def put(text: str) -> None:
    """Put a text on the clipboard."""
    QGuiApplication.clipboard().setText(text)


def taken() -> str:
    """The text on the clipboard."""
    return QGuiApplication.clipboard().text()
