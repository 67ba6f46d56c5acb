"""The built-in ops, by family, and the registry in which ops are found by name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

from ..catalogue import Catalogue
from ..errors import UsageError
from ..op import Op
from ..other_names import fitting, instead
from . import describing as describing

PACKS = (
    "comparison",
    "shapes",
    "arithmetic",
    "elementary",
    "trigonometry",
    "rounding",
    "reductions",
    "logic",
    "variance",
    "norms",
    "indexing",
    "scans",
    "axes",
    "copies",
    "padding",
    "along",
    "sorting",
    "quantiles",
    "linear",
    "products",
    "diagonals",
    "solving",
    "einsums",
    "activation",
    "finite",
    "smooth_activations",
    "exponential_activations",
    "hard_activations",
    "losses",
    "regression_losses",
    "binary_losses",
    "class_losses",
    "divergence",
    "likelihood_losses",
    "margin_losses",
    "distance_losses",
    "convolution",
    "sequence_convolution",
    "pooling",
    "adaptive_pooling",
    "resampling",
    "normalisation",
    "rms_normalisation",
    "batch_normalisation",
    "group_normalisation",
    "attention",
    "embeddings",
    "flow",
    "modes",
    "sources",
    "noise",
    "augmenting",
)


class Registry(Catalogue[Op]):
    """Ops by name; plugins add to `installed()`, and to no other."""

    def __init__(self, ops: Iterable[Op] = (), fixed: bool = True) -> None:
        super().__init__("an op", ops, fixed=fixed)


def declared(pack: ModuleType) -> list[Op]:
    """The ops that a module declares, in their order; those that it imports are another's."""
    found = [value for value in vars(pack).values() if isinstance(value, Op)]
    return [op for op in found if op.forward.__module__ == pack.__name__]


def __getattr__(name: str) -> Op:
    """`ops.relu`, for every built-in op, and for those of plugins."""
    op = installed().get(name)
    if op is None:
        fits = fitting(name, installed().names())
        raise AttributeError(f"no op is called {name!r}" + (f" ({fits})" if fits else ""))
    return op


def __dir__() -> list[str]:
    """The ops, which is what completion is asked for here."""
    return sorted(installed().names())


class Family(ModuleType):
    """A module that declares ops: `gw.ops.linear` holds `matmul`, and whoever calls it means something else."""

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        name = self.__name__.rpartition(".")[2]
        own = [op.name for op in declared(self)]
        elsewhere = instead(name)
        raise UsageError(f"no op is called {name!r}", hint=elsewhere or f"it is a family: {', '.join(own)}")


@cache
def builtin() -> Registry:
    """The registry of the built-in ops, whose rules the tests over it have proven."""
    families = [import_module(f".{name}", __name__) for name in PACKS]
    for family in families:
        family.__class__ = Family
    registry = Registry(op for family in families for op in declared(family))
    for op in registry:
        op.proven = True
    return registry


@cache
def installed() -> Registry:
    """The registry of the built-in ops and of those that plugins have brought to this process."""
    return Registry(builtin(), fixed=False)
