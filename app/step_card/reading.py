"""All that is told of the step at a moment. It is read beside the window, of arrays that no longer change."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ...core.cancelling import Cancelled, never
from ...core.document.ports import value_name
from ...core.document.written import written_as
from ...core.graph import Source
from ...core.op import Op
from ...core.stepping import Moment, Start, Step
from ...core.stepping.local import local
from ...core.stepping.timeline import BACKWARD, FORWARD, LOSS, UPDATE, ZERO, Delivery
from ...core.stepping.updating import NOT_RUN
from ...core.tracing import is_composite
from .accounts import Account, Row, by_port
from .curves import Curve, curve_of
from .working import Working
from .workings import back, forward, start, update

GIVEN = "Nothing is computed here: these values are given"
ZEROED = (
    "What the iteration before has left in the gradients of parameters is set to 0. Where that is not done, what comes "
    "back is added to it (zero gradients, among the settings of training)"
)
WRITTEN = "An assign writes this value here, at the end of the iteration: the next one begins with it"
ROOT = "Gradients are taken of this value, so here they start"


@dataclass(frozen=True)
class Reading:
    """A step: what it is called, what its op is for, and what it makes."""

    moment: Moment
    phase: str
    title: str
    role: str
    formula: str = ""  # LaTeX
    node: str | None = None
    workings: tuple[Working, ...] = ()
    curve: Curve | None = None
    accounts: tuple[Account, ...] = ()
    given: tuple[Row, ...] = ()

    @property
    def composite(self) -> bool:
        """Whether its op is made of simpler ones, which could be shown instead."""
        return self.node is not None and is_composite(_op(self.moment, self.node)) and not self.whole

    @property
    def whole(self) -> str:
        """Why its op cannot be shown as simpler ones though it is made of such; nothing where it can, or is not."""
        op = None if self.node is None else _op(self.moment, self.node)
        if op is None or self.node is None or not is_composite(op) or op.writing is not None:
            return ""
        graph = self.moment.timeline.run.asked.graph
        written = [graph.path(each.target) for each in written_as(graph, op, graph.nodes[self.node])]
        return f"It is not shown as simpler ops: these would leave {' and '.join(written)} as is" if written else ""


def read(moment: Moment, cancelled: Cancelled = never) -> Reading | None:
    """What there is to be told of the last step of a moment; None before the first step, or where cancelled."""
    step = moment.step
    if step is None:
        return None
    if step.node is None:
        return _zero(moment, step) if step.phase == ZERO else _given(moment, step)
    if step.phase == FORWARD:
        return _forward(moment, step.node)
    if step.start is not None:
        return _loss(moment, step.start)
    return _back(moment, step, cancelled) if step.phase == BACKWARD else _update(moment, step.node)


def _op(moment: Moment, node: str) -> Op | None:
    return moment.timeline.registry.get(moment.timeline.run.asked.graph.nodes[node].op)


def _role(op: Op | None) -> str:
    """The first sentence of an op's docstring."""
    text = "" if op is None else " ".join(op.doc.split("\n\n")[0].split()).replace("`", "")
    return re.sub(r":$", ".", re.split(r"(?<=\.)\s+(?=[A-Z])", text)[0])


def _title(moment: Moment, phase: str, node: str, op: Op | None) -> str:
    path = moment.timeline.run.asked.graph.path(node)
    if moment.over is not None:
        path = f"the last of {moment.cursor.step - moment.over.first:,} of {moment.over.name}: {path}"
    kind = f" ({op.name})" if op is not None and op.name != path else ""
    micro = moment.micro
    part = "" if micro is None else f" · {micro.kind}{f' {micro.port}' if micro.port else ''}"
    return f"{phase} · {path}{kind}{part}"


def _given(moment: Moment, step: Step) -> Reading:
    run = moment.timeline.run
    graph = run.asked.graph
    rows = []
    for source in run.tensors:
        if source.node in step.nodes:
            name = value_name(graph, moment.timeline.registry, source)
            value = np.asarray(run.value(source))
            rows.append(Row.of(f"{name} {value.shape if value.ndim else ''}".strip(), source.node, value))
    return Reading(moment, FORWARD, "forward · what is given", GIVEN, given=tuple(rows))


def _zero(moment: Moment, step: Step) -> Reading:
    graph, left = moment.timeline.run.asked.graph, moment.timeline.left
    rows = [Row.of(graph.path(id), id, left[id][-1].value) for id in step.nodes if left.get(id)]
    return Reading(moment, ZERO, "zero · gradients", ZEROED, given=tuple(rows))


def _forward(moment: Moment, node: str) -> Reading:
    run, op = moment.timeline.run, _op(moment, node)
    sources = [source for source in run.tensors if source.node == node]
    made = [forward(run, each, each.output if len(sources) > 1 else run.asked.graph.path(node)) for each in sources]
    workings = tuple(each for each in made if each is not None)
    formula = "" if op is None else op.formula
    title, role = _title(moment, FORWARD, node, op), _role(op)
    if node in moment.timeline.updates.idle:
        role = f"{NOT_RUN[0].upper()}{NOT_RUN[1:]}. {role}"
    return Reading(moment, FORWARD, title, role, formula, node, workings, curve_of(run, node))


def _loss(moment: Moment, begun: Start) -> Reading:
    node = begun.source.node
    path = moment.timeline.run.asked.graph.path(node)
    return Reading(moment, LOSS, f"loss · {path}", ROOT, node=node, workings=(start(moment.timeline.run, begun),))


def _back(moment: Moment, step: Step, cancelled: Cancelled) -> Reading | None:
    assert step.node is not None
    op, run = _op(moment, step.node), moment.timeline.run
    workings = []
    for delivery in step.deliveries:
        if cancelled():
            return None
        workings.append(back(moment, delivery))
    forks = []
    for source in dict.fromkeys(delivery.source for delivery in step.deliveries):
        gradient = moment.gradient(source)
        if gradient.arrived and (gradient.parts > 1 or _is_used_often(moment, gradient.arrived[0])):
            forks.append(by_port(moment, source))
    title = _title(moment, BACKWARD, step.node, op)
    formula = "" if op is None else op.formula
    curve = curve_of(run, step.node) if workings else None
    return Reading(moment, BACKWARD, title, _role(op), formula, step.node, tuple(workings), curve, tuple(forks))


def _is_used_often(moment: Moment, delivery: Delivery) -> bool:
    """Whether what comes through one port adds up what many elements send back, as of a bias that each sample takes."""
    run, node = moment.timeline.run, delivery.source.node
    made = (run.value(each) for each in moment.timeline.sources_of[delivery.node])
    found = local(run, delivery)
    many = any(value is not None and value.size > 1 for value in made)
    return many and (run.asked.graph.nodes[node].op == "parameter" or (found is not None and bool(found.summed)))


def _update(moment: Moment, node: str) -> Reading:
    graph = moment.timeline.run.asked.graph
    found = update(moment, node)
    source = Source(node, "y")
    accounts = (by_port(moment, source),) if moment.gradient(source).arrived else ()
    updates, workings = moment.timeline.updates, () if found is None else (found,)
    writer = updates.writers.get(node)
    title = f"update · {updates.text(node) or graph.path(node)}"
    if writer is not None:
        given = (Row.of(f"written by {graph.path(writer)}", writer, moment.timeline.updated.get(node)),)
        return Reading(moment, UPDATE, title, WRITTEN, "", node, workings, None, (), given)
    role = "" if updates.unchanged(node) else optimiser_text(moment, node)
    return Reading(moment, UPDATE, title, role, "", node, workings, None, accounts)


def optimiser_text(moment: Moment, id: str) -> str:
    """The rule of the optimiser, with its settings for a parameter."""
    from ...core.training.optim import optimiser  # with all of training, which nothing needs before

    training = moment.timeline.run.asked.graph.training
    if training is None:
        return ""
    rule = optimiser(training.optimiser)[0]
    updates = moment.timeline.updates
    settings, rate = updates.settings(id), updates.rate_of(id)
    scheduled = {} if rate == settings["lr"] else {"lr": f"{rate:.4g} (of {settings['lr']}, by the schedule)"}
    told = ", ".join(f"{name} {value}" for name, value in {**settings, **scheduled}.items() if value or name == "lr")
    return f"{' '.join(rule.doc.split())} Here {told}."
