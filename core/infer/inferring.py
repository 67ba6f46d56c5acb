"""Shapes and dtypes of the values of a graph, and the problems met on the way."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ..collector import paused
from ..errors import GradwireError, ShapeError
from ..graph import Graph, GraphView, Node, Source
from ..graph.elements import PLUGIN
from ..op import Aval, Op
from ..ops import Registry
from ..parameters import shown
from ..refusing import outcome
from .binding import UNWIRED, Binding, arrange, bind, bypassed, no_port
from .partly import refused_alone
from .problems import Problem, problems_of

# Two batch sizes that no layer has by chance: an axis that differs between them is (a multiple of) the batch.
SIZES = (1009, 2003)

Describe = Callable[[Node, int], tuple[Aval, ...]]


@dataclass
class Inferred:
    """The shapes of values at one batch size, and the problems met."""

    avals: dict[Source, Aval] = field(default_factory=dict)
    params: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def batch_axes(one: Inferred, other: Inferred) -> dict[Source, int]:
    """The batch axis of each value that has one, of its shapes at both `SIZES`; −1 where no axis is the batch and
    nothing else.
    """
    found: dict[Source, int] = {}
    for source, aval in one.avals.items():
        if source in other.avals and aval != other.avals[source]:
            shapes = list(enumerate(zip(aval.shape, other.avals[source].shape, strict=True)))
            axes = [axis for axis, (first, second) in shapes if first != second]
            whole = len(axes) == 1 and shapes[axes[0]][1] == SIZES
            found[source] = axes[0] if whole else -1
    return found


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


def infer_upwards(
    view: GraphView, registry: Registry, source: Source, binding: Binding, describe: Describe | None, found: Inferred
) -> Aval | None:
    """The shape of one value, inferred as far up as those in `found` do not tell it; None where nothing says it."""
    waiting, seen = [source.node], set[str]()
    while waiting:
        id = waiting[-1]
        above = [s.node for s in view.inputs(id).values() if s not in found.avals and s.node not in seen]
        if above and id not in seen:
            seen.add(id)
            waiting += above
            continue
        seen.add(id)
        waiting.pop()
        infer_node(cast(Graph, view), registry, id, binding, describe, found)
    return found.avals.get(source)


def where_from(node: Node, registry: Registry) -> str:
    """Where the op of a node might come from, which is not known here."""
    near = difflib.get_close_matches(node.op, registry.names(), 1)
    if isinstance(plugin := node.extra.get(PLUGIN), str):
        return f"the plugin {shown(plugin)} brings it, which is not loaded"
    return f"perhaps {near[0]}" if near else "a plugin may bring it"


def infer_node(
    graph: Graph, registry: Registry, id: str, binding: Binding, describe: Describe | None, found: Inferred
) -> list[Problem]:
    """Add to `found` what the node `id` gives, and return what is wrong with it; its inputs are found before."""
    node = graph.nodes[id]
    op = registry.get(node.op)
    if op is None:
        return [Problem(id, None, f"unknown op {node.op!r}", where_from(node, registry))]
    wires = graph.inputs(id)
    problems = list(_setup_problems(graph, registry, node, op, wires, binding, found))
    if problems and all(each.message == UNWIRED for each in problems):
        fed = {port: found.avals[source] for port, source in wires.items() if source in found.avals}
        refused = refused_alone(op, fed, found.params[id])
        problems += [] if refused is None else problems_of(refused, id)
    elif not problems:
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
            yield from problems_of(no_port(op, port), node.id)
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
