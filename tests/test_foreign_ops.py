"""Ops that no test has proven: those that a plugin brings. Their faults are told, and change no other number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradwire.core.document import Document
from gradwire.core.errors import ShapeError
from gradwire.core.exporting import numpy_source
from gradwire.core.extend import Aval, Mode, Registry, builtin, op
from gradwire.core.graph import Training
from gradwire.core.op import Op
from gradwire.core.parameters import ParameterId
from gradwire.core.session import Session


def registry(*ops: Op) -> Registry:
    return Registry([*builtin(), *ops])


def session(found: Registry, build: Any) -> Session:
    document = Document(registry=found)
    with document.transaction("Draw") as t:
        build(t)
    return Session(document)


@op(formula="x", category="test", samples=[((2,),)])
def passes_on(xp: Any, x: Any) -> Any:
    """Its argument itself, though it does not say that it is a view."""
    return x


@passes_on.shape
def _(x: Aval) -> Aval:
    return x


@passes_on.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g,)


def test_an_op_that_returns_its_argument_corrupts_nothing() -> None:
    def build(t: Any) -> None:
        x = t.add("input", name="x", shape=(4,))
        first = t.add("exp", inputs={"x": x})
        kept = t.add("passes_on", name="kept", inputs={"x": first})
        other = t.add("square", inputs={"x": t.add("sin", inputs={"x": t.add("cos", inputs={"x": x})})})
        t.add("add", name="sum", inputs={"x": kept, "y": t.add("tanh", inputs={"x": other})})

    s = session(registry(passes_on), build)
    feed = {"x": np.arange(4.0)}
    for mode in ("static", "eager"):
        found = s.run(feed, ["kept", "sum"], mode=mode)
        assert np.array_equal(found["kept"], np.exp(np.arange(4, dtype=np.float32)))
    assert np.array_equal(s.run(feed, "sum")["sum"], s.run(feed, "sum", mode="eager")["sum"])


@op(formula="x", category="test", samples=[((2,),)])
def doubles(xp: Any, x: Any) -> Any:
    """A result of another dtype than its shape rule says."""
    return x.astype(np.float64)


@doubles.shape
def _(x: Aval) -> Aval:
    return x


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_result_that_its_shape_rule_does_not_say_is_refused(mode: str) -> None:
    s = session(registry(doubles), lambda t: t.add("doubles", name="y", inputs={"x": t.add("input", name="x")}))
    with pytest.raises(ShapeError) as refused:
        s.run({"x": 1.0}, "y", mode=mode)
    assert str(refused.value) == "doubles must give y () f32, as its shape rule says, got () f64"


@op(formula="x", category="test", samples=[((2,), (2,))])
def cell(xp: Any, x: Any, state: Any, *, mode: str = "edge", stream: int = 3, trained: Mode = "train") -> Any:
    """A port called state and parameters called mode and stream are its own; `trained` is what the run decides."""
    return x + state * (stream if mode == "edge" and trained == "eval" else 100)


@cell.shape
def _(x: Aval, state: Aval, *, mode: str, stream: int, trained: str) -> Aval:
    return x


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_names_are_an_ops_own_and_only_roles_are_bound(mode: str) -> None:
    def build(t: Any) -> None:
        inputs = {"x": t.add("input", name="x"), "state": t.add("input", name="h")}
        t.add("cell", name="y", inputs=inputs)

    s = session(registry(cell), build)
    assert s.check().problems == ()
    assert s.run({"x": 1.0, "h": 2.0}, "y", mode=mode)["y"] == 7.0


@op(formula="1", category="test", samples=[()])
def one(xp: Any) -> Any:
    """A result that depends on nothing."""
    return xp.ones((), np.float32)


@one.shape
def _() -> Aval:
    return Aval((), np.dtype(np.float32))


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_an_op_may_take_nothing(mode: str) -> None:
    s = session(registry(one), lambda t: t.add("exp", name="y", inputs={"x": t.add("one")}))
    assert s.run(fetch="y", mode=mode)["y"] == np.exp(np.float32(1))


@op(formula="x", category="test", samples=[((2,),)])
def remember(xp: Any, x: Any, *, slot: ParameterId) -> Any:
    """`x` as it is, which the parameter `slot` holds from the next iteration on."""
    return x + 0


remember.shape(lambda x, *, slot: x)
remember.vjp(lambda g, y, x, *, slot: (g,))
remember.writes = {"slot": "y"}


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_an_op_names_what_it_writes_as_assign_does(mode: str) -> None:
    def build(t: Any) -> None:
        held = t.add("parameter", id="held", name="held", shape=(), init="zeros")
        more = t.add("add", inputs={"x": held, "y": t.add("constant", value=1.0)})
        t.add("remember", id="r", name="loss", inputs={"x": more}, slot="held")
        t.set_training(Training("r", optimiser={"name": "sgd", "lr": 0.1}, batch=1, epochs=3))

    s = session(registry(remember), build)
    s.train(mode=mode)
    assert s.run(fetch="held")["held"] == 3.0
    assert "# held is to be loss from the next iteration on" in numpy_source(s.graph, s.registry)
    with s.document.transaction("Name another") as t:
        t.set_param("r", "slot", "gone")
    assert "remember needs the id of a parameter as its slot, got 'gone'" in [p.message for p in s.check().problems]


@op(formula="x", category="test", samples=[((2,),)])
def faulty(xp: Any, x: Any) -> Any:
    """Its shape rule fails otherwise than by a refusal."""
    return x


@faulty.shape
def _(x: Aval) -> Aval:
    return {}[x.ndim]


def test_a_shape_rule_that_fails_is_a_problem_of_its_node() -> None:
    s = session(registry(faulty), lambda t: t.add("faulty", id="f", inputs={"x": t.add("input", name="x")}))
    (problem,) = s.check().problems
    assert problem[:4] == ("f", None, "the shape rule of faulty failed: KeyError: 0", None)
