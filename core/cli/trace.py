"""`gradwire trace FILE`: an iteration step by step, forward and backward, with what meets at each fork."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..graph import Source
from ..stepping import Moment, Step, Timeline
from ..stepping.local import local
from ..stepping.timeline import BACKWARD, FORWARD, LOSS, Cursor, Delivery
from .command import Command, CommandError, add_file, add_json, sound
from .output import array_text, json_line
from .reading import resolver

Array = np.ndarray[Any, Any]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--of", metavar="NAME", help="the value whose gradients are taken (default: the loss)")
    parser.add_argument("--iteration", type=int, default=1, metavar="N", help="the iteration of training (default: 1)")
    parser.add_argument("--dtype", choices=("float32", "float64"), help="compute in this dtype")
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    if args.iteration < 1:
        raise CommandError(f"--iteration counts from 1, got {args.iteration}")
    session = sound(args.file, args.dtype)
    root = None if args.of is None else resolver(session.graph, session.registry)(args.of)
    timeline = session.timeline(root, args.iteration)
    for id, error in timeline.run.errors.items():
        raise CommandError(f"{args.file}: {session.graph.path(id)}: {error}")
    if timeline.run.gradients.error is not None:
        raise CommandError(f"{args.file}: {timeline.run.gradients.error}")
    show = _json if args.json else _text
    for index, step in enumerate(timeline.steps):
        for line in show(timeline, index, step):
            print(line)
    return 0


# For people.


def _text(timeline: Timeline, index: int, step: Step) -> Iterator[str]:
    run, graph = timeline.run, timeline.run.asked.graph
    head = f"{index + 1:>3} {step.phase:<8} "
    if step.phase == FORWARD:
        if step.node is None:
            yield f"{head}what is given"
        before = "      " if step.node is None else head
        for source in (source for source in run.tensors if source.node in step.nodes):
            yield array_text(np.asarray(run.value(source)), f"{before}{_name(timeline, source)} = ")
    elif step.phase == LOSS:
        assert run.root is not None
        yield array_text(np.asarray(run.gradient(run.root)), f"{head}∂/∂{_name(timeline, run.root)} starts as ")
    elif step.phase == BACKWARD:
        yield f"{head}{graph.path(str(step.node))}"
        for delivery in step.deliveries:
            rule = local(run, delivery)
            words = f"{rule.text} = " if rule is not None else ""
            yield array_text(delivery.value, f"      to {_name(timeline, delivery.source)} by {delivery.port}: {words}")
        for line in _settled(timeline, index, step):
            yield f"      {line}"
    else:
        value = timeline.updated[str(step.node)]
        yield array_text(value, f"{head}{graph.path(str(step.node))} becomes ")


def _settled(timeline: Timeline, index: int, step: Step) -> Iterator[str]:
    """A line for each fork that this step has completed: its parts, and their sum."""
    before, after = Moment(timeline, Cursor(index)), Moment(timeline, Cursor(index + 1))
    for source in dict.fromkeys(delivery.source for delivery in step.deliveries):
        gradient = after.gradient(source)
        if gradient.value is None or gradient.parts < 2 or before.gradient(source).value is not None:
            continue
        if gradient.value.ndim == 0:
            parts = " + ".join(f"{float(d.value):.6g} (via {_consumer(timeline, d)})" for d in gradient.arrived)
            yield f"∂/∂{_name(timeline, source)} = {parts} = {float(gradient.value):.6g}"
        else:
            parts = " + ".join(f"via {_consumer(timeline, d)}" for d in gradient.arrived)
            yield array_text(gradient.value, f"∂/∂{_name(timeline, source)} = {parts} = ")


def _name(timeline: Timeline, source: Source) -> str:
    """The path of a node, with the output where it has several."""
    several = sum(other.node == source.node for other in timeline.run.tensors) > 1
    return timeline.run.asked.graph.path(source.node) + (f".{source.output}" if several else "")


def _consumer(timeline: Timeline, delivery: Delivery) -> str:
    return f"{timeline.run.asked.graph.path(delivery.node)}.{delivery.port}"


# For programs.


def _json(timeline: Timeline, index: int, step: Step) -> Iterator[str]:
    """One object a step: what it makes, or what it delivers and what sums that completes."""
    run, graph = timeline.run, timeline.run.asked.graph
    told: dict[str, Any] = {"step": index + 1, "phase": step.phase}
    if step.node is not None:
        told["node"] = graph.path(step.node)
    if step.phase == FORWARD:
        made = (source for source in run.tensors if source.node in step.nodes)
        told["values"] = {_name(timeline, source): _described(run.value(source)) for source in made}
    elif step.phase == LOSS and run.root is not None:
        told["gradients"] = {_name(timeline, run.root): _described(run.gradient(run.root))}
    elif step.phase == BACKWARD:
        told["contributions"] = [_contribution(timeline, delivery) for delivery in step.deliveries]
        told["gradients"] = dict(_completed(timeline, index, step))
    else:
        told["updated"] = _described(timeline.updated[str(step.node)])
    yield json_line(told)


def _contribution(timeline: Timeline, delivery: Delivery) -> Mapping[str, Any]:
    to = _name(timeline, delivery.source)
    rule = local(timeline.run, delivery)
    words = None if rule is None else rule.text
    return {"port": delivery.port, "to": to, "rule": words, **_described(delivery.value)}


def _completed(timeline: Timeline, index: int, step: Step) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The gradients whose last part came in this step."""
    before, after = Moment(timeline, Cursor(index)), Moment(timeline, Cursor(index + 1))
    for source in dict.fromkeys(delivery.source for delivery in step.deliveries):
        if before.gradient(source).value is None and (total := after.gradient(source).value) is not None:
            yield _name(timeline, source), _described(total)


def _described(value: Array | None) -> dict[str, Any]:
    array = np.asarray(value)
    return {"value": array.tolist(), "shape": list(array.shape), "dtype": array.dtype.name}


COMMAND = Command("trace", "go through an iteration step by step", _add_arguments, _execute)
