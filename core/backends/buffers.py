"""Where each value of a plan lies: in buffers that later values take over once the earlier ones are done with.

A value may be written into a buffer only where NumPy itself would lay it out as C does: that is so for a fresh result
of arguments that are laid out so. What comes from a transposed or broadcast view is left to NumPy to allocate, since
another layout would change the order of later sums, and with it their last bits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..op import Aval
from ..plan import UPDATE, Plan, Step

ALIGNMENT = 64  # bytes, one cache line
# What NumPy computes in one call that can be told where to put the result, by op: the rest runs its own forward.
_OF_ONE_NAME = (
    *("negative", "exp", "log", "sqrt", "square", "reciprocal", "sin", "cos", "tanh", "abs"),
    *("add", "subtract", "multiply", "divide", "maximum", "minimum", "matmul"),
    *("cbrt", "expm1", "exp2", "log1p", "log2", "log10", "logaddexp", "hypot", "sign", "isfinite", "isnan", "isinf"),
    *("tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "arcsinh", "arccosh", "arctanh"),
    *("logical_and", "logical_or", "logical_not", "logical_xor"),
    *("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
)
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in _OF_ONE_NAME},
    "sum": np.add.reduce,
    "max": np.maximum.reduce,
    "min": np.minimum.reduce,
    "any": np.logical_or.reduce,
    "all": np.logical_and.reduce,
    "accumulate": np.add,  # of each further argument
}


def writes_into(step: Step) -> bool:
    """Whether the step can be told where to put its result. (A sum of one is a copy, which NumPy allocates.)"""
    op = step.op
    # Another op may bear the name of a built-in one.
    return op.proven and op.name in FUNCTIONS and (op.name != "accumulate" or len(step.args) > 1)


def is_elementwise(step: Step) -> bool:
    """Whether the step may write over its argument: it reads each element before it writes that same one."""
    return step.op.expr is not None and writes_into(step)


@dataclass
class Layout:
    """`places[v]` is the offset of value v in the arena; `in_place[slot]` the value written over a state's array."""

    avals: tuple[Aval, ...]
    places: dict[int, int] = field(default_factory=dict)
    in_place: dict[str, int] = field(default_factory=dict)
    last_use: dict[int, int] = field(default_factory=dict)
    dies_at: dict[int, list[int]] = field(default_factory=dict)
    nbytes: int = 0

    def views(self) -> dict[int, np.ndarray[Any, Any]]:
        """The arrays of the buffered values, in one new arena."""
        arena = np.empty(self.nbytes + ALIGNMENT, np.uint8)
        shift = -arena.ctypes.data % ALIGNMENT
        written_over = set(self.in_place.values())
        return {
            number: np.ndarray(self.avals[number].shape, self.avals[number].dtype, arena, shift + offset)
            for number, offset in self.places.items()
            if number not in written_over
        }


def lay_out(plan: Plan, reuse: bool = True) -> Layout:
    """The layout of `plan`; without `reuse` nothing is buffered and every value has memory of its own."""
    layout = Layout(plan.avals)
    base = bases(plan)
    forever = {base[n] for n in (*plan.outputs.values(), *plan.updates.values())}
    last = _last_uses(plan, base)
    layout.last_use = {v: last.get(base[v], -1) if base[v] not in forever else len(plan.steps) for v in base}
    made = {out for step in plan.steps for out in step.outs}
    for value, index in layout.last_use.items():
        if value in made and 0 <= index < len(plan.steps):
            layout.dies_at.setdefault(index, []).append(value)
    for index, step in enumerate(plan.steps):  # a result that nothing reads dies at once
        unread = [o for o in step.outs if layout.last_use.get(o, -1) < index]
        layout.dies_at.setdefault(index, []).extend(unread)
    if reuse:
        _place(plan, layout, base)
    return layout


def bases(plan: Plan) -> dict[int, int]:
    """For each value the one whose memory it may share: itself, but for views."""
    base = {n: n for n in (*plan.inputs.values(), *plan.state.values(), *plan.constants)}
    for step in plan.steps:
        for i, out in enumerate(step.outs):
            first = step.args[0] if step.args else None
            base[out] = base[first] if step.op.view and i == 0 and first is not None else out
    return base


def _last_uses(plan: Plan, base: dict[int, int]) -> dict[int, int]:
    last: dict[int, int] = {}
    for index, step in enumerate(plan.steps):
        for arg in step.args:
            if arg is not None:
                last[base[arg]] = index
    return last


def plain_values(plan: Plan) -> set[int]:
    """The values that are known to be laid out as C does, without gaps."""
    plain = {*plan.inputs.values(), *plan.state.values(), *plan.constants}
    for step in plan.steps:
        args_plain = all(a is None or a in plain for a in step.args)
        if not step.op.proven or (step.op.view and not step.op.contiguous):
            continue
        for out in step.outs:
            fresh = not step.op.view and (step.op.contiguous or len(plan.avals[out].shape) <= 1)
            if args_plain or fresh:
                plain.add(out)
    return plain


class _Pool:
    """Blocks of the arena that are free again, by size."""

    def __init__(self) -> None:
        self.free: dict[int, list[int]] = {}
        self.end = 0

    def take(self, size: int) -> int:
        if self.free.get(size):
            return self.free[size].pop()
        larger = min((s for s, places in self.free.items() if places and size < s <= 2 * size), default=0)
        if larger:
            return self.free[larger].pop()
        place = self.end
        self.end += size
        return place

    def give(self, size: int, place: int) -> None:
        self.free.setdefault(size, []).append(place)


def _place(plan: Plan, layout: Layout, base: dict[int, int]) -> None:
    plain = plain_values(plan)
    pool = _Pool()
    sizes: dict[int, int] = {}
    over = _written_over(plan, layout, base, plain)
    for index, step in enumerate(plan.steps):
        out = step.outs[0]
        dying = [v for v in layout.dies_at.get(index, ()) if v in sizes and v != out]
        early = [v for v in dying if _may_overwrite(plan, step, v)]
        for v in early:
            pool.give(sizes.pop(v), layout.places[v])
        if out in over:
            layout.in_place[over[out]] = out
            layout.places[out] = 0
        elif writes_into(step) and out in plain:
            size = -(-max(plan.avals[out].nbytes, 1) // ALIGNMENT) * ALIGNMENT
            layout.places[out] = pool.take(size)
            sizes[out] = size
            if out in layout.dies_at.get(index, ()):
                dying.append(out)
        for v in dying:
            if v in sizes:
                pool.give(sizes.pop(v), layout.places[v])
    layout.nbytes = pool.end


def _may_overwrite(plan: Plan, step: Step, value: int) -> bool:
    """Whether the result may take the place of the dying argument `value`: element by element, of one layout."""
    return is_elementwise(step) and value in step.args and plan.avals[value] == plan.avals[step.outs[0]]


def _written_over(plan: Plan, layout: Layout, base: dict[int, int], plain: set[int]) -> dict[int, str]:
    """Updates that can be written straight into the state's array: nothing reads the old value afterwards.

    They are made by the update steps at the very end, none of which can be refused: a run that is refused before
    them leaves the state as it was.
    """
    over: dict[int, str] = {}
    made_at = {step.outs[0]: index for index, step in enumerate(plan.steps)}
    count = Counter(plan.updates.values())
    fetched = {base[n] for n in plan.outputs.values()}
    last = max((index for index, step in enumerate(plan.steps) if step.phase != UPDATE), default=-1)
    for slot, number in plan.updates.items():
        old = plan.state.get(slot)
        index = made_at.get(number)
        if old is None or index is None or index <= last:
            continue
        if old in fetched or old in count or count[number] > 1:
            continue
        step = plan.steps[index]
        if is_elementwise(step) and number in plain and layout.last_use.get(old, -1) <= index:
            over[number] = slot
    return over
