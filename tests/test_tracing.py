"""Graphs traced from functions: nodes, names, constants, and runs that give what the function gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import Program, bits, programs

import gradwire.core as gw
from gradwire.core.check import check
from gradwire.core.errors import GradwireError, RunError
from gradwire.core.graph import Graph
from gradwire.core.infer import Binding
from gradwire.core.ops import builtin
from gradwire.core.program import Program as Run
from gradwire.core.program import Question, resolve
from gradwire.core.tape import Tensor

OPS = builtin()


def run(graph: Graph, fetch: list[str], **feeds: Any) -> list[np.ndarray[Any, Any]]:
    """The values of a graph by both modes, after a look that they are the same."""
    wanted = [resolve(graph, OPS, name) for name in fetch]
    asked = Run(graph, OPS, Question(tuple(wanted)), Binding(graph.dtype), {}, None)
    answers = [asked.run(feeds, {}, mode) for mode in ("static", "eager")]
    assert bits(answers[0].values) == bits(answers[1].values)
    return [answers[0].value(source) for source in wanted]


def named(graph: Graph) -> dict[str, str]:
    return {node.name: node.op for node in graph.nodes.values()}


DECIDES = "(gw.ops.where(condition, a, b) decides element by element)"
X = np.random.default_rng(0).normal(size=(3, 4))


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: np.sin(x) * 2.0,
        lambda x: np.sum(np.maximum(x, 0.0), axis=0) / 3,
        lambda x: x @ np.ones((4, 2)) + np.array([0.5, -0.5]),
        lambda x: np.concatenate([x[1:, ::2], x[:2, :2]], axis=1),
        lambda x: np.where(x > 0, x, -np.inf),
        lambda x: np.where(x > 0, np.array([1.0, np.nan, np.inf, -0.0]), x),
        lambda x: np.transpose(x).reshape(2, 6)[:, [5, 0, -1]],
        lambda x: np.clip(x, -0.5, 0.5) ** 2 + abs(x),
        lambda x: OPS["cross_entropy"](x, np.array([0, 3, 1])),
        lambda x: OPS["softmax"](x, axis=0).max(axis=1, keepdims=True),
        lambda x: x * Tensor(np.full(4, 3.0)),
        lambda x: x.astype(np.float32) + np.float32(1) / 3,
        lambda x: x,
        lambda x: x[0, 0],
    ],
)
def test_a_traced_function_runs_as_the_function_does(fn: Callable[..., Any]) -> None:
    graph = gw.trace(fn, X)
    assert check(graph, OPS).problems == ()
    expected = fn(Tensor(X)).numpy()
    (found,) = run(graph, ["y"], x=X)
    assert bits({"y": found}) == bits({"y": expected})


@given(program=programs(10))
@settings(max_examples=40)
def test_a_random_function_runs_as_its_graph(program: Program) -> None:
    steps = tuple(step for step in program.steps if step.op != "dropout")
    if len(steps) < len(program.steps):  # its state is fed by a run, and never wired
        return
    leaves = program.leaves
    graph = gw.trace(lambda *xs: program.apply(xs), *leaves)
    with np.errstate(all="ignore"):
        expected = [np.asarray(y.value) for y in program.apply([Tensor(leaf) for leaf in leaves])]
    fetch = ["y"] if program.wanted == 1 else [f"y{i + 1}" for i in range(program.wanted)]
    found = run(graph, fetch, **{f"x{i + 1}": leaf for i, leaf in enumerate(leaves)})
    assert [bits({"y": f}) for f in found] == [bits({"y": e}) for e in expected]


def test_inputs_bear_the_names_of_the_arguments() -> None:
    def fn(weight: Any, bias: Any, *, scale: float = 2.0) -> Any:
        return weight * scale + bias

    graph = gw.trace(fn, 1, 2.0)
    assert named(graph) == {
        "weight": "input",
        "bias": "input",
        "constant": "constant",
        "multiply": "multiply",
        "y": "add",
    }
    assert graph.dtype == "float64"
    assert run(graph, ["y"], weight=np.array(3.0), bias=np.array(1.0)) == [7.0]
    assert graph.order() == ("constant0", "input0", "input1", "multiply0", "add0")


def test_arguments_without_names_are_numbered() -> None:
    assert list(named(gw.trace(lambda *xs: xs[0] + xs[1], 1.0, 2.0))) == ["x1", "x2", "y"]
    assert list(named(gw.trace(lambda x2, *xs: x2 - xs[0], 1.0, 2.0)))[:2] == ["x2", "x2_2"]
    assert list(named(gw.trace(np.sin, 1.0)))[-1] == "y"


def test_several_results_are_numbered_and_none_loses_its_name() -> None:
    graph = gw.trace(lambda x: (x * 2.0, x, np.sin(x), x), 1.0)
    assert run(graph, ["y1", "y2", "y3", "y4"], x=np.array(3.0)) == [6.0, 3.0, np.sin(3.0), 3.0]
    graph = gw.trace(lambda x: (lambda s: (s, s))(np.sin(x)), 1.0)
    assert run(graph, ["y1", "y2"], x=np.array(3.0)) == [np.sin(3.0)] * 2


def test_an_argument_called_as_a_result_keeps_its_name() -> None:
    graph = gw.trace(lambda x, y: x * y, 1.0, 2.0)
    assert named(graph) == {"x": "input", "y": "input", "y_2": "multiply"}


def test_dtypes_are_kept() -> None:
    graph = gw.trace(lambda x, n: x + n, np.ones(2, np.float32), np.ones(2, np.int64))
    assert graph.dtype == "float32"
    assert graph.nodes["input0"].params["dtype"] == "float"
    assert graph.nodes["input1"].params["dtype"] == "int64"
    (y,) = run(graph, ["y"], x=np.ones(2, np.float32), n=np.array([1, 2]))
    assert y.dtype == np.float32
    mixed = gw.trace(lambda x, z: x + z, np.ones(2, np.float32), np.ones(2))
    assert mixed.dtype == "float64"
    assert mixed.nodes["input0"].params["dtype"] == "float32"


def test_gradients_of_a_traced_function_are_those_of_the_function() -> None:
    def fn(x: Any, w: Any) -> Any:
        return np.sum(np.tanh(x @ w) ** 2)

    w = np.random.default_rng(1).normal(size=(4, 2))
    graph = gw.trace(fn, X, w)
    root, *wrt = (resolve(graph, OPS, name) for name in ("y", "x", "w"))
    answer = Run(graph, OPS, Question(root=root, wrt=tuple(wrt)), Binding("float64"), {}, None).run(
        {"x": X, "w": w}, {}
    )
    expected = gw.grad(fn, (0, 1))(X, w)
    assert [bits({"g": answer.gradient(s)}) for s in wrt] == [bits({"g": g}) for g in expected]


@pytest.mark.parametrize(
    ("fn", "message"),
    [
        (lambda x: 3.0, "a traced function must return what it computed from its arguments, got 3.0"),
        (lambda x: None, "a traced function must return what it computed from its arguments, got None"),
        (
            lambda x: x if x > 0 else -x,
            f"the result of greater has no value while it is traced, so Python cannot decide by it {DECIDES}",
        ),
        (
            lambda x: gw.trace(lambda z: z + x, 1.0),
            "add is applied to %0 of another plan (a traced function may use its own arguments only)",
        ),
    ],
)
def test_what_cannot_be_traced_is_refused(fn: Callable[..., Any], message: str) -> None:
    with pytest.raises(GradwireError) as caught:
        gw.trace(fn, 1.0)
    assert str(caught.value) == message


AS_IT_IS = "(np.sin and the like take it as it is, math.sin does not)"
ARRAYS = "(gw.ops and NumPy's own functions take it as it is)"


@pytest.mark.parametrize(
    ("fn", "message"),
    [
        (lambda a: float(a), f"the input 'a' has no value while it is traced, so it is no number of Python {AS_IT_IS}"),
        (math.sin, f"the input 'x' has no value while it is traced, so it is no number of Python {AS_IT_IS}"),
        (
            lambda a: int(a + 1),
            f"the result of add has no value while it is traced, so it is no number of Python {AS_IT_IS}",
        ),
        (lambda a: range(a), f"the input 'a' has no value while it is traced, so it is no number of Python {AS_IT_IS}"),
        (lambda a: a.item(), f"the input 'a' has no value while it is traced, so it is no number of Python {AS_IT_IS}"),
        (lambda a: np.asarray(a), f"the input 'a' has no value while it is traced, so it is no array {ARRAYS}"),
        (lambda a: a.numpy(), f"the input 'a' has no value while it is traced, so it is no array {ARRAYS}"),
        (lambda a: np.array([a, a]), f"the input 'a' has no value while it is traced, so it is no array {ARRAYS}"),
        (lambda a: Tensor(a), f"the input 'a' has no value while it is traced, so it is no array {ARRAYS}"),
        (lambda a: a + "b", "a constant holds numbers, got 'b' (floats, integers or booleans)"),
        (lambda a: a + None, "add needs a value for y, got None (add(x, y))"),
    ],
)
def test_a_traced_value_has_no_number(fn: Callable[..., Any], message: str) -> None:
    with pytest.raises(RunError) as caught:
        gw.trace(fn, 1.0)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ("text", "argument 0 must hold numbers, got 'text' (floats, integers or booleans)"),
        (None, "argument 0 must hold numbers, got None (floats, integers or booleans)"),
        ([[1], [1, 2]], "argument 0 must hold numbers in lists of equal lengths, got [[1], [1, 2]]"),
    ],
)
def test_what_holds_no_numbers_is_no_example(example: Any, message: str) -> None:
    with pytest.raises(RunError) as caught:
        gw.trace(lambda x: x, example)
    assert str(caught.value) == message


def test_only_a_function_can_be_traced() -> None:
    with pytest.raises(RunError) as caught:
        gw.trace(3)
    assert str(caught.value) == "trace needs a function, got 3 (trace(function, …))"


def test_nodes_lie_in_columns_and_apart() -> None:
    graph = gw.trace(lambda x, w: np.tanh(x @ w) + (x @ w), X, X.T)
    places = [node.position for node in graph.nodes.values()]
    assert len(set(places)) == len(places)
    for wire in graph.wires():
        assert graph.nodes[wire.source.node].position[0] < graph.nodes[wire.target].position[0]


def test_derivatives_of_a_traced_function_are_a_graph() -> None:
    """The gradient of a graph is a graph of the same ops, in both modes and to any order."""

    def f(a: Any) -> Any:
        return np.sin(a) * a

    slope = np.cos(2.0) * 2.0 + np.sin(2.0)
    bend = 2 * np.cos(2.0) - 2.0 * np.sin(2.0)
    for fn, expected in (
        (gw.grad(f), slope),
        (lambda a: gw.vjp(f, a)[1](3.0)[0], 3 * slope),
        (lambda a: gw.jvp(f, (a,), (1.0,))[1], slope),
        (gw.grad(gw.grad(f)), bend),
        (lambda a: gw.jvp(gw.grad(f), (a,), (1.0,))[1], bend),
    ):
        session = gw.Session(gw.trace(fn, 2.0))
        (last,) = {id for id in session.graph.nodes if not session.graph.consumers(id)} - {"input0"}
        found = session.run({session.graph.path("input0"): 2.0}, session.graph.path(last))
        assert next(iter(found.values())) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: gw.trace(lambda a: gw.grad(lambda x: x * a)(3.0), 2.0),
        lambda: gw.trace(lambda a: gw.grad(lambda x: a)(3.0), 2.0),
        lambda: gw.grad(lambda w: Tensor(len(gw.trace(lambda a: a * w, 2.0).nodes)))(3.0),
    ],
)
def test_a_number_within_a_traced_function_is_no_argument(call: Callable[[], Any]) -> None:
    with pytest.raises(RunError) as caught:
        call()
    assert str(caught.value) == (
        "within a traced function derivatives are taken with respect to what is traced "
        "(give the number as an argument of the traced function)"
    )


def test_a_constant_within_a_traced_function_has_a_gradient_of_zero() -> None:
    graph = gw.trace(lambda a: a + gw.grad(lambda x: 1)(a), 2.0)
    assert run(graph, ["y"], a=np.array(3.0)) == [3.0]


def test_a_traced_function_leaves_its_random_state_to_the_run() -> None:
    state = gw.random.state(0)
    graph = gw.trace(lambda a: gw.ops.dropout(a * 2.0, rate=0.25, state=state), np.ones((3, 4)))
    assert sorted(node.op for node in graph.nodes.values()) == ["constant", "dropout", "input", "multiply"]
    assert check(graph, OPS).problems == ()
    assert graph.nodes == gw.trace(lambda a: gw.ops.dropout(a * 2.0, rate=0.25), np.ones((3, 4))).nodes
