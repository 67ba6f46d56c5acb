"""A graph from the JSON value of a `.gw` file; each thing that is wrong with it is one line that says where."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable
from functools import partial
from typing import Any

from ..errors import FileError, GradwireError, GraphFileError, Refusals
from ..graph import Graph
from ..graph.draft import Draft
from ..graph.elements import DTYPES, ORIGIN, BuiltBy, Group, Node, Source, Training, check_name, near_misses, place
from ..graph.loops import knots
from ..graph.normal_form import EMPTY, frozen
from .faults import Faults, named, of_item, of_wire
from .strict_json import describe, shorten
from .writing import DEFAULT_OUTPUT, SECTIONS, check_training

MOST_LOST = 3  # places of what is not there that are told one by one
_NUMBERS = (int, float)
_NO_FLAGS: frozenset[str] = frozenset()

Inputs = dict[str, Any]  # port -> text of a source, as the file says it


def read_graph(data: dict[str, Any], name: str, tell: Callable[[str], None] = lambda line: None) -> Graph:
    """The graph that the JSON value of a `.gw` file says; `name` says in messages where it comes from.

    What is passed over goes to `tell`, a line each: places of what is not there.

    `data` is used up. Raises FileError, with the node where there is one: a value of the wrong form, a name
    that is not allowed or taken, a group that is not there. Raises GraphFileError where nothing of that kind is
    wrong, but a wire comes from a node that is not there, or closes a loop.
    """
    faults = Faults()
    try:
        graph = _graph(data, faults, tell)
    except GradwireError as error:
        raise named(name, error, FileError) from None
    faults.raise_any(name, graph)
    return graph


def _graph(data: dict[str, Any], faults: Faults, tell: Callable[[str], None]) -> Graph:
    """The graph without what goes to `faults`. Raises FileError where a whole section is not there."""
    draft = Draft(Graph())
    if "nodes" not in data:
        raise FileError('"nodes" is required, found none', hint='an empty graph says "nodes": {}')
    layout = _take(data, "layout")
    node_places, group_places = _take(layout, "nodes"), _take(layout, "groups")
    bends = _take(layout, "wires")
    groups, nodes = _take(data, "groups"), _take(data, "nodes")
    for kind, places, there in (("node", node_places, nodes), ("group", group_places, groups)):
        for id in sorted(places.keys() - there.keys())[:MOST_LOST]:
            near = near_misses(id[:100], there)
            tell(f"layout: there is no {kind} {shorten(repr(id))}" + (f" ({near})" if near else ""))
        if (more := len(places.keys() - there.keys()) - MOST_LOST) > 0:
            tell(f"layout: there is no {kind} for {more:,} more of its places")
    _add_groups(draft, groups, group_places, faults.values)
    wires = _add_nodes(draft, nodes, node_places, groups, faults.values)
    _add_wires(draft, wires, nodes, faults)
    _add_bends(draft, bends, faults.values)
    with faults.values.gathering():
        draft.training = _training(data.pop("training", None))
    with faults.values.gathering():
        draft.dtype = _dtype(data.pop("dtype", DTYPES[0]))
    with faults.values.gathering():
        _check_lesson(data)
        rest = {key: value for key, value in data.items() if key not in SECTIONS}
        draft.extra = frozen(rest | ({"layout": layout} if layout else {}))
    graph = draft.freeze()
    try:
        graph.order()  # refuses a loop; every use of the graph asks for it next
    except GradwireError as error:
        faults.wires.add(error)
        return _without_loops(graph)
    return graph


def _take(data: dict[str, Any], key: str) -> dict[str, Any]:
    """An object out of `data`, empty where it is not there."""
    if key not in data:
        return {}
    value = data.pop(key)
    if type(value) is not dict:
        raise FileError(f'"{key}" must be an object, found {describe(value)}')
    return value


def _check_lesson(data: dict[str, Any]) -> None:
    """Whether the graph is a lesson it says itself: so a copy of one, under whatever name, is one too."""
    lesson = data.get("lesson", False)
    if type(lesson) is not bool:
        raise FileError(f'"lesson" must be true or false, found {describe(lesson)}')


def _dtype(dtype: Any) -> str:
    if dtype not in DTYPES:
        raise FileError(f'"dtype" must be {" or ".join(DTYPES)}, found {describe(dtype)}')
    return str(dtype)


# --- nodes and wires


def _add_nodes(
    draft: Draft, nodes: dict[str, Any], places: dict[str, Any], groups: Container[str], faults: Refusals
) -> list[tuple[str, Inputs]]:
    """Add all nodes and give the inputs of each: a wire may come from a node that stands further down."""
    wires = []
    for id, data in nodes.items():
        try:
            if type(data) is not dict:
                raise FileError(f"an object is required, found {describe(data)}")
            op = data.pop("op", None)
            if type(op) is not str:
                raise FileError(f'"op" must be a text, found {describe(op)}', hint='as in "op": "relu"')
            inputs = _take(data, "inputs")
            params = _take(data, "params") if "params" in data else EMPTY
            flags = _flags(data.pop("flags")) if "flags" in data else _NO_FLAGS
            name = data.pop("name", id)
            group = _text_or_none(data, "group") if "group" in data else None
            if group in groups and group not in draft.groups:
                continue  # the group has a fault of its own
            position = _place(places[id]) if id in places else ORIGIN
            draft.add_node(Node(id, op, name, params, flags, group, position, data or EMPTY))
        except GradwireError as error:
            faults.add(of_item("node", id, error))
            continue
        if inputs:
            wires.append((id, inputs))
    return wires


def _flags(flags: Any) -> frozenset[str]:
    if type(flags) is not list or not all(type(flag) is str for flag in flags):
        raise FileError(f'"flags" must be a list of texts, found {describe(flags)}', hint='as in ["freeze"]')
    return frozenset(flags)


def _text_or_none(data: dict[str, Any], key: str) -> str | None:
    value = data.pop(key, None)
    if value is not None and type(value) is not str:
        raise FileError(f'"{key}" must be a text, found {describe(value)}')
    return value


def _place(value: Any) -> tuple[float, float]:
    """Two numbers; whether they are finite is looked at by the node."""
    if type(value) is list and len(value) == 2:
        x, y = value
        if type(x) in _NUMBERS and type(y) in _NUMBERS:
            return x, y
    raise FileError(f"its layout must be two numbers, found {describe(value)}", hint="as in [120, 40]")


def _add_wires(draft: Draft, wires: list[tuple[str, Inputs]], ids: Collection[str], faults: Faults) -> None:
    """Add the wires of all nodes; `ids` are those of the file, of which some may have a fault of their own."""
    checked: set[str] = set()
    lost = None
    for target, inputs in wires:
        for port, text in inputs.items():
            if type(text) is not str:
                message = f"must be fed by a text, found {describe(text)}"
                faults.values.add(of_wire(target, port, message, 'as in "relu0"'))
                continue
            node, dot, output = text.partition(".")
            if not dot:
                output = DEFAULT_OUTPUT
            if not {port, output} <= checked:
                try:
                    checked |= {check_name(port, "port's name"), check_name(output, "output's name")}
                except GradwireError as error:
                    faults.values.add(of_item("node", target, error))
                    continue
            if node not in ids:
                faults.wires.add_made(partial(_dangling, target, port, node, ids))
                node = lost = lost or _lost(draft)
            if node in draft.nodes:
                draft.set_wire(target, port, Source(node, output))


def _add_bends(draft: Draft, bends: dict[str, Any], faults: Refusals) -> None:
    """Bend wires. One that is not there is passed over: a program that does not know of bends may have removed it."""
    for wire, points in bends.items():
        target, _, port = wire.partition(".")
        try:
            if type(points) is not list:
                message = f"its layout must be a list of points, found {describe(points)}"
                raise FileError(message, hint="as in [[0, 40]]")
            places = tuple(place(_place(point)) for point in points)
            if target in draft.nodes and draft.fed(target, port) is not None:
                draft.set_bends(target, port, places)
        except GradwireError as error:
            faults.add(of_item("wire", wire, error))


def _dangling(target: str, port: str, node: str, ids: Iterable[str]) -> FileError:
    message = f"reads from {shorten(repr(node))}, which is no node"
    return of_wire(target, port, message, near_misses(node[:100], ids), "dangling wire: ")


def _lost(draft: Draft) -> str:
    """Add the node from which refused wires come, so that those of their values that they feed are not judged."""
    id = draft.free_id("lost")
    draft.add_node(Node(id, GraphFileError.LOST, draft.free_name(id, None)))
    return id


def _without_loops(graph: Graph) -> Graph:
    """`graph` with the wires within each knot of loops coming from a lost node."""
    draft = graph.draft()
    lost = _lost(draft)
    for knot in knots(graph, graph.nodes):
        for id in knot:
            for port, source in graph.inputs(id).items():
                if source.node in knot:
                    draft.set_wire(id, port, Source(lost, DEFAULT_OUTPUT))
    return draft.freeze()


# --- groups


def _add_groups(draft: Draft, groups: dict[str, Any], places: dict[str, Any], faults: Refusals) -> None:
    """Add all groups, outer ones first whatever their order in the file."""
    refused: set[str] = set()
    for id in groups:
        inward: dict[str, str | None] = {}  # a group and those around it that are still to be added: what each lies in
        outer: str | None = id
        while outer in groups and outer not in draft.groups and outer not in refused:
            if outer in inward:
                loop = " -> ".join([*list(inward)[list(inward).index(outer) :], outer])
                faults.add(FileError(f"groups must lie in one another without a circle, found {loop}"))
                refused.update(inward)
                break
            data = groups[outer]
            parent = data.get("group") if type(data) is dict else None
            inward[outer] = parent if type(parent) is str else None
            outer = inward[outer]
        for inner in reversed(inward):
            if inner in refused or inward[inner] in refused:  # the one around it has a fault of its own
                refused.add(inner)
                continue
            try:
                draft.add_group(_group(inner, groups[inner], places))
            except GradwireError as error:
                faults.add(of_item("group", inner, error))
                refused.add(inner)


def _group(id: str, data: Any, places: dict[str, Any]) -> Group:
    if type(data) is not dict:
        raise FileError(f"an object is required, found {describe(data)}")
    collapsed = data.pop("collapsed", False)
    if type(collapsed) is not bool:
        raise FileError(f'"collapsed" must be true or false, found {describe(collapsed)}')
    name, parent = data.pop("name", id), _text_or_none(data, "group")
    built_by = _built_by(data.pop("built_by", None))
    position = _place(places[id]) if id in places else ORIGIN
    note = _text_or_none(data, "note")
    return Group(id, name, parent, built_by, collapsed, position, data or EMPTY, note)


def _built_by(value: Any) -> BuiltBy | None:
    if value is None:
        return None
    if not isinstance(value, dict) or type(value.get("layer")) is not str or value.keys() - {"layer", "params"}:
        hint = 'as in {"layer": "linear", "params": {"units": 10}}'
        raise FileError('"built_by" must be an object of "layer" and "params"', hint=hint)
    return BuiltBy(value["layer"], _take(value, "params"))


# --- training


def _training(data: Any) -> Training | None:
    if data is None:
        return None
    if not isinstance(data, dict):
        raise FileError(f'"training" must be an object, found {describe(data)}')
    if "loss" not in data:
        raise FileError('"training" must name its "loss", found none', hint='as in "loss": "mse0"')
    extra = check_training(data)
    settings = {key: value for key, value in data.items() if key not in extra}
    return Training(**settings, extra=extra)
