"""The values that parameters have beside the graph: source holds none, but can load the file that does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from . import literals
from .outline import Outline, Weight


class Trained(NamedTuple):
    """The ids of the parameters that have values, and the name of the `.safetensors` file beside the graph that holds
    them; None where there is none.
    """

    ids: frozenset[str] = frozenset()
    file: str | None = None


UNTRAINED = Trained()


def loaded(outline: Outline, trained: Trained) -> list[Weight]:
    """The parameters whose values the source can load."""
    return valued(outline.weights, trained) if trained.file is not None else []


def valued(weights: Iterable[Weight], trained: Trained) -> list[Weight]:
    """Those of some parameters that have values."""
    return [weight for weight in weights if weight.node.id in trained.ids]


def remark(outline: Outline, trained: Trained, initial: str, loads: str) -> list[str]:
    """Comments for the top of source whose parameters have values: `initial` draws what training begins with."""
    if not valued(outline.weights, trained):
        return []
    if trained.file is None:
        return [
            f"# Parameters have trained values, which are not in this source: {initial} draws what training begins",
            "# with. Once the graph is saved as a .gw file, its source can load them.",
        ]
    where = literals.comment(trained.file)
    return [
        f"# Parameters have trained values, which are not in this source: {initial} draws what training begins with.",
        f"# {loads} takes the trained ones from {where}, which stands beside the graph.",
    ]
