"""Sessions: runs, gradients, feeds and fetches, training as one edit, and showing."""

from __future__ import annotations

import gc
import json
import os
import re
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from documents import refusing
from training_graphs import classifier, train_on, write_table

import gradwire.core as gw
from gradwire.core.data import batches, preparing
from gradwire.core.document import Document
from gradwire.core.errors import DataError, EditError, GradwireError, RunError
from gradwire.core.extend import Registry, builtin
from gradwire.core.graph.elements import Training
from gradwire.core.ops import installed
from gradwire.core.other_names import INSTEAD
from gradwire.core.passes import PASSES
from gradwire.core.program import KEPT, Program
from gradwire.core.session import Session
from gradwire.core.training.engine import Events

X = np.array([[1.0, -2.0, 0.5], [0.25, 4.0, -1.0]])
W = np.array([[1.0, -1.0], [0.5, 2.0], [-3.0, 0.0]])

refused = refusing(RunError)


def dense(dtype: str = "float64") -> Session:
    """loss = Σ h², h = relu(x w); beside it noise, whole numbers k and their sum, and a dropout of h."""
    doc = Document()
    with doc.transaction("Build") as t:
        t.set_dtype(dtype)
        t.add("input", name="x", shape=["N", 3])
        t.add("parameter", name="w", shape=[3, 2], init="he")
        t.add("matmul", name="z", inputs={"x": "input0", "w": "parameter0"})
        t.add("relu", name="h", inputs={"x": "matmul0"})
        t.add("square", inputs={"x": "relu0"})
        t.add("sum", name="loss", inputs={"x": "square0"})
        t.add("random_normal", name="noise", shape=[3])
        t.add("input", name="k", shape=["N"], dtype="int64")
        t.add("sum", name="k_sum", inputs={"x": "input1"})
        t.add("dropout", name="drop", inputs={"x": "relu0"})
    return Session(doc)


def with_weights(dtype: str = "float64") -> Session:
    session = dense(dtype)
    with session.document.transaction("Values") as t:
        t.set_values("parameter0", W)
    return session


# --- values


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_values_by_path_id_and_output(mode: str) -> None:
    session = with_weights()
    found = session.run({"x": X}, ["h", "relu0", "h.y", "relu0.y", "loss"], mode)
    hidden = np.maximum(X @ W, 0)
    for name in ("h", "relu0", "h.y", "relu0.y"):
        np.testing.assert_array_equal(found[name], hidden)
    assert float(found["loss"]) == pytest.approx((hidden**2).sum())
    assert session.run({"input0.y": X}, "loss", mode)["loss"] == found["loss"]


def test_names_within_groups() -> None:
    session = with_weights()
    with session.document.transaction("Group") as t:
        t.group(["relu0", "square0"], "block")
    assert session.run({"x": X}, "block/h").keys() == {"block/h"}
    assert session.run({"x": X}, "h").keys() == {"h"}  # a unique name will do


def test_a_group_means_its_one_result() -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", name="x", shape=(2,))
        double = t.add("add", name="double", inputs={"x": x, "y": x})
        square = t.add("square", name="square", inputs={"x": double})
        t.group([double, square], name="prep")
    session = Session(document)
    assert session.run({"x": [1, 2]}, "prep")["prep"].tolist() == [4, 16]
    with document.transaction("Read within") as t:
        t.add("exp", name="out", inputs={"x": square})
    assert session.run({"x": [1, 2]}, "prep")["prep"].tolist() == [4, 16]
    with document.transaction("Read more of it") as t:
        t.add("exp", name="other", inputs={"x": double})
    with pytest.raises(EditError) as caught:
        session.run({"x": [1, 2]}, "prep")
    assert str(caught.value) == ("the group 'prep' has 2 results, one is wanted (prep/double.y, prep/square.y)")


def test_a_fetch_of_nothing_is_nothing() -> None:
    assert dense().run() == {}


@pytest.mark.parametrize(
    ("feed", "fetch", "message", "kind"),
    [
        ({}, "los", "there is no node 'los' (near: loss)", EditError),
        ({}, "h.z", "h has no output 'z' (it has y)", RunError),
        ({}, "loss", "the run needs x, which is not fed (feed x a value)", RunError),
        ({}, ["loss", "k_sum"], "the run needs k, x, which are not fed (feed k a value)", RunError),
        ({"y": 1}, "loss", "there is no node 'y'", EditError),
        ({"x": X[0]}, "loss", "x must be fed the shape (N, 3), got (3,)", RunError),
        ({"x": X.T}, "loss", "x must be fed the shape (N, 3), got (3, 2)", RunError),
        ({"x": X, "w": W.T}, "loss", "w must be fed the shape (3, 2), got (2, 3)", RunError),
        (
            {"x": X, "k": [1, 2, 3]},
            "loss",
            "the fed values must have one batch size, but x has 2 and k has 3",
            RunError,
        ),
        ({"x": "abc"}, "loss", "x must be fed numbers, got text", RunError),
        ({"x": [[1, 2], [3]]}, "loss", "x must be fed numbers in rows of one length", RunError),
        ({"x": None}, "loss", "x must be fed numbers, got what NumPy has no number for", RunError),
        ({"k": [1.5]}, "k_sum", "k takes int64, and k[0] is 1.5 (whole numbers)", RunError),
        ({"k": [np.nan]}, "k_sum", "k takes int64, and k[0] is nan (whole numbers)", RunError),
        ({"x": X, "input0": X}, "loss", "input0 is fed twice, under two names", RunError),
    ],
)
def test_feeds_and_fetches_that_do_not_fit(feed: Any, fetch: Any, message: str, kind: Any) -> None:
    session = with_weights()
    for mode in ("static", "eager"):
        with refused(message, kind):
            session.run(feed, fetch, mode)


def test_a_mode_that_is_not_there() -> None:
    with refused("a mode is static or eager, got 'lazy'"):
        with_weights().run({"x": X}, "loss", mode="lazy")


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_only_what_is_needed_is_asked_for(mode: str) -> None:
    session = with_weights()
    assert session.run({"k": [1, 2]}, "k_sum", mode)["k_sum"] == 3
    assert session.run({"h": [[2.0, 1.0]]}, "loss", mode)["loss"] == 5  # neither x nor w
    assert session.run({"loss": 7.0}, "loss", mode)["loss"] == 7
    assert session.run({"x": X, "k": [1, 2]}, "w", mode)["w"].tolist() == W.tolist()


@pytest.mark.parametrize("mode", ["static", "eager"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_fed_takes_the_dtype_of_its_value(dtype: str, mode: str) -> None:
    """Whole numbers too, as a list or an array, for inputs and for what is else computed."""
    session = with_weights(dtype)
    for whole in ([[1, 2, 3]], np.array([[1, 2, 3]]), np.array([[1, 2, 3]], np.uint8)):
        assert session.run({"x": whole}, ["x", "loss"], mode)["x"].dtype == dtype
    for fed in ([[2, 1]], np.array([[2, 1]]), np.array([[2, 1]], np.float32)):
        found = session.run({"h": fed}, ["loss", "h"], mode)
        assert (found["loss"], found["loss"].dtype, found["h"].dtype) == (5, dtype, dtype)
    assert session.run({"k": [1.0, 2.0]}, "k_sum", mode)["k_sum"].dtype == np.int64


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_nan_and_infinity_may_be_fed(mode: str) -> None:
    session = with_weights("float32")
    found = session.run({"h": [[np.nan, np.inf]]}, ["loss", "square"], mode)
    np.testing.assert_array_equal(found["square"], [[np.nan, np.inf]])
    assert np.isnan(found["loss"])
    assert session.run({"h": [[1e300, 0.0]]}, "h", mode)["h"].tolist() == [[np.inf, 0.0]]


def test_results_are_the_callers_own() -> None:
    session = with_weights()
    first = session.run({"x": X}, ["h", "w"])
    kept = {name: value.copy() for name, value in first.items()}
    first["w"][...] = 9
    first["h"][...] = 9
    second = session.run({"x": X}, ["h", "w"])
    session.run({"x": -X}, ["h", "w"])
    for name, value in kept.items():
        np.testing.assert_array_equal(second[name], value)


def test_what_is_fed_is_not_written_to() -> None:
    session, fed = with_weights(), X.copy()
    session.gradients("loss", ["x", "w"], {"x": fed})
    np.testing.assert_array_equal(fed, X)


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_smaller_batch_and_none_at_all(mode: str) -> None:
    session = with_weights()
    for rows in (2, 1, 0):
        assert session.run({"x": X[:rows]}, "h", mode)["h"].shape == (rows, 2)


def test_the_dtype_of_a_session_goes_before_the_documents() -> None:
    doc = with_weights("float32").document
    found = {d: Session(doc, dtype=d).run({"x": X}, "h")["h"].dtype.name for d in (None, "float32", "float64")}
    assert found == {None: "float32", "float32": "float32", "float64": "float64"}
    with refused("a run's dtype must be float32 or float64, got 'float16'"):
        Session(doc, dtype="float16")


# --- gradients


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_gradients_by_name(mode: str) -> None:
    session = with_weights()
    found = session.gradients("loss", ["w", "x", "h", "noise"], {"x": X}, mode=mode)
    hidden = np.maximum(X @ W, 0)
    np.testing.assert_allclose(found["h"], 2 * hidden)
    np.testing.assert_allclose(found["w"], X.T @ (2 * hidden))
    np.testing.assert_allclose(found["x"], (2 * hidden) @ W.T)
    assert found["noise"] is None
    assert session.gradients("loss", "loss", {"x": X}, mode=mode)["loss"] == 1


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_root_with_a_seed(mode: str) -> None:
    session = with_weights()
    seed = np.array([[1, 0], [0, 2]])
    found = session.gradients("h", "w", {"x": X}, seed=seed, mode=mode)["w"]
    np.testing.assert_allclose(found, X.T @ (seed * (X @ W > 0)))
    with refused(
        "the root has shape (2, 2): a gradient starts from one element or needs a seed of that shape"
        " (sum or mean it, or give a seed)"
    ):
        session.gradients("h", "w", {"x": X}, mode=mode)
    with refused("the seed of the root must have its shape (2, 2), got (2,)"):
        session.gradients("h", "w", {"x": X}, seed=[1, 1], mode=mode)
    with refused("the seed of h must be fed numbers, got text"):
        session.gradients("h", "w", {"x": X}, seed="one", mode=mode)


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_gradients_stop_at_what_is_fed(mode: str) -> None:
    session = with_weights()
    found = session.gradients("loss", ["h", "x"], {"x": X, "h": [[2.0, 1.0], [0.0, 0.0]]}, mode=mode)
    np.testing.assert_array_equal(found["h"], [[4, 2], [0, 0]])
    assert found["x"] is None


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_contributions_add_up_to_the_gradient(mode: str) -> None:
    doc = Document()
    with doc.transaction("Fork") as t:
        t.add("parameter", name="x", shape=[3], init="constant", value=[0.1, 0.2, 0.7])
        t.add("multiply", name="twice", inputs={"x": "parameter0", "y": "parameter0"})
        t.add("sin", inputs={"x": "parameter0"})
        t.add("add", inputs={"x": "multiply0", "y": "sin0"})
        t.add("sum", name="y", inputs={"x": "add0"})
    session = Session(doc)
    parts = session.contributions("y", "x", mode=mode)
    assert sorted((node, port) for node, port, _ in parts) == [("sin", "x"), ("twice", "x"), ("twice", "y")]
    total = parts[0][2] + parts[1][2] + parts[2][2]
    gradient = session.gradients("y", "x", mode=mode)["x"]
    assert gradient is not None
    assert total.tobytes() == gradient.tobytes()
    assert session.contributions("sin", "twice", seed=np.ones(3), mode=mode) == []


def test_a_recording_changes_no_number() -> None:
    session = with_weights()
    trace = session.record("loss", ["w"], {"x": X})
    steps = [step for step, _ in trace.of_node("sum0")]
    assert trace.outputs(steps[0])[0] == session.run({"x": X}, "loss", train=True)["loss"]


# --- random numbers and parameters


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_random_numbers_are_new_at_each_run_and_the_same_for_an_iteration(mode: str) -> None:
    session = dense()
    first, second = (session.run(fetch="noise", mode=mode)["noise"] for _ in range(2))
    assert (first != second).all()
    one, again, other = (session.run(fetch="noise", mode=mode, iteration=i)["noise"] for i in (7, 7, 8))
    np.testing.assert_array_equal(one, again)
    assert (one != other).all()
    np.testing.assert_array_equal(dense().run(fetch="noise", iteration=7)["noise"], one)
    with refused("iteration must be a whole number from 0 to 2**64 - 1; found -1 (iteration: 0)", GradwireError):
        session.run(fetch="noise", iteration=-1)


def test_dropout_follows_train() -> None:
    session = with_weights()
    kept = session.run({"x": X}, ["drop", "h"])
    np.testing.assert_array_equal(kept["drop"], kept["h"])
    masks = [session.run({"h": np.ones((9, 9))}, "drop", train=True, iteration=i)["drop"] for i in (1, 1, 2)]
    assert set(masks[0].ravel()) == {0.0, 2.0}
    np.testing.assert_array_equal(masks[0], masks[1])
    assert (masks[0] != masks[2]).any()


def test_a_parameter_is_drawn_once_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    session, drawn = dense(), []
    op = session.registry["parameter"]
    real = op.forward
    monkeypatch.setattr(op, "forward", lambda *args, **params: drawn.append(params) or real(*args, **params))
    first = session.run(fetch="w")["w"]
    np.testing.assert_array_equal(session.run({"x": X}, ["w", "loss"])["w"], first)
    assert len(drawn) == 1
    with session.document.transaction("Shape") as t:
        t.set_param("parameter0", "init", "xavier")
    assert (session.run(fetch="w")["w"] != first).all()
    session.document.undo()
    np.testing.assert_array_equal(session.run(fetch="w")["w"], first)
    assert dict(session.document.values) == {}  # looking at a graph does not edit it


def test_a_value_of_the_wrong_shape_is_refused() -> None:
    session = dense()
    with session.document.transaction("Values") as t:
        t.set_values("parameter0", np.ones((3, 1)))  # it would broadcast
    for mode in ("static", "eager"):
        with refused("w has the shape (3, 2), but the document holds a value of (3, 1)"):
            session.run({"x": X}, "loss", mode)


# --- assign


def counter() -> Session:
    doc = Document()
    with doc.transaction("Build") as t:
        t.add("parameter", name="count", shape=[])
        t.add("constant", name="one", value=1.0)
        t.add("add", name="next", inputs={"x": "parameter0", "y": "constant0"})
        t.add("assign", name="keep", inputs={"value": "add0"}, target="parameter0")
    return Session(doc)


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_assign_writes_back_as_one_edit_that_can_be_undone(mode: str) -> None:
    session = counter()
    entries = len(session.document.history.entries)
    assert [float(session.run(fetch="keep", mode=mode)["keep"]) for _ in range(3)] == [1, 2, 3]
    assert session.document.values["parameter0"] == 3
    assert len(session.document.history.entries) == entries + 3
    assert session.document.history.undo_label == "Run"
    session.document.undo()
    assert session.document.values["parameter0"] == 2
    assert session.run(fetch="count", mode=mode)["count"] == 2
    assert session.run(fetch="next", mode=mode)["next"] == 3  # nothing was assigned on the way
    assert session.document.values["parameter0"] == 2


def test_a_program_is_kept_while_assign_changes_values(monkeypatch: pytest.MonkeyPatch) -> None:
    session, lowered = counter(), count_lowerings(monkeypatch)
    for _ in range(3):
        session.run(fetch="keep")
    assert len(lowered) == 1


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_assign_to_what_is_no_parameter_is_refused(mode: str) -> None:
    session = counter()
    for target in ("add0", "nothing"):
        with session.document.transaction("Target") as t:
            t.set_param("assign0", "target", target)
        with pytest.raises(GradwireError) as caught:
            session.run(fetch="keep", mode=mode)
        assert str(caught.value).startswith("keep")
        assert target in str(caught.value)
        assert "\n" not in str(caught.value)
    with session.document.transaction("Shape") as t:
        t.set_param("assign0", "target", "parameter0")
        t.set_param("constant0", "value", [1.0, 2.0])
    with pytest.raises(GradwireError) as caught:
        session.run(fetch="keep", mode=mode)
    assert "(2,)" in str(caught.value)


# --- programs


def count_lowerings(monkeypatch: pytest.MonkeyPatch) -> list[Program]:
    found: list[Program] = []
    real = Program.lowered

    def lowered(self: Program) -> Any:
        found.append(self)
        return real(self)

    monkeypatch.setattr(Program, "lowered", lowered)
    return found


def test_a_question_is_lowered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session, lowered = with_weights(), count_lowerings(monkeypatch)
    for _ in range(3):
        session.run({"x": X}, "loss")
        session.gradients("loss", "w", {"x": X})
    assert len(lowered) == 2
    session.run({"x": X[:1]}, "loss")  # another size of batch
    session.run({"x": X}, "loss", train=True)
    assert len(lowered) == 4
    with session.document.transaction("Values") as t:
        t.set_values("parameter0", 2 * W)
    session.run({"x": X}, "loss")  # values are read, not compiled
    assert len(lowered) == 4
    with session.document.transaction("Edit") as t:
        t.set_flags("relu0", ["bypass"])
    value = session.run({"x": X}, "loss")["loss"]
    assert len(lowered) == 5
    assert float(value) == pytest.approx(((X @ W * 2) ** 2).sum())
    session.document.undo()
    assert session.run({"x": X}, "loss")["loss"] != value


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.connect("input0", "square0", "x"),
        lambda t: t.rename("input0", "renamed"),
        lambda t: t.group(["input0"], "inputs"),
        lambda t: t.set_dtype("float32"),
    ],
)
def test_an_edit_makes_a_new_program(change: Any) -> None:
    session = with_weights()
    session.run({"x": X}, "loss")
    with session.document.transaction("Edit") as t:
        change(t)
    for mode in ("static", "eager"):
        found = session.run({"input0": X}, "loss", mode)["loss"]
        expected = Session(session.document).run({"input0": X}, "loss", mode)["loss"]
        assert found.tobytes() == expected.tobytes()
        assert found.dtype == session.dtype


def test_a_pass_that_comes_or_goes_is_told_to_graphs_that_have_run_before() -> None:
    session, seen = with_weights(), list[Any]()

    def watching(plan: Any) -> Any:
        seen.append(plan)
        return plan

    before = session.run({"x": X}, "loss")
    PASSES.add(watching, "a plugin")
    try:
        assert session.run({"x": X}, "loss") == session.run({"x": X}, "loss") == before
        assert len(seen) == 1
    finally:
        PASSES.remove("watching")
    program = session._programs._kept.popitem()[1]
    assert (session.run({"x": X}, "loss"), len(seen)) == (before, 1)
    assert session._programs._kept.popitem()[1] is not program, "what the pass has made is run no more"


def test_few_programs_are_kept() -> None:
    session = with_weights()
    for rows in range(KEPT + 5):
        session.run({"h": np.ones((rows, 2))}, "loss")
    assert len(session._programs._kept) == KEPT


def test_a_thousand_runs_in_turn_stay_right() -> None:
    """Buffers of one program never show in the results of another."""
    session = with_weights()
    random = np.random.default_rng(0)
    for _ in range(50):
        rows = random.normal(size=(random.integers(1, 4), 3))
        found = session.run({"x": rows}, ["h", "loss"])
        np.testing.assert_allclose(found["h"], np.maximum(rows @ W, 0), atol=1e-15)


# --- data


def test_a_dataset_that_is_not_fed_gives_the_first_batch_of_training(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    parts = session.trainer().data.parts["train"]
    rows = batches(18, 5, 1, epoch=1)[0]
    found = session.run(fetch=["data.x", "data.y"])
    np.testing.assert_array_equal(found["data.x"], parts["data.x"][rows])
    np.testing.assert_array_equal(found["data.y"], parts["data.y"][rows])
    with session.document.transaction("No training") as t:
        t.set_training(None)
    np.testing.assert_array_equal(session.run(fetch="data.x")["data.x"], parts["data.x"])


def test_a_dataset_gives_as_many_samples_as_are_fed_elsewhere(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("Input") as t:
        t.add("input", name="shift", shape=["N", 1])
        t.add("add", name="moved", inputs={"x": "dataset0.x", "y": "input0"})
    assert session.run({"shift": np.zeros((7, 1))}, "moved")["moved"].shape == (7, 2)
    with refused("data has 18 samples, which do not fill a batch of 19"):
        session.run({"shift": np.zeros((19, 1))}, "moved")


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_dataset_may_be_fed(tmp_path: Path, mode: str) -> None:
    session = classifier(tmp_path)
    x = [[0, 1], [2, 3]]
    assert session.run({"data.x": x}, "tanh", mode)["tanh"].shape == (2, 4)
    assert session.run({"data.x": x, "data.y": [0, 2]}, "loss", mode)["loss"].dtype == np.float32
    for feed, message in (
        ({"data.x": x}, "the run needs data.y, which is not fed (feed data.y a value)"),
        ({"data.x": [[1, 2, 3]]}, "data.x must be fed the shape (N, 2), got (1, 3)"),
        (
            {"data.x": x, "data.y": [0]},
            "the fed values must have one batch size, but data.x has 2 and data.y has 1",
        ),
        ({"data.x": x, "data.y": [0, 0.5]}, "data.y takes int64, and data.y[1] is 0.5 (whole numbers)"),
    ):
        with refused(message):
            session.run(feed, "loss", mode)


def test_data_are_prepared_once_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, splits = classifier(tmp_path), []
    real = preparing.split
    monkeypatch.setattr(preparing, "split", lambda *a, **k: splits.append(a) or real(*a, **k))
    first = session.run(fetch="data.x")["data.x"]
    for _ in range(3):
        np.testing.assert_array_equal(session.run(fetch="data.x")["data.x"], first)
    session.trainer()
    assert len(splits) == 1
    write_table(tmp_path, rows=60)
    os.utime(tmp_path / "points.csv", ns=(1, 1))
    assert (session.run(fetch="data.x")["data.x"] != first).any()
    assert len(splits) == 2
    with session.document.transaction("Split") as t:
        t.set_param("dataset0", "split_seed", 3)
    session.run(fetch="data.x")
    assert len(splits) == 3


def test_data_that_cannot_be_read_are_told_with_the_node(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    (tmp_path / "points.csv").unlink()
    with refused('the data file "points.csv" is not in the document\'s folder (data files there: none)', DataError):
        session.run(fetch="loss")


# --- training as an edit


def test_training_is_one_entry_of_the_history(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    initial = session.run(fetch="first/weight")["first/weight"]
    changes: list[Any] = []
    session.document.observe(changes.append)
    result = session.train()
    assert [(change.label, change.source) for change in changes] == [("Train", "training")]
    assert set(session.document.values) == {"parameter0", "parameter1", "parameter2", "parameter3"}
    trained = session.run(fetch="first/weight")["first/weight"]
    np.testing.assert_array_equal(trained, result.values["parameter0"])
    assert (trained != initial).any()
    session.document.undo()
    assert dict(session.document.values) == {}
    np.testing.assert_array_equal(session.run(fetch="first/weight")["first/weight"], initial)
    session.document.redo()
    np.testing.assert_array_equal(session.run(fetch="first/weight")["first/weight"], trained)


def test_training_goes_on_from_what_was_trained(tmp_path: Path) -> None:
    session = classifier(tmp_path, optimiser={"name": "sgd", "lr": 0.05})
    losses = [session.train(epochs=5).last["validation_loss"] for _ in range(3)]
    assert losses == sorted(losses, reverse=True)


@pytest.mark.parametrize(
    "edit",
    [
        lambda t: t.set_param("dropout0", "rate", 0.9),
        lambda t: t.remove("parameter0"),
        lambda t: t.set_values("parameter0", np.ones((2, 4))),
        lambda t: t.remove("cross_entropy0"),
    ],
)
def test_an_edit_while_it_trains_is_not_overwritten(tmp_path: Path, edit: Any) -> None:
    session = classifier(tmp_path)
    trainer = session.trainer()

    def change(engine: Any) -> None:
        if engine.state.epoch == 2:
            with session.document.transaction("Edit") as t:
                edit(t)

    trainer.engine.add_event_handler(Events.EPOCH_COMPLETED, change)
    with refused("the graph was edited while it trained, so its values were left as they are"):
        session.train(trainer)
    assert session.document.history.undo_label == "Edit"
    assert "parameter1" not in session.document.values


def test_a_trainer_of_an_older_graph_is_not_taken(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    trainer = session.trainer()
    with session.document.transaction("Edit") as t:
        t.set_param("parameter0", "shape", [2, 9])
    with refused("the graph was edited while it trained, so its values were left as they are"):
        session.train(trainer)


def test_moving_a_node_while_it_trains_is_no_hindrance(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    trainer = session.trainer()

    def move(engine: Any) -> None:
        with session.document.transaction("Move") as t:
            t.move("tanh0", (float(engine.state.epoch), 5.0))
            t.rename("tanh0", f"bend_{engine.state.epoch}")

    trainer.engine.add_event_handler(Events.EPOCH_COMPLETED, move)
    session.train(trainer)
    assert session.document.history.undo_label == "Train"


def test_training_that_fails_changes_nothing(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    trainer = session.trainer()
    trainer.engine.add_event_handler(Events.EPOCH_COMPLETED, lambda e: 1 / 0)
    entries = session.document.history.entries
    with pytest.raises(ZeroDivisionError):
        session.train(trainer)
    assert session.document.history.entries == entries
    assert dict(session.document.values) == {}


# --- files


@pytest.mark.parametrize("name", ["net.gw", "net.gwz"])
def test_a_trained_network_is_saved_and_opened(tmp_path: Path, name: str) -> None:
    session = classifier(tmp_path)
    session.train()
    before = session.run(fetch="loss", iteration=1)["loss"]
    path = session.save(tmp_path / name)
    assert (session.path, session.document.dirty) == (path, False)
    opened = gw.open(path)
    assert opened.graph == session.graph
    assert opened.notices == ()
    assert opened.run(fetch="loss", iteration=1)["loss"].tobytes() == before.tobytes()
    for id, value in session.document.values.items():
        assert opened.document.values[id].tobytes() == value.tobytes()
    assert opened.save() == path
    assert not opened.document.dirty
    assert gw.open(path, dtype="float64").run(fetch="loss")["loss"].dtype == np.float64


def test_a_document_without_a_file_needs_a_name() -> None:
    with refused("the document has no file yet (save(path))"):
        dense().save()


def test_a_save_that_fails_leaves_the_session_as_it_was(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    session.save(tmp_path / "net.gw")
    train_on(session, epochs=9)
    with pytest.raises(GradwireError):
        session.save(tmp_path / "missing" / "net.gw")
    assert session.path == tmp_path / "net.gw"
    assert session.document.dirty


# --- showing


def test_a_table_for_notebooks_escapes_names() -> None:
    session = dense()
    with session.document.transaction("Rename") as t:
        t.rename("relu0", "<script>alert(1)<∕script>&\"'")
    text = session._repr_html_()
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<td>x</td><td>input</td><td>(N, 3) f64</td>" in text
    assert "<ul>" not in text


def test_a_table_for_notebooks_lists_problems(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("Break") as t:
        t.set_param("parameter0", "shape", [9, 4])
        t.rename("linear0", "<b>")
    text = session._repr_html_()
    assert text.count("<li>") == 1
    assert "<li>&lt;b&gt;/matmul.w: " in text
    assert "<td>tanh</td><td>tanh</td><td></td>" in text
    train_on(session, loss="gone")  # a problem of no node
    assert "<td>data</td>" in session._repr_html_()
    assert Session()._repr_html_().count("<tr>") == 1


def test_what_a_session_says_of_itself(tmp_path: Path) -> None:
    assert repr(Session()) == "<Session unsaved: 0 nodes, float32>"
    assert repr(classifier(tmp_path)) == "<Session net.gw: 12 nodes, float32>"


def test_a_session_uses_the_ops_of_its_document() -> None:
    few = Registry([builtin()["relu"]])
    doc = Document(registry=few)
    assert Session(doc).registry is few
    empty = Registry()
    assert Session(registry=empty).document.registry is empty
    assert Session().registry is installed()


def test_an_unknown_op_is_told_only_where_it_is_needed() -> None:
    doc = dense().document
    few = Registry(op for op in builtin() if op.name != "dropout")
    session = Session(Document(doc.graph, registry=few))
    assert session.run({"k": [1]}, "k_sum")["k_sum"] == 1
    with pytest.raises(GradwireError, match="op 'dropout'"):
        session.run({"x": X}, "drop")


def test_a_training_without_data_has_no_batch() -> None:
    doc = Document()
    with doc.transaction("Build") as t:
        t.add("parameter", shape=[2], init="ones")
        t.add("sum", name="loss", inputs={"x": "parameter0"})
        t.set_training(Training("sum0", {"name": "sgd", "lr": 0.5}, epochs=2))
    session = Session(doc)
    session.train()
    assert session.run(fetch="loss")["loss"] == 0


# What a crash leaves


def _with_journal(tmp_path: Path) -> Session:
    document = Document()
    with document.transaction("Draw") as t:
        t.add("relu", inputs={"x": t.add("input", name="x")})
    Session(document).save(tmp_path / "net.gw")
    return Session.open(tmp_path / "net.gw", journal=True)


def test_edits_that_were_not_saved_are_offered_after_a_crash(tmp_path: Path) -> None:
    crashed = _with_journal(tmp_path)
    assert crashed.recovered is None
    with crashed.document.transaction("Add a sine") as t:
        t.add("sin", inputs={"x": "relu0"})
    wanted = crashed.graph
    del crashed  # nothing is closed, nothing saved
    session = Session.open(tmp_path / "net.gw", journal=True)
    assert session.recovered is not None
    assert [change.label for change in session.recovered.changes] == ["Add a sine"]
    assert "sin0" not in session.graph.nodes
    session.recover()
    assert session.graph == wanted
    session.save()
    assert Session.open(tmp_path / "net.gw", journal=True).recovered is None
    with pytest.raises(RunError, match=r"^there are no unsaved edits to recover$"):
        session.recover()


def test_a_journal_follows_the_file_to_another_name(tmp_path: Path) -> None:
    session = _with_journal(tmp_path)
    session.save(tmp_path / "other.gw")
    with session.document.transaction("Add a sine") as t:
        t.add("sin")
    session.close()
    assert Session.open(tmp_path / "net.gw", journal=True).recovered is None
    recovered = Session.open(tmp_path / "other.gw", journal=True).recovered
    assert recovered is not None
    assert recovered.fits


# What a window and a console rely on


def _square() -> Session:
    document = Document()
    with document.transaction("Draw") as t:
        x = t.add("input", name="x", shape=(200,))
        t.add("sum", name="y", inputs={"x": t.add("square", inputs={"x": t.add("sin", inputs={"x": x})})})
    return Session(document)


def test_two_threads_may_run_one_session() -> None:
    session = _square()
    wrong: list[float] = []

    def run(value: float) -> None:
        expected = session.run({"x": np.full(200, value)}, "y", mode="eager")["y"]
        for _ in range(100):
            found = session.run({"x": np.full(200, value)}, "y")["y"]
            if found != expected:
                wrong.append(value)

    threads = [threading.Thread(target=run, args=(value,)) for value in (0.3, 0.7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_node_that_is_moved_is_not_compiled_again_and_a_changed_sign_of_zero_is() -> None:
    document = Document()
    with document.transaction("Draw") as t:
        value = t.add("constant", value=0.0)
        t.add("reciprocal", name="y", inputs={"x": value})
    session = Session(document)
    before = session.program(["y"])
    assert session.run(fetch="y")["y"] == np.inf
    with document.transaction("Move") as t:
        t.move(value, (50.0, 60.0))
    assert session.program(["y"]) is before
    with document.transaction("Sign") as t:
        t.set_param(value, "value", -0.0)
    assert session.run(fetch="y")["y"] == -np.inf


def test_a_recording_is_freed_with_its_trace() -> None:
    session = _square()
    trace = session.record("y", ["x"], {"x": np.ones(200)})
    held = weakref.ref(trace)
    del trace
    gc.collect()
    assert held() is None


def test_gradients_and_contributions_see_the_random_numbers_of_the_last_run() -> None:
    document = Document()
    with document.transaction("Draw") as t:
        x = t.add("input", name="x", shape=(64,))
        t.add("sum", name="y", inputs={"x": t.add("dropout", name="d", inputs={"x": x})})
    session = Session(document)
    feed = {"x": np.ones(64)}
    dropped = session.run(feed, "d", train=True)["d"]
    gradient = session.gradients("y", "x", feed, train=True)["x"]
    ((_, _, part),) = session.contributions("y", "x", feed, train=True)
    assert np.array_equal(gradient, dropped)
    assert np.array_equal(part, gradient)
    assert not np.array_equal(session.run(feed, "d", train=True)["d"], dropped)


def test_a_trainer_made_before_an_edit_of_a_value_overwrites_nothing(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    trainer = session.trainer(gw.Settings(epochs=1))
    (weight, *_) = trainer.step.trained
    newer = np.zeros_like(trainer.state[weight])
    with session.document.transaction("By hand") as t:
        t.set_values(weight, newer)
    with pytest.raises(RunError, match=r"^the graph was edited while it trained, so its values were left as they"):
        session.train(trainer)
    assert np.array_equal(session.document.values[weight], newer)
    with pytest.raises(RunError, match=r"^a trainer has its settings already, got epochs beside it$"):
        session.train(session.trainer(), epochs=3)


def test_a_traced_graph_makes_a_session() -> None:
    session = Session(gw.trace(lambda a, b: (a + b) * (b + 1), 2.0, 1.0))
    assert session.run({"a": 2, "b": 1}, "y")["y"] == 6
    assert gw.ops.relu(np.array([-1.0, 2.0])).tolist() == [0.0, 2.0]
    with pytest.raises(AttributeError, match=r"^no op is called 'rely' \(near: relu, relu6, prelu\)$"):
        _ = gw.ops.rely


def test_what_other_libraries_call_otherwise_is_told_where_it_is_looked_for() -> None:
    x, w, b = np.ones((2, 3)), np.ones((3, 4)), np.ones(4)
    product = "gw.ops.matmul(x, w) + b, with w (in, out); PyTorch's weight (out, in) is its transpose"
    for call, message in (
        (lambda: gw.ops.linear(x, w, b), f"no op is called 'linear' ({product})"),
        (lambda: gw.ops.bmm(x, w), "no op is called 'bmm' (gw.ops.matmul(x, w))"),
        (lambda: gw.ops.padding(x), "no op is called 'padding' (it is a family: pad)"),
        (lambda: gw.ops.l1_loss(x, x), "no op is called 'l1_loss' (gw.ops.mae(prediction, target))"),
    ):
        with pytest.raises((AttributeError, TypeError)) as caught:
            call()
        assert str(caught.value) == message


def test_what_is_told_of_other_libraries_names_ops_that_there_are() -> None:
    for name, (op, told) in INSTEAD.items():
        assert installed().get(name) is None
        assert installed().get(op) is not None
        assert all(installed().get(op) for op in re.findall(r"gw\.ops\.(\w+)", told)), name


def test_a_misspelt_setting_is_told(tmp_path: Path) -> None:
    path = classifier(tmp_path).save(tmp_path / "net.gw")
    text = path.read_text("utf-8")
    path.write_text(text.replace('"epochs":', '"epoch":'), "utf-8")
    assert Session.open(path).notices == ("training: nothing here reads the setting 'epoch' (near: epochs)",)


def test_what_nobody_reads_in_a_file_is_told(tmp_path: Path) -> None:
    path = classifier(tmp_path).save(tmp_path / "net.gw")
    added = '"about": "Points.", "format": 1, "lesson": true, "trainig": {},'
    text = path.read_text("utf-8").replace('"format": 1,', added)
    path.write_text(text.replace('"layout": {', '"layout": {"node": {},', 1), "utf-8")
    assert '"node": {}' in path.read_text("utf-8")
    assert Session.open(path).notices == (
        "the file: nothing here reads 'trainig' (near: training)",
        "layout: nothing here reads 'node' (near: nodes)",
    )


def test_places_of_what_is_not_there_are_told_and_the_rest_opens(tmp_path: Path) -> None:
    path = classifier(tmp_path).save(tmp_path / "net.gw")
    content = json.loads(path.read_text("utf-8"))
    known = next(iter(content["nodes"]))
    content["layout"].setdefault("nodes", {}).update({known + "x": [0, 0]} | {f"ghost{i}": [1, 2] for i in range(4)})
    content["layout"].setdefault("groups", {})["block"] = [5, 5]
    path.write_text(json.dumps(content), "utf-8")
    session = Session.open(path)
    assert session.notices == (
        f"layout: there is no node '{known}x' (near: {known}, add1)",
        "layout: there is no node 'ghost0'",
        "layout: there is no node 'ghost1'",
        "layout: there is no node for 2 more of its places",
        "layout: there is no group 'block'",
    )
    assert known in session.graph.nodes


@pytest.mark.parametrize("number", [0, -1, True, 1.5, "a", None])
def test_what_is_no_iteration_is_told(tmp_path: Path, number: Any) -> None:
    with pytest.raises(RunError) as caught:
        classifier(tmp_path).timeline(iteration=number)
    assert str(caught.value) == f"an iteration is a whole number from 1 on, got {number!r} (iteration=1)"


def test_an_iteration_that_nobody_would_wait_for_says_what_it_costs(tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(RunError) as caught:
        classifier(tmp_path).timeline(iteration=10**12)
    assert time.monotonic() - begun < 30
    assert re.fullmatch(
        r"at most 100,000 iterations are gone through for the sake of one, got 1000000000000, which would take"
        r" some [\d,]+ years \(iteration: a smaller number, or run: the folder of a run with a checkpoint near it\)",
        str(caught.value),
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimiser": "sgd"}, 'optimiser must be a mapping, found str (as in {"name": "adam", "lr": 0.001})'),
        ({"clip_norm": np.nan}, "clip_norm of training must be a finite number or null, got nan"),
        ({"l2": np.inf}, "l2 of training must be a finite number, got inf"),
        ({"l2": "much"}, "l2 of training must be a number, got 'much'"),
    ],
)
def test_training_settings_of_another_form(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(GradwireError) as caught:
        classifier(tmp_path, **settings)
    assert str(caught.value) == message


def test_edits_that_were_not_recovered_are_not_lost_by_another_crash(tmp_path: Path) -> None:
    for name in ("first", "second"):
        session = _with_journal(tmp_path) if name == "first" else Session.open(tmp_path / "net.gw", journal=True)
        with session.document.transaction(name) as t:
            t.add("sin", name=name)
    offered = Session.open(tmp_path / "net.gw", journal=True).recovered
    assert offered is not None
    assert [change.label for change in offered.changes] == ["second"]
    assert [notice.partition(": ")[2] for notice in offered.notices] == ["holds changes of an earlier session"]
    (tmp_path / ".net.gw.journal").unlink()  # as where the disk was full when it was written
    offered = Session.open(tmp_path / "net.gw", journal=True).recovered
    assert offered is not None
    assert [change.label for change in offered.changes] == ["first"]
