"""What activations and losses say of their way back, as a reader who knows NumPy would write it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Said = Callable[[Any, int], Any]  # of a `Case` of test_adjoints and the position of a port


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def softplus(x: Any) -> Any:
    return np.log1p(np.exp(x))


def log_softmax(x: Any) -> Any:
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


# Activations: the slope at each element.


def gelu_slope(x: Any, approximate: str) -> Any:
    if approximate == "none":
        share = np.array([0.5 * (1 + math.erf(float(a) / math.sqrt(2))) for a in x.ravel()]).reshape(x.shape)
        return share + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    root = math.sqrt(2 / math.pi)
    t = np.tanh(root * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 3 * 0.044715 * x * x)


SLOPES: Mapping[str, Callable[..., Any]] = {
    "elu": lambda x, alpha: np.where(x > 0, 1.0, alpha * np.exp(x)),
    "celu": lambda x, alpha: np.where(x > 0, 1.0, np.exp(x / alpha)),
    "gelu": gelu_slope,
    "relu6": lambda x: (x > 0) & (x < 6),
    "hardtanh": lambda x, low, high: (x > low) & (x < high),
    "threshold": lambda x, threshold, value: x > threshold,
    "softshrink": lambda x, threshold: np.abs(x) > threshold,
    "hardshrink": lambda x, threshold: np.abs(x) > threshold,
}


def softmin(c: Any, i: int) -> Any:
    y, axis = c.results[0], c.params["axis"]
    return y * (np.sum(c.g * y, axis=axis, keepdims=True) - c.g)


def glu(c: Any, i: int) -> Any:
    axis = c.params["axis"]
    a, b = np.split(c.args[0], 2, axis=axis)
    s = sigmoid(b)
    return np.concatenate([c.g * s, c.g * a * s * (1 - s)], axis=axis)


# Losses.


def share(c: Any, own: int = 0) -> Any:
    """What comes back to each loss, ready to multiply the elements of its sample."""
    shape = c.args[0].shape
    rows = shape[: len(shape) - own]
    reduction = c.params["reduction"]
    by = {"mean": math.prod(rows), "batchmean": rows[0] if rows else 1}.get(reduction, 1)
    return np.broadcast_to(c.g / by, rows).reshape(rows + (1,) * own)


def labels(c: Any) -> Any:
    x, target = c.args[:2]
    return target if target.dtype.kind == "f" else np.eye(x.shape[-1])[target]


def of_classes(c: Any, i: int, found: Any) -> Any:
    """A loss of logarithms `found` of probabilities of classes: of the target for 1, of the weights for 2."""
    plain, smoothing = labels(c), c.params.get("label_smoothing", 0.0)
    weights = c.args[2] if len(c.args) > 2 else np.ones(plain.shape[-1])
    kept = 1 if (ignored := c.params.get("ignore_index")) is None else (c.args[1] != ignored)[..., None]
    wanted = kept * ((1 - smoothing) * plain + smoothing / plain.shape[-1])
    plain = kept * plain
    over_labels = c.params["reduction"] == "mean" and c.args[1].dtype.kind != "f"
    part = c.g / np.sum(weights * plain) if over_labels else share(c, 1)
    if i == 0:
        q = weights * wanted
        return part * (q if found is c.args[0] else np.exp(found) * q.sum(-1, keepdims=True) * -1 + q) * -1
    if i == 1:
        return -part * (1 - smoothing) * weights * found
    each = -wanted * found - (c.results[0] * plain if over_labels else 0)
    return np.sum(part * each, axis=tuple(range(each.ndim - 1)))


def summed(entry: Any, shape: tuple[int, ...]) -> Any:
    entry = np.sum(entry, axis=tuple(range(entry.ndim - len(shape))))
    return np.sum(entry, axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True).reshape(shape)


def binary(c: Any, i: int) -> Any:
    x, t = c.args[:2]
    w, yes = (c.args[k] if len(c.args) > k else np.ones(()) for k in (2, 3))
    if i == 0:
        return share(c) * w * ((1 - t) * sigmoid(x) - yes * t * sigmoid(-x))
    if i == 1:
        return share(c) * w * (yes * softplus(-x) - softplus(x))
    each = yes * t * softplus(-x) + (1 - t) * softplus(x) if i == 2 else w * t * softplus(-x)
    return summed(share(c) * each, c.args[i].shape)


def focal(c: Any, i: int) -> Any:
    """The slope by differences of the definition: it is all that is said of it."""

    def loss(x: Any, t: Any) -> Any:
        missed = sigmoid(x) * (1 - t) + sigmoid(-x) * t
        alpha = c.params["alpha"]
        balance = 1 if alpha is None else alpha * t + (1 - alpha) * (1 - t)
        return balance * missed ** c.params["gamma"] * (t * softplus(-x) + (1 - t) * softplus(x))

    def moved(by: float) -> Any:
        return loss(*(arg + by * (k == i) for k, arg in enumerate(c.args)))

    step = 1e-3  # of the fourth order: precise to its fourth power
    slope = (8 * (moved(step) - moved(-step)) - moved(2 * step) + moved(-2 * step)) / (12 * step)
    return share(c) * slope


def divergence(c: Any, i: int) -> Any:
    x, t = c.args
    p, logs = (np.exp(t), t) if c.params["log_target"] else (t, np.log(t))
    if i == 0:
        return -share(c) * p
    return share(c) * (logs + 1 - x) * (p if c.params["log_target"] else 1)


def poisson(c: Any, i: int) -> Any:
    x, t = c.args
    rate = x + c.params["eps"]
    if i == 0:
        return share(c) * (np.exp(x) - t if c.params["log_input"] else 1 - t / rate)
    more = np.where(t > 1, np.log(t) + 0.5 / t, 0) if c.params["full"] else 0
    return share(c) * (more - (x if c.params["log_input"] else np.log(rate)))


def gaussian(c: Any, i: int) -> Any:
    p, t, v = c.args
    return share(c) * [(p - t) / v, (t - p) / v, (1 - (p - t) ** 2 / v) / (2 * v)][i]


def signs(target: Any) -> Any:
    return np.where(target > 0, 1.0, -1.0)


def hinge(c: Any, i: int) -> Any:
    s = signs(c.args[1])
    return -share(c) * s * (s * c.args[0] < 1)


def ranking(c: Any, i: int) -> Any:
    first, second, target = c.args
    s = signs(target)
    return (-1, 1)[i] * share(c) * s * (s * (first - second) < c.params["margin"])


def multi_margin(c: Any, i: int) -> Any:
    scores, target = c.args[:2]
    chosen, power = labels(c), c.params["p"]
    own = np.sum(scores * chosen, axis=-1, keepdims=True)
    lacking = np.maximum(c.params["margin"] - own + scores, 0) * (1 - chosen)
    classes = scores.shape[-1]
    if i == 2:
        each = np.sum(lacking**power, axis=-1, keepdims=True) / classes
        return np.sum((share(c, 1) * each * chosen).reshape(-1, classes), axis=0)
    pushed = share(c, 1) / classes * ((lacking > 0) if power == 1 else 2 * lacking)
    pushed = pushed * (c.args[2][target][..., None] if len(c.args) > 2 else 1)
    return pushed - chosen * pushed.sum(axis=-1, keepdims=True)


def cosine(c: Any, i: int) -> Any:
    own, other, target = c.args[i], c.args[1 - i], c.args[2]
    length, far = (np.linalg.norm(x, axis=-1, keepdims=True) for x in (own, other))
    near = np.sum(own * other, axis=-1, keepdims=True) / (length * far)
    slope = (other / far - near * own / length) / length
    yes = (target > 0)[..., None]
    return share(c, 1) * np.where(yes, -1.0, near > c.params["margin"]) * slope


def triplet(c: Any, i: int) -> Any:
    anchor, positive, negative = c.args
    p = c.params["p"]
    apart = [anchor - x + 1e-6 for x in (positive, negative)]
    long = [np.linalg.norm(x, p, axis=-1, keepdims=True) for x in apart]
    ways = [np.sign(x) * (np.abs(x) / n) ** (p - 1) for x, n in zip(apart, long, strict=True)]
    inside = c.params["margin"] + long[0] - long[1] > 0
    return share(c, 1) * inside * (ways[0] - ways[1], -ways[0], ways[1])[i]


def error(c: Any, i: int) -> Any:
    return c.args[i] - c.args[1 - i]


CURVED: Mapping[str, Said] = {
    **{name: lambda c, i, f=f: c.g * f(c.args[0], **c.params) for name, f in SLOPES.items()},
    "softmin": softmin,
    "glu": glu,
    "mae": lambda c, i: share(c) * np.sign(error(c, i)),
    "huber": lambda c, i: share(c) * np.clip(error(c, i), -c.params["delta"], c.params["delta"]),
    "smooth_l1": lambda c, i: (
        share(c) * (np.clip(error(c, i) / c.params["beta"], -1, 1) if c.params["beta"] else np.sign(error(c, i)))
    ),
    "cross_entropy": lambda c, i: of_classes(c, i, log_softmax(c.args[0])),
    "nll": lambda c, i: of_classes(c, i, c.args[0]),
    "binary_cross_entropy": binary,
    "focal": focal,
    "kl_divergence": divergence,
    "poisson_nll": poisson,
    "gaussian_nll": gaussian,
    "hinge": hinge,
    "multi_margin": multi_margin,
    "margin_ranking": ranking,
    "cosine_embedding": cosine,
    "triplet_margin": triplet,
}
