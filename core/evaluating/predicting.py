"""What a network predicts with the values that it has in the middle of its training: of classes beside the true ones,
of some samples that are the same each time, and of two inputs everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import RunError
from ..graph import Graph, Source, Training
from ..infer import arrange
from ..ops import Registry
from ..training.metrics import ConfusionMatrix
from ..training.metrics.deciding import SCORES, Given
from ..training.run_data import run_data
from ..training.sources import fitted_metrics, gives_probabilities, metric_sources
from ..training.validating import Part
from .one_value import OneValue

Array = np.ndarray[Any, Any]
Extent = tuple[tuple[float, float], tuple[float, float]]  # from where to where along each of two inputs
MOST, ROOM = 4096, 2**26  # samples of which classes are compared, and bytes that they take at most
SHOWN = 24  # samples that are shown
ROWS = 512  # that are computed at once
GRID = 64  # places along each of two inputs
MARGIN = 0.1  # of what the samples span, around them


class Predictions(NamedTuple):
    """Of the same samples each time. `shares` (samples, classes) are between 0 and 1, or one column of scores.

    `confusion` (classes, classes) counts, a row for each true class; None for scores. `surface` (classes, places,
    places), or one plane of scores, is over `Predictor.extent`, its first row the lowest; None but for two inputs.
    """

    shares: Array
    confusion: Array | None
    surface: Array | None


class Predictor:
    """Predicts of the samples that are held out, else of the others, with values of the parameters given each time.

    `features` and `targets` are those of the samples that are shown, `points` and `marks` those of all that a surface
    is held against. Raises `GradwireError` where the graph has no prediction that is compared with its data.
    """

    def __init__(self, graph: Graph, registry: Registry, folder: Path | None, dtype: str) -> None:
        training = graph.training
        if training is None:
            raise RunError("predictions are of a graph with training settings, and these are missing")
        prediction = prediction_of(graph, registry, training)
        self._given = given_as(graph, registry, training, prediction)
        self._value = OneValue(graph, registry, folder, dtype, prediction)
        data = run_data(graph, registry, training, folder, dtype)
        if not data.samples:
            raise RunError("predictions are of the samples of a dataset, on which the loss does not depend")
        self.part: Part = "validation" if data.held_out else "train"
        self.samples = data.held_out or data.samples
        self.classes, self.feature_names = data.classes, data.features
        self._data = data.parts[self.part]
        self._x, self._y = (next(name for name in self._data if name.endswith(f".{output}")) for output in "xy")
        first = self._data[self._x][np.zeros(1, np.int64)]
        self._rows = _apart(self.samples, min(MOST, max(ROOM // max(first.nbytes, 1), SHOWN)))
        self._shown = _apart(len(self._rows), SHOWN)
        self.features, self.targets = (self._data[name][self._rows[self._shown]] for name in (self._x, self._y))
        self.points: Array = self._data[self._x][self._rows] if _is_plane(first) else np.zeros((0, 2), first.dtype)
        self.marks: Array = self._data[self._y][self._rows].reshape(len(self._rows), -1)[:, 0]
        self.extent = _extent(self.points) if _is_plane(first) else None

    @property
    def graph(self) -> Graph:
        """The graph that predicts."""
        return self._value.graph

    def predict(self, values: Mapping[str, Array]) -> Predictions | None:
        """With these values of parameters by id; None where one is not among them, and where a sample has not one
        prediction, or not one for each class. Raises `GradwireError`.
        """
        if any(id not in values for id in self._value.parameters):
            return None
        counted, parts = ConfusionMatrix(self._given), []
        for start in range(0, len(self._rows), ROWS):
            rows = self._rows[start : start + ROWS]
            fed = {name: self._data[name][rows] for name in (self._x, self._y)}
            found = self._value.of(fed, values)
            if not self._fits(found, len(rows)):
                return None
            parts.append(found)
            if self.classes and fed[self._y].ndim == 1:
                counted = counted.update(found, fed[self._y])
        shares = shares_of(np.concatenate(parts)[self._shown], self.classes, self._given)
        confusion = counted.compute().counts if counted.cells.size else None
        return Predictions(shares, confusion, None if self.extent is None else self._surface(self.extent, values))

    def _fits(self, found: Array, count: int) -> bool:
        wide = found.shape[1] if found.ndim == 2 else 1
        return found.ndim in (1, 2) and len(found) == count and (not self.classes or wide in (1, len(self.classes)))

    def _surface(self, extent: Extent, values: Mapping[str, Array]) -> Array:
        x, y = (low + (np.arange(GRID) + 0.5) * (high - low) / GRID for low, high in extent)
        across, up = np.meshgrid(x, y)
        places = np.stack([across.reshape(-1), up.reshape(-1)], axis=1).astype(self.points.dtype)
        nothing = np.zeros((ROWS, *self.targets.shape[1:]), self.targets.dtype)
        parts = [places[start : start + ROWS] for start in range(0, len(places), ROWS)]
        found = [self._value.of({self._x: part, self._y: nothing[: len(part)]}, values) for part in parts]
        shares = shares_of(np.concatenate(found), self.classes, self._given)
        return np.ascontiguousarray(shares.T).reshape(-1, GRID, GRID)


def shares_of(found: Array, classes: tuple[str, ...], given: Given) -> Array:
    """What was predicted (samples, ...) as shares of classes between 0 and 1, without classes as one score."""
    wide = found.reshape(len(found), -1).astype(np.float64)
    if not classes:
        return wide[:, :1]
    with np.errstate(all="ignore"):
        if wide.shape[1] == 1:
            one = wide if given == "probabilities" else 1 / (1 + np.exp(-wide))
            return np.concatenate([1 - one, one], axis=1)
        if given == "probabilities":
            return wide
        powers = np.exp(wide - wide.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def prediction_of(graph: Graph, registry: Registry, training: Training) -> Source:
    """What the metrics compare with the targets, else what the loss does."""
    pairs = metric_sources(graph, registry, training)
    for prediction, target in pairs.values():
        if graph.nodes[target.node].op == "dataset" and target.output == "y":
            return prediction
    loss = graph.nodes.get(training.loss)
    if loss is not None:
        given = [source for source in arrange(registry[loss.op], graph.inputs(loss.id)) if source is not None]
        if len(given) > 1 and graph.nodes[given[1].node].op == "dataset" and given[1].output == "y":
            return given[0]
    raise RunError("no metric compares a prediction with the targets of the data", hint="add one to the training")


def given_as(graph: Graph, registry: Registry, training: Training, prediction: Source) -> Given:
    """Whether the prediction holds logits or probabilities: as a metric of it says, else by the op that gives it."""
    metrics = fitted_metrics(graph, registry, training)
    for label, pair in metric_sources(graph, registry, training).items():
        if pair[0] == prediction and SCORES.name in metrics[label].settings:
            chosen: Given = metrics[label].chosen[SCORES.name]
            return chosen
    return "probabilities" if gives_probabilities(graph, registry, prediction) else "logits"


def _apart(count: int, most: int) -> Array:
    """At most so many of `count` rows, as far apart as can be."""
    return np.linspace(0, count - 1, min(most, count)).round().astype(np.int64)


def _is_plane(features: Array) -> bool:
    """Whether these are two inputs that may lie anywhere: between two numbers of words there is nothing."""
    return features.ndim == 2 and features.shape[1] == 2 and features.dtype.kind == "f"


def _extent(features: Array) -> Extent:
    """Where samples of two inputs lie, with a margin."""
    low, high = features.min(axis=0).astype(float), features.max(axis=0).astype(float)
    room = np.where(high > low, MARGIN * (high - low), 1.0)
    (left, below), (right, above) = (low - room).tolist(), (high + room).tolist()
    return (left, right), (below, above)
