"""What a run has come to, taken from its folder into a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..document import Document
from ..errors import RunError
from ..training import checkpoint
from ..training.result import Result
from .happening import COMPLETED, RESUMED, STARTED, STOPPED
from .record import RunRecord

Array = np.ndarray[Any, Any]


def result(record: RunRecord) -> Result:
    """The values, the history and the iterations of a run that is completed or was stopped.

    Raises `RunError` for one that is not, `FileError` for what cannot be read.
    """
    last: Mapping[str, Any] = {"event": "not begun"}
    for event in record.events(STARTED, RESUMED, STOPPED, COMPLETED):
        last = event
    newest = record.newest()
    if last["event"] not in (STOPPED, COMPLETED) or newest is None:
        raise RunError(f"a result needs a run that is completed or stopped, that in {record.path} is not")
    position = checkpoint.read(newest[1])[1]
    best, early = last.get("best_epoch"), bool(last.get("stopped_early"))
    return Result(record.trained(), position["history"], position["iteration"], {}, best, early)


def put_into(record: RunRecord, document: Document) -> None:
    """Put the trained values into a document, as one entry of its history.

    Raises `RunError` where that is not as it was when the run began: nothing newer is overwritten.
    """
    values = result(record).values
    if not still_as(record, document):
        raise RunError("the graph was edited while it trained, so its values were left as they are")
    with document.transaction("Train", source="training") as t:
        for id, value in values.items():
            t.set_values(id, value)


def still_as(record: RunRecord, document: Document) -> bool:
    """Whether what was trained means in a document what it did in the run, and has the values there with which the
    run began. Raises `FileError`.
    """
    graph, began = document.graph, record.loaded.graph
    assert began.training is not None
    loss = began.training.loss
    if loss not in graph.nodes or graph.fingerprint(loss) != began.fingerprint(loss):
        return False
    read = record.trained()
    return all(id in graph.nodes and same_value(document.values.get(id), record.values.get(id)) for id in read)


def same_value(one: Array | None, other: Array | None) -> bool:
    """Whether two values of a parameter, None where there is none, are the same."""
    if one is None or other is None:
        return one is other
    return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
