"""The numbers of the samples that are held out, at the end of an epoch."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, Literal

import numpy as np

from ..feeding import random_state
from ..graph import Graph, Training
from ..lower import RANDOM_STATE
from ..ops import Registry
from ..printing import hearing, unheard
from .averaging import averaged
from .criteria import VALIDATED
from .metrics import MeanLoss, Metric
from .run_data import Data
from .sources import fitted_metrics
from .steps import Evaluated, Evaluation

Array = np.ndarray[Any, Any]
Part = Literal["train", "validation"]


def counted(mean: MeanLoss, loss: float, samples: int, summed: bool) -> MeanLoss:
    """`mean` with the loss of one batch more: a mean over samples, whatever the graph makes of them."""
    return mean.update(loss / samples if summed else loss, samples)


class Validation:
    """The loss and the metrics over the validation part; `summed`: the loss is a sum over the samples of a batch."""

    def __init__(
        self,
        graph: Graph,
        registry: Registry,
        training: Training,
        data: Data,
        dtype: str,
        mode: str,
        summed: bool,
        device: str = "cpu",
    ) -> None:
        self.training, self.data, self.summed = training, data, summed
        self.metrics = fitted_metrics(graph, registry, training)
        self.evaluation = Evaluation(graph, registry, training, dtype, mode, data.describe, device)

    @property
    def batches(self) -> list[Array]:
        """The rows of each batch, in the order of the data."""
        return self._batches("validation")

    def _batches(self, part: Part) -> list[Array]:
        size, samples = self.training.batch, self.data.held_out if part == "validation" else self.data.samples
        rows = np.arange(samples)
        if part == "train" and 0 < self.data.held_out < samples:  # as many as are held out: each costs as much
            rows = np.linspace(0, samples, self.data.held_out, endpoint=False).astype(np.intp)
        return [rows[start : start + size] for start in range(0, len(rows), size)]

    def batch(self, rows: Array, state: Mapping[str, Array], part: Part = "validation") -> Evaluated:
        """The loss of a batch and what its metrics compare, with the values of `state`; as `run` has them."""
        feeds = self.data.feeds(part, rows)
        feeds[RANDOM_STATE] = random_state(self.training.seed, 0)
        return self.evaluation.run(len(rows), feeds, {**state, **averaged(state)})

    def row(self, state: Mapping[str, Array]) -> dict[str, float]:
        """What an epoch tells beside its training loss: by their bare names the metrics of samples that are trained on,
        and loss and metrics of those that are held out.
        """
        found = {}
        if self.metrics and self.data.samples:
            # Beside validation it is measured for the sake of the curve alone.
            with hearing(unheard) if self.data.held_out else nullcontext():
                found = {name: number for name, number in self.run(state, "train").items() if name != "loss"}
        if self.data.held_out:
            found |= {f"{VALIDATED}{name}": number for name, number in self.run(state).items()}
        return found

    def run(self, state: Mapping[str, Array], part: Part = "validation") -> dict[str, float]:
        """By name, in the order of the data; of the averages of the weights, where there are any."""
        loss, self.metrics = self.measure(state, part)  # with curves and matrices, until the next run
        return {"loss": loss, **{name: metric.number() for name, metric in self.metrics.items()}}

    def measure(self, state: Mapping[str, Array], part: Part = "validation") -> tuple[float, dict[str, Metric]]:
        """The mean loss over a part of the data, which has samples, and the metrics that have seen all of it."""
        loss = MeanLoss()
        found = {name: empty.reset() for name, empty in self.metrics.items()}
        for rows in self._batches(part):
            made = self.batch(rows, state, part)
            loss = counted(loss, float(made.loss), len(rows), self.summed)
            found = {name: metric.update(*made.metrics[name]) for name, metric in found.items()}
        return loss.compute(), found
