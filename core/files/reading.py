"""A graph from the JSON value of a `.gw` file; whatever is wrong with it is one line that says where."""

from __future__ import annotations

from typing import Any, NoReturn

from ..errors import FileError, GradwireError, GraphFileError
from ..graph import Graph
from ..graph.draft import Draft
from ..graph.elements import (
    DTYPES,
    EMPTY,
    ORIGIN,
    BuiltBy,
    Group,
    Node,
    Source,
    Training,
    check_name,
    frozen,
    near_misses,
)
from .strict_json import describe, shorten
from .writing import DEFAULT_OUTPUT, SECTIONS, check_training

_NUMBERS = (int, float)
_NO_FLAGS: frozenset[str] = frozenset()

Inputs = dict[str, Any]  # port -> text of a source, as the file says it


def read_graph(data: dict[str, Any], name: str) -> Graph:
    """The graph that the JSON value of a `.gw` file says; `name` says in messages where it comes from.

    `data` is used up. Raises FileError, with the node where there is one: a value of the wrong form, a name
    that is not allowed or taken, a wire from a node or a group that is not there, a loop.
    """
    try:
        return _graph(data)
    except GradwireError as error:
        message = f"{name}: {shorten(error.message, 400)}"
        hint = error.hint and shorten(error.hint, 200)
        kind = GraphFileError if isinstance(error, GraphFileError) else FileError
        raise kind(message, hint=hint, node=error.node, port=error.port) from None


def _graph(data: dict[str, Any]) -> Graph:
    draft = Draft(Graph())
    if "nodes" not in data:
        raise FileError('"nodes" is required, found none', hint='an empty graph says "nodes": {}')
    layout = _take(data, "layout")
    node_places, group_places = _take(layout, "nodes"), _take(layout, "groups")
    _add_groups(draft, _take(data, "groups"), group_places)
    _add_wires(draft, _add_nodes(draft, _take(data, "nodes"), node_places))
    draft.training = _training(data.pop("training", None))
    draft.dtype = data.pop("dtype", DTYPES[0])
    if draft.dtype not in DTYPES:
        raise FileError(f'"dtype" must be {" or ".join(DTYPES)}, found {describe(draft.dtype)}')
    rest = {key: value for key, value in data.items() if key not in SECTIONS}
    draft.extra = frozen(rest | ({"layout": layout} if layout else {}))
    graph = draft.freeze()
    try:
        graph.order()  # refuses a loop; every use of the graph asks for it next
    except GradwireError as error:
        raise GraphFileError(error.message, hint=error.hint) from None
    return graph


def _take(data: dict[str, Any], key: str) -> dict[str, Any]:
    """An object out of `data`, empty where it is not there."""
    if key not in data:
        return {}
    value = data.pop(key)
    if type(value) is not dict:
        raise FileError(f'"{key}" must be an object, found {describe(value)}')
    return value


# --- nodes and wires


def _add_nodes(draft: Draft, nodes: dict[str, Any], places: dict[str, Any]) -> list[tuple[str, Inputs]]:
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
            position = _place(places[id]) if id in places else ORIGIN
            draft.add_node(Node(id, op, name, params, flags, group, position, data or EMPTY))
        except GradwireError as error:
            _refuse_item("node", id, error)
        if inputs:
            wires.append((id, inputs))
    return wires


def _refuse_item(what: str, id: str, error: GradwireError) -> NoReturn:
    message = f"{what} {shorten(repr(id))}: {error.message}"
    raise FileError(message, hint=error.hint, node=id, port=error.port) from None


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


def _add_wires(draft: Draft, wires: list[tuple[str, Inputs]]) -> None:
    checked: set[str] = set()
    nodes = draft.nodes
    for target, inputs in wires:
        for port, text in inputs.items():
            if type(text) is not str:
                _refuse_wire(target, port, f"must be fed by a text, found {describe(text)}", 'as in "relu0"')
            node, dot, output = text.partition(".")
            if node not in nodes:
                message = f"reads from {shorten(repr(node))}, which is no node"
                _refuse_wire(target, port, message, near_misses(node[:100], nodes), "dangling wire: ")
            if not dot:
                output = DEFAULT_OUTPUT
            for name, what in ((port, "port's name"), (output, "output's name")):
                if name not in checked:
                    try:
                        checked.add(check_name(name, what))
                    except GradwireError as error:
                        _refuse_item("node", target, error)
            draft.set_wire(target, port, Source(node, output))


def _refuse_wire(target: str, port: str, message: str, hint: str | None, kind: str = "") -> NoReturn:
    where = f"{shorten(target)}.{shorten(port)}"
    refusal = GraphFileError if kind else FileError
    raise refusal(f"{kind}{where} {message}", hint=hint, node=target, port=port)


# --- groups


def _add_groups(draft: Draft, groups: dict[str, Any], places: dict[str, Any]) -> None:
    """Add all groups, outer ones first whatever their order in the file."""
    for id in groups:
        inward: dict[str, Any] = {}  # a group and those around it, as far as they are still to be added
        outer: str | None = id
        while outer is not None and outer in groups and outer not in draft.groups:
            if outer in inward:
                loop = " -> ".join([*list(inward)[list(inward).index(outer) :], outer])
                raise FileError(f"groups must lie in one another without a circle, found {loop}")
            inward[outer] = data = groups[outer]
            if type(data) is not dict:
                _refuse_item("group", outer, FileError(f"an object is required, found {describe(data)}"))
            parent = data.get("group")
            outer = parent if type(parent) is str else None
        for outer in reversed(inward):
            try:
                draft.add_group(_group(outer, inward[outer], places))
            except GradwireError as error:
                _refuse_item("group", outer, error)


def _group(id: str, data: dict[str, Any], places: dict[str, Any]) -> Group:
    collapsed = data.pop("collapsed", False)
    if type(collapsed) is not bool:
        raise FileError(f'"collapsed" must be true or false, found {describe(collapsed)}')
    name, parent = data.pop("name", id), _text_or_none(data, "group")
    built_by = _built_by(data.pop("built_by", None))
    position = _place(places[id]) if id in places else ORIGIN
    return Group(id, name, parent, built_by, collapsed, position, data or EMPTY)


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
