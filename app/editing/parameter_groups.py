"""Parameter groups: parameters that are trained by settings of their own, as a group is made, changed and removed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from ...core.document import Transaction
from ...core.errors import EditError
from ...core.graph import GraphView
from .naming import counted
from .reinitialising import parameters_of

MEMBERS = "parameters"  # under which a group names what is in it


def group_label(graph: GraphView, ids: list[str]) -> str:
    """`Make a parameter group of weight`."""
    return f"Make a parameter group of {counted(graph, ids)}"


def group_parameters(t: Transaction, ids: Iterable[str]) -> None:
    """Put parameters, and groups of nodes with all parameters within, into a new parameter group.

    They leave the one that they were in. Raises `GradwireError` for what can be in none.
    """
    from ...core.training.optim import group_settings  # with all of training, which nothing else here needs

    graph, training = t.graph, t.graph.training
    if training is None:
        raise EditError("a parameter group needs training settings, which the graph does not have")
    chosen = [id for id in ids if parameters_of(graph, [id])]
    if not chosen:
        raise EditError("a parameter group needs parameters, found none in what is selected")
    left = [_without(group, chosen) for group in training.parameter_groups]
    groups = (*(group for group in left if group), {MEMBERS: chosen})
    changed = dataclasses.replace(training, parameter_groups=groups)
    group_settings(graph, changed)
    t.set_training(changed)


def _without(group: Any, ids: list[str]) -> Any:
    """A group without some of what it names; nothing where it then names none."""
    if not isinstance(group, Mapping) or not isinstance(group.get(MEMBERS), tuple):
        return group
    members = [id for id in group[MEMBERS] if id not in ids]
    return {**group, MEMBERS: members} if members else None
