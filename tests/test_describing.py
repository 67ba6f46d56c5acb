"""What Python's `help`, `inspect` and completion say of ops."""

from __future__ import annotations

import inspect
import pydoc
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.errors import RunError
from gradwire.core.op import Aval, Op
from gradwire.core.ops import installed
from gradwire.core.ops.describing import example
from gradwire.core.ops.formulas import unicode_formula

OPS = list(installed())


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_help_tells_an_op_by_its_own_text(op: Op) -> None:
    told = pydoc.plain(pydoc.render_doc(op))
    assert all(line.strip() in told for line in op.doc.splitlines())
    assert unicode_formula(op.formula) in told
    for port in op.ports:
        assert port.hidden or port.name in told
    for name, parameter in op.parameters.items():
        assert f"{name}: " in told
        assert not parameter.has_default or repr(parameter.default) in told


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_the_example_runs_and_gives_what_it_says(op: Op) -> None:
    lines = example(op)
    if not lines:
        assert not op.ports or op.target is not None
        return
    assert lines[-1] in gw.ops.__getattr__(op.name).__doc__
    names: dict[str, Any] = {"np": np, "gw": gw}
    np.random.seed(0)
    for line in lines[:-1]:
        exec(line, names)
    exec(f"made = {lines[-1]}", names)
    made = names["made"]
    found = [Aval(np.shape(y), np.asarray(y).dtype) for y in (made if isinstance(made, tuple) else (made,))]
    assert lines[-1].partition("  # ")[2] == ", ".join(map(str, found))


def test_signatures_are_those_of_the_calls() -> None:
    assert str(inspect.signature(gw.ops.softmax)) == "(x, *, axis=-1)"
    assert str(inspect.signature(gw.ops.concat)) == "(*xs, axis=0)"
    bound = inspect.signature(gw.ops.binary_cross_entropy).bind(1, 2, pos_weight=3)
    assert bound.arguments == {"logits": 1, "target": 2, "pos_weight": 3}
    assert str(inspect.signature(gw.ops.binary_cross_entropy)) == (
        "(logits, target, weights=None, pos_weight=None, *, reduction='mean')"
    )


def test_random_ops_are_called_by_hand_as_their_refusal_says() -> None:
    x = np.ones(1000)
    with pytest.raises(RunError) as caught:
        gw.ops.dropout(x)
    assert str(caught.value) == (
        "dropout in training needs a random state (a run feeds it; by hand: state=gw.random.state(seed))"
    )
    drawn = gw.ops.dropout(x, state=gw.random.state(7))
    assert np.array_equal(drawn, gw.ops.dropout(x, gw.random.state(7)))  # by its place too
    assert not np.array_equal(drawn, gw.ops.dropout(x, state=gw.random.state(8)))
    assert not np.array_equal(drawn, gw.ops.dropout(x, state=gw.random.state(7), stream=1))
    slope = gw.grad(lambda x: gw.ops.dropout(x, state=gw.random.state(7)).sum())(x)
    assert np.array_equal(slope, drawn)
    assert "by hand state=gw.random.state(seed)" in gw.ops.dropout.__doc__
    assert gw.ops.random_normal(shape=(2, 3), state=gw.random.state(7)).shape == (2, 3)


def test_the_class_keeps_its_own_text() -> None:
    assert (inspect.getdoc(Op) or "").startswith("A named operation with its rules.")
    assert "forward" in inspect.signature(Op).parameters


def test_completion_lists_the_ops_and_nothing_else() -> None:
    assert dir(gw.ops) == sorted(op.name for op in OPS)


def test_metrics_are_reached_from_the_top() -> None:
    assert gw.metric("top_k").name == "top_k"
    assert gw.metric("accuracy") == gw.metrics.Accuracy()
    assert {"metric", "metrics"} <= set(dir(gw))
