"""How functions of one element, roundings and questions are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Call, Spelling, function, operator, settings

_OF_ONE_NAME = (
    *(
        "cbrt",
        "expm1",
        "exp2",
        "log1p",
        "log2",
        "log10",
        "logaddexp",
        "hypot",
        "tan",
        "arcsin",
        "arccos",
        "arctan",
        "arctan2",
    ),
    *("sinh", "cosh", "arcsinh", "arccosh", "arctanh", "sign", "isfinite", "isnan", "isinf"),
    *("logical_and", "logical_or", "logical_not", "logical_xor"),
)


def _rounding(name: str) -> Spelling:
    """Integers stay as they are, which NumPy 2.0 would make floats."""
    return lambda call: f"np.{name}({call.x})" if call.ins[0].floating else call.x


def _round(call: Call) -> str:
    decimals = call.params["decimals"]
    return f"np.round({call.x}{f', {decimals}' if decimals else ''})"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: function(f"np.{name}") for name in _OF_ONE_NAME},
    **{name: _rounding(name) for name in ("floor", "ceil", "trunc")},
    "rsqrt": lambda call: f"1 / np.sqrt({call.x})",
    "erf": function("erf"),
    "erfc": function("erfc"),
    "round": _round,
    "nan_to_num": lambda call: f"np.nan_to_num({call.x}{settings(call, nan=0.0, posinf=None, neginf=None)})",
    "floor_divide": operator("//"),
    "mod": operator("%"),
}

HELPERS: Mapping[str, str] = {
    "erf": """def erf(x):
    from scipy import special

    return special.erf(x)""",
    "erfc": """def erfc(x):
    from scipy import special

    return special.erfc(x)""",
}
