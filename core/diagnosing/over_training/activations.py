"""Diagnoses of activations: silent, saturated, uneven from layer to layer, all zero."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...graph import Source
from ..edits import Edit
from ..measures import (
    DEAD_ALERT,
    DEAD_HINT,
    FLAT,
    FLAT_ALERT,
    FLAT_HINT,
    LEAST_SPREAD,
    MOST_SPREAD,
    UNEVEN,
    Activation,
    activations,
    dead,
    flat,
    percent,
    uneven,
    units_told,
)
from .diagnosis import ALERT, HINT, Diagnosis, Judge, Lasting, Limits, Threshold, Verdict, count, share
from .facts import Array, Look, Start, Subject

WHOLE = 6  # looks in a row in which all units of a layer were dead: then nobody waits for more samples


def _activations(subject: Subject, look: Look) -> list[Activation]:
    """The activations of hidden nodes, of batches."""
    values = ((s, v) for s, v in look.of("value") if v.ndim > 1 and len(v) and s.node in subject.hidden)
    return list(activations(subject.graph, subject.registry, values, lambda fed: look.value(*fed)))


def dead_units(subject: Subject, limits: Limits) -> Judge:
    """For how many samples that were looked at each unit has let no gradient through."""
    asleep: dict[str, Array] = {}
    lasting = Lasting()

    def judge(look: Look) -> Iterator[Verdict]:
        for each in _activations(subject, look):
            if not each.can_die:
                continue
            node, awake = each.node, ~dead(each)
            before = asleep.get(node)
            if before is None or before.shape != awake.shape:
                before = np.zeros(awake.shape, np.int64)
            asleep[node] = np.where(awake, 0, before + max(look.samples, 1))
            whole = lasting.checks(node, look.number, not awake.any()) >= WHOLE
            off = asleep[node] >= (1 if whole else limits["samples"])
            silent = int(np.count_nonzero(off))
            if silent <= limits["alert"] * awake.size < np.count_nonzero(asleep[node] > look.samples):
                subject.look_closer()
            if silent > limits["hint"] * awake.size:
                yield _dead(subject, node, off, int(asleep[node][off].min()), limits)

    return judge


def _dead(subject: Subject, node: str, off: Array, samples: int, limits: Limits) -> Verdict:
    """`off` are the units that no sample has woken, of so many at least."""
    samples = min(samples, int(limits["samples"]))
    silent, units = int(np.count_nonzero(off)), off.size
    share = silent / units
    so_many = percent(share, limits["hint"])
    text = f"{silent} of {units} units ({so_many}) let no gradient through on the last {samples:,} samples"
    text += f" or more (usual: at most {limits['hint']:.0%}): {units_told(off)}"
    level = ALERT if share > limits["alert"] else HINT
    mend: str = "leaky_relu in its place; or a smaller learning rate and a new start"
    edit: Edit = {"op": {"node": node, "op": "leaky_relu"}}
    if subject.pace.too_long:  # then another activation is trodden down as well
        mend, edit = subject.pace.smaller(subject)
    return Verdict(text, share, (None, limits["hint"]), node, level, mend, edit, f"{silent} dead of {units}")


def saturated(subject: Subject, limits: Limits) -> Judge:
    """The share of elements where hardly any gradient comes through."""
    lasting = Lasting()

    def judge(look: Look) -> Iterator[Verdict]:
        for each in _activations(subject, look):
            if each.steepest is None:
                continue
            node, share = each.node, flat(each, limits["slope"])
            checks = lasting.checks(node, look.number, share > limits["hint"])
            if checks < limits["checks"] and share > limits["alert"]:
                subject.look_closer()
            if checks >= limits["checks"]:
                so_many = percent(share, limits["hint"])
                text = f"{so_many} of its elements are where its slope is below {limits['slope']:g} of its steepest"
                text += f" (usual: at most {limits['hint']:.0%})"
                level = ALERT if share > limits["alert"] else HINT
                mend = "smaller initial weights before it, standardised data, or batch_norm before it"
                yield Verdict(text, share, (None, limits["hint"]), node, level, mend, None, f"{share:.0%} flat")

    return judge


def bad_start(subject: Subject, limits: Limits) -> Judge:
    """The spread of activations before anything is trained, of each layer and from layer to layer."""

    def judge(start: Start) -> Iterator[Verdict]:
        if subject.fresh:
            found = [each for each in _activations(subject, start.look) if each.bends]
            mend = "init he before relu, else xavier"
            for each in uneven(found, subject.path, limits["low"], limits["high"], limits["variances"]):
                yield Verdict(each.text, each.measured, each.band, each.node, mend=mend)

    return judge


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
            "samples": count(500, "samples that were looked at, at least", "keras-contrib: the whole training set"),
            "hint": share(DEAD_HINT, "of a layer's units, for a hint", "Gradwire"),
            "alert": share(DEAD_ALERT, "of a layer's units, for an alert", "SageMaker Debugger, TheDeepChecker"),
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
            "slope": share(FLAT, "of its steepest slope: |tanh| above 0.975", "makemore: |tanh| above 0.97"),
            "hint": share(FLAT_HINT, "of a layer's elements, for a hint", "Gradwire"),
            "alert": share(
                FLAT_ALERT, "of a layer's elements, for an alert", "SageMaker Debugger, DeepDiagnosis, TheDeepChecker"
            ),
            "checks": count(3, "checks in a row", "Gradwire"),
        },
        saturated,
        plot="activation",
        level=ALERT,
    ),
    Diagnosis(
        "bad start",
        "Signals that shrink or grow from layer to layer before anything is learnt do the same to gradients on their"
        " way back.",
        Start,
        {
            "low": Threshold(LEAST_SPREAD, "least standard deviation of activations", "TheDeepChecker: 0.5"),
            "high": Threshold(MOST_SPREAD, "greatest standard deviation of activations", "TheDeepChecker: 2"),
            "variances": Threshold(UNEVEN, "greatest variance over the least", "SageMaker Debugger"),
        },
        bad_start,
        plot="activation",
    ),
    Diagnosis(
        "all zero",
        "Nothing is left of what went in: no gradient can come back by this way either.",
        Look,
        {"checks": count(3, "checks in a row", "SageMaker Debugger: 1")},
        all_zero,
        plot="activation",
    ),
)
