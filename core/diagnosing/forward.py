"""Diagnoses of values: units that are silent, units that are saturated, losses that begin in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..graph import Source
from ..stepping import Timeline
from ..stepping.explaining import first_not_finite
from ..stepping.mending import advice
from .finding import ALERT, HINT, Finding, Rule, path, told, values

DEAD_HINT, DEAD_ALERT = 0.1, 0.5  # share of a layer's units
FLAT, FLAT_HINT, FLAT_ALERT = 0.05, 0.3, 0.5  # local derivative; share of elements
START = 0.25  # of ln C
RANGE = 10.0  # between the largest and the smallest variance of activations


def not_finite(timeline: Timeline) -> Iterator[Finding]:
    """The first NaN or infinity."""
    found = first_not_finite(timeline)
    if found is not None and found.node is not None:
        yield Finding("not finite", ALERT, found.node, found.text, advice(timeline.run, timeline.registry, found.node))


def dead_units(timeline: Timeline) -> Iterator[Finding]:
    """Units of a ReLU that no sample of the batch has woken."""
    for source, value in values(timeline, "relu"):
        if value.ndim < 2 or not len(value):
            continue
        silent = ~(value > 0).reshape(-1, value.shape[-1]).any(axis=0)
        share = float(silent.mean())
        if share > DEAD_HINT:
            count = f"{int(silent.sum())} of {silent.size} units are silent on all {len(value)} samples"
            band = f"usual: at most {DEAD_HINT:.0%}"
            level = ALERT if share > DEAD_ALERT else HINT
            word = f"{int(silent.sum())} dead of {silent.size}"
            mend = "smaller steps, or leaky_relu"
            yield Finding("dead units", level, source.node, f"{count} ({share:.0%}; {band})", mend, word)


def saturated(timeline: Timeline) -> Iterator[Finding]:
    """Sigmoids and hyperbolic tangents where they are flat, so that hardly any gradient comes through."""
    slopes = {"sigmoid": lambda y: 4 * y * (1 - y), "tanh": lambda y: 1 - y * y}  # each 1 at its steepest
    for source, value in values(timeline, *slopes):
        slope = slopes[timeline.run.asked.graph.nodes[source.node].op]
        with np.errstate(all="ignore"):
            share = float(np.mean(np.abs(slope(value.astype(np.float64))) < FLAT)) if value.size else 0.0
        if share > FLAT_HINT and value.size > 1:
            text = f"{share:.0%} of its elements are where its slope is below {FLAT} of its steepest"
            level = ALERT if share > FLAT_ALERT else HINT
            yield Finding(
                "saturated", level, source.node, f"{text} (usual: at most {FLAT_HINT:.0%})", "smaller weights"
            )


def loss_at_start(timeline: Timeline) -> Iterator[Finding]:
    """A cross-entropy that does not begin where guessing does, at ln C for C classes."""
    run = timeline.run
    if run.asked.graph.training is None or run.asked.values:
        return  # what has been trained does not begin
    for source, value in values(timeline, "cross_entropy"):
        inputs = run.asked.graph.inputs(source.node)
        logits = run.value(inputs["logits"]) if "logits" in inputs else None
        if logits is None or value.size != 1 or logits.shape[-1] < 2:
            continue
        guess = float(np.log(logits.shape[-1]))
        away = abs(float(value.reshape(())) - guess) / guess
        if away > START:
            text = f"it starts at {told(value.reshape(()))}, guessing gives ln {logits.shape[-1]} = {told(guess)}"
            yield Finding("loss at start", HINT, source.node, text, "smaller weights in the last layer")


def all_zero(timeline: Timeline) -> Iterator[Finding]:
    """Values that are all zero though nothing that they are computed of is."""
    run, graph = timeline.run, timeline.run.asked.graph
    for source, value in values(timeline):
        taken = [run.value(fed) for fed in graph.inputs(source.node).values()]
        if value.dtype.kind != "f" or value.size < 2 or value.any() or not taken:
            continue
        if all(array is not None and array.any() for array in taken):
            yield Finding("all zero", HINT, source.node, f"all {value.size} elements of its value are 0")


def uneven_layers(timeline: Timeline) -> Iterator[Finding]:
    """Activations whose variance differs much from layer to layer before anything is trained."""
    run = timeline.run
    if run.asked.graph.training is None or run.asked.values:
        return
    sizes: list[tuple[float, Source]] = []
    for source, value in values(timeline, "relu", "tanh", "sigmoid", "leaky_relu"):
        if value.ndim > 1 and np.isfinite(value).all() and (variance := float(np.var(value))) > 0:
            sizes.append((variance, source))
    if len(sizes) < 2:
        return
    (least, low), (most, high) = min(sizes), max(sizes)
    if most / least > RANGE:
        text = f"its variance is {told(least)}, that of {path(timeline, high.node)} is {told(most)}"
        yield Finding("uneven layers", HINT, low.node, f"{text} ({told(most / least)}×; usual: at most 10×)", "init he")


RULES = (
    Rule("not finite", "A NaN or an infinity, where the first one begins", not_finite),
    Rule("dead units", "ReLU units that are silent on a whole batch (hint above 10 %, alert above 50 %)", dead_units),
    Rule("saturated", "Sigmoids and tanhs where they are flat (hint above 30 %, alert above 50 %)", saturated),
    Rule("loss at start", "A loss that is not within 25 % of ln C before training (CS231n)", loss_at_start),
    Rule("all zero", "Computed values of which every element is 0", all_zero),
    Rule("uneven layers", "Variances of activations that differ by more than ten times before training", uneven_layers),
)
