"""What a network predicts with the values that it has in the middle of its training: of classes beside the true ones,
of some samples that are the same each time, and of two inputs everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..document import Document
from ..document.ports import value_name
from ..errors import RunError
from ..graph import Graph, Source, Training
from ..infer import Binding, arrange
from ..lower import Lowering
from ..ops import Registry
from ..running import Running
from ..training.metrics import ConfusionMatrix
from ..training.metrics.deciding import SCORES, Given
from ..training.run_data import run_data
from ..training.sources import fitted_metrics, gives_probabilities, metric_sources
from ..training.validating import Part

Array = np.ndarray[Any, Any]
MOST = 4096  # samples of which classes are compared
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
        self._prediction = _prediction(graph, registry, training)
        self._given = _given(graph, registry, training, self._prediction)
        data = run_data(graph, registry, training, folder, dtype)
        if not data.samples:
            raise RunError("predictions are of the samples of a dataset, on which the loss does not depend")
        self.part: Part = "validation" if data.held_out else "train"
        self.samples = data.held_out or data.samples
        self.classes, self.feature_names = data.classes, data.features
        path = None if folder is None else folder / "graph.gw"  # from beside which data are read
        self._running = Running(Document(graph, {}, registry), registry, path, dtype)
        needed = Lowering(graph, registry, Binding()).needed([self._prediction])
        self._parameters = [id for id in needed if graph.nodes[id].op == "parameter"]
        (self._x, self._y) = data.parts[self.part]
        own = data.parts[self.part]
        rows = np.linspace(0, self.samples - 1, min(MOST, self.samples)).round().astype(np.int64)
        self._features, self._targets = np.asarray(own[self._x][rows]), np.asarray(own[self._y][rows])
        self.features, self.targets = self._features[:SHOWN], self._targets[:SHOWN]
        self.extent = _extent(self._features)

    @property
    def graph(self) -> Graph:
        """The graph that predicts."""
        return self._running.graph

    @property
    def points(self) -> Array:
        """The samples that a surface is held against (samples, 2)."""
        return self._features

    @property
    def marks(self) -> Array:
        """Their targets (samples,)."""
        return self._targets.reshape(len(self._targets), -1)[:, 0]

    def predict(self, values: Mapping[str, Array]) -> Predictions | None:
        """With these values of parameters by id; None where one is not among them. Raises `GradwireError`."""
        if any(id not in values for id in self._parameters):
            return None
        graph, registry = self._running.graph, self._running.registry
        own = {id: values[id] for id in self._parameters}
        self._running.document = Document(graph, own, registry)
        found = self._asked(self._features, self._targets)
        if found.ndim not in (1, 2) or len(found) != len(self._targets):
            return None  # of texts there is a prediction for each letter
        surface = None if self.extent is None else self._surface(self.extent)
        return Predictions(self._shares(found[:SHOWN]), self._confusion(found), surface)

    def _asked(self, features: Array, targets: Array) -> Array:
        name = value_name(self._running.graph, self._running.registry, self._prediction)
        parts = []
        for start in range(0, len(features), ROWS):
            rows = slice(start, start + ROWS)
            fed = {self._x: features[rows], self._y: targets[rows]}
            parts.append(self._running.run(fed, name, iteration=1)[name])
        return np.concatenate(parts)

    def _shares(self, found: Array) -> Array:
        wide = found.reshape(len(found), -1).astype(np.float64)
        if not self.classes:
            return wide[:, :1]
        with np.errstate(all="ignore"):
            if wide.shape[1] == 1:
                one = wide if self._given == "probabilities" else 1 / (1 + np.exp(-wide))
                return np.concatenate([1 - one, one], axis=1)
            if self._given == "probabilities":
                return wide
            powers = np.exp(wide - wide.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def _confusion(self, found: Array) -> Array | None:
        if not self.classes or self._targets.ndim != 1:
            return None
        return ConfusionMatrix(self._given).update(found, self._targets).compute().counts

    def _surface(self, extent: tuple[tuple[float, float], tuple[float, float]]) -> Array:
        x, y = (low + (np.arange(GRID) + 0.5) * (high - low) / GRID for low, high in extent)
        across, up = np.meshgrid(x, y)
        places = np.stack([across.reshape(-1), up.reshape(-1)], axis=1).astype(self._features.dtype)
        nothing = np.zeros((len(places), *self._targets.shape[1:]), self._targets.dtype)
        shares = self._shares(self._asked(places, nothing))
        return np.ascontiguousarray(shares.T).reshape(-1, GRID, GRID)


def _prediction(graph: Graph, registry: Registry, training: Training) -> Source:
    """What the metrics compare with the targets, else what the loss does."""
    pairs = metric_sources(graph, registry, training)
    for prediction, target in pairs.values():
        if graph.nodes[target.node].op == "dataset":
            return prediction
    loss = graph.nodes.get(training.loss)
    if loss is not None:
        given = [source for source in arrange(registry[loss.op], graph.inputs(loss.id)) if source is not None]
        if len(given) > 1 and graph.nodes[given[1].node].op == "dataset" and given[1].output == "y":
            return given[0]
    raise RunError("no metric compares a prediction with the targets of the data", hint="add one to the training")


def _given(graph: Graph, registry: Registry, training: Training, prediction: Source) -> Given:
    """Whether the prediction holds logits or probabilities: as a metric of it says, else by the op that gives it."""
    metrics = fitted_metrics(graph, registry, training)
    for label, pair in metric_sources(graph, registry, training).items():
        if pair[0] == prediction and SCORES.name in metrics[label].settings:
            chosen: Given = metrics[label].chosen[SCORES.name]
            return chosen
    return "probabilities" if gives_probabilities(graph, registry, prediction) else "logits"


def _extent(features: Array) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Where samples of two inputs lie, with a margin; None for any others."""
    if features.ndim != 2 or features.shape[1] != 2:
        return None
    low, high = features.min(axis=0).astype(float), features.max(axis=0).astype(float)
    room = np.where(high > low, MARGIN * (high - low), 1.0)
    (left, below), (right, above) = (low - room).tolist(), (high + room).tolist()
    return (left, right), (below, above)
