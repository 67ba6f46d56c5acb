"""Answers that the field's lectures and books print, by Python functions and by graphs traced from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.document import Document
from gradwire.core.ops import builtin

relu, sigmoid = builtin()["relu"], builtin()["sigmoid"]
binary_cross_entropy = builtin()["binary_cross_entropy"]


def colah(a: Any, b: Any) -> Any:
    """Olah, "Calculus on computational graphs" (2015)."""
    return (a + b) * (b + 1)


def sin_plus_product(a: Any, b: Any) -> Any:
    return np.sin(a) + a * b


def neuron(w: Any, x: Any) -> Any:
    """The sigmoid neuron of Stanford's CS231n, notes on backpropagation."""
    return 1 / (1 + np.exp(-(w[0] * x[0] + w[1] * x[1] + w[2])))


def micrograd(a: Any, b: Any) -> Any:
    """The expression in the README of Karpathy's micrograd, line by line."""
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + relu(b + a)
    d = d + 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    return g + 10.0 / f


MAZUR_HIDDEN = np.array([[0.15, 0.25], [0.20, 0.30]])  # w1 … w4, columns of weights into one unit
MAZUR_OUTPUT = np.array([[0.40, 0.50], [0.45, 0.55]])  # w5 … w8


def mazur(hidden: Any, output: Any) -> Any:
    """Mazur, "A step by step backpropagation example" (2015): two inputs, two hidden units, two outputs."""
    x, target = np.array([0.05, 0.10]), np.array([0.01, 0.99])
    h = sigmoid(x @ hidden + 0.35)
    y = sigmoid(h @ output + 0.60)
    return (0.5 * (target - y) ** 2).sum()


FUNCTIONS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (colah, (2.0, 1.0)),
    (sin_plus_product, (1.0, 2.0)),
    (neuron, (np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0]))),
    (micrograd, (-4.0, 2.0)),
    (mazur, (MAZUR_HIDDEN, MAZUR_OUTPUT)),
]
functions = pytest.mark.parametrize(("fn", "args"), FUNCTIONS, ids=[fn.__name__ for fn, _ in FUNCTIONS])


def traced(fn: Callable[..., Any], *args: Any) -> gw.Session:
    return gw.Session(Document(gw.trace(fn, *args)))


# The answers.


def test_colah_is_6_and_its_gradient_by_b_is_2_plus_3():
    value, gradients = gw.value_and_grad(colah, (0, 1))(2.0, 1.0)
    assert value == 6
    assert gradients == (2, 5)
    parts = traced(colah, 2.0, 1.0).contributions("y", "b", {"a": 2, "b": 1})
    assert sorted(float(part) for _, _, part in parts) == [2, 3]


def test_sin_plus_product_is_2_5403_by_x_as_0_5403_plus_2():
    value, gradient = gw.value_and_grad(sin_plus_product)(1.0, 2.0)
    assert value == pytest.approx(2.8414709848)
    assert gradient == pytest.approx(2.5403023059)
    parts = traced(sin_plus_product, 1.0, 2.0).contributions("y", "a", {"a": 1, "b": 2})
    assert {node: round(float(part), 4) for node, _, part in parts} == {"sin": 0.5403, "multiply": 2.0}


def test_mazur_before_and_after_one_simultaneous_step():
    error, gradients = gw.value_and_grad(mazur, (0, 1))(MAZUR_HIDDEN, MAZUR_OUTPUT)
    assert error == pytest.approx(0.298371109, abs=5e-10)
    assert gradients[1][0, 0] == pytest.approx(0.082167041, abs=5e-10)  # ∂E/∂w5
    assert gradients[0][0, 0] == pytest.approx(0.000438568, abs=5e-10)  # ∂E/∂w1
    stepped = MAZUR_HIDDEN - 0.5 * gradients[0], MAZUR_OUTPUT - 0.5 * gradients[1]
    assert stepped[1][0, 0] == pytest.approx(0.35891648, abs=5e-9)
    assert stepped[0][0, 0] == pytest.approx(0.149780716, abs=5e-10)
    assert mazur(*stepped) == pytest.approx(0.2910277737, abs=5e-11)


def test_the_sigmoid_neuron_of_cs231n():
    w, x = [2.0, -3.0, -3.0], [-1.0, -2.0]
    value, (dw, dx) = gw.value_and_grad(neuron, (0, 1))(np.array(w), np.array(x))
    assert value == pytest.approx(0.7310585786, abs=5e-11)
    slope = 0.1966119332
    np.testing.assert_allclose(dw, [-slope, -2 * slope, slope], atol=5e-10)
    np.testing.assert_allclose(dx, [2 * slope, -3 * slope], atol=5e-10)


def test_the_expression_in_the_readme_of_micrograd():
    value, (da, db) = gw.value_and_grad(micrograd, (0, 1))(-4.0, 2.0)
    assert [round(float(number), 4) for number in (value, da, db)] == [24.7041, 138.8338, 645.5773]


def test_a_tensor_remembers_the_expression_of_micrograd():
    a, b = gw.Tensor(-4.0), gw.Tensor(2.0)
    g = micrograd(a, b)
    assert repr(g) == "Tensor(24.7041, shape=(), dtype=float64, from=add)"
    found = gw.backward(g, wrt=[a, b])
    assert [round(float(found[leaf]), 4) for leaf in (a, b)] == [138.8338, 645.5773]


ROWS = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
TRUE = np.array([1.0, 1.0, 0.0, 1.0])


def from_logits(w: Any) -> Any:
    return binary_cross_entropy(ROWS @ w, TRUE, reduction="sum")


def from_tanh(w: Any) -> Any:
    """The usual code, whose (tanh x + 1) / 2 is the sigmoid of 2x."""
    p = (np.tanh(ROWS @ w) + 1) / 2
    return -np.log(p * TRUE + (1 - p) * (1 - TRUE)).sum()


@pytest.mark.parametrize(("loss", "after"), [(from_logits, 2.3222993), (from_tanh, 1.6171553)])
def test_ten_steps_of_logistic_regression_on_four_rows(loss, after):
    w = np.zeros(3)
    assert loss(w) == pytest.approx(2.7725887, abs=1e-7)
    for _ in range(10):
        w = w - 0.01 * gw.grad(loss)(w)
    assert loss(w) == pytest.approx(after, abs=1e-7)
    gw.check_grads(loss, (w,), modes=("fwd", "rev"), order=2)


# Every function, by every way.


@functions
def test_forward_and_reverse_mode_agree_with_differences_to_second_order(fn, args):
    gw.check_grads(fn, args, modes=("fwd", "rev"), order=2)


@functions
def test_a_traced_graph_computes_what_its_function_does(fn, args):
    session = traced(fn, *args)
    assert session.check().problems == ()
    names = [node.name for node in session.graph.nodes.values() if node.op == "input"]
    feed = dict(zip(names, args, strict=True))
    value, gradients = gw.value_and_grad(fn, tuple(range(len(args))))(*args)
    for mode in ("eager", "static"):
        assert session.run(feed, "y", mode=mode)["y"] == value
        found = session.gradients("y", names, feed, mode=mode)
        for name, gradient in zip(names, gradients, strict=True):
            np.testing.assert_allclose(found[name], gradient, rtol=1e-13)


@functions
def test_a_traced_graph_holds_at_other_arguments(fn, args):
    session = traced(fn, *args)
    others = [np.asarray(arg) * 0.5 + 0.25 for arg in args]
    names = [node.name for node in session.graph.nodes.values() if node.op == "input"]
    found = session.run(dict(zip(names, others, strict=True)), "y")["y"]
    np.testing.assert_allclose(found, fn(*others), rtol=1e-13)


def test_tracing_a_function_of_several_results():
    session = traced(lambda a, b: (a * b, a - b), 3.0, 2.0)
    assert session.run({"a": 5, "b": 4}, ["y1", "y2"]) == {"y1": 20, "y2": 1}


def test_tracing_keeps_names_apart_where_results_are_arguments_or_one_value():
    def fn(a: Any) -> Any:
        square = a * a
        return square, a, square

    session = traced(fn, 3.0)
    assert session.run({"a": 5}, ["a", "y1", "y2", "y3"]) == {"a": 5, "y1": 25, "y2": 5, "y3": 25}
    positions = [node.position for node in session.graph.nodes.values()]
    assert len(set(positions)) == len(positions)


# Transforms within transforms.


def cubic(x: Any) -> Any:
    return x**3 * np.sin(x)


def test_derivatives_of_sine_go_round():
    fn: Callable[..., Any] = np.sin
    for order in range(5):
        assert fn(0.7) == pytest.approx(np.sin(0.7 + order * np.pi / 2), abs=1e-12)
        fn = gw.grad(fn)


def test_four_ways_to_a_second_derivative():
    x = 1.3
    wanted = 6 * x * np.sin(x) + 6 * x**2 * np.cos(x) - x**3 * np.sin(x)
    ways = (
        gw.grad(gw.grad(cubic))(x),
        gw.jvp(gw.grad(cubic), (x,), (1.0,))[1],
        gw.grad(lambda x: gw.jvp(cubic, (x,), (1.0,))[1])(x),
        gw.jvp(lambda x: gw.jvp(cubic, (x,), (1.0,))[1], (x,), (1.0,))[1],
        gw.vjp(lambda x: gw.vjp(cubic, x)[1](1.0)[0], x)[1](1.0)[0],
    )
    assert [float(way) for way in ways] == pytest.approx([wanted] * len(ways), rel=1e-12)


def test_an_inner_derivative_does_not_take_the_outer_variable_for_its_own():
    assert gw.grad(lambda x: x * gw.grad(lambda y: x + y)(1.0))(1.0) == 1
    assert gw.jvp(lambda x: x * gw.jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,))[1] == 1


def test_a_hessian_is_symmetric_and_right_whichever_way():
    def fn(w: Any) -> Any:
        return neuron(w, np.array([-1.0, -2.0]))

    w = np.array([2.0, -3.0, -3.0])
    x = np.array([-1.0, -2.0, 1.0])
    s = 0.7310585786300049
    wanted = s * (1 - s) * (1 - 2 * s) * np.outer(x, x)
    eye = np.eye(3)
    forward_over_reverse = np.stack([gw.jvp(gw.grad(fn), (w,), (v,))[1] for v in eye])
    reverse_over_reverse = np.stack([gw.vjp(gw.grad(fn), w)[1](v)[0] for v in eye])
    np.testing.assert_allclose(forward_over_reverse, wanted, rtol=1e-12)
    np.testing.assert_allclose(reverse_over_reverse, wanted, rtol=1e-12)


def test_a_gradient_step_can_itself_be_differentiated():
    def after_step(rate: Any) -> Any:
        w = np.array([0.5, -0.25, 0.125])
        return from_logits(w - rate * gw.grad(from_logits)(w))

    gradient = gw.grad(from_logits)(np.array([0.5, -0.25, 0.125]))
    assert gw.grad(after_step)(0.0) == pytest.approx(-(gradient @ gradient), rel=1e-12)
    gw.check_grads(after_step, (0.3,), order=2)
