"""What becomes of gradients between the pass back and the optimiser: added up, penalised, clipped.

Written with ops, as update rules are: the same text makes steps of a plan and computes the arrays of an eager run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import Refusals, RunError
from ..graph import Graph, Training
from ..graph.elements import near_misses
from ..op import Aval
from ..ops import builtin
from .optim import kept_slot

PENALTY, NORM = "penalty", "gradient_norm"  # what is told beside the loss
_EPS = 1e-6  # as PyTorch's clip_grad_norm_ has it

_abs, _cast, _clip, _minimum, _sign, _sqrt, _sum = (
    builtin()[name] for name in ("abs", "cast", "clip", "minimum", "sign", "sqrt", "sum")
)

Pairs = Mapping[str, tuple[Any, Any]]  # by parameter its value and its gradient


class Handed(NamedTuple):
    """What the optimiser is handed, the slots that are written on the way, and what is told: numbers of float64."""

    pairs: Pairs
    updates: dict[str, Any]
    told: dict[str, Any]


def keeps_gradients(training: Training) -> bool:
    """Whether gradients stay from one iteration to the next, in a slot for each parameter."""
    return training.accumulate > 1 or not training.zero_gradients


def added_up(builder: Any, pairs: Pairs, training: Training, fresh: bool) -> Handed:
    """The gradients, added to those that iterations before have left; where they are `fresh` to none."""
    if not keeps_gradients(training):
        return Handed(pairs, {}, {})
    made, updates = {}, {}
    for id, (w, g) in pairs.items():
        with builder.labelled(phase="update", node=id, port=None):
            if not fresh:
                g = builder.read(kept_slot(id), Aval(w.shape, w.dtype)) + g
            made[id] = w, g
            updates[kept_slot(id)] = g
    return Handed(made, updates, {})


def is_penalised(training: Training, id: str, shape: Sequence[Any]) -> bool:
    """Whether a penalty is laid on a parameter: one that is listed, where none are a weight of two axes or more.

    Biases and scales have one axis: they are let off, as is usual, since they bend nothing.
    """
    return len(shape) >= 2 if training.penalised is None else id in training.penalised


def handed(builder: Any, pairs: Pairs, training: Training) -> Handed:
    """What the optimiser is handed in the place of the gradients of the loss: those of loss and penalty, clipped."""
    told: dict[str, Any] = {}
    if training.l1 or training.l2:
        pairs, told[PENALTY] = _penalised(builder, pairs, training)
    if training.clip_norm is not None or training.clip_value is not None:
        pairs, told[NORM] = _clipped(builder, pairs, training)
    return Handed(pairs, {}, {name: number for name, number in told.items() if number is not None})


def _penalised(builder: Any, pairs: Pairs, training: Training) -> tuple[Pairs, Any]:
    """l1 · Σ|w| + l2 · Σw² with its gradient l1 · sign(w) + 2 · l2 · w."""
    made, total = dict(pairs), None
    chosen = [id for id, (w, _) in pairs.items() if is_penalised(training, id, w.shape)]
    for id in chosen:
        w, g = pairs[id]
        with builder.labelled(phase="update", node=id, port=None):
            wide = _cast(w, dtype="float64")
            terms = []
            if training.l1:
                g = g + training.l1 * _sign(w)
                terms.append(training.l1 * _sum(_abs(wide)))
            if training.l2:
                g = g + (2 * training.l2) * w
                terms.append(training.l2 * _sum(wide * wide))
            for term in terms:
                total = term if total is None else total + term
        made[id] = w, g
    return made, total


def _clipped(builder: Any, pairs: Pairs, training: Training) -> tuple[Pairs, Any]:
    """The gradients, all of them times clip_norm / norm where that is below 1, then each element within ±clip_value, so
    that either limit holds of what is handed on; and the norm of all of them before.
    """
    total = None
    for id, (_, g) in pairs.items():
        with builder.labelled(phase="update", node=id, port=None):
            wide = _cast(g, dtype="float64")
            square = _sum(wide * wide)
            total = square if total is None else total + square
    if total is None:  # nothing is trained
        return pairs, None
    with builder.labelled(phase="update", node=None, port=None):
        norm = _sqrt(total)
        most, limit = training.clip_norm, training.clip_value
        factor = None if most is None else _minimum(most / (norm + _EPS), 1.0)
    made = {}
    for id, (w, g) in pairs.items():
        with builder.labelled(phase="update", node=id, port=None):
            if factor is not None:
                g = g * _cast(factor, dtype=g.dtype.name)
            if limit is not None:
                g = _clip(g, low=-limit, high=limit)
        made[id] = w, g
    return made, norm


def refuse_penalised(graph: Graph, training: Training, trained: Iterable[str]) -> None:
    """Raise `RunError` for a penalty on what is no parameter, on one that training does not change, or on none."""
    refusals, ids = Refusals(), set(trained)
    usual = (training.l1 or training.l2) and training.penalised is None
    if usual and not any(is_penalised(training, id, graph.nodes[id].params.get("shape", ())) for id in ids):
        message = "a penalty is laid on weights of two axes or more, and training changes none"
        refusals.add(RunError(message, hint="penalised: the ids of parameters"))
    for id in training.penalised or ():
        if id not in graph.nodes:
            near = near_misses(str(id), sorted(ids))
            refusals.add(RunError(f"a penalty is laid on {id!r}, and no node has that id", hint=near))
        elif id not in ids:
            message = f"a penalty is laid on {graph.path(id)}, which training does not change"
            refusals.add(RunError(message, hint="parameters that the loss depends on and that are not frozen"))
    refusals.raise_any()
