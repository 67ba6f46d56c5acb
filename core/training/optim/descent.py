"""Rules whose steps follow the gradient as it is, or its signs alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ops import builtin
from .rule import Betas, Decay, Momentum, Rate, Share, Slots, kept, like, pulled, running, shrunk, update_rule

_greater, _sign, _where = (builtin()[name] for name in ("greater", "sign", "where"))


def _nesterov_misfit(settings: Mapping[str, Any]) -> str:
    momentum, dampening = settings["momentum"], settings["dampening"]
    if not settings["nesterov"] or (momentum and not dampening):
        return ""
    return f"nesterov needs a momentum above 0 and a dampening of 0, got {momentum} and {dampening}"


@update_rule("SGD", _nesterov_misfit, formula="v ← momentum·v + (1 − dampening)·g, w ← w − lr·v")
def sgd(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 0.01,
    momentum: Momentum = 0.0,
    dampening: Share = 0.0,
    weight_decay: Decay = 0.0,
    nesterov: bool = False,
) -> Any:
    """Gradient descent: w ← w − lr·v with v ← momentum·v + (1 − dampening)·g, as PyTorch's SGD has it.

    The first v is g itself. Nesterov's momentum (1983) goes by g + momentum·v in the place of v (Sutskever and others
    2013, as PyTorch writes it). weight_decay λ adds λ·w to g.
    """
    g = pulled(w, g, weight_decay)
    if not momentum:
        return w - like(rate, w) * g
    added = g
    if dampening:
        added = like(_where(_greater(slots.step(), 1.0), 1 - dampening, 1.0), w) * g
    velocity = momentum * slots.read("velocity", kept(w)) + added
    slots.write("velocity", velocity)
    return w - like(rate, w) * (g + momentum * velocity if nesterov else velocity)


@update_rule("Lion", formula="w ← w − lr·sign(β₁·m + (1 − β₁)·g), m ← β₂·m + (1 − β₂)·g")
def lion(
    w: Any,
    g: Any,
    rate: Any,
    slots: Slots,
    *,
    lr: Rate = 1e-4,
    betas: Betas = (0.9, 0.99),
    weight_decay: Decay = 0.0,
) -> Any:
    """Lion (Chen and others 2023, arXiv 2302.06675): a step of lr along the sign of β₁·m + (1 − β₁)·g.

    Then m ← β₂·m + (1 − β₂)·g. weight_decay is decoupled, and there the step is lr·(sign + λ·w).
    """
    first, second = betas
    ahead = first * slots.read("mean", kept(w)) + (1 - first) * g
    running("mean", second, g, slots)
    return shrunk(w, rate, weight_decay) - like(rate, w) * _sign(ahead)
