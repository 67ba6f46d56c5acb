"""How normalisation is written with NumPy; what running statistics are to be next is a call of its own."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling


def _scaled(call: Call, normal: str) -> str:
    """What was normalised, by gamma and beta where they are wired."""
    gamma, beta = [*call.args[1:], "None", "None"][:2]
    return normal + (f" * {gamma}" if gamma != "None" else "") + (f" + {beta}" if beta != "None" else "")


def _layer_norm(call: Call) -> str:
    axis = literals.plain(call.params["axis"])
    return _scaled(call, f"normalised({call.x}, {axis}, {literals.number(call.params['eps'])})")


def _rms_norm(call: Call) -> str:
    axis = literals.plain(call.params["axis"])
    return _scaled(call, f"by_root_mean_square({call.x}, {axis}, {literals.number(call.params['eps'])})")


def _group_norm(call: Call) -> str:
    gamma, beta = [*call.args[1:], "None", "None"][:2]
    eps = literals.number(call.params["eps"])
    return f"group_norm({call.x}, {call.params['groups']}, {gamma}, {beta}, {eps})"


def _batch_norm(call: Call) -> str:
    gamma, beta, mean, variance = [*call.args[1:], *["None"] * 4][:4]
    training = "training" if mean != "None" else "True"
    given = f"{gamma}, {beta}, {mean}, {variance}, {literals.number(call.params['eps'])}, {training}"
    return f"batch_norm({call.x}, {given})"


def _moved(call: Call) -> str:
    mean, variance = [*call.args[1:], *["None"] * 4][2:4]
    return f"moved_statistics({call.x}, {mean}, {variance}, {literals.number(call.params['momentum'])}, training)"


KEPT: Mapping[str, Spelling] = {"batch_norm": _moved}

SPELLINGS: Mapping[str, Spelling] = {
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "batch_norm": _batch_norm,
}

HELPERS: Mapping[str, str] = {
    "normalised": '''def normalised(x, axis, eps):
    """x at mean 0 and variance 1 over the axes."""
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + x.dtype.type(eps))''',
    "by_root_mean_square": '''def by_root_mean_square(x, axis, eps):
    """x divided by its root mean square over the axes."""
    return x / np.sqrt(np.square(x).mean(axis, keepdims=True) + x.dtype.type(eps))''',
    "group_norm": '''def group_norm(x, groups, gamma, beta, eps):
    """Groups of the channels of each sample of x (N, C, ...) normalised."""
    kept = (1, -1, *[1] * (x.ndim - 2))
    y = normalised(x.reshape(len(x), groups, x[0].size // groups), 2, eps).reshape(x.shape)
    y = y if gamma is None else y * gamma.reshape(kept)
    return y if beta is None else y + beta.reshape(kept)''',
    "batch_norm": '''def batch_norm(x, gamma, beta, running_mean, running_var, eps, training):
    """Each channel of x (N, C, ...) normalised: by the batch in training, else by the running statistics."""
    kept = (1, -1, *[1] * (x.ndim - 2))
    axes = (0, *range(2, x.ndim))
    mean = (x.mean(axes) if training else running_mean).reshape(kept)
    variance = (x.var(axes) if training else running_var).reshape(kept)
    y = (x - mean) / np.sqrt(variance + x.dtype.type(eps))
    y = y if gamma is None else y * gamma.reshape(kept)
    return y if beta is None else y + beta.reshape(kept)''',
    "moved_statistics": '''def moved_statistics(x, running_mean, running_var, momentum, training):
    """The running statistics after a batch x (N, C, ...): moved towards its own in training, else as they are."""
    if not training:
        return running_mean, running_var
    axes = (0, *range(2, x.ndim))
    old, new = x.dtype.type(1 - momentum), x.dtype.type(momentum)
    return running_mean * old + x.mean(axes) * new, running_var * old + x.var(axes, ddof=1) * new''',
}
