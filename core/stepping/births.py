"""Where within an op NaN or infinity begins: in which line of the simpler ops of which it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..promotion import promote
from ..tape import Tensor, history
from .spelling import spell
from .timeline import Array
from .words import at, places, told


class Birth(NamedTuple):
    """`line` of `lines` gives the first number that is not finite: `x − max(x) = ∞ − ∞ = NaN at [0]`."""

    text: str
    line: int
    lines: int

    @property
    def told(self) -> str:
        """In a sentence."""
        return f"begins in line {self.line} of the {self.lines} that it is made of: {self.text}"


def birth(tensor: Tensor, names: Mapping[int, str]) -> Birth | None:
    """Where in what its op is made of a value begins not to be finite; `names` are those of what the op takes.

    None where it is finite, where the op is not made of others, and where what it takes has such numbers already; of
    infinite ones NaN may begin.
    """
    op, value = tensor.op, np.asarray(tensor.value)
    if op is None or op.composition_rule is None or value.dtype.kind != "f" or np.isfinite(value).all():
        return None
    bad = np.isnan if np.isnan(value).any() else _is_not_finite
    if any(_has(bad, arg) for arg in tensor.args):
        return None
    taken = [Tensor(np.asarray(arg.value)) if isinstance(arg, Tensor) else arg for arg in tensor.args]
    pairs = [(new.slot, arg.slot) for new, arg in zip(taken, tensor.args, strict=True) if isinstance(arg, Tensor)]
    called = {new: names[old] for new, old in pairs if old in names}
    with np.errstate(all="ignore"):
        made = op.composition_rule(*promote(op, tuple(taken)), **tensor.params)
    last = made[0] if isinstance(made, tuple) else made
    lines = sorted((each for each in history([last]) if each.op is not None), key=lambda each: each.slot)
    for number, line in enumerate(lines, 1):
        if _has(bad, line) and not any(_has(bad, arg) for arg in line.args):
            spelled = called | {arg.slot: spell(arg, called) for arg in line.args if isinstance(arg, Tensor)}
            within = birth(line, spelled)
            text = _text(line, called, bad) if within is None else within.text
            return Birth(text, number, len(lines))
    return None


def _text(line: Tensor, names: Mapping[int, str], bad: Any) -> str:
    value = np.asarray(line.value)
    place = places(bad(value))[0]
    result = f"{told(value[place])}{at(place)}"
    if line.op is None or not line.op.by_element:
        return f"{spell(line, names)} = {result}"
    there = {arg.slot: "" for arg in line.args if isinstance(arg, Tensor)}
    return f"{spell(line, names)} = {spell(line, there, place, told)} = {result}"


def _has(bad: Any, value: Any) -> bool:
    array = np.asarray(value.value if isinstance(value, Tensor) else value if value is not None else 0.0)
    return array.dtype.kind == "f" and bool(bad(array).any())


def _is_not_finite(array: Array) -> Array:
    return ~np.isfinite(array)
