"""A plan: what will run, as plain data. Steps in order, each with the node, port and phase it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from .errors import GradwireError
from .op import Aval, Op, short_name

FORWARD, BACKWARD, TANGENT, UPDATE = "forward", "backward", "tangent", "update"


class Step(NamedTuple):
    """One application of an op. `outs` and `args` are numbers of values (None: an optional port left open).

    `node` and `port` say where it comes from (`port` for a cast that a port needs), `phase` is forward, backward,
    tangent or update, and `order` the order of differentiation.
    """

    outs: tuple[int, ...]
    op: Op
    args: tuple[int | None, ...]
    params: Mapping[str, Any]
    node: str | None = None
    port: str | None = None
    phase: str = FORWARD
    order: int = 0


class StepOrigin(NamedTuple):
    """Where a step comes from: the node and port of the graph, and the phase."""

    node: str | None
    port: str | None
    phase: str


class Delivery(NamedTuple):
    """A contribution to a gradient: the consumer port that delivered it, and the number of its value."""

    node: str
    port: str
    value: int


class Gradient(NamedTuple):
    """The gradient of a value: its number, and what it is the sum of, from left to right (one entry where one)."""

    total: int
    parts: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What will run. Values are numbered; `avals[i]` is the shape and dtype of value i.

    `inputs` are fed by name, `state` is read by slot and `constants` are arrays; `outputs` are fetched by name and
    `updates` written back to state together, after the last step. `gradients` gives, by the number of a value as
    it was lowered, its gradient and the contributions that it is the sum of; `origins`, by the number of a shared
    result, the other steps that it stands for.
    """

    inputs: Mapping[str, int]
    state: Mapping[str, int]
    constants: Mapping[int, np.ndarray[Any, Any]]
    avals: tuple[Aval, ...]
    steps: tuple[Step, ...]
    outputs: Mapping[str, int] = field(default_factory=dict)
    updates: Mapping[str, int] = field(default_factory=dict)
    gradients: Mapping[int, Gradient] = field(default_factory=dict)
    origins: Mapping[int, tuple[StepOrigin, ...]] = field(default_factory=dict)

    def with_steps(self, steps: Sequence[Step], **changes: Any) -> Plan:
        """This plan with other steps."""
        return replace(self, steps=tuple(steps), **changes)

    def __str__(self) -> str:
        return self.text()

    def text(self, name: Callable[[str], str] = str) -> str:
        """The plan in lines; `name` gives the name under which a node (an id) is shown."""
        return "\n".join(_lines(self, name))


def verify(plan: Plan) -> Plan:
    """`plan` itself, after checking that it can run: each value is made once, before it is used, with the shape and
    dtype that its op says. Raises `GradwireError` naming the step."""
    made: set[int] = set()
    for number in (*plan.inputs.values(), *plan.state.values(), *plan.constants):
        if number in made:
            raise GradwireError(f"%{number} is given twice, as an input, state or constant")
        made.add(number)
    for number, value in plan.constants.items():
        if (found := Aval(value.shape, value.dtype)) != plan.avals[number]:
            raise GradwireError(f"the constant %{number} is {found}, but the plan says {plan.avals[number]}")
    for i, step in enumerate(plan.steps):
        _verify_step(plan, step, f"step {i} ({step.op.name})", made)
        made.update(step.outs)
    for kind, wanted in (("output", plan.outputs), ("update", plan.updates)):
        for name, number in wanted.items():
            if number not in made:
                raise GradwireError(f"the {kind} {name!r} is %{number}, which no step makes")
    for slot, number in plan.updates.items():
        if slot in plan.state and plan.avals[number] != plan.avals[plan.state[slot]]:
            raise GradwireError(
                f"the update of {slot!r} must be {plan.avals[plan.state[slot]]}, got {plan.avals[number]}"
            )
    return plan


def _verify_step(plan: Plan, step: Step, place: str, made: set[int]) -> None:
    for arg in step.args:
        if arg is not None and arg not in made:
            raise GradwireError(f"{place} uses %{arg} before it is made")
    try:
        inferred = step.op.infer([None if a is None else plan.avals[a] for a in step.args], step.params)
    except GradwireError as error:
        raise GradwireError(f"{place}: {error.message}", hint=error.hint) from error
    if len(step.outs) != len(inferred):
        raise GradwireError(f"{place} makes {len(step.outs)} values, but its op gives {len(inferred)}")
    for out, aval in zip(step.outs, inferred, strict=True):
        if out in made:
            raise GradwireError(f"{place} makes %{out} a second time")
        if plan.avals[out] != aval:
            raise GradwireError(f"{place} makes %{out} {aval}, but the plan says {plan.avals[out]}")


# Printing.


def _lines(plan: Plan, name: Callable[[str], str]) -> Iterator[str]:
    state = {_slot(slot, name): number for slot, number in plan.state.items()}
    for title, values in (("inputs", plan.inputs), ("state", state)):
        if values:
            yield f"{title} " + ", ".join(f"%{n} {text}{_typed(plan.avals[n])}" for text, n in values.items())
    listed = [(n, v) for n, v in plan.constants.items() if v.ndim]
    if listed:
        yield "constants " + ", ".join(f"%{n} {_typed(plan.avals[n])}" for n, _ in listed)
    left = [", ".join(f"%{o}" for o in s.outs) for s in plan.steps]
    width = max((len(text) for text in left), default=0)
    rows = [
        f"{outs:<{width}}  {plan.avals[s.outs[0]]} = {_call(plan, s)}" for outs, s in zip(left, plan.steps, strict=True)
    ]
    margin = min(max((len(row) for row in rows), default=0), 72)
    sums: dict[int, list[Delivery]] = {}
    for gradient in plan.gradients.values():
        sums.setdefault(gradient.total, []).extend(gradient.parts)
    for row, step in zip(rows, plan.steps, strict=True):
        yield f"{row:<{margin}}  # {_origin(step, sums, name)}"
    updates = {_slot(slot, name): number for slot, number in plan.updates.items()}
    for title, values in (("outputs", plan.outputs), ("updates", updates)):
        if values:
            yield f"{title} " + ", ".join(f"{text} = %{n}" for text, n in values.items())


def _slot(slot: str, name: Callable[[str], str]) -> str:
    """A slot of state as it is shown: a node's name, or that and what is kept for it, as in "w:mean"."""
    node, colon, kept = slot.partition(":")
    return (name(node) if node else "") + colon + kept


def _typed(aval: Aval) -> str:
    return f"{aval.shape} {short_name(aval.dtype)}"


def _call(plan: Plan, step: Step) -> str:
    args = ["none" if a is None else _arg(plan, a) for a in step.args]
    shown = {k: v for k, v in step.params.items() if k not in step.op.defaults or step.op.defaults[k] != v}
    return f"{step.op.name}({', '.join(args + [f'{k}={v!r}' for k, v in shown.items()])})"


def _arg(plan: Plan, number: int) -> str:
    value = plan.constants.get(number)
    return f"%{number}" if value is None or value.ndim else repr(value.item())


def _origin(step: Step, sums: Mapping[int, Sequence[Delivery]], name: Callable[[str], str]) -> str:
    place = name(step.node) if step.node else "-"
    if step.port:
        place += f".{step.port}"
    text = f"{place}  {step.phase}" + (f" {step.order}" if step.order > 1 else "")
    sources = sums.get(step.outs[0]) if step.op.name == "accumulate" else None
    return text + ("   from " + ", ".join(f"{name(d.node)}.{d.port}" for d in sources) if sources else "")
