"""An iteration of training whose values and gradients are looked at: the same bits as any other, with a summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..backends import on_device
from ..graph import Source
from ..passes import optimised
from ..summary import IterationSummary, Key
from .steps import LOSS, Acts, TrainingStep

Array = np.ndarray[Any, Any]


DENSE = 7  # binary digits of iterations up to which each one is looked at: 127


def is_watched(number: int) -> bool:
    """Whether a summary is kept of this iteration of a run: of each at first, then of 64 until it is twice as far."""
    return number % (1 << max(number.bit_length() - DENSE, 0)) == 0


class Watching:
    """Runs iterations of a `TrainingStep` with all of their values and gradients fetched.

    A plan that is told to fetch more computes the same, and keeps what it would write over.
    """

    def __init__(self, step: TrainingStep) -> None:
        self.step = step
        self._ready: dict[tuple[int | None, Acts], tuple[Any, Mapping[str, Key]]] = {}
        self._like: IterationSummary | None = None

    def run(
        self, size: int | None, feeds: Mapping[str, Any], state: dict[str, Array], acts: Acts, number: int
    ) -> tuple[Mapping[str, Any], IterationSummary, Mapping[Key, Any]]:
        """As `TrainingStep.run`: the loss and what else is told; the summary of this iteration, and the arrays that it
        is of: values, gradients and updates.
        """
        executable, keys = self._executable(size, acts)
        fetch = on_device(self.step.device).fetch
        before = fetch({id: state[id] for id in self.step.trained})
        outputs = executable(feeds, state)
        arrays: dict[Key, Any] = {key: outputs[name] for name, key in keys.items()}
        for id, held in fetch({id: state[id] for id in before}).items():
            arrays["update", Source(id, "y")] = held - before[id]
        self._like = summary = IterationSummary.of(number, float(outputs[LOSS]), arrays, self._like)
        return {name: value for name, value in outputs.items() if name not in keys}, summary, arrays

    def _executable(self, size: int | None, acts: Acts) -> tuple[Any, Mapping[str, Key]]:
        if (size, acts) not in self._ready:
            plan = self.step.plan(size, acts)
            sources = self.step.sources[size]
            fetched: dict[str, int] = {}
            keys: dict[str, Key] = {}
            for source, number in sources.items():
                keys[f"value {source.node} {source.output}"] = ("value", source)
                fetched[f"value {source.node} {source.output}"] = number
            for source, number in sources.items():
                if (gradient := plan.gradients.get(number)) is not None:
                    keys[f"gradient {source.node} {source.output}"] = ("gradient", source)
                    fetched[f"gradient {source.node} {source.output}"] = gradient.total
            whole = replace(plan, outputs={**plan.outputs, **fetched})
            self._ready[size, acts] = on_device(self.step.device).compile(optimised(whole)), keys
        return self._ready[size, acts]
