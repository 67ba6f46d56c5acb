"""Data for training: built-in sets and files, checked, split, standardised and cut into batches."""

from __future__ import annotations

from .bundled import BUILTIN, Bundled, load_builtin
from .datasets import Dataset, Options, check_values
from .preparing import DEFAULTS, Description, Outside, Prepared, describe, outside, prepare
from .sources import source
from .splitting import batches, split
from .standardising import Standardiser

__all__ = [
    "BUILTIN",
    "DEFAULTS",
    "Bundled",
    "Dataset",
    "Description",
    "Options",
    "Outside",
    "Prepared",
    "Standardiser",
    "batches",
    "check_values",
    "describe",
    "load_builtin",
    "outside",
    "prepare",
    "source",
    "split",
]
