"""Everything that is wrong with a graph before anything runs, and the shapes of its values as people read them.

Shapes are inferred at two batch sizes, and the axes that differ are shown as N. Nothing raises: what does not fit
becomes a `Problem`, and what depends on it is left out without a second one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .document.ports import meant
from .document.written import written_by
from .errors import GradwireError
from .graph import Graph, Source
from .infer import SIZES, Binding, Describe, Inferred, Problem, infer, problems_of
from .op import Aval, short_name
from .ops import Registry
from .parameters import BATCH

NO_FLOAT = "the loss must be a float"  # how the problem begins that keeps from training, and from nothing else
_NUMBER = re.compile("[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+")  # 4096 as well as 4,096


class Held(Protocol):
    """A value that a document holds."""

    @property
    def shape(self) -> tuple[int, ...]:
        """How long its axes are."""


@dataclass(frozen=True)
class Checked:
    """What `check` found. `shapes` are for people: `(N, 64) f32`; `inferred` is at each of `SIZES`."""

    problems: tuple[Problem, ...]
    avals: Mapping[Source, Aval] = field(default_factory=dict)
    shapes: Mapping[Source, str] = field(default_factory=dict)
    inferred: tuple[Inferred, Inferred] = field(default_factory=lambda: (Inferred(), Inferred()))


def check(graph: Graph, registry: Registry, describe: Describe | None = None, dtype: str | None = None) -> Checked:
    """Everything that is wrong with `graph`, and the shape of each value as people read it."""
    try:
        graph.order()
    except GradwireError as error:
        return Checked(tuple(problems_of(error)))
    binding = Binding(dtype or graph.dtype, SIZES[0])
    first = infer(graph, registry, binding, describe)
    second = first
    if _has_batch(graph):
        second = infer(graph, registry, Binding(binding.dtype, SIZES[1]), describe)
    problems = at_both(first.problems, second.problems)
    shapes = {s: shape_text(a, second.avals.get(s, a)) for s, a in first.avals.items()}
    problems += _assign_problems(graph, registry)
    problems += _loss_problems(graph, registry, first.avals, shapes)
    return Checked(tuple(problems), first.avals, shapes, (first, second))


def _has_batch(graph: Graph) -> bool:
    return any(n.op == "dataset" or _open(n.params.get("shape")) for n in graph.nodes.values())


def _open(shape: object) -> bool:
    """Whether a shape, which may be anything in a node of an unknown op, has the batch among its lengths."""
    return isinstance(shape, tuple) and BATCH in shape


def shape_text(first: Aval, second: Aval) -> str:
    """What is known of a value at each of `SIZES`, as people read it: `(N, 64) f32`."""
    axes = [str(axis) for axis in axes_of(first, second)]
    shape = f"({axes[0]},)" if len(axes) == 1 else f"({', '.join(axes)})"
    return f"{shape} {short_name(first.dtype)}"


def axes_of(first: Aval, second: Aval) -> tuple[int | str, ...]:
    """The lengths of the axes of a value known at each of `SIZES`; those that go with the batch as texts."""
    return tuple(_axis(a, b) for a, b in zip(first.shape, second.shape, strict=False))


def _axis(a: int, b: int) -> int | str:
    if a == b:
        return a
    times = a // SIZES[0]
    if (a, b) == (times * SIZES[0], times * SIZES[1]):
        return BATCH if times == 1 else f"{times}{BATCH}"
    return "?"


def at_both(first: Iterable[Problem], second: Iterable[Problem]) -> list[Problem]:
    """The problems met at the first and the second of `SIZES`, each told once and with the batch as N."""
    again: dict[tuple[str | None, str | None], list[Problem]] = {}
    for problem in second:
        again.setdefault((problem.node, problem.port), []).append(problem)
    met = []
    for problem in first:
        same = again.get((problem.node, problem.port))
        met.append(_with_batch(problem, same.pop(0)) if same else problem)
    told = {problem.node for problem in met}
    return met + [problem for left in again.values() for problem in left if problem.node not in told]


def _with_batch(first: Problem, second: Problem) -> Problem:
    """A problem met at both batch sizes, with the numbers that differ between them as (multiples of) N."""
    hint = first.hint and _named_batch(first.hint, second.hint or "")
    again = dict(second.others)
    others = tuple((port, _named_batch(fits, again.get(port, ""))) for port, fits in first.others)
    return first._replace(message=_named_batch(first.message, second.message), hint=hint, others=others)


def _named_batch(first: str, second: str) -> str:
    numbers = _NUMBER.findall(second)
    if _NUMBER.split(first) != _NUMBER.split(second):
        return first
    found = iter(numbers)
    return _NUMBER.sub(lambda number: _number(number[0], next(found)), first)


def _number(first: str, second: str) -> str:
    if first == second:  # as it is written: 4,096 and 007 stay so
        return first
    return str(_axis(int(first.replace(",", "")), int(second.replace(",", ""))))


def _assign_problems(graph: Graph, registry: Registry) -> list[Problem]:
    """Parameters that two nodes assign: which value would be kept is not said anywhere."""
    first: dict[str, str] = {}
    problems = []
    for id in graph.order():
        for target, _ in written_by(graph, registry, graph.nodes[id]):
            earlier = first.setdefault(target, id)
            if earlier != id and target in graph.nodes:
                message = f"{graph.path(target)} is assigned already, by {graph.path(earlier)}"
                problems.append(Problem(id, None, message, "one assign for each parameter"))
    return problems


def value_problems(graph: Graph, values: Mapping[str, Held], inferred: tuple[Inferred, Inferred]) -> Iterator[Problem]:
    """Parameters of which a document holds a value of another shape."""
    for id, held in values.items():
        shapes = {found.avals[source].shape for found in inferred if (source := Source(id, "y")) in found.avals}
        if len(shapes) == 1 and held.shape not in shapes:
            (shape,) = shapes
            message = f"the shape is {shape}, but the document holds a value of {held.shape}"
            yield Problem(id, None, message, "give it a value of its shape, or none")


def _loss_problems(
    graph: Graph, registry: Registry, avals: Mapping[Source, Aval], shapes: Mapping[Source, str]
) -> list[Problem]:
    """A loss that is not there, or not one number, or not a float."""
    training = graph.training
    if training is None:
        return []
    if training.loss not in graph.nodes:
        message = f"training needs a loss, and no node has the id {training.loss!r}"
        return [Problem(None, None, message, meant(graph, training.loss))]
    op = registry.get(graph.nodes[training.loss].op)
    if op is None:
        return []
    source = Source(training.loss, op.outputs[op.visible[0]].name)
    aval = avals.get(source)
    if aval is not None and not aval.floating:
        kind = "truth values" if aval.dtype.kind == "b" else "whole numbers"
        hint = f"{kind} have no gradient; cross_entropy and mse do"
        return [Problem(training.loss, None, f"{NO_FLOAT}, got {shapes[source]}", hint)]
    if aval is not None and aval.size != 1:
        message = f"the loss must be one float, got {shapes[source]}"
        return [Problem(training.loss, None, message, "sum or mean it first")]
    return []
