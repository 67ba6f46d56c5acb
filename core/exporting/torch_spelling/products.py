"""How products, triangles and diagonals are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, function, settings
from .words import cast


def _diagonal(call: Call) -> str:
    offset, first, second = (call.params[name] for name in ("offset", "axis1", "axis2"))
    return f"{call.x}.diagonal({'' if (offset, first, second) == (0, 0, 1) else f'{offset}, {first}, {second}'})"


def _trace(call: Call) -> str:
    plain = call.ndim == 2 and (call.params["offset"], call.params["axis1"], call.params["axis2"]) == (0, 0, 1)
    return f"{call.x}.trace()" if plain else f"{_diagonal(call)}.sum(-1)"


def _of_k(name: str) -> Spelling:
    return lambda call: f"{call.x}.{name}({call.params['k'] or ''})"


def _attention(call: Call) -> str:
    q, k, v, mask = (*call.args, "None")[:4]
    if mask == "None":
        return f"F.scaled_dot_product_attention({q}, {k}, {v}{_given(call, is_causal=False)})"
    boolean = call.ins[3].dtype.kind == "b"
    if not boolean and call.ins[3].dtype != call.outs[0].dtype:
        mask = cast(mask, call.outs[0].dtype)
    if call.params["causal"]:  # PyTorch takes one of both
        seen = f"{q}.new_ones({q}.shape[-2], {k}.shape[-2], dtype=torch.bool).tril()"
        mask = f"{mask} & {seen}" if boolean else f"{mask}.where({seen}, -torch.inf)"
    return f"F.scaled_dot_product_attention({q}, {k}, {v}, {mask}{_given(call)})"


def _given(call: Call, **usual: object) -> str:
    params = {**call.params, "is_causal": call.params["causal"]}
    return settings(call._replace(params=params), **usual, scale=None)


def _solve(call: Call) -> str:
    a, b = call.args
    if call.ins[1].ndim == 1:
        return f"torch.linalg.solve({a}, {b}[:, None])[..., 0]"
    return f"torch.linalg.solve({a}, {b})"


def _cofactors(x: str) -> str:
    return f"torch.linalg.det({x})[..., None, None] * torch.linalg.inv({x}).mT"


def _cofactors_along(call: Call) -> str:
    x, d = call.args
    inverse, total = f"torch.linalg.inv({x}).mT", "sum((-2, -1), keepdim=True)"
    return f"({_cofactors(x)}) * ({d} * {inverse}).{total} - ({_cofactors(x)}) @ {d}.mT @ {inverse}"


SPELLINGS: Mapping[str, Spelling] = {
    **{name: function(f"torch.{name}") for name in ("dot", "outer", "kron")},
    **{name: function(f"torch.linalg.{name}") for name in ("det", "inv")},
    "cofactors": lambda call: _cofactors(call.x),
    "cofactors_along": _cofactors_along,
    "solve": _solve,
    **{name: _of_k(name) for name in ("tril", "triu", "diag")},
    "diagonal": _diagonal,
    "trace": _trace,
    "scaled_dot_product_attention": _attention,
    "einsum": lambda call: f"torch.einsum({', '.join((literals.text(call.params['equation']), *call.args))})",
}
