"""Changes of a run on its way as marks of its curves: what was set, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...core.runs.changing import FREEZE, UNFREEZE, Change
from ..look.numbers import significant
from ..plots.data import Mark

if TYPE_CHECKING:
    from ...core.graph import Graph


def mark_of(graph: Graph, change: Change) -> Mark:
    """`lr 0.002, freeze mlp/linear_1/weight`."""
    return Mark(change.iteration, ", ".join(_told(graph, name, value) for name, value in change.settings.items()))


def _told(graph: Graph, name: str, value: Any) -> str:
    words = name.replace("_", " ")
    if name in (FREEZE, UNFREEZE):
        paths = [graph.called(each) for each in value]
        return f"{words} {paths[0]}" if len(paths) == 1 else f"{words} {len(paths)} parameters"
    if value is None:
        return f"no {words}"
    if isinstance(value, Mapping):
        kind = value.get("name", value.get("metric"))
        return words if kind is None else f"{words}: {str(kind).replace('_', ' ')}"
    if isinstance(value, list | tuple):
        return words
    return f"{words} {significant(value, 4) if isinstance(value, float) else value}"
