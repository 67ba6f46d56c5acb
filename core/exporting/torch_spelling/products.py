"""How products, triangles and diagonals are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, function


def _diagonal(call: Call) -> str:
    offset, first, second = (call.params[name] for name in ("offset", "axis1", "axis2"))
    return f"{call.x}.diagonal({'' if (offset, first, second) == (0, 0, 1) else f'{offset}, {first}, {second}'})"


def _trace(call: Call) -> str:
    plain = call.ndim == 2 and (call.params["offset"], call.params["axis1"], call.params["axis2"]) == (0, 0, 1)
    return f"{call.x}.trace()" if plain else f"{_diagonal(call)}.sum(-1)"


def _of_k(name: str) -> Spelling:
    return lambda call: f"{call.x}.{name}({call.params['k'] or ''})"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: function(f"torch.{name}") for name in ("dot", "outer", "kron")},
    **{name: _of_k(name) for name in ("tril", "triu", "diag")},
    "diagonal": _diagonal,
    "trace": _trace,
    "einsum": lambda call: f"torch.einsum({', '.join((literals.text(call.params['equation']), *call.args))})",
}
