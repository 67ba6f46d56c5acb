"""The data of a run of training: what each batch is fed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..data import Samples, batches
from ..errors import RunError
from ..feeding import describer, prepared, value_of
from ..graph import Graph, Training
from ..ops import Registry
from ..parameters import BATCH
from .sources import needed

Array = np.ndarray[Any, Any]
SHARE = 0.25  # of the free memory of a device for data: the rest is left to the run


@dataclass(frozen=True)
class Data:
    """The dataset of a run: arrays by part and output, and how many samples each part has (0: no dataset)."""

    parts: Mapping[str, Mapping[str, Samples]]
    samples: int
    held_out: int
    describe: Callable[..., Any] | None
    values: Mapping[str, Array]  # of inputs, the same in every batch
    put: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None  # moves rows to where the parts are
    classes: tuple[str, ...] = ()  # the names of the labels, none of real targets
    features: tuple[str, ...] = ()  # the names of the columns, none where samples are no rows

    def moved(self, backend: Any) -> Data:
        """With its arrays where a backend computes, if they fill at most `SHARE` of the room there: else each batch is
        moved as it is taken.
        """
        arrays = [array for part in self.parts.values() for array in part.values()]
        held = [array for array in arrays if isinstance(array, np.ndarray)]
        if not held or len(held) < len(arrays) or sum(array.nbytes for array in held) > SHARE * backend.room():
            return self
        return replace(self, parts={name: backend.put(part) for name, part in self.parts.items()}, put=backend.put)

    def order(self, training: Training, epoch: int, overfit: bool = False) -> list[Array]:
        """The rows of each batch of an epoch; to `overfit`, those of the first of all as often as there are batches."""
        found = batches(self.samples, training.batch, training.seed, epoch)
        return batches(self.samples, training.batch, training.seed, 1)[:1] * len(found) if overfit else found

    def feeds(self, part: str, rows: Array | None) -> dict[str, Any]:
        """The rows of one batch by feed name."""
        if rows is None:
            return dict(self.values)
        if self.put is not None:
            rows = self.put({"rows": rows})["rows"]
        return {**self.values, **{name: array[rows] for name, array in self.parts[part].items()}}


def run_data(graph: Graph, registry: Registry, training: Training, folder: Path | None, dtype: str) -> Data:
    """What the training of a graph reads. Raises `GradwireError`."""
    describe = describer(folder, dtype)
    read = needed(graph, registry, training)
    ids = sorted(id for id in read if graph.nodes[id].op == "dataset")
    inputs = [graph.nodes[id] for id in read if graph.nodes[id].op == "input"]
    values = {
        graph.path(node.id): value
        for node in inputs
        if BATCH not in node.params.get("shape", ()) and (value := value_of(node, registry, dtype)) is not None
    }
    open = sorted({graph.path(node.id) for node in inputs} - values.keys())
    if open:
        raise RunError(f"training needs {', '.join(open)}, which nothing feeds", hint="a dataset node feeds training")
    if len(ids) > 1:
        raise RunError(f"training takes one dataset, got {', '.join(graph.path(id) for id in ids)}")
    if not ids:
        return Data({}, 0, 0, describe, values)
    found, arrays = prepared(graph.nodes[ids[0]], folder, dtype)
    path = graph.path(ids[0])
    parts = {name: {f"{path}.x": x, f"{path}.y": y} for name, (x, y) in arrays.items()}
    samples, held_out = (len(arrays[part][0]) for part in ("train", "validation"))
    return Data(
        parts, samples, held_out, describe, values, classes=found.class_names or (), features=found.train.feature_names
    )
