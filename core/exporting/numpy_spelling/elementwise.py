"""How element-wise ops are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, function, operator


def _clip(call: Call) -> str:
    low, high = (call.params[name] for name in ("low", "high"))
    if low is None and high is None:
        return call.x
    if high is None:
        return f"np.maximum({call.x}, {literals.number(low)})"
    if low is None:
        return f"np.minimum({call.x}, {literals.number(high)})"
    return f"np.clip({call.x}, {literals.number(low)}, {literals.number(high)})"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: operator(sign) for name, sign in (("add", "+"), ("subtract", "-"), ("multiply", "*"), ("divide", "/"))},
    **{name: operator(sign) for name, sign in (("equal", "=="), ("not_equal", "!="), ("less", "<"))},
    **{name: operator(sign) for name, sign in (("less_equal", "<="), ("greater", ">"), ("greater_equal", ">="))},
    **{name: function(f"np.{name}") for name in ("exp", "log", "sqrt", "reciprocal", "sin", "cos", "tanh", "power")},
    **{name: function(f"np.{name}") for name in ("maximum", "minimum", "where", "abs", "square")},
    "accumulate": operator("+"),
    "negative": lambda call: f"-{call.x}",
    "clip": _clip,
}
