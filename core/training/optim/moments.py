"""Adam and its kin: running means of g and of its size, each freed of its start at 0."""

from __future__ import annotations

from typing import Any

from ...ops import builtin
from .rule import SCALAR, Betas, Decay, Epsilon, Rate, Slots, kept, like, pulled, running, shrunk, update_rule

_abs, _greater, _maximum, _power, _sqrt, _where = (
    builtin()[name] for name in ("abs", "greater", "maximum", "power", "sqrt", "where")
)


def _adam(w: Any, g: Any, rate: Any, slots: Slots, betas: tuple[float, float], eps: float, amsgrad: bool) -> Any:
    first, second = betas
    mean = running("mean", first, g, slots)
    square = running("square", second, g * g, slots)
    if amsgrad:
        square = _maximum(slots.read("largest", kept(w)), square)
        slots.write("largest", square)
    # The corrections are taken in float64: 1 − β₂ᵗ loses four digits in float32 at the first step.
    size = like(rate / (1 - _power(first, slots.step())), w)
    scale = like(_sqrt(1 - _power(second, slots.step())), w)
    return w - size * mean / (_sqrt(square) / scale + eps)


def _decayed(w: Any, g: Any, rate: Any, weight_decay: float, decoupled: bool) -> tuple[Any, Any]:
    """w and g with the decay in g, or where it is decoupled in w."""
    return (shrunk(w, rate, weight_decay), g) if decoupled else (w, pulled(w, g, weight_decay))


@update_rule("Adam", formula="w ← w − lr·m̂ / (√ŝ + eps), m̂ = m / (1 − β₁ᵗ), ŝ = s / (1 − β₂ᵗ)")
def adam(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 0.001,
    betas: Betas = (0.9, 0.999),
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.0,
    amsgrad: bool = False,
) -> Any:
    """Adam (Kingma and Ba 2015, arXiv 1412.6980): running means m of g and s of g², each freed of its start at 0.

    amsgrad divides by the largest mean of g² so far (Reddi, Kale and Kumar 2018). weight_decay λ adds λ·w to g.
    """
    return _adam(w, pulled(w, g, weight_decay), rate, slots, betas, eps, amsgrad)


@update_rule("AdamW", formula="w ← (1 − lr·weight_decay)·w − lr·m̂ / (√ŝ + eps)")
def adamw(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 0.001,
    betas: Betas = (0.9, 0.999),
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.01,
    amsgrad: bool = False,
) -> Any:
    """AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101): Adam on (1 − lr·λ)·w, λ the weight_decay.

    So the decay is not divided by the size of gradients. amsgrad is that of Adam.
    """
    return _adam(shrunk(w, rate, weight_decay), g, rate, slots, betas, eps, amsgrad)


@update_rule("NAdam", formula="w ← w − lr·(μ₊·m / (1 − μ₁⋯μₜ₊₁) + (1 − μ)·g / (1 − μ₁⋯μₜ)) / (√ŝ + eps)")
def nadam(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 0.002,
    betas: Betas = (0.9, 0.999),
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.0,
    momentum_decay: Decay = 0.004,
    decoupled_weight_decay: bool = False,
) -> Any:
    """NAdam (Dozat 2016): Adam with Nesterov's momentum, μ = β₁·(1 − ½·0.96^(t·momentum_decay)) at step t.

    weight_decay λ adds λ·w to g, or takes lr·λ·w off w where it is decoupled.
    """
    w, g = _decayed(w, g, rate, weight_decay, decoupled_weight_decay)
    first, second = betas
    mean = running("mean", first, g, slots)
    square = running("square", second, g * g, slots)
    now, ahead = (first * (1 - 0.5 * _power(0.96, t * momentum_decay)) for t in (slots.step(), slots.step() + 1))
    # 1 − μ₁·…·μₜ: as a running mean of ones it begins at 0 like all that is kept.
    begun = now * slots.read("correction", SCALAR) + (1 - now)
    slots.write("correction", begun)
    spread = _sqrt(square / like(1 - _power(second, slots.step()), w)) + eps
    part, rest = like(rate * (1 - now) / begun, w), like(rate * ahead / (ahead * begun + (1 - ahead)), w)
    return w - part * g / spread - rest * mean / spread


@update_rule("Adamax", formula="u ← max(β₂·u, |g| + eps), w ← w − lr·m̂ / u")
def adamax(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 0.002,
    betas: Betas = (0.9, 0.999),
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.0,
) -> Any:
    """Adamax (Kingma and Ba 2015, arXiv 1412.6980): Adam that divides by u ← max(β₂·u, |g| + eps).

    weight_decay λ adds λ·w to g.
    """
    g = pulled(w, g, weight_decay)
    first, second = betas
    mean = running("mean", first, g, slots)
    largest = _maximum(second * slots.read("largest", kept(w)), _abs(g) + eps)
    slots.write("largest", largest)
    return w - like(rate / (1 - _power(first, slots.step())), w) * mean / largest


@update_rule("RAdam", formula="w ← w − lr·r·m̂ / (√ŝ + eps), or w − lr·m̂ while too few gradients were seen")
def radam(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 0.001,
    betas: Betas = (0.9, 0.999),
    eps: Epsilon = 1e-8,
    weight_decay: Decay = 0.0,
    decoupled_weight_decay: bool = False,
) -> Any:
    """RAdam (Liu and others 2020, arXiv 1908.03265): Adam that divides by √g² only once its mean can be relied on.

    Its weight then grows to 1. weight_decay λ adds λ·w to g, or takes lr·λ·w off w where it is decoupled.
    """
    w, g = _decayed(w, g, rate, weight_decay, decoupled_weight_decay)
    first, second = betas
    mean = running("mean", first, g, slots)
    square = running("square", second, g * g, slots)
    size = like(rate / (1 - _power(first, slots.step())), w)
    longest = 2 / (1 - second) - 1
    if longest <= 5:  # then no step is reached at which it could be relied on
        return w - size * mean
    left = _power(second, slots.step())
    length = longest - 2 * slots.step() * left / (1 - left)
    reached = _maximum(length, 5.0)  # below, the square of the weight would be negative
    weight = _sqrt((reached - 4) * (reached - 2) * longest / ((longest - 4) * (longest - 2) * reached))
    scale = like(weight * _sqrt(1 - left), w) / (_sqrt(square) + eps)
    return w - size * mean * _where(_greater(length, 5.0), scale, 1.0)
