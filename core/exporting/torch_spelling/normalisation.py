"""How normalisation is written with PyTorch, which moves running statistics by itself."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling


def _layer_norm(call: Call) -> str:
    axis = call.params["axis"]
    lengths = call.ins[0].shape[min(a % call.ndim for a in (axis if isinstance(axis, tuple) else (axis,))) :]
    given = [*call.args[1:], "None", "None"][:2]
    return (
        f"F.layer_norm({call.x}, {literals.shape(lengths)}, {', '.join(given)}, {literals.number(call.params['eps'])})"
    )


def _rms_norm(call: Call) -> str:
    axis = call.params["axis"]
    lengths = call.ins[0].shape[min(a % call.ndim for a in (axis if isinstance(axis, tuple) else (axis,))) :]
    gamma = (*call.args[1:], "None")[0]
    return f"F.rms_norm({call.x}, {literals.shape(lengths)}, {gamma}, {literals.number(call.params['eps'])})"


def _group_norm(call: Call) -> str:
    gamma, beta = (*call.args[1:], "None", "None")[:2]
    return f"F.group_norm({call.x}, {call.params['groups']}, {gamma}, {beta}, {literals.number(call.params['eps'])})"


def _batch_norm(call: Call) -> str:
    gamma, beta, mean, variance = [*call.args[1:], *["None"] * 4][:4]
    training = "True" if mean == "None" else "self.training"  # without statistics those of the batch serve always
    momentum, eps = (literals.number(call.params[name]) for name in ("momentum", "eps"))
    return f"F.batch_norm({call.x}, {mean}, {variance}, {gamma}, {beta}, {training}, {momentum}, {eps})"


SPELLINGS: Mapping[str, Spelling] = {
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "batch_norm": _batch_norm,
}
