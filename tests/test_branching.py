"""Branches of a recording: a value put in by hand changes what depends on it, and nothing of the recording."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from timelines import EXAMPLES, timeline_of

from gradwire.core.errors import RunError
from gradwire.core.evaluating import Asked
from gradwire.core.graph import Source
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, State, Timeline
from gradwire.core.stepping.branch import RECORDED, Branch, PutIn, fitting
from gradwire.core.stepping.branching import Branches
from gradwire.core.stepping.breakpoints import Breakpoint, run_on
from gradwire.core.stepping.comparing import Alone, alone
from gradwire.core.stepping.nudging import nudge
from gradwire.core.stepping.places import same_place
from gradwire.core.stepping.recorder import BUDGET, Iteration, Recorder
from gradwire.core.tracing import expand_node


def opened(name: str, budget: int = BUDGET) -> Branches:
    session = Session.open(EXAMPLES[0].parent / f"{name}.gw")
    return Branches(Recorder(Asked.of(session), session.registry, budget))


def recorded(branches: Branches, number: int, branch: Branch = RECORDED) -> Iteration:
    found = branches.iteration(number, branch=branch)
    assert found is not None
    return found


def source(timeline: Timeline, path: str) -> Source:
    return next(s for s in timeline.run.tensors if timeline.run.asked.graph.path(s.node) == path)


def put(timeline: Timeline, path: str, value: Any, number: int = 1) -> Branch:
    at = source(timeline, path)
    old = timeline.run.value(at)
    assert old is not None
    return RECORDED.forked(PutIn(number, at, fitting(value, old, path), str(value)))


def bits(iteration: Iteration) -> dict[Any, bytes | None]:
    """All values, gradients and states of an iteration, bit by bit."""
    run, found = iteration.timeline.run, {}
    for at in run.tensors:
        value, gradient = run.value(at), run.gradient(at)
        found["value", at] = None if value is None else value.tobytes()
        found["gradient", at] = None if gradient is None else gradient.tobytes()
    return found | {("after", slot): np.asarray(array).tobytes() for slot, array in iteration.after.items()}


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.stem in ("iris_mlp", "sin_plus_product", "colah")])
def test_the_same_value_put_in_anywhere_gives_the_same_bits(path: Any) -> None:
    branches = opened(path.stem)
    number = 2 if branches.trains else 1
    first = recorded(branches, number)
    run = first.timeline.run
    for at in run.tensors:
        branch = RECORDED.forked(PutIn(number, at, np.array(run.value(at)), "the same"))
        again = recorded(branches, number, branch).timeline.run
        for each in run.tensors:
            assert again.value(each).tobytes() == run.value(each).tobytes()
        behind = run.asked.graph.descendants([at.node]) | {at.node}
        for each in run.tensors:
            if each.node in behind and run.gradient(each) is not None:
                assert again.gradient(each).tobytes() == run.gradient(each).tobytes()


@pytest.mark.parametrize("budget", [BUDGET, 1])
def test_the_recording_stays_as_it_was_beside_a_branch(budget: int) -> None:
    branches = opened("iris_mlp", budget)
    before = [bits(recorded(branches, number)) for number in (1, 2, 3, 4)]
    timeline = recorded(branches, 2).timeline
    branch = put(timeline, "mlp/relu_1", 3.0, 2)
    assert bits(recorded(branches, 2, branch)) != before[1]
    assert bits(recorded(branches, 4, branch)) != before[3]  # what is trained afterwards is another as well
    assert [bits(recorded(branches, number)) for number in (1, 2, 3, 4)] == before


def test_before_what_was_put_in_a_branch_is_the_recording_itself() -> None:
    branches = opened("iris_mlp")
    first = recorded(branches, 1)
    branch = put(recorded(branches, 2).timeline, "mlp/relu_1", 0.0, 2)
    assert recorded(branches, 1, branch) is first
    assert recorded(branches, 2, branch) is not recorded(branches, 2)


def test_no_gradient_goes_back_through_what_was_put_in() -> None:
    branches = opened("sin_plus_product")
    timeline = recorded(branches, 1).timeline
    forked = recorded(branches, 1, put(timeline, "product", 10.0)).timeline
    end = Moment(forked, forked.end)
    assert float(end.value(source(forked, "f"))) == pytest.approx(np.sin(1.0) + 10.0)
    assert end.gradient(source(forked, "product")).value == 1.0  # of the value that is there now
    stopped = end.gradient(source(forked, "y"))
    assert (stopped.state, stopped.reason) == (State.STOPPED, "its value was put in by hand")
    assert float(end.gradient(source(forked, "x")).value) == pytest.approx(np.cos(1.0))  # by the other way


def test_a_root_that_was_put_in_has_a_gradient_of_1_and_sends_none_back() -> None:
    branches = opened("sin_plus_product")
    forked = recorded(branches, 1, put(recorded(branches, 1).timeline, "f", 7.0)).timeline
    end = Moment(forked, forked.end)
    assert end.gradient(source(forked, "f")).value == 1.0
    assert end.gradient(source(forked, "x")).state is State.STOPPED


def test_a_parameter_that_was_put_in_is_trained_from_there() -> None:
    branches = opened("iris_mlp")
    timeline = recorded(branches, 2).timeline
    branch = put(timeline, "mlp/linear_1/bias", 0.5, 2)
    found, at = recorded(branches, 2, branch), source(timeline, "mlp/linear_1/bias")
    assert np.all(found.timeline.run.value(at) == np.float32(0.5))
    assert found.timeline.run.gradient(at) is not None
    assert np.all(found.before[at.node] == np.float32(0.5))
    np.testing.assert_array_equal(recorded(branches, 3, branch).timeline.run.value(at), found.after[at.node])
    assert not np.array_equal(found.after[at.node], recorded(branches, 2).after[at.node])


def test_a_branch_of_a_branch_keeps_what_was_put_in_before() -> None:
    branches = opened("iris_mlp")
    timeline = recorded(branches, 2).timeline
    first = put(timeline, "mlp/relu_1", 0.0, 2)
    later = recorded(branches, 3, first).timeline
    at = source(later, "mlp/linear_2/add")
    second = first.forked(PutIn(3, at, np.zeros_like(later.run.value(at)), "0"))
    assert bits(recorded(branches, 2, second)) == bits(recorded(branches, 2, first))
    assert not recorded(branches, 3, second).timeline.run.value(at).any()
    again = second.forked(PutIn(2, source(timeline, "mlp/relu_1"), np.ones(1), "1"))
    assert [put.number for put in again.puts] == [2]  # what came afterwards is another story


def test_branches_share_the_budget_of_the_recording() -> None:
    size = recorded(opened("iris_mlp"), 1).size
    branches = opened("iris_mlp", 4 * size)
    for number in (1, 2, 3, 4):
        timeline = recorded(branches, number).timeline
    for value in (1.0, 2.0, 3.0):
        recorded(branches, 4, put(timeline, "mlp/relu_1", value, 4))
    kept = [recorder.shelf.iterations.values() for recorder in branches._recorders.values()]
    assert sum(iteration.size for iterations in kept for iteration in iterations) <= 4 * size
    assert branches.replays(1)  # it was dropped, and comes back with the same bits
    assert bits(recorded(branches, 1)) == bits(recorded(opened("iris_mlp"), 1))


@pytest.mark.parametrize(
    ("value", "old", "message"),
    [
        ([1.0, 2.0], np.zeros(3), "h has the shape (3,), got (2,) (one number serves for all)"),
        ([[1.0], [1.0, 2.0]], np.zeros(3), "h takes numbers in rows of one length"),
        (0.5, np.zeros(3, np.int64), "h holds whole numbers only"),
        (2, np.zeros(3, bool), "h holds 0 or 1 only"),
    ],
)
def test_what_does_not_fit_is_refused(value: Any, old: Any, message: str) -> None:
    with pytest.raises(RunError) as refused:
        fitting(value, old, "h")
    assert str(refused.value) == message


def test_one_number_serves_for_all_elements_and_keeps_the_dtype() -> None:
    made = fitting(2, np.zeros((2, 3), np.float32), "h")
    assert made.dtype == np.float32
    assert (made == 2).all()
    assert made.shape == (2, 3)


def test_the_same_place_is_found_or_the_nearest_before() -> None:
    branches = opened("sin_plus_product")
    timeline = recorded(branches, 1).timeline
    forked = recorded(branches, 1, put(timeline, "sin", 0.0)).timeline  # without the step back of sin
    steps = [(step.phase, step.node) for step in timeline.steps]
    for index in range(len(steps) + 1):
        found = same_place(timeline, Cursor(index), forked)
        last = forked.steps[found.step - 1] if found.step else None
        if index and steps[index - 1] in [(step.phase, step.node) for step in forked.steps]:
            assert last is not None
            assert (last.phase, last.node) == steps[index - 1]
    gone = next(
        i for i, (phase, node) in enumerate(steps) if phase == "backward" and node == source(timeline, "sin").node
    )
    before = same_place(timeline, Cursor(gone + 1), forked)
    assert (forked.steps[before.step - 1].phase, forked.steps[before.step - 1].node) == steps[gone - 1]
    assert same_place(timeline, timeline.end, forked) == forked.end
    assert same_place(timeline, Cursor(), forked) == Cursor()
    assert same_place(timeline, Cursor(5, 2), timeline) == Cursor(5, 2)


def test_where_an_op_was_expanded_one_goes_on_through_its_parts_and_back() -> None:
    session = Session.open(EXAMPLES[0].parent / "lessons" / "softmax_cross_entropy.gw")
    fused, id = timeline_of(session), session.graph.resolve("loss")
    with session.document.transaction("expand") as t:
        expand_node(t, id, session.check(), session.dtype)
    expanded = timeline_of(session)
    inside = session.graph.interior(id)[0]

    def at(timeline: Timeline, phase: str, nodes: Collection[str]) -> list[int]:
        return [i for i, step in enumerate(timeline.steps) if step.phase == phase and step.node in nodes]

    for phase in ("forward", "backward"):
        (whole,), parts = at(fused, phase, [id]), at(expanded, phase, inside)
        assert len(parts) > 1
        assert same_place(fused, Cursor(whole + 1), expanded) == Cursor(parts[0])  # the parts are to come
        following = fused.steps[whole + 1]
        there = at(expanded, following.phase, [following.node, *inside])
        assert same_place(fused, Cursor(whole + 2), expanded) == Cursor(there[-1] + 1)
        assert same_place(expanded, Cursor(parts[0] + 1), fused) == Cursor(whole)  # it is not done yet
        assert same_place(expanded, Cursor(parts[-1] + 1), fused) == Cursor(whole + 1)


def test_what_only_one_side_has_is_told() -> None:
    branches = opened("sin_plus_product")
    timeline = recorded(branches, 1).timeline
    forked = recorded(branches, 1, put(timeline, "product", 10.0)).timeline
    there, here = Moment(timeline, timeline.end), Moment(forked, forked.end)
    assert alone(there, here) == [Alone(source(timeline, "y"), gradient=True)]
    assert alone(here, there) == []


def test_a_run_to_a_breakpoint_can_be_cancelled_within_an_iteration() -> None:
    timeline, asked = recorded(opened("sin_plus_product"), 1).timeline, []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) == 3

    assert run_on(timeline, Cursor(), [Breakpoint(condition="x.grad > 1000")], cancelled) is None
    assert len(asked) == 3  # it is asked before each question, and not once more


def test_a_nudge_within_a_branch_moves_what_was_put_in() -> None:
    branches = opened("sin_plus_product")
    first = recorded(branches, 1)
    branch = put(first.timeline, "x", 3.0)
    run = recorded(branches, 1, branch).timeline.run
    found = nudge(run, builtin(), source(first.timeline, "x").node)
    assert found is not None
    assert found.quotient == pytest.approx(np.cos(3.0) + 2.0, rel=1e-3)


def test_what_was_put_in_counts_towards_the_budget() -> None:
    branches = opened("iris_mlp", 40_000_000)
    iteration = recorded(branches, 1)
    before = branches.bytes
    kept = []
    for value in range(5):
        kept.append(put(iteration.timeline, "mlp/linear_1/weight", float(value)))
        recorded(branches, 1, kept[-1])
    values = sum(each.puts[0].value.nbytes for each in kept)
    assert branches.bytes >= before + values


def test_hits_of_earlier_iterations_are_counted_too() -> None:
    branches = opened("iris_mlp")
    counted = Breakpoint(next(iter(recorded(branches, 1).timeline.run.tensors)).node, "forward", logged=True)
    halt = None
    for number in (1, 2, 3):
        found = run_on(recorded(branches, number).timeline, Cursor(), [counted])
        assert found is not None
        halt = found.after(halt)
    assert halt is not None
    assert halt.hits == {counted: 3}
