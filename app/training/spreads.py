"""How activations, parameters and their gradients are spread, over the iterations of a run that were looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.graph import Graph, Source
from ..plots.data import Band, Ribbon, Steps

if TYPE_CHECKING:
    from ...core.ops import Registry
    from ...core.summary import IterationSummary, Kind

Array = np.ndarray[Any, Any]
MOST = 16  # arrays of a kind that are shown; of more, some as far apart as can be
ROOM = 256  # iterations by which there is room for more
_BANDS = (("least to greatest", 0, 6), ("5th to 95th percentile", 1, 5), ("25th to 75th percentile", 2, 4))
_MIDDLE = 3
_NUMBERS = 7


class Spreads:
    """By what they tell of, a ribbon for each array of a run's `graph`."""

    def __init__(self, graph: Graph, registry: Registry) -> None:
        assert graph.training is not None
        needed = graph.ancestors([graph.training.loss])
        order = [graph.nodes[id] for id in graph.order() if id in needed]
        ops = [(node.id, registry.get(node.op)) for node in order]
        bent = [Source(id, op.outputs[0].name) for id, op in ops if op is not None and op.category == "activation"]
        trained = [Source(node.id, "y") for node in order if node.op == "parameter"]
        self._kinds: dict[str, tuple[Kind, Sequence[Source]]] = {
            _title("activations", bent): ("value", _apart(bent)),
            _title("gradients of activations", bent): ("gradient", _apart(bent)),
            _title("parameters", trained): ("value", _apart(trained)),
            _title("gradients of parameters", trained): ("gradient", _apart(trained)),
        }
        self._names = {source: graph.path(source.node) for source in (*bent, *trained)}
        self._count = 0
        self._iterations: Array = np.zeros(ROOM, np.int32)
        self._told: dict[tuple[Kind, Source], Array] = {}

    def take(self, summary: IterationSummary) -> None:
        """One more iteration that was looked at, behind the others."""
        if self._count == len(self._iterations):
            self._iterations = np.concatenate([self._iterations, np.zeros_like(self._iterations)])
            self._told = {
                key: np.concatenate([told, np.full_like(told, np.nan)], axis=1) for key, told in self._told.items()
            }
        self._iterations[self._count] = summary.number
        for kind, sources in self._kinds.values():
            for source in sources:
                self._take(summary, kind, source)
        self._count += 1

    def _take(self, summary: IterationSummary, kind: Kind, source: Source) -> None:
        found, spread = summary.find(kind, source), summary.spread(kind, source)
        if found is None or spread is None:
            return
        told = self._told.get((kind, source))
        if told is None:
            told = self._told[kind, source] = np.full((_NUMBERS, len(self._iterations)), np.nan)
        told[:, self._count] = (found.low, *spread, found.high)

    def ribbons(self, at: Steps) -> Mapping[str, Sequence[Ribbon]]:
        """By title, of the kinds of which something was told; `at` are the places of all iterations of the run."""
        numbers = self._iterations[: self._count]
        numbers = numbers[: int(np.searchsorted(numbers, len(at.iterations), "right"))]
        along = (None if each is None else each[numbers - 1] for each in (at.epochs, at.samples, at.seconds))
        places = Steps(numbers, *along)
        found = {
            title: [
                self._ribbon(self._names[source], self._told[kind, source][:, : len(numbers)], places)
                for source in sources
                if (kind, source) in self._told
            ]
            for title, (kind, sources) in self._kinds.items()
        }
        return {title: ribbons for title, ribbons in found.items() if ribbons}

    def _ribbon(self, name: str, told: Array, at: Steps) -> Ribbon:
        bands = tuple(Band(words, told[low], told[high]) for words, low, high in _BANDS)
        return Ribbon(name, at, bands, "median", told[_MIDDLE])


def _apart(sources: Sequence[Source]) -> Sequence[Source]:
    """Those that are kept: all, or some as far apart as can be."""
    return [sources[number] for number in np.linspace(0, len(sources) - 1, min(MOST, len(sources))).round().astype(int)]


def _title(kind: str, sources: Sequence[Source]) -> str:
    return kind + (f" ({MOST} of {len(sources)})" if len(sources) > MOST else "")
