"""What the `print` ops of an iteration write when it is gone through: nothing is printed where it is recorded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..feeding import random_state
from ..graph import Graph, Source
from ..infer import Binding, arrange, bind
from ..ops import Registry, builtin
from ..printing import Printed, hearing
from .timeline import Timeline

PRINT = builtin()["print"]


class Line(NamedTuple):
    """What is written once `step` steps are done."""

    step: int
    printed: Printed


def printing(graph: Graph, registry: Registry) -> tuple[str, ...]:
    """The nodes that print, by id."""
    found = (id for id, node in graph.nodes.items() if node.op == PRINT.name and "bypass" not in node.flags)
    return tuple(found) if registry.get(PRINT.name) is PRINT else ()


def printed(timeline: Timeline, nodes: tuple[str, ...]) -> list[Line]:
    """The lines of these nodes, in the order of the steps; as a run of the iteration writes them, to the bit."""
    found: list[Line] = []
    for id in nodes:
        if id in timeline.made_at:
            found += _of(timeline, id)
    return sorted(found, key=lambda line: line.step)


def _of(timeline: Timeline, id: str) -> list[Line]:
    run, asked = timeline.run, timeline.run.asked
    graph = asked.graph
    params = bind(graph.nodes[id], PRINT, Binding(asked.dtype, None, asked.mode, asked.seed))
    sources = arrange(PRINT, graph.inputs(id))
    x, *others = [None if source is None else run.value(source) for source in sources]
    others[-1] = random_state(asked.seed, asked.iteration)
    lines: list[Line] = []
    back = run.gradient(Source(id, "y"))
    ways = (("forward", timeline.made_at.get(id), x), ("backward", timeline.back_at.get(id), back))
    for phase, step, array in ways:
        if step is not None and array is not None:
            heard: list[Printed] = []
            with hearing(heard.append):
                PRINT.forward(np, array, *others, **{**params, "phase": phase})
            lines += [Line(step + 1, told) for told in heard]
    return lines
