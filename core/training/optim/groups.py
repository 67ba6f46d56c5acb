"""Parameter groups: which parameters are updated by settings of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import Refusals, RunError
from ...graph import GraphView, Training
from ...graph.elements import near_misses
from ..named import Named
from .updating import optimiser

MEMBERS = "parameters"


def group_settings(graph: GraphView, training: Training) -> dict[str, dict[str, Any]]:
    """By id of each parameter that a group names, the complete settings of that group over the common ones.

    A group is a mapping: under `MEMBERS` the ids of parameters, and of groups of nodes for all parameters within, and
    beside it settings of the optimiser. Raises `GradwireError` for all that is wrong.
    """
    chosen, common = optimiser(training.optimiser)
    refusals = Refusals()
    found: dict[str, dict[str, Any]] = {}
    numbers: dict[str, int] = {}
    for number, group in enumerate(training.parameter_groups, 1):
        owner = f"parameter group {number}"
        members: dict[str, None] = {}
        settings = common
        with refusals.gathering():
            members = dict.fromkeys(_members(graph, group, owner, refusals))
            settings = _settings(chosen, training, group, owner)
        for id in members:
            if id in numbers:
                message = f"{graph.path(id)} is in the parameter groups {numbers[id]} and {number}, it may be in one"
                refusals.add(RunError(message, hint="name it in one of them"))
            numbers.setdefault(id, number)
            found.setdefault(id, settings)
    refusals.raise_any()
    return found


def _members(graph: GraphView, group: object, owner: str, refusals: Refusals) -> Iterator[str]:
    """The parameters that a group names; a name that means none goes to `refusals`."""
    if not isinstance(group, Mapping):
        raise RunError(f"{owner} must be a mapping of settings that names its parameters, got {group!r}")
    names = group.get(MEMBERS)
    if not isinstance(names, tuple) or not names or not all(isinstance(name, str) for name in names):
        got = repr(names) if MEMBERS in group else "none"
        raise RunError(f"{owner} needs {MEMBERS}, a list of ids of parameters or of groups of nodes, got {got}")
    for name in names:
        with refusals.gathering():
            yield from _named(graph, name, owner)


def _named(graph: GraphView, name: str, owner: str) -> list[str]:
    """The parameters that an id means: itself, or all in a group of nodes."""
    if name in graph.groups:
        within = [id for id in graph.interior(name)[0] if graph.nodes[id].op == "parameter"]
        if not within:
            raise RunError(f"{owner} names {graph.path(name)}, and no parameter lies in it")
        return within
    if name not in graph.nodes:
        likely = [id for id, node in graph.nodes.items() if node.op == "parameter"]
        message = f"{owner} names {name!r}, and no parameter or group of nodes has that id"
        raise RunError(message, hint=near_misses(name, (*likely, *graph.groups)))
    if graph.nodes[name].op != "parameter":
        raise RunError(f"{owner} names {graph.path(name)}, which is no parameter but a {graph.nodes[name].op}")
    return [name]


def _settings(chosen: Named, training: Training, group: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """The settings of a group, over the common ones. Raises `GradwireError`."""
    own = {name: value for name, value in group.items() if name != MEMBERS}
    if "name" in own:  # of the common settings it is the optimiser, which all groups have
        raise chosen.unknown("name", owner)
    return chosen.check({**training.optimiser, **own}, owner)
