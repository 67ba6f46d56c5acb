"""`gradwire trace FILE`: an iteration step by step, forward and backward, with what meets at each fork."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..document.ports import value_name
from ..graph import Source
from ..stepping import Moment, Step, Timeline
from ..stepping.local import Local, local
from ..stepping.timeline import BACKWARD, FORWARD, LOSS, ZERO, Cursor, Delivery, sum_of
from ..stepping.updating import NOT_RUN
from .command import Command, CommandError, add_file, add_json, sound
from .iterations import add_iteration, refuse_iteration, timeline_at
from .memory import MemoryTold
from .output import array_text, json_line
from .reading import add_roots, read_roots

Array = np.ndarray[Any, Any]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_roots(parser)
    add_iteration(parser)
    parser.add_argument("--run", metavar="DIR", help="the folder of a run of training, of which the iteration is one")
    parser.add_argument("--dtype", choices=("float32", "float64"), help="compute in this dtype")
    parser.add_argument("--memory", action="store_true", help="tell what is in use after each step, and what is freed")
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    refuse_iteration(args.iteration)
    session = sound(args.file, args.dtype)
    timeline = timeline_at(session, args.iteration, read_roots(args.of, session), args.run)
    for id, error in timeline.run.errors.items():
        raise CommandError(f"{args.file}: {session.graph.path(id)}: {error}")
    if timeline.run.gradients.error is not None:
        raise CommandError(f"{args.file}: {timeline.run.gradients.error}")
    memory = MemoryTold(timeline, lambda source: _name(timeline, source)) if args.memory else None
    for index, step in enumerate(timeline.steps):
        if args.json:
            told = _json(timeline, index, step)
            print(json_line(told if memory is None else told | {"memory": memory.mapping(index)}))
            continue
        for line in _text(timeline, index, step):
            print(line)
        if memory is not None:
            print(f"      {memory.line(index)}")
    if memory is not None and timeline.steps and not args.json:
        print(memory.last_line())
    return 0


# For people.


def _text(timeline: Timeline, index: int, step: Step) -> Iterator[str]:
    run, graph = timeline.run, timeline.run.asked.graph
    head = f"{index + 1:>3} {step.phase:<8} "
    if step.phase == ZERO:
        yield f"{head}the gradients of {', '.join(graph.path(id) for id in step.nodes)} are set to 0"
    elif step.phase == FORWARD:
        if step.node is None:
            yield f"{head}what is given"
        before = "      " if step.node is None else head
        for source in (source for source in run.tensors if source.node in step.nodes):
            yield array_text(np.asarray(run.value(source)), f"{before}{_name(timeline, source)} = ")
        if step.node in timeline.updates.idle:
            yield f"      {NOT_RUN}"
    elif step.phase == LOSS:
        assert step.start is not None
        yield array_text(step.start.value, f"{head}∂/∂{_name(timeline, step.start.source)} starts as ")
    elif step.phase == BACKWARD:
        yield f"{head}{graph.path(str(step.node))}"
        for delivery in step.deliveries:
            rule = local(run, delivery)
            words = f"{_rule(rule)} = " if rule is not None else ""
            yield array_text(delivery.value, f"      to {_name(timeline, delivery.source)} by {delivery.port}: {words}")
        for line in _settled(timeline, index, step):
            yield f"      {line}"
    else:
        id = str(step.node)
        if timeline.zeroed_at is None and (left := timeline.left.get(id)):
            yield array_text(sum_of([part.value for part in left]), f"{head}left by passes before: ")
            yield array_text(np.asarray(timeline.added_up(id)), f"{'':<13}∂/∂{graph.path(id)} with this pass: ")
            head = f"{'':<13}"
        yield from _update(timeline, id, head)


def _update(timeline: Timeline, id: str, head: str) -> Iterator[str]:
    """What a parameter becomes; of one that stays as it is, why."""
    graph, updates = timeline.run.asked.graph, timeline.updates
    if why := updates.unchanged(id):
        yield f"{head}{graph.path(id)}: no update: {why}"
        yield array_text(timeline.updated[id], "      it stays ")
        return
    yield array_text(timeline.updated[id], f"{head}{graph.path(id)} becomes ")
    if id in updates.writers:
        yield f"      {updates.text(id)}"


def _settled(timeline: Timeline, index: int, step: Step) -> Iterator[str]:
    """A line for each fork that this step has completed: its parts, and their sum."""
    before, after = Moment(timeline, Cursor(index)), Moment(timeline, Cursor(index + 1))
    for source in dict.fromkeys(delivery.source for delivery in step.deliveries):
        gradient = after.gradient(source)
        if gradient.value is None or gradient.parts < 2 or before.gradient(source).value is not None:
            continue
        own = [] if gradient.start is None else ["the start"]
        names = [*own, *(f"via {_consumer(timeline, d)}" for d in gradient.arrived)]
        if gradient.value.ndim == 0:
            parts = " + ".join(f"{float(v):.6g} ({n})" for v, n in zip(gradient.terms, names, strict=True))
            yield f"∂/∂{_name(timeline, source)} = {parts} = {float(gradient.value):.6g}"
        else:
            yield array_text(gradient.value, f"∂/∂{_name(timeline, source)} = {' + '.join(names)} = ")


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


def _json(timeline: Timeline, index: int, step: Step) -> dict[str, Any]:
    """One object a step: what it makes, or what it delivers and what sums that completes."""
    run, graph = timeline.run, timeline.run.asked.graph
    told: dict[str, Any] = {"step": index + 1, "phase": step.phase}
    if step.node is not None:
        told["node"] = graph.path(step.node)
    if step.phase == ZERO:
        told["zeroed"] = [graph.path(id) for id in step.nodes]
    elif step.phase == FORWARD:
        made = (source for source in run.tensors if source.node in step.nodes)
        told["values"] = {_name(timeline, source): _described(run.value(source)) for source in made}
        if step.node in timeline.updates.idle:
            told["not run"] = NOT_RUN
    elif step.phase == LOSS and step.start is not None:
        told["start"] = _described(step.start.value)
        told["gradients"] = dict(_started(timeline, index, step.start.source))
    elif step.phase == BACKWARD:
        told["contributions"] = [_contribution(timeline, delivery) for delivery in step.deliveries]
        told["gradients"] = dict(_completed(timeline, index, step))
    else:
        told["updated"] = _described(timeline.updated[str(step.node)])
        if why := timeline.updates.unchanged(str(step.node)):
            told["no update"] = why
        if (writer := timeline.updates.writers.get(str(step.node))) is not None:
            told["written by"] = graph.path(writer)
        if timeline.zeroed_at is None and (left := timeline.left.get(str(step.node))):
            told["left"] = [{"passes": [part.first, part.last], **_described(part.value)} for part in left]
            told["added up"] = _described(timeline.added_up(str(step.node)))
    return told


def _contribution(timeline: Timeline, delivery: Delivery) -> Mapping[str, Any]:
    to = _name(timeline, delivery.source)
    rule = local(timeline.run, delivery)
    words = None if rule is None else _rule(rule)
    return {"port": delivery.port, "to": to, "rule": words, **_described(delivery.value)}


def _completed(timeline: Timeline, index: int, step: Step) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The gradients whose last part came in this step."""
    before, after = Moment(timeline, Cursor(index)), Moment(timeline, Cursor(index + 1))
    for source in dict.fromkeys(delivery.source for delivery in step.deliveries):
        if before.gradient(source).value is None and (total := after.gradient(source).value) is not None:
            yield _name(timeline, source), _described(total)


def _started(timeline: Timeline, index: int, source: Source) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The gradient of a root, where nothing else is delivered to it."""
    total = Moment(timeline, Cursor(index + 1)).gradient(source).value
    if total is not None:
        yield _name(timeline, source), _described(total)


def _described(value: Array | None) -> dict[str, Any]:
    array = np.asarray(value)
    return {"value": array.tolist(), "shape": list(array.shape), "dtype": array.dtype.name}


COMMAND = Command("trace", "go through an iteration step by step", _add_arguments, _execute)
