"""How sources, random numbers and what only passes on are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import initial, literals
from ..calls import Call, Note, Spelling, in_training, printed
from .words import WORDS, constant


def _print(call: Call) -> str:
    """Values are shown; exported code has no iterations to choose among, and of gradients it knows nothing."""
    x, *others = (*call.args, "None", "None", "None")[:4]
    if call.params["show"] == "gradient":
        return x
    text = f"show({', '.join((x, literals.text(call.params['message']), *(e for e in others[:2] if e != 'None')))})"
    return text if others[2] == "None" else f"{text} if np.any({others[2]}) else {x}"


def _printed(params: Mapping[str, Any]) -> str:
    told = [printed(params), "no gradient" * (params["show"] != "value")]
    return "; ".join(filter(None, told))


SPELLINGS: Mapping[str, Spelling] = {
    **{name: lambda call: call.x for name in ("identity", "detach", "assign")},
    "print": _print,
    "constant": lambda call: constant(call.params["value"], call.params["dtype"]),
    "random_normal": lambda call: initial.normal(call.params, WORDS),
    "random_uniform": lambda call: initial.uniform(call.params, WORDS),
    "by_mode": lambda call: f"{call.args[0]} if training else {call.args[1]}",
    "dropout": in_training("training", "dropout", "rate", more=", rng"),
}

NOTES: Mapping[str, Note] = {"print": _printed, "detach": "the gradient stops here"}

HELPERS: Mapping[str, str] = {
    "dropout": '''def dropout(x, rate, rng):
    """Each element becomes 0 with probability `rate`; the others grow, so that the mean stays."""
    scale = 1 / (1 - rate) if rate < 1 else 0.0
    return x * ((rng.random(x.shape, dtype=x.dtype) >= rate) * x.dtype.type(scale))''',
    "show": """def show(x, message, *data):
    print(message, x.shape, x.dtype, x, *data, file=sys.stderr)
    return x""",
}
