"""Transactions' verbs for many nodes at once and for groups: remove, group, ungroup, paste."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

import numpy as np
from numpy.typing import ArrayLike

from ..errors import EditError
from ..graph import GraphView
from ..graph.draft import Array
from ..graph.elements import ORIGIN, BuiltBy, Group, Node, Places, Source, Wire
from ..graph.normal_form import frozen
from .drawing import Drawing
from .edits import (
    AddGroup,
    AddNode,
    RemoveGroup,
    RemoveNode,
    Rename,
    SetBuiltBy,
    SetCollapsed,
    SetGroup,
    SetParam,
    SetValues,
    SetWire,
)
from .ports import Ports


def read_only(value: ArrayLike) -> Array:
    """`value` as an array of numbers that nobody can change: a copy, unless it is one already."""
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise EditError(f"a value must be an array of numbers, found dtype {array.dtype}")
    if array.flags.writeable or not array.flags.owndata:
        array = array.copy()
        array.flags.writeable = False
    return array


class Arranging(Drawing):
    """The verbs that touch many nodes, and those of groups. Each is all or nothing."""

    def remove(self, *ids: str) -> None:
        """Remove nodes, and groups with all within: first wires and values, then nodes, then groups."""
        graph = self.graph
        nodes: dict[str, None] = {}
        groups: dict[str, None] = {}
        for id in ids:
            if isinstance(graph.item(id), Group):
                within, inner = graph.interior(id)
                nodes.update(dict.fromkeys(within))
                groups.update(dict.fromkeys((id, *inner)))
            else:
                nodes[id] = None
        with self.step():
            for id in nodes:
                for source, target, port in graph.consumers(id):
                    self.apply(SetWire(target, port, source, None))
                for port, source in graph.inputs(id).items():
                    self.apply(SetWire(id, port, source, None))
                if id in self.values:
                    self.apply(SetValues(id, self.values[id], None))
                self.apply(RemoveNode(graph.node(id)))
            for id in sorted(groups, key=lambda group: len(graph.chain(group)), reverse=True):
                self.apply(RemoveGroup(graph.group(id)))

    def add_group(
        self,
        name: str | None = None,
        *,
        group: str | None = None,
        built_by: BuiltBy | None = None,
        id: str | None = None,
        position: tuple[float, float] | None = None,
    ) -> str:
        """Add an empty group, in `group` or at the top; returns its id."""
        prefix = built_by[0] if built_by else "group"
        new = self.free_id(prefix) if id is None else id
        called = self.free_name(prefix, group) if name is None else name
        self.apply(AddGroup(Group(new, called, group, built_by, position=ORIGIN if position is None else position)))
        if position is None:
            self.unplaced.append(new)
        return new

    def group(self, ids: Iterable[str], name: str | None = None) -> str:
        """Put nodes and groups into a new group in the innermost group around them all; returns its id."""
        graph = self.graph
        chosen = dict.fromkeys(ids)
        items = [graph.item(id) for id in chosen]
        items = [item for item in items if not any(group in chosen for group in graph.chain(item.group))]
        if not items:
            raise EditError("a group needs at least one node")
        common = graph.chain(items[0].group)
        for item in items[1:]:
            around = set(graph.chain(item.group))
            common = [group for group in common if group in around]
        with self.step():
            new = self.add_group(name, group=common[0] if common else None, position=_vacated(items))
            for item in items:
                self._regroup(item, new)
        return new

    def ungroup(self, id: str) -> list[str]:
        """Put what lies directly in a group into the one around it, and remove it; returns the ids moved."""
        group = self.graph.group(id)
        members = list(self.graph.members(id).values())
        with self.step():
            for member in members:
                self._regroup(self.graph.item(member), group.group)
            self.apply(RemoveGroup(group))
        return members

    def set_group(self, id: str, group: str | None) -> None:
        """Put a node or group into another group, None for the top; its name must be free there."""
        self.swap(SetGroup(id, self.graph.item(id).group, group))

    def set_built_by(self, id: str, built_by: BuiltBy | None) -> None:
        """Say which layer a group is built by; None: by none."""
        wanted = built_by and BuiltBy(built_by[0], frozen(built_by[1]))
        self.swap(SetBuiltBy(id, self.graph.group(id).built_by, wanted))

    def collapse(self, id: str) -> None:
        """Show a group as one box."""
        self.swap(SetCollapsed(id, self.graph.group(id).collapsed, True))

    def expand(self, id: str) -> None:
        """Show a group with what lies within."""
        self.swap(SetCollapsed(id, self.graph.group(id).collapsed, False))

    def paste(
        self,
        nodes: Iterable[Node],
        groups: Iterable[Group] = (),
        wires: Iterable[Wire] = (),
        *,
        values: Mapping[str, ArrayLike] | None = None,
        bends: Mapping[tuple[str, str], Places] | None = None,
        group: str | None = None,
        offset: tuple[float, float] = (0.0, 0.0),
    ) -> dict[str, str]:
        """Add copies of nodes and groups under fresh ids and free names; returns old id -> new id.

        What lay in a group that is not copied along goes into `group`. Wires lead into copies; one from a
        node that is not copied along keeps its source. `values` are by old id, `bends` by old target and port.
        """
        ids: dict[str, str] = {}
        with self.bulk(), ExitStack() as layers:
            for outer in _outer_first(groups):
                ids[outer.id] = self._paste_group(outer, ids.get(outer.group or "", group), offset)
                layers.enter_context(self.building(ids[outer.id]))  # a copy is as good as the layer's own
            for node in nodes:
                if node.id in ids:
                    raise EditError(f"what is pasted has the id {node.id!r} twice")
                ids[node.id] = self._paste_node(node, ids.get(node.group or "", group), offset)
            for edit in _references(self.graph, self.ports, ids):
                self.apply(edit)
            for (id, output), target, port in wires:
                if target not in ids:
                    raise EditError(f"what is pasted has a wire into {target!r}, which is no part of it")
                self.apply(SetWire(ids[target], port, None, Source(ids.get(id, id), output)))
            for id, value in (values or {}).items():
                if id not in ids:
                    raise EditError(f"what is pasted has a value for {id!r}, which is no part of it")
                self.apply(SetValues(ids[id], None, read_only(value)))
            self.copy_bends(bends or {}, ids, offset)
        return ids

    def _paste_group(self, group: Group, into: str | None, offset: tuple[float, float]) -> str:
        id = self.free_id(group.built_by.layer if group.built_by else "group" if group.note is None else "note")
        at = (group.position[0] + offset[0], group.position[1] + offset[1])
        name = self.free_name(group.name, into)
        self.apply(AddGroup(replace(group, id=id, name=name, group=into, position=at)))
        return id

    def _paste_node(self, node: Node, into: str | None, offset: tuple[float, float]) -> str:
        id = self.free_id(node.op)
        at = (node.position[0] + offset[0], node.position[1] + offset[1])
        name = self.free_name(node.name, into)
        self.apply(AddNode(Node(id, node.op, name, node.params, node.flags, into, at, node.extra)))
        return id

    def _regroup(self, item: Node | Group, group: str | None) -> None:
        """Move an item to another group, under another name where its own is taken there."""
        if item.group == group:
            return
        if self.graph.named(item.name, group) is not None:
            self.apply(Rename(item.id, item.name, self.free_name(item.name, group, item.group)))
        self.apply(SetGroup(item.id, item.group, group))


def _vacated(items: Iterable[Node | Group]) -> tuple[float, float]:
    """The place of that one of these which is nearest to their middle: as they go into a box, there is room for it."""
    places = [item.position for item in items]
    middle = [(min(each) + max(each)) / 2 for each in zip(*places, strict=True)]
    return min(places, key=lambda place: (np.hypot(place[0] - middle[0], place[1] - middle[1]), place))


def _references(graph: GraphView, ports: Ports, ids: Mapping[str, str]) -> list[SetParam]:
    """Edits that let copies which name a node by its id name the copy of that node, where it is copied along."""
    found = []
    for id in ids.values():
        node = graph.nodes.get(id)
        op = None if node is None else ports.op(node)
        name = None if op is None else op.reference
        if node is not None and name is not None and (named := str(node.params.get(name))) in ids:
            found.append(SetParam(id, name, named, ids[named]))
    return found


def _outer_first(groups: Iterable[Group]) -> list[Group]:
    known = {group.id: group for group in groups}
    sorter = TopologicalSorter({id: [group.group or ""] for id, group in known.items()})
    try:
        return [known[id] for id in sorter.static_order() if id in known]
    except CycleError as error:
        raise EditError(f"a group cannot lie within itself, {error.args[1][0]!r} does") from None
