"""Gradients held against difference quotients: of one delivery and of a whole value, with kinks told."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_graphs import random_timeline
from timelines import EXAMPLES, drawn, example, source_of, timeline_of, value

from gradwire.core.document import Document
from gradwire.core.errors import DataError, RunError
from gradwire.core.op import Op, op
from gradwire.core.ops import Registry, builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Delivery, Timeline
from gradwire.core.stepping.checking import Check, Verdict, check_delivery, check_gradient


def deliveries(timeline: Timeline, name: str = "") -> list[Delivery]:
    graph = timeline.run.asked.graph
    found = [delivery for step in timeline.steps for delivery in step.deliveries]
    return [delivery for delivery in found if not name or graph.path(delivery.node) == name]


def checked(timeline: Timeline, name: str, *asked: Any, **more: Any) -> Check:
    found = check_gradient(timeline.run, source_of(timeline, name), *asked, **more)
    assert found is not None
    return found


def through(name: str, start: Any, **params: Any) -> Timeline:
    """`x`, one op named after itself, and the sum."""

    def build(t: Any) -> None:
        t.add("sum", inputs={"x": t.add(name, name=name, inputs={"x": value(t, "x", start)}, **params)})

    return drawn(build)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_gradient_of_an_example_stands_the_check(path: Path) -> None:
    timeline = example(path.stem)
    run = timeline.run
    checks = [check_delivery(run, d, index) for d in deliveries(timeline) for index in (None, (0,) * d.value.ndim)]
    for source in run.tensors:
        gradient = run.gradient(source)
        if gradient is not None:
            checks += [check_gradient(run, source), check_gradient(run, source, (0,) * gradient.ndim)]
    for found in checks:
        assert found is not None
        assert found.verdict is Verdict.GOOD or found.crossed, found
        assert found.recorded == pytest.approx(found.gradient, rel=1e-3, abs=1e-5)  # some are of float32


@pytest.mark.parametrize("seed", range(40))
def test_every_gradient_of_a_random_graph_stands_the_check(seed: int) -> None:
    timeline = random_timeline(seed)
    for source in timeline.run.tensors:
        if timeline.run.gradient(source) is not None:
            found = check_gradient(timeline.run, source)
            assert found is not None
            assert found.verdict in (Verdict.GOOD, Verdict.KINKS) or found.crossed, found


def test_the_quotient_is_centred_with_a_step_that_grows_with_the_value() -> None:
    timeline = through("exp", [0.5, 3.0])
    (delivery,) = deliveries(timeline, "exp")
    for place, x in ((0, 0.5), (1, 3.0)):
        h = 1e-5 * max(1.0, x)
        found = check_delivery(timeline.run, delivery, (place,))
        assert found.element == (place,)
        assert found.difference == pytest.approx((np.exp(x + h) - np.exp(x - h)) / (2 * h), rel=1e-10)
        assert found.gradient == found.recorded == np.exp(x)


# Rules that are wrong.


def with_rule(factor: float, calls: list[Any] | None = None) -> Timeline:
    """x ** 3 by an op of a plugin whose rule is wrong by a factor."""

    @op(formula="x^3", category="math", samples=[((3,),)])
    def cubed(xp: Any, x: Any) -> Any:
        """The third power."""
        if calls is not None:
            calls.append(np.array(x))
        return x * x * x

    def declared(built: Op) -> Op:
        built.shape(lambda x: x)
        built.vjp(lambda g, y, x: (g * (3 * factor * x * x),))
        return built

    document = Document(registry=Registry([*builtin(), declared(cubed)]))
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        made = t.add("cubed", name="cubed", inputs={"x": value(t, "x", [1.5, -0.5, 2.0])})
        t.add("sum", inputs={"x": made})
    return timeline_of(Session(document, registry=document.registry))


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [
        (1.0, Verdict.GOOD),
        (1.00001, Verdict.KINKS),
        (1.0005, Verdict.UNCOMFORTABLE),
        (1.05, Verdict.WRONG),
        (-1.0, Verdict.WRONG),
        (math.nan, Verdict.NOT_FINITE),
    ],
)
def test_a_rule_that_is_wrong_is_found_out(factor: float, verdict: Verdict) -> None:
    timeline = with_rule(factor)
    (delivery,) = deliveries(timeline, "cubed")
    for found in (
        check_delivery(timeline.run, delivery),
        check_delivery(timeline.run, delivery, (1,)),
        checked(timeline, "x"),
        checked(timeline, "x", (2,)),
    ):
        assert found.verdict is verdict


def test_only_the_op_itself_is_run() -> None:
    calls: list[Any] = []
    timeline = with_rule(1.0, calls)
    (delivery,) = deliveries(timeline, "cubed")
    calls.clear()
    check_delivery(timeline.run, delivery, (0,))
    expected = [[1.5 + side * 1.5e-5, -0.5, 2.0] for side in (-1, 0, 1)]
    np.testing.assert_array_equal(calls, expected)


def test_nothing_is_printed_by_a_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(through("print", [1.0, 2.0], message="said"), "x").verdict is Verdict.GOOD
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("gradient", "difference", "verdict"),
    [
        (1.0, 1.0 + 5e-8, Verdict.GOOD),
        (1.0, 1.0 + 5e-7, Verdict.KINKS),
        (1.0, 1.0 + 5e-4, Verdict.UNCOMFORTABLE),
        (1.0, 1.02, Verdict.WRONG),
        (0.0, 0.0, Verdict.GOOD),
        (0.0, 1e-12, Verdict.WRONG),
        (math.inf, math.inf, Verdict.NOT_FINITE),
    ],
)
def test_verdicts_are_by_the_relative_error(gradient: float, difference: float, verdict: Verdict) -> None:
    assert Check(None, gradient, gradient, difference, noise=0.0).verdict is verdict


def test_what_rounding_may_make_is_no_error() -> None:
    assert Check(None, 0.0, 0.0, 1e-12, noise=1e-11).verdict is Verdict.GOOD
    assert Check(None, 0.0, 0.0, 1e-12, noise=math.inf).verdict is Verdict.NOT_FINITE

    def build(t: Any) -> None:  # next to 1e12 a step of 1e-5 is lost
        t.add("add", inputs={"x": value(t, "x", 1.0), "y": value(t, "large", 1e12)})

    assert checked(drawn(build), "x").verdict is Verdict.GOOD


# Kinks.


@pytest.mark.parametrize(
    ("name", "start", "index", "quotient"),
    [
        ("relu", [0.0, 1.0], (0,), 0.5),
        ("abs", [0.0, 1.0], (0,), 0.0),
        ("leaky_relu", [0.0, 1.0], (0,), 0.505),
        ("max", [1.0, 1.0, 0.0], (0,), 0.5),
        ("max", [1.0, 1.0 - 1e-6, 0.0], (1,), 0.45),
    ],
)
def test_a_kink_between_the_two_sides_is_told(name: str, start: Any, index: Any, quotient: float) -> None:
    timeline = through(name, start)
    graph = timeline.run.asked.graph
    (delivery,) = deliveries(timeline, name)
    for found in (check_delivery(timeline.run, delivery, index), checked(timeline, "x", index)):
        assert [graph.path(node) for node in found.crossed] == [name]
        assert found.difference == pytest.approx(quotient)
    told = check_delivery(timeline.run, delivery, index).text(graph)
    assert told.endswith(f"; a kink was crossed at {name}, where the quotient says little")


@pytest.mark.parametrize(("name", "start"), [("relu", [0.5, -1.0]), ("max", [1.0, 1.0, 3.0]), ("abs", [-2.0, 1.0])])
def test_a_kink_that_is_not_near_is_not_told(name: str, start: Any) -> None:
    found = checked(through(name, start), "x")
    assert (found.verdict, found.crossed) == (Verdict.GOOD, ())


def test_a_mask_or_an_index_that_changes_on_the_way_is_told_at_its_node() -> None:
    def build(t: Any) -> None:
        x, one = value(t, "x", [1.0, 1.0]), value(t, "one", 1.0)
        over = t.add("greater", name="over", inputs={"x": x, "y": one})
        chosen = t.add("where", name="chosen", inputs={"c": over, "x": t.add("square", inputs={"x": x}), "y": x})
        place = t.add("argmax", name="place", inputs={"x": x})
        picked = t.add("gather", name="picked", inputs={"x": chosen, "indices": place})
        t.add("add", inputs={"x": picked, "y": t.add("sum", inputs={"x": x})})

    timeline = drawn(build)
    graph = timeline.run.asked.graph
    assert {graph.path(node) for node in checked(timeline, "x", (1,)).crossed} == {"over", "place"}


def test_a_check_is_told_in_a_line() -> None:
    timeline = through("square", [3.0])
    (delivery,) = deliveries(timeline, "square")
    told = check_delivery(timeline.run, delivery).text(timeline.run.asked.graph)
    assert told.startswith("by the rule 6, by the difference quotient 6: relative error ")
    assert told.endswith(", good")


# What stands in the way.


def test_what_is_detached_is_held() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 3.0)
        t.add("multiply", inputs={"x": x, "y": t.add("detach", inputs={"x": x})})

    found = checked(drawn(build), "x")
    assert (found.gradient, found.verdict) == (3.0, Verdict.GOOD)
    assert found.difference == pytest.approx(3.0)


def test_a_cast_to_float32_on_the_way_does_not_make_it_coarse() -> None:
    timeline = through("cast", [1.25, 3.0], dtype="float32")
    assert timeline.run.gradient(source_of(timeline, "x")) is not None
    assert checked(timeline, "x").verdict is Verdict.GOOD


def test_an_infinite_derivative_is_not_finite() -> None:
    timeline = through("sqrt", [0.0])
    assert checked(timeline, "x").verdict is Verdict.NOT_FINITE


def test_an_op_that_refuses_a_value_that_near_says_so() -> None:
    def build(t: Any) -> None:
        logits, target = value(t, "logits", [1.0]), value(t, "target", [1.0])
        t.add("binary_cross_entropy", inputs={"logits": logits, "target": target})

    with pytest.raises(DataError) as caught:
        checked(drawn(build), "target")
    assert caught.value.message == "target must lie between 0 and 1, got 1.00001 at element 0"


def test_a_value_without_a_gradient_is_refused() -> None:
    timeline = example("feed_fetch")
    source = next(iter(timeline.run.tensors))
    with pytest.raises(RunError) as caught:
        check_gradient(timeline.run, source)
    assert str(caught.value) == f"{timeline.run.asked.graph.path(source.node)} has no gradient to be checked"


def test_a_check_that_is_no_longer_wanted_stops() -> None:
    timeline = random_timeline(1, steps=20)
    source = source_of(timeline, "x")
    for count in (1, 30, 90):
        asked: list[int] = []

        def later(asked: list[int] = asked, count: int = count) -> bool:
            asked.append(1)
            return len(asked) >= count

        assert check_gradient(timeline.run, source, cancelled=later) is None
        assert len(asked) == count
