"""Findings as badges: a word on the node that each is about, and a sentence for who hovers there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ...core.diagnosing.finding import Finding
from ...core.stepping import Moment, State

if TYPE_CHECKING:
    from ..results.findings import AnyFinding
    from .scene import Scene
    from .values import Shown

WORDS: Mapping[str, str] = {
    "silent broadcast": "broadcast",
    "softmax twice": "2× softmax",
    "vanishing gradient": "vanishing",
    "exploding gradient": "exploding",
    "fork cancellation": "cancellation",
    "gradients not zeroed": "not zeroed",
}
TOLD = {"not finite"}  # rules of which another mark tells
BACK = {
    "vanishing gradient",
    "exploding gradient",
    "no gradient",
    "zero gradient",
    "branch not finite",
    "fork cancellation",
}  # rules about gradients
UPDATES = {"update size", "no update", "unchanged"}  # and about what a step of training changes
_ON_ITS_WAY = {State.UNREACHED, State.WAITING}


class Word(NamedTuple):
    """On a node; `grave` where it is an alert, not a hint."""

    word: str = ""
    grave: bool = False


def by_face(scene: Scene, found: Iterable[AnyFinding]) -> dict[str, list[AnyFinding]]:
    """The findings by what stands for their nodes here: on a collapsed group those of all that lies within.

    One that is true of several nodes stands at each of them.
    """
    faces: dict[str, list[AnyFinding]] = {}
    for finding in found:
        nodes = (finding.node, *finding.also) if isinstance(finding, Finding) else (finding.node,)
        shown = (scene.face(node) for node in nodes if node in scene.graph.nodes)
        for face in dict.fromkeys(face for face in shown if face is not None):
            faces.setdefault(face, []).append(finding)
    return faces


def reached(found: Iterable[AnyFinding], shown: Shown | None, moment: Moment | None = None) -> list[AnyFinding]:
    """Some findings of one node; at a `moment` that is stepped to, only those about what has been reached."""
    if shown is None or shown.value is None:
        return []
    hidden = BACK if shown.chip.state in _ON_ITS_WAY else set()
    return [
        each
        for each in found
        if each.rule not in hidden
        and not (each.rule in UPDATES and moment is not None and _is_ahead(moment, each.node))
    ]


def of_badge(found: Iterable[AnyFinding], shown: Shown | None, moment: Moment | None = None) -> list[AnyFinding]:
    """Those of them that a badge tells. What is told of a run of training is not about what is shown here, so no other
    mark tells it.
    """
    return [each for each in reached(found, shown, moment) if each.rule not in TOLD or not isinstance(each, Finding)]


def word(found: Iterable[AnyFinding], shown: Shown | None, moment: Moment | None = None) -> Word:
    """The word for some findings, the gravest first."""
    told = of_badge(found, shown, moment)
    if not told:
        return Word()
    first, more = told[0], f" +{len(told) - 1}" if len(told) > 1 else ""
    return Word((first.word or WORDS.get(first.rule, first.rule)) + more, first.level == "alert")


def _is_ahead(moment: Moment, node: str) -> bool:
    """Whether a node is yet to be changed; of one that is not changed at all it is known when all is done."""
    return not moment.updated(node) and moment.cursor < moment.timeline.end


def sentence(found: Sequence[AnyFinding]) -> str:
    """What the first of some findings says, and how many more there are."""
    if not found:
        return ""
    more = f" · and {len(found) - 1} more, see Diagnosis" if len(found) > 1 else ""
    return f"{found[0].rule}: {found[0].text}{more}"
