"""Items and ports in words, as a screen reader says them: nothing that is shown is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.graph import Graph, Source
from ..look.numbers import fixed
from ..stepping.versions import told as written
from ..wording import counted
from .anatomy import FRAME, Item, PortRef

if TYPE_CHECKING:
    from .canvas import Canvas

FEW = 8  # numbers that are read out; of more, how many there are and between what they lie


def item_words(canvas: Canvas, item: Item) -> str:
    """A node or group: "MatMul hidden, 2 inputs: x from data.y (N, 64) f32, …; value …; 1 problem: …"."""
    parts = [f"{item.op} {item.name}" + (", expanded group" if item.kind == FRAME else "")]
    if item.inputs:
        ports = ", ".join(_input(canvas, PortRef(item.id, name, False)) for name in item.inputs)
        parts[0] += f", {counted(len(item.inputs), 'input')}: {ports}"
    if item.outputs:
        ports = ", ".join(_output(canvas, PortRef(item.id, name, True)) for name in item.outputs)
        parts.append(f"{counted(len(item.outputs), 'output')}: {ports}")
    parts += [f"flag {flag}" for flag in sorted(item.flags)]
    parts += _value(canvas, item)
    if item.id in canvas.editor.branching.here:
        parts.append(f"forked: {canvas.editor.branching.here[item.id]} was put in by hand")
    parts += _written(canvas, item)
    if item.id in canvas.marks.halting:
        parts.append("breakpoint" if item.id in canvas.editor.graph.nodes else "a breakpoint within")
    if begins := canvas.marks.begins(item.id):
        parts.append(f"{begins} starts here")
    parts += [f"{finding.rule}: {finding.text}" for finding in canvas.marks.findings.get(item.id, ())]
    problems = _problems(canvas, item)
    if problems:
        parts.append(f"{counted(len(problems), 'problem')}: {'; '.join(problems)}")
    return "; ".join(parts)


def _written(canvas: Canvas, item: Item) -> list[str]:
    """By what a parameter was written at the moment that is shown, and which of its values it holds now."""
    moment = canvas.editor.stepper.moment
    text = "" if moment is None else written(moment, item.id, canvas.editor.graph)
    return [text] if text else []


def port_words(canvas: Canvas, port: PortRef) -> str:
    """A port: "input x from data.y (N, 64) f32"."""
    return f"output {_output(canvas, port)}" if port.output else f"input {_input(canvas, port)}"


def _label(canvas: Canvas, port: PortRef) -> str:
    item = canvas.scene.item(port.id)
    names, labels = (item.outputs, ()) if port.output else (item.inputs, item.input_labels)
    return labels[names.index(port.name)] if labels and port.name in names else _plain(canvas, port)


def _plain(canvas: Canvas, port: PortRef) -> str:
    real = canvas.scene.real(port)
    return real.name if real.id == port.id else f"{canvas.editor.graph.item(real.id).name}.{real.name}"


def _input(canvas: Canvas, port: PortRef) -> str:
    real, graph = canvas.scene.real(port), canvas.editor.graph
    source = graph.fed(real.id, real.name) if real.id in graph.nodes else None
    label = _label(canvas, port)
    return f"{label} not connected" if source is None else f"{label} from {_shaped(canvas, graph, source)}"


def _shaped(canvas: Canvas, graph: Graph, source: Source) -> str:
    shape = canvas.editor.shapes.get(source, "")
    return f"{graph.path(source.node)}.{source.output} {shape}".strip()


def _output(canvas: Canvas, port: PortRef) -> str:
    source, graph = canvas.scene.source(port), canvas.editor.graph
    shape = canvas.editor.shapes.get(source, "")
    wires = [wire for wire in graph.consumers(source.node) if wire.source == source]
    to = ", ".join(f"{graph.path(wire.target)}.{wire.port}" for wire in wires[:FEW]) or "nothing"
    more = f" and {len(wires) - FEW} more" if len(wires) > FEW else ""
    return f"{_plain(canvas, port)} {shape}".strip() + f" to {to}{more}"


def _value(canvas: Canvas, item: Item) -> list[str]:
    if not item.sources:
        return []
    results, source = canvas.editor.results, item.sources[0]
    parts = []
    for what, value in (("value", results.value(source)), ("gradient", results.gradient(source).value)):
        if value is not None:
            parts.append(f"{what} {_numbers(np.asarray(value), canvas.decimals)}")
    if parts and results.is_stale(source.node):
        parts[0] += ", out of date"
    fates = canvas.editor.memory.fates(source)
    if fates is not None and fates.sentence:
        parts.append(fates.sentence)
    return parts


def _numbers(array: np.ndarray, decimals: int) -> str:
    if array.size <= FEW:
        return ", ".join(fixed(number, decimals) for number in array.reshape(-1)) or "empty"
    if array.dtype.kind not in "fiub":
        return f"{array.size} numbers"
    low, high = (fixed(number, decimals) for number in (array.min(), array.max()))
    return f"{array.size} numbers from {low} to {high}"


def _problems(canvas: Canvas, item: Item) -> list[str]:
    scene, graph = canvas.scene, canvas.editor.graph
    if item.id not in canvas.marks.bad_items:
        return []
    found = []
    for problem in canvas.editor.problems:
        if problem.node is not None and problem.node in graph.nodes and scene.face(problem.node) == item.id:
            found.append(f"{problem.port}: {problem.told}" if problem.port else problem.told)
    errors = canvas.editor.live.errors()
    return found or [errors[id] for id in errors if id in graph.nodes and scene.face(id) == item.id]
