"""How sources, random numbers and what only passes on are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from .. import initial, literals
from ..calls import Call, Spelling, in_training
from .words import WORDS, constant


def _print(call: Call) -> str:
    """Each value is shown; exported code has no iterations to choose among, and of gradients it knows nothing."""
    shown = call.params["show"] != "gradient"
    return f"show({call.x}, {literals.text(call.params['message'])})" if shown else call.x


SPELLINGS: Mapping[str, Spelling] = {
    **{name: lambda call: call.x for name in ("identity", "detach", "assign")},
    "print": _print,
    "constant": lambda call: constant(call.params["value"], call.params["dtype"]),
    "random_normal": lambda call: initial.normal(call.params, WORDS),
    "random_uniform": lambda call: initial.uniform(call.params, WORDS),
    "by_mode": lambda call: f"{call.args[0]} if training else {call.args[1]}",
    "dropout": in_training("training", "dropout", "rate", more=", rng"),
}

HELPERS: Mapping[str, str] = {
    "dropout": '''def dropout(x, rate, rng):
    """Each element becomes 0 with probability `rate`; the others grow, so that the mean stays."""
    scale = 1 / (1 - rate) if rate < 1 else 0.0
    return x * ((rng.random(x.shape, dtype=x.dtype) >= rate) * x.dtype.type(scale))''',
    "show": """def show(x, message):
    print(message, x.shape, x.dtype, x, file=sys.stderr)
    return x""",
}
