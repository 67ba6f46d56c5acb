"""How much gradients differ from batch to batch, beside what they have in common (Cockpit)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...running import Holding
from ..finding import told
from .bench import Array, Bench

BATCHES = 20


@dataclass(frozen=True)
class Noise:
    """Of the gradients of the batches so far, all at the same values: by parameter, and (under "") of all of them, the
    signal-to-noise ratio ‖mean g‖² / (mean ‖g‖² − ‖mean g‖²); infinite where they do not differ.
    """

    batches: int
    ratios: dict[str, float]
    over: bool

    @property
    def text(self) -> str:
        """What it is, in words."""
        ratio = self.ratios[""]
        side = "differ more than they agree" if ratio < 1 else "agree more than they differ"
        return f"the gradients of {self.batches} batches {side}: signal to noise {told(ratio)}"


def gradient_noise(held: Holding, batches: int = BATCHES) -> Iterator[Noise]:
    """The gradients of several batches at the document's values.

    Raises `GradwireError` for what cannot be trained, and where there are no two batches that differ.
    """
    bench = Bench(held)
    bench.refuse_alike("the noise of gradients")
    sums: dict[str, Array] = {}
    squares: dict[str, float] = {}
    for (number, rows), _ in zip(bench.batches(), range(batches), strict=False):
        seen = bench.seen(number, rows)
        for (kind, source), gradient in seen.arrays.items():
            if kind == "gradient" and source.node in bench.trainer.step.trained:
                wide = np.asarray(gradient, np.float64)
                sums[source.node] = sums.get(source.node, 0.0) + wide
                squares[source.node] = squares.get(source.node, 0.0) + float(np.sum(wide * wide))
        if number > 1:
            yield Noise(number, _ratios(sums, squares, number), number == batches)


def _ratios(sums: dict[str, Array], squares: dict[str, float], count: int) -> dict[str, float]:
    common = {id: float(np.sum(total * total)) / count**2 for id, total in sums.items()}
    means = {id: square / count for id, square in squares.items()}
    common[""], means[""] = sum(common.values()), sum(means.values())
    found = {}
    for id, signal in common.items():
        noise = max(means[id] - signal, 0.0)
        found[id] = signal / noise if noise else float("inf")
    return found
