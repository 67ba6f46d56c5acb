"""What texts and handles mean in a graph: `fc1`, `block1/relu`, `fc1.y`, a value, a port."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from ..document.ports import Ports
from ..errors import EditError
from ..graph import GraphView, Source, Wire
from ..graph.elements import near_misses
from ..graph.view import at_path
from ..ops import Registry
from ..parameters import shown

Place = tuple[str, str]  # a node's id and a port


@runtime_checkable
class Named(Protocol):
    """What stands for a node or group, by its id, and for one output of a node where `_output` is not empty."""

    _id: str
    _output: str


def item(view: GraphView, what: Any) -> str:
    """The id of the node or group that is meant: by a handle, a path, an id, or a name that only one has."""
    if isinstance(what, Named):
        return view.item(what._id).id
    if not isinstance(what, str):
        raise EditError(f"a node or group is named by a text, got {shown(what)}", hint='as in "fc1" or g.fc1')
    found = at_path(view, what) or (what if what in view.nodes or what in view.groups else None)
    if found is not None:
        return found
    alike = [id for id in (*view.nodes, *view.groups) if view.item(id).name == what]
    if len(alike) == 1:
        return alike[0]
    if alike:
        hint = f"say which: {', '.join(sorted(map(view.path, alike))[:5])}"
        raise EditError(f"{len(alike)} nodes and groups are called {what!r}", hint=hint)
    known = dict.fromkeys(form for id in (*view.nodes, *view.groups) for form in (view.path(id), view.item(id).name))
    raise EditError(f"there is no node or group {what!r}", hint=near_misses(what, known))


def value(view: GraphView, registry: Registry, what: Any) -> Source:
    """The value that is meant: a node's or group's, `data.x` where there are several."""
    if isinstance(what, Source):
        return what
    named, output = what, what._output if isinstance(what, Named) else ""
    if isinstance(what, str):
        named, _, output = what.partition(".")
    id = item(view, named)
    path, found = view.path(id), outputs(view, registry, id)
    fitting = [source for source in found if output in ("", source.output)]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(f"{view.path(source.node)}.{source.output}" for source in found) or "none"
    if not fitting:
        asked = f"output {output!r}" if output else "output to take"
        raise EditError(f"{path} has no {asked}", hint=f"its outputs: {known}", node=_node(view, id))
    raise EditError(f"{path} has {len(fitting)} outputs", hint=known, node=_node(view, id))


def places(view: GraphView, registry: Registry, what: Any, port: str | None = None) -> list[Place]:
    """The ports that are meant by `relu1.x`, or by a node or group with a port beside it.

    Without a port the first free one; of a group all that it needs and that are free: a layer with two ways takes the
    same value twice.
    """
    if isinstance(what, str) and port is None:
        what, _, after = what.partition(".")
        port = after or None
    id = item(view, what)
    if id in view.nodes:
        return [(id, _free(view, registry, id) if port is None else port)]
    into = entering(view, registry, id)
    path, open_ports = view.path(id), [place for place in into if view.fed(*place) is None]
    if port is None and open_ports:
        return [place for place in open_ports if _needed(view, registry, *place)] or open_ports[:1]
    found = [place for place in into if place[1] == port]
    if len(found) == 1:
        return found
    known = ", ".join(f"{view.path(node)}.{name}" for node, name in into) or "none"
    wanted = "free port" if port is None else f"port {port!r}" if not found else f"one port {port!r}"
    raise EditError(f"{path} has no {wanted}", hint=f"its ports: {known}")


def entering(view: GraphView, registry: Registry, id: str) -> list[Place]:
    """The ports of a node, or those within a group that nothing inside feeds."""
    inside = {id} if id in view.nodes else set(view.interior(id)[0])
    return [(node, name) for node in sorted(inside) for name in _ports(view, registry, node, inside)]


def outputs(view: GraphView, registry: Registry, id: str) -> list[Source]:
    """The values that a node gives; of a group those that leave it, or else those that nothing reads."""
    if id in view.nodes:
        op = registry.get(view.node(id).op)
        if op is None:
            return sorted({wire.source for wire in view.consumers(id)})
        return [Source(id, op.outputs[i].name) for i in op.visible]
    inside = set(view.interior(id)[0])
    given = [source for node in sorted(inside) for source in outputs(view, registry, node)]
    readers = {source: [w.target for w in view.consumers(source.node) if w.source == source] for source in given}
    leaving = [source for source in given if not inside.issuperset(readers[source])]
    computed = [source for source in given if view.inputs(source.node)] or given
    return leaving or [source for source in computed if not readers[source]]


def wires_at(view: GraphView, registry: Registry, what: Any, port: str | None) -> list[Wire]:
    """The wires into a port, or all of a node or group that begin or end there."""
    named = what
    if isinstance(what, str) and port is None:
        named, _, after = what.partition(".")
        port = after or None
    id = item(view, named)
    if port is not None:
        found = places(view, registry, named, port)
        return [Wire(source, *place) for place in found if (source := view.fed(*place)) is not None]
    inside = set(view.interior(id)[0]) if id in view.groups else {id}
    into = [Wire(source, node, name) for node in sorted(inside) for name, source in view.inputs(node).items()]
    out = [wire for node in sorted(inside) for wire in view.consumers(node)]
    return [w for w in dict.fromkeys([*into, *out]) if not (w.source.node in inside and w.target in inside)]


def _ports(view: GraphView, registry: Registry, node: str, inside: set[str]) -> list[str]:
    """The ports of a node that nothing inside feeds."""
    op, fed = registry.get(view.node(node).op), view.inputs(node)
    names = list(fed) if op is None else [name for name in op.port_names(len(op.ports)) if op.has_port(name)]
    return [name for name in names if name not in fed or fed[name].node not in inside]


def _needed(view: GraphView, registry: Registry, node: str, port: str) -> bool:
    op = registry.get(view.node(node).op)
    return op is None or any(each.name == port and not each.optional for each in op.ports)


def _free(view: GraphView, registry: Registry, id: str) -> str:
    """The first port of a node without a wire."""
    return Ports(view, registry).free_port(id)


def _node(view: GraphView, id: str) -> str | None:
    return id if id in view.nodes else None
