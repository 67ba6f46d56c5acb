"""Which layers fit where something is to be added: those that ship with the program, and the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.ops import Registry
from ..editing.wiring import outputs, ports
from .filters import Query
from .fitting import fits, makes, takes
from .placing import Ends

if TYPE_CHECKING:
    from ..editing.own_layers import OwnLayer

MOST_AXES = 64  # as many as an array of NumPy may have
IMAGES = 4  # axes: batch, channels, height and width

# Of layers that take no rows of floats: the kinds of dtype, and the fewest and the most axes.
_TAKEN = {
    "layer:conv2d": ("f", IMAGES, IMAGES),
    "layer:residual_block": ("f", IMAGES, IMAGES),
    "layer:batch_norm": ("f", 2, MOST_AXES),
    "layer:embedding": ("iu", 0, MOST_AXES),
}
_KEEP_SHAPE = {"layer:batch_norm", "layer:layer_norm", "layer:standardise", "layer:normalise"}


def layer_port(name: str, asked: Query, ends: Ends) -> str | None:
    """The port of a layer for the value at hand ("" where there is none); None where it does not fit.

    Layers give rows of floats, and most take them.
    """
    kinds, fewest, most = _TAKEN.get(name, ("f", 1, MOST_AXES))
    for wanted, offered in ((asked.takes, kinds), (asked.gives, "f")):
        if wanted is not None and (wanted.shape == () or not set(offered) & set(wanted.kinds or offered)):
            return None
    taken, given = (None if wanted is None else wanted.shape for wanted in (asked.takes, asked.gives))
    if taken is not None and not fewest <= len(taken) <= most:
        return None
    if taken is not None and given is not None and not _turns(name, taken, given):
        return None
    if ends.aval is not None and not (ends.aval.dtype.kind in kinds and fewest <= ends.aval.ndim <= most):
        return None
    return "x" if ends.source is not None else ""


def _turns(name: str, taken: tuple[object, ...], given: tuple[object, ...]) -> bool:
    """Whether a layer may give one shape of the other."""
    if name in _KEEP_SHAPE:
        return taken == given
    if name == "layer:embedding":
        return taken == given[:-1]
    if _TAKEN.get(name, (0, 0, 0))[1] == IMAGES:
        return len(given) == IMAGES and taken[0] == given[0]
    return taken[:-1] == given[:-1]


def own_layer_port(own: OwnLayer, registry: Registry, asked: Query, ends: Ends, dtype: str) -> str | None:
    """As `layer_port`, for one of the user's own: what one of its open ports takes, and one of its outputs gives."""
    graph = own.graph
    ops = {id: registry.get(node.op) for id, node in graph.nodes.items()}
    waiting = [(op, port) for id, port in ports(graph, registry, own.group) if (op := ops[id]) is not None]
    given = [op for source in outputs(graph, registry, own.group) if (op := ops[source.node]) is not None]
    wanted, made = asked.takes, asked.gives
    if wanted is not None and not any(takes(op, wanted, dtype) for op, _ in waiting):
        return None
    if made is not None and not any(makes(op, made, dtype, None) for op in given):
        return None
    if ends.target is not None and not given:
        return None
    if ends.source is None:
        return ""
    return next((port for op, port in waiting if any(fit.port == port for fit in fits(op, ends.aval, dtype))), None)
