"""What a moment says beside values and gradients: what was written, where nothing comes back, what meets in a port."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from timelines import EXAMPLES, drawn, source_of, timeline_of, value

from gradwire.app.canvas.stepping.adding_up import added
from gradwire.app.canvas.stepping.caption import caption, met
from gradwire.app.canvas.stepping.lanes import BAR, BEFORE, across
from gradwire.app.step_card.elements import terms_of
from gradwire.core.document import Document
from gradwire.core.evaluating import Asked
from gradwire.core.extend import Aval, Draw, Registry, Traits, builtin, op
from gradwire.core.graph import Training
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Delivery, Moment, Timeline
from gradwire.core.stepping.local import Local, local
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.stepping.repeats import repeats


def counter() -> Recorder:
    """A loss that goes through a detached running mean, which an assign writes."""
    document = Document()
    with document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(), init="constant", value=3.0)
        running = t.add("parameter", name="running", shape=())
        mixed = t.add("add", name="mixed", inputs={"x": w, "y": running})
        written = t.add("assign", name="write", inputs={"value": mixed}, target=running)
        still = t.add("detach", name="still", inputs={"x": written})
        loss = t.add("multiply", name="loss", inputs={"x": w, "y": still})
        t.set_training(Training(loss, optimiser={"name": "sgd", "lr": 0.1}))
    session = Session(document)
    return Recorder(Asked.of(session), session.registry)


def recorded(recorder: Recorder, number: int) -> Timeline:
    found = recorder.iteration(number)
    assert found is not None
    return found.timeline


def test_what_an_assign_has_written_bears_its_version() -> None:
    recorder = counter()
    for number, told in ((1, "v0 → v1"), (3, "v2 → v3")):
        timeline = recorded(recorder, number)
        written = timeline.updated_at["parameter1"]
        assert Moment(timeline, Cursor(written)).version("parameter1") == ""
        assert Moment(timeline, Cursor(written + 1)).version("parameter1") == told
        assert Moment(timeline, timeline.end).version("parameter0") == "", "the optimiser changes it, no assign"


def test_a_wire_says_why_nothing_comes_back_through_it() -> None:
    timeline = recorded(counter(), 1)
    wires = {f"{w.target}.{w.port}": w for w in timeline.run.asked.graph.wires()}
    told = {port: timeline.stopped(wire) for port, wire in wires.items()}
    assert told == {
        "add0.x": "",
        "add0.y": "",
        "assign0.value": "",
        "detach0.x": timeline.registry["detach"].no_gradient or "detach gives x no gradient",
        "multiply0.x": "",
        "multiply0.y": "",
    }


@pytest.mark.parametrize("turn", [0.0, 0.7, 2.0])
def test_the_bar_of_such_a_wire_stands_across_it_before_the_port(turn: float) -> None:
    along = np.array([np.cos(turn), np.sin(turn)])
    path = np.linspace(0, 50, 201)[:, None] * along
    first, second = across(path)
    ends = np.array([[p.x(), p.y()] for p in (first, second)])
    middle = ends.mean(axis=0)
    assert np.hypot(*(middle - path[-1])) == pytest.approx(BEFORE, abs=0.3)
    assert np.hypot(*(ends[1] - ends[0])) == pytest.approx(2 * BAR)
    assert (ends[1] - ends[0]) @ along == pytest.approx(0, abs=1e-9)


def test_parts_that_were_picked_twice_are_told_one_by_one() -> None:
    session = Session.open(EXAMPLES[0].parent / "lessons" / "repeated_index.gw")
    timeline = timeline_of(session)
    ((_, _, delivery),) = timeline.arrivals[timeline.run.tensors[source_of(timeline, "table")].slot]
    rule = local(timeline.run, delivery)
    assert rule is not None
    ((place, parts, total, picks),) = repeats(rule)
    assert (place, [float(part) for part in parts], float(total)) == ((1,), [1, 3], 4)
    assert picks == ((0,), (2,))
    assert list(caption(Moment(timeline, timeline.end), 3)) == [
        "backward · picked",
        "to table: scatter_add(g, indices, shape=(4,)) = [0.000, 4.000, 0.000, 2.000]",
        "table[1] was picked 2 times: 1.000 (picked[0]) + 3.000 (picked[2]) = 4.000",
    ]


def test_columns_that_were_picked_several_times() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", np.arange(6.0).reshape(2, 3).tolist())
        i = t.add("constant", value=((0, 2), (2, 2)), dtype="int64")
        t.add("sum", inputs={"x": t.add("gather", inputs={"x": x, "indices": i}, axis=1)})

    timeline = drawn(build)
    ((_, _, delivery),) = timeline.arrivals[timeline.run.tensors[source_of(timeline, "x")].slot]
    rule = local(timeline.run, delivery)
    assert rule is not None
    (found,) = repeats(rule)
    assert (found.place, len(found.parts)) == ((None, 2), 3)
    assert np.array_equal(found.total, [3, 3])
    assert all(np.array_equal(part, [1, 1]) for part in found.parts)


def rule_of(build: Any, name: str) -> tuple[Timeline, Delivery, Local]:
    """The step back by which the gradient of a value arrives first."""
    timeline = drawn(build)
    delivery = timeline.arrivals[timeline.run.tensors[source_of(timeline, name)].slot][0][2]
    rule = local(timeline.run, delivery)
    assert rule is not None
    return timeline, delivery, rule


def test_elements_that_were_picked_several_times_one_by_one() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        i = t.add("constant", value=((2, 2), (0, 1)), dtype="int64")
        picked = t.add("take_along_axis", inputs={"x": x, "indices": i}, axis=1)
        t.add("sum", inputs={"x": t.add("square", inputs={"x": picked})})

    timeline, delivery, rule = rule_of(build, "x")
    (found,) = repeats(rule)
    assert (found.place, [float(part) for part in found.parts], float(found.total)) == ((0, 2), [6, 6], 12)
    assert list(met(Moment(timeline, timeline.end), delivery, 3)) == [
        "x[0, 2] was picked 2 times: 6.000 (take_along_axis[0, 0]) + 6.000 (take_along_axis[0, 1]) = 12.000"
    ]
    assert terms_of(rule.product, (0, 2), rule.names) == ["g[0, 0] 6", "g[0, 1] 6"]
    assert terms_of(rule.product, (1, 1), rule.names) == ["g[1, 1] 10"]
    assert terms_of(rule.product, (1, 2), rule.names) == ["0"]


def test_an_element_that_was_the_greatest_of_several_windows_has_its_own_place() -> None:
    def build(t: Any) -> None:
        image = [[[[1.0, 2.0, 3.0], [4.0, 9.0, 5.0], [6.0, 7.0, 8.0]]]]
        t.add(
            "sum",
            inputs={"x": t.add("max_pool2d", inputs={"x": value(t, "x", image)}, kernel_size=(2, 2), stride=(1, 1))},
        )

    _, _, rule = rule_of(build, "x")
    (found,) = repeats(rule)
    assert (found.place, len(found.parts), float(found.total)) == ((0, 0, 1, 1), 4, 4)


@op(formula="y", category="test", samples=[((2,),)])
def twice_first(xp: Any, x: Any) -> Any:
    """The first element of `x` twice."""
    return x[xp.asarray([0, 0])]


@op(formula="y", category="test", samples=[((2,), Draw("integers", (2,), 3))])
def tally(xp: Any, parts: Any, at: Any, *, size: int, axis: int = 0) -> Any:
    """`parts` added up at their places."""
    y = xp.zeros(size, parts.dtype)
    xp.add.at(y, at, parts)
    return y


twice_first.shape(lambda x: Aval((2,), x.dtype))
twice_first.vjp(lambda g, y, x: (tally(g, np.array([0, 0]), size=x.shape[0]),))
tally.shape(lambda parts, at, *, size, axis: Aval((size,), parts.dtype))
tally.traits = Traits(adds_at="parts")


def test_what_an_op_of_a_plugin_adds_up_is_told_too() -> None:
    document = Document(registry=Registry([*builtin(), twice_first, tally]))
    with document.transaction("Build") as t:
        picked = t.add("twice_first", inputs={"x": value(t, "x", [3.0, 4.0])})
        t.add("sum", inputs={"x": picked})
    timeline = timeline_of(Session(document))
    ((_, _, delivery),) = timeline.arrivals[timeline.run.tensors[source_of(timeline, "x")].slot]
    assert list(met(Moment(timeline, timeline.end), delivery, 1)) == [
        "x[0] was picked 2 times: 1.0 (twice_first[0]) + 1.0 (twice_first[1]) = 2.0"
    ]


def test_where_every_part_is_picked_once_there_is_nothing_to_tell() -> None:
    timeline = drawn(lambda t: t.add("sum", inputs={"x": t.add("square", inputs={"x": value(t, "x", [1.0, 2.0])})}))
    for arrivals in timeline.arrivals.values():
        rule = local(timeline.run, arrivals[0][2])
        assert rule is not None
        assert list(repeats(rule)) == []


def batch_fork(t: Any) -> None:
    """h, of three samples of two features, is taken by tanh, relu and a product."""
    x = t.add("input", name="x", shape=(3, 2), value=[[1.0, 2.0], [3.0, -4.0], [-5.0, 6.0]])
    h = t.add("matmul", name="h", inputs={"x": x, "w": value(t, "w", [[1.0, -1.0], [0.5, 2.0]])})
    a, b = (t.add(op, inputs={"x": h}) for op in ("tanh", "relu"))
    d = t.add("multiply", inputs={"x": t.add("add", inputs={"x": a, "y": b}), "y": h})
    t.add("mean", name="loss", inputs={"x": d})


def sums(timeline: Timeline) -> list[str]:
    """What captions say of forks, of rows that were picked several times and of what was not zeroed."""
    moments = (Moment(timeline, Cursor(index + 1)) for index in range(len(timeline.steps)))
    lines = [line for moment in moments for line in caption(moment, 3)]
    return [line for line in lines if line.startswith("Σ at") or " was picked " in line or " was not zeroed" in line]


def test_norms_of_parts_are_not_told_as_if_they_added_up() -> None:
    *_, last = sums(drawn(batch_fork))
    assert last == "Σ at h: norm 6.039 of parts of norm 3.135, 0.07767, 2.901"  # no part opposes another

    def picked_rows(t: Any) -> None:
        x = value(t, "x", np.arange(10.0).reshape(2, 5).tolist())
        i = t.add("constant", value=(1, 1), dtype="int64")
        t.add("sum", inputs={"x": t.add("square", inputs={"x": t.add("gather", inputs={"x": x, "indices": i})})})

    (line,) = sums(drawn(picked_rows))
    assert line == "x[1] was picked 2 times: norm 63.87 of parts of norm 31.94 (gather[0]), 31.94 (gather[1])"
    one, total = np.eye(3), np.eye(3) * 3
    told = added([one, total - one], total, 3, ["pass 1", "this pass"])
    assert told == "norm 5.196 of parts of norm 1.732 (pass 1), 3.464 (this pass)"
    assert added([one], None, 3, more=True) == "parts of norm 1.732, …"


@pytest.mark.parametrize("path", sorted(EXAMPLES[0].parent.glob("lessons/*.gw")), ids=lambda path: path.stem)
def test_an_equation_of_parts_adds_up_as_it_is_written(path: Any) -> None:
    for line in sums(timeline_of(Session.open(path))):
        told = re.sub(r"^[^:]*: | · cancellation.*|\([^)]*\)|, \d+ of \d+ arrived", "", line).replace("−", "-")
        if " = " not in told:
            assert told.endswith(" + …") or told.startswith(("norm", "parts of norm")), line
        elif "N" not in told and "∞" not in told:
            *parts, total = (np.array(json.loads(text)) for text in re.split(r" \+ | = ", told))
            assert np.allclose(sum(parts), total, atol=2e-3), line
