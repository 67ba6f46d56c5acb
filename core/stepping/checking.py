"""A gradient held against a difference quotient, live: of one delivery, or of a whole value.

The ops of the run are computed once more in float64, on both sides of the value. Nothing else is run, and nothing is
read or written.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from ..cancelling import Cancelled, Stopped, never
from ..differentiate import TapeWorld
from ..errors import RunError
from ..evaluating import Evaluated
from ..graph import Graph, Source
from ..records import Record
from ..reverse import Walk, reached
from ..tape import Tensor, history, records, untraced
from .timeline import Array, Delivery

STEP = 1e-5  # by which an element moves, times its size where that is above 1
EPS = float(np.finfo(np.float64).eps)
ROUNDING = 16  # how many roundings of its size a value may be off by, on both sides together


class Verdict(Enum):
    """By the relative error, in the bands of Stanford's course CS231n."""

    GOOD = "good"  # below 1e-7
    KINKS = "fine where there are kinks"  # below 1e-4
    UNCOMFORTABLE = "uncomfortable"  # below 1e-2
    WRONG = "wrong"
    NOT_FINITE = "not finite"


class Check(NamedTuple):
    """What a check found along one element, or along a random direction (`element` is None).

    `recorded` is the derivative as the run has it, `gradient` as the rules give it in float64, `difference` the
    quotient and `noise` what rounding may make of that. `crossed` are the nodes at which a winner, a mask or an index
    is another on the other side: there the function has a kink or a jump, and the quotient says little.
    """

    element: tuple[int, ...] | None
    recorded: float
    gradient: float
    difference: float
    noise: float
    crossed: tuple[str, ...] = ()

    @property
    def error(self) -> float:
        """The difference of the two, relative to the larger; 0 where they differ by no more than rounding."""
        apart = abs(self.gradient - self.difference)
        if not math.isfinite(apart) or not math.isfinite(self.noise):
            return math.nan
        return 0.0 if apart <= self.noise else apart / max(abs(self.gradient), abs(self.difference))

    @property
    def verdict(self) -> Verdict:
        error = self.error
        if not math.isfinite(error):
            return Verdict.NOT_FINITE
        if error < 1e-7:
            return Verdict.GOOD
        if error < 1e-4:
            return Verdict.KINKS
        return Verdict.UNCOMFORTABLE if error <= 1e-2 else Verdict.WRONG

    def text(self, graph: Graph) -> str:
        """The check in a line."""
        told = f"by the rule {self.gradient:.6g}, by the difference quotient {self.difference:.6g}"
        told = f"{told}: relative error {self.error:.2g}, {self.verdict.value}".replace("-", "−")
        if self.crossed:
            names = ", ".join(graph.path(node) for node in self.crossed)
            told += f"; a kink was crossed at {names}, where the quotient says little"
        return told


def check_delivery(run: Evaluated, delivery: Delivery, index: tuple[int, ...] | None = None, seed: int = 0) -> Check:
    """One delivery: the op alone, with the gradient that it received, along the element at `index` of its argument.

    Without an `index` along a random direction, which `seed` decides. Raises `GradwireError` where the op refuses a
    value that near.
    """
    record, start = delivery.record, Tensor(0.0)
    args = [start if i == delivery.position else _exact(arg) for i, arg in enumerate(record.args)]
    totals = run.gradients.totals
    given = {slot: _exact(totals[slot]) for slot in record.slots if slot in totals}
    piece = _Piece([record._replace(args=args)], {record.slot: delivery.node}, start.slot, given)
    return piece.check(_exact(record.args[delivery.position]), delivery.value, index, seed)


def check_gradient(
    run: Evaluated,
    source: Source,
    index: tuple[int, ...] | None = None,
    seed: int = 0,
    cancelled: Cancelled = never,
) -> Check | None:
    """The gradient of a value: all ops from it to the roots, along one element or a random direction.

    What a `detach` gives is held, as the gradient holds it. None where cancelled. Raises `GradwireError` for a value
    without a gradient, and where an op refuses a value that near.
    """
    found = run.gradient(source)
    tensor = run.tensors.get(source)
    if found is None or tensor is None:
        raise RunError(f"{run.asked.graph.path(source.node)} has no gradient to be checked")
    starts = {slot: _exact(start) for slot, start in run.gradients.starts.items()}
    forwards = [record for record, _, _ in reversed(run.gradients.walked)]
    nodes = {record.slot: node for record, node, _ in run.gradients.walked if node is not None}
    piece = _Piece(forwards, nodes, tensor.slot, starts, cancelled)
    try:
        return piece.check(_exact(tensor), found, index, seed)
    except Stopped:
        return None


class _Computed(NamedTuple):
    """A piece at one point: its tensors by the slots of the run, and by their own slots the nodes that made them."""

    start: Tensor
    made: Mapping[int, Tensor]
    nodes: Mapping[int, str]


@dataclass
class _Piece:
    """A piece of a run: the ops that depend on the slot `start`, up to slots that gradients are `given` for."""

    forwards: Sequence[Record]
    nodes: Mapping[int, str]
    start: int
    given: Mapping[int, Array]
    cancelled: Cancelled = never

    def check(self, x: Array, found: Array, index: tuple[int, ...] | None, seed: int) -> Check:
        """Hold the gradient `found` at `x` against the difference quotient."""
        scale = np.maximum(1.0, np.abs(x))
        if index is None and x.size == 1:
            index = (0,) * x.ndim
        if index is None:
            direction = scale * np.random.default_rng(seed).choice([-1.0, 1.0], x.shape)
            step = STEP
        else:
            direction = np.zeros(x.shape)
            direction[index] = 1.0
            step = STEP * float(scale[index])
        with np.errstate(all="ignore"):
            below, here, above = (self.at(x + side * step * direction) for side in (-1, 0, 1))
            totals = self._back(here)[0]
            gradient = np.asarray(untraced(totals.get(here.start.slot, 0.0)))
            difference, noise = self._difference(below, above), self._noise(below, here, above, totals)
            crossed = self._crossed(self._back(below)[1], self._back(above)[1])
            recorded, exact = (float(np.sum(np.asarray(g, np.float64) * direction)) for g in (found, gradient))
            terms = float(np.sum(np.abs(gradient * direction)))  # which may cancel in the gradient itself
        noise = noise / (2 * step) + ROUNDING * EPS * terms
        return Check(index, recorded, exact, difference / (2 * step), noise, crossed)

    def at(self, x: Array) -> _Computed:
        """The piece computed with `x` at its start."""
        start = Tensor(x)
        made, nodes = {self.start: start}, {}
        for record in self.forwards:
            if self.cancelled():
                raise Stopped
            depends = any(isinstance(arg, Tensor) and arg.slot in made for arg in record.args)
            if not depends or _holds(record):
                continue
            args = [made.get(arg.slot) if isinstance(arg, Tensor) else None for arg in record.args]
            args = [_exact(arg) if known is None else known for arg, known in zip(record.args, args, strict=True)]
            results = record.op(*args, **_exact_parameters(record))
            tensors = results if isinstance(results, tuple) else (results,)
            for i, tensor in zip(record.op.visible, tensors, strict=True):
                made[record.slot + i] = tensor
                nodes[tensor.slot if tensor.results is None else tensor.results[0]] = self.nodes.get(record.slot, "")
        return _Computed(start, made, nodes)

    def _difference(self, below: _Computed, above: _Computed) -> float:
        """What the result changes by, times the gradient that is given for it."""
        change = 0.0
        for slot, g in self.given.items():
            if slot in above.made:
                one, other = np.asarray(below.made[slot].value), np.asarray(above.made[slot].value)
                change += float(np.sum(np.where(one != other, g * (other - one), 0.0)))
        return change

    def _noise(self, below: _Computed, here: _Computed, above: _Computed, totals: Mapping[int, Any]) -> float:
        """What of that may be rounding: that of each value on the way, times its gradient."""
        noise = 0.0
        for slot, tensor in here.made.items():
            if tensor.slot in totals:
                size = np.abs(np.asarray(tensor.value) * untraced(totals[tensor.slot]))
                moved = np.asarray(below.made[slot].value) != np.asarray(above.made[slot].value)
                # One that did not move may have moved by less than its rounding; of many it is one that matters.
                noise += float(np.sum(np.where(moved, size, 0.0)) + np.max(size, initial=0.0))
        return ROUNDING * EPS * noise

    def _back(self, computed: _Computed) -> tuple[dict[int, Any], list[tuple[str, Array]]]:
        """The gradients by slot, and with their nodes the truth values and integers that the one at the start is of."""
        roots = [(computed.made[slot], g) for slot, g in self.given.items() if slot in computed.made]
        tensors = history([root for root, _ in roots])
        forwards = [Record._make(record) for record in records(tensors, traced=True)]
        start = computed.start.slot
        active = reached(forwards, {start})
        world = _Marking(computed.nodes, self.cancelled)
        ledger: dict[int, list[Any]] = {}
        for root, g in roots:
            ledger.setdefault(root.slot, []).append(g)
        totals = Walk(ledger, active, active, None, world).back(reversed(forwards))
        switches = []
        for tensor in history([totals[start]] if start in totals else []):
            if tensor.op is not None and tensor.dtype.kind in "biu":
                switches.append((world.node(tensor.slot), tensor.value))
        return totals, switches

    @staticmethod
    def _crossed(below: list[tuple[str, Array]], above: list[tuple[str, Array]]) -> tuple[str, ...]:
        """The nodes at which the two sides differ in what they are made by."""
        found = []
        for one, other in zip_longest(below, above, fillvalue=("", np.zeros(0))):
            if not np.array_equal(one[1], other[1]):
                found.append(one[0] or other[0])
        return tuple(dict.fromkeys(found))


class _Marking(TapeWorld):
    """The tape as a world that knows which node's rule made a tensor: numbers count up as rules run."""

    def __init__(self, nodes: Mapping[int, str], cancelled: Cancelled) -> None:
        super().__init__(traced=True)
        self.nodes = nodes
        self.cancelled = cancelled
        self.entered: list[int] = []
        self.by: list[str] = []

    def enter(self, record: Record | None, slot: int | None) -> None:
        if self.cancelled():
            raise Stopped
        if record is not None and slot is None:
            self.entered.append(Tensor(0.0).slot)
            self.by.append(self.nodes.get(record.slot, ""))

    def node(self, slot: int) -> str:
        """The node whose op or rule made the tensor `slot`."""
        at = bisect_right(self.entered, slot) - 1
        return self.nodes.get(slot, "") if at < 0 else self.by[at]


def _holds(record: Record) -> bool:
    """Whether a record's result is held: gradients take what has no derivative, but is a float, for a constant."""
    results = (record.result,) if record.op.single else record.result
    return record.op.vjp_rule is None and any(np.asarray(untraced(r)).dtype.kind == "f" for r in results)


def _exact(value: Any) -> Any:
    """An array, its floats in float64."""
    array = None if value is None else np.asarray(untraced(value))
    return array.astype(np.float64) if array is not None and array.dtype.kind == "f" else array


def _exact_parameters(record: Record) -> dict[str, Any]:
    """The parameters of a record, with float64 where a float is asked for."""
    return {
        name: "float64" if name == "dtype" and str(value).startswith("float") else value
        for name, value in record.params.items()
    }
