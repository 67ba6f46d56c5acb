"""The lines of what a change adds: nodes with what feeds them, layers, groups, notes."""

from __future__ import annotations

import inspect
import math
import re
from typing import Any

from ...graph import Graph, Group, Node, Source, boundary
from ...graph.elements import natural_key, same
from ...graph.normal_form import canonical
from ...layers import LAYERS
from ..editing import Editing
from ..finding import outputs
from ..makers import LAYER
from .comparing import outermost
from .draft import Drafted
from .spelling import Output, Thing, place

_ARGUMENTS = frozenset(inspect.signature(Editing.add).parameters)  # of `add`, which nothing else can be called there


_COPY = re.compile("(.*)_[0-9]+")
TRIED = 8  # of what a copy may be of, the nearest


class Unsaid(Exception):  # noqa: N818 - no error: the change is told as data
    """There are no names for this change."""


class Waits(Exception):  # noqa: N818 - no error: told again when other lines are made
    """What a line needs is not there yet."""


def output(drafted: Drafted, source: Source, target: str | None) -> Output:
    """A value as a line names it: by the outermost group from which it alone comes, unless `target`, a node or group
    of the draft, lies within; by its name where a node has several.
    """
    view, registry = drafted.t.graph, drafted.workspace.registry
    here = Source(drafted.here(source.node), source.output)
    inside = set() if target is None else set(view.chain(target if target in view.groups else view.node(target).group))
    for group in reversed(view.chain(view.node(here.node).group)):
        if group not in inside and outputs(view, registry, group) == [here]:
            return Output(drafted.back(group), "")
    several = len(outputs(view, registry, here.node)) != 1
    return Output(source.node, source.output if several else "")


def add_node(drafted: Drafted, after: Graph, node: Node, is_there: Any) -> None:
    """`relu1 = add("relu", at=(240, 0), x="fc1")`."""
    op = drafted.workspace.registry.get(node.op)
    if op is None or (node.group is not None and not is_there(node.group)):
        raise Waits
    into = None if node.group is None else drafted.here(node.group)
    fed = {
        port: output(drafted, source, into)
        for port, source in after.inputs(node.id).items()
        if is_there(source.node) and port not in _ARGUMENTS and port.isidentifier()
    }
    given: dict[str, Any] = {}
    for name, value in node.params.items():
        if name == op.reference and value:
            if not is_there(str(value)):
                raise Waits
            given[name] = Thing(str(value))
        elif name not in _ARGUMENTS and name not in fed:
            given[name] = value
    called, where = _where(drafted, node, node.op)
    drafted.call("add", node.op, *called, **where, **fed, **given, makes=node.id)
    rest = {name: value for name, value in node.params.items() if name not in given}
    if rest:
        drafted.set(node.id, **rest)


def add_group(drafted: Drafted, after: Graph, group: Group, is_there: Any) -> None:
    """A layer, a note, a group around what is there, or an empty one."""
    if group.group is not None and not is_there(group.group):
        raise Waits
    if group.built_by is not None and LAYERS.get(group.built_by.layer) is not None:
        _add_layer(drafted, after, group, is_there)
    elif after.is_note(group.id):
        name, where = _where(drafted, group, "note")
        drafted.call("note", group.note, **where, makes=group.id)
        if name:
            drafted.assign(group.id, "name", group.name)
    else:
        _add_frame(drafted, after, group, is_there)


def _add_frame(drafted: Drafted, after: Graph, group: Group, is_there: Any) -> None:
    name, where = _where(drafted, group, "group")
    named = dict(zip(("name",), name, strict=False))
    held = [Thing(id) for id in after.members(group.id).values() if is_there(id)]
    if held:
        drafted.call("group", *held, **named, makes=group.id)
    else:
        drafted.call("group", **named, **where, makes=group.id)


def _add_layer(drafted: Drafted, after: Graph, group: Group, is_there: Any) -> None:
    assert group.built_by is not None
    layer = LAYERS.get(group.built_by.layer)
    assert layer is not None
    params = group.built_by.params
    usual = {name: each.default for name, each in layer.parameters.items() if each.has_default}
    given = {name: value for name, value in params.items() if name not in usual or not same(value, usual[name])}
    into = None if group.group is None else drafted.here(group.group)
    sources = {wire.source for wire in boundary(after, group.id)[0] if is_there(wire.source.node)}
    x = {"x": output(drafted, sources.pop(), into)} if len(sources) == 1 else {}
    what = f"{LAYER}{layer.name}" if drafted.workspace.registry.get(layer.name) is not None else layer.name
    name, where = _where(drafted, group, layer.name)
    drafted.call("add", what, *name, **where, **x, **given, makes=group.id)
    _find_within(drafted, after, group.id)


def copy(drafted: Drafted, before: Graph, after: Graph, new: set[str]) -> bool:
    """`relu2 = duplicate("relu")`, where all that is new lies beside what it is a copy of."""
    roots = outermost(after, sorted(new, key=natural_key))
    originals = _originals(before, after, roots)
    if not originals:
        return False
    first, at = before.item(originals[0]).position, after.item(roots[0]).position
    by = place((at[0] - first[0], at[1] - first[1]))
    inputs = any(source.node not in new for id in new if id in after.nodes for source in after.inputs(id).values())
    more = {"inputs": True} if inputs else {}
    drafted.call("duplicate", *map(Thing, originals), by=by, **more, makes=roots)
    for id in roots:
        if id in after.groups:
            _find_within(drafted, after, id)
    return True


def _originals(before: Graph, after: Graph, roots: list[str]) -> list[str]:
    """What each is a copy of: alike, of its name, and all as far from their copies; nothing where that is not so."""
    known: dict[Any, dict[tuple[float, ...], str]] = {}
    for group in {after.item(id).group for id in roots}:
        for name, id in before.members(group).items():
            item = before.item(id)
            for called in {name, _stem(name)}:
                known.setdefault((group, called, _kind(item)), {}).setdefault(_moved(item.position), id)
    copies = [after.item(id) for id in roots]
    among = [known.get((copy.group, _stem(copy.name), _kind(copy)), {}) for copy in copies]
    if not roots or not all(_COPY.fullmatch(copy.name) for copy in copies):
        return []
    for at in sorted(among[0], key=lambda at: math.dist(at, copies[0].position))[:TRIED]:
        by = at[0] - copies[0].position[0], at[1] - copies[0].position[1]
        found = [each.get(_moved(copy.position, by)) for each, copy in zip(among, copies, strict=True)]
        if None not in found:
            return [str(id) for id in found]
    return []


def _moved(at: tuple[float, float], by: tuple[float, float] = (0.0, 0.0)) -> tuple[float, ...]:
    """A place so far away, as one compares it."""
    return tuple(round(each + more, 3) for each, more in zip(at, by, strict=True))


def _stem(name: str) -> str:
    found = _COPY.fullmatch(name)
    return name if found is None else found[1]


def _kind(item: Node | Group) -> Any:
    return (item.op, canonical(item.params)) if isinstance(item, Node) else (item.note, canonical(item.built_by))


def _find_within(drafted: Drafted, after: Graph, group: str) -> None:
    """Note of all that a layer has built what it is here, by its name."""
    waiting = [group]
    for outer in waiting:
        here = drafted.here(outer)
        for name, id in after.members(outer).items():
            found = drafted.t.graph.named(name, here)
            if found is not None:
                drafted.call_it(id, found)
                if id in after.groups:
                    waiting.append(id)


def _where(drafted: Drafted, item: Node | Group, prefix: str) -> tuple[list[str], dict[str, Any]]:
    """The name, where it would be another without; place and group."""
    into = None if item.group is None else drafted.here(item.group)
    usual = drafted.t.free_name(prefix, into)
    if item.name != usual and drafted.t.graph.named(item.name, into) is not None:
        raise Waits
    where: dict[str, Any] = {"at": place(item.position)}
    if item.group is not None:
        where["within"] = Thing(item.group)
    return [] if item.name == usual else [item.name], where
