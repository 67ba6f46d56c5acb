"""How ops that change shapes and pick elements are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling
from .words import cast, long


def _transpose(call: Call) -> str:
    if call.params["axes"] is not None:
        return f"{call.x}.permute({literals.shape(call.params['axes'])})"
    return {0: call.x, 1: call.x, 2: f"{call.x}.T"}.get(call.ndim, f"{call.x}.mT")


def _slice(call: Call) -> str:
    start, stop, step = (call.params[name] for name in ("start", "stop", "step"))
    if step > 0:
        return f"{call.x}[{literals.cut(call.axis, start, stop, step)}]"
    # PyTorch has no steps backwards: in the flipped tensor element i is element -1 - i.
    start, stop = (None if bound is None else -1 - bound for bound in (start, stop))
    return f"{call.x}.flip({call.axis})[{literals.cut(call.axis, start, stop, -step)}]"


def _place(call: Call) -> str:
    shape = call.params["shape"]
    axis = call.params["axis"] % len(shape)
    found = range(shape[axis])[slice(call.params["start"], call.params["stop"], call.params["step"])]
    zeros = f"{call.x}.new_zeros({literals.shape(shape)})"
    if not found:
        return zeros
    rows = f"torch.arange({found.start}, {found.stop}, {found.step})"  # counts down as Python's range does
    return f"{zeros}.index_copy({axis}, {rows}, {call.x})"


def _gather(call: Call) -> str:
    return f"{call.x}[{':, ' * call.axis}{long(call.args[1], call.ins[1].dtype)}]"


def _scatter_add(call: Call) -> str:
    shape, indices = call.params["shape"], call.ins[1]
    axis = call.params["axis"] % len(shape)
    where, x = long(call.args[1], indices.dtype), call.x
    if indices.ndim != 1:
        where += ".reshape(-1)"
        x += f".unsqueeze({axis})" if indices.ndim == 0 else f".flatten({axis}, {axis + indices.ndim - 1})"
    return f"{call.x}.new_zeros({literals.shape(shape)}).index_add({axis}, {where}, {x})"


def _one_hot(call: Call) -> str:
    rows = f"F.one_hot({long(call.x, call.ins[0].dtype)}, {call.params['classes']})"
    return cast(rows, call.params["dtype"])


SPELLINGS: Mapping[str, Spelling] = {
    "cast": lambda call: cast(call.x, call.params["dtype"]),
    "reshape": lambda call: f"{call.x}.reshape({literals.shape(call.params['shape'])})",
    "flatten": lambda call: f"{call.x}.reshape({call.x}.shape[0], -1)",
    "transpose": _transpose,
    "broadcast_to": lambda call: f"{call.x}.broadcast_to({literals.shape(call.params['shape'])})",
    "sum_to": lambda call: f"{call.x}.sum_to_size({literals.shape(call.params['shape'])})",
    "concat": lambda call: f"torch.cat([{', '.join(call.args)}], dim={call.params['axis']})",
    "slice": _slice,
    "place": _place,
    "gather": _gather,
    "scatter_add": _scatter_add,
    "one_hot": _one_hot,
    "embedding": lambda call: f"F.embedding({long(call.x, call.ins[0].dtype)}, {call.args[1]})",
}
