"""The example files: each opens without a problem, is laid out, and computes what its lesson says."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.data import prepare
from gradwire.core.graph import Graph, Source
from gradwire.core.info import info

FOLDER = Path(__file__).resolve().parents[1] / "examples"
WIDTH, HEIGHT = 130.0, 60.0  # scene units of a node
EMPTY: Mapping[str, Any] = {}


class Example(NamedTuple):
    """What an example is about, what is fed, and the shape of a root that is more than one number."""

    root: str
    feed: Mapping[str, Any] = EMPTY
    seed: tuple[int, ...] | None = None


EXAMPLES = {
    "colah": Example("e", {"a": 2.0, "b": 1.0}),
    "digits_cnn": Example("loss"),
    "digits_mlp": Example("loss"),
    "feed_fetch": Example("z", {"x": 3.0}),
    "fork": Example("y"),
    "fork_hack": Example("y"),
    "iris_mlp": Example("loss"),
    "linear_graph": Example("y", {"x": [1.0, 2.0, 3.0]}, (2,)),
    "linear_regression": Example("loss"),
    "logistic_4x3": Example("loss"),
    "logistic_regression": Example("loss"),
    "mlp_64x1000x100x10": Example("loss"),
    "moons_mlp": Example("loss"),
    "nielsen": Example("cost"),
    "numpy_linear": Example("y", seed=(10, 1)),
    "sin_plus_product": Example("f", {"x": 1.0, "y": 2.0}),
    "spirals_mlp": Example("loss"),
    "three_layer_classifier": Example("loss"),
}
each = pytest.mark.parametrize("name", EXAMPLES)


def opened(name: str) -> gw.Session:
    return gw.open(FOLDER / f"{name}.gw")


TRAINED = [name for name in EXAMPLES if opened(name).graph.training is not None]


def bits(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values in a form that is equal exactly when dtype, shape and every bit are."""
    return {k: None if v is None else (v.dtype.str, v.shape, v.tobytes()) for k, v in values.items()}


def float_values(session: gw.Session) -> list[str]:
    """The names of all values of floats in the graph."""
    avals = session.check().avals
    floats = [source for source, aval in avals.items() if aval.dtype.kind == "f"]
    return [_text(session.graph, source) for source in floats]


def _text(graph: Graph, source: Source) -> str:
    return f"{graph.path(source.node)}.{source.output}"


# Every example.


def test_each_file_is_tested_here():
    assert sorted(EXAMPLES) == sorted(path.stem for path in FOLDER.glob("*.gw"))


@each
def test_an_example_has_no_problems_and_says_what_it_is_about(name):
    session = opened(name)
    assert session.check().problems == ()
    assert session.notices == ()
    about = session.graph.extra["about"]
    assert about.endswith(".")
    assert "\n" not in about


@each
def test_saving_an_example_gives_the_bytes_of_its_file(name, tmp_path):
    saved = opened(name).save(tmp_path / f"{name}.gw")
    assert saved.read_bytes() == (FOLDER / f"{name}.gw").read_bytes()


@each
def test_nodes_are_laid_out_from_left_to_right_without_overlap(name):
    graph = opened(name).graph
    for a, b in combinations(graph.nodes.values(), 2):
        apart = abs(a.position[0] - b.position[0]) >= WIDTH or abs(a.position[1] - b.position[1]) >= HEIGHT
        assert apart, f"{graph.path(a.id)} and {graph.path(b.id)} overlap"
    for source, target, _ in graph.wires():
        assert graph.nodes[source.node].position[0] + WIDTH < graph.nodes[target].position[0]


@each
def test_a_frame_lies_at_its_group_and_around_no_other_node(name):
    graph = opened(name).graph
    for group in graph.groups.values():
        within = graph.interior(group.id)[0]
        xs, ys = zip(*(graph.nodes[id].position for id in within), strict=True)
        assert group.position == (min(xs), min(ys))
        for id in graph.nodes.keys() - set(within):
            x, y = graph.nodes[id].position
            inside = min(xs) - WIDTH < x < max(xs) + WIDTH and min(ys) - HEIGHT < y < max(ys) + HEIGHT
            assert not inside, f"{graph.path(id)} lies in the frame of {group.name}"


@each
def test_eager_and_static_give_the_same_bits(name):
    session = opened(name)
    root, feed, shape = EXAMPLES[name]
    names = float_values(session)
    seed = None if shape is None else np.ones(shape)
    values, gradients = [], []
    for mode in ("eager", "static"):
        values.append(session.run(feed, names, mode=mode, iteration=1))
        gradients.append(session.gradients(root, names, feed, seed=seed, mode=mode, iteration=1))
    assert bits(values[0]) == bits(values[1])
    assert bits(gradients[0]) == bits(gradients[1])
    assert any(gradient is not None for gradient in gradients[0].values())


@each
def test_a_recording_changes_no_number(name):
    session = opened(name)
    root, feed, shape = EXAMPLES[name]
    if shape is not None:  # a recording starts its gradients from one element
        trace = session.record(root, (), feed)
    else:
        trace = session.record(root, wrt := float_values(session), feed)
        gradients = session.gradients(root, wrt, feed, iteration=1)
        named = {text: f"∂{root}/∂{text if text.startswith('data.') else text[:-2]}" for text in wrt}
        recorded = {text: trace.plan.outputs.get(output) for text, output in named.items()}
        found = {text: None if n is None else trace.values[n] for text, n in recorded.items()}
        assert bits(found) == bits(gradients)
    steps = [s for s in trace.plan.steps if s.phase == "forward" and s.op.name == session.graph.nodes[s.node].op]
    plain = session.run(feed, [session.graph.path(s.node) for s in steps], iteration=1)
    assert bits({session.graph.path(s.node): trace.outputs(s)[0] for s in steps}) == bits(plain)
    assert root in plain


@pytest.mark.parametrize("name", TRAINED)
def test_three_epochs_of_training_give_the_same_bits_in_both_modes(name):
    static, eager = (opened(name).train(mode=mode, epochs=3) for mode in ("static", "eager"))
    assert bits(static.values) == bits(eager.values)
    assert static.history == eager.history
    assert len(static.history) == 3


# Networks.


def test_digits_mlp_reaches_97_percent_and_the_same_result_twice():
    first, second = (opened("digits_mlp").train() for _ in range(2))
    assert first.last["validation_accuracy"] >= 0.97
    assert first.history == second.history
    assert bits(first.values) == bits(second.values)


@pytest.mark.slow
def test_digits_cnn_reaches_98_percent_with_fewer_parameters_than_the_mlp():
    session = opened("digits_cnn")
    assert session.train().last["validation_accuracy"] >= 0.98
    assert info(session).trained_parameters == 6_090 < info(opened("digits_mlp")).trained_parameters


@pytest.mark.parametrize(
    ("name", "least"), [("iris_mlp", 0.9), ("logistic_regression", 0.95), ("moons_mlp", 0.97), ("spirals_mlp", 0.97)]
)
def test_a_classifier_reaches_its_accuracy(name, least):
    assert opened(name).train().last["validation_accuracy"] >= least


@pytest.mark.parametrize(
    "name",
    ["digits_cnn", "digits_mlp", "iris_mlp", "linear_regression", "logistic_regression", "moons_mlp", "spirals_mlp"],
)
def test_layers_keep_their_parameters_editable(name):
    assert all(group.built_by is not None for group in opened(name).graph.groups.values())


def test_linear_regression_comes_close_to_least_squares():
    session = opened("linear_regression")
    data = prepare(session.graph.nodes[session.graph.resolve("data")].params, None)
    train, held_out = ((np.c_[p.x, np.ones(len(p))], p.y) for p in (data.train, data.validation))
    solution = np.linalg.lstsq(*train)[0]
    best = float(np.mean((held_out[0] @ solution - held_out[1]) ** 2))
    assert session.train().last["validation_mse"] == pytest.approx(best, rel=0.03)


def test_mlp_64x1000x100x10_falls_as_the_usual_program_does():
    session = opened("mlp_64x1000x100x10")
    assert info(session).trained_parameters == 101_110
    losses = [row["train_loss"] for row in session.train().history]
    assert len(losses) == 500
    assert 630 < losses[0] < 700
    assert 2.3 < losses[99] < 2.6
    assert losses[499] < 1e-5


# Lessons.


def test_colah():
    session, feed = opened("colah"), {"a": 2, "b": 1}
    assert session.run(feed, ["c", "d", "e"]) == {"c": 3, "d": 2, "e": 6}
    assert session.gradients("e", ["a", "b", "c", "d"], feed) == {"a": 2, "b": 5, "c": 2, "d": 3}
    assert {(node, float(part)) for node, _, part in session.contributions("e", "b", feed)} == {
        ("c", 2),
        ("d", 3),
    }


@pytest.mark.parametrize("name", ["colah", "linear_graph", "sin_plus_product"])
def test_a_lesson_has_its_numbers_before_anything_is_fed(name):
    session, (root, feed, _) = opened(name), EXAMPLES[name]
    assert bits(session.run(fetch=root)) == bits(session.run(feed, root))


def test_sin_plus_product():
    session, feed = opened("sin_plus_product"), {"x": 1, "y": 2}
    assert session.run(feed, "f")["f"] == pytest.approx(2.8414709848)
    assert session.gradients("f", ["x", "y"], feed) == pytest.approx({"x": np.cos(1) + 2, "y": 1})
    parts = {node: float(part) for node, _, part in session.contributions("f", "x", feed)}
    assert parts == pytest.approx({"sin": np.cos(1), "product": 2})
    assert session.gradients("product", "x", feed) == {"x": 2}  # of any node by any other


def test_linear_graph_has_an_order_and_refuses_a_loop():
    session = opened("linear_graph")
    np.testing.assert_array_equal(session.run({"x": [1, 2, 3]}, "y")["y"], [2, 0])
    names = [session.graph.path(id) for id in session.graph.order()]
    assert names == ["x", "W", "Wx", "b", "y"]
    y, product = session.graph.resolve("y"), session.graph.resolve("Wx")
    with pytest.raises(gw.GradwireError) as refused, session.document.transaction("Loop") as t:
        t.connect(y, product, "w")
    assert str(refused.value) == "a wire from y to Wx would close the loop Wx -> y -> Wx"


def test_feed_fetch_keeps_a_and_draws_b_anew():
    session, feed = opened("feed_fetch"), {"x": 3}
    runs = [session.run(feed, ["A", "y", "z"]) for _ in range(3)]
    assert len({float(run["A"]) for run in runs}) == 1
    assert len({float(run["y"]) for run in runs}) == 1
    assert len({float(run["z"] - run["A"] * 3) for run in runs}) == 3
    assert runs[0]["y"] == runs[0]["A"] * 3
    assert opened("feed_fetch").run(feed, "A") == {"A": runs[0]["A"]}


def test_feed_fetch_runs_only_what_is_needed():
    session = opened("feed_fetch")
    assert [step.op.name for step in session.program(["y"], {"x": 3}).plan.steps] == ["multiply"]
    assert session.run({"y": 1, "b": 2}, "z") == {"z": 3}  # behind what is fed nothing is needed
    assert np.isfinite(session.run(fetch="b")["b"])
    with pytest.raises(gw.GradwireError) as unfed:
        session.run(fetch="z")
    assert str(unfed.value) == "the run needs x, which is not fed (feed x a value)"


def by_hand(x: Any, w: Any, b: Any, g: Any, rate: float) -> dict[str, Any]:
    """y = x W + b forward, backward from g and one step of descent, in NumPy."""
    dw = x.T @ g
    db = g.sum(axis=0)
    dx = g @ w.T
    return {"y": x @ w + b, "dW": dw, "db": db, "dx": dx, "W": w - rate * dw, "b": b - rate * db}


def test_numpy_linear_equals_the_program_written_by_hand():
    session = opened("numpy_linear")
    start = session.run(fetch=["x", "W", "b", "y"])
    ones = np.ones((10, 1))
    wanted = by_hand(start["x"], start["W"], start["b"], ones, 1e-2)
    gradients = session.gradients("y", ["x", "W", "b"], seed=ones)
    session.train()
    found = {f"d{name}": gradient for name, gradient in gradients.items()}
    found |= {"y": start["y"], **session.run(fetch=["W", "b"])}
    shapes = {"y": (10, 1), "dW": (5, 1), "db": (1,), "dx": (10, 5), "W": (5, 1), "b": (1,)}
    assert {name: value.shape for name, value in found.items()} == shapes
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-13, atol=1e-15, err_msg=name)
    np.testing.assert_array_equal(session.run(fetch="x")["x"], start["x"])


def test_numpy_linear_refuses_a_gradient_of_another_shape():
    with pytest.raises(gw.GradwireError) as refused:
        opened("numpy_linear").gradients("y", "W", seed=np.ones((10, 5)))
    assert str(refused.value) == "the seed of the root must have its shape (10, 1), got (10, 5)"


def test_logistic_4x3():
    session = opened("logistic_4x3")
    assert session.run(fetch="loss")["loss"] == pytest.approx(2.7725887, abs=5e-8)
    session.train()
    after = session.run(fetch=["loss", "w"])
    assert after["loss"] == pytest.approx(2.3222993, abs=1e-7)
    np.testing.assert_allclose(after["w"], [0.0749158, -0.1071904, 0.1679506], atol=5e-8)


def test_fork_sums_two_contributions():
    session = opened("fork")
    assert session.run(fetch="y")["y"] == pytest.approx([0.0207047], abs=5e-8)
    (straight, _, first), (through, _, second) = session.contributions("y", "h")
    assert (straight, through) == ("both", "W2h")
    np.testing.assert_allclose(first, [-0.0317217, -0.4828473], atol=5e-8)
    np.testing.assert_allclose(second, [0.3407854, -0.0421732], atol=5e-8)
    total = session.gradients("y", "h")["h"]
    np.testing.assert_allclose(total, [0.3090636, -0.5250204], atol=5e-8)
    assert total.dtype == np.float32
    assert bits({"h": total}) == bits({"h": first + second})


def test_fork_hack_reaches_what_fork_has_in_its_ledger():
    ledger = {node: part for node, _, part in opened("fork").contributions("y", "h")}
    hack = opened("fork_hack")
    found = hack.gradients("y", ["path1", "path2", "h"])
    assert bits({"path1": ledger["both"], "path2": ledger["W2h"]}) == bits(
        {name: found[name] for name in ("path1", "path2")}
    )
    assert bits({"h": found["path1"] + found["path2"]}) == bits(opened("fork").gradients("y", "h"))
    assert bits({"h": found["h"]}) == bits(opened("fork").gradients("y", "h"))
    assert bits(hack.run(fetch="y")) == bits(opened("fork").run(fetch="y"))
