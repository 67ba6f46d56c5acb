"""Timelines of examples and of small graphs, for the tests of stepping."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gradwire.core.document import Document
from gradwire.core.evaluating import Asked, Evaluator
from gradwire.core.graph import Source
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, Timeline, lay_out

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.gw"))


def timeline_of(session: Session) -> Timeline:
    run = Evaluator(session.registry).evaluate(Asked.of(session))
    assert run is not None
    return lay_out(run, session.registry)


@cache
def example(name: str) -> Timeline:
    return timeline_of(Session.open(EXAMPLES[0].parent / f"{name}.gw"))


def drawn(build: Any) -> Timeline:
    """The timeline of a small graph, built in one transaction."""
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        build(t)
    return timeline_of(Session(document))


def value(t: Any, name: str, number: Any) -> str:
    shape = np.shape(number)
    return t.add("input", name=name, shape=shape, value=number)


def at(timeline: Timeline, path: str, cursor: Cursor) -> Any:
    return Moment(timeline, cursor).gradient(source_of(timeline, path))


def source_of(timeline: Timeline, path: str) -> Source:
    """The first output of the node with this path."""
    return next(s for s in timeline.run.tensors if timeline.run.asked.graph.path(s.node) == path)
