"""Rules that divide each step by how large the gradients of an element have been."""

from __future__ import annotations

from typing import Annotated, Any

from ...ops import builtin
from ...parameters import Range
from .rule import Decay, Epsilon, Momentum, Rate, Share, Slots, kept, like, pulled, running, update_rule

_sqrt = builtin()["sqrt"]


@update_rule("Adagrad", formula="s ← s + g², w ← w − lr·g / (√s + eps)")
def adagrad(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 0.01,
    lr_decay: Decay = 0.0,
    weight_decay: Decay = 0.0,
    initial_accumulator_value: Annotated[float, Range(low=0, usual=(0.0, 1.0))] = 0.0,
    eps: Epsilon = 1e-10,
) -> Any:
    """Adagrad (Duchi, Hazan and Singer 2011): w ← w − lr·g / (√s + eps), s the sum of all g² so far.

    s begins at initial_accumulator_value. At step t lr is divided by 1 + (t − 1)·lr_decay. weight_decay λ adds λ·w to
    g.
    """
    g = pulled(w, g, weight_decay)
    total = slots.read("total", kept(w)) + g * g
    slots.write("total", total)
    if lr_decay:
        rate = rate / (1 + (slots.step() - 1) * lr_decay)
    begun = initial_accumulator_value + total if initial_accumulator_value else total
    return w - like(rate, w) * g / (_sqrt(begun) + eps)


@update_rule("RMSprop", formula="s ← alpha·s + (1 − alpha)·g², w ← w − lr·g / (√s + eps)")
def rmsprop(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 0.01,
    alpha: Share = 0.99,
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.0,
    momentum: Momentum = 0.0,
    centered: bool = False,
) -> Any:
    """RMSprop (Hinton 2012, lecture 6): w ← w − lr·g / (√s + eps) with s ← alpha·s + (1 − alpha)·g².

    centered takes the square of the running mean of g off s (Graves 2013, arXiv 1308.0850); momentum sums up steps.
    weight_decay λ adds λ·w to g.
    """
    g = pulled(w, g, weight_decay)
    spread = running("square", alpha, g * g, slots)
    if centered:
        mean = running("mean", alpha, g, slots)
        spread = spread - mean * mean
    step = g / (_sqrt(spread) + eps)
    if momentum:
        step = momentum * slots.read("velocity", kept(w)) + step
        slots.write("velocity", step)
    return w - like(rate, w) * step


@update_rule("Adadelta", formula="Δ = g·√(d + eps) / √(s + eps), w ← w − lr·Δ")
def adadelta(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 1.0,
    rho: Share = 0.9,
    eps: Epsilon = 1e-6,
    weight_decay: Decay = 0.0,
) -> Any:
    """Adadelta (Zeiler 2012, arXiv 1212.5701): w ← w − lr·Δ with Δ = g·√(d + eps) / √(s + eps).

    s and d are running means of g² and Δ²: s ← rho·s + (1 − rho)·g². weight_decay λ adds λ·w to g.
    """
    g = pulled(w, g, weight_decay)
    square = running("square", rho, g * g, slots)
    step = _sqrt(slots.read("moved", kept(w)) + eps) / _sqrt(square + eps) * g
    running("moved", rho, step * step, slots)
    return w - like(rate, w) * step
