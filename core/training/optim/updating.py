"""The update of all parameters, each by the settings of its group, in a plan as of arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...catalogue import Catalogue
from ..named import Named, chosen
from .descent import lion, sgd
from .moments import adam, adamax, adamw, nadam, radam
from .rule import SCALAR, Slots
from .scaled import adadelta, adagrad, rmsprop

LEARNING_RATE = SCALAR
COUNT = ":step"

_ALL = (sgd, adam, adamw, nadam, adamax, radam, adagrad, rmsprop, adadelta, lion)
ALL: Catalogue[Named] = Catalogue("an optimiser", _ALL)
OPTIMISERS = ALL.table
OWN = frozenset(rule.name for rule in _ALL)  # without those of plugins
NO_GROUPS: Mapping[str, Mapping[str, Any]] = {}


def optimiser(settings: Mapping[str, Any]) -> tuple[Named, dict[str, Any]]:
    """The optimiser that `settings` name, and its settings complete. Raises `ParameterError`."""
    return chosen(OPTIMISERS, "optimiser", settings)


def kept_slot(id: str) -> str:
    """The slot in which gradients of a parameter add up that are not set to zero."""
    return f"{id}:gradient"


def update(
    builder: Any,
    parameters: Mapping[str, tuple[Any, Any]],
    settings: Mapping[str, Any],
    rates: Mapping[float, Any],
    groups: Mapping[str, Mapping[str, Any]] = NO_GROUPS,
) -> dict[str, Any]:
    """The update of `parameters` (id → value and gradient): the new value of every slot that it touches.

    `builder.read(slot, aval)` gives the old ones. `rates` holds by each lr that the settings name what it is now, one
    float64; `groups` by id the complete settings of parameters that have others than the common ones
    (`group_settings`).
    """
    found, common = optimiser(settings)
    shared = _Shared(builder)
    updates = shared.updates
    for id, (w, g) in parameters.items():
        complete = groups.get(id, common)
        with builder.labelled(phase="update", node=id, port=None):
            slots = Slots(
                lambda name, aval, id=id: builder.read(f"{id}:{name}", aval),  # type: ignore[misc]
                lambda name, value, id=id: updates.__setitem__(f"{id}:{name}", value),  # type: ignore[misc]
                shared.count,
            )
            updates[id] = found.rule(w, g, rates[complete["lr"]], slots, **complete)
    return updates


class _Shared:
    """What the updates of several parameters share: the slots written so far, and the count of steps."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder
        self.updates: dict[str, Any] = {}

    def count(self) -> Any:
        """The number of the step, from 1; counted once it is asked for."""
        if COUNT not in self.updates:
            with self.builder.labelled(phase="update", node=None, port=None):
                self.updates[COUNT] = self.builder.read(COUNT, SCALAR) + 1.0
        return self.updates[COUNT]
