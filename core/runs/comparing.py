"""The settings of runs beside each other: flat, complete, and where they differ; and where their graphs do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from ..errors import GradwireError
from ..files import Loaded
from ..graph import Graph, Training
from ..training.averaging import AVERAGES
from ..training.named import chosen
from ..training.optim import OPTIMISERS
from ..training.schedules import SCHEDULES

Flat = Mapping[str, Any]
MISSING = "–"  # where a run has no such setting
_NAMED = {"optimiser": OPTIMISERS, "schedule": SCHEDULES, "average": AVERAGES}
_OF_RUN = ("mode", "dtype", "device", "overfit_batch")
_UNTOLD = ("loss", "metrics", "extra")  # of training settings: what of the graph they mean


def flat(graph: Graph, run: Mapping[str, Any]) -> dict[str, Any]:
    """The settings by which a graph is trained, and those of its `run`, by name; those that are not said are told too.

    What is named has its settings behind a dot: `optimiser`, `optimiser.lr`.
    """
    found: dict[str, Any] = {}
    if graph.training is not None:
        found = dict(_flat(graph.training))
        if groups := found.get("parameter_groups"):
            found["parameter_groups"] = "; ".join(_group(graph, each) for each in groups)
    seeds = [node.params["seed"] for node in graph.nodes.values() if node.op == "parameter" and "seed" in node.params]
    if any(seed is not None for seed in seeds):
        found["initial seeds"] = ", ".join(map(str, seeds))  # from which parameters were drawn
    found["parameters"] = sum(
        int(np.prod(node.params["shape"], dtype=np.int64)) for node in graph.nodes.values() if node.op == "parameter"
    )
    found["frozen"] = sum("freeze" in node.flags for node in graph.nodes.values())
    found["nodes"] = len(graph.nodes)
    return found | {name: run[name] for name in _OF_RUN if run.get(name)}


def _group(graph: Graph, group: Mapping[str, Any]) -> str:
    """`fc1/weight, fc1/bias: lr 0.03`"""
    names = (graph.path(id) if id in graph.nodes else str(id) for id in group.get("parameters", ()))
    settings = (f"{name} {value}" for name, value in group.items() if name != "parameters")
    return f"{', '.join(names)}: {', '.join(settings)}"


def _flat(training: Training) -> Iterator[tuple[str, Any]]:
    for name, value in training.to_json().items():
        if name in _NAMED and value is not None:
            yield name, value.get("name", "")
            complete = dict(value)
            with suppress(GradwireError):  # a setting that this version does not know is told as it stands
                complete = chosen(_NAMED[name], name, value)[1]
            yield from ((f"{name}.{each}", complete[each]) for each in complete if each != "name")
        elif isinstance(value, Mapping):
            yield from ((f"{name}.{each}", value[each]) for each in value)
        elif name not in _UNTOLD and value not in (None, (), []):
            yield name, value


class Difference(NamedTuple):
    """A setting, and what each of some runs has there; `MISSING` where it has none."""

    name: str
    values: tuple[Any, ...]


def differences(settings: Sequence[Flat]) -> list[Difference]:
    """Where the settings of some runs are not the same, in the order in which they are told."""
    names = dict.fromkeys(name for each in settings for name in each)
    rows = (Difference(name, tuple(each.get(name, MISSING) for each in settings)) for name in names)
    return [row for row in rows if any(value != row.values[0] for value in row.values)]


def graph_differences(one: Graph, other: Graph) -> list[Difference]:
    """What two graphs have not in common, by the paths of nodes: op, parameters, flags, wires."""
    first, second = _nodes(one), _nodes(other)
    found = []
    for path in dict.fromkeys([*first, *second]):
        if path not in first or path not in second:
            found.append(
                Difference(path, tuple(each[path]["op"] if path in each else MISSING for each in (first, second)))
            )
            continue
        before, after = first[path], second[path]
        for name in dict.fromkeys([*before, *after]):
            values = before.get(name, MISSING), after.get(name, MISSING)
            if values[0] != values[1]:
                found.append(Difference(f"{path}: {name}", values))
    return found


def start_differences(one: Loaded, other: Loaded) -> list[Difference]:
    """Whether parameters began with values that were given, as those of another network or of a run before, or drawn;
    and how many of those that both were given are others.
    """
    first, second = _given(one), _given(other)
    told = tuple(
        f"given for {len(given)} of {sum(node.op == 'parameter' for node in loaded.graph.nodes.values())} parameters"
        if given
        else "drawn"
        for loaded, given in ((one, first), (other, second))
    )
    both = first.keys() & second.keys()
    others = sum(not np.array_equal(first[path], second[path], equal_nan=True) for path in both)
    if others:
        told = told[0], f"{told[1]}, {others} of them with other numbers"
    return [Difference("values at the start", told)] if told[0] != told[1] else []


def _given(loaded: Loaded) -> dict[str, Any]:
    nodes = loaded.graph.nodes
    values = {id: value for id, value in loaded.values.items() if id in nodes and nodes[id].op == "parameter"}
    return {loaded.graph.path(id): value for id, value in values.items()}


def _nodes(graph: Graph) -> dict[str, dict[str, Any]]:
    found = {}
    for id, node in graph.nodes.items():
        wired = {port: f"{graph.path(source.node)}.{source.output}" for port, source in graph.inputs(id).items()}
        flags = {"flags": " ".join(sorted(node.acting))} if node.acting else {}
        found[graph.path(id)] = {"op": node.op, **node.params, **flags, **wired}
    return found
