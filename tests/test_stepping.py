"""Stepping through an iteration: what is known when, in both directions of time, and how each step works."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from timelines import EXAMPLES, at, drawn, example, source_of, value

from gradwire.core.evaluating import Asked
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Micro, Moment, State, Timeline
from gradwire.core.stepping.local import local
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.stepping.walking import GRAINS, earlier, later, when_settled
from gradwire.core.training.engine import Events
from gradwire.core.training.trainer import Settings, Trainer

TRAINED = ("iris_mlp", "logistic_4x3", "linear_regression", "mlp_64x1000x100x10")


def story(timeline: Timeline) -> list[tuple[str, str | None]]:
    """Each step by its phase and the path of its node."""
    graph = timeline.run.asked.graph
    return [(step.phase, None if step.node is None else graph.path(step.node)) for step in timeline.steps]


def test_the_steps_of_sin_plus_product_are_told_in_order() -> None:
    assert story(example("sin_plus_product")) == [
        ("forward", None),
        ("forward", "product"),
        ("forward", "sin"),
        ("forward", "f"),
        ("loss", "f"),
        ("backward", "f"),
        ("backward", "sin"),
        ("backward", "product"),
    ]


def test_two_gradients_arrive_at_a_fork_one_after_the_other_and_become_their_sum() -> None:
    timeline = example("sin_plus_product")
    seen = [at(timeline, "x", Cursor(step)) for step in range(9)]
    assert [gradient.state for gradient in seen] == [State.UNREACHED] * 7 + [State.WAITING, State.FINAL]
    assert [(len(g.arrived), g.parts) for g in seen[5:]] == [(0, 2), (0, 2), (1, 2), (2, 2)]
    waiting, final = seen[7], seen[8]
    x, y = (timeline.run.value(source_of(timeline, name)) for name in ("x", "y"))
    assert waiting.value is None  # no running total: it would be taken for the gradient
    assert [float(d.value) for d in waiting.arrived] == [float(np.cos(x))]
    assert [float(d.value) for d in final.arrived] == [float(np.cos(x)), float(y)]
    assert float(final.value) == float(np.cos(x)) + float(y)


def test_a_value_is_not_known_before_its_op_has_run() -> None:
    timeline = example("sin_plus_product")
    graph = timeline.run.asked.graph
    known = [{name for name in ("x", "y", "product", "sin", "f") if value_at(timeline, name, i)} for i in range(5)]
    assert known == [set(), {"x", "y"}, {"x", "y", "product"}, {"x", "y", "product", "sin"}, set(graph_names(graph))]


def value_at(timeline: Timeline, name: str, step: int) -> bool:
    return Moment(timeline, Cursor(step)).value(source_of(timeline, name)) is not None


def graph_names(graph: Any) -> list[str]:
    return [node.name for node in graph.nodes.values()]


def test_each_port_of_a_square_delivers_by_itself() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 3.0)
        t.add("multiply", name="square", inputs={"x": x, "y": x})

    timeline = drawn(build)
    final = at(timeline, "x", timeline.end)
    assert [(d.port, float(d.value)) for d in final.arrived] == [("x", 3.0), ("y", 3.0)]
    assert float(final.value) == 6.0


def test_the_micro_steps_of_a_broadcast_bias_show_its_sum() -> None:
    def build(t: Any) -> None:
        x, b = value(t, "x", [[1.0, 2.0], [3.0, 4.0]]), value(t, "b", [1.0, 1.0])
        added = t.add("add", name="added", inputs={"x": x, "y": b})
        t.add("sum", name="total", inputs={"x": added})

    timeline = drawn(build)
    step = next(s for s in timeline.steps if s.phase == "backward" and len(s.deliveries) == 2)
    kinds = ["ready", "local", "multiply x", "deliver x", "multiply y", "shape y", "deliver y"]
    assert [f"{m.kind} {m.port}" if m.port else m.kind for m in step.micros] == kinds
    x, b = (local(timeline.run, delivery) for delivery in step.deliveries)
    assert x is not None
    assert b is not None
    assert (x.summed, b.summed) == ((), (0,))
    assert b.product.shape == (2, 2)
    assert b.entry.shape == (2,)


def test_micro_steps_deliver_one_port_after_the_other() -> None:
    timeline = example("sin_plus_product")
    start = Cursor(7)  # of product's step back
    seen = []
    cursor = start
    while cursor != Cursor(8):
        cursor = later(timeline, cursor, "micro")
        moment = Moment(timeline, cursor)
        delivered = [d.port for d in moment.delivering] if moment.micro is not None else []
        seen.append((moment.micro, delivered, at(timeline, "x", cursor).state, at(timeline, "y", cursor).state))
    waiting, final, unreached = State.WAITING, State.FINAL, State.UNREACHED
    assert seen == [
        (Micro("ready"), [], waiting, unreached),
        (Micro("local"), [], waiting, unreached),
        (Micro("multiply", "x"), [], waiting, unreached),
        (Micro("deliver", "x"), ["x"], final, unreached),
        (Micro("multiply", "y"), [], final, unreached),
        (None, [], final, final),
    ]


@pytest.mark.parametrize(
    ("op", "params", "reason"),
    [
        ("detach", {}, "stopped by detach"),
        ("argmax", {}, "a position moves in steps: there is no path for a gradient"),
    ],
)
def test_a_cut_is_named_by_the_op_that_makes_it(op: str, params: dict[str, Any], reason: str) -> None:
    def build(t: Any) -> None:
        x, y = value(t, "x", [1.0, 2.0]), value(t, "y", [3.0, 4.0])
        before = t.add("sin", name="before", inputs={"x": x})
        cut = t.add(op, inputs={"x": before}, params=params)
        product = t.add("multiply", inputs={"x": cut, "y": y})
        t.add("sum", inputs={"x": product})
        t.add("exp", name="aside", inputs={"x": x})

    timeline = drawn(build)
    for name in ("x", "before"):
        found = at(timeline, name, timeline.end)
        assert (found.state, found.reason) == (State.STOPPED, reason)
    assert at(timeline, "aside", timeline.end).state is State.NO_PATH
    assert at(timeline, "y", timeline.end).state is State.FINAL


def test_an_exact_zero_and_a_nan_are_states_of_their_own() -> None:
    def build(t: Any) -> None:
        dead, bad = value(t, "dead", -1.0), value(t, "bad", 0.0)
        relu = t.add("relu", inputs={"x": dead})
        log = t.add("log", inputs={"x": bad})
        product = t.add("multiply", inputs={"x": log, "y": bad})
        t.add("add", inputs={"x": relu, "y": product})

    timeline = drawn(build)
    assert at(timeline, "dead", timeline.end).state is State.ZERO
    assert at(timeline, "bad", timeline.end).state is State.NONFINITE


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_moment_of_every_example_keeps_the_rules(path: Path) -> None:
    timeline = example(path.stem)
    run = timeline.run
    for index, step in enumerate(timeline.steps):
        if step.phase == "backward":  # an op goes back only when all that takes its outputs has delivered
            outputs = [source for source in run.tensors if source.node == step.node]
            before = Moment(timeline, Cursor(index))
            states = {before.gradient(source).state for source in outputs}
            assert states & {State.FINAL, State.ZERO, State.NONFINITE}
            assert State.WAITING not in states
    end = Moment(timeline, timeline.end)
    for source in run.tensors:
        gradient, total = end.gradient(source), run.gradient(source)
        assert (gradient.value is None) == (total is None)
        if total is not None and gradient.arrived and run.tensors[source].slot not in run.gradients.starts:
            summed = gradient.arrived[0].value
            for delivery in gradient.arrived[1:]:
                summed = summed + delivery.value
            np.testing.assert_array_equal(summed, total)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_rule_run_again_gives_the_very_bits_that_were_delivered(path: Path) -> None:
    timeline = example(path.stem)
    for step in timeline.steps:
        for delivery in step.deliveries:
            found = local(timeline.run, delivery)
            assert found is not None
            assert found.text
            np.testing.assert_array_equal(found.entry.value, delivery.value)
            assert bool(found.summed) == (Micro("shape", delivery.port) in step.micros)


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("name", ["sin_plus_product", "iris_mlp"])
def test_a_step_back_undoes_a_step(name: str, grain: str) -> None:
    timeline = example(name)
    moments = [Cursor()]
    while moments[-1] != timeline.end:
        moments.append(later(timeline, moments[-1], grain))
    assert moments == sorted(set(moments))
    for before, after in itertools.pairwise(moments):
        assert earlier(timeline, after, grain) == before
    assert later(timeline, timeline.end, grain) == timeline.end
    assert earlier(timeline, Cursor(), grain) == Cursor()


def test_grains_are_each_coarser_than_the_last() -> None:
    timeline = example("iris_mlp")

    def count(grain: str) -> int:
        cursor, steps = Cursor(), 0
        while cursor != timeline.end:
            cursor = later(timeline, cursor, grain)
            steps += 1
        return steps

    counts = [count(grain) for grain in GRAINS]
    assert counts == sorted(counts, reverse=True)
    assert counts[-2:] == [3, 1]


def test_a_gradient_is_settled_when_the_last_part_arrives() -> None:
    timeline = example("sin_plus_product")
    assert [when_settled(timeline, source_of(timeline, name).node) for name in ("x", "sin", "f")] == [
        (8, 0),
        (6, 0),
        (5, 0),
    ]


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("sin_plus_product", {"sin.x": "g · cos(x)", "product.x": "g · y", "product.y": "g · x", "f.x": "g"}),
        ("iris_mlp", {"mlp/linear_2/matmul.w": "xᵀ @ g", "mlp/linear_2/matmul.x": "g @ wᵀ"}),
    ],
)
def test_rules_are_told_as_a_reader_would_write_them(path: str, texts: dict[str, str]) -> None:
    timeline = example(path)
    graph = timeline.run.asked.graph
    found = {
        f"{graph.path(d.node)}.{d.port}": rule.text
        for step in timeline.steps
        for d in step.deliveries
        if (rule := local(timeline.run, d)) is not None
    }
    assert {name: found[name] for name in texts} == texts


def test_a_rule_is_told_with_the_numbers_of_one_element() -> None:
    def build(t: Any) -> None:
        x, y = value(t, "x", [-4.0, 2.0]), value(t, "y", 3.0)
        product = t.add("multiply", inputs={"x": x, "y": y})
        t.add("sum", inputs={"x": product})

    timeline = drawn(build)
    by_port = {d.port: d for step in timeline.steps for d in step.deliveries if len(step.deliveries) == 2}
    x, y = (local(timeline.run, by_port[port]) for port in "xy")
    assert x is not None
    assert y is not None
    assert (x.numbers((0,)), y.numbers((0,)), y.numbers((1,))) == ("1 · 3", "1 · (−4)", "1 · 2")


# Iterations.


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("zeroed", [True, False], ids=["zeroed", "kept"])
def test_recorded_iterations_end_with_the_bits_of_training(name: str, zeroed: bool) -> None:
    session = Session.open(EXAMPLES[0].parent / f"{name}.gw")
    with session.document.transaction("Keep gradients") as t:
        assert t.graph.training is not None
        t.set_training(replace(t.graph.training, zero_gradients=zeroed))
    recorder = Recorder(Asked.of(session), session.registry)
    trainer = Trainer(
        session.graph, session.registry, session.document.values, session.folder, Settings(mode="eager", epochs=3)
    )
    states: list[dict[str, Any]] = []
    trainer.engine.add_event_handler(
        Events.ITERATION_COMPLETED,
        lambda engine: states.append({slot: np.array(value) for slot, value in trainer.state.items()}),
    )
    trainer.run()
    for number, state in list(enumerate(states, 1))[:12]:
        iteration = recorder.iteration(number)
        assert iteration is not None
        assert iteration.after.keys() == state.keys()
        for slot, array in state.items():
            np.testing.assert_array_equal(iteration.after[slot], array)
        for id in recorder.step.trained if not zeroed and recorder.step is not None else ():
            np.testing.assert_array_equal(iteration.timeline.added_up(id), state[f"{id}:gradient"])


def test_the_update_is_the_last_phase_and_shows_what_parameters_become() -> None:
    session = Session.open(EXAMPLES[0].parent / "iris_mlp.gw")
    iteration = Recorder(Asked.of(session), session.registry).iteration(1)
    assert iteration is not None
    timeline = iteration.timeline
    updates = [step.node for step in timeline.steps if step.phase == "update"]
    assert updates == list(timeline.updated)
    assert len(updates) == 4
    source = Source(str(updates[0]), "y")
    before, after = (Moment(timeline, Cursor(len(timeline.steps) - back)).value(source) for back in (4, 3))
    np.testing.assert_array_equal(before, iteration.before[source.node])
    np.testing.assert_array_equal(after, iteration.after[source.node])
    assert not np.array_equal(before, after)


def test_what_the_budget_does_not_hold_is_computed_again_with_the_same_bits() -> None:
    session = Session.open(EXAMPLES[0].parent / "iris_mlp.gw")
    recorder = Recorder(Asked.of(session), session.registry, budget=10_000)
    first = recorder.iteration(1)
    recorder.iteration(9)
    again = recorder.iteration(1)
    assert first is not None
    assert again is not None
    assert again is not first  # it had to go
    for source in first.timeline.run.tensors:
        np.testing.assert_array_equal(first.timeline.run.value(source), again.timeline.run.value(source))
        one, other = first.timeline.run.gradient(source), again.timeline.run.gradient(source)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other)
