"""The ways between two values: each path with what it carries, and the nodes and wires that lie on them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_graphs import random_timeline
from timelines import drawn, example, source_of, value

from gradwire.core.errors import RunError
from gradwire.core.stepping import Timeline
from gradwire.core.stepping.ways import by_path, derivative


def paths(timeline: Timeline, name: str, **asked: Any) -> dict[str, float]:
    split = by_path(timeline.run, source_of(timeline, name), **asked)
    assert split is not None
    return {part.name: float(np.sum(part.value)) for part in split.parts}


def test_each_path_carries_the_product_of_its_derivatives() -> None:
    timeline = example("sin_plus_product")
    x, y = (float(timeline.run.value(source_of(timeline, name))) for name in "xy")
    expected = {"sin.x → f.x": np.cos(x), "product.x → f.y": y}
    assert paths(timeline, "x") == pytest.approx(expected)


def test_ports_of_one_op_are_two_paths() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 3.0)
        t.add("multiply", name="square", inputs={"x": x, "y": x})

    assert paths(drawn(build), "x") == {"square.x": 3.0, "square.y": 3.0}


def test_the_strongest_come_first_and_the_others_are_the_rest() -> None:
    timeline = layers(3)
    split = by_path(timeline.run, source_of(timeline, "x"), most=2)
    assert split is not None
    assert [float(part.value) for part in split.parts if part.value is not None] == [27.0, 9.0]
    assert (split.number, split.exhaustive) == (8, True)
    assert float(np.asarray(split.rest)) == 4.0**3 - 36.0


def layers(count: int) -> Timeline:
    """Layer after layer of 3 · h + 1 · h: a gradient of 4ⁿ, by 2ⁿ paths of which one carries 3ⁿ."""

    def build(t: Any) -> None:
        h, three, one = value(t, "x", 0.5), value(t, "three", 3.0), value(t, "one", 1.0)
        for i in range(count):
            strong = t.add("multiply", name=f"strong{i}", inputs={"x": h, "y": three})
            weak = t.add("multiply", name=f"weak{i}", inputs={"x": h, "y": one})
            h = t.add("add", name=f"h{i}", inputs={"x": weak, "y": strong})

    return drawn(build)


def test_of_too_many_paths_the_strongest_are_found_and_the_search_says_that_it_was_not_exhaustive() -> None:
    timeline = layers(40)
    split = by_path(timeline.run, source_of(timeline, "x"), most=3, limit=400)
    assert split is not None
    assert (split.number, split.exhaustive) == (2**40, False)
    first, second = (float(np.asarray(part.value)) for part in split.parts[:2])
    assert (first, second) == pytest.approx((3.0**40, 3.0**39))
    graph = timeline.run.asked.graph
    assert not any("weak" in graph.path(hop.node) for hop in split.parts[0].way)
    total = sum(float(np.asarray(part.value)) for part in split.parts) + float(np.asarray(split.rest))
    assert total == pytest.approx(4.0**40)


def test_a_vanishing_gradient_does_not_keep_the_search_from_the_end() -> None:
    def build(t: Any) -> None:
        h = value(t, "x", 0.5)
        for _ in range(60):
            one, other = (t.add("sigmoid", inputs={"x": h}) for _ in range(2))
            h = t.add("multiply", inputs={"x": one, "y": other})

    timeline = drawn(build)
    split = by_path(timeline.run, source_of(timeline, "x"), most=1, limit=400)
    assert split is not None
    assert len(split.parts) == 1
    assert not split.exhaustive


# Between two values.


@given(seed=st.integers(0, 10_000))
def test_the_derivative_of_the_root_is_the_gradient_of_the_run(seed: int) -> None:
    timeline = random_timeline(seed)
    run = timeline.run
    assert run.root is not None
    for source in run.tensors:
        found = derivative(run, run.root, source)
        total = run.gradient(source)
        assert found is not None
        assert (found.value is None) == (total is None)
        if total is not None:
            np.testing.assert_allclose(found.value, total, rtol=1e-9, atol=1e-9)
            assert {run.root.node, source.node} <= found.nodes


def test_a_derivative_between_two_values_lights_what_lies_between_them_only() -> None:
    timeline = example("colah")
    graph, run = timeline.run.asked.graph, timeline.run
    found = derivative(run, source_of(timeline, "c"), source_of(timeline, "b"))
    assert found is not None
    assert found.value == 1.0
    assert {graph.path(id) for id in found.nodes} == {"b", "c"}
    assert {f"{graph.path(hop.node)}.{hop.port}" for hop in found.wires} == {"c.y"}
    whole = derivative(run, source_of(timeline, "e"), source_of(timeline, "b"))
    assert whole is not None
    assert {graph.path(id) for id in whole.nodes} == {"b", "c", "d", "e"}
    assert len(whole.wires) == 4
    assert (found.number, whole.number) == (1, 2)


def test_one_element_of_a_value_can_be_asked_for() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[1.0, 2.0], [3.0, 4.0]])
        t.add("matmul", name="z", inputs={"x": x, "w": value(t, "w", [[5.0, 6.0], [7.0, 8.0]])})

    timeline = drawn(build)
    z, x = source_of(timeline, "z"), source_of(timeline, "x")
    found, every = derivative(timeline.run, z, x, (0, 1)), derivative(timeline.run, z, x)
    assert found is not None
    assert every is not None
    np.testing.assert_array_equal(found.value, [[6.0, 8.0], [0.0, 0.0]])
    np.testing.assert_array_equal(every.value, [[11.0, 15.0], [11.0, 15.0]])


def test_a_way_that_is_detached_is_not_lit_and_a_bypassed_node_is() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 2.0)
        held = t.add("detach", name="held", inputs={"x": x})
        passed = t.add("sin", name="passed", inputs={"x": x})
        t.set_flags(passed, "bypass")
        t.add("multiply", name="z", inputs={"x": held, "y": passed})

    timeline = drawn(build)
    graph = timeline.run.asked.graph
    found = derivative(timeline.run, source_of(timeline, "z"), source_of(timeline, "x"))
    assert found is not None
    assert found.value == 2.0
    assert {graph.path(id) for id in found.nodes} == {"x", "passed", "z"}
    assert {f"{graph.path(hop.node)}.{hop.port}" for hop in found.wires} == {"z.y", "passed.x"}
    nothing = derivative(timeline.run, source_of(timeline, "held"), source_of(timeline, "x"))
    assert nothing == (None, frozenset(), frozenset(), 0)


def test_what_is_no_float_has_no_derivative() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [1.0, 2.0])
        t.add("argmax", name="place", inputs={"x": x})

    timeline = drawn(build)
    with pytest.raises(RunError) as caught:
        derivative(timeline.run, source_of(timeline, "place"), source_of(timeline, "x"))
    assert str(caught.value) == "place has no float that could be differentiated"


def test_a_derivative_that_is_no_longer_wanted_stops() -> None:
    timeline = example("colah")
    source = source_of(timeline, "b")
    assert derivative(timeline.run, source_of(timeline, "e"), source, cancelled=lambda: True) is None
