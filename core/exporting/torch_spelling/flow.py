"""How sources, random numbers and what only passes on are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import initial, literals
from ..calls import Call, Note, Spelling, printed
from .words import WORDS, constant


def _print(call: Call) -> str:
    """Values are shown on their way forward, gradients on their way back; exported code has no iterations."""
    x, *others = (*call.args, "None", "None", "None")[:4]
    message, what = literals.text(call.params["message"]), call.params["show"]
    data, when = [each for each in others[:2] if each != "None"], others[2]
    text = x if what == "gradient" else f"show({', '.join((x, message, *data))})"
    text = text if what == "value" else f"show_gradient({text}, {message})"
    return text if when == "None" else f"{text} if {when}.any() else {x}"


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

NOTES: Mapping[str, Note] = {"print": printed}

HELPERS: Mapping[str, str] = {
    "show": """def show(x, message, *data):
    print(message, tuple(x.shape), x.dtype, x.detach(), *data, file=sys.stderr)
    return x""",
    "show_gradient": """def show_gradient(x, message):
    x = x.view_as(x)  # the gradient is that of this use alone
    if x.requires_grad:
        x.register_hook(lambda g: print(message, "gradient", tuple(g.shape), g.dtype, g, file=sys.stderr))
    return x""",
}
