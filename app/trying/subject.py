"""What the samples of a dataset node look like, so that one of the same kind can be made by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from ...core.data import Prepared, Samples, Standardiser, source
from ...core.data.datasets import Categories
from ...core.data.kinds import kind_of
from ...core.data.rows import chunks
from ...core.data.settings import read_settings
from ...core.feeding import prepared
from ...core.graph import Graph
from ..training.pictures import as_pictures

Array = np.ndarray[Any, Any]
Kind = Literal["picture", "text", "row"]
LOOKED_AT = 256  # samples of which the ground of pictures is learnt


class Feature(NamedTuple):
    """A number of a sample, or several of which one is 1 and the others 0: then `texts` says which is which."""

    name: str
    first: int
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Subject:
    """Samples of a dataset node in the data's own numbers, as they are before the data set is standardised.

    `x` and `y` are those that are held out (all where none are), as the network takes them. `low` and `high` are of
    each number of a sample.
    """

    node: str
    params: Mapping[str, Any]
    kind: Kind
    part: str
    x: Samples
    y: Array
    low: Array
    high: Array
    whole: bool  # whether samples are whole numbers
    features: tuple[Feature, ...]
    classes: tuple[str, ...]
    standardiser: Standardiser | None
    plane: tuple[int, ...] = ()  # rows and columns of a picture, and 3 where it has colours

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample."""
        return self.x.shape[1:]

    @cached_property
    def range(self) -> tuple[float, float]:
        """Between what all numbers of the data lie."""
        low, high = float(self.low.min()), float(self.high.max())
        return low, high if high > low else low + 1.0

    @cached_property
    def ground(self) -> Array:
        """What is found at the edge of most pictures, of each colour."""
        drawn = np.stack([self.to_picture(self.to_own(each[None])) for each in np.asarray(self.x[:LOOKED_AT])])
        rows = np.concatenate([drawn[:, 0], drawn[:, -1]], axis=1)
        columns = np.concatenate([drawn[:, :, 0], drawn[:, :, -1]], axis=1)
        edge = np.concatenate([rows, columns], axis=1)
        return np.asarray(np.median(edge.reshape(-1, *drawn.shape[3:]), axis=0), np.float64)

    def to_network(self, own: Array) -> Array:
        """A sample (1, ...) as the network takes it, of one in the data's own numbers."""
        whole = own.reshape(1, *self.shape)
        numbers = whole if self.standardiser is None else self.standardiser.apply(whole)
        return np.ascontiguousarray(np.rint(numbers) if self.x.dtype.kind in "iu" else numbers, self.x.dtype)

    def to_own(self, x: Array) -> Array:
        """A sample in the data's own numbers, of one (1, ...) as the network takes it."""
        return np.asarray(x if self.standardiser is None else self.standardiser.undo(x.astype(np.float64)))[0]

    def to_picture(self, own: Array) -> Array:
        """A sample as rows and columns, with three colours behind where it has them."""
        if len(self.shape) == 3 and self.shape[0] in (1, 3):
            own = np.moveaxis(own.reshape(self.shape), 0, -1)
        return own.reshape(self.plane)

    def of_picture(self, picture: Array) -> Array:
        """A sample of a picture of its size."""
        if len(self.shape) == 3 and self.shape[0] in (1, 3):
            picture = np.moveaxis(picture.reshape(*self.plane[:2], -1), -1, 0)
        return picture.reshape(self.shape)


def dataset_of(graph: Graph) -> str | None:
    """The dataset node of which an input is tried: that on which the loss depends, else the first."""
    nodes, training = graph.nodes, graph.training
    found = sorted(id for id, node in nodes.items() if node.op == "dataset")
    if training is not None and training.loss in nodes:
        above = graph.ancestors([training.loss])
        found.sort(key=lambda id: id not in above)
    return found[0] if found else None


def subject_of(graph: Graph, id: str, folder: Path | None, dtype: str) -> Subject:
    """Read what samples of a dataset node look like. Raises `GradwireError`."""
    node = graph.nodes[id]
    found, parts = prepared(node, folder, dtype)
    settings, options = read_settings(node.params)
    part = "validation" if len(parts["validation"][0]) else "train"
    x, y = parts[part]
    is_text = kind_of(settings["source"], options) == "text"
    pictures = None if is_text else as_pictures(np.asarray(x[:1]), graph)
    low, high = _extent(found)
    whole = source(settings["source"], folder, options)
    made = Subject(
        id,
        node.params,
        "text" if is_text else "row" if pictures is None else "picture",
        part,
        x,
        np.asarray(y),
        low,
        high,
        whole.x.dtype.kind in "iub",
        tuple(_features(x.shape[1:], whole.feature_names, whole.categories, whole.one_hot)),
        found.class_names or (),
        found.standardiser,
        () if pictures is None else pictures.shape[1:],
    )
    if made.plane:
        _ = made.ground  # found here, beside the window
    return made


def _extent(found: Prepared) -> tuple[Array, Array]:
    """The least and the greatest of each number of the samples to train with, in the data's own numbers."""
    extremes = [(part.min(axis=0), part.max(axis=0)) for _, part in chunks(found.train.x)]
    low = np.minimum.reduce([each[0] for each in extremes])
    high = np.maximum.reduce([each[1] for each in extremes])
    own = found.standardiser
    if own is None:
        return np.asarray(low, np.float64), np.asarray(high, np.float64)
    return own.undo(low), own.undo(high)


def _features(
    shape: tuple[int, ...], names: tuple[str, ...], categories: Categories, one_hot: tuple[int, ...]
) -> Iterator[Feature]:
    """The numbers of a sample by name; the columns that stand for one column of text together."""
    count = int(np.prod(shape, dtype=np.int64))
    if len(names) != count:
        alone = len(shape) == 1
        places = (np.unravel_index(number, shape) for number in range(count))
        names = tuple(f"x{place[0] if alone else list(map(int, place))}" for place in places)
    chosen, number, texts = set(one_hot), 0, iter(categories)
    while number < count:
        if number not in chosen:
            yield Feature(names[number], number)
            number += 1
            continue
        column, *found = next(texts)
        yield Feature(column, number, tuple(found))
        number += len(found)
