"""How activations are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Spelling, function

SPELLINGS: Mapping[str, Spelling] = {
    "relu": function("F.relu"),
    "leaky_relu": lambda call: f"F.leaky_relu({call.x}, {literals.number(call.params['slope'])})",
    "softplus": function("F.softplus"),
    "softmax": lambda call: f"torch.softmax({call.x}, dim={call.params['axis']})",
    "log_softmax": lambda call: f"torch.log_softmax({call.x}, dim={call.params['axis']})",
}

NOTES: Mapping[str, str] = {"softplus": "linear above 20, as PyTorch has it: within 1e-8 of the exact value"}
