"""Reverse mode: the one walk that takes gradients back.

It goes over records, those of the tape or those of a plan being built, and calls the ops' rules with what the records
hold: arrays, tensors or symbols. A gradient that several consumer ports deliver to is their sum from left to right in
the order of delivery, by the op `accumulate`; what each port delivered is kept where it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from .errors import RunError, ShapeError
from .foreign import asked
from .op import Aval, Op
from .ops import builtin
from .promotion import cast
from .records import Record
from .refusing import numbers
from .traced import Traced


class Contribution(NamedTuple):
    """What one consumer port delivered: the value, the record that consumed, and the position of the port."""

    value: Any
    record: Record
    position: int


class World(Protocol):
    """Where records come from and where the results of rules go: the tape, or the builder of a plan."""

    def leaf(self, like: Any) -> Any:
        """A value that nothing produced."""

    def seed(self, value: Any) -> Any:
        """A gradient from which a walk starts, as rules take it here."""

    def since(self, mark: Any, roots: Sequence[Any]) -> list[Record]:
        """The records made after the leaf `mark` on which `roots` depend, in order."""

    def enter(self, record: Record | None, slot: int | None) -> None:
        """Told before rules of `record` run, or, with a slot, before its gradients are summed."""


Parts = dict[int, list[Contribution]]
_ACCUMULATE = builtin()["accumulate"]


@dataclass
class Walk:
    """One walk backwards over records.

    `ledger` holds the starting gradients by slot and is used up: it receives what is delivered to each slot. Only
    slots in `active` receive (None: all); the gradients of those in `keep` are kept, and of those in `parts` the list
    of what was delivered.
    """

    ledger: dict[int, list[Any]]
    keep: Collection[int] = ()
    active: Collection[int] | None = None
    parts: Parts | None = None
    world: World | None = None
    totals: dict[int, Any] = field(default_factory=dict)

    @np.errstate(all="ignore")  # rules compute with the operators of arrays as well as with ops
    def back(self, records: Iterable[Record]) -> dict[int, Any]:
        """Walk `records`, in reverse order: the gradient of each slot in `keep` that has one. Raises `ShapeError`."""
        ledger, active, parts = self.ledger, self.active, self.parts
        for record in records:
            op, args, values, params, slot, result, _ = record
            if op.single:
                delivered = ledger.pop(slot, None)
                if delivered is None:
                    continue
                g = delivered[0] if len(delivered) == 1 else self._sum(delivered, record, slot)
                if slot in self.keep:
                    self.totals[slot] = g
            else:
                g = self._several(Record._make(record))
            if g is None or op.vjp_rule is None:
                continue
            if self.world is not None:
                self.world.enter(record, None)
            if op.proven:
                entries = op.vjp_rule(g, result, *values, **params)  # not by `asked`: these are the hottest lines
            else:
                entries = _counted(op, asked(op, "the gradient", op.vjp_rule, g, result, *values, **params), len(args))
            for position, entry in enumerate(entries):
                if entry is None or not isinstance(arg := args[position], Traced):
                    continue
                slot = arg.slot  # type: ignore[attr-defined]
                if active is not None and slot not in active:
                    continue
                if callable(entry):
                    entry = entry()
                if not (op.proven or _fits(op, position, entry, values[position])):
                    continue
                if slot in ledger:
                    ledger[slot].append(entry)
                else:
                    ledger[slot] = [entry]
                if parts is not None and slot in parts:
                    parts[slot].append(Contribution(entry, Record._make(record), position))
        return self._settled()

    def _settled(self) -> dict[int, Any]:
        """The totals, with those of slots that no record made."""
        for slot in self.keep:
            if slot in self.ledger:
                delivered = self.ledger[slot]
                self.totals[slot] = delivered[0] if len(delivered) == 1 else self._sum(delivered, None, slot)
        return self.totals

    def _sum(self, delivered: list[Any], record: Record | None, slot: int) -> Any:
        """The sum of what was delivered to `slot`, from left to right."""
        if self.world is not None:
            self.world.enter(record, slot)
        return _ACCUMULATE(*delivered)

    def _several(self, record: Record) -> tuple[Any, ...] | None:
        """The gradients of several outputs: zeros for a visible one that nothing used, None for a hidden one."""
        folded: list[Any] = []
        for slot in record.slots:
            delivered = self.ledger.pop(slot, None)
            if delivered is None:
                folded.append(None)
                continue
            folded.append(delivered[0] if len(delivered) == 1 else self._sum(delivered, record, slot))
            if slot in self.keep:
                self.totals[slot] = folded[-1]
        if all(g is None for g in folded):
            return None
        for i in record.op.visible:
            if folded[i] is None and record.result[i].dtype.kind == "f":
                zeros = np.zeros(record.result[i].shape, record.result[i].dtype)
                folded[i] = zeros if self.world is None else self.world.seed(zeros)
        return tuple(folded)


def _counted(op: Op, entries: Any, count: int) -> Sequence[Any]:
    """What the rule of an unproven op gave, if it is an entry for each of `count` arguments.

    Those of optional ports at the end, which were given nothing, may stand there as well.
    """
    most = max(count, len(op.ports) - op.grows)
    if not isinstance(entries, (tuple, list)) or not count <= len(entries) <= most:
        found = f"{len(entries)}" if isinstance(entries, (tuple, list)) else type(entries).__name__
        raise ShapeError(
            f"the vjp rule of {op.called} must give an entry for each of its {count} arguments, got {found}",
            hint="return a tuple; None says that there is no path",
        )
    return entries[:count]


def _fits(op: Op, position: int, entry: Any, value: Any) -> bool:
    """Whether the gradient `entry` belongs to `value`: not where that is no float. Raises `ShapeError` for a misfit."""
    if value.dtype.kind != "f":
        return False
    if not hasattr(entry, "dtype"):
        entry = np.asarray(entry)
    if entry.shape != value.shape or entry.dtype != value.dtype:
        port = op.port_name(position)
        wanted, found = Aval(value.shape, value.dtype), Aval(entry.shape, entry.dtype)
        hint = "sum_to(g, shape) adds up what was broadcast" if entry.shape != value.shape else None
        raise ShapeError(
            f"the gradient that {op.called} gives for {port} must be {wanted}, got {found}",
            port=port,
            hint=hint,
        )
    return True


def reached(forwards: Iterable[Record], wanted: Collection[int]) -> set[int]:
    """The slots that depend on one of `wanted` by the records `forwards`, itself included."""
    active = set(wanted)
    for record in forwards:
        if any(isinstance(arg, Traced) and arg.slot in active for arg in record.args):  # type: ignore[attr-defined]
            active.update(record.slots)
    return active


def starting_gradient(root: Any, seed: Any, name: str = "the root", what: str = "seed") -> Any:
    """`seed` in the shape and dtype of `root`, or 1 for a root of one element that has none. Raises `RunError`."""
    if root.dtype.kind != "f":
        raise RunError(f"{name} must be a float to have gradients, got {root.dtype}")
    if seed is None:
        size = int(np.prod(root.shape))
        if size != 1:
            raise RunError(
                f"{name} has shape {root.shape}: a gradient starts from one element or needs a seed of that shape",
                hint="sum or mean it, or give a seed",
            )
        return np.ones(root.shape, root.dtype)
    if not isinstance(seed, Traced):
        seed = numbers(seed, f"the {what} of {name} must hold")
    seed = cast(seed, root.dtype)
    if seed.shape != root.shape:
        raise RunError(f"the {what} of {name} must have its shape {root.shape}, got {seed.shape}")
    return seed
