"""The way back: a group that stands for an op becomes the one node again, where it still is what the op is made of."""

from __future__ import annotations

from collections import ChainMap
from itertools import product
from typing import NamedTuple

from ..check import Checked
from ..document import Transaction
from ..document.references import name_anew
from ..errors import EditError
from ..graph import GraphView, Source, boundary
from ..graph.elements import Group, Node, Training
from ..op import Aval, Op
from ..ops import Registry
from .composites import add_node, bent, composed, lead_on, result_of
from .parts import Parts, is_composite, matched


class Fused(NamedTuple):
    """A node made of a group, and which value within the group its own is."""

    node: str
    output: Source
    was: Source


def standing_for(graph: GraphView, registry: Registry, id: str) -> Op | None:
    """The op for which a group of its parts stands, None where it stands for none."""
    group = graph.groups.get(id)
    op = None if group is None or group.built_by is None else registry.get(group.built_by.layer)
    return op if op is not None and group is not None and _is_of(group, op) else None


def _is_of(group: Group, op: Op) -> bool:
    """Whether a group was built by the op, and not by a layer of the same name, which has parameters of its own."""
    params = {} if group.built_by is None else group.built_by.params
    return is_composite(op) and params.keys() <= op.parameters.keys()


def fuse_group(t: Transaction, id: str, checked: Checked, dtype: str) -> Fused:
    """Make a group that stands for an op the one node again, with its id, name, parameters and wires.

    Groups within that stand for ops are fused first. Raises `EditError` where the group was edited by hand, where what
    is within it is read elsewhere, and where it no longer is what its op is made of.
    """
    avals: ChainMap[Source, Aval] = ChainMap({}, dict(checked.inferred[0].avals))
    inner = sorted(t.graph.interior(id)[1], key=lambda group: -len(t.graph.chain(group)))
    with t.bulk(), t.building(id, *t.graph.chain(t.graph.group(id).group)):
        standing = {group: _standing_for(t, group) for group in (id, *reversed(inner))}
        made = [_Fusing(t, *standing[group], avals, dtype).run() for group in (*inner, id)]
    return made[-1]


def _standing_for(t: Transaction, id: str) -> tuple[Node, Op]:
    """The node that the group becomes, but for its flags, and its op. Raises `EditError` where there is none."""
    group, path = t.graph.group(id), t.graph.path(id)
    if t.graph.is_note(id):
        raise EditError(f"the note {path} would be lost with the group that it lies in", hint="take it out")
    if group.built_by is None:
        message = f"{path} was built or edited by hand, so no one op stands for it"
        raise EditError(message, node=id)
    layer, params = group.built_by
    node = Node(id, layer, group.name, params, frozenset(), group.group, group.position, group.extra)
    op = t.ports.op(node)
    if op is None or not _is_of(group, op):
        raise EditError(f"{path} was built by the layer {layer}, which is not one op", node=id)
    return node, op


class _Found(NamedTuple):
    """The parts of an op among the nodes of a group: what feeds each of its ports, and the ids of the parts."""

    fed: dict[str, Source | None]
    parts: Parts
    ids: list[str]


class _Fusing:
    """One group on its way to a node; what lies in it are nodes only. `avals` learns of the value that it gives."""

    def __init__(self, t: Transaction, node: Node, op: Op, avals: ChainMap[Source, Aval], dtype: str) -> None:
        self.t, self.id, self.avals, self.dtype = t, node.id, avals, dtype
        self.graph, self.path = t.graph, t.graph.path(node.id)
        self.node, self.op = node, op
        self.interior = set(t.graph.interior(node.id)[0])

    def run(self) -> Fused:
        """Put the node in the place of the group."""
        t, graph = self.t, self.graph
        output = self._output()
        found = self._find(output)
        self._refuse_losing(output)
        value = Source(self.id, result_of(self.op))
        around = {}
        for port, (number, entry) in found.parts.entries.items():
            if (source := found.fed[port]) is not None:
                around[port] = source, graph.bends.get((found.ids[number], entry), ())
        leaving = bent(graph, boundary(graph, self.id)[1])
        flags = graph.node(output.node).flags
        t.remove(self.id)
        add_node(t, self.node, flags, around)
        lead_on(t, leaving, value)
        name_anew(t, output.node, self.id, {output.output: value.output})
        self.avals[value] = self.avals[output]
        return Fused(self.id, value, output)

    def _output(self) -> Source:
        """The value that comes out: that of the one node which no other within reads."""
        last = [id for id in self.interior if self.interior.isdisjoint(self.graph.targets(id))]
        op = None if len(last) != 1 else self.t.ports.op(self.graph.node(last[0]))
        if op is None or len(op.visible) != 1:
            raise self._changed()
        return Source(last[0], result_of(op))

    def _changed(self) -> EditError:
        message = f"{self.path} is no longer what {self.op.name} is made of for what feeds it"
        return EditError(message, hint="other shapes or wires feed it than when it was expanded", node=self.id)

    def _find(self, output: Source) -> _Found:
        """The parts of the op: whichever way of feeding its ports makes all that is within."""
        entering = list(dict.fromkeys(wire.source for wire in boundary(self.graph, self.id)[0]))
        unknown = [source for source in (*entering, output) if source not in self.avals]
        if unknown:
            message = f"the shape of {self.graph.path(unknown[0].node)} must be known to fuse {self.path}"
            raise EditError(message, hint="mend the problems before it", node=self.id)
        ports = self.op.port_names(len(self.op.ports))
        choices = [(*entering, None) if port.optional else entering for port in self.op.ports]
        for chosen in product(*choices) if len(entering) <= len(ports) else ():
            fed = dict(zip(ports, chosen, strict=True))
            if set(entering).issubset(chosen):
                found = self._match(fed, output)
                if found is not None:
                    return found
        raise self._changed()

    def _match(self, fed: dict[str, Source | None], output: Source) -> _Found | None:
        """The parts of the op fed in this way, None where what is within is something else."""
        try:
            parts = composed(self.graph, self.op, self.node, fed, self.avals, self.dtype)
        except EditError:  # the op refuses to be fed so
            return None
        ids = matched(self.graph, self.t.ports, parts, fed, output)
        return None if ids is None or set(ids) != self.interior else _Found(fed, parts, ids)

    def _refuse_losing(self, output: Source) -> None:
        """Raise `EditError` for what the one node could not give or be."""
        graph = self.graph
        for wire in boundary(graph, self.id)[1]:
            if wire.source != output:
                message = f"{graph.path(wire.source.node)} is read by {graph.path(wire.target)}, and one op hides it"
                raise EditError(message, hint="take off that wire first", node=self.id)
        for id in self.interior:
            allowed = {"detach", "freeze"} if id == output.node else set()
            if lost := sorted(graph.node(id).acting - allowed):
                raise EditError(f"{graph.path(id)} has the flag {lost[0]}, which would be lost", node=self.id)
        named = self.interior - {output.node}
        if graph.training is not None and (lost := sorted(named & _named_by(graph.training))):
            raise EditError(f"training names {graph.path(lost[0])}, and one op hides it", node=self.id)


def _named_by(training: Training) -> set[str]:
    """The nodes that training settings name as loss, and metrics as prediction and target."""
    metrics = [metric.get(role) for metric in training.metrics for role in ("prediction", "target")]
    return {str(named).partition(".")[0] for named in (training.loss, *metrics)}
