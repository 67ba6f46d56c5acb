"""Another op in the place of a node, which stays what it is for all that speaks of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..graph.elements import Source
from .transaction import Transaction


def replace_op(
    t: Transaction, id: str, op: str, inputs: Mapping[str, Source], params: Mapping[str, Any] | None = None
) -> None:
    """Let `op`, which takes `inputs`, stand in the place of the node `id`: with its id, its name, its place, its flags
    and its takers, who take the output `y`. What the training settings say of the node they say of the new one.

    Raises `EditError` and `ParameterError`.
    """
    old, wires, training = t.node(id), t.graph.consumers(id), t.graph.training
    t.remove(id)
    t.add(op, id=id, name=old.name, group=old.group, position=old.position, params=params, inputs=inputs)
    if old.flags:
        t.set_flags(id, old.flags)
    for wire in wires:
        t.connect(Source(id, "y"), wire.target, wire.port)
    if training is not None:
        t.set_training(training)


def remove_unused(t: Transaction, ids: list[str], kept: set[str]) -> None:
    """Remove nodes that nothing takes, and those before them that nothing takes then; `kept` are left in any case."""
    waiting = list(ids)
    while waiting:
        id = waiting.pop()
        if id in t.graph.nodes and id not in kept and not t.graph.consumers(id):
            waiting += [source.node for source in t.graph.inputs(id).values()]
            t.remove(id)
