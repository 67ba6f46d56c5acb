"""Ports given by name: the same as by place, over all ops that have optional ones, eager and traced."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
from test_ops import draw

import gradwire.core as gw
from gradwire.core.errors import GradwireError
from gradwire.core.op import Op
from gradwire.core.ops import builtin

# (print, which has no sample with its optional ports, stands below.)
OPTIONAL = [
    op for op in builtin() if op.name != "print" and any(port.optional and not port.hidden for port in op.ports)
]


def outcome(function: Any) -> Any:
    """Arrays, or the line that refuses."""
    try:
        made = function()
    except GradwireError as error:
        return str(error)
    return [np.asarray(each) for each in (made if isinstance(made, tuple) else (made,))]


def traced(op: Op, arrays: list[Any], params: dict[str, Any], named: bool) -> Any:
    """The results of a run of the graph that tracing the call gives."""
    there = [i for i, array in enumerate(arrays) if array is not None]

    def call(*given: Any) -> Any:
        every: list[Any] = [None] * len(arrays)
        for i, value in zip(there, given, strict=True):
            every[i] = value
        return applied(op, every, params, named)

    graph = gw.trace(call, *(arrays[i] for i in there))
    names = [node.name for node in graph.nodes.values() if node.op == "input"]
    feed = dict(zip(names, (arrays[i] for i in there), strict=True))
    outputs = [node.name for node in graph.nodes.values() if node.name in ("y", "y1", "y2", "y3")]
    return tuple(gw.Session(graph, dtype="float64").run(feed=feed, fetch=outputs).values())


def applied(op: Op, arrays: list[Any], params: dict[str, Any], named: bool) -> Any:
    if not named:
        return op(*arrays, **params)
    first = next(i for i, port in enumerate(op.ports) if port.optional)
    by_name = {op.ports[i].name: array for i, array in enumerate(arrays) if i >= first and array is not None}
    return op(*arrays[:first], **by_name, **params)


def test_there_are_ops_with_optional_ports() -> None:
    assert {"binary_cross_entropy", "layer_norm", "conv2d", "batch_norm"} <= {op.name for op in OPTIONAL}


@pytest.mark.parametrize("op", OPTIONAL, ids=lambda op: op.name)
def test_optional_ports_are_given_by_name_as_by_place(op: Op) -> None:
    sample = max(op.samples, key=lambda each: sum(arg is not None for arg in each.args))
    full = [array for array, port in zip(draw(sample), op.ports, strict=False) if not port.hidden]
    choices = [(False, True) if port.optional else (True,) for port, _ in zip(op.ports, full, strict=False)]
    accepted = 0
    for chosen in product(*choices):
        arrays = [array if taken else None for array, taken in zip(full, chosen, strict=True)]
        accepted += _agrees(op, arrays, dict(sample.params))
    assert accepted >= 2  # without any, and with some


def _agrees(op: Op, arrays: list[Any], params: dict[str, Any]) -> bool:
    """Hold calls by name against the one by place; whether it is accepted."""
    by_place = outcome(lambda: applied(op, arrays, params, named=False))
    tensors = [None if array is None else gw.Tensor(array) for array in arrays]
    found = [outcome(partial(applied, op, values, params, named=True)) for values in (arrays, tensors)]
    if isinstance(by_place, str):
        assert found == [by_place] * 2
        return False
    if "mode" not in op.parameters:  # which the run of a graph decides
        found.append(outcome(lambda: traced(op, arrays, params, named=True)))
    for each in found:
        for one, other in zip(each, by_place, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)
    return True


def test_print_is_told_by_name_when_to_be_silent(capsys: pytest.CaptureFixture[str]) -> None:
    gw.ops.print(np.ones(2), when=False, message="never")
    gw.ops.print(np.ones(2), data0=np.array(7.5), message="seen {}")
    told = "".join(capsys.readouterr())
    assert "never" not in told
    assert "7.5" in told


def test_all_ports_have_names_and_gradients_go_through_them() -> None:
    x, w = np.array([[1.0, 2.0]]), np.eye(2)
    assert np.array_equal(gw.ops.matmul(w=w, x=x), x)
    weights = np.array([3.0, 0.5])
    found = gw.grad(lambda v: gw.ops.binary_cross_entropy(v, np.array([1.0, 0.0]), pos_weight=weights))(x[0])
    placed = gw.grad(lambda v: gw.ops.binary_cross_entropy(v, np.array([1.0, 0.0]), None, weights))(x[0])
    assert np.array_equal(found, placed)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: gw.ops.matmul(np.eye(2), np.eye(2), w=np.eye(2)),
            "matmul is given w by its place and by its name (matmul(x, w))",
        ),
        (lambda: gw.ops.matmul(w=np.eye(2)), "matmul needs a value for x, got None (matmul(x, w))"),
        (
            lambda: gw.ops.concat(np.ones(2), xs1=np.ones(2)),
            "concat takes xs1 by its place, not by its name (concat(xs0, …, axis=…))",
        ),
        (lambda: gw.ops.relu("3"), "relu: x must hold numbers, got '3' (floats, integers or booleans)"),
        (
            lambda: gw.ops.hypot(2.0, ["3", 4]),
            "hypot: y must hold numbers, got ['3', 4] (floats, integers or booleans)",
        ),
        (lambda: gw.Tensor(1.0) + "3", "add: y must hold numbers, got '3' (floats, integers or booleans)"),
        (
            lambda: gw.ops.norm(np.ones(3), ord=float("nan")),
            "norm: ord must be a number, got nan (2 is the length, 1 the sum of sizes, inf the greatest size)",
        ),
    ],
)
def test_what_is_given_wrongly_is_told(call: Any, message: str) -> None:
    with pytest.raises(GradwireError) as caught:
        call()
    assert str(caught.value) == message


def test_a_norm_of_order_nan_is_a_problem_of_a_graph() -> None:
    document = gw.Document()
    with document.transaction("x") as t:
        t.add("norm", inputs={"x": t.add("input", shape=[3])}, ord=float("nan"))
    (problem,) = gw.Session(document).check().problems
    assert problem.message == "norm: ord must be a number, got nan"
