"""What a diagnosis finds: where, how bad, what was measured beside what is usual, and what mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import Source
from .edits import Edit

if TYPE_CHECKING:
    from ..stepping import Timeline

HINT, ALERT = "hint", "alert"
NOT_FINITE, BRANCH_NOT_FINITE = "not finite", "branch not finite"
SEARCHED = {NOT_FINITE, BRANCH_NOT_FINITE}  # rules without an `edit`: what mends them is searched
UNITS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


class Finding(NamedTuple):
    """One thing that may be wrong. `text` tells the measured number and the band, `mend` what to do about it.

    `word` is what is told where there is room for a word or two; by itself the name of the rule. `edit` says what would
    mend it, where one edit does: `mending` makes a mend of it, and tries that, when it is asked for. `also` are further
    nodes of which the same is true.
    """

    rule: str
    level: str
    node: str
    text: str
    mend: str = ""
    word: str = ""
    edit: Edit | None = None
    also: tuple[str, ...] = ()


def may_have_mends(finding: Any) -> bool:
    """Whether it is worth while to look for what mends a finding of one run, or of a run of training."""
    return finding.edit is not None or (isinstance(finding, Finding) and finding.rule in SEARCHED)


class Rule(NamedTuple):
    """One diagnosis of a run: its name, what it looks for and where its threshold comes from, and how it looks.

    `trains`: it looks at an iteration of training; of values that are at rest, at the one that would begin with them.
    """

    name: str
    about: str
    find: Callable[[Timeline], Iterator[Finding]]
    trains: bool = False


def told(value: Any) -> str:
    """A measured number."""
    return f"{float(value):.3g}".replace("-", "−")


def times(factor: Any) -> str:
    """A factor, to three digits, as it is read: 3.21, 52,300, 52 million; beyond trillions as it is measured."""
    rounded = float(f"{float(factor):.3g}")
    if not 1e3 <= rounded < 1e15:
        return told(factor)
    unit, word = next((each for each in UNITS if rounded >= each[0]), (1.0, ""))
    return f"{rounded / unit:,.3g} {word}" if word else f"{rounded:,.0f}"


def values(timeline: Timeline, *ops: str) -> Iterator[tuple[Source, np.ndarray]]:
    """The values of all nodes with one of these ops, of all nodes where none is named, in order of computation."""
    graph = timeline.run.asked.graph
    for step in timeline.steps:
        for node in step.nodes if step.phase == "forward" else ():
            if ops and graph.nodes[node].op not in ops:
                continue
            for source in timeline.sources_of[node]:
                value = timeline.run.value(source)
                if value is not None:
                    yield source, value


def path(timeline: Timeline, node: str) -> str:
    """The path of a node."""
    return timeline.run.asked.graph.path(node)
