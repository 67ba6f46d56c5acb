"""Shapes and dtypes of a graph: what lowering binds in its parameters, what feeds each op, and what comes out."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .collector import paused
from .errors import GradwireError, ParameterError, Refusals, ShapeError
from .graph import Graph, Node, Source
from .op import Aval, Op
from .ops import Registry
from .ops.sources import input_value
from .parameters import BATCH
from .random import stream
from .refusing import outcome

# Two batch sizes that no layer has by chance: an axis that differs between them is (a multiple of) the batch.
SIZES = (1009, 2003)

UNWIRED = "nothing is wired to this port"
BATCH_UNKNOWN = "the batch size is not known"

Describe = Callable[[Node, int], tuple[Aval, ...]]


class Problem(NamedTuple):
    """One thing that is wrong: at which node (an id) and port, what was required and found, and what would fit.

    `others` are ports of the node that are concerned as much, each with what would fit there.
    """

    node: str | None
    port: str | None
    message: str
    hint: str | None = None
    others: tuple[tuple[str, str], ...] = ()

    @property
    def ports(self) -> frozenset[str]:
        """All ports that are concerned."""
        return frozenset([port for port, _ in self.others] + ([self.port] if self.port is not None else []))

    def advice(self, port: str | None = None) -> str:
        """What would fit: at one port where that is known, else wherever it is."""
        for other, fits in self.others:
            if other == port:
                return fits
        if self.port is not None and port == self.port:
            return self.hint or ""
        return ", or ".join(filter(None, [self.hint, *(fits for _, fits in self.others)]))

    @property
    def told(self) -> str:
        """What is wrong, and wherever it is known what would fit."""
        advice = self.advice()
        return self.message + (f" ({advice})" if advice else "")

    def text(self, graph: Graph) -> str:
        """One line, with the node's path."""
        place = ""
        if self.node is not None and self.node in graph.nodes:
            place = f"{graph.path(self.node)}{f'.{self.port}' if self.port else ''}: "
        return place + self.message + (f" ({self.hint})" if self.hint else "")


def problems_of(error: GradwireError, node: str | None = None) -> list[Problem]:
    """What `error` tells and what was found together with it, at `node` where it does not say where itself."""
    return [
        Problem(each.node or node, each.port, each.message, each.hint, getattr(each, "others", ()))
        for each in error.each
    ]


def refuse(problems: Iterable[Problem], graph: Graph) -> None:
    """Raise all that is wrong with `graph` as one `GradwireError`, nothing where nothing is."""
    refusals = Refusals()
    for problem in problems:
        refusals.add(GradwireError(problem.text(graph), node=problem.node, port=problem.port))
    refusals.raise_any()


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


def bind(node: Node, op: Op, binding: Binding) -> dict[str, Any]:
    """The parameters of `node`, complete and with what the run decides. Raises `ParameterError`."""
    params = _complete(op, node.params)
    if op.name == "input" and params["value"] is not None:  # before "N" has a length: the value may have another
        input_value(params["shape"], _bound("dtype", params["dtype"], node, binding), params["value"])
    for name, role in op.roles.items():
        params[name] = _bound(role, params[name], node, binding)
    return params


def _complete(op: Op, params: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of `op`. Raises `ParameterError` for each that does not fit."""
    try:
        return op.check_parameters(params)
    except ParameterError:
        refusals = Refusals()
        for name, value in params.items():
            with refusals.gathering():
                read = op.read_parameters({name: value})
                op.parameters[name].check_range(read[name], op.name)
        refusals.raise_any()
        raise  # all fit, but one is missing


def _bound(role: str, value: Any, node: Node, binding: Binding) -> Any:
    """What a run puts in the place of `value`, by the role of the parameter."""
    if role == "mode":
        return binding.mode
    if role == "stream":
        return stream(node.id)
    if role == "dtype":
        return binding.dtype if value == "float" else value
    if role == "seed":
        return binding.seed if value is None else value
    if role == "shape" and BATCH in value:
        if binding.batch is None:
            raise ShapeError(BATCH_UNKNOWN, hint="feed a value, whose first axis tells it")
        return tuple(binding.batch if length == BATCH else length for length in value)
    return value


def arrange(op: Op, ports: Mapping[str, Any]) -> list[Any]:
    """What feeds each argument of `op`, None for an optional port left open. Raises `ShapeError` for one missing."""
    fixed = len(op.ports) - op.grows
    placed: list[Any] = [None] * fixed
    for port, fed in ports.items():
        position = op.port_position(port)
        if position is None:
            raise _no_port(op, port)
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
                raise ShapeError(UNWIRED, port=op.port_name(position))
    return placed


def _no_port(op: Op, port: str) -> ShapeError:
    ports = ", ".join(p.name + ("0, …" if p.variadic else "") for p in op.ports if not p.hidden) or "none"
    return ShapeError(f"{op.name} has no port {port!r}", port=port, hint=f"its ports: {ports}")


def bypassed(graph: Graph, node: Node, op: Op, avals: Mapping[Source, Aval], result: Aval | None = None) -> Source:
    """The value that a bypassed node passes on: the first input of the output's shape and dtype."""
    ports = graph.inputs(node.id)
    fed = [s for s in arrange(op, ports) if s is not None]
    if len(op.visible) > 1 and fed:
        raise ShapeError(f"a bypass passes one value on, and {op.name} gives {len(op.visible)}")
    for source in fed:
        if result is None or avals.get(source) == result:
            return source
    shown = ", ".join(str(avals[s]) for s in fed if s in avals) or "no input"
    raise ShapeError(f"a bypass needs an input like its output {result}, got {shown}")


def in_order(graph: Graph) -> Iterator[str]:
    """The nodes in order, but a parameter before a `shared` one that names it: no wire joins the two."""
    early: set[str] = set()
    for id in graph.order():
        node = graph.nodes[id]
        if node.op == "shared":
            of = graph.nodes.get(str(node.params.get("of")))
            if of is not None and of.op == "parameter" and of.id not in early:
                early.add(of.id)
                yield of.id
        if id not in early:
            yield id
            if node.op == "parameter":
                early.add(id)


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
    for id in in_order(graph):
        if only is None or id in only:
            found.problems += infer_node(graph, registry, id, binding, describe, found)
    return found


def infer_node(
    graph: Graph, registry: Registry, id: str, binding: Binding, describe: Describe | None, found: Inferred
) -> list[Problem]:
    """Add to `found` what the node `id` gives, and return what is wrong with it; its inputs are found before."""
    node = graph.nodes[id]
    op = registry.get(node.op)
    if op is None:
        near = difflib.get_close_matches(node.op, registry.names(), 1)
        hint = f"perhaps {near[0]}" if near else "a plugin may bring it"
        return [Problem(id, None, f"unknown op {node.op!r}", hint)]
    wires = graph.inputs(id)
    problems = list(_setup_problems(graph, registry, node, op, wires, binding, found))
    if not problems:
        try:
            _infer_node(graph, registry, node, wires, binding, describe, found)
        except GradwireError as error:
            problems += problems_of(error, id)
        except Exception as error:  # the rule of a plugin may raise anything; it is told at its node
            if op.proven:
                raise
            problems.append(Problem(id, None, f"the shape rule of {op.name} failed: {type(error).__name__}: {error}"))
    return problems


def _setup_problems(
    graph: Graph,
    registry: Registry,
    node: Node,
    op: Op,
    wires: Mapping[str, Source],
    binding: Binding,
    found: Inferred,
) -> Iterator[Problem]:
    """What is wrong with a node before any shape is looked at: its parameters, open ports, dangling wires."""
    try:
        found.params[node.id] = bind(node, op, binding)
    except GradwireError as error:
        yield from problems_of(error, node.id)
    for declared in op.ports:
        name = declared.name
        if name in wires or declared.optional or declared.hidden:
            continue
        if declared.variadic:
            grown = any(port not in op.positions and op.has_port(port) for port in wires)
            name = "" if grown else f"{name}0"  # a gap among those that grow is told by `arrange`
        if name:
            yield Problem(node.id, name, UNWIRED)
    for port, source in wires.items():
        if not op.has_port(port):
            yield from problems_of(_no_port(op, port), node.id)
        fed_by = registry.get(graph.nodes[source.node].op)
        if fed_by is not None and not fed_by.has_output(source.output):
            listed = ", ".join(fed_by.outputs[i].name for i in fed_by.visible)
            message = f"{graph.path(source.node)} has no output {source.output!r}"
            yield Problem(node.id, port, message, f"its outputs: {listed}")


def _infer_node(
    graph: Graph,
    registry: Registry,
    node: Node,
    wires: Mapping[str, Source],
    binding: Binding,
    describe: Describe | None,
    found: Inferred,
) -> None:
    op, params = registry[node.op], found.params[node.id]
    sources = arrange(op, wires)
    if any(s is not None and s not in found.avals for s in sources):
        return  # what feeds it has a problem of its own
    if op.name == "dataset":
        outs = describe(node, binding.batch or 1) if describe else op.infer((), params)
    elif op.name == "shared":
        outs = (_shared(graph, params["of"], found),)
    else:
        outs = outcome(op, [None if s is None else found.avals[s] for s in sources], params)
    if op.target is not None:
        written = dict(zip((output.name for output in op.outputs), outs, strict=True))[op.writes[op.target]]
        _check_target(graph, registry, binding, op, params[op.target], written)
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


def _check_target(graph: Graph, registry: Registry, binding: Binding, op: Op, target: str, aval: Aval) -> None:
    """Refuse to write what the parameter `target` does not hold."""
    node, parameter = graph.nodes.get(target), registry["parameter"]
    if node is None or node.op != parameter.name:
        raise ShapeError(f"{op.name} needs the id of a parameter as its {op.target}, got {target!r}")
    try:
        (wanted,) = parameter.infer((), bind(node, parameter, binding))
    except GradwireError:
        return  # the parameter has a problem of its own
    if aval != wanted:
        message = f"{graph.path(target)} holds {wanted}, so {aval} cannot be assigned to it"
        raise ShapeError(message, port=op.port_name(0))
