"""Of what an element of a gradient is made: of the terms that the rule adds up, or of what the windows send to it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from ...core.records import Record
from ...core.signature import Terms
from ...core.stepping import Delivery
from ...core.stepping.local import Local
from ...core.stepping.terms import element_of, told_of, windows_with
from ...core.tape import Tensor
from .elements import Index
from .substituted import Routed, Tells

REMEMBERED = 4  # elements, which lines and pictures ask for in turn


def back_element(delivery: Delivery, rule: Local) -> Tells | None:
    """What tells the terms of a gradient: those of the op that computed it, or the windows in which it won."""
    record = delivery.record
    if record.op.element is not None and record.op.port_name(delivery.position) in _chosen_from(record):
        made = _made(record)
        port, name = record.op.port_name(delivery.position), record.op.outputs[0].name
        upstream, entry = np.asarray(rule.upstream), np.asarray(rule.entry.value)

        def routed(index: Index) -> Routed | None:
            windows = windows_with(made, port, index)
            if windows is None:
                return None
            found = Routed(windows, index, upstream, port, name, float(entry[index]))
            return replace(found, windows=tuple(sorted(windows, key=lambda window: not found.won(window))))

        return lru_cache(REMEMBERED)(routed)
    index = (0,) * rule.entry.value.ndim
    if not rule.entry.value.size or element_of(rule.entry, index, rule.names) is None:
        return None
    return lru_cache(REMEMBERED)(lambda index: element_of(rule.entry, index, rule.names))


def _made(record: Record) -> Tensor:
    """The first result of an application, as it stood on the tape."""
    results = (record.result,) if record.op.single else tuple(record.result)
    made = Tensor(0.0)
    made.value, made.op, made.args, made.params = results[0], record.op, tuple(record.args), record.params
    made.results = None if record.op.single else (made.slot, results)
    return made


def _chosen_from(record: Record) -> tuple[str, ...]:
    """The ports of which an op chooses the greatest element."""
    made = _made(record)
    told = told_of(made, (0,) * made.value.ndim) if made.value.size else None
    return tuple(told.places) if isinstance(told, Terms) and told.by == "greatest" else ()
