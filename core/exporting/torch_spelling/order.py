"""How ops that pick along an axis and put in order are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from ...ops.axes import several
from .. import literals
from ..calls import Call, Spelling
from .words import long


def _sort(name: str, end: str) -> Spelling:
    def spell(call: Call) -> str:
        descending = ", descending=True" * call.params["descending"]
        return f"torch.{name}({call.x}, dim={call.params['axis']}{descending}, stable=True){end}"

    return spell


def _quantile(call: Call) -> str:
    q, axis, keepdims = literals.number(call.params.get("q", 0.5)), call.params["axis"], call.params["keepdims"]
    kept = ", keepdim=True" * keepdims
    if axis is None or isinstance(axis, int):
        return f"torch.quantile({call.x}, {q}{'' if axis is None else f', dim={axis}'}{kept})"
    axes = sorted(each % call.ndim for each in several(axis))
    if not axes:
        return f"{call.x}.clone()"
    # PyTorch's quantile takes one axis.
    moved = f"{call.x}.movedim({tuple(axes)}, {tuple(range(-len(axes), 0))}).flatten({-len(axes)})"
    return f"torch.quantile({moved}, {q}, dim=-1)" + "".join(f".unsqueeze({each})" for each in axes) * keepdims


def _take(call: Call) -> str:
    indices = long(call.args[1], call.ins[1].dtype)
    return f"torch.take_along_dim({call.x}, {indices}, dim={call.params['axis']})"


def _scatter_add(call: Call) -> str:
    indices = long(call.args[1], call.ins[1].dtype)
    zeros = f"{call.x}.new_zeros({literals.shape(call.params['shape'])})"
    return f"{zeros}.scatter_add({call.params['axis']}, {indices}, {call.x})"


def _top_k(call: Call) -> str:
    least = ", largest=False" * (not call.params["largest"])
    return f"torch.topk({call.x}, {call.params['k']}, dim={call.params['axis']}{least})"


SPELLINGS: Mapping[str, Spelling] = {
    "take_along_axis": _take,
    "scatter_add_along_axis": _scatter_add,
    "sort": _sort("sort", ".values"),
    "argsort": _sort("argsort", ""),
    "top_k": _top_k,
    "median": _quantile,
    "quantile": _quantile,
}

NOTES: Mapping[str, str] = {"top_k": "of elements that tie Gradwire takes the first"}
