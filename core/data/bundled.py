"""Data sets that are known by name and shape before they are loaded: plugins bring them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..catalogue import Catalogue
from ..errors import DataError
from .datasets import Dataset, Options


@dataclass(frozen=True, slots=True)
class Bundled:
    """What is known of a data set without loading it: its name, numbers and one line about it, and `load(name)`, which
    loads it; where its samples are pictures, rows and columns of these.

    `shape` is that of one sample where that is no row of `features` numbers.
    """

    name: str
    features: int
    classes: int | None
    samples: int
    summary: str
    load: Callable[[str], Dataset]
    picture: tuple[int, int] | None = None
    shape: tuple[int, ...] = ()

    def feature_shape(self, options: Options) -> tuple[int, ...]:
        return self.shape or (self.features,)

    def classes_of(self, options: Options) -> int | None:
        """How many classes there are, None for real targets: no option changes it."""
        return self.classes


ALL: Catalogue[Bundled] = Catalogue("a data set")
BUILTIN = ALL.table


def load_builtin(name: str) -> Dataset:
    """Load a data set of BUILTIN: x (N, F) float64, y (N,) labels or (N, 1) real targets, as those are known.

    Raises `DataError` where what a plugin loads is another than it says.
    """
    entry = BUILTIN[name]
    found, owner = entry.load(name), ALL.owner(name)
    told = f"the data set {name} of the plugin {owner}" if owner else name
    if not isinstance(found, Dataset):
        raise DataError(f"{told} must load as a Dataset, got {type(found).__name__}")
    wanted, got = (entry.feature_shape(Options()), entry.classes), (found.feature_shape, found.classes)
    if wanted != got:
        raise DataError(
            f"{told} must have samples of shape {wanted[0]} and classes {wanted[1]}, got {got[0]}, {got[1]}"
        )
    return found
