"""A batch normalisation with running statistics as simpler ops: it computes, writes and learns as the node did."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradwire import core as gw
from gradwire.core.document import Document
from gradwire.core.graph import Source, Training
from gradwire.core.layers import build
from gradwire.core.session import Session

X = np.random.default_rng(4).normal(2, 3, (6, 3, 2))
NORM = "norm/batch_norm"


def normalised() -> Session:
    """x -> batch normalisation -> mean of (y − 1)²; as many samples as one likes."""
    document = Document()
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        t.add("constant", name="x", value=X.tolist())
        norm = build(t, "batch_norm", Source("constant0", "y"), name="norm", num_features=3, momentum=0.3, eps=1e-3)
        t.add("constant", name="one", value=1.0)
        t.add("subtract", inputs={"x": norm.output, "y": "constant1"})
        t.add("square", inputs={"x": "subtract0"})
        t.add("mean", name="loss", inputs={"x": "square0"})
        t.set_training(Training("mean0", optimiser={"name": "sgd", "lr": 0.1}, batch=1, epochs=3, seed=1))
    return Session(document)


def statistics(session: Session) -> dict[str, Any]:
    return {session.graph.path(id): value for id, value in session.document.values.items()}


def test_its_parts_train_the_same_weights_and_move_the_same_statistics() -> None:
    whole, parts = normalised(), normalised()
    group = gw.expand(parts, NORM)
    assert parts.check().problems == ()
    assert {"mean", "by_mode", "divide", "assign"} <= {
        parts.graph.nodes[id].op for id in parts.graph.interior(group)[0]
    }
    for train in (True, False):
        wanted = whole.run(fetch="loss", train=train)["loss"]  # with what is written meanwhile
        np.testing.assert_allclose(parts.run(fetch="loss", train=train)["loss"], wanted, rtol=1e-12)
    before = statistics(whole)
    whole.train()
    parts.train()
    wanted = statistics(whole)
    assert not np.allclose(wanted["norm/running_var"], before.get("norm/running_var", 1.0))
    assert statistics(parts).keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_allclose(statistics(parts)[name], value, rtol=1e-10, err_msg=name)


def predicting(shape: tuple[int | str, ...]) -> Session:
    document = Document()
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        t.add("input", name="x", shape=shape)
        held = {name: t.add("parameter", name=name, shape=(2,)) for name in ("running_mean", "running_var")}
        t.set_values(held["running_mean"], [1.0, -1.0])
        t.set_values(held["running_var"], [4.0, 9.0])
        t.add("batch_norm", name="bn", inputs={"x": "input0", **held}, eps=0.0)
    return Session(document)


def test_one_sample_is_predicted_by_the_running_ones() -> None:
    session = predicting(("N", 2))
    group = gw.expand(session, "bn")
    (last,) = [session.graph.path(id) for id in session.graph.interior(group)[0] if not session.graph.consumers(id)]
    feed = {"x": np.array([[3.0, 2.0]])}
    np.testing.assert_array_equal(session.run(feed, fetch=last, train=False)[last], [[1.0, 1.0]])  # (x − m) / √v


@pytest.mark.parametrize("make", [normalised, lambda: predicting(("N", 2))])
def test_it_is_fused_again_with_what_it_writes(make: Any) -> None:
    session = make()
    before, node = session.graph, session.graph.resolve(NORM if make is normalised else "bn")
    gw.expand(session, node)
    gw.fuse(session, node)
    assert session.graph.nodes == before.nodes
    assert sorted(map(str, session.graph.wires())) == sorted(map(str, before.wires()))


def test_what_no_longer_writes_the_same_is_not_fused() -> None:
    session = predicting(("N", 2))
    group = gw.expand(session, "bn")
    writer = next(id for id in session.graph.interior(group)[0] if session.graph.nodes[id].op == "assign")
    with session.document.transaction("Unwrite") as t, t.building(group):
        t.set_param(writer, "target", session.graph.resolve("running_var"))
    with pytest.raises(gw.errors.EditError, match="no longer what batch_norm is made of"):
        gw.fuse(session, group)
