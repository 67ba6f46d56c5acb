"""What people really ask of backpropagation: each symptom in a small graph, and the one place that answers it.

The questions are those of the field's forums, in their order; those about curves and plots are not among them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from timelines import at, drawn, source_of, timeline_of, value

from gradwire.app.canvas.stepping.caption import caption
from gradwire.app.look.thickness import lane_width
from gradwire.app.step_card.reading import read
from gradwire.core.diagnosing import diagnose
from gradwire.core.document import Document
from gradwire.core.evaluating import Asked, Evaluator
from gradwire.core.graph import Source, Training
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, State
from gradwire.core.stepping.adjoints import at_kinks, kink_text, why_shape
from gradwire.core.stepping.explaining import first_not_finite, why_gradient
from gradwire.core.stepping.local import local
from gradwire.core.stepping.modes import mode_text
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.stepping.splits import by_term
from gradwire.core.stepping.updating import NOT_RUN
from gradwire.core.training.trainer import Settings, Trainer

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


def test_08_is_it_the_learning_rate() -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        w = t.add("parameter", name="w", shape=(), init="constant", value=3.0)
        error = t.add("subtract", inputs={"x": w, "y": value(t, "target", 1.0)})
        loss = t.add("square", name="loss", inputs={"x": error})
        t.set_training(Training(loss=loss, optimiser={"name": "sgd", "lr": 1.6}))
    session = Session(document)
    (first,) = diagnose(session.timeline())
    assert (first.rule, first.level) == ("update size", "alert")
    assert "6.4 / 3 = 2.13" in first.text
    assert rules(session.timeline(iteration=2)) == {"update size", "loss rose"}
    with document.transaction("Slower") as t:
        t.set_training(Training(loss=loss, optimiser={"name": "sgd", "lr": 0.05}))
    assert rules(session.timeline(iteration=2)) == set()


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


def counting(to_loss: bool) -> Session:
    """A parameter that an assign counts up, on a way to the loss or beside it."""
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        run = t.add("parameter", name="run", shape=(), init="constant", value=2.0)
        v = t.add("parameter", name="v", shape=(), init="constant", value=2.0)
        more = t.add("add", inputs={"x": run, "y": value(t, "one", 1.0)})
        written = t.add("assign", name="count", inputs={"value": more}, target=run)
        loss = t.add("multiply", name="loss", inputs={"x": v, "y": written if to_loss else v})
        t.set_training(Training(loss=loss))
    return Session(document)


@pytest.mark.parametrize(("to_loss", "holds"), [(True, [3.0, 4.0]), (False, [2.0, 2.0])])
def test_12_who_has_written_this_value_and_when(to_loss: bool, holds: list[float]) -> None:
    session = counting(to_loss)
    for number, held in enumerate(holds, 1):
        timeline = session.timeline(iteration=number)
        run = source_of(timeline, "run").node
        (step,) = (step for step in timeline.steps if step.phase == "update" and step.node == run)
        reading = read(Moment(timeline, Cursor(timeline.steps.index(step) + 1)))
        assert reading is not None
        assert float(timeline.updated[run]) == held
        assign = Moment(timeline, Cursor(timeline.made_at["assign0"] + 1))
        assert (NOT_RUN in list(caption(assign, 3))) is not to_loss
        if to_loss:
            assert reading.title == f"update · run: by count, v{number - 1} → v{number}"
            assert [(row.name, row.node) for row in reading.given] == [("written by count", "assign0")]
            assert float(reading.workings[0].array) == 1.0  # what it has changed by
        else:
            assert (
                reading.title == "update · run: no update: count is not run in training: the loss does not depend on it"
            )
    trainer = Trainer(session.graph, session.registry, {}, None, Settings(epochs=2))
    trainer.run()
    assert float(trainer.state.get(run, 2.0)) == holds[-1]  # what training itself leaves there


def test_13_are_my_gradients_vanishing() -> None:
    timeline = lesson("vanishing_sigmoids")
    back = [step for step in timeline.steps if step.phase == "backward"]
    widths = [lane_width(timeline.strength(delivery)) for step in back for delivery in step.deliveries]
    assert widths == sorted(widths, reverse=True)  # wires thin on one scale
    assert widths[0] - widths[-1] > 3.0  # of 7 at most
    assert "vanishing gradient" in rules(timeline)


def test_14_dead_relu() -> None:
    assert "dead units" in rules(lesson("dying_relu"))


def test_15_weights_do_not_change() -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(2,), init="ones")
        t.add("parameter", name="aside", shape=(2,), init="ones")
        held = t.add("parameter", name="held", shape=(2,), init="ones")
        t.set_flags(held, ["freeze"])
        cut = t.add("detach", name="cut", inputs={"x": t.add("parameter", name="behind", shape=(2,), init="ones")})
        terms = [t.add("multiply", inputs={"x": w, "y": each}) for each in (held, cut)]
        loss = t.add("sum", name="loss", inputs={"x": t.add("add", inputs=dict(zip("xy", terms, strict=True)))})
        t.set_training(Training(loss=loss, optimiser={"name": "sgd", "lr": 0.01}))
    session = Session(document)
    found = [(f.rule, document.graph.path(f.node)) for f in diagnose(session.timeline())]
    assert found == [("no gradient", "aside"), ("no gradient", "behind")]
    assert updates(session) == {
        "w": "update · w",
        "aside": "update · aside: no update: not reached: the loss does not depend on it",
        "held": "update · held: no update: frozen",
        "behind": "update · behind: no update: no gradient: at cut: stopped by detach",
    }
    with document.transaction("Stop") as t:
        t.set_training(Training(loss=loss, optimiser={"name": "sgd", "lr": 0.0}))
    assert updates(session)["w"] == "update · w: no update: the learning rate is 0"
    assert "no update" in rules(session.timeline())


def updates(session: Session) -> dict[str, str]:
    """How the step of each parameter's update is called; what does not change is shown as it was."""
    timeline = session.timeline()
    found = {}
    for index, step in enumerate(timeline.steps):
        moment = Moment(timeline, Cursor(index + 1))
        if step.phase == "update" and step.node is not None:
            reading = read(moment)
            assert reading is not None
            found[timeline.run.asked.graph.path(step.node)] = reading.title
            old, new = timeline.run.value(Source(step.node, "y")), moment.value(Source(step.node, "y"))
            assert np.array_equal(np.asarray(old), np.asarray(new)) is ("no update" in reading.title)
    return found


def test_15_the_phases_are_there_where_nothing_gets_a_gradient() -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        cut = t.add("detach", name="cut", inputs={"x": t.add("parameter", name="w", shape=(), init="ones")})
        t.set_training(Training(loss=t.add("square", name="loss", inputs={"x": cut})))
    timeline = Session(document).timeline()
    assert [phase for phase, *_ in timeline.phases] == ["zero", "forward", "loss", "backward", "update"]


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
    ((kink, near),) = at_kinks(delivery.record)
    assert near.all()
    assert "sub-gradient" in kink_text(delivery.record.op, kink, delivery.record.params)


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
    at_rest = timeline_of(session)
    assert mode_text(stepped.timeline.run, session.registry) == "training: dropout on"
    assert mode_text(at_rest.run, session.registry) == "evaluation: dropout off"
    assert mode_text(lesson("fork").run, session.registry) == "evaluation"
    at = next(i for i, step in enumerate(stepped.timeline.steps) if step.node == "dropout0")
    assert next(caption(Moment(stepped.timeline, Cursor(at + 1)), 3)) == "forward · dropped · train"


def test_what_each_op_does_in_a_mode_is_told() -> None:
    def build(t: Any) -> None:
        t.set_dtype("float64")
        x = value(t, "x", [[1.0, 2.0], [3.0, 5.0]])
        wired = {
            name: t.add("parameter", name=name, shape=(2,), init="ones") for name in ("running_mean", "running_var")
        }
        norm = t.add("batch_norm", inputs={"x": x, **wired})
        own = t.add("batch_norm", inputs={"x": t.add("dropout", inputs={"x": norm})})  # by the batch in any mode
        t.add("by_mode", inputs={"x": t.add("gaussian_noise", inputs={"x": own}), "y": own})

    def told(*without: str) -> list[str]:
        document = Document(registry=builtin())
        with document.transaction("Build") as t:
            build(t)
            for id in without:
                t.set_flags(id, ["bypass"])
        asked = Asked.of(Session(document))
        runs = [Evaluator(document.registry).evaluate(asked._replace(mode=mode)) for mode in ("train", "eval")]
        return [mode_text(run, document.registry) for run in runs if run is not None]

    assert told() == [
        "training: batch_norm by the batch, dropout and gaussian_noise on, by_mode first",
        "evaluation: batch_norm by running statistics, dropout and gaussian_noise off, by_mode second",
    ]
    assert told("batch_norm0", "dropout0") == [
        "training: gaussian_noise on, by_mode first",
        "evaluation: gaussian_noise off, by_mode second",
    ]


def test_every_op_that_takes_the_mode_says_what_it_does_in_each() -> None:
    for op in builtin():
        assert all(op.modes) == any(op.modes) == op.takes_mode, op.name


@pytest.mark.parametrize("stepping", [True, False])
def test_19_both_losses_of_one_batch_are_told(stepping: bool) -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(4,), init="constant", value=[1.0, 2.0, 3.0, 4.0])
        squares = t.add("square", inputs={"x": t.add("dropout", name="drop", inputs={"x": w})})
        t.set_training(Training(loss=t.add("mean", name="loss", inputs={"x": squares})))
    session = Session(document)
    training = float(session.timeline().run.objective())
    (finding,) = (f for f in diagnose(session.timeline() if stepping else timeline_of(session)) if "eval" in f.rule)
    assert document.graph.path(finding.node) == "drop"
    assert f"{training:.3g} in training and 7.5 in evaluation" in finding.text


def test_why_is_there_a_sum_here() -> None:
    timeline = lesson("broadcast_bias")
    summed = [d for step in timeline.steps for d in step.deliveries if (r := local(timeline.run, d)) and r.summed]
    (delivery,) = summed
    assert any("sum" in text for text in np.atleast_1d(why_shape(timeline.run, delivery)))
