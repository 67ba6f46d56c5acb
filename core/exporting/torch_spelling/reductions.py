"""How reductions and matrix products are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, operator, reductions
from .words import cast


def _reduce(name: str) -> Spelling:
    def spell(call: Call) -> str:
        axis, keepdims = reductions(call)
        if axis is None and (keepdims or name == "logsumexp"):
            axis = repr(tuple(range(call.ndim)))
        x = call.x
        if axis == "()":  # of a scalar: nothing is reduced, and PyTorch takes () for all axes or for an error
            return x
        return f"{x}.{name}({f'dim={axis}' if axis else ''}{', keepdim=True' * keepdims})"

    return spell


def _argmax(call: Call) -> str:
    axis, keepdims = reductions(call)
    x = cast(call.x, "int64") if call.ins[0].dtype.kind == "b" else call.x
    if axis is None:
        return f"{x}.argmax()" + (f".reshape({literals.shape((1,) * call.ndim)})" if keepdims and call.ndim else "")
    return f"{x}.argmax(dim={axis}{', keepdim=True' * keepdims})"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: _reduce(name) for name in ("sum", "mean", "nanmean", "logsumexp")},
    "max": _reduce("amax"),
    "argmax": _argmax,
    "matmul": operator("@"),
}

NOTES: Mapping[str, str] = {"logsumexp": "where all are -inf the gradient is NaN here and 0 in Gradwire"}
