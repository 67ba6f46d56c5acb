"""Diagnoses of what a network is fed: how it is scaled, how often each class comes, and which is left behind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .diagnosis import Diagnosis, Judge, Limits, Threshold, Verdict, told
from .facts import Array, Look, Subject

MANY = 1_000_000  # rows of labels that are counted


def input_scale(subject: Subject, limits: Limits) -> Judge:
    """Whether the data are within a band, or else around 0: all of them, or of what lies in files the first batches."""
    found: list[Verdict] = []
    seen: list[Array] = []

    def judge(look: Look) -> Iterator[Verdict]:
        node = subject.dataset
        if node is not None and sum(map(len, seen)) < limits["samples"]:
            whole = None if seen else subject.samples("train")[0]
            x = look.value(node, "x") if whole is None else whole[:MANY]
            if x is not None and x.size and x.dtype.kind == "f":
                seen.append(x)
                if whole is not None or sum(map(len, seen)) >= limits["samples"]:
                    found[:] = _scaled(subject, node, np.concatenate(seen), limits)
        yield from found

    return judge


def _scaled(subject: Subject, node: str, x: Array, limits: Limits) -> Iterator[Verdict]:
    mean, spread = float(x.mean(dtype=np.float64)), float(x.std(dtype=np.float64))
    most = float(max(abs(x.max()), abs(x.min())))
    if most > limits["most"] and abs(mean) > limits["mean"] * max(spread, 1e-30):
        text = f"its x reaches {told(most)} with mean {told(mean)} and standard deviation {told(spread)}"
        text += f" (usual: within ±{limits['most']:g}, or a mean of at most {limits['mean']:g} of the deviation)"
        edit = {"parameter": {"node": node, "name": "standardise", "value": True}}
        done = subject.graph.nodes[node].params.get("standardise")
        yield Verdict(
            text, most, (None, limits["most"]), node, mend="standardise the data", edit=None if done else edit
        )


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
        text = f"class {often} comes {told(ratio)} times as often as class {rare} in {len(labels):,} samples"
        text += f" (usual: at most {limits['ratio']:g}×)"
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
    fed = subject.graph.inputs(subject.loss)
    if "logits" not in fed or "target" not in fed:
        return None
    logits, target = look.value(*fed["logits"]), look.value(*fed["target"])
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
            "mean": Threshold(1.0, "of the standard deviation", "SageMaker Debugger: a mean of 0.2"),
            "samples": Threshold(500, "samples, where the data lie in files", "SageMaker Debugger"),
        },
        input_scale,
    ),
    Diagnosis(
        "class imbalance",
        "Of what comes often more is learnt: a network that always says so is mostly right.",
        Look,
        {
            "ratio": Threshold(10.0, "most frequent class over the rarest", "SageMaker Debugger"),
            "samples": Threshold(500, "samples, at least", "SageMaker Debugger"),
        },
        class_imbalance,
    ),
    Diagnosis(
        "class left behind",
        "Most classes are told apart, and one is not.",
        Look,
        {
            "error": Threshold(0.7, "of the samples of a class", "SageMaker Debugger"),
            "samples": Threshold(500, "samples that were looked at, at least", "SageMaker Debugger"),
            "right": Threshold(0.5, "of all samples; below it nothing is said", "Gradwire"),
            "few": Threshold(10, "samples of a class, at least", "Gradwire"),
        },
        class_left_behind,
        plot="accuracy",
    ),
)
