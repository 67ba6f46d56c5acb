"""An iteration of training whose values and gradients are looked at: the same bits as any other, with a summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..backends import on_device
from ..graph import Source
from ..passes import optimised
from ..summary import IterationSummary, Key
from .optim import kept_slot
from .steps import LOSS, Acts, TrainingStep

Array = np.ndarray[Any, Any]


DENSE = 7  # binary digits of iterations up to which each one is looked at: 127


def is_watched(number: int) -> bool:
    """Whether a summary is kept of this iteration of a run: of each at first, then of 64 until it is twice as far."""
    return number % (1 << max(number.bit_length() - DENSE, 0)) == 0


Parts = Mapping[Source, Mapping[tuple[str, str], Any]]  # by value what each consumer, node and port, delivered


class Seen(NamedTuple):
    """What is told of an iteration that was looked at, its values, gradients and updates, and what met at its forks."""

    made: Mapping[str, Any]
    arrays: Mapping[Key, Any]
    parts: Parts


class Keeper(Protocol):
    """Keeps summaries of iterations."""

    def add(self, summary: IterationSummary) -> None:
        """Keep one more."""


class Onlooker(Protocol):
    """Is told of each iteration, after it, what its step made, and of those that it `wants` all that was seen.

    What was made is read when it is needed: on a device it may still be being computed.
    """

    def wants(self, number: int) -> bool:
        """Whether it is to see the iteration of this number."""

    def saw(self, number: int, size: int | None, seen: Seen) -> None:
        """An iteration of a batch of this size was looked at; `passed` follows."""

    def passed(self, number: int, made: Mapping[str, Any], rate: float) -> None:
        """An iteration has ended, with this learning rate."""


def wanted(number: int, keeper: Keeper | None, onlooker: Onlooker | None) -> bool:
    """Whether anybody wants this iteration to be looked at."""
    return (keeper is not None and is_watched(number)) or (onlooker is not None and onlooker.wants(number))


class Watching:
    """Runs iterations of a `TrainingStep` with all of their values and gradients fetched.

    A plan that is told to fetch more computes the same, and keeps what it would write over.
    """

    def __init__(self, step: TrainingStep) -> None:
        self.step = step
        self._ready: dict[tuple[int | None, Acts], tuple[Any, _Keys]] = {}
        self._like: IterationSummary | None = None

    def run(
        self, size: int | None, feeds: Mapping[str, Any], state: dict[str, Array], acts: Acts, number: int
    ) -> tuple[Mapping[str, Any], IterationSummary, Mapping[Key, Any]]:
        """As `TrainingStep.run`: the loss and what else is told; the summary of this iteration, and the arrays that it
        is of: values, gradients and updates.
        """
        seen = self.look(size, feeds, state, acts)
        return seen.made, self.summary(number, seen), seen.arrays

    def show(
        self,
        number: int,
        size: int | None,
        feeds: Mapping[str, Any],
        state: dict[str, Array],
        acts: Acts,
        keeper: Keeper | None,
        onlooker: Onlooker | None,
    ) -> Seen:
        """An iteration that is looked at, for whomever: told to those of these who want it, and to nobody else."""
        asked = onlooker is not None and onlooker.wants(number)
        seen = self.look(size, feeds, state, acts)
        if keeper is not None and is_watched(number):
            keeper.add(self.summary(number, seen))
        if onlooker is not None and asked:
            onlooker.saw(number, size, seen)
        return seen

    def look(self, size: int | None, feeds: Mapping[str, Any], state: dict[str, Array], acts: Acts) -> Seen:
        """As `TrainingStep.run`, with all that is seen on the way."""
        executable, keys = self._executable(size, acts)
        fetch = on_device(self.step.device).fetch
        before = fetch({id: state[id] for id in self.step.trained})
        outputs = executable(feeds, state)
        arrays: dict[Key, Any] = {key: outputs[name] for name, key in keys.arrays.items()}
        with np.errstate(all="ignore"):  # of parameters that are not finite
            for id, held in fetch({id: state[id] for id in before}).items():
                arrays["update", Source(id, "y")] = held - before[id]
        added = {id: state[slot] for id in before if (slot := kept_slot(id)) in state}
        for id, whole in fetch(added).items():  # with what iterations before have left, as the parameter is updated by
            arrays["gradient", Source(id, "y")] = whole
        parts: dict[Source, dict[tuple[str, str], Any]] = {}
        for name, (source, consumer) in keys.parts.items():
            parts.setdefault(source, {})[consumer] = outputs[name]
        made = {name: value for name, value in outputs.items() if name not in keys.arrays and name not in keys.parts}
        return Seen(made, arrays, parts)

    def summary(self, number: int, seen: Seen) -> IterationSummary:
        """What is kept of an iteration of this number."""
        self._like = IterationSummary.of(number, float(seen.made[LOSS]), seen.arrays, self._like)
        return self._like

    def _executable(self, size: int | None, acts: Acts) -> tuple[Any, _Keys]:
        if (size, acts) not in self._ready:
            plan = self.step.lowered(size, acts)
            sources = self.step.sources[size]
            fetched: dict[str, int] = {}
            keys = _Keys({}, {})
            for source, number in sources.items():
                keys.arrays[f"value {source.node} {source.output}"] = ("value", source)
                fetched[f"value {source.node} {source.output}"] = number
            met: set[int] = set()
            for source, number in sources.items():
                if (gradient := plan.gradients.get(number)) is None:
                    continue
                keys.arrays[f"gradient {source.node} {source.output}"] = ("gradient", source)
                fetched[f"gradient {source.node} {source.output}"] = gradient.total
                if len(gradient.parts) < 2 or number in met:
                    continue
                met.add(number)  # several sources may be one value: what meets there is told once
                for node, port, delivered in gradient.parts:
                    name = f"part {source.node} {source.output} {node} {port}"
                    keys.parts[name] = source, (node, port)
                    fetched[name] = delivered
            whole = replace(plan, outputs={**plan.outputs, **fetched})
            self._ready[size, acts] = on_device(self.step.device).compile(optimised(whole)), keys
        return self._ready[size, acts]


class _Keys(NamedTuple):
    """What the outputs of a plan are by their names: arrays, and parts of gradients."""

    arrays: dict[str, Key]
    parts: dict[str, tuple[Source, tuple[str, str]]]
