"""Whether samples of a batch know of each other: each must come out as it would beside any others (Karpathy)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ...errors import RunError
from ...graph import Source
from ...running import Holding
from .bench import Array, Bench

SAMPLES = 4  # of the batch that are changed, one after the other
ROUNDING = 1e-4  # of the greatest element of the same value: less may be rounding
MODES = ("eval", "train")


@dataclass(frozen=True)
class Mixed:
    """One sample was changed, in a mode, in a batch of `samples`: how many others came out otherwise, and `node`, the
    first on the way where they do (nothing where none does). `meant`: it behaves so in training by itself.
    """

    mode: str
    sample: int
    samples: int
    others: int
    node: str
    path: str
    meant: bool
    over: bool

    @property
    def text(self) -> str:
        """What it is, with what is required."""
        mode = "training" if self.mode == "train" else "evaluation"
        so = f"in {mode} sample {self.sample} reaches {self.others} of {self.samples - 1} others"
        if not self.others:
            return f"{so} (required: none)"
        why = "as it does in training" if self.meant else "required: none; a reshape or an axis may be wrong there"
        return f"{so}, from {self.path} on ({why})"


def batch_mixing(held: Holding, samples: int = SAMPLES) -> Iterator[Mixed]:
    """Change some samples of the first batch one after the other, in evaluation and in training, and look at the rest.

    Raises `GradwireError` for what cannot be trained, and without batches of several samples.
    """
    bench = Bench(held)
    rows = bench.first()
    if rows is None or len(rows) < 2:
        has = "the graph reads no dataset" if rows is None else "one holds 1 sample"
        raise RunError(f"mixing is looked for in batches of several samples, and {has}")
    fed, axes = bench.data(rows), bench.batch_axes()
    name = next(name for name in fed if name.endswith(".x"))
    for mode in MODES:
        before = bench.values(rows, mode)
        for sample in range(min(samples, len(rows))):
            other = np.array(fed[name])
            other[sample] = other[(sample + len(rows) // 2) % len(rows)]
            if np.array_equal(other, fed[name]):
                other[sample] = 0
            after = bench.values(rows, mode, {name: other})
            found = _first({s: (v, after[s]) for s, v in before.items()}, axes, sample, bench)
            over = mode == MODES[-1] and sample == min(samples, len(rows)) - 1
            node, others = found
            path = bench.graph.path(node) if node else ""
            meant = bool(node) and mode == "train" and bench.registry[bench.graph.nodes[node].op].takes_mode
            yield Mixed(mode, sample, len(rows), others, node, path, meant, over)


def _first(
    both: dict[Source, tuple[Array, Array]], axes: Mapping[Source, int], sample: int, bench: Bench
) -> tuple[str, int]:
    """The first node of which parts of other samples have changed, and how many; only on the way to the prediction."""
    pair = bench.logits()
    wanted = bench.graph.inputs(bench.trainer.step.loss.node).values() if pair is None else pair[:1]
    on_the_way = bench.graph.ancestors([source.node for source in wanted])
    for source, (value, now) in both.items():
        axis = axes.get(source, -1)
        if source.node not in on_the_way or axis < 0 or value.dtype.kind != "f":
            continue
        apart = np.where((now == value) | (np.isnan(now) & np.isnan(value)), 0.0, np.abs(now - value))
        by_sample = np.moveaxis(apart, axis, 0).reshape(value.shape[axis], -1).max(axis=1, initial=0.0)
        by_sample[sample] = 0.0
        size = np.abs(value[np.isfinite(value)]).max(initial=0.0)
        moved = int(np.count_nonzero(~(by_sample <= ROUNDING * size)))  # NaN is not
        if moved:
            return source.node, moved
    return "", 0
