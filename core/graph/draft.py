"""A graph in the making: one private copy, changed in place, then frozen.

A draft keeps the graph well formed (ids and names unique, wires between nodes that exist, groups a tree).
What it does not check is left to those who use it: ports of ops, and loops (`closes_loop`, or `Graph.order`
once after many wires).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from numpy.typing import NDArray

from ..errors import EditError
from .elements import FLAGS, Group, Node, Places, Source, check_name
from .view import GraphView, Members, Ports, Readers, port_key

if TYPE_CHECKING:
    from .graph import Graph

Array = NDArray[Any]

_COPY_OF = re.compile(r"(.+?)_([0-9]{1,9})")

Key = TypeVar("Key")
Inner = TypeVar("Inner", Ports, Readers, Members)


def _own(table: dict[Key, Inner], owned: set[Key], key: Key, empty: Callable[[], Inner]) -> Inner:
    """The inner dict of `table` at `key`, copied before the first write: others belong to the old graph."""
    if key not in owned:
        owned.add(key)
        table[key] = table[key].copy() if key in table else empty()
    return table[key]


class Naming(GraphView):
    """Which ids and names are taken, the next that are free, and which tables are a draft's own already."""

    def __init__(self, numbers: dict[str, int], suffixes: dict[tuple[str | None, str], int]) -> None:
        # Only shortcuts, handed on from graph to graph: below these numbers there is nothing free to find.
        self._free_numbers = dict(numbers)  # by prefix of ids
        self._free_suffixes = dict(suffixes)  # by group and stem of names
        self._free_in_all: dict[str, dict[tuple[str | None, ...], int]] = {}  # by stem and groups, of this draft only
        self._own_tables: set[str] = set()
        self._own_members: set[str | None] = set()

    def free_id(self, prefix: str) -> str:
        """`prefix` and the smallest number that gives an id not in use."""
        number = self._free_numbers.get(prefix, 0)
        while (id := f"{prefix}{number}") in self.nodes or id in self.groups:
            number += 1
        self._free_numbers[prefix] = number
        return id

    def free_name(self, name: str, group: str | None, *also: str | None) -> str:
        """`name`, or `name_2`, `name_3` …: the first that is free in a group (and in those of `also`)."""
        places = (group, *also)
        taken = [self._members.get(place, {}) for place in places]
        if not any(name in names for names in taken):
            return name
        copy = _COPY_OF.fullmatch(name)  # a copy of relu_2 is relu_3, not relu_2_2
        stem = copy[1] if copy else name
        number = self._free_suffixes.get((group, stem), 2)
        if also:
            number = max(number, self._free_in_all.setdefault(stem, {}).get(places, 2))
        while any(f"{stem}_{number}" in names for names in taken):
            number += 1
        if also:
            self._free_in_all[stem][places] = number
        else:
            self._free_suffixes[group, stem] = number
        return f"{stem}_{number}"

    def _existing(self, group: str | None) -> str | None:
        return None if group is None else self.group(group).id

    def _check_place(self, item: Node | Group) -> None:
        check_name(item.name)
        taken = self._members.get(self._existing(item.group), {})
        if item.name in taken:
            where = "at the top" if item.group is None else f"in {self.path(item.group)}"
            free = self.free_name(item.name, item.group)
            raise EditError(f"the name {item.name!r} is taken {where}", hint=f"{free} is free", node=item.id)

    def _release_id(self, id: str) -> None:
        for end in range(len(id) - 1, max(-1, len(id) - 10), -1):
            if not id[end].isdecimal():  # what stands before it may be the prefix of log10 and of log100
                break
            free = self._free_numbers.get(id[:end])
            if free is not None:
                self._free_numbers[id[:end]] = min(free, int(id[end:]))

    def _release_name(self, name: str, group: str | None) -> None:
        copy = _COPY_OF.fullmatch(name)
        if copy is None:
            return
        stem, number = copy[1], max(2, int(copy[2]))
        if (group, stem) in self._free_suffixes:
            self._free_suffixes[group, stem] = min(self._free_suffixes[group, stem], number)
        for places, free in self._free_in_all.get(stem, {}).items():
            if group in places and not any(name in self._members.get(place, {}) for place in places if place != group):
                self._free_in_all[stem][places] = min(free, number)

    def _enter(self, item: Node | Group) -> None:
        check_name(item.id, "id")
        if item.id in self.nodes or item.id in self.groups:
            raise EditError(f"the id {item.id!r} is taken by {self.path(item.id)}", node=item.id)
        self._check_place(item)
        self._name(item)

    def _name(self, item: Node | Group) -> None:
        self._writable("_members")
        _own(self._members, self._own_members, item.group, dict)[item.name] = item.id

    def _leave(self, item: Node | Group) -> None:
        self._writable("_members")
        self._release_name(item.name, item.group)
        del _own(self._members, self._own_members, item.group, dict)[item.name]

    def _writable(self, *tables: str) -> None:
        """Copy these tables before the first write: until then they are the old graph's."""
        for table in tables:
            if table not in self._own_tables:
                self._own_tables.add(table)
                setattr(self, table, getattr(self, table).copy())


class Bending(Naming):
    """The bends of wires, for `Draft`."""

    def set_bends(self, target: str, port: str, points: Places) -> None:
        """Say which points the wire into a port is drawn through, in order from its source."""
        if points and self.fed(target, port) is None:
            raise EditError(f"there is no wire into {self.path(target)}.{port} to bend", node=target, port=port)
        self._writable("_bends")
        self._bends.pop((target, port), None)
        if points:
            self._bends[target, port] = points


class Draft(Bending):
    """A private copy of a graph that can be changed; `values` are the document's arrays by node id.

    `freeze` hands everything over to the new graph; the draft must not be used after it.
    """

    nodes: dict[str, Node]
    groups: dict[str, Group]

    def __init__(self, graph: Graph, values: Mapping[str, Array] | None = None) -> None:
        super().__init__(graph._free_numbers, graph._free_suffixes)
        self._base = graph
        self.nodes = graph._nodes
        self.groups = graph._groups
        self.training = graph.training
        self.dtype = graph.dtype
        self.extra = graph.extra
        self.values: dict[str, Array] = dict(values or {})
        self.wire_count = graph.wire_count
        self._inputs = graph._inputs
        self._consumers = graph._consumers
        self._members = graph._members
        self._bends = graph._bends
        self._own_inputs: set[str] = set()
        self._own_consumers: set[str] = set()
        self._touched: set[str] = set()  # nodes that may compute something else now
        self._rewired = False  # whether the topological order may be another
        self.unchecked: list[tuple[str, str]] | None = None  # see loops.checking_once

    # --- nodes and groups

    def add_node(self, node: Node) -> None:
        """Add a node without wires; EditError if its id or name is taken or not allowed."""
        check_name(node.op, "op's name")
        _check_flags(node)
        self._writable("nodes")
        self._enter(node)
        self.nodes[node.id] = node
        self._touched.add(node.id)
        self._rewired = True

    def add_group(self, group: Group) -> None:
        """Add an empty group."""
        self._writable("groups")
        self._enter(group)
        self.groups[group.id] = group

    def remove_node(self, id: str) -> None:
        """Remove a node that has neither wires nor a value left."""
        node = self.node(id)
        wired = bool(self._inputs.get(id) or self._consumers.get(id))
        if wired or id in self.values:
            what = "wires" if wired else "a value"
            raise EditError(f"a node is removed after its wires and value, {self.path(id)} still has {what}")
        self._writable("nodes", "_inputs", "_consumers")
        self._leave(node)
        del self.nodes[id]
        for table, owned in ((self._inputs, self._own_inputs), (self._consumers, self._own_consumers)):
            table.pop(id, None)
            owned.discard(id)
        self._release_id(id)
        self._touched.add(id)
        self._rewired = True

    def remove_group(self, id: str) -> None:
        """Remove a group that holds nothing any more."""
        group = self.group(id)
        if self._members.get(id):
            raise EditError(f"a group is removed when it is empty, {self.path(id)} is not")
        self._writable("groups")
        self._leave(group)
        del self.groups[id]
        self._members.pop(id, None)  # writable since it left the group around it
        self._own_members.discard(id)
        self._release_id(id)

    def update(self, id: str, **changes: Any) -> None:
        """Give other fields to a node or group, as `dataclasses.replace` does."""
        old = self.item(id)
        new = replace(old, **changes)
        if isinstance(new, Node):
            _check_flags(new)
        if (new.name, new.group) != (old.name, old.group):
            if isinstance(old, Group) and id in self.chain(self._existing(new.group)):
                raise EditError(f"a group cannot lie within itself, {self.path(id)} would")
            self._check_place(new)
            self._name(new)
            self._leave(old)  # after it, so that a name that only goes to another group is never free in both
        if isinstance(new, Group):
            self._writable("groups")
            self.groups[id] = new
            return
        self._writable("nodes")
        self.nodes[id] = new
        if "params" in changes or "flags" in changes:
            self._touched.add(id)

    # --- wires

    def set_wire(self, target: str, port: str, source: Source | None) -> None:
        """Put a value on a port in place of what was there; None leaves the port free."""
        self.node(target)
        if source is not None:
            self.node(source.node)
        if source is None and (target, port) in self._bends:
            raise EditError(f"a wire is removed after its bends, that into {self.path(target)}.{port} still has some")
        self._writable("_inputs", "_consumers")
        ports = _own(self._inputs, self._own_inputs, target, dict)
        old = ports.pop(port, None)
        self.wire_count += (source is not None) - (old is not None)
        if old is not None:
            del _own(self._consumers, self._own_consumers, old.node, dict)[target, port]
        if source is not None:
            ports[port] = source
            _own(self._consumers, self._own_consumers, source.node, dict)[target, port] = source
        self._touched.add(target)
        self._rewired = True

    # --- the end

    def freeze(self) -> Graph:
        """The graph as it stands now; what the edits did not reach is carried over, not computed again."""
        base, graph = self._base, type(self._base)()
        for id in self._own_inputs:
            ports = self._inputs[id]
            if len(ports) > 1:  # so that the order of ports does not tell the order of edits
                self._inputs[id] = {port: ports[port] for port in sorted(ports, key=port_key)}
        graph._nodes, graph._groups = self.nodes, self.groups
        graph.nodes, graph.groups = MappingProxyType(self.nodes), MappingProxyType(self.groups)
        graph.training, graph.dtype, graph.extra = self.training, self.dtype, self.extra
        graph._inputs, graph._consumers, graph._members = self._inputs, self._consumers, self._members
        graph.wire_count = self.wire_count
        graph._bends = self._bends
        graph._free_numbers, graph._free_suffixes = self._free_numbers, self._free_suffixes
        graph._order = None if self._rewired else base._order
        graph._fingerprints = self._kept_fingerprints()
        return graph

    def _kept_fingerprints(self) -> dict[str, str]:
        """The old graph's fingerprints without those downstream of an edit."""
        if not self._touched or not self._base._fingerprints:
            return self._base._fingerprints if not self._touched else {}
        kept = self._base._fingerprints.copy()
        waiting = list(self._touched)
        while waiting:
            id = waiting.pop()
            # A node is hashed after all it depends on: below one that is not in the memo none is.
            if kept.pop(id, None) is not None:
                waiting.extend(target for target, _ in self._consumers.get(id, {}))
        return kept


def _check_flags(node: Node) -> None:
    if not node.flags <= FLAGS:
        unknown = node.flags - FLAGS
        found = ", ".join(sorted(map(repr, unknown)))
        raise EditError(f"there is no flag {found}", hint=f"flags: {', '.join(sorted(FLAGS))}", node=node.id)
