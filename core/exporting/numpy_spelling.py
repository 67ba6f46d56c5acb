"""How ops are written with NumPy. What takes more than one line is a function of its own, in `HELPERS`.

An op that is not in `SPELLINGS` brings its own forward along, which runs as well and reads less well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import initial, literals
from .calls import Call, Spelling, function, loss, operator, reductions


def dtype(kind: np.dtype[Any] | str) -> str:
    """`np.float32`."""
    name = np.dtype(kind).name
    return f"np.{name}" + "_" * (name == "bool")


def cast(value: str, kind: np.dtype[Any] | str) -> str:
    """`value` as another dtype."""
    return f"{value}.astype({dtype(kind)})"


def constant(value: Any, kind: str) -> str:
    """A value that is known now."""
    if isinstance(value, (list, tuple)):
        return f"np.array({literals.nested(value)}, dtype={dtype(kind)})"
    return f"{dtype(kind)}({literals.number(value)})"


def _reduce(name: str) -> Spelling:
    def spell(call: Call) -> str:
        axis, keepdims = reductions(call)
        extra = ", dtype=np.int64" * (name == "np.sum" and not call.ins[0].floating)
        return f"{name}({call.x}{f', axis={axis}' if axis else ''}{', keepdims=True' * keepdims}{extra})"

    return spell


def _transpose(call: Call) -> str:
    if call.params["axes"] is not None:
        return f"np.transpose({call.x}, {literals.shape(call.params['axes'])})"
    return {0: call.x, 1: call.x, 2: f"{call.x}.T"}.get(call.ndim, f"np.swapaxes({call.x}, -1, -2)")


def _clip(call: Call) -> str:
    low, high = (call.params[name] for name in ("low", "high"))
    if low is None and high is None:
        return call.x
    if high is None:
        return f"np.maximum({call.x}, {literals.number(low)})"
    if low is None:
        return f"np.minimum({call.x}, {literals.number(high)})"
    return f"np.clip({call.x}, {literals.number(low)}, {literals.number(high)})"


def _cut(call: Call, axis: int) -> str:
    return literals.cut(axis, call.params["start"], call.params["stop"], call.params["step"])


def _place(call: Call) -> str:
    shape = call.params["shape"]
    index = _cut(call, call.params["axis"] % len(shape))
    return f"place({call.x}, {literals.shape(shape)}, np.s_[{index}])"


def _cross_entropy(call: Call) -> str:
    name = "soft_cross_entropy" if call.ins[1].floating else "cross_entropy"
    return loss(call, f"{name}({', '.join(call.args)})", "np.mean", "np.sum")


def _softmax(name: str) -> Spelling:
    return lambda call: f"{name}({call.x}, axis={call.params['axis']})"


def _dropout(call: Call) -> str:
    return f"dropout({call.x}, {literals.number(call.params['rate'])}, rng) if training else {call.x}"


WORDS = initial.Words(
    "np", "rng.standard_normal", "rng.random", lambda kind: f", dtype={dtype(kind)}", constant
)  # random numbers are drawn by `rng`

SPELLINGS: Mapping[str, Spelling] = {
    **{name: operator(sign) for name, sign in (("add", "+"), ("subtract", "-"), ("multiply", "*"), ("divide", "/"))},
    **{name: operator(sign) for name, sign in (("equal", "=="), ("not_equal", "!="), ("less", "<"))},
    **{name: operator(sign) for name, sign in (("less_equal", "<="), ("greater", ">"), ("greater_equal", ">="))},
    **{name: function(f"np.{name}") for name in ("exp", "log", "sqrt", "reciprocal", "sin", "cos", "tanh", "power")},
    **{name: function(f"np.{name}") for name in ("maximum", "minimum", "where", "abs", "square")},
    **{name: function(name) for name in ("sigmoid", "softplus")},
    **{name: _softmax(name) for name in ("softmax", "log_softmax")},
    **{name: lambda call: call.x for name in ("identity", "detach", "assign")},
    "matmul": operator("@"),
    "accumulate": operator("+"),
    "negative": lambda call: f"-{call.x}",
    "clip": _clip,
    "cast": lambda call: cast(call.x, call.params["dtype"]),
    "reshape": lambda call: f"{call.x}.reshape({literals.shape(call.params['shape'])})",
    "flatten": lambda call: f"{call.x}.reshape({call.x}.shape[0], -1)",
    "transpose": _transpose,
    "broadcast_to": lambda call: f"np.broadcast_to({call.x}, {literals.shape(call.params['shape'])})",
    "sum_to": lambda call: f"sum_to({call.x}, {literals.shape(call.params['shape'])})",
    "sum": _reduce("np.sum"),
    "mean": _reduce("np.mean"),
    "max": _reduce("np.max"),
    "logsumexp": _reduce("logsumexp"),
    "argmax": _reduce("np.argmax"),
    "concat": lambda call: f"np.concatenate([{', '.join(call.args)}], axis={call.params['axis']})",
    "slice": lambda call: f"{call.x}[{_cut(call, call.axis)}]",
    "place": _place,
    "gather": lambda call: f"np.take({call.x}, {call.args[1]}, axis={call.params['axis']})",
    "scatter_add": lambda call: (
        f"scatter_add({', '.join(call.args)}, {literals.shape(call.params['shape'])}, "
        f"axis={call.params['axis'] % len(call.params['shape'])})"
    ),
    "one_hot": lambda call: cast(f"({call.x}[..., None] == np.arange({call.params['classes']}))", call.params["dtype"]),
    "relu": lambda call: f"np.maximum({call.x}, 0)",
    "leaky_relu": lambda call: f"np.where({call.x} > 0, {call.x}, {call.x} * {literals.number(call.params['slope'])})",
    "mse": lambda call: loss(call, f"np.square({call.args[0]} - {call.args[1]})", "np.mean", "np.sum"),
    "cross_entropy": _cross_entropy,
    "nll": lambda call: loss(call, f"-pick({', '.join(call.args)})", "np.mean", "np.sum"),
    "binary_cross_entropy": lambda call: loss(
        call, f"binary_cross_entropy({', '.join(call.args)})", "np.mean", "np.sum"
    ),
    "print": lambda call: f"show({call.x}, {literals.text(call.params['message'])})",
    "constant": lambda call: constant(call.params["value"], call.params["dtype"]),
    "random_normal": lambda call: initial.normal(call.params, WORDS),
    "random_uniform": lambda call: initial.uniform(call.params, WORDS),
    "dropout": _dropout,
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
    "logsumexp": """def logsumexp(x, axis=None, keepdims=False):
    greatest = np.max(x, axis=axis, keepdims=True)
    greatest = np.where(np.isfinite(greatest), greatest, x.dtype.type(0))
    total = np.sum(np.exp(x - greatest), axis=axis, keepdims=keepdims)
    with np.errstate(divide="ignore"):
        return np.log(total) + greatest.reshape(total.shape)""",
    "sum_to": '''def sum_to(x, shape):
    """Sum over the axes along which `shape` was broadcast to x."""
    extra = x.ndim - len(shape)
    axes = tuple(i for i in range(x.ndim) if i < extra or (shape[i - extra] == 1 and x.shape[i] != 1))
    return np.sum(x, axis=axes, dtype=x.dtype).reshape(shape)''',
    "place": '''def place(x, shape, index):
    """Zeros of `shape` with x at `index`."""
    y = np.zeros(shape, dtype=x.dtype)
    y[index] = x
    return y''',
    "scatter_add": '''def scatter_add(x, indices, shape, axis):
    """Zeros of `shape` to which the parts of x are added at `indices` along `axis`."""
    y = np.zeros(shape, dtype=x.dtype)
    rows = np.moveaxis(y, axis, 0)  # a view of y
    parts = np.moveaxis(x, range(axis, axis + indices.ndim), range(indices.ndim))
    np.add.at(rows, indices, parts)
    return y''',
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
    "dropout": '''def dropout(x, rate, rng):
    """Each element becomes 0 with probability `rate`; the others grow, so that the mean stays."""
    scale = 1 / (1 - rate) if rate < 1 else 0.0
    return x * ((rng.random(x.shape, dtype=x.dtype) >= rate) * x.dtype.type(scale))''',
    "show": """def show(x, message):
    print(message, x.shape, x.dtype, x, file=sys.stderr)
    return x""",
}
