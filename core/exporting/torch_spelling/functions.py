"""How functions of one element, roundings and questions are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Call, Spelling, function, settings
from .words import cast

_OF_ONE_NAME = (
    *("rsqrt", "expm1", "exp2", "log1p", "log2", "log10", "logaddexp", "erf", "erfc", "hypot", "tan", "sinh", "cosh"),
    *("sign", "floor", "ceil", "trunc", "isfinite", "isnan", "isinf"),
    *("logical_and", "logical_or", "logical_not", "logical_xor"),
)
_OTHER_NAMES = {
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")},
    "mod": "remainder",
}


def _round(call: Call) -> str:
    decimals = call.params["decimals"]
    if not decimals:
        return f"torch.round({call.x})"
    if call.ins[0].floating:
        return f"torch.round({call.x}, decimals={decimals})"
    if decimals > 0:
        return call.x
    return cast(f"torch.round({cast(call.x, 'float64')}, decimals={decimals})", call.ins[0].dtype)


SPELLINGS: Mapping[str, Spelling] = {
    **{name: function(f"torch.{name}") for name in _OF_ONE_NAME},
    **{name: function(f"torch.{other}") for name, other in _OTHER_NAMES.items()},
    "cbrt": lambda call: f"torch.sign({call.x}) * torch.abs({call.x}) ** (1 / 3)",
    "round": _round,
    "nan_to_num": lambda call: f"torch.nan_to_num({call.x}{settings(call, nan=0.0, posinf=None, neginf=None)})",
    "floor_divide": lambda call: f'torch.div({", ".join(call.args)}, rounding_mode="floor")',
}

NOTES: Mapping[str, str] = {
    "cbrt": "at 0 the gradient is NaN here and infinite in Gradwire",
    "hypot": "at (0, 0) the gradient is NaN here and 0 in Gradwire",
    "sign": "of NaN it is 0 here and NaN in Gradwire",
}
