"""How sources, random numbers and what only passes on are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import initial, literals
from ..calls import Call, Spelling
from .words import WORDS, constant


def _print(call: Call) -> str:
    """Each value is shown; exported code has no iterations to choose among, and of gradients it knows nothing."""
    shown = call.params["show"] != "gradient"
    return f"show({call.x}, {literals.text(call.params['message'])})" if shown else call.x


SPELLINGS: Mapping[str, Spelling] = {
    **{name: lambda call: call.x for name in ("identity", "assign")},
    "detach": lambda call: f"{call.x}.detach()",
    "print": _print,
    "constant": lambda call: constant(call.params["value"], call.params["dtype"]),
    "random_normal": lambda call: initial.normal(call.params, WORDS),
    "random_uniform": lambda call: initial.uniform(call.params, WORDS),
    "by_mode": lambda call: f"{call.args[0]} if self.training else {call.args[1]}",
    "dropout": lambda call: f"F.dropout({call.x}, {literals.number(call.params['rate'])}, self.training)",
}

HELPERS: Mapping[str, str] = {
    "show": """def show(x, message):
    print(message, tuple(x.shape), x.dtype, x.detach(), file=sys.stderr)
    return x""",
}
