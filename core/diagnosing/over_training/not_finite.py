"""Diagnoses of numbers that are not finite: in the loss, and where in the network they begin."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ...graph import Source
from ...training.finiteness import finite
from ..edits import Edit
from .diagnosis import ALERT, Diagnosis, Judge, Limits, Verdict
from .facts import Look, Stretch, Subject

CLIPPED = 1.0  # the norm to which the mend clips gradients


def _mended(subject: Subject, number: int) -> tuple[str, Edit | None]:
    """What helps: at the values with which the run began, or at the op at which it begins, where that is known; else
    steps that are less large.
    """
    if subject.broken_from_start:
        paths = ", ".join(map(subject.path, subject.broken_from_start[:3]))
        return f"{paths} was not finite before the first iteration: reinitialise it, or undo what made it so", None
    if subject.remedy is not None:
        return subject.remedy
    if number == 1:
        return "look at iteration 1 in the stepper: no step has been made before it, so no learning rate helps", None
    if subject.pace.too_long or not math.isnan(subject.pace.stable(subject)):
        return subject.pace.smaller(subject)
    smaller = f"a smaller learning rate than {subject.rate()}"
    if subject.training.clip_norm is not None:
        return smaller, None
    return f"{smaller}, or gradients clipped to norm {CLIPPED:g}", {"training": {"clip_norm": CLIPPED}}


def loss_not_finite(subject: Subject, limits: Limits) -> Judge:
    """From the first loss that is no finite number, until one is again."""
    first: list[tuple[int, float]] = []

    def judge(stretch: Stretch) -> Iterator[Verdict]:
        if math.isfinite(sum(stretch.losses)) or not (broken := _broken(stretch)):
            first.clear()
            return
        if not first:
            first.append(broken[0])
        number, loss = first[0]
        text = f"the loss is {loss} at iteration {number:,} (required: a finite number)"
        mend, edit = _mended(subject, number)
        yield Verdict(text, loss, (None, None), subject.loss, ALERT, mend, edit, since=number)

    return judge


def _broken(stretch: Stretch) -> list[tuple[int, float]]:
    """The iterations whose loss is not finite, with that."""
    return [(number, loss) for number, loss in enumerate(stretch.losses, stretch.first) if not math.isfinite(loss)]


def value_not_finite(subject: Subject, limits: Limits) -> Judge:
    """The first value in order of computation, or else the first gradient on the way back, that is not finite."""
    first: dict[tuple[str, Source], int] = {}  # the iteration in which that was so first, since it last was not

    def judge(look: Look) -> Iterator[Verdict]:
        loss = look.value(subject.loss)
        if loss is not None and finite(loss) and all(finite(update) for _, update in look.of("update")):
            first.clear()
            subject.remedy = None
            return  # what does no harm is not looked for, as that would take longer than all else
        kinds = (("value", list(look.of("value"))), ("gradient", list(look.of("gradient"))[::-1]))
        for kind, found in kinds:
            source = next((source for source, array in found if not finite(array)), None)
            if source is not None:
                number = first.setdefault((kind, source), look.number)
                yield _verdict(subject, look, kind, source, number)
                return

    return judge


def _verdict(subject: Subject, look: Look, kind: str, source: Source, number: int) -> Verdict:
    array = dict(look.of(kind))[source]
    share = 1.0 - np.count_nonzero(np.isfinite(array)) / array.size
    node, op = source.node, subject.registry.get(subject.op(source.node))
    what = "its gradient is" if kind == "gradient" else "it is"
    text = f"{what} not finite in {share:.0%} of its elements, the first in iteration {number:,} (required: none)"
    if op is not None and op.remedy is not None:
        subject.remedy = op.remedy.says, {"remedy": {"node": node}}
    mend, edit = _mended(subject, number)
    if subject.op(node) == "parameter" and not subject.broken_from_start:
        text += "; an update has made it so"
    return Verdict(text, share, (None, 0.0), node, ALERT, mend, edit)


DIAGNOSES = (
    Diagnosis(
        "loss not finite",
        "A loss of NaN or infinity has no useful gradient: what is trained with it is lost. Step through the iteration"
        " that is named, from the checkpoint before it, to see where it begins.",
        Stretch,
        {},
        loss_not_finite,
        plot="loss",
        level=ALERT,
    ),
    Diagnosis(
        "not finite",
        "A NaN or an infinity spreads to all that is computed of it, so what matters is the first.",
        Look,
        {},
        value_not_finite,
        plot="loss",
        level=ALERT,
    ),
)
