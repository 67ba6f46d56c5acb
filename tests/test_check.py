"""The check of a whole graph: shapes with the batch as N, and every problem with its place, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradwire.core.check import Checked, check
from gradwire.core.document import Document
from gradwire.core.document.transaction import Transaction
from gradwire.core.errors import DataError
from gradwire.core.graph import Graph, Source, Training
from gradwire.core.graph.elements import Node
from gradwire.core.infer import Binding, infer
from gradwire.core.op import Aval, op
from gradwire.core.ops import Registry, builtin
from gradwire.core.session import Session

OPS = builtin()
UNWIRED = "nothing is wired to this port"
BROADCAST = "(lengths must be equal or 1)"


def graph(build: Callable[[Transaction], Any]) -> Graph:
    document = Document(registry=OPS)
    with document.transaction("Build") as t:
        build(t)
    return document.graph


def problems(found: Graph, **more: Any) -> list[str]:
    return [problem.text(found) for problem in check(found, OPS, **more).problems]


def shapes(checked: Checked) -> dict[str, str]:
    return {f"{source.node}.{source.output}": text for source, text in checked.shapes.items()}


def test_the_batch_is_shown_as_n() -> None:
    def build(t: Transaction) -> None:
        t.add("input", name="x", shape=("N", 8, 8))
        t.add("flatten", inputs={"x": "input0"})
        t.add("reshape", inputs={"x": "input0"}, shape=(-1, 16))
        t.add("transpose", inputs={"x": "flatten0"})
        t.add("concat", inputs={"xs0": "flatten0", "xs1": "flatten0", "xs2": "flatten0"})
        t.add("sum", inputs={"x": "input0"})
        t.add("argmax", inputs={"x": "flatten0"}, axis=1)
        t.add("matmul", inputs={"x": "flatten0", "w": "transpose0"})
        t.add("mean", inputs={"x": "input0"}, axis=(1, 2))
        t.add("slice", inputs={"x": "flatten0"}, start=1)

    checked = check(graph(build), OPS)
    assert checked.problems == ()
    assert shapes(checked) == {
        "input0.y": "(N, 8, 8) f32",
        "flatten0.y": "(N, 64) f32",
        "reshape0.y": "(4N, 16) f32",
        "transpose0.y": "(64, N) f32",
        "concat0.y": "(3N, 64) f32",
        "sum0.y": "() f32",
        "argmax0.y": "(N,) i64",
        "matmul0.y": "(N, N) f32",
        "mean0.y": "(N,) f32",
        "slice0.y": "(?, 64) f32",
    }
    assert checked.avals[Source("flatten0", "y")].shape[1] == 64


def test_a_data_set_is_described() -> None:
    found = graph(lambda t: (t.add("dataset"), t.add("flatten", inputs={"x": Source("dataset0", "x")})))

    def describe(node: Node, batch: int) -> tuple[Aval, ...]:
        return Aval((batch, 28, 28), np.dtype(np.float32)), Aval((batch,), np.dtype(np.int64))

    checked = check(found, OPS, describe)
    assert shapes(checked) == {
        "dataset0.x": "(N, 28, 28) f32",
        "dataset0.y": "(N,) i64",
        "flatten0.y": "(N, 784) f32",
    }
    assert problems(found) == ["dataset: the shapes of the data set 'digits' are not known (a session loads it)"]


def test_the_dtype_is_the_documents_unless_another_is_asked_for() -> None:
    found = graph(lambda t: (t.set_dtype("float64"), t.add("input", shape=(2,))))
    assert shapes(check(found, OPS)) == {"input0.y": "(2,) f64"}
    assert shapes(check(found, OPS, dtype="float32")) == {"input0.y": "(2,) f32"}


def test_casts_are_inferred_as_promotion_makes_them() -> None:
    def build(t: Transaction) -> None:
        for dtype in ("float32", "float64", "int64", "bool"):
            t.add("input", name=dtype, dtype=dtype, shape=(2,))
        t.add("add", inputs={"x": "input0", "y": "input2"})
        t.add("add", inputs={"x": "input0", "y": "input1"})
        t.add("divide", inputs={"x": "input2", "y": "input2"})
        t.add("add", inputs={"x": "input2", "y": "input3"})
        t.add("where", inputs={"c": "input3", "x": "input0", "y": "input1"})
        t.add("concat", inputs={"xs0": "input0", "xs1": "input2"})

    found = shapes(check(graph(build), OPS))
    assert [found[f"{id}.y"] for id in ("add0", "add1", "divide0", "add2", "where0", "concat0")] == [
        *("(2,) f32", "(2,) f64", "(2,) f64", "(2,) i64", "(2,) f64", "(4,) f32")
    ]


def misfit(**inputs: tuple[Any, ...]) -> Callable[[Transaction], None]:
    """An op, `op`, on inputs of the given shapes."""

    def build(t: Transaction) -> None:
        ports = {p: t.add("input", name=p, shape=s) for p, s in inputs.items() if p != "op"}
        t.add(inputs["op"][0], name="bad", inputs=ports)

    return build


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (
            misfit(op=("matmul",), x=("N", 3), w=(5, 4)),
            ["bad.w: x has 3 columns but w has 5 rows (w: (3, …))"],
        ),
        (
            misfit(op=("add",), x=("N", 3), y=("N", 4)),
            [f"bad: shapes (N, 3) and (N, 4) do not broadcast: axis -1 has 3 and 4 {BROADCAST}"],
        ),
        (
            misfit(op=("add",), x=("N", 3), y=(7, 3)),
            [f"bad: shapes (N, 3) and (7, 3) do not broadcast: axis -2 has 7 and N {BROADCAST}"],
        ),
        (
            # A length that happens to be the batch size with which we infer is told as what it is.
            misfit(op=("matmul",), x=("N", 1009), w=(2003, 4)),
            ["bad.w: x has 1009 columns but w has 2003 rows (w: (1009, …))"],
        ),
        (
            misfit(op=("mse",), prediction=("N", 1), target=("N",)),
            ["bad.target: prediction (N, 1) and target (N,) must have one shape (reshape target to (N, 1))"],
        ),
        (
            lambda t: t.add("reshape", name="bad", shape=(4, 5), inputs={"x": t.add("input", shape=("N", 64))}),
            ["bad.x: x has 64N elements but shape (4, 5) holds 20"],
        ),
        (lambda t: t.add("add", name="bad"), [f"bad.x: {UNWIRED}", f"bad.y: {UNWIRED}"]),
        (
            lambda t: t.add("add", name="bad", inputs={"y": t.add("input")}),
            [f"bad.x: {UNWIRED}"],
        ),
        (lambda t: t.add("concat", name="bad"), [f"bad.xs0: {UNWIRED}"]),
        (
            lambda t: t.add("concat", name="bad", inputs={"xs1": t.add("input", shape=(2,))}),
            ["bad.xs1: nothing is wired to a port before this one"],
        ),
        (
            lambda t: t.add("concat", name="bad", inputs=dict.fromkeys(("xs0", "xs2"), t.add("input", shape=(2,)))),
            ["bad.xs2: nothing is wired to a port before this one"],
        ),
        (
            lambda t: t.add("assign", name="bad", inputs={"value": t.add("input")}, target="w"),
            ["bad: assign needs the id of a parameter as its target, got 'w'"],
        ),
        (
            lambda t: t.add(
                "assign",
                name="bad",
                inputs={"value": t.add("input", shape=(2,))},
                target=t.add("parameter", name="w", shape=(3,)),
            ),
            ["bad.value: w holds (3,) f32, so (2,) f32 cannot be assigned to it"],
        ),
        (
            lambda t: t.set_flags(t.add("sum", name="bad", inputs={"x": t.add("input", shape=("N", 2))}), "bypass"),
            ["bad: a bypass needs an input like its output () f32, got (N, 2) f32"],
        ),
        (
            lambda t: (t.add("sin", name="one"), t.add("cos", name="two")),
            [f"two.x: {UNWIRED}", f"one.x: {UNWIRED}"],
        ),
    ],
)
def test_each_problem_is_told_with_its_place(build: Callable[[Transaction], Any], expected: list[str]) -> None:
    assert problems(graph(build)) == expected


def test_a_parameter_is_assigned_by_one_node() -> None:
    def build(t: Transaction) -> None:
        w = t.add("parameter", name="w", shape=())
        x = t.add("input", name="x")
        for name in ("first", "second"):
            t.add("assign", name=name, inputs={"value": x}, target=w)

    assert problems(graph(build)) == [
        "second: w is assigned already, by first (one assign for each parameter)",
    ]


def test_a_missing_parameter_and_an_open_port_are_both_told() -> None:
    found = graph(lambda t: t.add("reshape", name="bad"))
    assert problems(found) == [
        "bad: reshape needs the parameter 'shape' (a list of integers)",
        f"bad.x: {UNWIRED}",
    ]


def test_one_cause_is_one_problem_and_all_causes_are_told() -> None:
    def build(t: Transaction) -> None:
        x = t.add("input", shape=("N", 3))
        w = t.add("parameter", name="w", shape=(4, 2))
        bad = t.add("matmul", name="bad", inputs={"x": x, "w": w})
        t.add("relu", inputs={"x": bad})
        t.add("sum", inputs={"x": "relu0"})
        t.add("add", name="other", inputs={"x": "relu0"})
        t.add("transpose", name="worse", inputs={"x": x}, axes=(0, 2))

    assert problems(graph(build)) == [
        "bad.w: x has 3 columns but w has 4 rows (w: (3, …))",
        f"other.y: {UNWIRED}",
        "worse.x: x has 2 axes, so no axis 2 (axes: -2 to 1)",
    ]


def test_what_depends_on_the_batch_size_by_its_number_is_told() -> None:
    @op(formula="x", category="math", samples=[])
    def picky(xp: Any, x: Any) -> Any:
        """Takes an even number of rows."""
        return x

    @picky.shape
    def _(x: Aval) -> Aval:
        from gradwire.core.op import ShapeError

        if x.shape[0] == 2003:
            raise ShapeError(f"x has {x.shape[0]} rows", port="x")
        return x

    registry = Registry([*OPS, picky])
    document = Document(registry=registry)
    with document.transaction("Build") as t:
        t.add("picky", name="bad", inputs={"x": t.add("input", shape=("N", 2))})
    found = check(document.graph, registry)
    assert [p.text(document.graph) for p in found.problems] == ["bad.x: x has 2003 rows"]


# What only a file can hold: the document would refuse it.


def drawn(*nodes: Node, wires: Any = ()) -> Graph:
    draft = Graph().draft()
    for node in nodes:
        draft.add_node(node)
    for target, port, source in wires:
        draft.set_wire(target, port, Source(*source))
    return draft.freeze()


X = Node("input0", "input", "x", {"shape": (2,)})


def test_an_unknown_op_is_one_problem() -> None:
    found = drawn(
        X,
        Node("sine0", "sine", "s", {"any": 1}),
        Node("warp0", "warp", "v", {}),
        Node("cos0", "cos", "c", {}),
        wires=[("sine0", "whatever", ("input0", "y")), ("cos0", "x", ("sine0", "out"))],
    )
    assert problems(found) == [
        "s: unknown op 'sine' (perhaps sin)",
        "v: unknown op 'warp' (a plugin may bring it)",
    ]


def test_dangling_wires_are_told() -> None:
    found = drawn(
        X,
        Node("sin0", "sin", "s", {}),
        Node("add0", "add", "a", {}),
        wires=[
            ("sin0", "z", ("input0", "y")),
            ("add0", "x", ("input0", "mask")),
            ("add0", "y", ("sin0", "w")),
        ],
    )
    assert problems(found) == [
        f"s.x: {UNWIRED}",
        "s.z: sin has no port 'z' (its ports: x)",
        "a.x: x has no output 'mask' (its outputs: y)",
        "a.y: s has no output 'w' (its outputs: y)",
    ]


def test_a_hidden_output_and_a_hidden_port_cannot_be_wired() -> None:
    found = drawn(
        X,
        Node("dropout0", "dropout", "d", {}),
        Node("sin0", "sin", "s", {}),
        wires=[
            ("dropout0", "x", ("input0", "y")),
            ("dropout0", "state", ("input0", "y")),
            ("sin0", "x", ("dropout0", "mask")),
        ],
    )
    assert problems(found) == [
        "d.state: dropout has no port 'state' (its ports: x)",
        "s.x: d has no output 'mask' (its outputs: y)",
    ]


def test_parameters_of_a_file_are_read() -> None:
    found = drawn(
        Node("input0", "input", "x", {"shape": ("M",)}),
        Node("input1", "input", "z", {"shape": (2,), "colour": 1}),
    )
    assert problems(found) == [
        "x: input: shape must be a list of integers or N, got ('M',)",
        "z: input has no parameter 'colour' (its parameters: shape, dtype, value)",
    ]


def test_a_loop_is_the_one_problem() -> None:
    found = drawn(
        Node("sin0", "sin", "s", {}),
        Node("cos0", "cos", "c", {}),
        wires=[("sin0", "x", ("cos0", "y")), ("cos0", "x", ("sin0", "y"))],
    )
    assert problems(found) == ["the wires close the loop c -> s -> c"]


# Training.


NO_GRADIENT = "whole numbers have no gradient"


def trained(loss: str, shape: tuple[Any, ...] = ("N", 4)) -> Graph:
    def build(t: Transaction) -> None:
        t.add("input", name="x", shape=shape)
        t.add("sin", name="y", inputs={"x": "input0"})
        t.add("mean", name="loss", inputs={"x": "sin0"})
        t.add("argmax", name="best", inputs={"x": "sin0"})
        t.set_training(Training(loss, {"name": "sgd", "lr": 0.1}, 4, 1))

    return graph(build)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("mean0", []),
        ("sin0", ["y: the loss must be one float, got (N, 4) f32 (sum or mean it first)"]),
        (
            "argmax0",
            [f"best: the loss must be a float, got () i64 ({NO_GRADIENT}; cross_entropy and mse do)"],
        ),
        ("gone0", ["training needs a loss, and no node has the id 'gone0'"]),
        ("mean1", ["training needs a loss, and no node has the id 'mean1' (near: mean0)"]),
    ],
)
def test_a_loss_is_one_float(loss: str, expected: list[str]) -> None:
    assert problems(trained(loss)) == expected


def test_inference_at_one_size_leaves_the_batch_open_only_where_it_is_needed() -> None:
    found = graph(lambda t: t.add("sin", inputs={"x": t.add("input", name="x", shape=("N",))}))
    assert infer(found, OPS, Binding(batch=5)).avals[Source("sin0", "y")].shape == (5,)
    (problem,) = infer(found, OPS, Binding()).problems
    assert problem.text(found) == "x: the batch size is not known (feed a value, whose first axis tells it)"
    fed = {Source("input0", "y"): Aval((3,), np.dtype(np.float64))}
    assert infer(found, OPS, Binding(), fed=fed, only={"sin0"}).avals[Source("sin0", "y")].shape == (3,)


def test_numbers_in_a_message_are_told_as_they_are() -> None:
    def build(t: Transaction) -> None:
        t.add("dataset", source="shapes", image_size=[8, 5000])
        t.add("input", name="x", shape=("N", 3))
        t.add("reshape", inputs={"x": "input0"}, shape=(1000, 7))

    def describe(node: Node, batch: int) -> tuple[Aval, ...]:
        raise DataError("image_size must be a height and a width from 1 to 4,096 or null; found (8, 007)")

    told = problems(graph(build), describe=describe)
    assert "dataset: image_size must be a height and a width from 1 to 4,096 or null; found (8, 007)" in told
    assert any("N" in line and "(1000, 7)" in line for line in told)


@pytest.mark.parametrize(
    ("loss", "hint"),
    [
        ("group0", " (it is the group g, from which sum0 (g/total) comes)"),
        ("sum1", " (near: sum0)"),
        ("?", ""),
    ],
)
def test_what_was_meant_by_a_loss_that_is_no_id(loss: str, hint: str) -> None:
    def build(t: Transaction) -> None:
        x = t.add("constant", name="x", value=[1.0, 2.0])
        s = t.add("sum", name="total", inputs={"x": x})
        t.group([s], name="g")
        t.set_training(Training(loss))

    assert problems(graph(build)) == [f"training needs a loss, and no node has the id {loss!r}{hint}"]


def test_a_value_of_another_shape_is_a_problem() -> None:
    session = Session()
    with session.document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(2, 3))
        t.set_values(w, np.ones((3, 2), np.float32))
        t.set_values(t.add("parameter", name="v", shape=(2,)), np.ones(2, np.float32))
    (problem,) = session.check().problems
    assert problem.text(session.graph) == (
        "w: the shape is (2, 3), but the document holds a value of (3, 2) (give it a value of its shape, or none)"
    )


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_that_no_run_takes_is_a_problem(seed: int) -> None:
    session = Session()
    with session.document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(2,))
        t.set_values(w, np.ones(2, np.float32))  # so that nothing is drawn
        t.set_training(Training(t.add("sum", inputs={"x": w}), seed=seed))
    told = [problem.text(session.graph) for problem in session.check().problems]
    assert told == [f"seed must be a whole number from 0 to 2**64 - 1; found {seed} (seed: 0)"]


def test_a_validation_share_that_leaves_nothing_to_train_on_is_a_problem() -> None:
    assert problems(graph(lambda t: t.add("dataset", source="moons", validation=1.0)))[0] == (
        "dataset: dataset: validation must be a number from 0 up to but not 1, got 1.0"
    )
