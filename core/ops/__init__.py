"""The built-in ops, by family, and the registry in which ops are found by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from types import ModuleType

from ..errors import GradwireError
from ..near import near as near_names
from ..op import Op
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


class Registry:
    """Ops by name: the built-in ones and those that plugins add."""

    def __init__(self, ops: Iterable[Op] = ()) -> None:
        self._ops: dict[str, Op] = {}
        for op in ops:
            self.add(op)

    def add(self, op: Op) -> None:
        """Make `op` known by its name. Raises where another op already bears it."""
        if self._ops.setdefault(op.name, op) is not op:
            raise GradwireError(f"an op named {op.name!r} is there already", hint="choose another name")

    def get(self, name: str) -> Op | None:
        return self._ops.get(name)

    def __getitem__(self, name: str) -> Op:
        """The op called `name`. Raises `GradwireError` with those that are called nearly so."""
        found = self._ops.get(name)
        if found is None:
            near = ", ".join(near_names(name, self._ops, 3)) or "none is called nearly so"
            raise GradwireError(f"no op is called {name!r}", hint=near)
        return found

    def names(self) -> tuple[str, ...]:
        return tuple(self._ops)

    def __iter__(self) -> Iterator[Op]:
        return iter(self._ops.values())

    def __len__(self) -> int:
        return len(self._ops)


def declared(pack: ModuleType) -> list[Op]:
    """The ops that a module declares, in their order; those that it imports are another's."""
    found = [value for value in vars(pack).values() if isinstance(value, Op)]
    return [op for op in found if op.forward.__module__ == pack.__name__]


def __getattr__(name: str) -> Op:
    """`ops.relu`, for every built-in op."""
    op = builtin().get(name)
    if op is None:
        near = ", ".join(near_names(name, builtin().names(), 3))
        raise AttributeError(f"no op is called {name!r}" + (f" (near: {near})" if near else ""))
    return op


def __dir__() -> list[str]:
    """The built-in ops, which is what completion is asked for here."""
    return sorted(builtin().names())


@cache
def builtin() -> Registry:
    """The registry of the built-in ops, whose rules the tests over it have proven."""
    registry = Registry(op for name in PACKS for op in declared(import_module(f".{name}", __name__)))
    for op in registry:
        op.proven = True
    return registry
