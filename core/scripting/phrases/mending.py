"""The phrase that lets a layer fit what comes into it: `set fc2.in_features 64` once fc1 has 64 units."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...check import Checked
from ...document import Document
from ...graph import Graph
from ...infer import Problem
from ...ops import Registry
from .around import Around
from .forms import word
from .lexing import PhraseError
from .phrase import read


def whose(problem: Problem, graph: Graph) -> str | None:
    """The layer, else the node, that a problem is about: an id; None where it is about the whole graph."""
    if problem.node is None or problem.node not in graph.nodes:
        return None
    group = graph.nodes[problem.node].group
    while group is not None and graph.groups[group].built_by is None:
        group = graph.groups[group].group
    return problem.node if group is None else group


def mend(
    problem: Problem, graph: Graph, registry: Registry, around: Around, check: Callable[[Graph], Checked]
) -> str | None:
    """The phrase after which the layer of a problem fits, and all else that did; None where no one setting does that.

    Each is tried on a copy, which `check` judges.
    """
    layer = whose(problem, graph)
    if layer is None or layer not in graph.groups:
        return None
    before = {(each.node, each.message) for each in check(graph).problems}
    for line in _tries(problem, layer, graph, around):
        copy = Document(graph, dict(around.values), registry)
        try:
            act = read(line, graph, registry, around).act
        except PhraseError:
            continue
        if act is None:
            continue
        with copy.transaction(line) as t:
            act(t)
        after = [each for each in check(copy.graph).problems if each.node is not None]
        fits = all(each.node not in copy.graph.nodes or whose(each, copy.graph) != layer for each in after)
        if fits and all((each.node, each.message) in before for each in after):
            return line
    return None


def _tries(problem: Problem, layer: str, graph: Graph, around: Around) -> Iterator[str]:
    """Each number of a layer set to a length of what comes into it, the features first."""
    built_by = graph.groups[layer].built_by
    assert built_by is not None
    assert problem.node is not None
    lengths: list[int] = []
    for source in graph.inputs(problem.node).values():
        aval = around.avals.get(source)
        if aval is not None and not _within(graph, source.node, layer):
            lengths += [*aval.shape[-1:], *aval.shape[1:2]]
    for name, value in sorted(built_by.params.items(), key=lambda each: not each[0].startswith("in_")):
        if type(value) is int:
            for length in dict.fromkeys(lengths):
                if length != value:
                    yield f"set {word(graph.path(layer))}.{name} {length}"


def _within(graph: Graph, node: str, group: str) -> bool:
    at = graph.nodes[node].group
    while at is not None and at != group:
        at = graph.groups[at].group
    return at == group
