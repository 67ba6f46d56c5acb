"""Data for training: built-in and made sets and files, checked, split, standardised and cut into batches."""

from __future__ import annotations

from .balance import class_counts, class_weights, told_counts, told_rows
from .bundled import BUILTIN, Bundled, load_builtin
from .datasets import Dataset, Options, check_values
from .kinds import takes
from .made import MADE, make
from .preparing import Description, Outside, Prepared, categories_of, describe, names_of, outside, prepare
from .rows import Rows, Samples
from .settings import DEFAULTS, told_source
from .sources import files_of, source
from .splitting import batches, split
from .standardising import Standardiser

__all__ = [
    "BUILTIN",
    "DEFAULTS",
    "MADE",
    "Bundled",
    "Dataset",
    "Description",
    "Options",
    "Outside",
    "Prepared",
    "Rows",
    "Samples",
    "Standardiser",
    "batches",
    "categories_of",
    "check_values",
    "class_counts",
    "class_weights",
    "describe",
    "files_of",
    "load_builtin",
    "make",
    "names_of",
    "outside",
    "prepare",
    "source",
    "split",
    "takes",
    "told_counts",
    "told_rows",
    "told_source",
]
