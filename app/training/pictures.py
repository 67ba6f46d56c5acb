"""What plots show of predictions, and of the weights that made them: pictures of samples, filters, embeddings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.data.bundled import BUILTIN
from ...core.graph import Graph, Source
from ..plots.data import Confusion, Embedding, Filters, Samples, Surface

if TYPE_CHECKING:
    from ...core.evaluating.predicting import Predictions, Predictor
    from ...core.ops import Registry

Array = np.ndarray[Any, Any]
LEAST = 4  # rows and columns of what is a picture
COLOURS = 3
SLIM = 2  # rows and columns of a kernel that is shown: of 1 by 1 there is nothing to see


def confusion_of(predictor: Predictor, found: Predictions, about: str) -> Confusion | None:
    """Which classes are taken for which."""
    counts = found.confusion
    return None if counts is None else Confusion(counts, predictor.classes, f"{predictor.part}, {about}")


def surface_of(predictor: Predictor, found: Predictions) -> Surface | None:
    """What is predicted everywhere of two inputs."""
    if found.surface is None or predictor.extent is None:
        return None
    names = predictor.feature_names if len(predictor.feature_names) == 2 else ("x₀", "x₁")
    across, up = predictor.extent
    return Surface(found.surface, across, up, predictor.points, predictor.marks, predictor.classes, names)


def samples_of(predictor: Predictor, found: Predictions, about: str) -> Samples:
    """Some samples, with what is predicted of them."""
    pictures = as_pictures(predictor.features, predictor.graph)
    targets = predictor.targets.reshape(len(predictor.targets), -1)[:, 0]
    told = f"{predictor.part}, {about}"
    return Samples(found.shares, targets, predictor.features, pictures, predictor.classes, told)


def as_pictures(features: Array, graph: Graph) -> Array | None:
    """Samples (n, ...) as (n, rows, columns), or with three colours behind; None where they are no pictures."""
    shape = features.shape[1:]
    if len(shape) == 1:
        return _flat(features, graph)
    if len(shape) == 3 and shape[0] in (1, COLOURS):
        features = np.moveaxis(features, 1, -1)
    if len(shape) == 3 and features.shape[-1] == 1:
        features = features[..., 0]
    plane = features.shape[1:3]
    whole = features.ndim == 3 or (features.ndim == 4 and features.shape[-1] == COLOURS)
    return features if whole and min(plane) >= LEAST else None


def picture(graph: Graph) -> tuple[int, int] | None:
    """Rows and columns of samples that a known set gives as rows of numbers."""
    for node in graph.nodes.values():
        if node.op == "dataset" and (known := BUILTIN.get(str(node.params.get("source", "digits")))) is not None:
            return known.picture
    return None


def _flat(features: Array, graph: Graph) -> Array | None:
    plane = picture(graph)
    if plane is None or features.shape[1] != plane[0] * plane[1]:
        return None
    return features.reshape(-1, *plane)


def filters_of(graph: Graph, registry: Registry, values: Mapping[str, Array]) -> Iterator[Filters]:
    """The kernels of convolutions, and the rows of weights that are given pictures as they are."""
    for id in graph.order():
        node, fed = graph.nodes[id], graph.inputs(id)
        if node.op == "conv2d" and (weight := values.get(_of(fed, "w"))) is not None:
            filters, channels, rows, columns = weight.shape
            if min(rows, columns) >= SLIM:
                # A copy: what a run publishes is one large buffer.
                yield Filters(graph.path(id), weight.reshape(filters * channels, rows, columns).copy(), channels)
        elif node.op == "matmul" and (weight := values.get(_of(fed, "w"))) is not None and weight.ndim == 2:
            plane = picture(graph)
            if plane is not None and len(weight) == plane[0] * plane[1] and _from_data(graph, registry, fed.get("x")):
                yield Filters(graph.path(id), weight.T.copy().reshape(-1, *plane))


def _of(fed: Mapping[str, Source], port: str) -> str:
    return fed[port].node if port in fed else ""


def _from_data(graph: Graph, registry: Registry, source: Source | None) -> bool:
    """Whether a value is that of the dataset, moved at most."""
    while source is not None:
        node = graph.nodes[source.node]
        op = registry.get(node.op)
        if node.op == "dataset":
            return source.output == "x"
        if op is None or not op.ports or not op.traits.carries:
            return False
        source = graph.inputs(node.id).get(op.ports[0].name)
    return False


class Embeddings:
    """The tables of a graph as places in a plane, turned as they were the last time."""

    def __init__(self) -> None:
        self._known: dict[str, Array] = {}  # the two directions, by table

    def of(self, graph: Graph, values: Mapping[str, Array], labels: tuple[str, ...]) -> Iterator[Embedding]:
        """One for each embedding of a graph whose table has at least two columns and three rows."""
        for id in graph.order():
            table = values.get(_of(graph.inputs(id), "table")) if graph.nodes[id].op == "embedding" else None
            if table is None or table.ndim != 2 or table.shape[1] < 2 or len(table) < 3:
                continue
            if not np.isfinite(table).all():
                continue
            names = labels if len(labels) == len(table) else tuple(str(row) for row in range(len(table)))
            points, explained = self._placed(id, table.astype(np.float64))
            yield Embedding(graph.path(id), points, explained, names)

    def _placed(self, id: str, table: Array) -> tuple[Array, tuple[float, float]]:
        """Principal components by the eigenvectors of the covariance, the last of which vary most."""
        centred = table - table.mean(axis=0)
        variance, directions = np.linalg.eigh(centred.T @ centred)
        chosen = directions[:, :-3:-1].T
        before = self._known.get(id)
        if before is not None and before.shape == chosen.shape:
            turned = np.where((before * chosen).sum(axis=1) < 0, -1.0, 1.0)  # either sign is right: keep that of before
            chosen = chosen * turned[:, None]
        self._known[id] = chosen
        first, second = (np.maximum(variance[:-3:-1], 0) / (variance.sum() or 1.0)).tolist()
        return centred @ chosen.T, (first, second)
