"""How one step back works: the op's rule run once more on the same arrays, and remembered this time.

Gradient rules are written with ops. Given tensors instead of arrays, a rule leaves on the tape what it does: the
expression, the product of upstream and local derivative, and the sum that brings it to the argument's shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..evaluating import Evaluated
from ..foreign import asked
from ..op import Op
from ..records import Record
from ..tape import Tensor
from ..traced import Traced
from .spelling import Number, before_sum, spell, spell_gradient
from .timeline import Array, Delivery

UPSTREAM = "g"


def upstream_name(op: Op, output: int) -> str:
    """What the incoming gradient of an output is called in rules: `g`, of one of several visible ones `g.values`."""
    return UPSTREAM if len(op.visible) < 2 else f"{UPSTREAM}.{op.outputs[output].name}"


@dataclass(frozen=True)
class Local:
    """What the rule of an op does for one port, as a small history on the tape.

    `upstream` is the gradient that it starts from, `entry` what it gives; `names` says by number of a tensor which
    port of the op it is.
    """

    delivery: Delivery
    upstream: Array
    entry: Tensor
    names: Mapping[int, str]

    @cached_property
    def product(self) -> Tensor:
        """Upstream times local derivative, in the shape of the op's output: what is then summed, where anything is."""
        return before_sum(self.entry)

    @property
    def summed(self) -> tuple[int, ...]:
        """The axes of the product along which it is summed, because the argument was broadcast along them."""
        before, after = self.product.shape, self.entry.shape
        extra = len(before) - len(after)
        return tuple(i for i, n in enumerate(before) if i < extra or (after[i - extra] == 1 and n != 1))

    @property
    def said(self) -> str:
        """The rule as the op says it, "" where it is spelled from what it does."""
        return self.delivery.record.op.gradients.get(self.delivery.port, "")

    @property
    def text(self) -> str:
        """The rule: `g · cos(x)`, as the op says it, or spelled; over which axes it is summed is told by `summed`."""
        return self.said or spell_gradient(self.entry, self.names, self.delivery.port, summed=False)

    def numbers(self, index: tuple[int, ...] = (), number: Number | None = None) -> str | None:
        """The rule with the numbers of one element put in; None where an element is made of more than one each.

        `index` is one of the product.
        """
        return spell(self.product, self.names, index, number) if _element_wise(self.product) else None

    def numbers_within(self, index: tuple[int, ...], number: Number) -> str | None:
        """The rule with the numbers at one element of the product, and means and sums in it as the numbers they are.

        None where the product itself is none of single elements.
        """
        if self.product.op is None or not self.product.op.by_element:
            return None
        return spell(self.product, {**self.names, **_wholes(self.product, self.names)}, index, number)


def _wholes(tensor: Tensor, names: Mapping[int, str]) -> dict[int, str]:
    """What in an expression is made of more than one element each: by number of the tensor, without names."""
    found: dict[int, str] = {}
    waiting = [tensor]
    while waiting:
        made = waiting.pop()
        if made.op is not None and made.slot not in names:
            if not made.op.by_element:
                found[made.slot] = ""
            else:
                waiting += [arg for arg in made.args if isinstance(arg, Tensor)]
    return found


class Rehearsal(NamedTuple):
    """The rule of an application, run on tensors that stand for what it took and made.

    `first` is one of the gradients that it started from, `entries` is what it gave. By the numbers of these tensors
    `names` says which port or output each is, and `stands_for` of which tensor of the run it has the value.
    """

    first: Array
    entries: Sequence[Any]
    names: Mapping[int, str]
    stands_for: Mapping[int, int]

    def entry(self, position: int) -> Any:
        """The gradient for one argument, None where no path leads to it."""
        entry = self.entries[position]
        with np.errstate(all="ignore"):
            return entry() if callable(entry) else entry


def rehearse(run: Evaluated, record: Record) -> Rehearsal | None:
    """Run the rule of `record` once more, remembered; None where nothing says what it started from."""
    upstream = [run.gradients.totals.get(slot) for slot in record.slots]
    if all(g is None for g in upstream):
        return None
    args = [_remembering(arg.value) if isinstance(arg, Tensor) else arg for arg in record.args]
    taken = [(i, arg) for i, arg in enumerate(args) if isinstance(arg, Tensor)]
    names = {arg.slot: record.op.port_name(i) for i, arg in taken}
    stands_for = {arg.slot: record.args[i].slot for i, arg in taken}
    if record.op.single:
        result: Any = _remembering(record.result)
        names[result.slot], stands_for[result.slot] = record.op.outputs[0].name, record.slot
        g: Any = _remembering(upstream[0])
        names[g.slot] = UPSTREAM
    else:
        result = tuple(map(_remembering, record.result))
        outputs = record.op.outputs
        names |= {tensor.slot: output.name for tensor, output in zip(result, outputs, strict=True)}
        stands_for |= {tensor.slot: slot for tensor, slot in zip(result, record.slots, strict=True)}
        g = tuple(
            _upstream(given, made, i in record.op.visible)
            for i, (given, made) in enumerate(zip(upstream, record.result, strict=True))
        )
        names |= {t.slot: upstream_name(record.op, i) for i, t in enumerate(g) if t is not None}
    with np.errstate(all="ignore"):
        assert record.op.vjp_rule is not None
        entries = asked(record.op, "the gradient", record.op.vjp_rule, g, result, *args, **record.params)
    first = next(given for given in upstream if given is not None)
    return Rehearsal(np.asarray(first), entries, names, stands_for)


def local(run: Evaluated, delivery: Delivery) -> Local | None:
    """How a step back makes `delivery`; None where nothing says what it started from."""
    rehearsed = rehearse(run, delivery.record)
    if rehearsed is None:
        return None
    entry = rehearsed.entry(delivery.position)
    if not isinstance(entry, Traced):
        entry = Tensor(entry)
    return Local(delivery, rehearsed.first, entry, rehearsed.names)


def _remembering(value: Any) -> Tensor:
    """A leaf with this very array: in a copy of another layout a product would have other last bits."""
    tensor = Tensor(0.0)
    tensor.value = value
    return tensor


def _upstream(given: Any, made: Any, visible: bool) -> Tensor | None:
    """The gradient of one of several outputs: zeros for a visible one that nothing used, as the walk has it."""
    if given is None and visible and np.asarray(made).dtype.kind == "f":
        given = np.zeros(np.shape(made), np.asarray(made).dtype)
    return None if given is None else _remembering(given)


def _element_wise(tensor: Tensor) -> bool:
    """Whether an element of `tensor` is made of one element each of what the rule was given."""
    waiting = [tensor]
    while waiting:
        found = waiting.pop()
        if found.op is not None:
            if not found.op.by_element:
                return False
            waiting += [arg for arg in found.args if isinstance(arg, Tensor)]
    return True
