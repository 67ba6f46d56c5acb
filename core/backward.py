"""The one walker that differentiates: `pull` takes gradients back, `push` takes tangents forward.

Both go over records, those of the tape or those of a plan being built, and call the ops' rules with what the
records hold: arrays, tensors or symbols. A gradient that several consumer ports deliver to is their sum from left
to right in the order of delivery, by the op `accumulate`; what each port delivered is kept where it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from .collector import paused
from .errors import RunError, ShapeError
from .op import Aval, Op, Traced, cast
from .ops import builtin
from .records import Record
from .tape import Tensor, depending, history, leaf, records


class Contribution(NamedTuple):
    """What one consumer port delivered: the value, the record that consumed, and the position of the port."""

    value: Any
    record: Record
    position: int


class World(Protocol):
    """Where records come from and where the results of rules go: the tape, or the builder of a plan."""

    def leaf(self, like: Any) -> Any:
        """A value that nothing produced."""

    def since(self, mark: Any, roots: Sequence[Any]) -> list[Record]:
        """The records made after the leaf `mark` on which `roots` depend, in order."""

    def enter(self, record: Record | None, slot: int | None) -> None:
        """Told before rules of `record` run, or, with a slot, before its gradients are summed."""


_ACCUMULATE = builtin().get("accumulate")
Parts = dict[int, list[Contribution]]


def pull(
    backwards: Iterable[Record],
    ledger: dict[int, list[Any]],
    keep: Collection[int] = (),
    active: Collection[int] | None = None,
    parts: Parts | None = None,
    world: World | None = None,
) -> dict[int, Any]:
    """Walk `backwards` (records in reverse order) and return the gradient of each slot in `keep` that has one.

    `ledger` holds the starting gradients by slot and is used up. Only slots in `active` receive (None: all).
    Where `parts` is given, each of its slots gets the list of its contributions. Raises `ShapeError` where a rule
    gives a gradient that has not the shape of its value.
    """
    totals: dict[int, Any] = {}
    for record in backwards:
        op, args, values, params, slot, result, _ = record
        if op.single:
            delivered = ledger.pop(slot, None)
            if delivered is None:
                continue
            g = delivered[0] if len(delivered) == 1 else _fold(delivered, record, slot, world)
            if slot in keep:
                totals[slot] = g
        else:
            g = _several(Record._make(record), ledger, keep, totals, world)
            if g is None:
                continue
        rule = op.vjp_rule
        if rule is None:
            continue
        if world is not None:
            world.enter(record, None)
        entries = rule(g, result, *values, **params) if params else rule(g, result, *values)
        if not op.proven:
            entries = _entries(op, entries, len(args))
        for position, entry in enumerate(entries):
            if entry is None or not isinstance(arg := args[position], Traced):
                continue
            slot = arg.slot  # type: ignore[attr-defined]
            if active is not None and slot not in active:
                continue
            if callable(entry):
                entry = entry()
            if not op.proven and not _fits(op, position, entry, values[position]):
                continue
            if slot in ledger:
                ledger[slot].append(entry)
            else:
                ledger[slot] = [entry]
            if parts is not None and slot in parts:
                parts[slot].append(Contribution(entry, Record._make(record), position))
    for slot in keep:
        if slot in ledger:
            delivered = ledger[slot]
            totals[slot] = delivered[0] if len(delivered) == 1 else _fold(delivered, None, slot, world)
    return totals


def _fold(delivered: list[Any], record: Record | None, slot: int, world: World | None) -> Any:
    """The sum of what was delivered to `slot`, from left to right."""
    if world is not None:
        world.enter(record, slot)
    assert _ACCUMULATE is not None
    return _ACCUMULATE(*delivered)


def _several(
    record: Record,
    ledger: dict[int, list[Any]],
    keep: Collection[int],
    totals: dict[int, Any],
    world: World | None,
) -> tuple[Any, ...] | None:
    """The gradients of an op's several outputs: zeros for a visible one that nothing used, None for a hidden one."""
    folded: list[Any] = []
    for slot in record.slots:
        delivered = ledger.pop(slot, None)
        if delivered is None:
            folded.append(None)
            continue
        folded.append(delivered[0] if len(delivered) == 1 else _fold(delivered, record, slot, world))
        if slot in keep:
            totals[slot] = folded[-1]
    if all(g is None for g in folded):
        return None
    for i in record.op.visible:
        if folded[i] is None and record.result[i].dtype.kind == "f":
            folded[i] = np.zeros(record.result[i].shape, record.result[i].dtype)
    return tuple(folded)


def _entries(op: Op, entries: Any, count: int) -> Sequence[Any]:
    """What the rule of an unproven op gave, if it is an entry for each of `count` arguments."""
    if not isinstance(entries, (tuple, list)) or len(entries) < count:
        found = f"{len(entries)}" if isinstance(entries, (tuple, list)) else type(entries).__name__
        raise ShapeError(
            f"the vjp rule of {op.name} must give an entry for each of its {count} arguments, got {found}",
            hint="return a tuple; None says that there is no path",
        )
    return entries


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
            f"the gradient that {op.name} gives for {port} must be {wanted}, got {found}",
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


def push(forwards: Iterable[Record], tangents: dict[int, Any], world: World) -> None:
    """Walk `forwards` (records in order) and give each output the tangent that its arguments' tangents make.

    `tangents` holds those of the starting slots and receives those of all that depend on them.
    """
    for record in map(Record._make, forwards):
        given = tuple(tangents.get(a.slot) if isinstance(a, Traced) else None for a in record.args)  # type: ignore[attr-defined]
        if all(t is None for t in given) or record.slot in tangents:
            continue
        world.enter(record, None)
        op = record.op
        if op.jvp_rule is not None:
            made = op.jvp_rule(given, record.result, *record.values, **record.params)
        elif op.vjp_rule is not None:
            made = _transpose(record, given, world)
        else:
            continue
        for slot, tangent in zip(record.slots, made if len(record.slots) > 1 else (made,), strict=True):
            if tangent is not None:
                tangents[slot] = tangent


def _transpose(record: Record, given: tuple[Any, ...], world: World) -> Any:
    """The tangent by the vjp of the vjp: a vjp is linear in its gradient, and its transpose is the jvp."""
    several = len(record.slots) > 1
    results = record.result if several else (record.result,)
    marks = [
        world.leaf(r) if i in record.op.visible and r.dtype.kind == "f" else None
        for i, r in enumerate(results)
    ]
    first = next((m for m in marks if m is not None), None)
    if first is None or record.op.vjp_rule is None:
        return (None,) * len(results) if several else None
    entries = record.op.vjp_rule(
        tuple(marks) if several else first, record.result, *record.values, **record.params
    )
    ledger: dict[int, list[Any]] = {}
    roots = []
    for entry, tangent in zip(entries, given, strict=False):
        if entry is None or tangent is None:
            continue
        root = entry() if callable(entry) else entry
        if isinstance(root, Traced):
            roots.append(root)
            ledger.setdefault(root.slot, []).append(tangent)  # type: ignore[attr-defined]
    slots = [m.slot for m in marks if m is not None]
    walk = world.since(first, roots)
    made = pull(reversed(walk), ledger, keep=slots, active=reached(walk, slots))
    tangents = tuple(None if m is None else made.get(m.slot) for m in marks)
    return tangents if several else tangents[0]


class TapeWorld:
    """The tape as a world. Where `traced`, the results of rules are remembered and can be differentiated."""

    def __init__(self, traced: bool) -> None:
        self.traced = traced

    def leaf(self, like: Any) -> Tensor:
        return leaf(like)

    def since(self, mark: Tensor, roots: Sequence[Any]) -> list[Record]:
        walk = records(history(roots, after=mark.slot - 1), self.traced)
        return [Record._make(record) for record in walk]

    def enter(self, record: Record | None, slot: int | None) -> None:
        """A tape keeps no provenance: a tensor's own op says where it came from."""


class Gradients:
    """The gradients of `roots` with respect to tensors, as `backward` found them: `gradients[x]`."""

    def __init__(self, totals: Mapping[int, Any], parts: Parts, every_leaf: bool) -> None:
        self._totals = totals
        self._parts = parts
        self._every_leaf = every_leaf

    def __getitem__(self, tensor: Tensor) -> Any:
        """The gradient of `tensor`: an array of its shape, zeros where nothing depends on it."""
        found = self.get(tensor)
        return np.zeros(tensor.shape, tensor.dtype) if found is None else found

    def get(self, tensor: Tensor) -> Any:
        """The gradient of `tensor`, or None where there is no path to it.

        Raises `RunError` for a tensor that was not asked for: nothing is known of its gradient.
        """
        if tensor.slot not in self._parts and not (self._every_leaf and tensor.op is None):
            raise RunError(
                "the gradient of this tensor was not asked for", hint="backward(root, wrt=[tensor])"
            )
        return self._totals.get(tensor.slot)

    def contributions(self, tensor: Tensor) -> list[tuple[str, str, Any]]:
        """What each consumer port of `tensor` delivered, in order: (op, port, array). Their sum is the gradient."""
        return [
            (part.record.op.name, part.record.op.port_name(part.position), part.value)
            for part in self._parts.get(tensor.slot, ())
        ]


@paused()
def backward(
    root: Any, seed: Any = None, *, wrt: Sequence[Tensor] | None = None, traced: bool = False
) -> Gradients:
    """Gradients of `root` with respect to `wrt` (None: every leaf that it was made of).

    `root` is a tensor or a sequence of tensors. A root of one element needs no `seed`; any other needs one of its
    shape. Where `traced`, the gradients are tensors. Raises `RunError` for a root without a seed.
    """
    roots, seeds = (
        (list(root), list(seed or [None] * len(root)))
        if isinstance(root, (list, tuple))
        else ([root], [seed])
    )
    ledger: dict[int, list[Any]] = {}
    for tensor, start in zip(roots, seeds, strict=True):
        ledger.setdefault(tensor.slot, []).append(starting_gradient(tensor, start))
    after = -1 if wrt is None else min((t.slot for t in wrt), default=0) - 1
    tensors = history(roots, after)
    wanted = {t.slot for t in tensors if t.op is None} if wrt is None else {t.slot for t in wrt}
    active = None if wrt is None else depending(tensors, wanted)
    parts: Parts = {slot: [] for slot in wanted}
    totals = pull(records(reversed(tensors), traced), ledger, wanted, active, parts)
    return Gradients(totals, parts, every_leaf=wrt is None)


def starting_gradient(root: Any, seed: Any, name: str = "the root") -> Any:
    """`seed` in the shape and dtype of `root`, or 1 for a root of one element that has none."""
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
    seed = cast(seed, root.dtype) if isinstance(seed, Traced) else np.asarray(seed, root.dtype)
    if seed.shape != root.shape:
        raise RunError(f"the seed of {name} must have its shape {root.shape}, got {seed.shape}")
    return seed
