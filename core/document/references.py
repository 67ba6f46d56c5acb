"""What names a node by its id beside its wires: training settings, and ops such as `shared`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .transaction import Transaction


def name_anew(t: Transaction, old: str, new: str, outputs: Mapping[str, str]) -> None:
    """Let all that named the node `old` by its id name `new`: training, its metrics, shared parameters, assign.

    `outputs` has the new name of each output of the old node.
    """
    training = t.graph.training
    if training is not None:
        roles = ("prediction", "target")
        metrics = [
            {key: _named(value, old, new, outputs) if key in roles else value for key, value in metric.items()}
            for metric in training.metrics
        ]
        loss = new if training.loss == old else training.loss
        penalised = training.penalised and tuple(new if id == old else id for id in training.penalised)
        t.set_training(replace(training, loss=loss, metrics=tuple(metrics), penalised=penalised))
    for id, node in list(t.graph.nodes.items()):
        op = t.ports.op(node)
        name = None if op is None else op.reference
        if name is not None and node.params.get(name) == old:
            t.set_param(id, name, new)


def _named(value: Any, old: str, new: str, outputs: Mapping[str, str]) -> Any:
    """A setting that names a node, or as `id.output` a value, with the new ones in the place of the old."""
    if not isinstance(value, str):
        return value
    node, dot, output = value.partition(".")
    return f"{new}{dot}{outputs.get(output, output)}" if node == old else value
