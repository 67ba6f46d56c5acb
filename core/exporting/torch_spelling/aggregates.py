"""How products, spreads, norms and running sums are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, settings
from .words import cast


def _axes(call: Call) -> tuple[int, ...]:
    """The axes that are reduced, from the front."""
    axis = call.params["axis"]
    if axis is None:
        return tuple(range(call.ndim))
    return tuple(sorted(each % call.ndim for each in ((axis,) if isinstance(axis, int) else axis)))


def _reduced(call: Call, name: str, *more: str) -> str:
    """`x.var(dim=0, correction=1)`; without axes where all are reduced and none stays."""
    axis, keepdims = call.params["axis"], call.params["keepdims"]
    if call.ndim and (axis is not None or keepdims):
        more = (*more, f"dim={axis if isinstance(axis, int) else _axes(call)}", *["keepdim=True"] * keepdims)
    return f"{call.x}.{name}({', '.join(more)})"


def _min(call: Call) -> str:
    """Over no axes it is the value itself, which PyTorch would take for all axes."""
    return _reduced(call, "amin") if _axes(call) else call.x


def _prod(call: Call) -> str:
    """PyTorch multiplies over one axis at a time."""
    keepdims = call.params["keepdims"]
    if not keepdims and (call.params["axis"] is None or not call.ndim):
        return f"{call.x}.prod()"
    keep = ", keepdim=True" * keepdims
    x = call.x if call.ins[0].dtype == call.outs[0].dtype else cast(call.x, call.outs[0].dtype)
    return x + "".join(f".prod(dim={axis}{keep})" for axis in reversed(_axes(call)))


def _spread(name: str) -> Spelling:
    def spell(call: Call) -> str:
        if call.ndim and not _axes(call):
            return f"torch.zeros_like({call.x})"
        return _reduced(call, name, f"correction={call.params['ddof']}")

    return spell


def _norm(call: Call) -> str:
    axis, keepdims, ord = call.params["axis"], call.params["keepdims"], call.params["ord"]
    more = "" if ord == 2 else f", ord={literals.number(ord)}"
    if call.ndim and not _axes(call):
        return f"{call.x}.abs()" if ord else cast(f"({call.x} != 0)", call.outs[0].dtype)
    if axis is not None and call.ndim:
        more += f", dim={axis if isinstance(axis, int) else _axes(call)}"
    return f"torch.linalg.vector_norm({call.x}{more}{', keepdim=True' * bool(keepdims and call.ndim)})"


def _argmin(call: Call) -> str:
    axis, keepdims = call.params["axis"], call.params["keepdims"]
    x = cast(call.x, "int64") if call.ins[0].dtype.kind == "b" else call.x
    if axis is None:
        return f"{x}.argmin()" + (f".reshape({literals.shape((1,) * call.ndim)})" if keepdims and call.ndim else "")
    return f"{x}.argmin(dim={axis}{', keepdim=True' * keepdims})"


def _truth(name: str) -> Spelling:
    return lambda call: _reduced(call, name) if _axes(call) or not call.ndim else f"({call.x} != 0)"


def _count_nonzero(call: Call) -> str:
    """PyTorch's own keeps no axes, and takes no axes for all."""
    if call.ndim and (call.params["keepdims"] or not _axes(call)):
        return _reduced(call._replace(args=(f"({call.x} != 0)",)), "sum") if _axes(call) else f"({call.x} != 0).long()"
    axis = call.params["axis"]
    return f"torch.count_nonzero({call.x}{'' if axis is None or not call.ndim else f', dim={literals.plain(axis)}'})"


def _run(name: str) -> Spelling:
    def spell(call: Call) -> str:
        axis = call.params["axis"]
        return f"torch.{name}({call.x}{'.flatten(), dim=0' if axis is None else f', dim={axis}'})"

    return spell


SPELLINGS: Mapping[str, Spelling] = {
    **{name: _spread(name) for name in ("var", "std")},
    **{name: _truth(name) for name in ("any", "all")},
    **{name: _run(name) for name in ("cumsum", "cumprod")},
    "count_nonzero": _count_nonzero,
    "diff": lambda call: f"torch.diff({call.x}{settings(call, n=1)}, dim={call.params['axis']})",
    "min": _min,
    "argmin": _argmin,
    "prod": _prod,
    "norm": _norm,
    "cosine_similarity": lambda call: (
        f"F.cosine_similarity({call.x}, {call.args[1]}, dim={call.params['axis']}{settings(call, eps=1e-8)})"
    ),
}
