"""How losses are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, loss


def _wired(call: Call) -> list[str]:
    """The arguments without the optional ports that are open."""
    return [arg for arg in call.args if arg != "None"]


def _rows(name: str, *params: str) -> Spelling:
    """A function of the arguments and of parameters, by their places, that gives the loss of each row."""

    def spell(call: Call) -> str:
        given = (*call.args, *(literals.plain(call.params[parameter]) for parameter in params))
        return loss(call, f"{name}({', '.join(given)})", "np.mean", "np.sum")

    return spell


def _weighted_mean(call: Call, rows: str, weights: str, target: str) -> str:
    """The reduction of losses of labels that were multiplied by their weights."""
    if call.params["reduction"] == "mean":
        return f"np.sum({rows}) / np.sum({weights}[{target}])"
    return loss(call, rows, "np.mean", "np.sum")


def _ignoring(spell: Spelling) -> Spelling:
    """A loss of labels of which one is ignored: that of the others, told row by row where they are not reduced."""

    def spelled(call: Call) -> str:
        ignored = call.params["ignore_index"]
        if ignored is None:
            return spell(call)
        rows, target, *weights = call.args
        if call.params["reduction"] == "none":
            labels = f"np.where({target} == {ignored}, 0, {target})"
            losses = spell(call._replace(args=(rows, labels, *weights)))
            return f"np.where({target} == {ignored}, 0, {losses}).astype({rows}.dtype)"
        kept = f"[{target} != {ignored}]"
        return spell(call._replace(args=(f"{rows}{kept}", f"{target}{kept}", *weights)))

    return spelled


def _cross_entropy(call: Call) -> str:
    logits, target, *weights = _wired(call)
    soft, smoothing = call.ins[1].floating, call.params["label_smoothing"]
    if not weights and not smoothing:
        return loss(call, f"{'soft_' * soft}cross_entropy({logits}, {target})", "np.mean", "np.sum")
    rows = f"smoothed_cross_entropy({', '.join((logits, target, *(weights or ['None']), literals.number(smoothing)))})"
    return (
        loss(call, rows, "np.mean", "np.sum") if soft or not weights else _weighted_mean(call, rows, weights[0], target)
    )


def _nll(call: Call) -> str:
    rows, target, *weights = _wired(call)
    picked = f"-pick({rows}, {target})"
    if not weights:
        return loss(call, picked, "np.mean", "np.sum")
    return _weighted_mean(call, f"{picked} * {weights[0]}[{target}]", weights[0], target)


def _binary_cross_entropy(call: Call) -> str:
    if len(_wired(call)) == 2:
        return _rows("binary_cross_entropy")(call._replace(args=call.args[:2]))
    return _rows("weighted_binary_cross_entropy")(call)


def _kl_divergence(call: Call) -> str:
    each = f"kl_divergence({', '.join(call.args)}, {literals.plain(call.params['log_target'])})"
    if call.params["reduction"] == "batchmean":
        return f"np.sum({each}) / {call.ins[0].shape[0] if call.ndim else 1}"
    return loss(call, each, "np.mean", "np.sum")


def _multi_margin(call: Call) -> str:
    scores, target, *weights = _wired(call)
    p, margin = (literals.number(call.params[name]) for name in ("p", "margin"))
    rows = f"multi_margin({scores}, {target}, {p}, {margin})"
    return loss(call, f"{rows} * {weights[0]}[{target}]" if weights else rows, "np.mean", "np.sum")


SPELLINGS: Mapping[str, Spelling] = {
    "mse": lambda call: loss(call, f"np.square({call.args[0]} - {call.args[1]})", "np.mean", "np.sum"),
    "mae": lambda call: loss(call, f"np.abs({call.args[0]} - {call.args[1]})", "np.mean", "np.sum"),
    "huber": _rows("huber", "delta"),
    "smooth_l1": _rows("smooth_l1", "beta"),
    "cross_entropy": _ignoring(_cross_entropy),
    "nll": _ignoring(_nll),
    "binary_cross_entropy": _binary_cross_entropy,
    "focal": _rows("focal", "gamma", "alpha"),
    "kl_divergence": _kl_divergence,
    "poisson_nll": _rows("poisson_nll", "log_input", "full", "eps"),
    "gaussian_nll": _rows("gaussian_nll", "full", "eps"),
    "hinge": _rows("hinge"),
    "multi_margin": _multi_margin,
    "margin_ranking": _rows("margin_ranking", "margin"),
    "cosine_embedding": _rows("cosine_embedding", "margin"),
    "triplet_margin": _rows("triplet_margin", "margin", "p"),
}

HELPERS: Mapping[str, str] = {
    "pick": '''def pick(rows, labels):
    """The element of each row at its label."""
    return np.take_along_axis(rows, labels[..., None], axis=-1)[..., 0]''',
    "cross_entropy": '''def cross_entropy(logits, labels):
    """Minus the logarithm of the probability of each row's label."""
    centred = logits - np.max(logits, axis=-1, keepdims=True)
    return np.log(np.sum(np.exp(centred), axis=-1)) - pick(centred, labels)''',
    "soft_cross_entropy": '''def soft_cross_entropy(logits, probabilities):
    """The cross-entropy of each row with the probabilities wanted."""
    centred = logits - np.max(logits, axis=-1, keepdims=True)
    normaliser = np.log(np.sum(np.exp(centred), axis=-1, keepdims=True))
    return np.sum(probabilities.astype(logits.dtype) * (normaliser - centred), axis=-1)''',
    "smoothed_cross_entropy": '''def smoothed_cross_entropy(logits, target, weights, label_smoothing):
    """The cross-entropy of each row with a target of which a share goes evenly to all classes, which have weights."""
    classes = logits.shape[-1]
    wanted = target if target.dtype.kind == "f" else np.eye(classes)[target]
    wanted = ((1 - label_smoothing) * wanted + label_smoothing / classes).astype(logits.dtype)
    return soft_cross_entropy(logits, wanted if weights is None else weights * wanted)''',
    "binary_cross_entropy": '''def binary_cross_entropy(logits, target):
    """Of the sigmoid of the logits, without overflow."""
    return np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))''',
    "weighted_binary_cross_entropy": '''def weighted_binary_cross_entropy(logits, target, weights, pos_weight):
    """Of the sigmoid of the logits, with weights of the elements and of positive targets."""
    positive = target if pos_weight is None else pos_weight * target
    losses = positive * np.logaddexp(0, -logits) + (1 - target) * np.logaddexp(0, logits)
    return losses if weights is None else weights * losses''',
    "focal": '''def focal(logits, target, gamma, alpha):
    """The binary cross-entropy, less where the answer is nearly right."""
    yes, no = np.exp(-np.logaddexp(0, -logits)), np.exp(-np.logaddexp(0, logits))
    losses = target * np.logaddexp(0, -logits) + (1 - target) * np.logaddexp(0, logits)
    losses = (yes * (1 - target) + no * target) ** gamma * losses
    return losses if alpha is None else (alpha * target + (1 - alpha) * (1 - target)) * losses''',
    "huber": """def huber(prediction, target, delta):
    size = np.abs(prediction - target)
    inner = np.minimum(size, delta)
    return inner * (size - 0.5 * inner)""",
    "smooth_l1": """def smooth_l1(prediction, target, beta):
    size = np.abs(prediction - target)
    inner = np.minimum(size, beta)
    return inner / beta * (size - 0.5 * inner) if beta else size""",
    "kl_divergence": '''def kl_divergence(log_probabilities, target, log_target):
    """What each element adds to the divergence; a probability of 0 adds 0."""
    share = np.exp(target) if log_target else target
    logs = target if log_target else np.log(np.where(target == 0, 1, target))
    with np.errstate(invalid="ignore"):
        return np.where(share == 0, 0, share * (logs - log_probabilities))''',
    "poisson_nll": '''def poisson_nll(prediction, target, log_input, full, eps):
    """Of counts; with full and above 1 also Stirling's approximation of the logarithm of their factorials."""
    losses = np.exp(prediction) - target * prediction if log_input else prediction - target * np.log(prediction + eps)
    many = np.where(target > 1, target, 1).astype(target.dtype)
    stirling = many * np.log(many) - many + 0.5 * np.log(2 * np.pi * many)
    return losses + np.where(target > 1, stirling, 0) if full else losses''',
    "gaussian_nll": """def gaussian_nll(prediction, target, variance, full, eps):
    kept = np.maximum(variance, eps)
    losses = 0.5 * (np.log(kept) + np.square(prediction - target) / kept)
    return losses + 0.5 * np.log(2 * np.pi).item() if full else losses""",
    "signed": '''def signed(target, value):
    """The value where the target is positive, and its opposite elsewhere."""
    return np.where(target > 0, value, -value)''',
    "hinge": """def hinge(prediction, target):
    return np.maximum(1 - signed(target, prediction), 0)""",
    "multi_margin": '''def multi_margin(scores, target, p, margin):
    """What each row's label lacks until it is a margin above the other classes."""
    missing = np.maximum(margin - pick(scores, target)[..., None] + scores, 0)
    return np.mean(np.where(np.arange(scores.shape[-1]) == target[..., None], 0, missing**p), axis=-1)''',
    "margin_ranking": """def margin_ranking(first, second, target, margin):
    return np.maximum(margin - signed(target, first - second), 0)""",
    "cosine_embedding": '''def cosine_embedding(first, second, target, margin):
    """1 less the cosine where the target is positive, else the cosine beyond the margin."""
    lengths = [np.sqrt(np.sum(np.square(x), axis=-1) + np.float32(1e-12)) for x in (first, second)]
    cosine = np.sum(first * second, axis=-1) / (lengths[0] * lengths[1])
    return np.where(target > 0, 1 - cosine, np.maximum(cosine - margin, 0))''',
    "triplet_margin": """def triplet_margin(anchor, positive, negative, margin, p):
    near = np.linalg.norm(anchor - positive + 1e-6, p, axis=-1)
    far = np.linalg.norm(anchor - negative + 1e-6, p, axis=-1)
    return np.maximum(margin + near - far, 0)""",
}
