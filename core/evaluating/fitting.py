"""Fitting of preprocessing layers: their statistics measured on the training part of the data, by one pass or two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..data import categories_of, prepare
from ..data.standardising import deviation, extent
from ..document import Document
from ..document.ports import value_name
from ..errors import DataError, RunError
from ..feeding import prepared
from ..graph import Graph, Source
from ..layers.preprocessing import CENTRED, MEASURED
from ..running import Running

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]
ROWS = 1024  # samples that are computed at once


class Fitted(NamedTuple):
    """A group that a preprocessing layer built: its kind, the parameters that are measured, and its input."""

    group: str
    kind: str
    offset: str
    scale: str
    input: Source | None


def fitted_layers(graph: Graph) -> list[Fitted]:
    """The preprocessing layers of a graph, those first whose values others read."""
    found = []
    for id, group in graph.groups.items():
        if group.built_by is None or group.built_by.layer not in MEASURED:
            continue
        kind = group.built_by.layer
        names = {graph.nodes[node].name: node for node in graph.interior(id)[0] if graph.nodes[node].group == id}
        if {*MEASURED[kind], CENTRED} <= names.keys():
            offset, scale = (names[name] for name in MEASURED[kind])
            found.append(Fitted(id, kind, offset, scale, graph.inputs(names[CENTRED]).get("x")))
    place = {id: index for index, id in enumerate(graph.order())}
    return sorted(found, key=lambda each: place[each.offset] if each.input is None else place[each.input.node])


def fit_missing(running: Running) -> dict[str, int]:
    """Fit the preprocessing layers that training needs and that hold no statistics yet; returns what `fit` does.

    The texts that columns of text hold are noted in the data set, so that another file is later read in the same way.
    """
    _note_categories(running)
    graph, held = running.graph, running.document.values
    if graph.training is None or graph.training.loss not in graph.nodes:
        return {}
    needed = graph.ancestors([graph.training.loss])
    layers = [each for each in fitted_layers(graph) if each.offset in needed]
    return fit(running, [each.group for each in layers if not {each.offset, each.scale} <= held.keys()])


def _note_categories(running: Running) -> None:
    graph = running.graph
    if graph.training is None or graph.training.loss not in graph.nodes:
        return
    found = {}
    for id in sorted(graph.ancestors([graph.training.loss])):
        node = graph.nodes[id]
        if node.op == "dataset" and node.params.get("categories") is None:
            with suppress(DataError):  # what cannot be read is told with what else keeps from training
                categories = categories_of(node.params, running.folder)
                if categories:  # what is listed may be only held out, so what is refused must not become listed
                    prepare(node.params, running.folder)
                found[id] = categories
    if any(found.values()):
        with running.document.transaction("Note categories", source="fitting") as t:
            for id in filter(found.get, found):
                t.set_param(id, "categories", found[id])


class Measured(NamedTuple):
    """The statistics that were measured, by the parameters that hold them, and on how many samples, by layer's path."""

    values: dict[str, Array]
    samples: dict[str, int]


def fit(running: Running, groups: Iterable[str] | None = None) -> dict[str, int]:
    """Measure the statistics of preprocessing layers, all or those in `groups` (ids or paths), as one edit.

    Returns on how many samples each was measured, by its path. Raises `RunError` as `measure` does.
    """
    found = measure(running, groups)
    with running.document.transaction("Fit preprocessing", source="fitting") as t:
        for id, value in found.values.items():
            t.set_values(id, value)
    return found.samples


def measure(running: Running, groups: Iterable[str] | None = None) -> Measured:
    """What `fit` puts into the document, which stays as it is.

    Each layer is measured on what comes to it from the training part, in evaluation, so that nothing of what is held
    out leaks into it. Raises `RunError` for what is no such layer, and where no data set comes to one.
    """
    graph, found = running.graph, Measured({}, {})
    # What one layer gives the next one measures, so each is put in before another is computed.
    scratch = Running(
        Document(graph, running.document.values, running.registry), running.registry, running.path, running.dtype
    )
    scratch.given = running.given
    for each in _wanted(graph, groups):
        offset, scale, found.samples[graph.path(each.group)] = _measured(scratch, each)
        with scratch.document.transaction("Fit") as t:
            for id, value in ((each.offset, offset), (each.scale, scale)):
                found.values[id] = value.astype(running.dtype)
                t.set_values(id, found.values[id])
    return found


def _wanted(graph: Graph, groups: Iterable[str] | None) -> list[Fitted]:
    layers = fitted_layers(graph)
    if groups is None:
        return layers
    known = {name: each for each in layers for name in (each.group, graph.path(each.group))}
    asked = set()
    for name in groups:
        if name not in known:
            there = ", ".join(graph.path(each.group) for each in layers) or "none is there"
            raise RunError(f"{name} is no preprocessing layer, which could be fitted", hint=there)
        asked.add(known[name].group)
    return [each for each in layers if each.group in asked]


def _measured(running: Running, layer: Fitted) -> tuple[Array, Array, int]:
    """What is to be subtracted, what to be divided by, and on how many samples both were measured."""
    shape = tuple(running.graph.nodes[layer.offset].params["shape"])
    path = running.graph.path(layer.group)
    reduced = partial(_reduced, shape=shape)
    found = extent(_input(running, layer, path, shape), reduced)
    varies = found.high > found.low
    if layer.kind == "normalise":
        return _finite(path, found.low, np.where(varies, found.high - found.low, 1.0), found.samples)
    # The rounded deviation of what never varies may be 1e-17, which would blow up its noise.
    scale = np.where(varies, deviation(_input(running, layer, path, shape), found, reduced), 1.0)
    return _finite(path, np.where(varies, found.mean, found.low), scale, found.samples)


def _finite(path: str, offset: Array, scale: Array, samples: int) -> tuple[Array, Array, int]:
    if not (np.isfinite(offset).all() and np.isfinite(scale).all()):
        raise RunError(
            f"{path} needs finite numbers to be fitted on", hint="mend the data, or give it in a larger unit"
        )
    return offset, np.where(scale == 0, 1.0, scale), samples


def _input(running: Running, layer: Fitted, path: str, shape: Shape) -> Iterator[Array]:
    """What comes to a layer, of this shape, from the training part: float64, some rows at once."""
    graph, source = running.graph, layer.input
    if source is None:
        raise RunError(f"{path} has nothing to be fitted on: its input is not wired")
    nodes = [graph.nodes[id] for id in sorted(graph.ancestors([source.node])) if graph.nodes[id].op == "dataset"]
    if len(nodes) != 1:
        listed = ", ".join(graph.path(node.id) for node in nodes) or "none"
        raise RunError(f"{path} is fitted on the data set that comes to it: one is required; found {listed}")
    (node,) = nodes
    x, y = prepared(node, running.folder, running.dtype)[1]["train"]
    name, wanted = graph.path(node.id), value_name(graph, running.registry, source)
    for start in range(0, len(x), ROWS):
        rows = slice(start, start + ROWS)
        found = running.run({f"{name}.x": x[rows], f"{name}.y": y[rows]}, wanted)[wanted]
        _check(path, shape, found)
        yield found.astype(np.float64)


def _check(path: str, shape: Shape, part: Array) -> None:
    own = part.shape[1:]
    behind = own[len(own) - len(shape) :]
    if len(shape) > len(own) or any(length not in (1, found) for length, found in zip(shape, behind, strict=True)):
        raise RunError(
            f"{path} has the shape {tuple(shape)}, but a sample that comes to it {own}", hint=f"shape: {list(own)}"
        )


def _reduced(reduce: np.ufunc, part: Array, shape: Shape) -> Array:
    """`part` (N, ...) reduced to `shape`: over its samples, axes that `shape` has not, and those of length 1 in it."""
    missing = part.ndim - len(shape)
    axes = (*range(missing), *(missing + i for i, length in enumerate(shape) if length == 1))
    return np.asarray(reduce.reduce(part, axis=axes, keepdims=True)).reshape(tuple(shape))
