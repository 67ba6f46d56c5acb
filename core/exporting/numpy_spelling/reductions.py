"""How reductions and matrix products are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Call, Spelling, operator, reductions


def _reduce(name: str) -> Spelling:
    def spell(call: Call) -> str:
        axis, keepdims = reductions(call)
        extra = ", dtype=np.int64" * (name == "np.sum" and not call.ins[0].floating)
        return f"{name}({call.x}{f', axis={axis}' if axis else ''}{', keepdims=True' * keepdims}{extra})"

    return spell


SPELLINGS: Mapping[str, Spelling] = {
    "sum": _reduce("np.sum"),
    "mean": _reduce("np.mean"),
    "nanmean": _reduce("np.nanmean"),
    "max": _reduce("np.max"),
    "logsumexp": _reduce("logsumexp"),
    "argmax": _reduce("np.argmax"),
    "matmul": operator("@"),
}

HELPERS: Mapping[str, str] = {
    "logsumexp": """def logsumexp(x, axis=None, keepdims=False):
    greatest = np.max(x, axis=axis, keepdims=True)
    greatest = np.where(np.isfinite(greatest), greatest, x.dtype.type(0))
    total = np.sum(np.exp(x - greatest), axis=axis, keepdims=keepdims)
    with np.errstate(divide="ignore"):
        return np.log(total) + greatest.reshape(total.shape)""",
}
