"""What can be read of a graph: of a finished `Graph` and of a `Draft` in the making alike.

Nothing here recurses, so that a chain of 100,000 nodes is as good as any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias

from ..errors import EditError
from ..parameters import shown
from .elements import Group, Node, Places, Source, Training, Wire, natural_key, near_misses

Ports: TypeAlias = dict[str, Source]  # port -> what feeds it
Readers: TypeAlias = dict[tuple[str, str], Source]  # (target, port) -> which output it reads
Members: TypeAlias = dict[str, str]  # name -> id, of one group
Bends: TypeAlias = dict[tuple[str, str], Places]  # (target, port) -> what its wire passes, in order from its source

port_key = lru_cache(natural_key)  # ports are few and asked for often


def _wire_key(wire: Wire) -> tuple[str, str]:
    return natural_key(wire.target), port_key(wire.port)


class Drawn:
    """What of a graph is only drawn."""

    groups: Mapping[str, Group]
    _members: dict[str | None, Members]
    _bends: Bends

    @property
    def bends(self) -> Mapping[tuple[str, str], Places]:
        """(target, port) -> the points that its wire is drawn through, from its source on; most wires have none."""
        return MappingProxyType(self._bends)

    def is_note(self, id: str) -> bool:
        """Whether a group is only a text: it has a note and holds nothing."""
        group = self.groups.get(id)
        return group is not None and group.note is not None and not self._members.get(id)


class GraphView(Drawn):
    """What can be read of a graph. Ids are those of nodes where not said otherwise.

    The order of `nodes` and `groups` has no meaning: it depends on the order of edits. Use `Graph.order()`.
    """

    nodes: Mapping[str, Node]
    training: Training | None
    dtype: str
    extra: Mapping[str, Any]
    wire_count: int  # counted along, since it is told after each edit
    _inputs: dict[str, Ports]
    _consumers: dict[str, Readers]

    def node(self, id: str) -> Node:
        """The node with this id; EditError with near misses if there is none."""
        node = self.nodes.get(id)
        if node is None:
            raise EditError(f"there is no node {id!r}", hint=near_misses(str(id), self.nodes))
        return node

    def group(self, id: str) -> Group:
        """The group with this id; EditError with near misses if there is none."""
        group = self.groups.get(id)
        if group is None:
            raise EditError(f"there is no group {id!r}", hint=near_misses(str(id), self.groups))
        return group

    def item(self, id: str) -> Node | Group:
        """The node or group with this id; EditError with near misses if there is none."""
        item = self.nodes.get(id) or self.groups.get(id)
        if item is None:
            near = near_misses(str(id), (*self.groups, *self.nodes))
            raise EditError(f"there is no node or group {id!r}", hint=near)
        return item

    def inputs(self, id: str) -> Mapping[str, Source]:
        """What feeds a node's ports; ports without a wire are absent."""
        self.node(id)
        return dict(self._inputs.get(id, {}))

    def fed(self, id: str, port: str) -> Source | None:
        """What feeds one port of a node, None where there is no wire."""
        self.node(id)
        ports = self._inputs.get(id)
        return ports.get(port) if ports else None

    def consumers(self, id: str) -> tuple[Wire, ...]:
        """The wires that leave a node, in canonical order: by target, then port."""
        self.node(id)
        readers = self._consumers.get(id, {})
        wires = [Wire(source, target, port) for (target, port), source in readers.items()]
        return tuple(sorted(wires, key=_wire_key) if len(wires) > 1 else wires)

    def wires(self) -> Iterator[Wire]:
        """All wires in canonical order: by target, then port."""
        for target in sorted(self._inputs, key=natural_key):
            ports = self._inputs[target]
            for port in sorted(ports, key=port_key):
                yield Wire(ports[port], target, port)

    def chain(self, id: str | None) -> list[str]:
        """The groups that a group lies in, itself first, the outermost last; empty for None."""
        chain = []
        while id is not None:
            chain.append(id)
            id = self.groups[id].group
        return chain

    def members(self, group: str | None) -> Mapping[str, str]:
        """Name -> id of the nodes and groups that lie directly in a group, or at the top for None."""
        return dict(self._members.get(group, {}))

    def named(self, name: str, group: str | None) -> str | None:
        """The id of the node or group that bears a name directly in a group, or at the top for None."""
        return self._members.get(group, {}).get(name)

    def interior(self, group: str) -> tuple[list[str], list[str]]:
        """The ids of nodes and of groups at any depth in a group; outer groups first, itself not included."""
        nodes: list[str] = []
        groups = [self.group(group).id]
        for outer in groups:  # grows while it is read
            for member in self._members.get(outer, {}).values():
                (groups if member in self.groups else nodes).append(member)
        return nodes, groups[1:]

    def path(self, id: str) -> str:
        """The names from the outermost group down to a node or group: `block1/relu`."""
        item = self.item(id)
        names = [item.name, *(self.groups[group].name for group in self.chain(item.group))]
        return "/".join(reversed(names))

    def called(self, id: str) -> str:
        """The path of a node or group; of one that is not there, its id."""
        return self.path(id) if id in self.nodes or id in self.groups else id

    def resolve(self, text: str) -> str:
        """The id of the node that `text` means: by its path, else by its id, else by a unique name."""
        found = at_path(self, text)
        if found is not None and found in self.nodes:
            return found
        if text in self.nodes:
            return text
        if found is not None:
            raise EditError(f"{text!r} is a group, a node is wanted", hint="a node in it is GROUP/NODE")
        named = [id for id, node in self.nodes.items() if node.name == text]
        if len(named) == 1:
            return named[0]
        if named:
            paths = sorted(self.path(id) for id in named)[:5]
            raise EditError(f"{len(named)} nodes are called {text!r}", hint=f"say which: {', '.join(paths)}")
        candidates = dict.fromkeys(form for id in self.nodes for form in (self.path(id), id))
        raise EditError(f"there is no node {text!r}", hint=near_misses(text, candidates))

    def resolve_source(self, text: str, groups: bool = False) -> Source:
        """The value that `data.x` means; for a node alone the output is "": its first visible one.

        With `groups` a group means its one result. Raises `EditError`, for a group of several results too.
        """
        if not isinstance(text, str):
            raise EditError(f"a value is named by a text, got {shown(text)}", hint="as in 'relu' or 'data.x'")
        node, _, output = text.partition(".")
        return _result(self, node) if groups and not output else Source(self.resolve(node), output)

    def sources(self, id: str) -> list[str]:
        """The nodes that feed a node, one for each wire."""
        return [node for node, _ in self._inputs.get(id, {}).values()]

    def targets(self, id: str) -> list[str]:
        """The nodes that a node feeds, one for each wire."""
        return [target for target, _ in self._consumers.get(id, {})]

    def ancestors(self, ids: Iterable[str]) -> set[str]:
        """The nodes that the given ones depend on, with the given ones."""
        return self._reach(ids, self.sources)

    def descendants(self, ids: Iterable[str]) -> set[str]:
        """The nodes that depend on the given ones, with the given ones."""
        return self._reach(ids, self.targets)

    def _reach(self, ids: Iterable[str], neighbours: Callable[[str], Iterable[str]]) -> set[str]:
        waiting = [self.node(id).id for id in ((ids,) if isinstance(ids, str) else ids)]
        reached = set(waiting)
        while waiting:
            for id in neighbours(waiting.pop()):
                if id not in reached:
                    reached.add(id)
                    waiting.append(id)
        return reached


def at_path(graph: GraphView, path: str) -> str | None:
    """The id of the node or group at a path, None where there is none."""
    found: str | None = None
    for name in path.split("/"):
        found = graph.named(name, found)
        if found is None:
            break
    return found


def _result(graph: GraphView, text: str) -> Source:
    """The first value of a node, or the one value that goes out of a group, or where nothing does, that none reads."""
    group = None if text in graph.nodes else at_path(graph, text)
    if group is None or group not in graph.groups:
        return Source(graph.resolve(text), "")
    inside = graph.interior(group)[0]
    out = dict.fromkeys(wire.source for wire in boundary(graph, group)[1])
    found = list(out) or [Source(id, "") for id in inside if not graph.consumers(id)]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(sorted(f"{graph.path(node)}.{output}".rstrip(".") for node, output in found)[:5])
    raise EditError(f"the group {graph.path(group)!r} has {len(found)} results, one is wanted", hint=shown or None)


def boundary(graph: GraphView, group: str) -> tuple[list[Wire], list[Wire]]:
    """The wires that enter and that leave a group, in canonical order."""
    inside = set(graph.interior(group)[0])
    inputs = [
        Wire(source, id, port)
        for id in inside
        for port, source in graph.inputs(id).items()
        if source.node not in inside
    ]
    outputs = [wire for id in inside for wire in graph.consumers(id) if wire.target not in inside]
    return sorted(inputs, key=_wire_key), sorted(outputs, key=_wire_key)
