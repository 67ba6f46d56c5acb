"""How element-wise ops are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, function, operator


def _clip(call: Call) -> str:
    bounds = [(name, call.params[key]) for name, key in (("min", "low"), ("max", "high"))]
    given = [f"{name}={literals.number(value)}" for name, value in bounds if value is not None]
    return f"{call.x}.clamp({', '.join(given)})" if given else call.x


SPELLINGS: Mapping[str, Spelling] = {
    **{name: operator(sign) for name, sign in (("add", "+"), ("subtract", "-"), ("multiply", "*"), ("divide", "/"))},
    **{name: operator(sign) for name, sign in (("equal", "=="), ("not_equal", "!="), ("less", "<"))},
    **{name: operator(sign) for name, sign in (("less_equal", "<="), ("greater", ">"), ("greater_equal", ">="))},
    **{name: function(f"torch.{name}") for name in ("exp", "log", "sqrt", "reciprocal", "sin", "cos", "tanh")},
    **{name: function(f"torch.{name}") for name in ("maximum", "minimum", "abs", "square", "sigmoid")},
    "power": function("torch.pow"),
    "where": lambda call: (
        f"torch.where({call.x if call.ins[0].dtype.kind == 'b' else f'{call.x} != 0'}, {', '.join(call.args[1:])})"
    ),
    "accumulate": operator("+"),
    "negative": lambda call: f"-{call.x}",
    "clip": _clip,
}
