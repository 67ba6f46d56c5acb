"""`gradwire plan FILE`: what will run, step by step, and the source that is made of it."""

from __future__ import annotations

import argparse

from ..backends import backend
from ..document.ports import value_name
from ..errors import RunError
from ..feeding import describer
from ..gradient_check import unread
from ..infer import Binding
from ..lower import Lowering
from ..passes import optimise
from ..plan import Plan
from ..session import Session
from ..training.steps import TrainingStep
from .command import Command, add_file, sound
from .output import counted


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--train", action="store_true", help="the plan of a step of training")
    parser.add_argument("--passes", action="store_true", help="the plan as lowered and after each pass")
    parser.add_argument("--source", action="store_true", help="the source that the NumPy backend writes")


def _execute(args: argparse.Namespace) -> int:
    session = sound(args.file)
    lowered = _training_plan(session) if args.train else _forward_plan(session)
    stages = list(optimise(lowered))
    path = session.graph.path
    for name, plan in stages if args.passes else ():
        print(f"== {name}: {counted(len(plan.steps), 'step')}\n{plan.text(path)}\n")
    last = stages[-1][1]
    if args.source:
        print(backend("numpy").source(last))
    elif not args.passes:
        print(last.text(path))
    return 0


def _training_plan(session: Session) -> Plan:
    """Forward, backward and update for one batch."""
    training = session.graph.training
    if training is None:
        raise RunError("the graph has no training settings", hint="they name the loss, the optimiser and the batch")
    describe = describer(session.folder, session.dtype)
    step = TrainingStep(session.graph, session.registry, training, session.dtype, "static", describe)
    return step.plan(training.batch)


def _forward_plan(session: Session) -> Plan:
    """What computes every value that nothing in the graph reads."""
    graph, registry = session.graph, session.registry
    batch = graph.training.batch if graph.training else 1
    binding = Binding(session.dtype, batch, "eval", session.seed)
    lowering = Lowering(graph, registry, binding, describer(session.folder, session.dtype))
    wanted = list(unread(graph, registry))
    symbols = lowering.lower(wanted)
    names = [value_name(graph, registry, source) for source in wanted]
    plan: Plan = lowering.builder.finish(dict(zip(names, symbols, strict=True)), lowering.updates)
    return plan


COMMAND = Command("plan", "print what will run, step by step", _add_arguments, _execute)
