"""Ops that let hardly anything through of what comes back to them, though of other gradients they do.

So it is where the loss does not depend on what an op takes away: behind a batch normalisation whose outputs are squared
and added up it is the same for every mean and size of the input.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..graph import Source
from ..summary import length
from .pulling import Pull
from .timeline import Timeline
from .words import told

HARDLY = 1e-2  # of what the op lets through of a gradient that points anywhere


class Factor(NamedTuple):
    """By how much the op at `node` multiplies the norm of what comes back, on the way from `of` to `to`."""

    gain: float
    node: str
    of: Source
    to: Source

    @property
    def weight(self) -> float | None:
        """How far from 1 it is, alike for growing and shrinking; None of what is none."""
        return abs(float(np.log(self.gain))) if np.isfinite(self.gain) and self.gain > 0 else None


def swallowed(timeline: Timeline, factor: Factor) -> str:
    """Why what comes back ends at an op, in words; "" where that lets other gradients through as little."""
    run, graph = timeline.run, timeline.run.asked.graph
    op = timeline.registry.get(graph.nodes[factor.node].op)
    if op is None or op.by_element or not 0 < factor.gain < HARDLY:
        return ""
    root = run.tensors[factor.of]
    other = np.random.default_rng(0).standard_normal(root.shape).astype(root.dtype)
    through = Pull(run, run.tensors[factor.to], root).back({root.slot: [other]})
    usual = 0.0 if through is None else length(through) / (length(other) or 1.0)
    if factor.gain >= HARDLY * usual:
        return ""
    roots = " and ".join(graph.path(each.node) for each in run.roots)
    word = "depends" if len(run.roots) == 1 else "depend"
    why = ", which brings it to one mean and size" if op.centres is not None else ""
    return (
        f"{roots} hardly {word} on {graph.path(factor.to.node)} behind {graph.path(factor.node)}{why}: "
        f"of what comes back ×{told(factor.gain)} goes through, of other gradients about ×{told(usual)}"
    )
