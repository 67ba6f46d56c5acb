"""What an update rule is: a function of a parameter, its gradient, the learning rate and slots of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import numpy as np

from ...op import Aval
from ...ops import builtin
from ...parameters import Range
from ..named import Misfit, Named, fits

cast = builtin()["cast"]
SCALAR = Aval((), np.dtype(np.float64))

# Outside of their ranges a rule divides by 0 or climbs.
Rate = Annotated[float, Range(low=0, usual=(1e-5, 1.0), logarithmic=True)]
Momentum = Annotated[float, Range(low=0, usual=(0.0, 1.0))]
Decay = Annotated[float, Range(low=0, usual=(0.0, 0.1))]
Share = Annotated[float, Range(0, 1)]
Betas = Annotated[tuple[float, float], Range(0, 1, open=True)]
Epsilon = Annotated[float, Range(low=0, usual=(1e-12, 1e-2), logarithmic=True)]


class Slots(NamedTuple):
    """The state of one parameter, all of it 0 at first: `read(name, aval)`, `write(name, value)`.

    `step()` is the number of the step, from 1; all parameters share it.
    """

    read: Callable[[str, Aval], Any]
    write: Callable[[str, Any], None]
    step: Callable[[], Any]


def update_rule(title: str, misfit: Misfit = fits, formula: str = "") -> Callable[[Callable[..., Any]], Named]:
    """Declare an update rule `(w, g, rate, slots, *, settings)` that gives the new `w`."""
    return lambda rule: Named.of(rule, title=title, misfit=misfit, formula=formula)


# What several rules do.


def like(value: Any, w: Any) -> Any:
    """`value`, a number of float64, in the dtype of `w`."""
    return cast(value, dtype=w.dtype.name)


def kept(w: Any) -> Aval:
    """What a slot of the shape of `w` holds."""
    return Aval(w.shape, w.dtype)


def running(name: str, share: float, value: Any, slots: Slots) -> Any:
    """The running mean in a slot, `share` of the old one and the rest of `value`; it is written, too."""
    mean = share * slots.read(name, kept(value)) + (1 - share) * value
    slots.write(name, mean)
    return mean


def pulled(w: Any, g: Any, weight_decay: float) -> Any:
    """The gradient with that of ½·λ·‖w‖² (L2 regularisation)."""
    return g + weight_decay * w if weight_decay else g


def shrunk(w: Any, rate: Any, weight_decay: float) -> Any:
    """Decoupled weight decay (Loshchilov and Hutter 2019): w ← (1 − lr·λ)·w, whatever the gradient is."""
    return w * like(1 - rate * weight_decay, w) if weight_decay else w
