"""What a new node is wired to where it is dropped, and the parameters that fit there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...core.data import describe
from ...core.errors import GradwireError
from ...core.graph import Graph, Source
from ...core.infer import SIZES
from ...core.op import Aval, Op
from ...core.parameters import BATCH, MISSING
from ..look.theme import NODE_WIDTH, PORT_HEIGHT, ROWS_TOP, TITLE_HEIGHT
from .fitting import proposed_shapes

if TYPE_CHECKING:
    from ..editor import Editor

FEATURES = 16  # columns of a new layer, where nothing says how many


_OF_CHANNELS = {  # layers of images, with what follows the channels
    "layer:conv2d": ("in_channels", "out_channels"),
    "layer:residual_block": ("in_channels", "out_channels"),
    "layer:batch_norm": ("num_features",),
}


class Ends(NamedTuple):
    """The value that a new node is to take, and the port that waits for what it gives; either may be missing."""

    source: Source | None = None
    aval: Aval | None = None
    target: str | None = None
    port: str = ""


def ends_of(editor: Editor, place: Any) -> Ends:
    """What a canvas `Place` asks to wire: the two ends of a wire dropped on, or the port a wire was drawn from."""
    if place is None:
        return Ends()
    if place.wire is not None:
        source, target, port = place.wire.source, place.wire.target, place.wire.port
        return Ends(source, _aval(editor, source), target, port)
    if place.port is None:
        return Ends()
    id, name = _within(editor.graph, place.port.id, place.port.name)
    if place.port.output:
        source = Source(id, name)
        return Ends(source, _aval(editor, source))
    return Ends(target=id, port=name)


def _within(graph: Graph, id: str, name: str) -> tuple[str, str]:
    """The node's own port behind that of a collapsed group, whose name is "node.port"."""
    if id not in graph.groups:
        return id, name
    inside, _, port = name.rpartition(".")
    nodes, _ = graph.interior(id)
    found = [node for node in nodes if inside in (node, graph.nodes[node].name, graph.path(node))]
    return (found[0], port) if found else (inside, port)


def _aval(editor: Editor, source: Source) -> Aval | None:
    return editor.checking.found.avals.get(source)


def waiting(editor: Editor, ends: Ends) -> list[Aval]:
    """Values that the waiting port would take, likeliest first; nothing where no port waits or nothing is known."""
    graph = editor.graph
    if ends.target is None or ends.target not in graph.nodes:
        return []
    node = graph.nodes[ends.target]
    op = editor.document.registry.get(node.op)
    if op is None:
        return []
    others = {port: _aval(editor, source) for port, source in graph.inputs(ends.target).items() if port != ends.port}
    known = {port: aval for port, aval in others.items() if aval is not None}
    params = editor.checking.found.inferred[0].params.get(ends.target, node.params)
    return proposed_shapes(op, ends.port, known, params, editor.session.dtype or graph.dtype)


def waiting_dtypes(editor: Editor, ends: Ends) -> tuple[str, ...]:
    """The kinds of dtype that the waiting port takes; nothing where that is not known."""
    return tuple(dict.fromkeys(aval.dtype.kind for aval in waiting(editor, ends)))


def parameters_for(editor: Editor, name: str, ends: Ends) -> dict[str, Any]:
    """Parameters of a new op, or "layer:NAME", that fit where it is dropped; what has a `Start` starts with that."""
    op = editor.document.registry.get(name)
    starts = {} if op is None else {key: each.start for key, each in op.parameters.items() if each.start is not MISSING}
    return {**starts, **_fitting(editor, name, ends)}


def _fitting(editor: Editor, name: str, ends: Ends) -> dict[str, Any]:
    columns = ends.aval.shape[-1] if ends.aval is not None and ends.aval.shape else 0
    columns = columns if columns % SIZES[0] else 0
    if name == "layer:linear":
        return {"in_features": columns or FEATURES, "out_features": FEATURES}
    if name == "layer:mlp":
        return {"sizes": (columns or FEATURES, 64, _classes(editor, ends) or FEATURES)}
    if name in _OF_CHANNELS:
        channels = ends.aval.shape[1] if ends.aval is not None and ends.aval.ndim > 1 else FEATURES
        return {argument: channels if argument != "out_channels" else FEATURES for argument in _OF_CHANNELS[name]}
    if name == "layer:layer_norm":
        return {"normalized_shape": (columns or FEATURES,)}
    if name == "layer:embedding":
        return {"num_embeddings": _classes(editor, ends) or FEATURES, "embedding_dim": FEATURES}
    if name in ("layer:standardise", "layer:normalise") and ends.aval is not None:
        return {"shape": ends.aval.shape[1:]}
    if name in ("parameter", "input", "random_normal", "random_uniform") and ends.target is not None:
        return _shape(editor, name, ends)
    return {}


def _classes(editor: Editor, ends: Ends) -> int | None:
    """How many classes the data has that reaches a new network, else the data of the graph; None where not known."""
    graph = editor.graph
    near = {ends.source.node, *graph.ancestors([ends.source.node])} if ends.source is not None else set()
    all = [id for id, node in graph.nodes.items() if node.op == "dataset"]
    found = set()
    for id in [each for each in all if each in near] or all:
        try:
            found.add(describe(graph.nodes[id].params, editor.session.folder).classes)
        except GradwireError:  # told as a problem of that node
            found.add(None)
    return found.pop() if len(found) == 1 else None


def _shape(editor: Editor, name: str, ends: Ends) -> dict[str, Any]:
    """The shape, and the dtype where it is not the document's, that the waiting port would take."""
    floats = np.dtype(editor.session.dtype or editor.graph.dtype)
    for aval in waiting(editor, ends):
        batch = [axis for axis in aval.shape if axis and axis % SIZES[0] == 0]
        if name == "parameter" and (batch or aval.dtype.kind != "f"):
            continue  # a parameter has the same shape whatever the batch
        if batch and any(axis != SIZES[0] for axis in batch):
            continue
        shape = tuple(BATCH if axis == SIZES[0] else axis for axis in aval.shape)
        if BATCH in shape and name != "input":
            continue
        other = aval.dtype.kind != "f"
        made: dict[str, Any] = {"shape": shape}
        if name == "parameter" and len(shape) == 2:
            made["init"] = "he"  # weights that start at 0 learn nothing
        return {**made, "dtype": aval.dtype.name} if other and aval.dtype != floats and name == "input" else made
    return {"shape": ()}


def corner(op: Op | None, place: Any, ends: Ends, port: str | None) -> tuple[float, float]:
    """Where a new node goes: the port that is wired lies under the pointer, else the middle of its title."""
    row = ROWS_TOP + PORT_HEIGHT / 2
    if place is None:
        return 0.0, 0.0
    if place.wire is None and ends.source is not None:
        index = (op.port_position(port) or 0) if op is not None and port is not None else 0
        return place.x, place.y - row - index * PORT_HEIGHT
    if place.wire is None and ends.target is not None:
        return place.x - NODE_WIDTH, place.y - row
    return place.x - NODE_WIDTH / 2, place.y - TITLE_HEIGHT / 2
