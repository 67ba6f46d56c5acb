"""Data sets that are known by name and shape before they are loaded: those of scikit-learn, and those of plugins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..catalogue import Catalogue
from ..errors import DataError
from .datasets import Dataset, Options


@dataclass(frozen=True, slots=True)
class Bundled:
    """What is known of a data set without loading it: its name, numbers and one line about it; where its samples are
    pictures, rows and columns of these.

    `load(name)` loads it. `shape` is that of one sample where that is no row of `features` numbers.
    """

    name: str
    features: int
    classes: int | None
    samples: int
    summary: str
    picture: tuple[int, int] | None = None
    load: Callable[[str], Dataset] = field(default=lambda name: _by_sklearn(name))
    shape: tuple[int, ...] = ()

    def feature_shape(self, options: Options) -> tuple[int, ...]:
        return self.shape or (self.features,)

    def classes_of(self, options: Options) -> int | None:
        """How many classes there are, None for real targets: no option changes it."""
        return self.classes


ALL: Catalogue[Bundled] = Catalogue(
    "a data set",
    (
        Bundled("breast_cancer", 30, 2, 569, "cell nuclei measured in images, malignant or benign"),
        Bundled("diabetes", 10, None, 442, "patients, and how far the disease went in a year (real numbers)"),
        Bundled("digits", 64, 10, 1797, "handwritten digits of 8 by 8 pixels from 0 to 1", (8, 8)),
        Bundled("iris", 4, 3, 150, "flowers of three species, four lengths each in centimetres"),
        Bundled("wine", 13, 3, 178, "wines of three growers by chemical analysis"),
    ),
)
BUILTIN = ALL.table


def load_builtin(name: str) -> Dataset:
    """Load a data set of BUILTIN: x (N, F) float64, y (N,) labels or (N, 1) real targets, as those are known.

    Raises `DataError` where what a plugin loads is another than it says.
    """
    entry = BUILTIN[name]
    found = entry.load(name)
    if not isinstance(found, Dataset):
        raise DataError(f"{name} must load as a Dataset, got {type(found).__name__}")
    wanted, got = (entry.feature_shape(Options()), entry.classes), (found.feature_shape, found.classes)
    if wanted != got:
        raise DataError(
            f"{name} must have samples of shape {wanted[0]} and classes {wanted[1]}, got {got[0]}, {got[1]}"
        )
    return found


def _by_sklearn(name: str) -> Dataset:
    """Load a set of scikit-learn."""
    try:
        # Imported here and not above: it takes a second, and a graph that uses no such data never needs it.
        from sklearn import datasets as loaders
    except ImportError as error:
        raise DataError(
            f"the data set {name} needs scikit-learn, which cannot be imported: {error}",
            hint="pip install scikit-learn",
        ) from error
    bunch = getattr(loaders, f"load_{name}")()
    x = np.asarray(bunch.data, dtype=np.float64)
    if name == "digits":
        x = x / 16.0  # pixels are 0 to 16
    features = tuple(str(feature) for feature in bunch.feature_names)
    if BUILTIN[name].classes is None:
        return Dataset(name, x, np.asarray(bunch.target, dtype=np.float64)[:, None], features)
    class_names = tuple(str(label) for label in bunch.target_names)
    return Dataset(name, x, np.asarray(bunch.target, dtype=np.int64), features, class_names)
