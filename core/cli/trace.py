"""`gradwire trace FILE`: an iteration step by step, forward and backward, with what meets at each fork."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..document.ports import value_name
from ..graph import Source
from ..graph.view import at_path
from ..stepping import Moment, Step, Timeline
from ..stepping.local import Local, local
from ..stepping.timeline import BACKWARD, FORWARD, LOSS, PHASES, ZERO, Cursor, Delivery, sum_of
from ..stepping.updating import NOT_RUN
from .command import Command, CommandError, add_file, steppable
from .iterations import add_iteration, no_gradients, refuse_iteration, timeline_at
from .memory import MemoryTold
from .output import array_text, figures, json_line, summary_text
from .reading import Resolve, add_roots, read_roots, resolver

Array = np.ndarray[Any, Any]
SMALL = 32  # elements of an array that is told whole
FIRST = 4  # elements that are told of another
TERMS = 16  # of a sum that are told
LEFT, BENEATH = 50, " " * 8  # what stands before an array of several lines; of one with more it stands beneath that


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_roots(parser)
    add_iteration(parser)
    parser.add_argument("--run", metavar="DIR", help="the folder of a run of training, of which the iteration is one")
    parser.add_argument("--dtype", choices=("float32", "float64"), help="compute in this dtype")
    parser.add_argument("--memory", action="store_true", help="tell what is in use after each step, and what is freed")
    words = f"only the steps of a phase, {', '.join(PHASES)}; may be given again"
    parser.add_argument("--phase", metavar="PHASE", action="append", choices=PHASES, help=words)
    words = "only the steps of a node or group, and those that deliver to it; may be given again"
    parser.add_argument("--node", metavar="NAME", action="append", default=[], help=words)
    most = parser.add_mutually_exclusive_group()
    words = f"tell an array of more elements by its range, mean, norm and first {FIRST} (default: {SMALL}; --json: all)"
    most.add_argument("--elements", type=int, metavar="N", help=words)
    most.add_argument("--full", action="store_true", help="tell all elements of every array")
    words = "print one JSON object a step: what it makes or delivers, every array whole unless --elements says less"
    parser.add_argument("--json", action="store_true", help=words)


def _execute(args: argparse.Namespace) -> int:
    refuse_iteration(args.iteration)
    session = steppable(args.file, args.dtype)
    timeline = timeline_at(session, args.iteration, read_roots(args.of, session), args.run)
    for id, error in timeline.run.errors.items():
        raise CommandError(f"{args.file}: {session.graph.path(id)}: {error}")
    if timeline.run.gradients.error is not None:
        raise CommandError(f"{args.file}: {timeline.run.gradients.error}")
    tell, chosen = _Arrays(_most(args)), _chosen(timeline, args, find=resolver(session.graph, session.registry))
    memory = MemoryTold(timeline, lambda source: _name(timeline, source)) if args.memory else None
    for index, step in enumerate(timeline.steps):
        if index not in chosen:
            continue
        if args.json:
            told = _json(timeline, index, step, tell)
            print(json_line(told if memory is None else told | {"memory": memory.mapping(index)}))
            continue
        for line in _text(timeline, index, step, tell):
            print(line)
        if memory is not None:
            print(f"      {memory.line(index)}")
    if none := no_gradients(timeline):
        print(json_line({"phase": LOSS, "no gradients": none}) if args.json else f"    {LOSS:<8} no gradients: {none}")
    if memory is not None and timeline.steps and not args.json:
        print(memory.last_line())
    return 0


def _most(args: argparse.Namespace) -> int | None:
    """The elements up to which an array is told whole; None: always."""
    if args.elements is not None and args.elements < 0:
        raise CommandError(f"--elements takes a number from 0, got {args.elements}")
    return None if args.full else args.elements if args.elements is not None else None if args.json else SMALL


def _chosen(timeline: Timeline, args: argparse.Namespace, find: Resolve) -> frozenset[int]:
    """The indices of the steps that are asked for. Raises `CommandError` where there are none."""
    graph, nodes = timeline.run.asked.graph, set[str]()
    for name in args.node:
        group = at_path(graph, name)
        nodes.update(graph.interior(group)[0] if group is not None and group in graph.groups else [find(name).node])
    found = frozenset(
        index
        for index, step in enumerate(timeline.steps)
        if (not args.phase or step.phase in args.phase) and (not args.node or nodes & _concerned(step))
    )
    if not found and (args.phase or args.node):
        wanted = [f"of the phase {' or '.join(args.phase)}"] if args.phase else []
        wanted += [f"at {' or '.join(args.node)}"] if args.node else []
        raise CommandError(f"no step of this iteration is {' and '.join(wanted)}; it has {len(timeline.steps)} steps")
    return found


def _concerned(step: Step) -> set[str]:
    """The nodes that a step is of, or delivers to."""
    own = {step.node} if step.node is not None else set(step.nodes)
    return {*own, *(delivery.source.node for delivery in step.deliveries)}


class _Arrays(NamedTuple):
    """How arrays are told: those of more than `most` elements by a few numbers; None: all whole."""

    most: int | None

    def text(self, array: Array, before: str) -> str:
        """For people, after `before`."""
        if self.most is not None and array.size > self.most:
            return before + summary_text(array, FIRST)
        text = array_text(array, before, max(array.size, 1))
        if "\n" in text and len(before) > LEFT:  # else it would stand far to the right, an element a line
            return f"{before.rstrip()}\n{array_text(array, BENEATH, max(array.size, 1))}"
        return text

    def mapping(self, value: Array | None) -> dict[str, Any]:
        """For programs."""
        array = np.asarray(value)
        kind = {"shape": list(array.shape), "dtype": array.dtype.name}
        if self.most is not None and array.size > self.most:
            return {"first": array.ravel()[: self.most].tolist(), **figures(array), **kind}
        return {"value": array.tolist(), **kind}


# For people.


def _text(timeline: Timeline, index: int, step: Step, tell: _Arrays) -> Iterator[str]:
    run, graph = timeline.run, timeline.run.asked.graph
    head = f"{index + 1:>3} {step.phase:<8} "
    if step.phase == ZERO:
        yield f"{head}the gradients of {', '.join(graph.path(id) for id in step.nodes)} are set to 0"
    elif step.phase == FORWARD:
        if step.node is None:
            yield f"{head}what is given"
        before = "      " if step.node is None else head
        for source in (source for source in run.tensors if source.node in step.nodes):
            yield tell.text(np.asarray(run.value(source)), f"{before}{_name(timeline, source)} = ")
        if step.node in timeline.updates.idle:
            yield f"      {NOT_RUN}"
    elif step.phase == LOSS:
        assert step.start is not None
        yield tell.text(step.start.value, f"{head}∂/∂{_name(timeline, step.start.source)} starts as ")
    elif step.phase == BACKWARD:
        yield f"{head}{graph.path(str(step.node))}"
        for delivery in step.deliveries:
            rule = local(run, delivery)
            words = f"{_rule(rule)} = " if rule is not None else ""
            yield tell.text(delivery.value, f"      to {_name(timeline, delivery.source)} by {delivery.port}: {words}")
        for line in _settled(timeline, index, step, tell):
            yield f"      {line}"
    else:
        id = str(step.node)
        if timeline.zeroed_at is None and (left := timeline.left.get(id)):
            yield tell.text(sum_of([part.value for part in left]), f"{head}left by passes before: ")
            yield tell.text(np.asarray(timeline.added_up(id)), f"{'':<13}∂/∂{graph.path(id)} with this pass: ")
            head = f"{'':<13}"
        yield from _update(timeline, id, head, tell)


def _update(timeline: Timeline, id: str, head: str, tell: _Arrays) -> Iterator[str]:
    """What a parameter becomes; of one that stays as it is, why."""
    graph, updates = timeline.run.asked.graph, timeline.updates
    if why := updates.unchanged(id):
        yield f"{head}{graph.path(id)}: no update: {why}"
        yield tell.text(timeline.updated[id], "      it stays ")
        return
    yield tell.text(timeline.updated[id], f"{head}{graph.path(id)} becomes ")
    if id in updates.writers:
        yield f"      {updates.text(id)}"


def _settled(timeline: Timeline, index: int, step: Step, tell: _Arrays) -> Iterator[str]:
    """A line for each fork that this step has completed: its parts, and their sum."""
    before, after = Moment(timeline, Cursor(index)), Moment(timeline, Cursor(index + 1))
    for source in dict.fromkeys(delivery.source for delivery in step.deliveries):
        gradient = after.gradient(source)
        if gradient.value is None or gradient.parts < 2 or before.gradient(source).value is not None:
            continue
        own = [] if gradient.start is None else ["the start"]
        names = [*own, *(f"via {_consumer(timeline, d)}" for d in gradient.arrived)]
        if gradient.value.ndim == 0:
            names = [f"{float(v):.6g} ({n})" for v, n in zip(gradient.terms, names, strict=True)]
            yield f"∂/∂{_name(timeline, source)} = {_added(names)} = {float(gradient.value):.6g}"
        else:
            yield tell.text(gradient.value, f"∂/∂{_name(timeline, source)} = {_added(names)} = ")


def _added(terms: list[str]) -> str:
    """The terms of a sum, the first of very many."""
    more = len(terms) - TERMS
    return " + ".join(terms if more < 2 else [*terms[:TERMS], f"… ({more:,} more, all with --json)"])


def _name(timeline: Timeline, source: Source) -> str:
    return value_name(timeline.run.asked.graph, timeline.registry, source)


def _rule(rule: Local) -> str:
    """A rule, with the axes over which it is summed."""
    axes = ", ".join(map(str, rule.summed))
    return (
        f"{rule.text}, summed over {'axis' if len(rule.summed) == 1 else 'axes'} {axes}" if rule.summed else rule.text
    )


def _consumer(timeline: Timeline, delivery: Delivery) -> str:
    return f"{timeline.run.asked.graph.path(delivery.node)}.{delivery.port}"


# For programs.


def _json(timeline: Timeline, index: int, step: Step, tell: _Arrays) -> dict[str, Any]:
    """One object a step: what it makes, or what it delivers and what sums that completes."""
    run, graph = timeline.run, timeline.run.asked.graph
    told: dict[str, Any] = {"step": index + 1, "phase": step.phase}
    if step.node is not None:
        told["node"] = graph.path(step.node)
    if step.phase == ZERO:
        told["zeroed"] = [graph.path(id) for id in step.nodes]
    elif step.phase == FORWARD:
        made = (source for source in run.tensors if source.node in step.nodes)
        told["values"] = {_name(timeline, source): tell.mapping(run.value(source)) for source in made}
        if step.node in timeline.updates.idle:
            told["not run"] = NOT_RUN
    elif step.phase == LOSS and step.start is not None:
        told["start"] = tell.mapping(step.start.value)
        told["gradients"] = dict(_started(timeline, index, step.start.source, tell))
    elif step.phase == BACKWARD:
        told["contributions"] = [_contribution(timeline, delivery, tell) for delivery in step.deliveries]
        told["gradients"] = dict(_completed(timeline, index, step, tell))
    else:
        told["updated"] = tell.mapping(timeline.updated[str(step.node)])
        if why := timeline.updates.unchanged(str(step.node)):
            told["no update"] = why
        if (writer := timeline.updates.writers.get(str(step.node))) is not None:
            told["written by"] = graph.path(writer)
        if timeline.zeroed_at is None and (left := timeline.left.get(str(step.node))):
            told["left"] = [{"passes": [part.first, part.last], **tell.mapping(part.value)} for part in left]
            told["added up"] = tell.mapping(timeline.added_up(str(step.node)))
    return told


def _contribution(timeline: Timeline, delivery: Delivery, tell: _Arrays) -> Mapping[str, Any]:
    to = _name(timeline, delivery.source)
    rule = local(timeline.run, delivery)
    words = None if rule is None else _rule(rule)
    return {"port": delivery.port, "to": to, "rule": words, **tell.mapping(delivery.value)}


def _completed(timeline: Timeline, index: int, step: Step, tell: _Arrays) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The gradients whose last part came in this step."""
    before, after = Moment(timeline, Cursor(index)), Moment(timeline, Cursor(index + 1))
    for source in dict.fromkeys(delivery.source for delivery in step.deliveries):
        if before.gradient(source).value is None and (total := after.gradient(source).value) is not None:
            yield _name(timeline, source), tell.mapping(total)


def _started(timeline: Timeline, index: int, source: Source, tell: _Arrays) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The gradient of a root, where nothing else is delivered to it."""
    total = Moment(timeline, Cursor(index + 1)).gradient(source).value
    if total is not None:
        yield _name(timeline, source), tell.mapping(total)


COMMAND = Command("trace", "go through an iteration step by step", _add_arguments, _execute)
