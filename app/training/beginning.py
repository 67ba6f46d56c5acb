"""Beginning a run, going on with one, and reading what it came to: for a thread of its own, of immutable values."""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import log
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...core.check import Checked
from ...core.diagnosing.over_training import DIAGNOSES, limits
from ...core.errors import GradwireError, RunError
from ...core.graph import Graph
from ...core.runs import Run, RunSettings
from ...core.runs.home import folders_called
from ...core.runs.taking import result
from ..bridge import Request
from ..plots.data import Reference
from ..plots.loading import load_plots
from .curves import RunCurves
from .starting import Start

Array = np.ndarray[Any, Any]


USUAL = {"update ratio": (Reference(1e-3, "1e−3: usual"),)}  # levels that hold for any network


class Begun(NamedTuple):
    """A run that goes on. `fitted` are the statistics of preprocessing layers that were measured for it, by id."""

    run: Run
    curves: RunCurves
    fitted: Mapping[str, Array]


class Came(NamedTuple):
    """What a run has come to."""

    run: Run
    values: Mapping[str, Array]


def begin(start: Start, paused: bool, request: Request) -> Begun | None:
    """Begin a run. Raises `GradwireError` for all that keeps the graph from being trained."""
    session = start.session()
    document = session.document
    checked = session.check()
    if checked.problems:
        first, *others = [problem.text(session.graph) for problem in checked.problems]
        raise RunError(first + (f" · and {len(others)} more" if others else ""))
    run = Run.start(
        session, _free(start.home, start.name), RunSettings(paused=paused, thresholds=sound(start.thresholds) or None)
    )
    fitted = {id: value for id, value in document.values.items() if value is not start.values.get(id)}
    load_plots(request)
    if request.cancelled:
        run.close()
        return None
    return Begun(run, RunCurves(run, references(start.graph, checked)), fitted)


def go_on(before: Run, levels: Mapping[str, tuple[Reference, ...]], request: Request) -> Begun | None:
    """Go on with a run from its newest checkpoint. Raises `GradwireError`."""
    run = Run.resume(before.record.path)
    load_plots(request)
    if request.cancelled:
        run.close()
        return None
    return Begun(run, RunCurves(run, levels), {})


def come_to(run: Run) -> Came:
    """Read what a run came to that is over. Raises `GradwireError`."""
    return Came(run, result(run.record).values)


def sound(chosen: Any) -> dict[str, Any]:
    """Of thresholds of diagnoses as they were stored, those that there are by now."""
    found: dict[str, Any] = {}
    for name, own in chosen.items() if isinstance(chosen, Mapping) else ():
        try:
            limits(DIAGNOSES, {name: own})
        except GradwireError:
            continue
        found[name] = own
    return found


def _free(home: Path, name: str) -> Path:
    """A folder of this name and this time that is not there yet."""
    begun = f"{folders_called(name)}-{time.strftime('%Y-%m-%d-%H%M%S')}"
    number, free = 2, home / begun
    while free.exists():
        free = home / f"{begun}-{number}"
        number += 1
    return free


def references(graph: Graph, checked: Checked) -> Mapping[str, tuple[Reference, ...]]:
    """By plot the levels that curves are read against: a network that guesses among C classes has a loss of ln C, and
    a parameter changes by a thousandth of itself in an iteration, as a rule.
    """
    assert graph.training is not None
    loss = graph.nodes[graph.training.loss]
    wired = graph.inputs(loss.id)
    logits = None if "logits" not in wired else checked.avals.get(wired["logits"])
    if loss.op != "cross_entropy" or "weights" in wired or logits is None:
        return USUAL
    if loss.params.get("reduction", "mean") != "mean":
        return USUAL
    classes = logits.shape[-1]
    return {**USUAL, "loss": (Reference(log(classes), f"ln {classes}: guessing"),)}
