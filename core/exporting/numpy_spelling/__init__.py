"""How ops are written with NumPy, by family. What takes more than one line is a function of its own.

An op that no family spells brings its own forward along, which runs as well and reads less well.
A family is a module with `SPELLINGS`, by op; where it needs them `HELPERS`, functions that spelled code calls, by
name.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Spelling
from . import (
    activation,
    aggregates,
    augmenting,
    elementwise,
    flow,
    functions,
    images,
    layout,
    losses,
    normalisation,
    order,
    products,
    reductions,
    shapes,
)
from .words import WORDS, cast

__all__ = ["HELPERS", "SPELLINGS", "WORDS", "cast"]

FAMILIES = (
    activation,
    aggregates,
    augmenting,
    elementwise,
    flow,
    functions,
    images,
    layout,
    losses,
    normalisation,
    order,
    products,
    reductions,
    shapes,
)

SPELLINGS: Mapping[str, Spelling] = {
    name: spelling for family in FAMILIES for name, spelling in family.SPELLINGS.items()
}
HELPERS: Mapping[str, str] = {
    name: text for family in FAMILIES for name, text in getattr(family, "HELPERS", {}).items()
}
