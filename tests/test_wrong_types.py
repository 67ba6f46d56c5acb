"""What Python users hand over by mistake: refused in one whole line of ours, never by a traceback from within."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.training.metrics import METRICS, metric

T = np.array([1, 0])


def session() -> gw.Session:
    """A parameter times an input, and its mean."""
    document = gw.Document()
    with document.transaction("x") as t:
        x = t.add("input", name="x", shape=[3])
        t.add("mean", name="loss", inputs={"x": x})
    return gw.Session(document)


def handler(engine: gw.Engine) -> None:
    """Does nothing."""


def attached(**more: Any) -> None:
    gw.Engine(lambda engine, batch: None).add_event_handler(gw.Events.STARTED, handler, **more)


UPDATE = " (metric = metric.update(prediction, target) counts a batch: update gives a new metric)"
BUILT = 'with document.transaction("Add a layer") as t: gw.build(t, …)'
FILE = 'as in "graph.gw"'
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "no prediction": (
        lambda: metric("accuracy").update(None, T),
        "accuracy: prediction must hold numbers, got None (floats, integers or booleans)",
    ),
    "a ragged target": (
        lambda: metric("mse").update([1.0, 2.0], [[1], [2, 3]]),
        "mse: target must hold numbers in lists of equal lengths, got [[1], [2, 3]]",
    ),
    "a number": (
        lambda: metric("accuracy").update(5, T),
        "accuracy needs a prediction of shape (N, …, C), (N, 1) or (N,); found ()",
    ),
    "an empty metric": (
        lambda: metric("accuracy").compute(),
        "accuracy needs at least one sample; found none" + UPDATE,
    ),
    "priority": (
        lambda: attached(priority="x"),
        "a handler's priority must be a number, got 'x' (those of a higher one come first)",
    ),
    "priority nan": (
        lambda: attached(priority=float("nan")),
        "a handler's priority must be a number, got nan (those of a higher one come first)",
    ),
    "Session": (
        lambda: gw.Session(5),  # type: ignore[arg-type]
        "a session holds a Document or a Graph, got 5 (gw.trace gives a graph)",
    ),
    "Session of a file": (
        lambda: gw.Session("a.gw"),  # type: ignore[arg-type]
        "a session holds a Document or a Graph, got 'a.gw' (gw.open(path) opens a file)",
    ),
    "Document": (
        lambda: gw.Document(5),  # type: ignore[arg-type]
        "a document holds a Graph, got 5 (gw.open(path) opens a file)",
    ),
    "open None": (lambda: gw.open(None), f"a file is named by a text or a Path, got None ({FILE})"),  # type: ignore[arg-type]
    "open 5": (lambda: gw.open(5), f"a file is named by a text or a Path, got 5 ({FILE})"),  # type: ignore[arg-type]
    "open bytes": (lambda: gw.open(b"a.gw"), f"a file is named by a text or a Path, got b'a.gw' ({FILE})"),  # type: ignore[arg-type]
    "open a zero": (lambda: gw.open("a\0.gw"), f"a file is named by a text or a Path, got 'a\\x00.gw' ({FILE})"),
    "save": (lambda: session().save(5), f"a file is named by a text or a Path, got 5 ({FILE})"),  # type: ignore[arg-type]
    "build": (
        lambda: gw.build(None, "linear", "x", in_features=3, out_features=3),  # type: ignore[arg-type]
        f"a layer is built in a transaction, got None ({BUILT})",
    ),
    "timeline": (
        lambda: session().timeline(5),  # type: ignore[arg-type]
        'a root is a Root, a Source or a text, got 5 (as in "loss")',
    ),
    "train": (
        lambda: session().run(feed={"x": [1.0, 2.0, 3.0]}, fetch="loss", train="yes"),  # type: ignore[arg-type]
        "train must be True or False, got 'yes' (True: as in training)",
    ),
}


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_told_in_one_line(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(gw.GradwireError) as caught:
        call()
    assert str(caught.value) == message


def test_a_run_folder_that_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(gw.GradwireError, match="a run's folder is named by a text or a Path, got 5"):
        session().timeline("loss", run=5)  # type: ignore[arg-type]


def test_metrics_count_lists_and_tensors_as_arrays() -> None:
    scores, labels = [[1, 2], [2, 1]], [1, 0]
    assert metric("accuracy").update(scores, labels).compute() == 1.0
    for kind in METRICS:
        name = kind.name
        shape = (2, 3) if name == "top_k" else (2,) if name in ("mse", "mae", "r2") else (2, 2)
        prediction = np.linspace(0.1, 0.9, int(np.prod(shape))).reshape(shape)
        found = metric(name).update(prediction, T)
        assert metric(name).update(prediction.tolist(), T.tolist()) == found
        assert metric(name).update(gw.Tensor(prediction), gw.Tensor(T)) == found


def test_update_leaves_the_metric_as_it_was() -> None:
    empty = metric("accuracy")
    assert empty.update([[1, 2]], [1]).compute() == 1.0
    assert empty == metric("accuracy")
