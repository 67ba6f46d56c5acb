"""A plan: what will run, as plain data. Steps in order, each with the node, port and phase it comes from.

A `Builder` takes steps by being computed with: its symbols stand for values, and applying an op to one adds a
step. So gradient rules, update rules and Python functions all write plans by the same text that computes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from .errors import GradwireError
from .op import Aval, Op, cast, common_dtype, short_name, visible
from .operators import Operators
from .records import Record

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


class Origin(NamedTuple):
    """Where a step comes from: the node and port of the graph, and the phase."""

    node: str | None
    port: str | None
    phase: str


class Delivery(NamedTuple):
    """A contribution to a gradient: the consumer port that delivered it, and the number of its value."""

    node: str
    port: str
    value: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What will run. Values are numbered; `avals[i]` is the shape and dtype of value i.

    `inputs` are fed by name, `state` is read by slot and `constants` are arrays; `outputs` are fetched by name and
    `updates` written back to state together, after the last step. `deliveries` lists, by the number of a summed
    gradient, the contributions that it is the sum of; `origins`, by the number of a shared result, the other steps
    that it stands for.
    """

    inputs: Mapping[str, int]
    state: Mapping[str, int]
    constants: Mapping[int, np.ndarray[Any, Any]]
    avals: tuple[Aval, ...]
    steps: tuple[Step, ...]
    outputs: Mapping[str, int] = field(default_factory=dict)
    updates: Mapping[str, int] = field(default_factory=dict)
    deliveries: Mapping[int, tuple[Delivery, ...]] = field(default_factory=dict)
    origins: Mapping[int, tuple[Origin, ...]] = field(default_factory=dict)

    def with_steps(self, steps: Sequence[Step], **changes: Any) -> Plan:
        """This plan with other steps."""
        return replace(self, steps=tuple(steps), **changes)

    def __str__(self) -> str:
        return "\n".join(_lines(self))


class Symbol(Operators):
    """A value of a plan being built: number `slot` of its builder."""

    __slots__ = ("builder", "slot")

    def __init__(self, builder: Builder, slot: int) -> None:
        self.builder = builder
        self.slot = slot

    @staticmethod
    def apply_op(op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        for arg in args:
            if type(arg) is Symbol:
                return arg.builder.apply(op, args, params)
        raise TypeError(f"{op.name} is applied to no symbol")

    @property
    def aval(self) -> Aval:
        return self.builder.avals[self.slot]

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.builder.avals[self.slot].shape

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        return self.builder.avals[self.slot].dtype

    def __bool__(self) -> bool:
        raise GradwireError(
            f"%{self.slot} has no value while a plan is built, so Python cannot decide by it",
            hint="where(condition, a, b) decides element by element",
        )

    def __repr__(self) -> str:
        return f"%{self.slot} {self.aval}"


class Builder:
    """Collects the steps of a plan. `phase`, `order`, `node` and `port` label the steps that are added."""

    def __init__(self) -> None:
        self.avals: list[Aval] = []
        self.steps: list[Step] = []
        self.inputs: dict[str, int] = {}
        self.state: dict[str, int] = {}
        self.constants: dict[int, np.ndarray[Any, Any]] = {}
        self.deliveries: dict[int, tuple[Delivery, ...]] = {}
        self.producer: dict[int, int] = {}  # value → index of the step that makes it
        self.sources: dict[int, str] = {}  # value that no step makes → the node that it belongs to
        self.node: str | None = None
        self.port: str | None = None
        self.phase = FORWARD
        self.order = 0
        self._scalars: dict[tuple[Any, ...], int] = {}

    # The builder as a world in which gradients are built (backward.py).

    def leaf(self, like: Any) -> Symbol:
        """A value that nothing makes: nothing that runs may depend on it."""
        return Symbol(self, self._value(Aval(like.shape, like.dtype)))

    def since(self, mark: Symbol, roots: Sequence[Any]) -> list[Record]:
        """The steps added since the leaf `mark` was made, as records."""
        first = len(self.steps)
        while first and self.steps[first - 1].outs[0] > mark.slot:
            first -= 1
        return self.records(first=first)

    def records(self, roots: Sequence[Any] = (), first: int = 0) -> list[Record]:
        """The steps from `first` on as records for a walk (all of them: steps already stand in order)."""
        made = []
        for step in self.steps[first:]:
            args = [None if a is None else Symbol(self, a) for a in step.args]
            outs = step.outs
            result = Symbol(self, outs[0]) if len(outs) == 1 else tuple(Symbol(self, o) for o in outs)
            made.append(Record(step.op, args, args, step.params, step.outs[0], result, step))
        return made

    def enter(self, record: Record | None, slot: int | None) -> None:
        """Label what follows with the node of `record`, or with the one whose value is `slot`."""
        if slot is not None:
            at = self.producer.get(slot)
            self.node = self.sources.get(slot) if at is None else self.steps[at].node
            self.port = None
        elif record is not None:
            self.node, self.port = record.owner.node, record.owner.port

    def origin(self, record: Record) -> tuple[str | None, str | None]:
        """The node of a record, and the port where the record is a cast that a port needs."""
        return record.owner.node, record.owner.port

    def explain(self, total: Symbol, parts: Sequence[tuple[str, str, Symbol]]) -> None:
        """Keep what the summed gradient `total` is the sum of."""
        self.deliveries[total.slot] = tuple(Delivery(node, port, value.slot) for node, port, value in parts)

    # Values that no step makes.

    def _value(self, aval: Aval) -> int:
        self.avals.append(aval)
        return len(self.avals) - 1

    def input(self, name: str, aval: Aval) -> Symbol:
        """A value that is fed at each run under `name`."""
        if name not in self.inputs:
            self.inputs[name] = self._value(aval)
        return Symbol(self, self.inputs[name])

    def read(self, slot: str, aval: Aval) -> Symbol:
        """The value that the state holds in `slot` when the run starts."""
        if slot not in self.state:
            self.state[slot] = self._value(aval)
        return Symbol(self, self.state[slot])

    def constant(self, value: Any, dtype: Any = None) -> Symbol:
        """A value known now. Equal scalars are one value."""
        if isinstance(value, Symbol):
            return value
        # (A tensor becomes its array: a plan remembers no tape.)
        array = np.array(value, dtype, order="C")
        # The bytes tell 0 from −0 and one NaN from another.
        key = (array.dtype, array.tobytes()) if array.ndim == 0 else None
        if key is not None and key in self._scalars:
            return Symbol(self, self._scalars[key])
        number = self._value(Aval(array.shape, array.dtype))
        array.setflags(write=False)
        self.constants[number] = array
        if key is not None:
            self._scalars[key] = number
        return Symbol(self, number)

    def seed(self, value: Any) -> Symbol:
        """A starting gradient: a value known now, or a symbol."""
        return self.constant(value)

    # Steps.

    def apply(self, op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """Add the step that applies `op`, after the casts that its ports need. Returns its visible outputs."""
        numbers = self._numbers(op, args)
        avals = self.avals
        inferred = op.infer([None if n is None else avals[n] for n in numbers], params)
        first = len(avals)
        avals.extend(inferred)
        outs = tuple(range(first, len(avals)))
        for out in outs:
            self.producer[out] = len(self.steps)
        self.steps.append(Step(outs, op, numbers, params, self.node, self.port, self.phase, self.order))
        if op.single:
            return Symbol(self, first)
        return visible(op, tuple(Symbol(self, out) for out in outs))

    def _numbers(self, op: Op, args: tuple[Any, ...]) -> tuple[int | None, ...]:
        """The numbers of the arguments, after constants are added and casts made."""
        if all([type(arg) is Symbol and arg.builder is self for arg in args]):
            numbers = tuple([arg.slot for arg in args])
            if not op.promoted or self._alike(numbers, op.floating):
                return numbers
        return self._promoted(op, args)

    def _alike(self, numbers: tuple[int, ...], floating: bool) -> bool:
        """Whether the values are of one dtype, a floating one where that is asked for: nothing is to be promoted."""
        dtype = self.avals[numbers[0]].dtype
        return (not floating or dtype.kind == "f") and all([self.avals[n].dtype is dtype for n in numbers])

    def _promoted(self, op: Op, args: tuple[Any, ...]) -> tuple[int | None, ...]:
        last = len(op.ports) - 1
        dtype = None
        if op.promoted:
            chosen = [a for i, a in enumerate(args) if min(i, last) in op.promoted and a is not None]
            dtype = common_dtype(chosen, op.floating)
        numbers: list[int | None] = []
        for i, arg in enumerate(args):
            if arg is None:
                numbers.append(None)
                continue
            wanted = dtype if min(i, last) in op.promoted else None
            if not isinstance(arg, Symbol):
                arg = self.constant(arg, wanted)
            elif arg.builder is not self:
                raise GradwireError(
                    f"{op.name} is applied to %{arg.slot} of another plan",
                    hint="a traced function may use its own arguments only",
                )
            elif wanted is not None and arg.dtype != wanted:
                outer, self.port = self.port, op.port_name(i)
                arg = cast(arg, wanted)
                self.port = outer
            numbers.append(arg.slot)
        return tuple(numbers)

    @contextmanager
    def labelled(self, **labels: Any) -> Iterator[None]:
        """Within it, steps bear other labels: `with builder.labelled(phase="update", node="w"): …`"""
        before = {name: getattr(self, name) for name in labels}
        for name, value in labels.items():
            setattr(self, name, value)
        yield
        for name, value in before.items():
            setattr(self, name, value)

    def finish(self, outputs: Mapping[str, Symbol], updates: Mapping[str, Symbol] = {}) -> Plan:
        """The plan that fetches `outputs` and writes `updates` back to the state."""
        return Plan(
            dict(self.inputs),
            dict(self.state),
            dict(self.constants),
            tuple(self.avals),
            tuple(self.steps),
            {name: symbol.slot for name, symbol in outputs.items()},
            {name: symbol.slot for name, symbol in updates.items()},
            dict(self.deliveries),
        )


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


def _lines(plan: Plan) -> Iterator[str]:
    for title, names in (("inputs", plan.inputs), ("state", plan.state)):
        if names:
            yield f"{title} " + ", ".join(f"%{n} {name}{_typed(plan.avals[n])}" for name, n in names.items())
    listed = [(n, v) for n, v in plan.constants.items() if v.ndim]
    if listed:
        yield "constants " + ", ".join(f"%{n} {_typed(plan.avals[n])}" for n, _ in listed)
    left = [", ".join(f"%{o}" for o in s.outs) for s in plan.steps]
    width = max((len(text) for text in left), default=0)
    rows = [
        f"{outs:<{width}}  {plan.avals[s.outs[0]]} = {_call(plan, s)}"
        for outs, s in zip(left, plan.steps, strict=True)
    ]
    margin = min(max((len(row) for row in rows), default=0), 72)
    for row, step in zip(rows, plan.steps, strict=True):
        yield f"{row:<{margin}}  # {_origin(plan, step)}"
    for title, names in (("outputs", plan.outputs), ("updates", plan.updates)):
        if names:
            yield f"{title} " + ", ".join(f"{name} = %{n}" for name, n in names.items())


def _typed(aval: Aval) -> str:
    return f"{aval.shape} {short_name(aval.dtype)}"


def _call(plan: Plan, step: Step) -> str:
    args = ["none" if a is None else _arg(plan, a) for a in step.args]
    shown = {k: v for k, v in step.params.items() if k not in step.op.defaults or step.op.defaults[k] != v}
    return f"{step.op.name}({', '.join(args + [f'{k}={v!r}' for k, v in shown.items()])})"


def _arg(plan: Plan, number: int) -> str:
    value = plan.constants.get(number)
    return f"%{number}" if value is None or value.ndim else repr(value.item())


def _origin(plan: Plan, step: Step) -> str:
    place = step.node or "-"
    if step.port:
        place += f".{step.port}"
    text = f"{place}  {step.phase}" + (f" {step.order}" if step.order > 1 else "")
    sources = plan.deliveries.get(step.outs[0]) if step.op.name == "accumulate" else None
    return text + ("   from " + ", ".join(f"{d.node}.{d.port}" for d in sources) if sources else "")
