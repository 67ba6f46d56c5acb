"""How products, spreads, norms and running sums are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, reductions, settings


def _reduce(name: str) -> Spelling:
    def spell(call: Call) -> str:
        axis, keepdims = reductions(call)
        extra = f", axis={axis}" if axis else ""
        if call.params.get("ddof"):
            extra += f", ddof={call.params['ddof']}"
        if call.params.get("ord", 2.0) != 2.0:
            extra += f", ord={literals.number(call.params['ord'])}"
        extra += ", keepdims=True" * keepdims
        return f"np.{name}({call.x}{extra}{_whole(call) if name == 'prod' else ''})"

    return spell


def _run(name: str) -> Spelling:
    def spell(call: Call) -> str:
        axis = call.params["axis"]
        return f"np.{name}({call.x}{'' if axis is None else f', axis={axis}'}{_whole(call)})"

    return spell


def _whole(call: Call) -> str:
    """Integers and booleans are added up and multiplied to int64, on any machine."""
    return "" if call.ins[0].floating else ", dtype=np.int64"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: _reduce(name) for name in ("prod", "min", "var", "std", "argmin", "any", "all")},
    **{name: _run(name) for name in ("cumsum", "cumprod")},
    "count_nonzero": _reduce("count_nonzero"),
    "diff": lambda call: f"np.diff({call.x}{settings(call, n=1, axis=-1)})",
    "norm": _reduce("linalg.vector_norm"),
    "cosine_similarity": lambda call: (
        f"cosine_similarity({', '.join(call.args)}, {call.params['axis']}, {call.params['eps']!r})"
    ),
}

HELPERS: Mapping[str, str] = {
    "cosine_similarity": '''def cosine_similarity(x, y, axis, eps):
    """The cosine of the angle between vectors along an axis."""
    x, y = np.broadcast_arrays(x, y)
    one, other = (np.maximum(np.linalg.vector_norm(v, axis=axis, keepdims=True), eps) for v in (x, y))
    return np.sum((x / one) * (y / other), axis=axis)''',
}
