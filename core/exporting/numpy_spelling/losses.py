"""How losses are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Call, Spelling, loss


def _cross_entropy(call: Call) -> str:
    name = "soft_cross_entropy" if call.ins[1].floating else "cross_entropy"
    return loss(call, f"{name}({', '.join(call.args)})", "np.mean", "np.sum")


SPELLINGS: Mapping[str, Spelling] = {
    "mse": lambda call: loss(call, f"np.square({call.args[0]} - {call.args[1]})", "np.mean", "np.sum"),
    "cross_entropy": _cross_entropy,
    "nll": lambda call: loss(call, f"-pick({', '.join(call.args)})", "np.mean", "np.sum"),
    "binary_cross_entropy": lambda call: loss(
        call, f"binary_cross_entropy({', '.join(call.args)})", "np.mean", "np.sum"
    ),
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
    "binary_cross_entropy": '''def binary_cross_entropy(logits, target):
    """Of the sigmoid of the logits, without overflow."""
    return np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))''',
}
