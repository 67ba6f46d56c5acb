"""The families by which ops are spelled: a module of one name in each language."""

from __future__ import annotations

from importlib import import_module
from typing import Any

FAMILIES = (
    "activation",
    "aggregates",
    "augmenting",
    "elementwise",
    "flow",
    "functions",
    "images",
    "layout",
    "losses",
    "normalisation",
    "order",
    "products",
    "reductions",
    "shapes",
)


def gathered(language: str, table: str) -> dict[str, Any]:
    """The entries of the tables called `table` of all families of a language, a package."""
    modules = [import_module(f"{language}.{family}") for family in FAMILIES]
    return {name: entry for module in modules for name, entry in getattr(module, table, {}).items()}
