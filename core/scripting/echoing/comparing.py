"""Whether a draft holds the graph that a change has led to, but for the ids of what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...document.edit import alike
from ...document.ports import Ports
from ...errors import EditError
from ...graph import Graph, GraphView, Group, Node
from ...graph.draft import Array
from ...graph.elements import Training, same
from ...ops import Registry
from ...training.metrics import ROLES

Here = Callable[[str], str]  # the id that something has in the draft


def same_graph(found: GraphView, wanted: Graph, here: Here, registry: Registry) -> bool:
    """Whether they are one graph."""
    if len(found.nodes) != len(wanted.nodes) or len(found.groups) != len(wanted.groups):
        return False
    nodes = all(_same_node(found, wanted, node, here, registry) for node in wanted.nodes.values())
    if not nodes or not all(_same_group(found, group, here) for group in wanted.groups.values()):
        return False
    bends = {(here(target), port): points for (target, port), points in wanted.bends.items()}
    if bends != dict(found.bends) or found.dtype != wanted.dtype or not same(found.extra, wanted.extra):
        return False
    return same_training(found, wanted.training, here, registry)


def same_training(view: GraphView, wanted: Training | None, here: Here, registry: Registry) -> bool:
    """Whether a graph is trained in the way that is wanted, however that writes the values which metrics compare."""
    found = view.training
    if found is None or wanted is None:
        return found is wanted
    ports = Ports(view, registry)

    def whole(text: str) -> str:
        """With the output."""
        try:
            return ".".join(ports.source(text))
        except EditError:  # of something that is no more
            return text

    return same(_compared(found, whole), _compared(renamed(wanted, here), whole))


def same_values(found: Mapping[str, Array], wanted: Mapping[str, Array], here: Here) -> bool:
    """Whether they hold the same numbers."""
    return len(found) == len(wanted) and all(alike(found.get(here(id)), array) for id, array in wanted.items())


def references(node: Node, registry: Registry, here: Here) -> Mapping[str, Any]:
    """The parameters of a node, with the node that one of them names as it is called in the draft."""
    op = registry.get(node.op)
    name = None if op is None else op.reference
    return node.params if not name or name not in node.params else {**node.params, name: here(str(node.params[name]))}


def renamed(training: Training, here: Here) -> Training:
    """Settings with other ids."""

    def source(text: str) -> str:
        node, dot, output = text.partition(".")
        return f"{here(node)}{dot}{output}"

    penalised = None if training.penalised is None else tuple(map(here, training.penalised))
    groups = tuple(
        {**each, "parameters": tuple(map(here, each.get("parameters", ())))} for each in training.parameter_groups
    )
    own = replace(_compared(training, source), loss=here(training.loss), penalised=penalised)
    return replace(own, parameter_groups=groups)


def _compared(training: Training, spell: Callable[[str], str]) -> Training:
    """Settings in which the values that metrics compare are written in another way."""
    metrics = [
        {key: spell(value) if key in ROLES and isinstance(value, str) else value for key, value in each.items()}
        for each in training.metrics
    ]
    return replace(training, metrics=tuple(metrics))


def _same_node(found: GraphView, wanted: Graph, node: Node, here: Here, registry: Registry) -> bool:
    own = found.nodes.get(here(node.id))
    if own is None:
        return False
    if own is not node:
        params = same(dict(own.params), dict(references(node, registry, here)))
        drawn = (own.op, own.name, own.position, own.flags) == (node.op, node.name, node.position, node.flags)
        if not (params and drawn and own.group == _within(node.group, here) and same(own.extra, node.extra)):
            return False
    fed = {port: (here(source.node), source.output) for port, source in wanted.inputs(node.id).items()}
    return fed == {port: tuple(source) for port, source in found.inputs(own.id).items()}


def _same_group(found: GraphView, group: Group, here: Here) -> bool:
    own = found.groups.get(here(group.id))
    if own is None or own is group:
        return own is not None
    drawn = (own.name, own.position, own.collapsed, own.note) == (
        group.name,
        group.position,
        group.collapsed,
        group.note,
    )
    built = same(own.built_by and [*own.built_by], group.built_by and [*group.built_by])
    return drawn and built and own.group == _within(group.group, here) and same(own.extra, group.extra)


def _within(group: str | None, here: Here) -> str | None:
    return None if group is None else here(group)


def outermost(view: GraphView, ids: Iterable[str]) -> list[str]:
    """Of nodes and groups those that lie in none of the others."""
    chosen = dict.fromkeys(ids)
    return [id for id in chosen if not set(view.chain(view.item(id).group)) & chosen.keys()]
