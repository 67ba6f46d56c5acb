"""How plans are written: by being computed with.

A builder's symbols stand for values, and applying an op to one adds a step. So gradient rules, update rules and
Python functions all write plans by the same text that computes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .applying import again, visible
from .errors import GradwireError, RunError
from .op import Aval, Op
from .operators import Operators
from .plan import FORWARD, Delivery, Gradient, Plan, Step
from .promotion import cast, common_dtype
from .records import Record
from .refusing import FAILURES, check_count, numbers
from .traced import Traced

# Called when the plan is finished: value, gradient, and (node, port, value) of each of its parts.
Explained = Callable[[], Iterable[tuple[int, Any, Sequence[tuple[str, str, Any]]]]]


class Symbol(Operators):
    """A value of a plan being built: number `slot` of its builder."""

    __slots__ = ("builder", "slot")

    def __init__(self, builder: Values, slot: int) -> None:
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

    # What Python and NumPy ask of a number or an array, and a value to come does not have.

    def __bool__(self) -> bool:
        raise self._unknown("Python cannot decide by it", "gw.ops.where(condition, a, b) decides element by element")

    def __float__(self) -> float:
        raise self._unknown("it is no number of Python", "np.sin and the like take it as it is, math.sin does not")

    __int__ = __index__ = __complex__ = item = __float__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise self._unknown("it is no array", "gw.ops and NumPy's own functions take it as it is")

    def numpy(self) -> Any:
        return self.__array__()

    def _unknown(self, so: str, hint: str) -> RunError:
        return RunError(f"{self.builder.told(self.slot)} has no value while it is traced, so {so}", hint=hint)

    def __repr__(self) -> str:
        return f"%{self.slot} {self.aval}"


class Values(ABC):
    """The values of a plan in the making that no step makes: inputs, state, constants."""

    def __init__(self) -> None:
        self.avals: list[Aval] = []
        self.inputs: dict[str, int] = {}
        self.state: dict[str, int] = {}
        self.constants: dict[int, np.ndarray[Any, Any]] = {}
        self.sources: dict[int, str] = {}  # a value → the node that it belongs to
        self._scalars: dict[tuple[Any, ...], int] = {}

    @abstractmethod
    def apply(self, op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """Add a step that applies `op`, and return the symbols of its visible outputs."""

    def output(self, made: Symbol, op: Op, name: str) -> Symbol:
        """The output `name` of `op`, whose first visible output is `made`; it may be hidden."""
        index = [output.name for output in op.outputs].index(name)
        return Symbol(self, made.slot + index - op.visible[0])

    def told(self, slot: int) -> str:
        """The value `slot` in words."""
        names = [name for name, number in self.inputs.items() if number == slot]
        return f"the input {names[0]!r}" if names else f"%{slot} {self.avals[slot]}"

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
        known = value.as_constant() if isinstance(value, Traced) else numbers(value, "a constant holds")
        array = np.array(known, dtype, order="C")
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

    def leaf(self, like: Any) -> Symbol:
        """A value of its own that no step makes. It is 0, and nothing that is kept depends on it."""
        number = self._value(Aval(like.shape, like.dtype))
        self.constants[number] = np.broadcast_to(np.zeros((), like.dtype), like.shape)
        return Symbol(self, number)


class Builder(Values):
    """Collects the steps of a plan. `phase`, `order`, `node` and `port` label the steps that are added."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.explained: list[Explained] = []
        self.producer: dict[int, int] = {}  # a value → the index of the step that makes it
        self.node: str | None = None
        self.port: str | None = None
        self.phase = FORWARD
        self.order = 0

    def apply(self, op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """Add the step that applies `op`, after the casts that its ports need. Returns its visible outputs."""
        if not op.fewest <= len(args) <= op.most:
            check_count(op, len(args))
        avals = self.avals
        try:
            numbers = self._numbers(op, args)
            inferred = op.infer([None if n is None else avals[n] for n in numbers], params)
        except FAILURES as error:
            return again(op, args, params, error)
        first = len(avals)
        avals.extend(inferred)
        outs = tuple(range(first, len(avals)))
        for out in outs:
            self.producer[out] = len(self.steps)
        self.steps.append(Step(outs, op, numbers, params, self.node, self.port, self.phase, self.order))
        if op.single:
            return Symbol(self, first)
        return visible(op, tuple(Symbol(self, out) for out in outs))

    def told(self, slot: int) -> str:
        at = self.producer.get(slot)
        return super().told(slot) if at is None else f"the result of {self.steps[at].op.name}"

    def _numbers(self, op: Op, args: tuple[Any, ...]) -> tuple[int | None, ...]:
        """The numbers of the arguments, after constants are added and casts made."""
        if all([type(arg) is Symbol and arg.builder is self for arg in args]):  # noqa: C419 - a list is half the time
            numbers = tuple([arg.slot for arg in args])
            if not op.promoted or self._alike(numbers, op.floating):
                return numbers
        return self._promoted(op, args)

    def _alike(self, numbers: tuple[int, ...], floating: bool) -> bool:
        """Whether the values are of one dtype, a floating one where that is asked for: nothing is to be promoted."""
        dtype = self.avals[numbers[0]].dtype
        return (not floating or dtype.kind == "f") and all([self.avals[n].dtype is dtype for n in numbers])  # noqa: C419

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
        try:
            yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)

    # The builder as a world in which gradients are built (reverse.py).

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
            self.node, self.port = self.node_of(slot), None
        elif record is not None:
            self.node, self.port = record.owner.node, record.owner.port

    def node_of(self, slot: int) -> str | None:
        """The node whose value is number `slot`."""
        at = self.producer.get(slot)
        return self.sources.get(slot) if at is None else self.steps[at].node

    def origin(self, record: Record) -> tuple[str | None, str | None]:
        """The node of a record, and the port where the record is a cast that a port needs."""
        return record.owner.node, record.owner.port

    def explain(self, gradients: Explained) -> None:
        """Keep, for the finished plan, which values are gradients of which, and what they are the sum of."""
        self.explained.append(gradients)

    def _gradients(self) -> dict[int, Gradient]:
        found = {}
        for gradients in self.explained:
            for slot, total, parts in gradients():
                deliveries = tuple(Delivery(node, port, value.slot) for node, port, value in parts)
                found[slot] = Gradient(total.slot, deliveries)
        return found

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
            self._gradients(),
        )
