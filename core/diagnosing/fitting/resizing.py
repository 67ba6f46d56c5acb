"""Parameters of another shape: one axis as long as one of what comes in beside them, or a layer built for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ...document import Document, Transaction
from ...errors import GradwireError
from ...infer import SIZES, UNWIRED, Binding, infer
from ...layers import rebuild
from ...op import Aval
from ...refusing import near_shapes
from ...stepping.mending import Inserted, Mend
from .fitted import Fitted, layer_of
from .layouts import Avals, Layout, fixed_lengths


def resized(node: Fitted, port: str = "", layouts: Sequence[Layout | None] = (None,)) -> Iterator[Mend]:
    """A parameter of a node with one axis of another length, or its layer with another number, and what comes to `port`
    in each of the layouts that is not enough by itself.
    """
    layer = node.layer
    for layout in layouts:
        if layout is None or not node.takes({port: layout.avals}):
            yield from _alone(node, port, layout) if layer is None else _rebuilt(node, port, layout, layer)


def _label(node: Fitted, port: str, layout: Layout | None, what: str) -> str:
    """`what` begins in lower case."""
    if layout is None:
        return f"{what[:1].upper()}{what[1:]}"
    return f"{layout.told.format(f'{node.name}.{port}')}, and {what}"


# A parameter by itself.


def _alone(node: Fitted, port: str, layout: Layout | None) -> Iterator[Mend]:
    changed = {} if layout is None else {port: layout.avals}
    for other, source in node.graph.inputs(node.id).items():
        shape = None if other in changed else _shape(node, other, changed)
        if shape is not None and _may_resize(node, source.node):
            yield _resize(node, port, layout, source.node, shape)


def _shape(node: Fitted, port: str, changed: Mapping[str, Avals]) -> tuple[int, ...] | None:
    """One that would fit at a port, beside what is `changed` at others: that there is but for the length of one axis,
    which another value has as well.
    """
    rest = {**node.fed, **changed}
    own, _ = rest.pop(port)
    lengths = [Aval(fixed_lengths(avals), avals[0].dtype) for avals in rest.values()]
    for shape in dict.fromkeys(near_shapes(own, lengths)):
        aval = Aval(shape, own.dtype)
        if shape != own.shape and len(shape) == own.ndim and node.takes({**changed, port: (aval, aval)}):
            return shape
    return None


def _may_resize(node: Fitted, id: str) -> bool:
    """Whether a node is a parameter of this node alone that is drawn anew for any shape."""
    graph, parameter = node.graph, node.graph.nodes[id]
    if parameter.op != "parameter" or isinstance(parameter.params.get("value"), tuple):
        return False
    shared = any(each.params.get("of") == id for each in graph.nodes.values() if each.op == "shared")
    return not shared and len(graph.consumers(id)) == 1


def _resize(node: Fitted, port: str, layout: Layout | None, parameter: str, shape: tuple[int, ...]) -> Mend:
    def apply(t: Transaction) -> Inserted | None:
        t.set_param(parameter, "shape", list(shape))
        return None if layout is None else node.put(t, port, layout)

    label = _label(node, port, layout, f"resize {node.graph.nodes[parameter].name} to {shape}")
    return Mend(label, apply, node.graph, (node.id, parameter))


# A layer.


def rebuilt_before(node: Fitted) -> Iterator[Mend]:
    """A layer that feeds a node, built for what comes to the other ports: as many outputs as there are targets."""
    graph = node.graph
    for port, source in graph.inputs(node.id).items():
        layer = layer_of(graph, source.node)
        built_by = None if layer is None or layer == node.layer else graph.groups[layer].built_by
        if layer is None or built_by is None:
            continue
        own, rest = fixed_lengths(node.fed[port]), [node.fed[other] for other in node.fed if other != port]
        lengths = dict.fromkeys(length for avals in rest for length in reversed(fixed_lengths(avals)))
        behind = {node.id, *graph.targets(source.node)}
        for name, old in built_by.params.items():
            for length in lengths if type(old) is int and old in own else ():
                mend = _rebuild(node, port, None, layer, name, length)
                if length != old and _fits(node, mend, layer, behind):
                    yield mend


def _rebuilt(node: Fitted, port: str, layout: Layout | None, layer: str) -> Iterator[Mend]:
    """The layer built for what comes in, its features first."""
    graph, built_by = node.graph, node.graph.groups[layer].built_by
    assert built_by is not None
    fed, sources = {**node.fed, **({} if layout is None else {port: layout.avals})}, graph.inputs(node.id)
    outer = [each for each in fed if layer not in graph.chain(graph.nodes[sources[each].node].group)]
    lengths = dict.fromkeys(length for each in outer for length in reversed(fixed_lengths(fed[each])))
    for name, old in sorted(built_by.params.items(), key=lambda each: not each[0].startswith("in_")):
        for length in lengths if type(old) is int else ():
            mend = _rebuild(node, port, layout, layer, name, length)
            if length != old and _fits(node, mend, layer):
                yield mend
                return


def _rebuild(node: Fitted, port: str, layout: Layout | None, layer: str, name: str, length: int) -> Mend:
    def apply(t: Transaction) -> Inserted | None:
        made = None if layout is None else node.put(t, port, layout)
        rebuild(t, layer, **{name: length})
        return made

    label = _label(node, port, layout, f"set {name} of {node.graph.groups[layer].name} to {length}")
    return Mend(label, apply, node.graph, (node.id,))


def _fits(node: Fitted, mend: Mend, layer: str, beside: Collection[str] = ()) -> bool:
    """Whether nothing within a layer, nor `beside` it, has a problem after that, but open ports."""
    graph, document = node.graph, Document(node.graph, {}, node.registry)
    try:
        with document.transaction(mend.label) as t:
            mend.apply(t)
    except GradwireError:
        return False
    after = document.graph
    looked_at = {*beside, *after.interior(layer)[0], *(after.nodes.keys() - graph.nodes.keys())}
    for batch, before in zip(SIZES, node.checked.inferred, strict=True):
        known = {source: aval for source, aval in before.avals.items() if source.node not in looked_at}
        found = infer(after, node.registry, Binding(after.dtype, batch), None, known, looked_at)
        if any(problem.message != UNWIRED for problem in found.problems):
            return False
    return True
