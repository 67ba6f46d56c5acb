"""Diagnoses of activations: silent, saturated, uneven from layer to layer, all zero."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from ...graph import Source
from .diagnosis import ALERT, HINT, Diagnosis, Judge, Lasting, Limits, Threshold, Verdict, told
from .facts import Array, Look, Subject

PICTURE = 4  # axes of a batch of pictures, whose channels are the second
# By op how steep it is where it gives y, 1 at its steepest.
SLOPES: dict[str, Callable[[Array], Array]] = {"sigmoid": lambda y: 4 * y * (1 - y), "tanh": lambda y: 1 - y * y}
BENT = ("relu", "leaky_relu", "elu", "gelu", "silu", "softplus", *SLOPES)


def _activations(subject: Subject, look: Look, *ops: str) -> Iterator[tuple[str, Array]]:
    """The values of hidden nodes with one of these ops, of batches."""
    for source, value in look.of("value"):
        if value.ndim > 1 and len(value) and subject.op(source.node) in ops and source.node in subject.hidden:
            yield source.node, value


def dead_units(subject: Subject, limits: Limits) -> Judge:
    """For how many samples that were looked at each unit has been silent."""
    asleep: dict[str, Array] = {}

    def judge(look: Look) -> Iterator[Verdict]:
        for node, value in _activations(subject, look, "relu"):
            units = 1 if value.ndim == PICTURE else value.ndim - 1
            awake = value.max(axis=tuple(axis for axis in range(value.ndim) if axis != units)) > 0
            before = asleep.get(node)
            if before is None or before.shape != awake.shape:
                before = np.zeros(awake.shape, np.int64)
            asleep[node] = np.where(awake, 0, before + max(look.samples, 1))
            silent = int(np.count_nonzero(asleep[node] >= limits["samples"]))
            if silent <= limits["alert"] * awake.size < np.count_nonzero(asleep[node] > look.samples):
                subject.look_closer()
            if silent > limits["hint"] * awake.size:
                yield _dead(node, silent, awake.size, limits)

    return judge


def _dead(node: str, silent: int, units: int, limits: Limits) -> Verdict:
    share = silent / units
    text = f"{silent} of {units} units ({share:.0%}) were silent on the last {limits['samples']:g} samples or more"
    text += f" (usual: at most {limits['hint']:.0%})"
    level = ALERT if share > limits["alert"] else HINT
    mend = "leaky_relu in its place; or a smaller learning rate and a new start"
    edit = {"op": {"node": node, "op": "leaky_relu"}}
    return Verdict(text, share, (None, limits["hint"]), node, level, mend, edit, f"{silent} dead of {units}")


def saturated(subject: Subject, limits: Limits) -> Judge:
    """The share of elements where hardly any gradient comes through."""
    lasting = Lasting()

    def judge(look: Look) -> Iterator[Verdict]:
        for node, value in _activations(subject, look, *SLOPES):
            slope = SLOPES[subject.op(node)](value)
            share = float(np.count_nonzero(np.abs(slope) < limits["slope"]) / value.size)
            checks = lasting.checks(node, look.number, share > limits["hint"])
            if checks < limits["checks"] and share > limits["alert"]:
                subject.look_closer()
            if checks >= limits["checks"]:
                text = f"{share:.0%} of its elements are where its slope is below {limits['slope']:g} of its steepest"
                text += f" (usual: at most {limits['hint']:.0%})"
                level = ALERT if share > limits["alert"] else HINT
                mend = "smaller initial weights before it, standardised data, or batch_norm before it"
                yield Verdict(text, share, (None, limits["hint"]), node, level, mend, None, f"{share:.0%} flat")

    return judge


def bad_start(subject: Subject, limits: Limits) -> Judge:
    """The spread of activations before anything is trained, of each layer and from layer to layer."""
    found: list[Verdict] = []

    def judge(look: Look) -> Iterator[Verdict]:
        if look.number == 1 and subject.fresh:
            spreads = ((float(np.std(value)), node) for node, value in _activations(subject, look, *BENT))
            found.extend(_uneven(subject, [each for each in spreads if math.isfinite(each[0])], limits))
        yield from found  # a run has begun as it has

    return judge


def _uneven(subject: Subject, spreads: list[tuple[float, str]], limits: Limits) -> Iterator[Verdict]:
    for spread, node in spreads:
        if not limits["low"] <= spread <= limits["high"]:
            text = f"its standard deviation before training is {told(spread)}"
            text += f" (usual: {told(limits['low'])} to {told(limits['high'])})"
            yield Verdict(text, spread, (limits["low"], limits["high"]), node, mend="init he before relu, else xavier")
    positive = [each for each in spreads if each[0] > 0]
    if len(positive) > 1:
        (least, low), (most, high) = min(positive), max(positive)
        ratio = (most / least) ** 2
        if ratio > limits["variances"] and limits["low"] <= least:
            text = f"before training its variance is {told(least**2)}, that of {subject.path(high)} {told(most**2)}:"
            text += f" {told(ratio)}× (usual: at most {limits['variances']:g}×)"
            yield Verdict(text, ratio, (None, limits["variances"]), low, mend="init he before relu, else xavier")


def all_zero(subject: Subject, limits: Limits) -> Judge:
    """Values that are all zero though nothing that they are computed of is, and gradients of parameters that are."""
    lasting = Lasting()

    def judge(look: Look) -> Iterator[Verdict]:
        empty: dict[Source, bool] = {}

        def zero(source: Source) -> bool:
            if source not in empty:
                value = look.value(*source)
                empty[source] = value is not None and not value.any()
            return empty[source]

        for source, value in look.of("value"):
            if value.size < 2 or value.item(0) or value.item(-1) or value.dtype.kind != "f" or not zero(source):
                continue  # a look at one element spares most of them
            fed = subject.graph.inputs(source.node).values()
            if not fed:
                continue
            if lasting.checks(source, look.number, not any(map(zero, fed))) >= limits["checks"]:
                text = f"all {value.size:,} elements of its value were 0 {limits['checks']:g} times (usual: not all)"
                yield Verdict(
                    text, 1.0, (None, 1.0), source.node, mend="Why zero? on the value tells where it comes from"
                )
        for id in subject.trained:
            gradient = look.gradient(id)
            if gradient is None or not gradient.size:
                continue
            none = not gradient.item(0) and not gradient.any()
            if lasting.checks(id, look.number, none) >= limits["checks"]:
                text = f"its gradient has been exactly 0 at {limits['checks']:g} checks (usual: not all of it)"
                yield Verdict(text, 1.0, (None, 1.0), id, mend="Why zero? on the gradient tells where it is lost")

    return judge


DIAGNOSES = (
    Diagnosis(
        "dead units",
        "A ReLU that no sample wakes passes no gradient on, so that it stays silent. Often a step was too long.",
        Look,
        {
            "samples": Threshold(500, "samples that were looked at, at least", "keras-contrib: the whole training set"),
            "hint": Threshold(0.1, "of a layer's units", "Gradwire"),
            "alert": Threshold(0.5, "of a layer's units", "SageMaker Debugger, TheDeepChecker"),
        },
        dead_units,
        plot="activation",
        level=ALERT,
    ),
    Diagnosis(
        "saturated",
        "Far out a sigmoid or a tanh is flat: what lies before it gets hardly any gradient.",
        Look,
        {
            "slope": Threshold(0.05, "of its steepest slope: |tanh| above 0.975", "makemore: |tanh| above 0.97"),
            "hint": Threshold(0.3, "of a layer's elements", "Gradwire"),
            "alert": Threshold(0.5, "of a layer's elements", "SageMaker Debugger, DeepDiagnosis, TheDeepChecker"),
            "checks": Threshold(3, "checks in a row", "Gradwire"),
        },
        saturated,
        plot="activation",
        level=ALERT,
    ),
    Diagnosis(
        "bad start",
        "Signals that shrink or grow from layer to layer before anything is learnt do the same to gradients on their"
        " way back.",
        Look,
        {
            "low": Threshold(0.1, "standard deviation of activations", "TheDeepChecker: 0.5"),
            "high": Threshold(10.0, "standard deviation of activations", "TheDeepChecker: 2"),
            "variances": Threshold(10.0, "greatest variance over the least", "SageMaker Debugger"),
        },
        bad_start,
        plot="activation",
    ),
    Diagnosis(
        "all zero",
        "Nothing is left of what went in: no gradient can come back by this way either.",
        Look,
        {"checks": Threshold(3, "checks in a row", "SageMaker Debugger: 1")},
        all_zero,
        plot="activation",
    ),
)
