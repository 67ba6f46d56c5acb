"""What can be asked of a timeline: what lies between nodes, what has changed, what a nudge does, what comes next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_graphs import random_timeline
from timelines import drawn, example, source_of, value

from gradwire.core.errors import RunError
from gradwire.core.stepping import Cursor, Moment, Timeline
from gradwire.core.stepping.between import along, between
from gradwire.core.stepping.comparing import differences
from gradwire.core.stepping.guessing import Question, next_question, questions
from gradwire.core.stepping.nudging import nudge


def names(timeline: Timeline, ids: Any) -> set[str]:
    return {timeline.run.asked.graph.path(id) for id in ids}


def nodes(timeline: Timeline, *paths: str) -> list[str]:
    return [source_of(timeline, path).node for path in paths]


# Between.


def test_between_two_nodes_lie_all_ways_from_one_to_the_other_in_either_order() -> None:
    timeline = example("colah")
    graph = timeline.run.asked.graph
    region = between(graph, nodes(timeline, "b", "e"))
    assert names(timeline, region.nodes) == {"b", "c", "d", "e"}
    assert len(region.wires) == 4
    assert between(graph, nodes(timeline, "e", "b")) == region


def test_of_one_node_all_that_it_depends_on_and_all_that_depends_on_it_but_no_way_past_it() -> None:
    timeline = example("sin_plus_product")
    region = between(timeline.run.asked.graph, nodes(timeline, "sin"))
    assert names(timeline, region.nodes) == {"x", "sin", "f"}
    wires = {f"{timeline.run.asked.graph.path(hop.node)}.{hop.port}" for hop in region.wires}
    assert wires == {"sin.x", "f.x"}


def test_a_wire_past_the_one_node_is_no_part_of_what_it_is_joined_to() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 2.0)
        t.add("add", name="y", inputs={"x": t.add("sin", name="sin", inputs={"x": x}), "y": x})

    timeline = drawn(build)
    region = between(timeline.run.asked.graph, nodes(timeline, "sin"))
    assert names(timeline, region.nodes) == {"x", "sin", "y"}
    assert {hop.port for hop in region.wires if names(timeline, [hop.node]) == {"y"}} == {"x"}


def test_between_nodes_that_no_way_joins_there_is_nothing() -> None:
    timeline = example("colah")
    assert not between(timeline.run.asked.graph, nodes(timeline, "c", "d")).nodes


def test_a_way_has_the_wires_from_each_node_to_the_next() -> None:
    timeline = example("colah")
    region = along(timeline.run.asked.graph, nodes(timeline, "b", "d", "e"))
    assert names(timeline, region.nodes) == {"b", "d", "e"}
    assert len(region.wires) == 2


# Comparing.


def scaled(factor: float) -> Timeline:
    def build(t: Any) -> None:
        x = value(t, "x", [3.0 * factor, -4.0 * factor])
        t.add("sum", name="y", inputs={"x": t.add("square", name="squared", inputs={"x": x})})

    return drawn(build)


def changes(before: Timeline, after: Timeline) -> dict[tuple[str, bool], float]:
    found = differences(Moment(before, before.end), Moment(after, after.end))
    return {(after.run.asked.graph.path(d.source.node), d.gradient): d.change for d in found}


def test_what_has_changed_by_more_than_a_tenth_is_found_with_its_relative_change() -> None:
    # The gradient of x is twice x: it changes as x does.
    assert changes(scaled(1.0), scaled(2.0)) == pytest.approx(
        {("x", False): 0.5, ("x", True): 0.5, ("squared", False): 0.75, ("y", False): 0.75}
    )


def test_a_sign_that_turns_is_a_change_though_the_size_stays() -> None:
    assert changes(scaled(1.0), scaled(-1.0)) == pytest.approx({("x", False): 2.0, ("x", True): 2.0})


def test_what_has_changed_by_less_is_not() -> None:
    assert changes(scaled(1.0), scaled(1.04)) == {}
    assert set(changes(scaled(1.0), scaled(1.07))) == {("squared", False), ("y", False)}


def test_zero_and_what_is_not_finite_are_told_as_changes_of_their_own() -> None:
    assert changes(scaled(1.0), scaled(0.0))["x", False] == 1.0
    assert changes(scaled(0.0), scaled(1.0))["x", False] == 1.0
    assert np.isnan(changes(scaled(1.0), scaled(np.nan))["x", False])
    assert changes(scaled(np.nan), scaled(np.nan)) == {}
    assert changes(scaled(1e-160), scaled(2e-160))["x", False] == pytest.approx(0.5)  # whose squares are 0


def test_what_is_not_there_at_one_of_the_moments_has_not_changed() -> None:
    timeline = scaled(1.0)
    assert differences(Moment(timeline, Cursor()), Moment(timeline, timeline.end)) == []


# Nudging.


@pytest.mark.parametrize("name", ["sin_plus_product", "colah"])
def test_a_nudge_agrees_with_the_gradient_and_edits_nothing(name: str) -> None:
    timeline = example(name)
    graph = timeline.run.asked.graph
    before = graph.dump()
    inputs = [node for node in graph.nodes if not graph.inputs(node)]
    for node in inputs:
        found = nudge(timeline.run, timeline.registry, node)
        assert found is not None
        assert found.quotient == pytest.approx(found.gradient, rel=1e-3)
    assert graph.dump() == before


def test_a_parameter_is_nudged_in_training_too() -> None:
    timeline = example("iris_mlp")
    graph = timeline.run.asked.graph
    weight = next(id for id, node in graph.nodes.items() if node.op == "parameter")
    found = nudge(timeline.run, timeline.registry, weight)
    assert found is not None
    assert found.quotient == pytest.approx(found.gradient, rel=1e-2, abs=1e-4)
    assert found.elements > 1


def test_what_is_computed_cannot_be_nudged() -> None:
    timeline = example("colah")
    with pytest.raises(RunError) as caught:
        nudge(timeline.run, timeline.registry, source_of(timeline, "c").node)
    assert str(caught.value) == "an input, a constant or a parameter of floats can be nudged, but not c"


# Predicting.


@given(seed=st.integers(0, 10_000))
def test_each_delivery_is_asked_once_before_it_is_there_and_seen_right_after(seed: int) -> None:
    timeline = random_timeline(seed)
    asked = list(questions(timeline))
    delivered = [delivery for step in timeline.steps for delivery in step.deliveries]
    assert [id(question.delivery) for question in asked] == [id(delivery) for delivery in delivered]
    for question in asked:
        port = question.delivery.node, question.delivery.port
        assert port not in Moment(timeline, question.asked_at).delivered
        assert Moment(timeline, question.seen_at).delivered[port] is question.delivery
        assert next_question(timeline, question.asked_at) == question


def of(number: Any) -> Question:
    timeline = example("colah")
    question = next_question(timeline, Cursor())
    assert question is not None
    return question._replace(delivery=question.delivery._replace(value=np.asarray(number)))


@pytest.mark.parametrize(
    ("number", "text", "right"),
    [
        (2.54, "+", True),
        (2.54, "-", False),
        (-2.54, "−", True),
        (0.0, "+", False),
        (0.0, "0", True),
        (2.54, "2.55", True),
        (2.54, " 2,52 ", True),
        (2.54, "2.5", False),
        (-2.54, "2.54", False),
        (np.nan, "nan", True),
        (np.nan, "3", False),
        (np.inf, "∞", True),
        (2.54, "many", None),
        ([3.0, 4.0], "5", True),
        ([3.0, 4.0], "+", None),
    ],
)
def test_a_sign_or_a_number_within_one_percent_is_right(number: Any, text: str, right: bool | None) -> None:
    assert of(number).is_right(text) is right
