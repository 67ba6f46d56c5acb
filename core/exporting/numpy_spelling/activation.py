"""How activations are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Spelling, function


def _softmax(name: str) -> Spelling:
    return lambda call: f"{name}({call.x}, axis={call.params['axis']})"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: function(name) for name in ("sigmoid", "softplus")},
    **{name: _softmax(name) for name in ("softmax", "log_softmax")},
    "relu": lambda call: f"np.maximum({call.x}, 0)",
    "leaky_relu": lambda call: f"np.where({call.x} > 0, {call.x}, {call.x} * {literals.number(call.params['slope'])})",
}

HELPERS: Mapping[str, str] = {
    "sigmoid": """def sigmoid(x):
    with np.errstate(over="ignore"):  # exp(-x) may be infinite: the result is then 0, as it should be
        return 1 / (1 + np.exp(-x))""",
    "softplus": '''def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))''',
    "softmax": """def softmax(x, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))  # the greatest is taken off, lest exp overflow
    return e / np.sum(e, axis=axis, keepdims=True)""",
    "log_softmax": """def log_softmax(x, axis):
    centred = x - np.max(x, axis=axis, keepdims=True)
    return centred - np.log(np.sum(np.exp(centred), axis=axis, keepdims=True))""",
}
