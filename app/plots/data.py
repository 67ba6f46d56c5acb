"""What plots are given: columns of numbers over the iterations of a run, and what stands beside them.

Columns may be memory-mapped and may grow: a plot is then given them anew, longer, and reads only what has been added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

Array = np.ndarray[Any, Any]
Axis = Literal["iterations", "epochs", "samples", "seconds"]
AXES: dict[Axis, str] = {"iterations": "step", "epochs": "epoch", "samples": "samples", "seconds": "seconds"}


@dataclass(frozen=True)
class Steps:
    """Where the elements of a column lie, each array as long as the column and never going down; None: not known."""

    iterations: Array
    epochs: Array | None = None
    samples: Array | None = None
    seconds: Array | None = None

    def along(self, axis: Axis) -> Array | None:
        """The places along one axis."""
        return getattr(self, axis)


@dataclass(frozen=True)
class Column:
    """Numbers over iterations; what is not finite stays as it is."""

    values: Array
    at: Steps

    @property
    def size(self) -> int:
        """How many elements are there by now: a column that is being written may be longer than its places."""
        return min(len(self.values), len(self.at.iterations))


class Curve(NamedTuple):
    """A column that is drawn as a line. Curves of one `pair` share a hue; that of validation is dashed.

    `place` is its number among all that have a look of their own, in whatever plots they are: a parameter has one look
    in all of them.
    """

    name: str
    column: Column
    pair: str = ""
    validation: bool = False
    place: int | None = None


class Band(NamedTuple):
    """What lies between two columns of a ribbon, such as its 25th and 75th percentile."""

    name: str
    low: Array
    high: Array


@dataclass(frozen=True)
class Ribbon:
    """How the elements of one array are spread over iterations: bands, the widest first, around a middle line."""

    name: str
    at: Steps
    bands: tuple[Band, ...]
    middle_name: str
    middle: Array


class Mark(NamedTuple):
    """Something that happened at an iteration, such as a change of the learning rate."""

    iteration: float
    text: str


class Region(NamedTuple):
    """Something that held from an iteration on, until another (None: it still does). `plot` is the title of the plot
    that shows it, `grave` where it is more than a hint.
    """

    plot: str
    began: int
    ended: int | None
    text: str
    grave: bool = False


class Reference(NamedTuple):
    """A level that curves are read against, such as ln C."""

    value: float
    label: str


@dataclass(frozen=True)
class Confusion:
    """`counts` (classes, classes): a row for each true class, a column for each that was predicted."""

    counts: Array
    classes: tuple[str, ...]
    about: str = ""  # of what, such as "validation, step 1,200"


@dataclass(frozen=True)
class Surface:
    """What a network of two inputs predicts over a grid, and the samples it is held against.

    `shares` (classes, rows, columns) are between 0 and 1, or a single plane of scores; the first row is the lowest.
    `points` (samples, 2) are x and y, `targets` (samples,) their classes by number, or what was to be predicted.
    """

    shares: Array
    x: tuple[float, float]
    y: tuple[float, float]
    points: Array
    targets: Array
    classes: tuple[str, ...] = ()
    names: tuple[str, str] = ("x₀", "x₁")


@dataclass(frozen=True)
class Samples:
    """Samples that are the same each time, and what is predicted of each.

    `shares` (samples, classes) are between 0 and 1, or one column of scores; `targets` (samples,) their classes by
    number, or what was to be predicted. `pictures` are (samples, rows, columns), or with three colours behind; None
    where they are none, and `features` (samples, ...) are told instead.
    """

    shares: Array
    targets: Array
    features: Array
    pictures: Array | None = None
    classes: tuple[str, ...] = ()
    about: str = ""  # of which, such as "validation"


@dataclass(frozen=True)
class Filters:
    """What the kernels of a convolution look for, or the rows of a first layer that is given pictures.

    `planes` (filters, rows, columns) are weights; of kernels with several input channels each has one such for every
    channel, in `channels` columns.
    """

    name: str
    planes: Array
    channels: int = 1


@dataclass(frozen=True)
class Embedding:
    """Rows of a table as places in a plane: along the two directions in which they differ most.

    `points` (rows, 2); `explained` are the two shares of their variance that these directions have.
    """

    name: str
    points: Array
    explained: tuple[float, float]
    labels: tuple[str, ...] = ()


class Looked(NamedTuple):
    """What was seen with the weights of one iteration: what they predict, and the weights themselves.

    `stepped`: that is the iteration that is stepped through, and not the newest.
    """

    iteration: int
    confusion: Confusion | None = None
    surface: Surface | None = None
    samples: Samples | None = None
    filters: tuple[Filters, ...] = ()
    embeddings: tuple[Embedding, ...] = ()
    stepped: bool = False


class Curves(Protocol):
    """What a page of plots shows of a run; asked for anew at each refresh.

    `columns` by name, as training tells them: `train_loss`, `penalty`, `accuracy` and `validation_accuracy`,
    `learning_rate`, `gradient_norm/linear0.w`, `update_ratio/linear0.w`. `references` are by the name of a plot, and
    `ribbons` by what they tell of, such as `activation`.
    """

    @property
    def columns(self) -> Mapping[str, Column]: ...
    @property
    def marks(self) -> Sequence[Mark]: ...
    @property
    def regions(self) -> Sequence[Region]: ...
    @property
    def references(self) -> Mapping[str, Sequence[Reference]]: ...
    @property
    def ribbons(self) -> Mapping[str, Sequence[Ribbon]]: ...
    @property
    def looked(self) -> Looked | None: ...
