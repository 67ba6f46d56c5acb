"""The data sets that come with scikit-learn: small, real, and without a download."""

from __future__ import annotations

import numpy as np

from gradwire.core.extend import Bundled, DataError, Dataset, Host


def register(host: Host) -> None:
    """Add them; scikit-learn is loaded when the first of them is used."""
    for each in SETS:
        host.add_dataset(each)


def _load(name: str) -> Dataset:
    """Load a set of scikit-learn: x (N, F) float64, y (N,) labels or (N, 1) real targets."""
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
    if name == "diabetes":
        return Dataset(name, x, np.asarray(bunch.target, dtype=np.float64)[:, None], features)
    class_names = tuple(str(label) for label in bunch.target_names)
    return Dataset(name, x, np.asarray(bunch.target, dtype=np.int64), features, class_names)


SETS = (
    Bundled("breast_cancer", 30, 2, 569, "cell nuclei measured in images, malignant or benign", _load),
    Bundled("diabetes", 10, None, 442, "patients, and how far the disease went in a year (real numbers)", _load),
    Bundled("digits", 64, 10, 1797, "handwritten digits of 8 by 8 pixels from 0 to 1", _load, picture=(8, 8)),
    Bundled("iris", 4, 3, 150, "flowers of three species, four lengths each in centimetres", _load),
    Bundled("wine", 13, 3, 178, "wines of three growers by chemical analysis", _load),
)
