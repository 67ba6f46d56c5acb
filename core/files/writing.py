"""A graph as the bytes of a `.gw` file: sorted keys, one line a node, logic and layout apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import FileError, Refusals
from ..graph import Graph
from ..graph.elements import Group, Source, Training, natural_key
from ..graph.normal_form import EMPTY
from ..graph.training_form import FORMS, fits, unfit
from .strict_json import describe, to_bytes, write_line

# What stands at each level of the file; other keys are those of a later version and kept as `extra`.
SECTIONS = frozenset({"dtype", "format", "groups", "layout", "nodes", "training", "values"})
NODE_KEYS = frozenset({"flags", "group", "inputs", "name", "op", "params"})
GROUP_KEYS = frozenset({"built_by", "collapsed", "group", "name", "note"})
LAYOUT_KEYS = frozenset({"groups", "nodes", "wires"})
DEFAULT_OUTPUT = "y"  # the name that an op's only output has; a wire leaves it out


def write_graph(graph: Graph, file_format: int, values: str | None) -> bytes:
    """The bytes of a `.gw` file: equal graphs give equal bytes. `values` is the content hash of the values.

    Raises FileError for what could not be read again.
    """
    sections = {key: write_line(value) for key, value in graph.extra.items() if key not in SECTIONS}
    sections["dtype"] = write_line(graph.dtype)
    sections["format"] = str(file_format)
    nodes, groups = (sorted(table, key=natural_key) for table in (graph.nodes, graph.groups))
    sections["nodes"] = _block((id, write_line(_node(graph, id))) for id in nodes)
    if groups:
        sections["groups"] = _block((id, write_line(_group(graph.groups[id]))) for id in groups)
    layout = _layout(graph, nodes, groups)
    if layout:
        sections["layout"] = _block(sorted(layout.items()))
    if graph.training is not None:
        settings = _training_settings(graph.training)
        sections["training"] = _block((key, write_line(value)) for key, value in sorted(settings.items()))
    if values is not None:
        sections["values"] = write_line(values)
    return to_bytes(_block(sorted(sections.items()), indent=2) + "\n")


def _block(lines: Iterable[tuple[str, str]], indent: int = 4) -> str:
    """An object with one line, or block, for each key."""
    margin = "\n" + " " * indent
    text = f",{margin}".join(f"{write_line(key)}: {value}" for key, value in lines)
    return f"{{{margin}{text}{margin[:-2]}}}" if text else "{}"


def _node(graph: Graph, id: str) -> dict[str, Any]:
    node = graph.nodes[id]
    data = {key: value for key, value in node.extra.items() if key not in NODE_KEYS}
    data["op"] = node.op
    if node.name != id:
        data["name"] = node.name
    if node.params:
        data["params"] = node.params
    inputs = graph.inputs(id)
    if inputs:
        data["inputs"] = {port: _source_text(source, id, port) for port, source in inputs.items()}
    if node.flags:
        data["flags"] = sorted(node.flags)
    if node.group is not None:
        data["group"] = node.group
    return data


def _source_text(source: Source, target: str, port: str) -> str:
    if source.output == DEFAULT_OUTPUT:
        return source.node
    if not source.output:
        message = f"a wire must name the output that it reads, {target}.{port} reads {source.node} alone"
        raise FileError(message, node=target, port=port)
    return f"{source.node}.{source.output}"


def _group(group: Group) -> dict[str, Any]:
    data = {key: value for key, value in group.extra.items() if key not in GROUP_KEYS}
    if group.name != group.id:
        data["name"] = group.name
    if group.group is not None:
        data["group"] = group.group
    if group.built_by is not None:
        data["built_by"] = {"layer": group.built_by.layer, "params": group.built_by.params}
    if group.collapsed:
        data["collapsed"] = True
    if group.note is not None:
        data["note"] = group.note
    return data


def _layout(graph: Graph, nodes: list[str], groups: list[str]) -> dict[str, str]:
    """Each part of the layout as text; what lies at the origin is left out."""
    rest = graph.extra.get("layout", EMPTY)
    if not isinstance(rest, dict):
        raise FileError(f'"layout" of the graph\'s unknown keys must be an object, found {describe(rest)}')
    layout = {key: write_line(value) for key, value in rest.items() if key not in LAYOUT_KEYS}
    places = {
        "nodes": [(id, _place(graph.nodes[id].position)) for id in nodes],
        "groups": [(id, _place(graph.groups[id].position)) for id in groups],
    }
    for key, lines in places.items():
        elsewhere = [line for line in lines if line[1] != "[0, 0]"]  # by text, as -0.0 equals 0.0
        if elsewhere:
            layout[key] = _block(elsewhere, indent=6)
    if graph.bends:
        wires = sorted(graph.bends, key=lambda wire: (natural_key(wire[0]), natural_key(wire[1])))
        texts = [", ".join(map(_place, graph.bends[wire])) for wire in wires]
        bent = ((f"{target}.{port}", f"[{text}]") for (target, port), text in zip(wires, texts, strict=True))
        layout["wires"] = _block(bent, indent=6)
    return layout


def _place(position: tuple[float, float]) -> str:
    x, y = position
    return f"[{_coordinate(x)}, {_coordinate(y)}]"


def _coordinate(number: float) -> str:
    """The shortest text that is read as the same float."""
    text = repr(number)
    return text[:-2] if text.endswith(".0") and text != "-0.0" else text


def _training_settings(training: Training) -> dict[str, Any]:
    settings = {key: value for key, value in training.to_json().items() if key != "extra"}
    check_training(settings)
    rest = {key: value for key, value in training.extra.items() if key not in FORMS}
    if settings["zero_gradients"]:  # as nearly always
        del settings["zero_gradients"]
    # (An empty list of penalised parameters says something else than none.)
    told = {key: value for key, value in settings.items() if value is not None and (value != () or key == "penalised")}
    return rest | told


def check_training(data: Mapping[str, Any]) -> dict[str, Any]:
    """The training settings that are not known here; FileError where known ones do not fit."""
    refusals = Refusals()
    for key, wanted in FORMS.items():
        if key in data and not fits(data[key], wanted):
            found = unfit(data[key], wanted)
            refusals.add(FileError(f'"{key}" of "training" must be {wanted}, found {describe(found)}'))
    refusals.raise_any()
    return {key: value for key, value in data.items() if key not in FORMS}
