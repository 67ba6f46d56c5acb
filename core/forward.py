"""Forward mode: the walk that pushes tangents from arguments to results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .foreign import asked
from .records import Record
from .reverse import Walk, World, reached
from .traced import Traced


@np.errstate(all="ignore")
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
            made = asked(op, "the tangent", op.jvp_rule, given, record.result, *record.values, **record.params)
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
    marks = [world.leaf(r) if i in record.op.visible and r.dtype.kind == "f" else None for i, r in enumerate(results)]
    first = next((m for m in marks if m is not None), None)
    if first is None or record.op.vjp_rule is None:
        return (None,) * len(results) if several else None
    rule, g = record.op.vjp_rule, tuple(marks) if several else first
    entries = asked(record.op, "the gradient", rule, g, record.result, *record.values, **record.params)
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
    made = Walk(ledger, slots, reached(walk, slots)).back(reversed(walk))
    tangents = tuple(None if m is None else made.get(m.slot) for m in marks)
    return tangents if several else tangents[0]
