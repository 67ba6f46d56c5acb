"""How products, triangles and diagonals are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, function


def _of_axes(name: str) -> Spelling:
    def spell(call: Call) -> str:
        given = [call.params[each] for each in ("offset", "axis1", "axis2")]
        more = ", dtype=np.int64" * (name == "trace" and not call.ins[0].floating)
        return f"np.{name}({call.x}{'' if given == [0, 0, 1] else ''.join(f', {each}' for each in given)}{more})"

    return spell


def _of_k(name: str) -> Spelling:
    def spell(call: Call) -> str:
        k = call.params["k"]
        return f"np.{name}({call.x}{f', {k}' if k else ''})"

    return spell


def _einsum(call: Call) -> str:
    more = ", optimize=True" * (len(call.args) > 1)
    return f"np.einsum({literals.text(call.params['equation'])}, {', '.join(call.args)}{more})"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: function(f"np.{name}") for name in ("dot", "outer", "kron")},
    **{name: _of_k(name) for name in ("tril", "triu", "diag")},
    **{name: _of_axes(name) for name in ("diagonal", "trace")},
    "einsum": _einsum,
}
