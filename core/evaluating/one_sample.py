"""What a network predicts of one sample that somebody has made, with values given each time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..document.ports import value_name
from ..errors import RunError
from ..graph import Graph, Source
from ..ops import Registry
from ..training.metrics.deciding import Given
from ..training.sources import gives_probabilities
from .one_value import OneValue
from .predicting import given_as, prediction_of, shares_of

Array = np.ndarray[Any, Any]


class OneSample:
    """Of the dataset node `dataset`, whose labels are named by `classes`.

    `prediction` is what the training settings compare with the targets, else the one value that comes out of x alone.
    Raises `RunError` where there is none.
    """

    def __init__(
        self, graph: Graph, registry: Registry, folder: Path | None, dtype: str, dataset: str, classes: tuple[str, ...]
    ) -> None:
        self._classes = classes
        self.prediction, self._given = _prediction(graph, registry, dataset)
        self._value = OneValue(graph, registry, folder, dtype, self.prediction)
        self._x = value_name(graph, registry, Source(dataset, "x"))
        self.parameters = self._value.parameters

    def predict(self, x: Array, values: Mapping[str, Array], places: bool = False) -> Array:
        """The shares of the classes (1, classes), or the score (1, 1), of x (1, ...) with these values of parameters.

        What has no value among them begins as the graph says. Of a sample with a target at each of its `places` the
        prediction is that of the last one. Raises `GradwireError`.
        """
        found = self._value.of({self._x: x}, values)
        rows = found.reshape(-1, found.shape[-1])[-1:] if places and found.ndim > 1 else found.reshape(1, -1)
        return shares_of(rows, self._classes, self._given)


def _prediction(graph: Graph, registry: Registry, dataset: str) -> tuple[Source, Given]:
    """What is predicted, and whether it holds logits or probabilities."""
    if graph.training is not None:
        try:
            source = prediction_of(graph, registry, graph.training)
        except RunError:  # nothing is compared with targets, as where a network is to give back what it was given
            pass
        else:
            return source, given_as(graph, registry, graph.training, source)
    source = _result(graph, registry, dataset)
    return source, "probabilities" if gives_probabilities(graph, registry, source) else "logits"


def _result(graph: Graph, registry: Registry, dataset: str) -> Source:
    """The one value that depends on x, not on y, and goes into nothing else of that kind."""
    targeted = [wire.target for wire in graph.consumers(dataset) if wire.source.output == "y"]
    apart = set(targeted) | set(graph.descendants(targeted))
    if graph.training is not None:
        apart.add(graph.training.loss)
    reached = set(graph.descendants([dataset])) - apart - {dataset}
    ends = [id for id in sorted(reached) if not any(wire.target in reached for wire in graph.consumers(id))]
    ends = [id for id in ends if (op := registry.get(graph.nodes[id].op)) is not None and op.visible]
    if len(ends) != 1:
        names = ", ".join(graph.path(id) for id in ends[:5]) or "none"
        raise RunError(
            f"trying an input needs one value that comes out of {graph.path(dataset)}.x, found {names}",
            hint="a metric in the training settings says which one is the prediction",
        )
    op = registry[graph.nodes[ends[0]].op]
    return Source(ends[0], op.outputs[op.visible[0]].name)
