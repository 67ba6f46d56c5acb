"""How activations are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, function


def _softmax(name: str) -> Spelling:
    return lambda call: f"{name}({call.x}, axis={call.params['axis']})"


def _given(name: str, *params: str) -> Spelling:
    """A function of `x` and of parameters, by their places."""
    return lambda call: f"{name}({', '.join((call.x, *(literals.number(call.params[p]) for p in params)))})"


def _hard(call: Call) -> str:
    number = literals.number(call.params["threshold"])
    return f"np.where(np.abs({call.x}) <= {number}, 0, {call.x})"


def _soft(call: Call) -> str:
    number = literals.number(call.params["threshold"])
    return f"{call.x} - np.clip({call.x}, -{number}, {number})"


def _threshold(call: Call) -> str:
    threshold, value = (literals.number(call.params[name]) for name in ("threshold", "value"))
    return f"np.where({call.x} <= {threshold}, {value}, {call.x})"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: function(name) for name in ("sigmoid", "softplus", "silu", "mish", "softsign", "log_sigmoid", "prelu")},
    **{name: _softmax(name) for name in ("softmax", "log_softmax", "softmin", "glu")},
    "relu": lambda call: f"np.maximum({call.x}, 0)",
    "leaky_relu": lambda call: f"np.where({call.x} > 0, {call.x}, {call.x} * {literals.number(call.params['slope'])})",
    "gelu": lambda call: f"{'gelu' if call.params['approximate'] == 'none' else 'gelu_by_tanh'}({call.x})",
    "elu": _given("elu", "alpha"),
    "selu": lambda call: f"1.0507009873554805 * elu({call.x}, 1.6732632423543772)",
    "celu": _given("celu", "alpha"),
    "tanhshrink": lambda call: f"{call.x} - np.tanh({call.x})",
    "relu6": lambda call: f"np.clip({call.x}, 0, 6)",
    "hardtanh": _given("np.clip", "low", "high"),
    "hardsigmoid": lambda call: f"np.clip({call.x} + 3, 0, 6) / 6",
    "hardswish": lambda call: f"np.maximum({call.x}, -3) * (np.clip({call.x} + 3, 0, 6) / 6)",
    "threshold": _threshold,
    "softshrink": _soft,
    "hardshrink": _hard,
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
    "lowest": '''def lowest(x):
    """x, but the lowest finite number for -inf: times the 0 that it meets there it is 0, and not NaN."""
    return np.maximum(x, np.finfo(x.dtype).min)''',
    "silu": """def silu(x):
    with np.errstate(over="ignore"):  # exp(-x) may be infinite: the result is then 0, as it should be
        return lowest(x) / (1 + np.exp(-x))""",
    "mish": """def mish(x):
    return lowest(x) * np.tanh(softplus(x))""",
    "gelu": """def gelu(x):
    from scipy import special

    return 0.5 * lowest(x) * special.erfc(x * -np.sqrt(0.5).item())  # 1 + erf would round small ones off""",
    "gelu_by_tanh": """def gelu_by_tanh(x):
    near = np.clip(x, -100, 100)
    return lowest(x) * sigmoid(2 * np.sqrt(2 / np.pi).item() * (near + 0.044715 * near * near * near))""",
    "elu": """def elu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))""",
    "celu": """def celu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha))""",
    "softsign": """def softsign(x):
    x = np.clip(x, -np.finfo(x.dtype).max, np.finfo(x.dtype).max)  # infinities would give NaN
    return x / (1 + np.abs(x))""",
    "log_sigmoid": """def log_sigmoid(x):
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))""",
    "softmin": """def softmin(x, axis):
    return softmax(-x, axis=axis)""",
    "glu": """def glu(x, axis):
    a, b = np.split(x, 2, axis=axis)
    return a * sigmoid(b)""",
    "prelu": """def prelu(x, slope):
    return np.where(x > 0, x, slope * np.minimum(x, 0))""",
}
