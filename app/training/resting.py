"""A run that nobody trains, taken from its folder into the window: for a thread of its own, of immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...core.evaluating.fitting import fitted_layers
from ...core.graph import Graph
from ...core.runs import Run
from ...core.runs.record import TRAINED
from ...core.runs.resting import left
from ...core.runs.taking import same_value
from ..bridge import Request
from ..plots.loading import load_plots
from .beginning import references
from .curves import RunCurves
from .starting import RunOrigin, Start

Array = np.ndarray[Any, Any]
CATEGORIES = "categories"


class Rested(NamedTuple):
    """A run with its curves, and what it has in common with the document."""

    run: Run
    curves: RunCurves
    origin: RunOrigin


def rest(folder: Path, start: Start, request: Request) -> Rested:
    """The run in a folder, beside the document of `start`. Raises `GradwireError`."""
    run = left(folder)
    load_plots(request)
    written = run.record.written
    path = None if written.data is None else written.data / f"{folder.name}.gw"  # data are read there
    checked = start.with_graph(run.graph, run.record.values, path).session().check()
    return Rested(run, RunCurves(run, references(run.graph, checked)), _origin(run, start))


def _origin(run: Run, start: Start) -> RunOrigin:
    """From where it began, with the very values of the document where they are still, or are what it came to."""
    record, graph = run.record, _as_drawn(run.graph, start.graph)
    origin = RunOrigin(start.with_graph(graph, record.values, start.path))
    origin.seen = start.graph.training  # a run goes on as it was, until somebody edits what the document says
    began = dict(record.values)
    measured = {id for each in fitted_layers(graph) for id in (each.offset, each.scale)} & began.keys()
    origin.fitted = {id: began[id] for id in measured if id not in start.values}
    known: list[Mapping[str, Array]] = [{id: value for id, value in began.items() if id not in origin.fitted}]
    if (record.path / TRAINED).exists():
        known.append({**known[0], **record.trained()})
    for values in known:
        if all(same_value(start.values.get(id), values.get(id)) for id in origin.parameters):
            origin.values = start.values
            break
    return origin


def _as_drawn(graph: Graph, document: Graph) -> Graph:
    """The graph of a run without the categories that were noted for it where the document has noted none."""
    draft = graph.draft()
    for id, node in graph.nodes.items():
        drawn = document.nodes.get(id)
        if node.op != "dataset" or drawn is None or drawn.params.get(CATEGORIES) is not None:
            continue
        if {**node.params, CATEGORIES: None} == {**drawn.params, CATEGORIES: None}:
            draft.update(id, params=drawn.params)
    return draft.freeze()
