"""Optimisers: update rules written with ops, so that they become steps of the plan like everything else.

A rule gets a parameter, its gradient and the learning rate, and reads and writes slots of state of its own.
The same text updates the arrays of an eager run.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

import numpy as np

from ..errors import ParameterError
from ..op import Aval
from ..ops import builtin
from ..parameters import Parameter, Range

_cast, _power, _sqrt = (builtin()[name] for name in ("cast", "power", "sqrt"))
LEARNING_RATE = Aval((), np.dtype(np.float64))
# Outside of their ranges a rule divides by 0 or climbs.
Rate = Annotated[float, Range(low=0, usual=(1e-5, 1.0), logarithmic=True)]
COUNT = ":step"


class Slots(NamedTuple):
    """The state of one parameter: `read(name, aval)`, `write(name, value)`; the count of steps is shared."""

    read: Callable[[str, Aval], Any]
    write: Callable[[str, Any], None]
    count: Any


class Optimiser(NamedTuple):
    """An update rule by its name, with the settings that it takes."""

    name: str
    rule: Callable[..., Any]
    doc: str
    settings: Mapping[str, Parameter]
    counts: bool

    def check(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """`settings` complete and checked. Raises `ParameterError`."""
        for name in settings:
            if name not in self.settings and name != "name":
                known = ", ".join(self.settings)
                raise ParameterError(f"{self.name} has no setting {name!r}", hint=f"its settings: {known}")
        complete = {
            name: setting.read(settings[name], self.name) if name in settings else setting.default
            for name, setting in self.settings.items()
        }
        for name, value in complete.items():
            self.settings[name].check_range(value, self.name)
        return complete


def _optimiser(counts: bool) -> Callable[[Callable[..., Any]], Optimiser]:
    """Declare an update rule; `counts` says that it needs the number of the step."""

    def build(rule: Callable[..., Any]) -> Optimiser:
        arguments = inspect.signature(rule, eval_str=True).parameters.values()
        settings = {a.name: Parameter.of(a) for a in arguments if a.kind is a.KEYWORD_ONLY}
        return Optimiser(rule.__name__, rule, inspect.cleandoc(rule.__doc__ or ""), settings, counts)

    return build


def _like(value: Any, w: Any) -> Any:
    """`value`, one number of float64, in the dtype of `w`."""
    return _cast(value, dtype=w.dtype.name)


@_optimiser(counts=False)
def sgd(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 0.01,
    momentum: Annotated[float, Range(low=0, usual=(0.0, 1.0))] = 0.0,
) -> Any:
    """Gradient descent: w ← w − lr·v with v ← momentum·v + g, as PyTorch's SGD has it (dampening 0)."""
    if momentum:
        velocity = momentum * slots.read("velocity", Aval(w.shape, w.dtype)) + g
        slots.write("velocity", velocity)
        g = velocity
    return w - _like(rate, w) * g


@_optimiser(counts=True)
def adam(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 0.001,
    betas: Annotated[tuple[float, float], Range(0, 1, open=True)] = (0.9, 0.999),
    eps: Annotated[float, Range(low=0, usual=(1e-12, 1e-2), logarithmic=True)] = 1e-8,
) -> Any:
    """Adam (Kingma and Ba 2015, arXiv 1412.6980): means of g and g², each freed of its start at 0."""
    first, second = betas
    mean = first * slots.read("mean", Aval(w.shape, w.dtype)) + (1 - first) * g
    square = second * slots.read("square", Aval(w.shape, w.dtype)) + (1 - second) * (g * g)
    slots.write("mean", mean)
    slots.write("square", square)
    # The corrections are taken in float64: 1 − β₂ᵗ loses four digits in float32 at the first step.
    size = _like(rate / (1 - _power(first, slots.count)), w)
    scale = _like(_sqrt(1 - _power(second, slots.count)), w)
    return w - size * mean / (_sqrt(square) / scale + eps)


OPTIMISERS: Mapping[str, Optimiser] = {o.name: o for o in (sgd, adam)}


def optimiser(settings: Mapping[str, Any]) -> tuple[Optimiser, dict[str, Any]]:
    """The optimiser that `settings` name, and its settings complete. Raises `ParameterError`."""
    name = settings.get("name", "sgd")
    found = OPTIMISERS.get(name) if isinstance(name, str) else None
    if found is None:
        near = difflib.get_close_matches(str(name), OPTIMISERS, 1) or list(OPTIMISERS)
        raise ParameterError(f"no optimiser is called {name!r}", hint=f"there is {' and '.join(near)}")
    return found, found.check(settings)


def kept_slot(id: str) -> str:
    """The slot in which gradients of a parameter add up that are not set to zero."""
    return f"{id}:gradient"


def update(
    builder: Any,
    parameters: Mapping[str, tuple[Any, Any]],
    settings: Mapping[str, Any],
    rate: Any,
    zero_gradients: bool = True,
) -> dict[str, Any]:
    """The update of `parameters` (id → value and gradient): the new value of every slot that it touches.

    `builder.read(slot, aval)` gives the old ones. `rate` is the learning rate, one float64. Without `zero_gradients`
    the gradient is added to what the iterations before have left in the slot `kept_slot(id)`.
    """
    chosen, complete = optimiser(settings)
    updates: dict[str, Any] = {}
    count = None
    if chosen.counts:
        with builder.labelled(phase="update", node=None, port=None):
            count = builder.read(COUNT, LEARNING_RATE) + 1.0
        updates[COUNT] = count
    for id, (w, g) in parameters.items():
        with builder.labelled(phase="update", node=id, port=None):
            slots = Slots(
                lambda name, aval, id=id: builder.read(f"{id}:{name}", aval),  # type: ignore[misc]
                lambda name, value, id=id: updates.__setitem__(f"{id}:{name}", value),  # type: ignore[misc]
                count,
            )
            if not zero_gradients:
                g = builder.read(kept_slot(id), Aval(w.shape, w.dtype)) + g
                updates[kept_slot(id)] = g
            updates[id] = chosen.rule(w, g, rate, slots, **complete)
    return updates
