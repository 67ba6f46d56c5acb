"""How activations are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, function


def _given(name: str, *params: str) -> Spelling:
    """A function of `x` and of parameters, by their places."""
    return lambda call: f"{name}({', '.join((call.x, *(literals.number(call.params[p]) for p in params)))})"


def _along(name: str) -> Spelling:
    return lambda call: f"{name}({call.x}, dim={call.params['axis']})"


def _gelu(call: Call) -> str:
    how = call.params["approximate"]
    return f"F.gelu({call.x}{f', approximate={literals.text(how)}' * (how != 'none')})"


def _prelu(call: Call) -> str:
    """PyTorch's takes one slope, or one for each of axis 1."""
    x, slope = call.args
    shape, slopes = call.ins[0].shape, call.ins[1].shape
    if slopes in ((), (1,)):
        return f"F.prelu({x}, {slope})"
    if len(shape) == 2 and slopes == shape[1:]:
        return f"F.prelu({x}, {slope})"
    if len(shape) > 2 and slopes == (shape[1], *[1] * (len(shape) - 2)):
        return f"F.prelu({x}, {slope}.reshape(-1))"
    return f"torch.where({x} > 0, {x}, {slope} * {x})"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: function(f"F.{name}") for name in ("relu", "relu6", "selu", "silu", "mish", "softsign", "softplus")},
    **{name: function(f"F.{name}") for name in ("hardsigmoid", "hardswish", "tanhshrink")},
    "leaky_relu": _given("F.leaky_relu", "slope"),
    "log_sigmoid": function("F.logsigmoid"),
    "softmax": _along("torch.softmax"),
    "log_softmax": _along("torch.log_softmax"),
    "softmin": _along("F.softmin"),
    "glu": _along("F.glu"),
    "elu": _given("F.elu", "alpha"),
    "celu": _given("F.celu", "alpha"),
    "gelu": _gelu,
    "hardtanh": _given("F.hardtanh", "low", "high"),
    "threshold": _given("F.threshold", "threshold", "value"),
    "softshrink": _given("F.softshrink", "threshold"),
    "hardshrink": _given("F.hardshrink", "threshold"),
    "prelu": _prelu,
}

NOTES: Mapping[str, str] = {
    "softplus": "linear above 20, as PyTorch has it: within 1e-8 of the exact value",
    **dict.fromkeys(("gelu", "silu", "mish"), "NaN at -inf, where it is 0 in Gradwire"),
    "softsign": "NaN at infinities, where it is 1 and -1 in Gradwire",
}
