"""What a port would take to which nothing is wired: told beside the problem that it is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...core.check import Checked, at_both
from ...core.errors import GradwireError, ShapeError
from ...core.graph import Graph
from ...core.infer import UNWIRED, Inferred, Problem
from ...core.op import Aval, Op
from ...core.ops import Registry
from ...core.promotion import promoted_avals
from .fitting import proposed_shapes, samples

LOOKED_AT = 500  # open ports of a graph: more are not read
_SHAPES = ((), (5,), (2, 3), (2, 3, 4))
_ABSURD = (7919, 7907)  # what no port takes beside others, so that its op says what it would take


def with_fits(found: Checked, graph: Graph, registry: Registry, dtype: str) -> Checked:
    """What a check found, with a hint at each open port; `dtype` is that of floats."""
    looked_at = 0
    problems = []
    for problem in found.problems:
        if problem.message == UNWIRED and problem.hint is None and looked_at < LOOKED_AT:
            looked_at += 1
            problem = problem._replace(hint=_fits(problem, found, graph, registry, dtype))
        problems.append(problem)
    return replace(found, problems=tuple(problems))


def _fits(problem: Problem, found: Checked, graph: Graph, registry: Registry, dtype: str) -> str | None:
    """What would fit, with the batch as N; None where nothing is known."""
    node, port = graph.nodes[problem.node or ""], problem.port or ""
    op = registry.get(node.op)
    if op is None:
        return None
    texts = [
        _told(op, port, _wired(inferred, graph, node.id), inferred.params.get(node.id), dtype)
        for inferred in found.inferred
    ]
    first, second = ([problem._replace(message=text)] if text else [] for text in texts)
    told = at_both(first, second)
    return told[0].message if told else None


def _wired(inferred: Inferred, graph: Graph, id: str) -> dict[str, Aval]:
    sources = graph.inputs(id).items()
    return {port: inferred.avals[source] for port, source in sources if source in inferred.avals}


def _told(op: Op, port: str, others: Mapping[str, Aval], params: Mapping[str, Any] | None, dtype: str) -> str | None:
    position = op.port_position(port)
    if position is None or params is None or op.shape_rule is None:
        return None
    floats = np.dtype(dtype)
    if all(_refusal(op, position, Aval(shape, floats), others, params) is None for shape in _SHAPES):
        return "any floating tensor fits"
    given = [sample.args[position] for sample in samples(op, dtype) if position < len(sample.args)]
    example = next((aval for aval in given if aval is not None), None)
    if not others:
        return None if example is None else f"{example} fits, for example"
    likely = proposed_shapes(op, port, others, params, dtype)
    if example is not None and example.dtype.kind != "f":  # labels, above all
        likely = [aval for aval in likely if aval.dtype.kind == example.dtype.kind] or likely
    else:
        said = _refusal(op, position, Aval(_ABSURD, floats), others, params)
        if said is not None and said.hint and said.hint.startswith(f"{port}:"):
            return said.hint
    return f"{likely[0]} fits" if likely else None


def _refusal(
    op: Op, position: int, value: Aval, others: Mapping[str, Aval], params: Mapping[str, Any]
) -> GradwireError | None:
    """Why an op would not take a value at a port, beside others and where those are open beside its like."""
    args: list[Aval] = [value] * max(len(op.ports), position + 1)
    for name, aval in others.items():
        at = op.port_position(name)
        if at is not None and at < len(args) and at != position:
            args[at] = aval
    for i, declared in enumerate(op.ports):
        if declared.hidden:
            args[i] = Aval((4,), np.dtype("uint64"))
    try:
        op.infer(promoted_avals(op, args), params)
    except GradwireError as error:
        return error
    except (ValueError, TypeError, IndexError, AttributeError) as error:  # of a rule that does not check its arguments
        return ShapeError(str(error))
    return None
