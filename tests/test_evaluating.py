"""The window's evaluator: numbers, what is computed again and what is not, errors, cancellation."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.document import Transaction
from gradwire.core.errors import GradwireError
from gradwire.core.evaluating import Asked, Evaluated, Evaluator, Root
from gradwire.core.gradient_check import check_gradients
from gradwire.core.graph import Graph, Node, Source, Training
from gradwire.core.op import op
from gradwire.core.ops import Registry, builtin

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def opened(name: str) -> gw.Session:
    return gw.open(EXAMPLES / f"{name}.gw")


def asked(session: gw.Session, root: str | None = None) -> Asked:
    document = session.document
    roots = () if root is None else (Root(at(session, root)),)
    return Asked(document.graph, document.values, document.versions, session.dtype, session.folder, roots)


def at(session: gw.Session, path: str, output: str = "y") -> Source:
    return Source(session.graph.resolve(path), output)


def evaluated(session: gw.Session, evaluator: Evaluator | None = None, root: str | None = None) -> Evaluated:
    found = (evaluator or Evaluator(session.registry)).evaluate(asked(session, root))
    assert found is not None
    return found


def edit(session: gw.Session, name: str, param: str, value: Any) -> None:
    with session.document.transaction("Edit") as t:
        t.set_param(session.graph.resolve(name), param, value)


def names(session: gw.Session, found: Evaluated) -> set[str]:
    return {session.graph.path(id) for id in found.computed}


def bits(array: Any) -> Any:
    return None if array is None else (array.dtype.str, array.shape, array.tobytes())


def everything(found: Evaluated) -> dict[str, Any]:
    """All that an evaluation tells, in a form that is equal exactly when every bit is."""
    of = {source: bits(found.value(source)) for source in found.tensors}
    gradients = {source: bits(found.gradient(source)) for source in found.tensors}
    parts = {s: [(node, port, bits(part)) for node, port, part in found.contributions(s)] for s in found.tensors}
    errors = (found.errors, found.root, found.gradients.error)
    return {"values": of, "gradients": gradients, "contributions": parts, "errors": errors}


# Numbers.


def test_sin_plus_product():
    session = opened("sin_plus_product")
    found = evaluated(session)
    assert found.root == at(session, "f")
    assert float(found.value(at(session, "f"))) == pytest.approx(2.8414709848)
    assert float(found.gradient(at(session, "x"))) == pytest.approx(2.5403, abs=5e-5)
    parts = [(session.graph.path(id), port, float(part)) for id, port, part in found.contributions(at(session, "x"))]
    assert parts == [("sin", "x", pytest.approx(0.5403, abs=5e-5)), ("product", "x", 2.0)]
    assert found.contributions(at(session, "y")) == []  # one port alone delivers to y


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.gw")), ids=lambda path: path.stem)
def test_every_example_as_a_session_has_it(path):
    session = opened(path.stem)
    found = evaluated(session)
    assert found.errors == {}
    texts = {source: f"{session.graph.path(source.node)}.{source.output}" for source in found.tensors}
    runs = session.run(fetch=list(texts.values()), mode="eager", iteration=1)
    assert {s: bits(found.value(s)) for s in texts} == {s: bits(runs[text]) for s, text in texts.items()}
    if found.root is None:
        return
    floats = {s: text for s, text in texts.items() if found.value(s).dtype.kind == "f"}
    gradients = session.gradients(texts[found.root], list(floats.values()), iteration=1)
    assert {s: bits(found.gradient(s)) for s in floats} == {s: bits(gradients[t]) for s, t in floats.items()}
    for source in floats:
        if parts := found.contributions(source):
            wanted = session.contributions(texts[found.root], texts[source], iteration=1)
            assert [bits(part) for _, _, part in parts] == [bits(part) for _, _, part in wanted]


def test_a_square_is_a_fork_of_two_ports():
    session = gw.Session()
    with session.document.transaction("Build") as t:
        x = t.add("input", name="x", params={"value": 3.0})
        t.add("multiply", inputs={"x": x, "y": x})
    found = evaluated(session)
    assert [(port, float(part)) for _, port, part in found.contributions(Source(x, "y"))] == [("x", 3), ("y", 3)]


def test_values_cannot_be_written():
    session = opened("fork")
    found = evaluated(session)
    with pytest.raises(ValueError, match="read-only"):
        found.value(at(session, "h"))[0] = 1


# The root.


def test_the_loss_goes_before_what_comes_out_and_the_choice_before_both():
    session = opened("digits_mlp")
    assert evaluated(session).root == at(session, "loss")
    assert evaluated(opened("fork")).root == at(opened("fork"), "y")
    session = opened("sin_plus_product")
    found = evaluated(session, root="product")
    assert found.root == at(session, "product")
    assert float(found.gradient(at(session, "x"))) == 2.0
    assert found.gradient(at(session, "f")) is None


def test_two_numbers_that_come_out_leave_the_choice_open():
    session = opened("sin_plus_product")
    with session.document.transaction("Add") as t:
        t.add("cos", inputs={"x": session.graph.resolve("x")})
        t.add("input", params={"value": 1.0})  # a source by itself is no result
    found = evaluated(session)
    assert found.root is None
    assert found.gradient(at(session, "x")) is None


def test_gradients_of_several_numbers_are_those_of_their_sum():
    session = opened("numpy_linear")
    found = evaluated(session, root="y")
    with session.document.transaction("Add up") as t:
        t.add("sum", name="added", inputs={"x": at(session, "y")})
    summed = evaluated(session, root="added")
    assert found.gradients.error is None
    assert np.array_equal(found.gradient(at(session, "y")), np.ones((10, 1)))
    reached = [source for source in found.tensors if found.gradient(source) is not None]
    assert len(reached) > 2
    for source in reached:
        np.testing.assert_allclose(found.gradient(source), summed.gradient(source), rtol=1e-13)


def test_a_loss_of_several_numbers_has_no_gradients_until_it_is_asked_for():
    session = opened("numpy_linear")
    evaluator = Evaluator(session.registry)
    with session.document.transaction("Training") as t:
        t.set_training(Training(at(session, "y").node))
    message = (
        "the root has shape (10, 1): a gradient starts from one element or needs a seed of that shape"
        " (sum or mean it, or give a seed)"
    )
    assert evaluated(session, evaluator).gradients.error == message
    assert evaluated(session, evaluator, root="y").gradients.error is None
    assert evaluated(session, evaluator).gradients.error == message


def test_what_stays_the_same_is_the_same_array():
    session = opened("fork")
    evaluator = Evaluator(session.registry)
    one = evaluated(session, evaluator)
    first = {source: one.value(source) for source in one.tensors}
    again = evaluated(session, evaluator)
    assert all(again.value(source) is array for source, array in first.items())
    assert all(not array.flags.writeable for array in first.values())


# What is computed again.


def test_only_what_is_downstream_of_an_edit_is_computed_again():
    session = opened("sin_plus_product")
    evaluator = Evaluator(session.registry)
    assert names(session, evaluated(session, evaluator)) == {"x", "y", "sin", "product", "f"}
    assert names(session, evaluated(session, evaluator)) == set()
    edit(session, "y", "value", 5.0)
    found = evaluated(session, evaluator)
    assert names(session, found) == {"y", "product", "f"}
    assert float(found.gradient(at(session, "x"))) == pytest.approx(np.cos(1) + 5)


def test_moving_renaming_and_grouping_compute_nothing():
    session = opened("sin_plus_product")
    evaluator = Evaluator(session.registry)
    before = everything(evaluated(session, evaluator))
    with session.document.transaction("Look") as t:
        t.move(session.graph.resolve("sin"), (5, 5))
        t.rename(session.graph.resolve("x"), "z")
        t.group([session.graph.resolve("y")], name="frame")
    found = evaluated(session, evaluator)
    assert names(session, found) == set()
    assert everything(found) == before


def test_an_edit_is_undone_with_the_numbers_of_before():
    session = opened("fork")
    evaluator = Evaluator(session.registry)
    before = everything(evaluated(session, evaluator))
    edit(session, "x", "value", [2.0, 3.0])
    assert everything(evaluated(session, evaluator)) != before
    session.document.undo()
    assert everything(evaluated(session, evaluator)) == before


def test_zero_and_minus_zero_are_not_the_same():
    session = opened("sin_plus_product")
    evaluator = Evaluator(session.registry)
    edit(session, "x", "value", 0.0)
    assert not np.signbit(evaluated(session, evaluator).value(at(session, "x")))
    edit(session, "x", "value", -0.0)
    assert np.signbit(evaluated(session, evaluator).value(at(session, "x")))


def test_an_assigned_value_is_a_new_version():
    session = opened("fork")
    evaluator = Evaluator(session.registry)
    evaluated(session, evaluator)
    with session.document.transaction("Set") as t:
        t.set_values(session.graph.resolve("W2"), np.zeros((2, 2), np.float32))
    found = evaluated(session, evaluator)
    assert names(session, found) == {"W2", "W2h", "both", "y"}
    assert not found.value(at(session, "W2h")).any()


def test_data_are_read_again_where_the_file_has_changed(tmp_path):
    np.savez(tmp_path / "d.npz", x=np.ones((4, 2)), y=np.arange(4.0))
    session = gw.Session(path=tmp_path / "g.gw", dtype="float64")
    with session.document.transaction("Build") as t:
        data = t.add("dataset", source="d.npz", validation=0.25)
        t.add("sum", inputs={"x": Source(data, "x")})
    evaluator = Evaluator(session.registry)
    total = Source("sum0", "y")
    assert evaluated(session, evaluator).errors == {}
    assert float(evaluated(session, evaluator).value(total)) == 6
    assert evaluated(session, evaluator).computed == frozenset()
    np.savez(tmp_path / "d.npz", x=np.ones((8, 2)), y=np.arange(8.0))
    assert float(evaluated(session, evaluator).value(total)) == 12


def test_memory_is_bounded_by_the_last_graph():
    session = opened("sin_plus_product")
    evaluator = Evaluator(session.registry)
    for number in range(5):
        edit(session, "x", "value", float(number))
        evaluated(session, evaluator)
    with session.document.transaction("Delete") as t:
        t.remove(session.graph.resolve("f"), session.graph.resolve("product"))
    evaluated(session, evaluator)
    assert evaluator._kept.keys() == session.graph.nodes.keys()


# What cannot be computed.


def refusing() -> Registry:
    @op(formula="x", category="math", samples=[((2,),)])
    def breaks(xp: Any, x: Any) -> Any:
        """Raises what no op should."""
        raise AssertionError("oh")

    breaks.shape(lambda x: x)
    return Registry([*(builtin()[name] for name in builtin().names()), breaks])


def test_a_node_that_fails_stops_only_what_depends_on_it():
    session = gw.Session(registry=refusing())
    with session.document.transaction("Build") as t:
        x = t.add("input", name="x", params={"value": 1.0})
        bad = t.add("breaks", inputs={"x": x})
        t.add("exp", name="after", inputs={"x": bad})
        t.add("cos", name="beside", inputs={"x": x})
        t.add("sin", name="open")
    found = evaluated(session)
    assert found.errors == {bad: "AssertionError: oh"}
    assert {session.graph.path(source.node) for source in found.tensors} == {"x", "beside"}


def test_an_input_without_a_value_leaves_the_rest():
    session = opened("feed_fetch")
    found = evaluated(session)
    assert found.errors == {}
    assert {session.graph.path(source.node) for source in found.tensors} == {"A", "b"}


def test_errors_that_a_check_cannot_find_are_told_at_their_nodes():
    session = gw.Session()
    with session.document.transaction("Build") as t:
        noise = t.add("random_normal", shape=["N", 2])
        first = t.add("input", name="a", shape=["N"])
        held = t.add("parameter", shape=[2])
        t.set_values(held, np.zeros(3))
    wrong = evaluated(session).errors
    assert wrong[noise] == "the batch size is not known (an input with a value, or a dataset, tells it)"
    assert "the document holds a value of (3,)" in wrong[held]
    edit(session, "a", "value", [1, 2, 3])
    assert evaluated(session).value(Source(noise, "y")).shape == (3, 2)
    with session.document.transaction("Add") as t:
        second = t.add("input", name="b", shape=["N"], params={"value": [1, 2]})
    assert evaluated(session).errors[second] == "the values must have one batch size, but another has 3 and this 2"
    assert first in {source.node for source in evaluated(session).tensors}


def test_nothing_is_printed_and_nothing_assigned(capsys):
    session = gw.Session()
    with session.document.transaction("Build") as t:
        x = t.add("parameter", shape=[])
        shown = t.add("print", inputs={"x": x})
        one = t.add("constant", value=1.0)
        more = t.add("add", inputs={"x": shown, "y": one})
        t.add("assign", inputs={"value": more}, target=x)
    found = evaluated(session)
    assert capsys.readouterr().err == ""
    assert session.document.values == {}
    assert float(found.gradient(Source(x, "y"))) == 1.0


def test_infinities_raise_no_warning():
    session = gw.Session()
    with session.document.transaction("Build") as t:
        x = t.add("input", params={"value": 0.0})
        t.add("log", inputs={"x": x})
    found = evaluated(session)
    assert float(found.value(Source("log0", "y"))) == -np.inf


def test_a_loop_has_no_values():
    draft = Graph().draft()
    for id in ("a", "b"):
        draft.add_node(Node(id, "sin", id))
    draft.set_wire("a", "x", Source("b", "y"))
    draft.set_wire("b", "x", Source("a", "y"))
    found = Evaluator(builtin()).evaluate(Asked(draft.freeze(), {}, {}, "float64"))
    assert found is not None
    assert found.tensors == {}


# Cancellation.


def test_work_ends_between_nodes_and_goes_on_from_there():
    session = opened("sin_plus_product")
    evaluator = Evaluator(session.registry)
    left = iter([False] * 4 + [True] * 100)
    assert evaluator.evaluate(asked(session), lambda: next(left)) is None
    again = evaluated(session, evaluator)
    assert 0 < len(again.computed) < 5
    assert everything(again) == everything(evaluated(session))


def test_the_walk_backwards_can_be_cancelled():
    session = opened("sin_plus_product")
    evaluator = Evaluator(session.registry)
    nodes = len(session.graph.nodes)
    count = iter(range(10_000))
    assert evaluator.evaluate(asked(session), lambda: next(count) >= nodes + 3) is None
    assert evaluated(session, evaluator).computed == frozenset()
    assert everything(evaluated(session, evaluator)) == everything(evaluated(session))


# Any edits.

UNARY, BINARY = ("sin", "tanh", "exp", "sum", "identity", "relu", "square"), ("add", "multiply", "subtract", "matmul")


def act(t: Transaction, draw: random.Random) -> None:
    """One random edit, perhaps one that makes nodes fail."""
    ids = sorted(t.graph.nodes)
    id = draw.choice(ids)
    kind = draw.randrange(9)
    if kind == 0:
        t.add("input", shape=draw.choice(([], [2], [3])), params={"value": draw.choice((None, 1.0, 0.5, -0.0))})
    elif kind == 1:
        t.add("parameter", shape=draw.choice(([], [2])), init="normal", scale=draw.random())
    elif kind == 2:
        t.add(draw.choice(UNARY), inputs={"x": id})
    elif kind == 3:
        op_name = draw.choice(BINARY)
        t.add(op_name, inputs={"x": id, "w" if op_name == "matmul" else "y": draw.choice(ids)})
    elif kind == 4 and t.graph.nodes[id].op == "input":
        t.set_param(id, "value", draw.choice((None, 2.0, [1.0, 2.0], [1.0, 2.0, 3.0])))
    elif kind == 5 and t.graph.nodes[id].op == "parameter":
        t.set_values(id, np.full(tuple(t.graph.nodes[id].params["shape"]), draw.random()))
    elif kind == 6 and len(ids) > 6:
        t.remove(id)
    elif kind == 7:
        t.set_flags(id, draw.choice(((), ("detach",), ("bypass",))))
    elif kind == 8:
        of = [i for i in ids if t.graph.nodes[i].op == "parameter"]
        if of:
            t.add("shared", of=draw.choice(of))
        t.move(id, (draw.random(), 0))


def sessions(seed: int) -> Iterator[tuple[gw.Session, random.Random]]:
    draw = random.Random(seed)
    session = opened("fork")
    for _ in range(60):
        try:
            with session.document.transaction("Random") as t:
                for _ in range(draw.randrange(1, 3)):
                    act(t, draw)
        except GradwireError:
            pass  # refused as a whole
        if draw.random() < 0.15:
            session.document.undo()
        yield session, draw


@pytest.mark.parametrize("seed", range(8))
def test_after_any_edits_the_same_is_found_as_from_scratch(seed):
    evaluator = None
    for session, draw in sessions(seed):
        evaluator = evaluator or Evaluator(session.registry)
        sinks = [id for id in session.graph.nodes if not session.graph.consumers(id)]
        choice = asked(session)._replace(roots=(Root(Source(draw.choice(sinks), "y")),) if draw.random() < 0.5 else ())
        cancel = draw.randrange(40) if draw.random() < 0.3 else 10_000
        calls = iter(range(100_000))
        evaluator.evaluate(choice, lambda calls=calls, cancel=cancel: next(calls) >= cancel)
        found, scratch = evaluator.evaluate(choice), Evaluator(session.registry).evaluate(choice)
        assert found is not None
        assert scratch is not None
        assert everything(found) == everything(scratch)


# Inputs with values, elsewhere.


def given(**params: Any) -> gw.Session:
    session = gw.Session(dtype="float64")
    with session.document.transaction("Build") as t:
        x = t.add("input", name="x", **params)
        t.add("square", name="y", inputs={"x": x})
    return session


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_run_takes_the_value_of_an_input_and_a_feed_goes_before_it(mode):
    session = given(shape=[2], value=[1.0, 2.0])
    np.testing.assert_array_equal(session.run(fetch="y", mode=mode)["y"], [1, 4])
    np.testing.assert_array_equal(session.run({"x": [3, 4]}, "y", mode=mode)["y"], [9, 16])
    assert session.check().problems == ()


def test_a_number_fills_any_shape_and_lists_decide_the_batch():
    assert given(shape=[2, 2], value=3).run(fetch="y")["y"].tolist() == [[9, 9], [9, 9]]
    session = given(shape=["N", 2], value=[[1, 2], [3, 4], [5, 6]])
    assert session.run(fetch="y")["y"].shape == (3, 2)
    assert session.check().shapes[at(session, "y")] == "(N, 2) f64"


def test_two_batch_sizes_are_refused():
    session = given(shape=["N"], value=[1, 2, 3])
    with session.document.transaction("Add") as t:
        z = t.add("input", name="z", shape=["N"])
        t.add("add", name="s", inputs={"x": session.graph.resolve("y"), "y": z})
    with pytest.raises(GradwireError) as refused:
        session.run({"z": [1, 2]}, "s")
    assert str(refused.value) == "the fed values must have one batch size, but z has 2 and x has 3"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"shape": [2], "value": [1, 2, 3]},
         "x: value has shape (3,), but the input (2,) (a number fills any shape)"),
        ({"shape": ["N", 2], "value": 1},
         'x: value has shape (), but the input (N, 2) (lists of one length, a row for each of "N")'),
        ({"value": "three"},
         "x: value must be a number or lists of numbers of equal lengths (value: [[1, 2], [3, 4]])"),
        ({"value": 0.5, "dtype": "int64"}, 'x: value holds 0.5, which is no int64 (dtype: "float")'),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_told_by_check_and_by_a_run(params: Mapping[str, Any], message: str):
    session = given(**params)
    assert [problem.text(session.graph) for problem in session.check().problems] == [message]
    with pytest.raises(GradwireError) as refused:
        session.run(fetch="y")
    assert str(refused.value) == message
    assert evaluated(session).tensors == {}


def test_training_takes_the_values_of_inputs():
    session = gw.Session(dtype="float64")
    with session.document.transaction("Build") as t:
        target = t.add("input", name="target", params={"value": 2.0})
        w = t.add("parameter", name="w", shape=[])
        loss = t.add("mse", name="loss", inputs={"prediction": w, "target": target})
        t.set_training(Training(loss, {"name": "sgd", "lr": 0.5}, epochs=1))
    session.train()
    assert float(session.run(fetch="w")["w"]) == 2.0


def test_the_gradient_check_stands_beside_the_value_of_an_input():
    session = gw.Session(dtype="float64")
    with session.document.transaction("Build") as t:
        x = t.add("input", name="x", params={"value": 100.0})
        far = t.add("constant", value=50.0)
        t.add("log", inputs={"x": t.add("subtract", inputs={"x": x, "y": far})})  # no number where x is near 1
    found = list(check_gradients(session))
    assert {check.wrt: (check.agrees, check.skipped) for check in found} == {"x": (True, None)}


@pytest.mark.parametrize("factor", [1.0, 1.0005])
def test_the_gradient_check_of_a_small_loss_knows_how_what_it_is_made_of_is_rounded(factor: float) -> None:
    @op(formula="x", category="math", samples=[((2,),)])
    def half(xp: Any, x: Any) -> Any:
        """Half of `x`."""
        return x * 0.5

    half.shape(lambda x: x)
    half.vjp(lambda g, y, x: (g * (0.5 * factor),))
    session = gw.Session(dtype="float64", registry=Registry([*(builtin()[name] for name in builtin().names()), half]))
    with session.document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(8, 3), init="constant", value=1.0)
        peak = t.add("constant", value=[12.0, 0.0, 0.0])
        logits = t.add("add", inputs={"x": t.add("half", inputs={"x": w}), "y": peak})
        target = t.add("constant", value=[[1.0, 0.0, 0.0]] * 8)
        t.add("cross_entropy", name="loss", inputs={"logits": logits, "target": target})
    (check,) = (each for each in check_gradients(session) if each.wrt == "w")
    assert abs(float(session.run(fetch="loss")["loss"])) < 0.01
    assert check.agrees == (factor == 1.0)
    assert (check.error > 4e-4) == (factor != 1.0)


def test_gradients_too_small_for_differences_are_neither_right_nor_wrong() -> None:
    session = gw.Session(dtype="float64")
    with session.document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(4, 3), init="constant", value=0.1)
        sure = t.add("add", inputs={"x": w, "y": t.add("constant", value=[60.0, 0.0, 0.0])})
        target = t.add("constant", value=[[1.0, 0.0, 0.0]] * 4)
        t.add("cross_entropy", name="loss", inputs={"logits": sure, "target": target})
    (check,) = (each for each in check_gradients(session) if each.wrt == "w")
    assert 0 < abs(check.gradient) < 1e-20
    assert (check.agrees, check.skipped) == (True, "too small to tell: the rounding of loss hides it")
