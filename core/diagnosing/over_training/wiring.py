"""Diagnoses of how what is trained is wired: weights that no gradient reaches, probabilities where logits belong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...graph import Source
from .. import wiring
from .diagnosis import ALERT, Diagnosis, Judge, Limits, Verdict
from .facts import Array, Look, Subject


class _Seen(NamedTuple):
    """An iteration that was looked at, as cuts are looked for in it."""

    look: Look

    def value(self, source: Source) -> Array | None:
        return self.look.value(*source)

    def gradient(self, source: Source) -> Array | None:
        return self.look.arrays.get(("gradient", source))


def no_gradient(subject: Subject, limits: Limits) -> Judge:
    """Parameters that are to be trained and that no gradient reaches, and what cuts it off."""

    def judge(look: Look) -> Iterator[Verdict]:
        without = [id for id in subject.trained if look.value(id) is not None and look.gradient(id) is None]
        if not without:
            return
        from ...stepping.cuts import find_cut  # which a run that is wired well does not need

        graph, above = subject.graph, subject.graph.ancestors([subject.loss])
        for id in without:
            cut = find_cut(_Seen(look), graph, subject.registry, above, Source(id, "y"))
            why = "the loss does not depend on it" if cut is None else f"at {subject.path(cut.node)}: {cut.reason}"
            text = f"training leaves it as it is: {why} (required: a gradient)"
            yield Verdict(text, 0.0, (None, None), id, ALERT, "freeze it, or let gradients through", word="no gradient")

    return judge


def softmax_twice(subject: Subject, limits: Limits) -> Judge:
    """Probabilities where a loss takes logits."""

    def judge(look: Look) -> Iterator[Verdict]:
        nodes = [source.node for source, _ in look.of("value")]
        for each in wiring.softmax_twice(subject.graph, subject.registry, nodes):
            yield _verdict(each)

    return judge


def silent_broadcast(subject: Subject, limits: Limits) -> Judge:
    """Two values that are both blown up by broadcasting."""

    def judge(look: Look) -> Iterator[Verdict]:
        found = wiring.silent_broadcast(subject.graph, subject.registry, look.of("value"), lambda fed: look.value(*fed))
        for each in found:
            yield _verdict(each)

    return judge


def _verdict(found: wiring.Miswired) -> Verdict:
    return Verdict(found.text, 1.0, (None, None), found.node, ALERT, found.mend, found.edit)


DIAGNOSES = (
    Diagnosis(
        "no gradient",
        "What lies behind a cut gets no gradient, so that training leaves it as it began.",
        Look,
        {},
        no_gradient,
        level=ALERT,
    ),
    Diagnosis(
        "softmax twice",
        "A loss that takes logits squashes them itself: of probabilities, which lie close together, it learns slowly.",
        Look,
        {},
        softmax_twice,
        level=ALERT,
    ),
    Diagnosis(
        "silent broadcast",
        "Of (n, 1) and (n,) broadcasting makes (n, n): each is taken with each, and nothing is refused.",
        Look,
        {},
        silent_broadcast,
        level=ALERT,
    ),
)
