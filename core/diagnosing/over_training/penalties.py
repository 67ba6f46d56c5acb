"""Diagnosis of penalties on weights, and of the weight decay of an optimiser, beside what the data ask for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ...training.gradients import is_penalised
from ...training.optim.updating import optimiser
from ..edits import Edit
from .diagnosis import ALERT, Diagnosis, Judge, Lasting, Limits, Threshold, Verdict, count, share, times, told
from .facts import Array, Look, Subject, norm
from .gradients import STANDSTILL

DECAY = "weight_decay"
DECOUPLED = ("adamw", "lion")  # optimisers that take the decay off the weights beside the step
FEWER = 10.0  # times as long as the penalty's gradient is that of the loss, with the penalty that mends


class Pull(NamedTuple):
    """What the data ask of all that is penalised, and what the penalty asks: norms, and that of both together."""

    loss: float
    penalty: float
    both: float
    of: str  # whether gradients were compared, or steps

    @property
    def ratio(self) -> float:
        return self.penalty / max(self.loss, 1e-30)

    def balanced(self, cancels: float) -> bool:
        """Whether both cancel, as they do where a penalty has done its work: that is the minimum."""
        return self.both < (1 - cancels) * (self.loss + self.penalty)


class Worst(NamedTuple):
    """Where a penalty has overwhelmed most, and what it was then."""

    number: int
    pull: Pull
    penalties: Mapping[str, float]


def penalty_overwhelms(subject: Subject, limits: Limits) -> Judge:
    """The gradient of the penalty beside that of the loss, over all that is penalised.

    A penalty that has driven all weights to 0 balances a loss that is no better than guessing: it has begun to do that
    when it was far the stronger, and that stays true until something is learnt or the penalty is another.
    """
    lasting = Lasting()
    worst: list[Worst] = []

    def judge(look: Look) -> Iterator[Verdict]:
        penalties = _penalties(subject)
        if worst and worst[0].penalties != penalties:
            worst.clear()
        pull = _pull(subject, look) if penalties else None
        if pull is None:
            return
        holds = pull.ratio > limits["ratio"] and not pull.balanced(limits["cancels"])
        lasts = lasting.checks(0, look.number, holds) >= limits["checks"]
        if lasts and (not worst or pull.ratio > worst[0].pull.ratio):
            worst[:] = [Worst(look.number, pull, penalties)]
        if worst and not lasts and not subject.level.guesses:
            worst.clear()
        if worst:
            yield _verdict(subject, worst[0], pull if lasts else None, limits["ratio"])

    return judge


def _verdict(subject: Subject, worst: Worst, now: Pull | None, usual: float) -> Verdict:
    """What is so now, or has been and has left its mark."""
    at = now or worst.pull
    text = f"the penalty's {at.of} has norm {told(at.penalty)}, that of the loss {told(at.loss)}: {times(at.ratio)}×"
    text += f" (usual: at most {usual:g}×)"
    if now is None:
        text = (
            f"in iteration {worst.number:,} {text}; it has driven the weights towards 0, and the loss is no better than"
        )
        text += " guessing"
    share = worst.pull.ratio * FEWER
    less = {name: float(f"{number / share:.0e}") for name, number in worst.penalties.items()}
    mend = "a smaller penalty: " + ", ".join(
        f"{_words(name)} {less[name]:g} in place of {number:g}" for name, number in worst.penalties.items()
    )
    edit: Edit = {}
    if of_training := {name: number for name, number in less.items() if name != DECAY}:
        edit["training"] = of_training
    if DECAY in less:
        edit["optimiser"] = {DECAY: less[DECAY]}
    if now is None:  # a smaller one brings no weight back
        mend, edit = f"{mend}, and a new start", {**edit, "anew": True}
    made: Edit | None = edit
    if any(DECAY in group for group in subject.training.parameter_groups):
        made = None  # each group has its own
    return Verdict(text, at.ratio, (None, usual), subject.loss, mend=mend.replace("e-", "e−"), edit=made)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _penalties(subject: Subject) -> dict[str, float]:
    """The penalties that are set, by name."""
    training = subject.training
    found = {"l1": training.l1, "l2": training.l2, DECAY: float(optimiser(training.optimiser)[1].get(DECAY, 0.0))}
    groups = [float(group[DECAY]) for group in training.parameter_groups if DECAY in group]
    found[DECAY] = max(found[DECAY], *groups) if groups else found[DECAY]
    return {name: number for name, number in found.items() if number}


def _pull(subject: Subject, look: Look) -> Pull | None:
    """What pulls at the weights: gradients, or steps where only a decay that is no gradient does."""
    common = optimiser(subject.training.optimiser)[1]
    decoupled = subject.training.optimiser.get("name") in DECOUPLED or common.get("decoupled_weight_decay", False)
    found = [_gradients(subject, look, id, decoupled) for id in subject.trained]
    of = "gradient"
    if decoupled and not any(found):
        of = "step"
        found = [_steps(look, id, subject.settings(id)) for id in subject.trained]
    given = [each for each in found if each is not None]
    if not given:
        return None
    squares = [(norm(one) ** 2, norm(other) ** 2, norm(one + other) ** 2) for one, other in given]
    loss, penalty, both = (math.sqrt(math.fsum(column)) for column in zip(*squares, strict=True))
    return Pull(loss, penalty, both, of)


def _gradients(subject: Subject, look: Look, id: str, decoupled: bool) -> tuple[Array, Array] | None:
    """Of the loss and of what is added to that, where something is."""
    gradient, value, training = look.gradient(id), look.value(id), subject.training
    if gradient is None or value is None:
        return None
    decay = 0.0 if decoupled else subject.settings(id).get(DECAY, 0.0)
    if is_penalised(training, id, value.shape):
        if training.l1:
            return gradient, training.l1 * np.sign(value) + (2 * training.l2 + decay) * value
        decay += 2 * training.l2
    return (gradient, decay * value) if decay else None


def _steps(look: Look, id: str, settings: Mapping[str, Any]) -> tuple[Array, Array] | None:
    """What the loss moves a parameter by, and what a decoupled decay takes off it."""
    update, value, decay = look.update(id), look.value(id), settings.get(DECAY, 0.0)
    if update is None or value is None or not decay:
        return None
    taken = -look.rates[settings["lr"]] * decay * value
    return update - taken, taken


DIAGNOSES = (
    Diagnosis(
        "penalty overwhelms",
        "What is learnt follows the penalty on the weights more than the data; a large one drives all weights to 0.",
        Look,
        {
            "ratio": Threshold(1.0, "penalty's gradient over that of the loss", "TheDeepChecker: ×2; CS231n"),
            "cancels": share(0.5, "of both cancels: then they balance, and nothing is wrong", "Gradwire"),
            "checks": count(5, "checks in a row", "TheDeepChecker"),
        },
        penalty_overwhelms,
        plot="loss",
        level=ALERT,
        causes=(*STANDSTILL, "vanishing gradient", "dead units", "all zero"),
    ),
)
