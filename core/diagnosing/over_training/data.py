"""Diagnoses of what a network is fed: how it is scaled, how often each class comes, and which is left behind."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..edits import Edit
from ..measures import scores_and_target
from .diagnosis import Diagnosis, Judge, Limits, Threshold, Verdict, count, share, times, told
from .facts import Array, Look, Subject

MANY = 1_000_000  # labels that are counted, and elements of x that are looked at


class Moments(NamedTuple):
    """Mean, squared distances from it and the greatest size of numbers of which none is kept."""

    samples: int = 0
    elements: int = 0
    mean: float = 0.0
    squares: float = 0.0
    most: float = 0.0

    @classmethod
    def of(cls, x: Array) -> Moments:
        """Of samples; of a part of them, evenly spread, where they have many elements."""
        chosen = x[:: max(x.size // MANY, 1)]
        wide = chosen.astype(np.float64).ravel()
        mean = float(wide.mean())
        wide -= mean
        most = float(max(abs(chosen.max()), abs(chosen.min())))
        return cls(len(chosen), wide.size, mean, float(wide @ wide), most)

    def and_of(self, more: Moments) -> Moments:
        """Of both together."""
        both = self.elements + more.elements
        apart = more.mean - self.mean
        return Moments(
            self.samples + more.samples,
            both,
            self.mean + apart * more.elements / both,
            self.squares + more.squares + apart**2 * self.elements * more.elements / both,
            max(self.most, more.most),
        )

    @property
    def spread(self) -> float:
        """The standard deviation."""
        return math.sqrt(self.squares / self.elements)


def input_scale(subject: Subject, limits: Limits) -> Judge:
    """Whether the data are within a band, or else around 0: all of them, or of what lies in files the first batches."""
    found: list[Verdict] = []
    seen = [Moments()]
    enough: list[bool] = []

    def judge(look: Look) -> Iterator[Verdict]:
        node = subject.dataset
        if node is not None and not enough:
            whole = subject.samples("train")[0]
            x = look.value(node, "x") if whole is None else whole
            if x is not None and x.size and x.dtype.kind == "f":
                seen[0] = seen[0].and_of(Moments.of(x))
                if whole is not None or seen[0].samples >= limits["samples"]:
                    enough.append(True)
                    found[:] = _scaled(subject, node, seen[0], limits)
        yield from found

    return judge


def _scaled(subject: Subject, node: str, x: Moments, limits: Limits) -> Iterator[Verdict]:
    off = abs(x.mean) > limits["mean"] * max(x.spread, 1e-30)
    if x.most > limits["most"] and (off or x.spread > limits["deviation"]):
        text = f"its x reaches {told(x.most)} with mean {told(x.mean)} and standard deviation {told(x.spread)}"
        text += f" in {_part(x.samples, subject.count)}"
        text += f" (usual: within ±{limits['most']:g}, or a deviation of at most {limits['deviation']:g}"
        text += f" and a mean of at most {limits['mean']:g} of it)"
        edit: Edit = {"parameter": {"node": node, "name": "standardise", "value": True}}
        done = subject.graph.nodes[node].params.get("standardise")
        yield Verdict(
            text, x.most, (None, limits["most"]), node, mend="standardise the data", edit=None if done else edit
        )


def _part(looked_at: int, of: int) -> str:
    return f"{of:,} samples" if looked_at >= of else f"{looked_at:,} of {of:,} samples"


def class_imbalance(subject: Subject, limits: Limits) -> Judge:
    """How often the most and the least frequent class comes in the data of training."""
    found: list[Verdict] = []
    counted: list[bool] = []

    def judge(look: Look) -> Iterator[Verdict]:
        if not counted:
            counted.append(True)
            found.extend(_imbalance(subject, limits))
        yield from found

    return judge


def _imbalance(subject: Subject, limits: Limits) -> Iterator[Verdict]:
    labels = subject.samples("train")[1]
    if labels is None or labels.dtype.kind not in "iu" or labels.ndim != 1 or not len(labels):
        return
    classes, counts = np.unique(labels[:MANY], return_counts=True)
    if len(classes) < 2 or len(labels) < limits["samples"]:
        return
    ratio = float(counts.max() / counts.min())
    if ratio > limits["ratio"]:
        often, rare = classes[counts.argmax()], classes[counts.argmin()]
        text = f"class {often} comes {times(ratio)} times as often as class {rare}"
        text += f" in {_part(min(len(labels), MANY), len(labels))} (usual: at most {limits['ratio']:g}×)"
        node = subject.dataset or subject.loss
        mend = "weights of classes in the loss, rare classes repeated, or a metric by class"
        yield Verdict(text, ratio, (None, limits["ratio"]), node, mend=mend)


def class_left_behind(subject: Subject, limits: Limits) -> Judge:
    """The error of each class over the last samples that were looked at, where most of the others are right."""
    recent: list[tuple[Array, Array]] = []  # labels, and whether each was found

    def judge(look: Look) -> Iterator[Verdict]:
        pair = _predicted(subject, look)
        if pair is None:
            return
        recent.append(pair)
        while sum(len(labels) for labels, _ in recent[1:]) >= limits["samples"]:
            recent.pop(0)
        labels, right = (np.concatenate(each) for each in zip(*recent, strict=True))
        if len(labels) < limits["samples"] or float(np.mean(right)) < limits["right"]:
            return
        classes, which, counts = np.unique(labels, return_inverse=True, return_counts=True)
        errors = np.bincount(which, ~right) / counts
        errors[counts < limits["few"]] = 0.0
        worst = int(errors.argmax())
        if errors[worst] > limits["error"]:
            error = float(errors[worst])
            text = f"{error:.0%} of the samples of class {classes[worst]} are taken for another,"
            text += f" {np.mean(~right):.0%} of all (usual: at most {limits['error']:.0%})"
            mend = "weights of classes in the loss, or more samples of that class"
            yield Verdict(text, error, (None, limits["error"]), subject.loss, mend=mend)

    return judge


def _predicted(subject: Subject, look: Look) -> tuple[Array, Array] | None:
    """The labels of a batch, and whether the greatest logit is that of each; None where the loss is of no classes."""
    pair = scores_and_target(subject.graph, subject.loss)
    if pair is None:
        return None
    logits, target = (look.value(*each) for each in pair)
    if logits is None or target is None or target.ndim != 1 or target.dtype.kind not in "iu" or logits.ndim != 2:
        return None
    return target, logits.argmax(axis=1) == target


DIAGNOSES = (
    Diagnosis(
        "input scale",
        "Weights begin as fits inputs of size 1 around 0: with others some directions learn far faster than the rest.",
        Look,
        {
            "most": Threshold(1.0, "greatest size of an element", "UMLAUT"),
            "mean": Threshold(1.0, "mean over the standard deviation", "SageMaker Debugger: a mean of 0.2"),
            "deviation": Threshold(10.0, "standard deviation", "Gradwire"),
            "samples": count(500, "samples, where the data lie in files", "SageMaker Debugger"),
        },
        input_scale,
        causes=("bad start", "loss at start", "saturated"),
    ),
    Diagnosis(
        "class imbalance",
        "Of what comes often more is learnt: a network that always says so is mostly right.",
        Look,
        {
            "ratio": Threshold(10.0, "most frequent class over the rarest", "SageMaker Debugger"),
            "samples": count(500, "samples, at least", "SageMaker Debugger"),
        },
        class_imbalance,
    ),
    Diagnosis(
        "class left behind",
        "Most classes are told apart, and one is not.",
        Look,
        {
            "error": share(0.7, "of the samples of a class", "SageMaker Debugger"),
            "samples": count(500, "samples that were looked at, at least", "SageMaker Debugger"),
            "right": share(0.5, "of all samples; below it nothing is said", "Gradwire"),
            "few": count(10, "samples of a class, at least", "Gradwire"),
        },
        class_left_behind,
        plot="accuracy",
    ),
)
