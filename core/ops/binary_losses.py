"""Losses of two classes, yes and no: of logits, so that they and their gradients stay finite at extreme ones."""

from __future__ import annotations

from typing import Annotated, Any

from ..errors import DataError
from ..looking import look
from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range
from ..signature import Limits, Traits, Within
from ._rules import broadcast_shapes
from .activation import sigmoid, softplus
from .arithmetic import where
from .comparison import equal
from .elementary import power
from .losses import REDUCTIONS, Reduction, check_same_shape, reduce, reduced, result, samples_of, share_of, told
from .shapes import sum_to


def _probabilities(*_: Any, log_target: bool = False, **__: Any) -> Limits | None:
    """What a target must lie between that is no logarithm."""
    if log_target:
        return None
    return Limits(0, 1, "probabilities", "give probabilities, or labels 0 and 1")


Probabilities = Annotated[Any, Within(_probabilities)]


WITH_LOGITS = "labels: 0 or 1; a loss with logits takes these first, which may be any numbers"


def check_probabilities(target: Any, fits: str = "labels: 0 or 1") -> None:
    """Refuse a target outside 0 to 1, naming the first."""
    look(target, lambda t: (t < 0) | (t > 1), lambda t: _refuse_outside(t, fits))


def _refuse_outside(target: Any, fits: str) -> None:
    if target.size and (target.min() < 0 or target.max() > 1):
        flat = target.reshape(-1)
        first = int(((flat < 0) | (flat > 1)).argmax())
        raise DataError(
            f"target must lie between 0 and 1, got {float(flat[first]):.6g} at element {first}",
            hint=fits,
            port="target",
        )


def _check(logits: Any, target: Any, weights: Any = None, pos_weight: Any = None) -> None:
    check_same_shape(logits, target, "logits")
    for port, weight in (("weights", weights), ("pos_weight", pos_weight)):
        if weight is not None and not _fits(weight.shape, logits.shape):
            raise ShapeError(
                f"{port} {weight.shape} does not broadcast to logits {logits.shape}",
                port=port,
                hint=f"{port}: {logits.shape}, or () for one number",
            )


def _fits(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    try:
        return broadcast_shapes(shape, whole) == whole
    except ShapeError:
        return False


@op(
    formula=r"-\frac{1}{n} \sum_i t_i \ln \sigma(x_i) + (1 - t_i) \ln(1 - \sigma(x_i))",
    category="loss",
    samples=[
        *samples_of((4,), (4,), domain="probabilities"),
        *samples_of((3, 2), (3, 2), (3, 1), (2,), domain="probabilities"),
        Sample(((4, 2), (4, 2), ()), domain="probabilities"),
    ],
    promote="all",
    floating=True,
)
def binary_cross_entropy(
    xp: Any,
    logits: Any,
    target: Probabilities,
    weights: Any = None,
    pos_weight: Any = None,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """The binary cross-entropy with logits: of the sigmoid of `logits` with `target`, probabilities or 0 and 1.

    Both have one shape. `reduction` says whether its mean over all elements, the sum, or each ("none"). Computed from
    the logits, so that it and its gradient stay finite at extreme ones. A target outside 0 to 1, such as a label −1 or
    2, is a `DataError`. As in PyTorch `weights` multiplies each loss and `pos_weight` the part of positive targets;
    both broadcast to `logits`, and the mean is over all elements whatever the weights.
    """
    _check(logits, target, weights, pos_weight)
    check_probabilities(target, WITH_LOGITS)
    if weights is None and pos_weight is None:
        # The first two terms cancel exactly where the logit is right, and the last stays precise near 0.
        losses = xp.maximum(logits, 0) - logits * target + xp.log1p(xp.exp(-xp.abs(logits)))
        return reduce(xp, _at_infinity(xp, losses, logits, target), reduction)
    small = xp.log1p(xp.exp(-xp.abs(logits)))
    positive = target if pos_weight is None else pos_weight * target
    losses = positive * (xp.maximum(-logits, 0) + small) + (1 - target) * (xp.maximum(logits, 0) + small)
    losses = _at_infinity(xp, losses, logits, target)
    return reduce(xp, losses if weights is None else weights * losses, reduction)


def _at_infinity(xp: Any, losses: Any, logits: Any, target: Any) -> Any:
    """0 at an infinite logit that is right, and ∞ at any other, where the terms would be ∞ · 0."""
    other = xp.where(logits > 0, 1 - target, target)  # of the target what lies on the other side
    return xp.where(xp.isinf(logits), xp.where(other > 0, xp.abs(logits), 0), losses)


@binary_cross_entropy.shape
def _(
    logits: Aval, target: Aval, weights: Aval | None = None, pos_weight: Aval | None = None, *, reduction: str
) -> Aval:
    _check(logits, target, weights, pos_weight)
    return result(logits.shape, logits, reduction)


def _each(logits: Any, target: Any, positive: Any) -> Any:
    """The loss of each, written with ops, for targets of which the positive part counts `positive`.

    The logarithms of both probabilities: ln σ(x) = −softplus(−x), and ln(1 − σ(x)) = −softplus(x).
    """
    return positive * softplus(-logits) + (1 - target) * softplus(logits)


@binary_cross_entropy.vjp
def _(g: Any, y: Any, logits: Any, target: Any, weights: Any = None, pos_weight: Any = None, *, reduction: str) -> Any:
    share = share_of(g, logits.shape, reduction)
    if weights is None and pos_weight is None:
        return lambda: share * (sigmoid(logits) - target), lambda: -(share * logits)
    whole = share if weights is None else share * weights
    positive = target if pos_weight is None else pos_weight * target
    yes = 1 if pos_weight is None else pos_weight
    return (
        lambda: whole * ((1 - target) * sigmoid(logits) - positive * sigmoid(-logits)),
        lambda: whole * (yes * softplus(-logits) - softplus(logits)),
        None if weights is None else lambda: sum_to(share * _each(logits, target, positive), weights.shape),
        None if pos_weight is None else lambda: sum_to(whole * (target * softplus(-logits)), pos_weight.shape),
    )


@binary_cross_entropy.composition
def _(logits: Any, target: Any, weights: Any = None, pos_weight: Any = None, *, reduction: str) -> Any:
    losses = _each(logits, target, target if pos_weight is None else pos_weight * target)
    return reduced(losses if weights is None else weights * losses, reduction)


def _told_logits(
    y: Aval, logits: Aval, target: Aval, weights: Any = None, pos_weight: Any = None, **params: Any
) -> str:
    if weights is None and pos_weight is None:
        rule = "sigmoid and logarithm in one rule: g · (sigmoid(logits) − target)"
    else:
        positive = "target" if pos_weight is None else "pos_weight · target"
        rule = f"g{' · weights' * (weights is not None)} · ((1 − target) · σ(logits) − {positive} · σ(−logits))"
    return str(told(rule, 0)(y, logits, **params))


def _told_target(
    y: Aval, logits: Aval, target: Aval, weights: Any = None, pos_weight: Any = None, **params: Any
) -> str:
    rule = "−g · logits"
    if weights is not None or pos_weight is not None:
        yes = "" if pos_weight is None else "pos_weight · "
        rule = f"g{' · weights' * (weights is not None)} · ({yes}softplus(−logits) − softplus(logits))"
    return str(told(rule, 0)(y, logits, **params))


def _told_weights(y: Aval, logits: Aval, target: Aval, weights: Aval, *_: Any, **params: Any) -> str:
    return f"{told('g · the loss of each without its weight', 0)(y, logits, **params)}, summed to {weights.shape}"


def _told_pos_weight(y: Aval, logits: Aval, target: Aval, weights: Any, pos_weight: Aval, **params: Any) -> str:
    rule = f"g{' · weights' * (weights is not None)} · target · softplus(−logits)"
    return f"{told(rule, 0)(y, logits, **params)}, summed to {pos_weight.shape}"


binary_cross_entropy.traits = Traits(reduces="reduction")
binary_cross_entropy.adjoint = {
    "logits": _told_logits,
    "target": _told_target,
    "weights": _told_weights,
    "pos_weight": _told_pos_weight,
}


# The focal loss.


def _balance(target: Any, alpha: float | None) -> Any:
    return 1 if alpha is None else alpha * target + (1 - alpha) * (1 - target)


@op(
    formula=r"\frac{1}{n} \sum_i -\alpha_t (1 - p_t)^\gamma \ln p_t,\ p = \sigma(x)",
    category="loss",
    samples=[
        *samples_of((4,), (4,), domain="probabilities"),
        *(Sample(((3, 2), (3, 2)), {"gamma": 1.5, "alpha": None, "reduction": r}, "probabilities") for r in REDUCTIONS),
        Sample(((4,), (4,)), {"gamma": 0.0, "alpha": 0.75}, "probabilities"),
    ],
    promote="all",
    floating=True,
)
def focal(
    xp: Any,
    logits: Any,
    target: Probabilities,
    *,
    gamma: Annotated[float, Range(low=0, usual=(0.0, 5.0))] = 2.0,
    alpha: Annotated[float | None, Range(0, 1)] = 0.25,
    reduction: Reduction = "mean",
) -> Any:
    """The focal loss with logits: the cross-entropy of their sigmoid with `target` (0 and 1), less where nearly right.

    Each loss is multiplied by (1 − p)^`gamma`, with p the probability given to its target, and by `alpha` where
    that is 1, by 1 − `alpha` where it is 0 (null: by neither), so that many easy samples do not outweigh few hard
    ones (Lin et al., 2017; numbers as in torchvision). `reduction` says whether its mean over all elements, the
    sum, or each ("none"). A target outside 0 to 1 is a `DataError`.
    """
    _check(logits, target)
    check_probabilities(target, WITH_LOGITS)
    small = xp.exp(-xp.abs(logits))
    right = xp.where(logits > 0, 1, small) / (1 + small)  # σ(logits), and σ(−logits)
    wrong = xp.where(logits > 0, small, 1) / (1 + small)
    losses = target * (xp.maximum(-logits, 0) + xp.log1p(small)) + (1 - target) * (
        xp.maximum(logits, 0) + xp.log1p(small)
    )
    losses = losses * (right * (1 - target) + wrong * target) ** gamma
    return reduce(xp, losses * _balance(target, alpha), reduction)


@focal.shape
def _(logits: Aval, target: Aval, *, gamma: float, alpha: float | None, reduction: str) -> Aval:
    _check(logits, target)
    return result(logits.shape, logits, reduction)


@focal.vjp
def _(g: Any, y: Any, logits: Any, target: Any, *, gamma: float, alpha: float | None, reduction: str) -> Any:
    share = share_of(g, logits.shape, reduction)
    p, q = sigmoid(logits), sigmoid(-logits)
    loss = _each(logits, target, target)
    missed = p * (1 - target) + q * target
    factor = power(missed, gamma)
    inverse = gamma / where(equal(missed, 0), 1, missed)  # where nothing is missed its product with factor is 0

    def of_target() -> Any:
        slope = factor * (inverse * (1 - 2 * p) * loss - logits) * _balance(target, alpha)
        return share * (slope if alpha is None else slope + (2 * alpha - 1) * (factor * loss))

    return (
        lambda: (
            share
            * (_balance(target, alpha) * factor)
            * (inverse * (p * q * (1 - 2 * target)) * loss + (p * (1 - target) - q * target))
        ),
        of_target,
    )


@focal.composition
def _(logits: Any, target: Any, *, gamma: float, alpha: float | None, reduction: str) -> Any:
    loss = _each(logits, target, target)
    missed = sigmoid(logits) * (1 - target) + sigmoid(-logits) * target
    return reduced(power(missed, gamma) * loss * _balance(target, alpha), reduction)


_PARTS = (
    ", where p = σ(logits), t = target, m = p · (1 − t) + (1 − p) · t, ce = −t · ln p − (1 − t) · ln(1 − p), b ="
    " alpha · t + (1 − alpha) · (1 − t), 1 without alpha (g / N for the mean)"
)
focal.gradients = {
    "logits": f"g · b · m^gamma · (gamma · p · (1 − p) · (1 − 2 · t) · ce / m + p − t){_PARTS}",
    "target": "g · m^gamma · (b · (gamma · (1 − 2 · p) · ce / m − logits) + (2 · alpha − 1) · ce), the last part with"
    " alpha alone",
}
focal.traits = Traits(reduces="reduction")
focal.adjoint = {
    "logits": told("g · the slope of each loss (1 − p)^{gamma} · (−ln p) for its logit, with p its probability", 0),
    "target": told("g · the slope of each loss (1 − p)^{gamma} · (−ln p) for its target, with p its probability", 0),
}
