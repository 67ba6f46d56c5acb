"""The data sets that come with scikit-learn, known by name and shape before scikit-learn is loaded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import DataError
from .datasets import Dataset, Options


@dataclass(frozen=True, slots=True)
class Bundled:
    """What is known of a data set without loading it: its name, numbers and one line about it; where its samples are
    pictures, rows and columns of these.
    """

    name: str
    features: int
    classes: int | None
    samples: int
    summary: str
    picture: tuple[int, int] | None = None

    def feature_shape(self, options: Options) -> tuple[int, ...]:
        return (self.features,)

    def classes_of(self, options: Options) -> int | None:
        """How many classes there are, None for real targets: no option changes it."""
        return self.classes


BUILTIN = {
    entry.name: entry
    for entry in (
        Bundled("breast_cancer", 30, 2, 569, "cell nuclei measured in images, malignant or benign"),
        Bundled("diabetes", 10, None, 442, "patients, and how far the disease went in a year (real numbers)"),
        Bundled("digits", 64, 10, 1797, "handwritten digits of 8 by 8 pixels from 0 to 1", (8, 8)),
        Bundled("iris", 4, 3, 150, "flowers of three species, four lengths each in centimetres"),
        Bundled("wine", 13, 3, 178, "wines of three growers by chemical analysis"),
    )
}


def load_builtin(name: str) -> Dataset:
    """Load a data set of BUILTIN by scikit-learn: x (N, F) float64, y (N,) labels or (N, 1) real targets."""
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
