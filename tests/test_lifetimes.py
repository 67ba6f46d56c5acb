"""How long values and gradients live where only what is still read is kept, and how many bytes that takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import random_timeline
from timelines import EXAMPLES, drawn, example, source_of, timeline_of, value

from gradwire.core.cli import main
from gradwire.core.document import Document
from gradwire.core.evaluating import Asked, Evaluator
from gradwire.core.files.format import dump_graph, parse_graph
from gradwire.core.graph import Source, Training
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Timeline
from gradwire.core.stepping.lifetimes import Fate, Lifetimes, kept_in
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.stepping.room import base
from gradwire.core.stepping.spelling import size_text

NUMBER = 8  # bytes of one in float64


def trained(name: str) -> Timeline:
    """The first iteration of an example, with its update."""
    session = Session.open(EXAMPLES[0].parent / f"{name}.gw")
    iteration = Recorder(Asked.of(session), session.registry).iteration(1)
    assert iteration is not None
    return iteration.timeline


def steps_of(timeline: Timeline, steps: tuple[int, ...]) -> list[tuple[str, str]]:
    """Steps by phase and path."""
    graph = timeline.run.asked.graph
    return [(timeline.steps[i].phase, graph.path(str(timeline.steps[i].node))) for i in steps]


def life(timeline: Timeline, path: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]], list[tuple[str, str]]]:
    """Of a value: the ops that take it, the steps back that use it, and the step after which it is freed."""
    found = Lifetimes(timeline).values[timeline.run.tensors[source_of(timeline, path)].slot]
    freed = () if found.freed is None else (found.freed,)
    return steps_of(timeline, found.forward), steps_of(timeline, found.backward), steps_of(timeline, freed)


def freed(timeline: Timeline) -> list[list[str]]:
    """What is freed after each step, by path; gradients with ∂."""
    lifetimes, graph = Lifetimes(timeline, kept_in(timeline)), timeline.run.asked.graph
    told = []
    for step in range(len(timeline.steps)):
        values, gradients = lifetimes.freed_after(step)
        told.append([graph.path(v.node) for v in values] + ["∂" + graph.path(g.node) for g in gradients])
    return told


# By hand.


def test_sin_x_plus_x_y_saves_nothing_but_what_is_given() -> None:
    timeline = example("sin_plus_product")
    assert life(timeline, "sin") == ([("forward", "f")], [], [("forward", "f")])
    assert life(timeline, "product") == ([("forward", "f")], [], [("forward", "f")])
    # The cosine of x, and x again as the other factor: two steps back use it.
    assert life(timeline, "x")[1:] == ([("backward", "sin"), ("backward", "product")], [])
    assert life(timeline, "y")[1:] == ([("backward", "product")], [])
    assert freed(timeline) == [[], [], [], ["product", "sin"], [], ["∂f"], ["∂sin"], ["∂product"]]


def test_bytes_of_sin_x_plus_x_y() -> None:
    lifetimes = Lifetimes(example("sin_plus_product"))
    # x y | product | sin | f, and product and sin go | the 1 it starts from | the same 1 goes on to both | cos x | …
    assert lifetimes.room.after == (16, 24, 32, 24, 32, 32, 40, 40)
    # In the last step the gradient of y, what arrives at x, and the sum of that with what was there, are all made.
    assert lifetimes.room.during == (16, 24, 32, 40, 32, 32, 40, 64)
    assert (lifetimes.room.peak, lifetimes.room.peak_at) == (64, 7)


def mlp(t: Any) -> None:
    x = t.add("constant", name="x", value=np.arange(6.0).reshape(2, 3).tolist())
    w = t.add("parameter", name="w", shape=(3, 4), init="normal")
    v = t.add("parameter", name="v", shape=(4, 1), init="normal")
    lin = t.add("matmul", name="lin", inputs={"x": x, "w": w})
    relu = t.add("relu", name="relu", inputs={"x": lin})
    out = t.add("matmul", name="out", inputs={"x": relu, "w": v})
    t.add("mean", name="loss", inputs={"x": out})


def test_a_relu_keeps_its_output_and_lets_go_of_what_it_took() -> None:
    timeline = drawn(mlp)
    assert life(timeline, "lin") == ([("forward", "relu")], [], [("forward", "relu")])
    assert life(timeline, "relu") == (
        [("forward", "out")],
        [("backward", "out"), ("backward", "relu")],  # for the gradient of v, and for where it is positive
        [("backward", "relu")],
    )
    assert life(timeline, "out") == ([("forward", "loss")], [], [("forward", "loss")])  # a mean asks for no number
    memory = Lifetimes(timeline).at(Cursor(5))  # all of forward
    relu = source_of(timeline, "relu")
    assert memory.value(relu) is Fate.SAVED
    graph = timeline.run.asked.graph
    assert [graph.path(node) for node in memory.saved_for(relu)] == ["out", "relu"]
    assert memory.value(source_of(timeline, "lin")) is Fate.FREED
    assert memory.value(source_of(timeline, "w")) is Fate.IN_USE


def test_bytes_of_a_relu_network() -> None:
    lifetimes = Lifetimes(drawn(mlp))
    given = (6 + 12 + 4) * NUMBER
    lin, relu, out, loss = 8 * NUMBER, 8 * NUMBER, 2 * NUMBER, NUMBER
    forward = (given, given + lin, given + relu, given + relu + out, given + relu + loss)
    assert lifetimes.room.after[:5] == forward
    start, held = NUMBER, given + relu + loss
    assert lifetimes.room.after[5] == held + start
    assert lifetimes.room.after[6] == held + NUMBER  # the gradient of `out`: one number, seen twice
    assert lifetimes.room.after[7] == held + (8 + 4) * NUMBER  # those of relu and of v
    assert lifetimes.room.after[8] == held - relu + (8 + 4) * NUMBER  # that of lin in place of relu's
    assert lifetimes.room.after[9] == given + loss + (12 + 4) * NUMBER  # those of w and v; nothing asks for that of x
    assert lifetimes.room.during[9] == given + loss + (12 + 4 + 8) * NUMBER


def test_a_chain_of_sums_saves_nothing() -> None:
    def build(t: Any) -> None:
        last = value(t, "x", [1.0, 2.0])
        for i in range(4):
            last = t.add("add", name=f"s{i}", inputs={"x": last, "y": last})
        t.add("sum", name="root", inputs={"x": last})

    timeline = drawn(build)
    lifetimes = Lifetimes(timeline)
    for i in range(3):
        assert life(timeline, f"s{i}") == ([("forward", f"s{i + 1}")], [], [("forward", f"s{i + 1}")])
    assert all(lifetimes.at(Cursor(6)).value(source_of(timeline, f"s{i}")) is Fate.FREED for i in range(4))
    assert lifetimes.room.after[5] == (2 + 1) * NUMBER  # x, and the root


def test_a_view_is_counted_with_what_it_lies_in() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[1.0, 2.0], [3.0, 4.0]])
        s = t.add("sin", name="s", inputs={"x": x})
        flat = t.add("reshape", name="flat", shape=(4,), inputs={"x": s})
        t.add("sum", name="root", inputs={"x": t.add("square", name="q", inputs={"x": flat})})

    timeline = drawn(build)
    lifetimes = Lifetimes(timeline)
    assert lifetimes.room.during[1:3] == ((4 + 4) * NUMBER,) * 2  # `flat` is `s` in another shape
    memory = lifetimes.at(Cursor(4))
    assert memory.value(source_of(timeline, "s")) is Fate.FREED  # by itself; its memory is that of `flat`
    assert memory.value(source_of(timeline, "flat")) is Fate.SAVED
    assert memory.bytes == (4 + 4 + 4) * NUMBER  # x, flat, q


def test_of_data_only_the_batch_counts() -> None:
    timeline = trained("iris_mlp")
    run = timeline.run
    nbytes = sum(run.tensors[s].value.nbytes for s in run.tensors if s.node in timeline.steps[1].nodes)
    assert Lifetimes(timeline).room.after[1] == nbytes  # after the step that sets gradients to zero


def test_hidden_outputs_are_saved_too() -> None:
    def build(t: Any) -> None:
        w = t.add("parameter", name="w", shape=(100,), init="ones")
        drop = t.add("dropout", name="drop", inputs={"x": w})
        loss = t.add("sum", name="loss", inputs={"x": drop})
        t.set_training(Training(loss=loss))

    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        build(t)
    iteration = Recorder(Asked.of(Session(document)), builtin()).iteration(1)
    assert iteration is not None
    lifetimes = Lifetimes(iteration.timeline)
    held = (100 + 100 + 1) * NUMBER  # w, the mask that nobody sees, the loss; the output itself is not needed
    assert lifetimes.room.after[3] == held


def test_the_gradient_of_a_parameter_stands_until_gradients_are_set_to_zero() -> None:
    session = Session.open(EXAMPLES[0].parent / "iris_mlp.gw")
    recorder = Recorder(Asked.of(session), session.registry)
    first, second = recorder.iteration(1), recorder.iteration(2)
    assert first is not None
    assert second is not None
    timeline = first.timeline
    graph, lifetimes = timeline.run.asked.graph, Lifetimes(timeline)
    for id, at in timeline.updated_at.items():
        assert lifetimes.at(Cursor(at)).gradient(Source(id, "y")) is Fate.IN_USE
        assert lifetimes.at(timeline.end).gradient(Source(id, "y")) is Fate.IN_USE
    data = next(s for s in timeline.run.tensors if graph.nodes[s.node].op == "dataset" and s.output == "x")
    assert lifetimes.at(timeline.end).gradient(data) is Fate.NOT_NEEDED
    held = sum(array.nbytes for array in timeline.updated.values())
    room = Lifetimes(second.timeline).room
    assert second.timeline.steps[0].phase == "zero"
    assert (room.during[0], room.after[0]) == (held, 0)


def test_where_nothing_is_set_to_zero_what_is_left_stays() -> None:
    session = Session.open(EXAMPLES[0].parent / "iris_mlp.gw")
    training = session.graph.training
    with session.document.transaction("Add up") as t:
        t.set_training(replace(training, zero_gradients=False))
    recorder = Recorder(Asked.of(session), session.registry)
    first, second = (recorder.iteration(number) for number in (1, 2))
    assert first is not None
    assert second is not None
    held = sum(array.nbytes for array in first.timeline.updated.values())
    rooms = [Lifetimes(each.timeline).room for each in (first, second)]
    assert rooms[1].after[0] - rooms[0].after[0] == held  # from the beginning on
    assert rooms[1].after[-1] == rooms[0].after[-1]  # and added to, not beside it


def test_what_is_frozen_asks_for_no_gradient_and_nothing_is_saved_for_it() -> None:
    def build(t: Any) -> None:
        mlp(t)
        for node in list(t.graph.nodes.values()):
            if node.name == "w":
                t.set_flags(node.id, ["freeze"])

    timeline = drawn(build)
    assert life(timeline, "relu") == ([("forward", "out")], [("backward", "out")], [("backward", "out")])
    memory = Lifetimes(timeline).at(timeline.end)
    assert memory.gradient(source_of(timeline, "w")) is Fate.NOT_NEEDED
    assert memory.gradient(source_of(timeline, "lin")) is Fate.NOT_NEEDED
    assert memory.gradient(source_of(timeline, "v")) is Fate.IN_USE


# Pins.


def test_a_gradient_that_is_kept_is_not_freed() -> None:
    timeline = drawn(mlp)
    relu = source_of(timeline, "relu")
    assert Lifetimes(timeline).at(timeline.end).gradient(relu) is Fate.FREED
    kept = Lifetimes(timeline, frozenset({relu.node}))
    assert kept.at(timeline.end).gradient(relu) is Fate.IN_USE
    assert kept.room.after[-1] == Lifetimes(timeline).room.after[-1] + 8 * NUMBER
    assert kept.at(timeline.end).value(relu) is Fate.FREED  # of its value nothing is asked


def test_keeping_the_gradient_of_data_asks_for_it() -> None:
    timeline = drawn(mlp)
    x = source_of(timeline, "x")
    assert Lifetimes(timeline).at(timeline.end).gradient(x) is Fate.NOT_NEEDED
    assert Lifetimes(timeline, frozenset({x.node})).at(timeline.end).gradient(x) is Fate.IN_USE


def test_a_pin_stands_in_the_file_and_changes_no_value() -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        mlp(t)
    session = Session(document)
    relu = next(id for id, node in document.graph.nodes.items() if node.name == "relu")
    evaluator = Evaluator(session.registry)
    before = evaluator.evaluate(Asked.of(session))
    fingerprint = document.graph.fingerprint(relu)
    with document.transaction("Keep") as t:
        t.set_flags(relu, ["keep"])
    assert t.change is not None
    assert not t.change.semantic
    assert document.graph.fingerprint(relu) == fingerprint
    after = evaluator.evaluate(Asked.of(session))
    assert before is not None
    assert after is not None
    assert after.computed == frozenset()  # nothing is computed again
    assert kept_in(timeline_of(session)) == {relu}
    assert parse_graph(dump_graph(document.graph))[0].nodes[relu].flags == {"keep"}
    change = document.undo()
    assert change is not None
    assert not change.semantic
    assert document.graph.nodes[relu].flags == frozenset()
    with document.transaction("Keep and detach") as t:
        t.set_flags(relu, ["keep", "detach"])
    assert t.change is not None
    assert t.change.semantic


# What holds for all graphs.


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_nothing_is_read_after_it_is_freed(seed: int) -> None:
    """Each value is overwritten as soon as it is freed; the gradients that come out are still the same."""
    timeline = random_timeline(seed)
    assert_gradients_survive(timeline)


@pytest.mark.parametrize("name", ["sin_plus_product", "iris_mlp", "logistic_4x3", "fork"])
def test_nothing_is_read_after_it_is_freed_in_examples(name: str) -> None:
    assert_gradients_survive(trained(name))


def assert_gradients_survive(timeline: Timeline) -> None:
    """Walk back with arrays that become NaN when they are freed."""
    run, lifetimes = timeline.run, Lifetimes(timeline)
    uses = lifetimes.uses
    arrays = {slot: np.array(array) for slot, array in uses.arrays.items()}
    freed_at = {slot: life.freed for slot, life in lifetimes.values.items()}
    gradients: dict[int, Any] = {slot: [start.value] for slot, (_, start) in timeline.starts.items()}
    spoilt: set[int] = set()
    back = timeline.back_at
    for record, node, _ in run.gradients.walked:
        step = back.get(str(node))
        arrived = [gradients.get(slot) for slot in record.slots]
        if step is None or record.op.vjp_rule is None or not any(arrived):
            continue
        for slot, at in freed_at.items():
            if at is not None and at < step and slot not in spoilt and arrays[slot].dtype.kind == "f":
                arrays[slot].fill(np.nan)
                spoilt.add(slot)
        summed = [None if parts is None else sum(parts[1:], parts[0]) for parts in arrived]
        args = [
            arrays[a.slot] if getattr(a, "slot", None) in arrays else v
            for a, v in zip(record.args, record.values, strict=True)
        ]
        results = [arrays[slot] for slot in record.slots]
        with np.errstate(all="ignore"):
            rule = record.op.vjp_rule
            single = record.op.single
            entries = rule(
                summed[0] if single else tuple(summed), results[0] if single else tuple(results), *args, **record.params
            )
            for arg, entry in zip(record.args, entries, strict=False):
                if entry is not None and getattr(arg, "slot", None) in uses.asked:
                    gradients.setdefault(arg.slot, []).append(entry() if callable(entry) else entry)
    for slot in uses.leaves & uses.asked:
        parts = gradients[slot]
        np.testing.assert_array_equal(sum(parts[1:], parts[0]), run.gradients.totals[slot])


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_nothing_is_saved_that_no_later_step_uses(seed: int) -> None:
    timeline = random_timeline(seed)
    lifetimes = Lifetimes(timeline)
    for step in range(len(timeline.steps) + 1):
        memory = lifetimes.at(Cursor(step))
        for source, tensor in timeline.run.tensors.items():
            readers = lifetimes.uses.backward.get(tensor.slot, ())
            if memory.value(source) is Fate.SAVED:
                assert any(reader >= step for reader in readers)
                assert memory.saved_for(source)
            if memory.value(source) is Fate.FREED:
                assert not any(r >= step for r in (*readers, *lifetimes.uses.forward.get(tensor.slot, ())))


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_bytes_are_the_sum_of_the_arrays_that_are_held(seed: int) -> None:
    timeline = random_timeline(seed)
    lifetimes = Lifetimes(timeline)
    assert lifetimes.room.peak == max(lifetimes.room.during)
    for step in range(len(timeline.steps)):
        for told, least, most in ((lifetimes.room.during, step, step), (lifetimes.room.after, step, step + 1)):
            held = {h.base: h.size for h in lifetimes.room.holds if h.start <= least and h.last >= most}
            assert told[step] == sum(held.values())
        assert lifetimes.at(Cursor(step + 1)).bytes == lifetimes.room.after[step]
    arrays = [base(tensor.value) for tensor in timeline.run.tensors.values()]
    every = {id(array): array.nbytes for array in arrays}
    assert lifetimes.room.after[timeline.phases[0][2] - 1] <= sum(every.values())  # forward alone holds no gradient


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_within_a_step_bytes_grow_with_each_delivery(seed: int) -> None:
    timeline = random_timeline(seed)
    lifetimes = Lifetimes(timeline)
    for index, step in enumerate(timeline.steps):
        if step.phase == "backward":
            within = [lifetimes.at(Cursor(index, micro)).bytes for micro in range(len(step.micros) + 1)]
            assert within == sorted(within)
            assert within[-1] <= lifetimes.room.during[index]


# In words.


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (9996, "10.0 kB"), (163_924, "164 kB"), (999_600, "1.00 MB")],
)
def test_sizes_are_short(count: int, text: str) -> None:
    assert size_text(count) == text


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    def run(*args: str) -> list[str]:
        assert main(["trace", *args]) == 0
        return capsys.readouterr().out.splitlines()

    return run


def test_the_trace_tells_bytes_after_each_step(printed: Callable[..., list[str]]) -> None:
    lines = printed(str(EXAMPLES[0].parent / "sin_plus_product.gw"), "--memory")
    assert [line for line in lines if "in use" in line] == [
        "      in use: 16 B of 64 B",
        "      in use: 24 B of 64 B",
        "      in use: 32 B of 64 B",
        "      in use: 24 B of 64 B; freed: product, sin",
        "      in use: 32 B of 64 B",
        "      in use: 32 B of 64 B; freed: ∂/∂f",
        "      in use: 40 B of 64 B; freed: ∂/∂sin",
        "      in use: 40 B of 64 B; freed: ∂/∂product",
        "most in use: 64 B, in step 8 (backward product)",
    ]


def test_programs_read_bytes_what_is_freed_and_what_is_saved(printed: Callable[..., list[str]], tmp_path: Path) -> None:
    path = str(EXAMPLES[0].parent / "iris_mlp.gw")
    told = [json.loads(line)["memory"] for line in printed(path, "--memory", "--json")]
    lifetimes = Lifetimes(trained("iris_mlp"))
    assert [(step["during"], step["after"]) for step in told] == list(
        zip(lifetimes.room.during, lifetimes.room.after, strict=True)
    )
    assert told[5]["saved"] == {"mlp/relu_1": ["mlp/linear_2/matmul", "mlp/relu_1"]}
    assert told[13]["freed"] == ["mlp/relu_1"]
    assert told[13]["freed_gradients"] == ["mlp/relu_1"]
    assert "memory" not in json.loads(printed(path, "--json")[0])
