"""Diagnoses of epochs: training and validation side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..edits import Edit
from .diagnosis import Diagnosis, Judge, Lasting, Limits, Threshold, Verdict, count, share, times, told
from .facts import Array, Epoch, Subject

TRAIN, HELD_OUT = "train_loss", "validation_loss"
ACCURACY = "accuracy"
MANY = 10.0  # times as much
BETTER = 0.05  # of the loss on what is held out: by so much less it has clearly gained
STOPPED: Edit = {"training": {"early_stopping": {"metric": HELD_OUT, "patience": 5, "restore_best": True}}}


def _accuracies(row: Mapping[str, float]) -> dict[str, float]:
    """The accuracies on what is held out, by name."""
    return {name: row[name] for name in row if name.startswith("validation_") and name.endswith(ACCURACY)}


def slow(subject: Subject, limits: Limits) -> Judge:
    """The greatest gain of accuracy from one epoch to the next so far."""
    rows: list[float] = []

    def judge(epoch: Epoch) -> Iterator[Verdict]:
        found = _accuracies(epoch.row)
        if not found:
            return
        name, now = next(iter(found.items()))
        rows.append(now)
        if len(rows) <= limits["epochs"] or now >= limits["high"]:
            return
        gain = float(np.max(np.diff(rows)))
        if gain < limits["gain"]:
            text = f"{name} is {told(now)}, and grew by at most {told(max(gain, 0.0))} in an epoch"
            text += f" (usual: by {limits['gain']:g} in one of them)"
            mend, edit = subject.pace.larger(subject, subject.trained)
            mend += "" if subject.pace.too_long else ", or a larger network"
            yield Verdict(text, gain, (limits["gain"], None), subject.loss, mend=mend, edit=edit)

    return judge


def overfit(subject: Subject, limits: Limits) -> Judge:
    """A loss on what is held out that rises while the other does not, or that stays well above it and gains no more.

    What has begun lasts until that loss is clearly better than it was by then, or no longer well above the other: by
    the chance of batches it would come and go.
    """
    lasting = Lasting()
    before: list[Mapping[str, float]] = []
    best, began = [np.inf], [np.nan]  # began: the best by when it began, NaN while it does not hold

    def judge(epoch: Epoch) -> Iterator[Verdict]:
        row = epoch.row
        if HELD_OUT not in row:
            return
        train, held = row[TRAIN], row[HELD_OUT]
        apart = bool(before) and held > before[-1][HELD_OUT] and train <= before[-1][TRAIN]
        gap = (held - train) / abs(train) if train else 0.0
        stays = gap > limits["gap"] and held >= best[0]
        before[:], lower = [row], held < best[0]
        best[0] = min(best[0], held)
        rises = lasting.checks("rises", epoch.epoch, apart) >= limits["epochs"]
        begins = lasting.checks("gap", epoch.epoch, stays) >= limits["epochs"] or rises
        lasts = gap > limits["gap"] and held > (1 - BETTER) * began[0]
        if not begins and not lasts:
            began[0] = np.nan
            return
        began[0] = began[0] if lasts else best[0]
        text = f"the validation loss is {told(held)}, that of training {told(train)}: {_above(gap)}"
        if rises or not lower:
            text += ", and it rises" if rises else f", and not below its best of {told(best[0])}"
        else:
            text += f", less than {BETTER:.0%} below its best when this began"
        text += f" (usual: at most {limits['gap']:.0%}, or falling)"
        mend = "stop early, dropout, a penalty (l2), or more data"
        edit = STOPPED if subject.training.early_stopping is None else None
        yield Verdict(text, gap, (None, limits["gap"]), subject.loss, mend=mend, edit=edit)

    return judge


def _above(gap: float) -> str:
    """By how much a loss is above another: of one that is nearly 0 a percentage says nothing."""
    return f"{gap:.0%} above it" if gap < MANY else f"{times(gap + 1)} times it"


def no_gain(subject: Subject, limits: Limits) -> Judge:
    """How long ago a loss was last better by a given share than ever before: of two, the one that waits for longer."""
    best: dict[str, tuple[float, int, int]] = {}  # what a gain counts from, the epoch of that and its last iteration
    lowest: dict[str, float] = {}

    def judge(epoch: Epoch) -> Iterator[Verdict]:
        waited = {}
        for name, patience in ((TRAIN, limits["train"]), (HELD_OUT, limits["validation"])):
            now = epoch.row.get(name, np.nan)
            lowest[name] = float(np.fmin(lowest.get(name, np.inf), now))
            low, at, number = best.get(name, (np.inf, epoch.epoch, epoch.number))
            if now < low - limits["gain"] * abs(low) or not np.isfinite(low):
                best[name] = now if np.isfinite(now) else low, epoch.epoch, epoch.number
            elif epoch.epoch - at >= patience:
                waited[name] = epoch.epoch - at, number, patience
        if waited:
            name, (epochs, number, patience) = max(waited.items(), key=lambda each: each[1][0])
            what = "training loss" if name == TRAIN else "validation loss"
            text = f"the {what} has not fallen by {limits['gain']:.0%} in {epochs} epochs"
            text += f" (usual: in {patience:g}); its best is {told(lowest[name])}"
            edit = STOPPED if subject.training.early_stopping is None and HELD_OUT in epoch.row else None
            mend, band = "stop here, or stop early", (None, patience)
            yield Verdict(text, epochs, band, subject.loss, mend=mend, edit=edit, since=number, of=name)

    return judge


def suspicious(subject: Subject, limits: Limits) -> Judge:
    """An accuracy on what is held out that is very good, where some of it was trained on."""
    repeated: list[float] = []

    def judge(epoch: Epoch) -> Iterator[Verdict]:
        found = _accuracies(epoch.row)
        if epoch.epoch < limits["epochs"] or not found:
            return
        name, now = max(found.items(), key=lambda each: each[1])
        if now <= limits["accuracy"]:
            return
        if not repeated:
            repeated.append(_repeated(subject.samples("train")[0], subject.samples("validation")[0]))
        if repeated[0] > limits["repeated"]:
            text = f"{name} is {told(now)}, and {repeated[0]:.0%} of the samples held out are trained on as well"
            text += f" (usual: at most {limits['repeated']:.0%})"
            mend = "take repeated samples out before the data are split"
            yield Verdict(text, repeated[0], (None, limits["repeated"]), subject.loss, mend=mend)

    return judge


def _repeated(train: Array | None, held_out: Array | None) -> float:
    """Which share of the samples held out is, number by number, among those of training."""
    if train is None or held_out is None or not len(held_out):
        return 0.0
    known = {hash(row.tobytes()) for row in train}
    return sum(hash(row.tobytes()) in known for row in held_out) / len(held_out)


DIAGNOSES = (
    Diagnosis(
        "slow",
        "No epoch has brought much: the steps are too small, or the network cannot tell more.",
        Epoch,
        {
            "gain": Threshold(0.01, "of accuracy in one epoch", "AutoTrainer"),
            "epochs": count(5, "epochs, at least", "Gradwire"),
            "high": share(0.9, "of accuracy: above it nothing is said", "Gradwire"),
        },
        slow,
        plot=ACCURACY,
    ),
    Diagnosis(
        "overfit",
        "What is learnt holds for the samples of training, and less and less for others.",
        Epoch,
        {
            "gap": Threshold(0.1, "(validation − train) / train", "SageMaker Debugger; AutoTrainer: 0.1 of accuracy"),
            "epochs": count(3, "epochs in a row", "Gradwire; the rule: UMLAUT"),
        },
        overfit,
        plot="loss",
    ),
    Diagnosis(
        "no gain",
        "Further epochs bring nothing, and each is a chance to overfit.",
        Epoch,
        {
            "gain": Threshold(0.01, "of the loss", "SageMaker Debugger"),
            "train": count(5, "epochs without a gain in training", "SageMaker Debugger"),
            "validation": count(10, "epochs without a gain in validation", "SageMaker Debugger"),
        },
        no_gain,
        plot="loss",
    ),
    Diagnosis(
        "suspicious validation",
        "The number on held-out samples says how good the network is on new ones only where they are new.",
        Epoch,
        {
            "accuracy": share(0.95, "on what is held out; below it nothing is said", "UMLAUT"),
            "epochs": count(3, "epochs, at least", "UMLAUT"),
            "repeated": share(0.05, "of the held-out samples, found in training too", "Gradwire"),
        },
        suspicious,
        plot=ACCURACY,
    ),
)
