"""Diagnoses of what meets at forks, where a value is used several times and gradients are added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ...graph import Source
from ...training.finiteness import finite
from ..measures import CANCELS
from .diagnosis import ALERT, Diagnosis, Judge, Lasting, Limits, Verdict, count, share
from .facts import Array, Look, Subject, norm

LEAST = 3  # checks, however many iterations lie between them


def _finite(look: Look) -> Iterator[tuple[Source, Mapping[tuple[str, str], Array], list[float]]]:
    """The forks at which all is finite and not all is zero, with the norms of their parts."""
    for source, parts in look.parts.items():
        norms = [norm(part) for part in parts.values()]
        if np.isfinite(norms).all() and sum(norms) > 0:
            yield source, parts, norms


def cancellation(subject: Subject, limits: Limits) -> Judge:
    """κ = 1 − ‖Σg‖ / Σ‖g‖ of each fork."""
    lasting = Lasting()

    def judge(look: Look) -> Iterator[Verdict]:
        for source, parts, norms in _finite(look):
            share = 1.0 - norm(np.sum([np.asarray(part, np.float64) for part in parts.values()], axis=0)) / sum(norms)
            checks = lasting.checks(source, look.number, share > limits["share"])
            steps = lasting.iterations(source, look.number)
            if checks >= LEAST and steps >= limits["steps"]:
                text = f"{share:.1%} of what {len(parts)} ports send back cancels, for {steps} iterations now"
                text += f" (usual: at most {limits['share']:.0%})"
                mend = "look at the ways behind it: one undoes what the other asks for"
                yield Verdict(text, share, (None, limits["share"]), source.node, mend=mend)

    return judge


def starvation(subject: Subject, limits: Limits) -> Judge:
    """The part of a fork that hardly counts."""
    lasting = Lasting()

    def judge(look: Look) -> Iterator[Verdict]:
        for source, parts, norms in _finite(look):
            total, starved = sum(norms), []
            for (node, port), size in zip(parts, norms, strict=True):
                checks = lasting.checks((source, node, port), look.number, size < limits["share"] * total)
                if checks >= LEAST and lasting.iterations((source, node, port), look.number) >= limits["steps"]:
                    starved.append((size / total, f"{subject.path(node)}.{port}"))
            if starved:
                share, way = min(starved)
                text = f"by {way} comes {share:.2%} of its gradient (usual: at least {limits['share']:.0%})"
                yield Verdict(text, share, (limits["share"], None), source.node, mend="scale that way up, or its loss")

    return judge


def broken_branch(subject: Subject, limits: Limits) -> Judge:
    """One part that is not finite while others are."""

    def judge(look: Look) -> Iterator[Verdict]:
        for source, parts in look.parts.items():
            whole = {way: finite(part) for way, part in parts.items()}
            if all(whole.values()) or not any(whole.values()):
                continue
            node, port = next(way for way, good in whole.items() if not good)
            share = list(whole.values()).count(False) / len(whole)
            text = f"what comes by {subject.path(node)}.{port} is not finite, the other parts are (required: all)"
            mend = "look behind that way; what a where does not take must be finite as well"
            yield Verdict(text, share, (None, 0.0), source.node, ALERT, mend)

    return judge


DIAGNOSES = (
    Diagnosis(
        "fork cancellation",
        "At a fork gradients are added: here they point against each other, and little is left of either.",
        Look,
        {
            "share": share(CANCELS, "κ = 1 − ‖Σg‖ / Σ‖g‖", "Gradwire; PCGrad: a cosine below 0"),
            "steps": count(20, "iterations without a break", "Gradwire"),
        },
        cancellation,
    ),
    Diagnosis(
        "branch starvation",
        "At a fork gradients are added: one way has hardly a say in what is learnt before it.",
        Look,
        {
            "share": share(0.01, "of the sum of the norms", "Gradwire"),
            "steps": count(50, "iterations without a break", "Gradwire"),
        },
        starvation,
    ),
    Diagnosis(
        "branch not finite",
        "At a fork gradients are added: one way that is not finite spoils the sum, though the others are sound.",
        Look,
        {},
        broken_branch,
        level=ALERT,
    ),
)
