"""What people really ask of backpropagation: each symptom in a small graph, and the one place that answers it.

The questions are those of the field's forums, in their order; those about curves and plots are not among them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from timelines import at, drawn, source_of, value

from gradwire.app.canvas.stepping.lanes import lane_width
from gradwire.core.diagnosing import diagnose
from gradwire.core.document import Document
from gradwire.core.evaluating import Asked
from gradwire.core.graph import Source, Training
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Moment, State
from gradwire.core.stepping.adjoints import kink_text, why_shape
from gradwire.core.stepping.explaining import first_not_finite, why_gradient
from gradwire.core.stepping.local import local
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.stepping.splits import by_term

LESSONS = Path(__file__).parent.parent / "examples" / "lessons"


def lesson(name: str) -> Any:
    return Session.open(LESSONS / f"{name}.gw").timeline()


def rules(timeline: Any) -> set[str]:
    return {finding.rule for finding in diagnose(timeline)}


def test_01_how_do_i_get_the_gradient_of_an_intermediate() -> None:
    timeline = lesson("chain_rule")
    for source in timeline.run.tensors:  # nothing has to be retained
        assert timeline.run.gradient(source) is not None or timeline.run.tensors[source].dtype.kind != "f"


def test_02_where_did_the_nan_come_from() -> None:
    found = first_not_finite(lesson("where_nan"))
    assert found is not None
    assert found.text == "log x is −∞ at [0], of x = 0"


def test_03_why_nan_from_a_branch_that_was_not_taken() -> None:
    timeline = lesson("where_nan")
    gradient = at(timeline, "x", timeline.end)
    finite = {timeline.run.asked.graph.path(d.node): bool(np.isfinite(d.value).all()) for d in gradient.arrived}
    assert finite == {"y": True, "log x": False}
    assert why_gradient(timeline, source_of(timeline, "x")).text == "log x to x: g / x = 0 / 0 = NaN at [0]"


def test_04_why_is_my_gradient_none() -> None:
    def build(t: Any) -> None:
        x, y = value(t, "x", [1.0, 2.0]), value(t, "y", [1.0, 2.0])
        cut = t.add("cast", name="whole", inputs={"x": x}, dtype="int64")
        t.add("sum", inputs={"x": t.add("multiply", inputs={"x": cut, "y": y})})

    timeline = drawn(build)
    assert at(timeline, "x", timeline.end).state is State.STOPPED
    assert why_gradient(timeline, source_of(timeline, "x")).kind == "none"


def test_05_why_are_all_gradients_zero() -> None:
    def build(t: Any) -> None:
        t.add(
            "sum",
            inputs={"x": t.add("clip", name="clipped", inputs={"x": value(t, "x", [5.0, 7.0])}, low=0.0, high=1.0)},
        )

    timeline = drawn(build)
    assert at(timeline, "x", timeline.end).state is State.ZERO
    found = why_gradient(timeline, source_of(timeline, "x"))
    assert (found.kind, timeline.run.asked.graph.path(str(found.node))) == ("zero", "clipped")


def test_06_a_tensor_used_twice_is_it_summed_averaged_or_overwritten() -> None:
    gradient = at(lesson("square"), "x", lesson("square").end)
    assert len(gradient.arrived) == 2
    assert float(gradient.value) == sum(float(part.value) for part in gradient.arrived)


def test_09_why_must_gradients_be_zeroed() -> None:
    session = Session.open(LESSONS / "not_zeroed.gw")
    second = session.timeline(iteration=2)
    w = source_of(second, "w")
    moment = Moment(second, second.end)
    assert [(part.name, float(part.value)) for part in moment.left(w.node)] == [("pass 1", 4.0)]
    assert float(moment.gradient(w).value) == 2.0
    standing = moment.standing(w)
    assert standing is not None
    assert float(standing.value) == 6.0
    assert standing.left == pytest.approx(4 / 6)


def at_end(timeline: Any, source: Source) -> Any:
    return at(timeline, timeline.run.asked.graph.path(source.node), timeline.end)


def forks(timeline: Any) -> list[Any]:
    """The gradients of what is given that are the sums of several."""
    graph = timeline.run.asked.graph
    given = [source for source in timeline.run.tensors if not graph.inputs(source.node)]
    return [gradient for source in given if (gradient := at_end(timeline, source)).parts > 1]


def test_10_a_silent_broadcast_in_the_loss() -> None:
    def build(t: Any) -> None:
        error = t.add("subtract", inputs={"x": value(t, "x", [[1.0], [2.0]]), "y": value(t, "y", [1.0, 2.0])})
        t.add("mean", inputs={"x": t.add("square", inputs={"x": error})})

    assert rules(drawn(build)) == {"silent broadcast"}


def test_11_backward_a_second_time() -> None:
    session = Session.open(LESSONS / "fork.gw")
    first, second = session.timeline(), session.timeline()
    for source in first.run.tensors:
        np.testing.assert_array_equal(first.run.gradient(source), second.run.gradient(source))


def test_13_are_my_gradients_vanishing() -> None:
    timeline = lesson("vanishing_sigmoids")
    back = [step for step in timeline.steps if step.phase == "backward"]
    widths = [lane_width(timeline.strength(delivery)) for step in back for delivery in step.deliveries]
    assert widths == sorted(widths, reverse=True)  # wires thin on one scale
    assert widths[0] - widths[-1] > 3.0  # of 7 at most
    assert "vanishing" in rules(timeline)


def test_14_dead_relu() -> None:
    assert "dead units" in rules(lesson("dying_relu"))


def test_15_weights_do_not_change() -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(2,), init="ones")
        t.add("parameter", name="aside", shape=(2,), init="ones")
        loss = t.add("sum", name="loss", inputs={"x": w})
        t.set_training(Training(loss=loss))
    found = [(f.rule, document.graph.path(f.node)) for f in diagnose(Session(document).timeline())]
    assert found == [("no gradient", "aside")]


def test_16_which_loss_drives_this_weight_and_do_they_conflict() -> None:
    def build(t: Any) -> None:
        w = value(t, "w", 3.0)
        heads = [t.add("square", name=name, inputs={"x": w}) for name in ("first loss", "second loss")]
        t.add("add", inputs=dict(zip("xy", heads, strict=True)))

    timeline = drawn(build)
    (fork,) = forks(timeline)
    split = by_term(timeline.run, fork.arrived[0].source)
    assert split is not None
    assert len(split.parts) == 2
    np.testing.assert_allclose(sum(np.asarray(part.value) for part in split.parts), split.whole)


def test_17_what_is_the_gradient_at_a_kink() -> None:
    def build(t: Any) -> None:
        t.add("relu", inputs={"x": value(t, "x", 0.0)})

    timeline = drawn(build)
    (delivery,) = (d for step in timeline.steps for d in step.deliveries)
    text = kink_text(delivery.record.op, delivery.record.params)
    assert text is not None
    assert "sub-gradient" in text


def test_18_softmax_twice() -> None:
    def build(t: Any) -> None:
        p = t.add("softmax", inputs={"x": value(t, "x", [[0.1, 0.2]])})
        target = t.add("input", shape=(1,), dtype="int64", value=[1])
        t.add("cross_entropy", inputs={"logits": p, "target": target})

    assert "softmax twice" in rules(drawn(build))


def test_19_train_and_eval_differ() -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        x = t.add("parameter", shape=(64,), init="ones")
        dropped = t.add("dropout", name="dropped", inputs={"x": x})
        t.set_training(Training(loss=t.add("sum", inputs={"x": dropped})))
    session = Session(document)
    stepped = Recorder(Asked.of(session), session.registry).iteration(1)
    assert stepped is not None
    assert stepped.timeline.run.asked.mode == "train"
    assert not stepped.timeline.run.value(Source("dropout0", "y")).all()  # some are dropped
    assert session.run(fetch="dropped")["dropped"].all()  # and none when it is only run


def test_why_is_there_a_sum_here() -> None:
    timeline = lesson("broadcast_bias")
    summed = [d for step in timeline.steps for d in step.deliveries if (r := local(timeline.run, d)) and r.summed]
    (delivery,) = summed
    assert any("sum" in text for text in np.atleast_1d(why_shape(timeline.run, delivery)))
