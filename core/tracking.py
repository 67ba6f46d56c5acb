"""Which tensors a running transform will ask for gradients: these must not become plain arrays in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from .errors import RunError
from .traced import Traced

# The slots of the leaves with respect to which functions are being differentiated, while they run.
_leaves: ContextVar[frozenset[int]] = ContextVar("_leaves", default=frozenset())


def call_tracked(fn: Callable[..., Any], slots: Iterable[int], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What `fn` returns; while it runs, what is made of the leaves `slots` is tracked."""
    token = _leaves.set(_leaves.get().union(slots))
    try:
        return fn(*args, **kwargs)
    finally:
        _leaves.reset(token)


def is_tracked(tensor: Any) -> bool:
    """Whether a gradient of `tensor` could reach a leaf of a transform whose function is running."""
    leaves = _leaves.get()
    if not leaves:
        return False
    oldest = min(leaves)
    seen: set[int] = set()
    stack = [tensor]
    while stack:
        found = stack.pop()
        if found.slot in seen or found.slot < oldest or found.dtype.kind != "f":
            continue
        if found.slot in leaves:
            return True
        seen.add(found.slot)
        if found.op is not None and (found.op.vjp_rule is not None or found.op.jvp_rule is not None):
            stack += [arg for arg in found.args if isinstance(arg, Traced)]
    return False


def lost_in_trace() -> RunError:
    """The refusal of a derivative that would be lost, since what is traced takes a tensor as a constant."""
    return RunError(
        "within a traced function derivatives are taken with respect to what is traced",
        hint="give the number as an argument of the traced function",
    )
