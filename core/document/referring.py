"""Training settings as a script writes them, where nodes go by their names: held are ids, since names change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..graph.elements import Training
from ..graph.view import GraphView, at_path


def referred(training: Training) -> list[str]:
    """The ids of all nodes and groups that well-formed settings name."""
    values = (entry.get(role, "") for entry in training.metrics for role in ("prediction", "target"))
    members = (id for group in training.parameter_groups for id in group.get("parameters", ()))
    found = [training.loss, *(str(value).partition(".")[0] for value in values), *members, *(training.penalised or ())]
    return [id for id in dict.fromkeys(found) if id]


def by_ids(graph: GraphView, training: Training) -> Training:
    """The same settings, in which what is named by its name or path is named by its id; an id goes before a name.

    What means nothing stays as it is, and is told where the settings are read.
    """

    def id_of(name: Any) -> Any:
        if not isinstance(name, str) or name in graph.nodes or name in graph.groups:
            return name
        return at_path(graph, name) or name

    def value_of(text: Any) -> Any:
        if isinstance(text, tuple) and len(text) == 2 and all(isinstance(part, str) for part in text):
            text = ".".join(text)  # a Source, in the normal form that settings have
        node, dot, output = str(text).rpartition(".") if isinstance(text, str) and "." in text else (text, "", "")
        return f"{id_of(node)}{dot}{output}" if isinstance(text, str) else text

    def with_ids(entry: Any, of: Mapping[str, Any]) -> Any:
        if not isinstance(entry, Mapping):
            return entry
        return {key: of[key](value) if key in of else value for key, value in entry.items()}

    def several(names: Any) -> Any:
        return tuple(map(id_of, names)) if isinstance(names, tuple) else names

    values = {"prediction": value_of, "target": value_of}
    return replace(
        training,
        loss=id_of(training.loss),
        metrics=tuple(with_ids(entry, values) for entry in training.metrics),
        parameter_groups=tuple(with_ids(group, {"parameters": several}) for group in training.parameter_groups),
        penalised=several(training.penalised),
    )
