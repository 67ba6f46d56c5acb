"""How good a network is with the values that it has: its loss and its metrics, with their curves and matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..errors import RunError
from ..running import Holding
from ..training.metrics import Metric
from ..training.trainer import Settings
from ..training.validating import Part
from .training import trainer_of

PARTS: tuple[Part, ...] = ("train", "validation")


class Scored(NamedTuple):
    """The mean loss over the samples of a part of the data, and by name the metrics that have seen them.

    `classes` are the names of the labels of the data, none of real targets.
    """

    part: Part
    samples: int
    loss: float
    metrics: Mapping[str, Metric]
    classes: tuple[str, ...] = ()

    @property
    def numbers(self) -> dict[str, float]:
        """The loss and the one number of each metric, by name."""
        return {"loss": self.loss, **{name: metric.number() for name, metric in self.metrics.items()}}

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON values: the numbers, and by name what a metric has beside its number, as lists."""
        computed = {name: metric.compute() for name, metric in self.metrics.items()}
        more = {name: _plain(value) for name, value in computed.items() if isinstance(value, tuple)}
        named = {} if self.classes == tuple(map(str, range(len(self.classes)))) else {"classes": list(self.classes)}
        return {"part": self.part, "samples": self.samples, **self.numbers, "computed": more, **named}


def evaluate(held: Holding, part: str | None = None, settings: Settings | None = None) -> Scored:
    """The loss and the metrics of the training settings over a part of the data ("validation", else "train" where no
    samples are held out), with the values of the document.

    Raises `GradwireError` for what cannot be trained, a part that has no samples, and a graph without data.
    """
    if part not in (None, *PARTS):
        raise RunError(f"the part of the data must be {' or '.join(PARTS)}, got {part!r}")
    trainer = trainer_of(held, replace(settings or Settings(), out=None, resume=None))
    samples = {"train": trainer.data.samples, "validation": trainer.data.held_out}
    if not samples["train"]:
        raise RunError("an evaluation needs data, and the loss depends on no dataset node")
    chosen: Part = "train" if part == "train" or (part is None and not samples["validation"]) else "validation"
    if not samples[chosen]:
        raise RunError("no samples are held out to be evaluated", hint="train as the part")
    measured = trainer.validation.measure(trainer.state, chosen)
    return Scored(chosen, samples[chosen], *measured, trainer.data.classes)


def _plain(value: Any) -> Any:
    """What a metric has come to, as JSON values."""
    if hasattr(value, "_asdict"):
        return {name: _plain(each) for name, each in value._asdict().items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.tolist() if isinstance(value, np.ndarray) else value
