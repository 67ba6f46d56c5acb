"""Recordings: they change no number, keep what was, and show each value at its own moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Program, bits, build, programs

from gradwire.core.backends import numpy as numpy_backend
from gradwire.core.builder import Builder
from gradwire.core.differentiate import differentiate
from gradwire.core.errors import RunError
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.passes import optimised
from gradwire.core.plan import Plan
from gradwire.core.recording import Cursor, Trace, record

OPS = builtin()
F64 = np.dtype(np.float64)


def training() -> Plan:
    """A loss, its gradient, and an update of w, with a view of w that is read before."""
    builder = Builder()
    x, w = builder.input("x", Aval((4, 3), F64)), builder.read("w", Aval((3, 2), F64))
    with builder.labelled(node="linear0"):
        h = np.tanh(x @ w)
    with builder.labelled(node="turned0"):
        turned = OPS["transpose"](w)
    with builder.labelled(node="loss0"):
        loss = np.sum(h * h) + np.sum(turned)
    found = differentiate(builder, [loss], [None], [w])
    with builder.labelled(node="w", phase="update"):
        new = w - 0.1 * found.gradient(w)
    return optimised(builder.finish({"loss": loss, "turned": turned}, {"w": new}))


def feeds() -> tuple[dict[str, Any], dict[str, Any]]:
    numbers = np.random.default_rng(0)
    return {"x": numbers.normal(size=(4, 3))}, {"w": numbers.normal(size=(3, 2))}


@given(program=programs(12))
@settings(max_examples=40)
def test_a_recording_changes_no_number_and_holds_every_value(program: Program) -> None:
    built = build(program)
    plan = optimised(built.plan)
    fed = {name: built.feeds[name] for name in plan.inputs}
    trace, outputs = record(numpy_backend.compile(plan, record=True), fed, {})
    assert bits(outputs) == bits(numpy_backend.compile(plan)(fed))
    made = {out for step in plan.steps for out in step.outs}
    assert set(trace.values) == made | set(plan.inputs.values()) | set(plan.constants)
    for number, value in trace.values.items():
        assert Aval(np.shape(value), np.asarray(value).dtype) == plan.avals[number]
    # Each value is what its op makes of the values before it.
    with np.errstate(all="ignore"):
        for step in plan.steps:
            args = [None if a is None else trace.values[a] for a in step.args]
            result = step.op.forward(np, *args, **step.params)
            again = (result,) if step.op.single else result
            for new, old in zip(again, trace.outputs(step), strict=True):
                assert bits({"y": np.asarray(new)}) == bits({"y": np.asarray(old)})


@pytest.mark.parametrize("loop", [False, True])
def test_what_was_recorded_stays_as_it_was(loop: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if loop:
        monkeypatch.setattr(numpy_backend, "LOOP", 0)
    plan = training()
    fed, state = feeds()
    old = state["w"].copy()
    executable = numpy_backend.compile(plan, record=True)
    trace, outputs = record(executable, fed, state)
    assert not np.array_equal(state["w"], old)
    kept = {number: np.array(value) for number, value in trace.values.items()}
    assert np.array_equal(trace.values[plan.state["w"]], old)
    ((step, _),) = trace.of_node("turned0")
    assert np.array_equal(trace.outputs(step)[0], old.T)
    assert np.array_equal(outputs["turned"], old.T)
    # Neither a second run nor the caller's arrays reach the trace.
    fed["x"] += 1.0
    record(executable, fed, state)
    state["w"][:] = 0.0
    outputs["loss"][...] = 0.0
    assert bits({str(n): np.asarray(v) for n, v in trace.values.items()}) == bits({str(n): v for n, v in kept.items()})


def test_a_recorded_step_of_training_is_the_plain_one() -> None:
    plan = training()
    states = []
    for recording in (False, True):
        fed, state = feeds()
        executable = numpy_backend.compile(plan, recording)
        for _ in range(3):
            outputs = record(executable, fed, state)[1] if recording else executable(fed, state)
        states.append(bits(state) | bits(outputs))
    assert states[0] == states[1]


def test_an_executable_that_does_not_record_is_refused() -> None:
    fed, state = feeds()
    with pytest.raises(RunError) as caught:
        record(numpy_backend.compile(training()), fed, state)
    assert str(caught.value) == "this executable was not compiled for recording (compile(plan, record=True))"


def traced() -> Trace:
    fed, state = feeds()
    return record(numpy_backend.compile(training(), record=True), fed, state)[0]


def test_a_cursor_walks_step_by_step_and_stays_within_the_trace() -> None:
    trace = traced()
    steps = trace.plan.steps
    cursor = trace.cursor()
    assert cursor.step is None
    assert cursor.move(-3).position == 0
    assert cursor.move(1).step is steps[0]
    assert cursor.move(10_000).position == len(steps)
    assert cursor.move(10_000).move(-1).step is steps[-2]


def test_a_cursor_walks_phase_by_phase() -> None:
    trace = traced()
    phases = [step.phase for step in trace.plan.steps]
    forward = phases.index("backward")
    backward = phases.index("update")
    cursor = trace.cursor()
    stops = []
    for _ in range(4):
        cursor = cursor.phase()
        stops.append(cursor.position)
    assert stops == [forward, backward, len(phases), len(phases)]
    back = []
    for _ in range(4):
        cursor = cursor.phase(-1)
        back.append(cursor.position)
    assert back == [backward, forward, 0, 0]
    assert cursor.move(forward + 1).phase(-1).position == forward


@given(moves=st.lists(st.integers(-20, 20), max_size=12))
@settings(max_examples=60)
def test_a_cursor_shows_what_is_made_at_its_moment_and_nothing_later(moves: list[int]) -> None:
    trace = TRACE
    made_at = {out: i for i, step in enumerate(trace.plan.steps) for out in step.outs}
    cursor: Cursor = trace.cursor()
    for move in moves:
        cursor = cursor.move(move) if abs(move) < 15 else cursor.phase(move)
        for number in range(len(trace.plan.avals)):
            value = cursor.value(number)
            if number in made_at and made_at[number] >= cursor.position:
                assert value is None
            else:
                assert value is trace.values.get(number)
    for number in (*trace.plan.inputs.values(), *trace.plan.state.values(), *trace.plan.constants):
        assert cursor.value(number) is not None


TRACE = traced()


def test_the_steps_of_a_node_are_found_by_phase() -> None:
    trace = traced()
    forward = [step.op.name for step, _ in trace.of_node("linear0")]
    assert forward == ["matmul", "tanh"]
    backwards = list(trace.of_node("linear0", "backward"))
    assert all(step.phase == "backward" for step, _ in backwards)
    (update,) = [outs for step, outs in trace.of_node("w", "update") if step.op.name == "subtract"]
    fed, state = feeds()
    numpy_backend.compile(training())(fed, state)
    assert np.array_equal(update[0], state["w"])
    assert list(trace.of_node("nobody")) == []
