"""Shapes and dtypes of a whole graph, and everything that is wrong with it, before anything runs.

`infer` gives the shape of each value at one batch size; `check` infers at two and shows the axes that differ as N.
Neither raises: what does not fit becomes a `Problem`, and what depends on it is left out without a second one.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .collector import paused
from .errors import GradwireError, ShapeError
from .graph import Graph, Node, Source
from .op import Aval, Op, short_name
from .ops import Registry
from .random import stream

BATCH = "N"
# Two batch sizes that no layer has by chance: an axis that differs between them is (a multiple of) the batch.
SIZES = (1009, 2003)

Describe = Callable[[Node, int], tuple[Aval, ...]]


class Problem(NamedTuple):
    """One thing that is wrong: at which node (an id) and port, what was required and found, and what would fit."""

    node: str | None
    port: str | None
    message: str
    hint: str | None = None

    def text(self, graph: Graph) -> str:
        """One line, with the node's path."""
        place = (
            f"{graph.path(self.node)}{f'.{self.port}' if self.port else ''}: "
            if self.node in graph.nodes
            else ""
        )
        return place + self.message + (f" ({self.hint})" if self.hint else "")


@dataclass(frozen=True)
class Binding:
    """What lowering binds in a graph's parameters: the dtype for "float", the batch for "N", mode and seed."""

    dtype: str = "float32"
    batch: int | None = None
    mode: str = "eval"
    seed: int = 0


@dataclass
class Inferred:
    """The shapes of values at one batch size, and the problems met."""

    avals: dict[Source, Aval] = field(default_factory=dict)
    params: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Checked:
    """What `check` found. `shapes` are for people: `(N, 64) f32`."""

    problems: tuple[Problem, ...]
    avals: Mapping[Source, Aval]
    shapes: Mapping[Source, str]


def bind(node: Node, op: Op, binding: Binding) -> dict[str, Any]:
    """The parameters of `node`, complete and with what the run decides. Raises `ParameterError`."""
    params = op.check_parameters(node.params)
    if params.get("dtype") == "float":
        params["dtype"] = binding.dtype
    if "N" in params.get("shape", ()):
        if binding.batch is None:
            raise ShapeError("the batch size is not known", hint="feed a value, whose first axis tells it")
        params["shape"] = tuple(binding.batch if length == BATCH else length for length in params["shape"])
    if "mode" in params:
        params["mode"] = binding.mode
    if "stream" in params:
        params["stream"] = stream(node.id)
    if op.name == "parameter" and params["seed"] is None:
        params["seed"] = binding.seed
    return params


def arrange(op: Op, ports: Mapping[str, Any]) -> list[Any]:
    """What feeds each argument of `op`, None for an optional port left open. Raises `ShapeError` for one missing."""
    fixed = len(op.ports) - op.grows
    placed: list[Any] = [None] * fixed
    for port, fed in ports.items():
        position = op.port_position(port)
        if position is None:
            raise ShapeError(f"{op.name} has no port {port!r}", port=port, hint=f"its ports: {_port_list(op)}")
        if position >= len(placed):
            if position - fixed >= len(ports):  # one of the ports before it must be open
                raise ShapeError("nothing is wired to a port before this one", port=port)
            placed += [None] * (position + 1 - len(placed))
        placed[position] = fed
    if op.grows and len(placed) == fixed:
        placed.append(None)
    for position, fed in enumerate(placed):
        if fed is None:
            declared = op.ports[min(position, len(op.ports) - 1)]
            if not declared.optional and not declared.hidden:
                raise ShapeError("nothing is wired to this port", port=op.port_name(position))
    return placed


def _port_list(op: Op) -> str:
    return ", ".join(p.name + ("0, …" if p.variadic else "") for p in op.ports if not p.hidden) or "none"


def bypassed(
    graph: Graph, node: Node, op: Op, avals: Mapping[Source, Aval], result: Aval | None = None
) -> Source:
    """The value that a bypassed node passes on: the first input of the output's shape and dtype."""
    ports = graph.inputs(node.id)
    fed = [s for s in arrange(op, ports) if s is not None]
    for source in fed:
        if result is None or avals.get(source) == result:
            return source
    shown = ", ".join(str(avals[s]) for s in fed if s in avals) or "no input"
    raise ShapeError(f"a bypass needs an input like its output {result}, got {shown}")


@paused()
def infer(
    graph: Graph,
    registry: Registry,
    binding: Binding,
    describe: Describe | None = None,
    fed: Mapping[Source, Aval] | None = None,
    only: set[str] | None = None,
) -> Inferred:
    """The shape and dtype of every value of `graph`, or of the nodes in `only`.

    `describe(node, batch)` gives the outputs of a dataset node; `fed` those of values that are fed and so not computed.
    """
    found = Inferred()
    found.avals.update(fed or {})
    for id in graph.order():
        if only is not None and id not in only:
            continue
        node = graph.nodes[id]
        op = registry.get(node.op)
        if op is None:
            near = difflib.get_close_matches(node.op, registry.names(), 1)
            hint = f"perhaps {near[0]}" if near else "a plugin may bring it"
            found.problems.append(Problem(id, None, f"unknown op {node.op!r}", hint))
            continue
        try:
            _infer_node(graph, node, op, binding, describe, found)
        except GradwireError as error:
            found.problems.append(Problem(id, error.port, error.message, error.hint))
    return found


def _infer_node(
    graph: Graph, node: Node, op: Op, binding: Binding, describe: Describe | None, found: Inferred
) -> None:
    params = found.params[node.id] = bind(node, op, binding)
    sources = arrange(op, graph.inputs(node.id))
    if any(s is not None and s not in found.avals for s in sources):
        return  # what feeds it has a problem of its own
    if op.name == "dataset":
        outs = describe(node, binding.batch or 1) if describe else op.infer((), params)
    elif op.name == "shared":
        outs = (_shared(graph, params["of"], found),)
    else:
        outs = op.infer(_promoted(op, [None if s is None else found.avals[s] for s in sources]), params)
    if "bypass" in node.flags:
        bypassed(graph, node, op, found.avals, outs[op.visible[0]])
    for output, aval in zip(op.outputs, outs, strict=True):
        found.avals.setdefault(Source(node.id, output.name), aval)


def _shared(graph: Graph, of: str, found: Inferred) -> Aval:
    if of not in graph.nodes or graph.nodes[of].op != "parameter":
        raise ShapeError(f"shared needs the id of a parameter, got {of!r}")
    aval = found.avals.get(Source(of, "y"))
    if aval is None:
        raise ShapeError(f"the parameter {of!r} has a problem of its own")
    return aval


def _promoted(op: Op, avals: list[Aval | None]) -> list[Aval | None]:
    """`avals` as the ports will see them, after the casts that promotion makes."""
    if not op.promoted:
        return avals
    last = len(op.ports) - 1
    chosen = [a.dtype for i, a in enumerate(avals) if a is not None and min(i, last) in op.promoted]
    floats = [dtype for dtype in chosen if dtype.kind == "f"]
    if len(set(chosen)) < 2 and (floats or not op.floating):
        return avals
    dtype = (
        np.result_type(*floats)
        if floats
        else np.dtype(np.float64)
        if op.floating
        else np.result_type(*chosen)
    )
    return [
        Aval(a.shape, dtype) if a is not None and min(i, last) in op.promoted else a
        for i, a in enumerate(avals)
    ]


def check(
    graph: Graph, registry: Registry, describe: Describe | None = None, dtype: str | None = None
) -> Checked:
    """Everything that is wrong with `graph`, and the shape of each value as people read it."""
    try:
        graph.order()
    except GradwireError as error:
        return Checked((Problem(error.node, None, error.message, error.hint),), {}, {})
    binding = Binding(dtype or graph.dtype, SIZES[0])
    first = infer(graph, registry, binding, describe)
    second = first
    if _has_batch(graph):
        second = infer(graph, registry, Binding(binding.dtype, SIZES[1]), describe)
    problems = list(first.problems)
    told = {(p.node, p.port) for p in problems}
    problems += [p for p in second.problems if (p.node, p.port) not in told]
    shapes = {s: f"{_shape(a, second.avals.get(s, a))} {short_name(a.dtype)}" for s, a in first.avals.items()}
    problems = [
        p._replace(message=_named_batch(p.message), hint=p.hint and _named_batch(p.hint)) for p in problems
    ]
    problems += _training_problems(graph, registry, first.avals)
    return Checked(tuple(problems), first.avals, shapes)


def _has_batch(graph: Graph) -> bool:
    return any(n.op == "dataset" or BATCH in (n.params.get("shape") or ()) for n in graph.nodes.values())


def _shape(first: Aval, second: Aval) -> str:
    axes = [_axis(a, b) for a, b in zip(first.shape, second.shape, strict=False)]
    return f"({axes[0]},)" if len(axes) == 1 else f"({', '.join(axes)})"


def _axis(a: int, b: int) -> str:
    if a == b:
        return str(a)
    times = a // SIZES[0]
    if (a, b) == (times * SIZES[0], times * SIZES[1]):
        return BATCH if times == 1 else f"{times}{BATCH}"
    return "?"


def _named_batch(text: str) -> str:
    return text.replace(str(SIZES[0]), BATCH).replace(str(SIZES[1]), BATCH)


def _training_problems(graph: Graph, registry: Registry, avals: Mapping[Source, Aval]) -> list[Problem]:
    """What would stop training: a loss that is not there, or not one number, or not a float."""
    training = graph.training
    if training is None:
        return []
    if training.loss not in graph.nodes:
        return [Problem(None, None, f"training needs a loss, and no node has the id {training.loss!r}")]
    op = registry.get(graph.nodes[training.loss].op)
    if op is None:
        return []
    aval = avals.get(Source(training.loss, op.outputs[op.visible[0]].name))
    problems = []
    if aval is not None and (aval.size != 1 or not aval.floating):
        hint = "sum or mean it first"
        problems.append(
            Problem(
                training.loss,
                None,
                f"the loss must be one float, got {aval}".replace(str(SIZES[0]), BATCH),
                hint,
            )
        )
    for metric in training.metrics:
        for role in ("prediction", "target"):
            if (name := metric.get(role)) is not None and name.split(".")[0] not in graph.nodes:
                problems.append(
                    Problem(
                        None,
                        None,
                        f"the metric {metric.get('name')} needs a {role}, and no node has the id {name!r}",
                    )
                )
    return problems
