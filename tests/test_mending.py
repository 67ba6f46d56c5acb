"""Mends of gradients that are not finite: each makes them finite, and what is called exact changes no value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from timelines import source_of, timeline_of, value

from gradwire.core import grad
from gradwire.core.diagnosing import diagnose
from gradwire.core.diagnosing.mending import mends_of
from gradwire.core.document import Document
from gradwire.core.document.replacing import replace_op
from gradwire.core.errors import EditError
from gradwire.core.extend import Op, Registry, Remedy, op
from gradwire.core.graph import Training
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping.explaining import why_gradient
from gradwire.core.stepping.mending import EPSILON, Mend, advice, mends

LESSONS = Path(__file__).parent.parent / "examples" / "lessons"


def drawn(build: Any) -> Session:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        build(t)
    return Session(document)


def offered(session: Session, name: str) -> tuple[Mend, ...]:
    timeline = timeline_of(session)
    source = source_of(timeline, name)
    return mends(timeline.run, session.registry, why_gradient(timeline, source), source)


def mended(session: Session, name: str, mend: Mend) -> Any:
    """The gradient after a mend, which is then undone."""
    with session.document.transaction(mend.label) as t:
        mend.apply(t)
    timeline = timeline_of(session)
    gradient = timeline.run.gradient(source_of(timeline, name))
    session.document.undo()
    return gradient


def test_the_inner_where_of_the_lesson_gives_the_gradient_of_the_branches_taken() -> None:
    session = Session.open(LESSONS / "where_nan.gw")
    first, second = offered(session, "x")
    assert (first.label, first.exact) == ("Insert the inner where before log x", True)
    assert (second.label, second.exact) == ("Add 1e−12 before log x", False)
    np.testing.assert_array_equal(mended(session, "x", first), [1.0, 1.0, 0.5])  # 1, 1, 1/x


def not_finite_at(op: Op, x: float) -> bool:
    """Whether value or slope of a function of one argument is not finite there."""
    with np.errstate(all="ignore"):
        return not np.isfinite([op(np.array(x)), grad(op)(np.array(x))]).all()


def test_every_op_that_begins_at_zero_says_that_a_small_number_helps() -> None:
    functions = [op for op in builtin() if op.by_element and op.floating and op.fewest == op.most == 1 and op.vjp_rule]
    functions = [op for op in functions if len(op.defaults) == len(op.parameters)]
    at_zero = {op.name for op in functions if not_finite_at(op, 0.0) and not not_finite_at(op, EPSILON)}
    begins = {name for name in at_zero if not_finite_at(builtin()[name], -0.5)}
    assert begins == {op.name for op in builtin() if op.remedy is not None and op.remedy.above_zero}


def test_every_op_that_overflows_says_up_to_where_it_does_not() -> None:
    def overflows(op: Op, x: float) -> bool:
        with np.errstate(all="ignore"):
            return not np.isfinite([op(np.float32(x)), grad(op)(np.array(x, np.float32))]).all()

    functions = [op for op in builtin() if op.by_element and op.floating and op.fewest == op.most == 1 and op.vjp_rule]
    functions = [op for op in functions if len(op.defaults) == len(op.parameters)]
    found = {op.name for op in functions if overflows(op, 1000) and not overflows(op, -1000) and not overflows(op, 0)}
    held = {op.name: op.remedy.at_most for op in builtin() if op.remedy is not None and op.remedy.at_most is not None}
    assert found == set(held)
    assert not [name for name, most in held.items() if overflows(builtin()[name], most)]


@op(formula=r"\ln x", category="test", samples=[((2,),)])
def surprise(xp: Any, x: Any) -> Any:
    """How surprising something of this probability is."""
    return -xp.log(x)


surprise.shape(lambda x: x)
surprise.vjp(lambda g, y, x: (-g / x,))
surprise.remedy = Remedy("a small number added before it", above_zero=True)


def test_an_op_of_a_plugin_is_mended_as_it_says() -> None:
    document = Document(registry=Registry([*builtin(), surprise]))
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        risky = t.add("surprise", name="risky", inputs={"x": value(t, "x", [0.0, 4.0])})
        t.add("sum", inputs={"x": risky})
    session = Session(document)
    assert [mend.label for mend in offered(session, "x")] == ["Add 1e−12 before risky"]
    assert advice(timeline_of(session).run, session.registry, "surprise0") == "a small number added before it"


@pytest.mark.parametrize(("op", "slope"), [("log", 0.25), ("sqrt", 0.25), ("reciprocal", -0.0625)])  # at 4
@pytest.mark.parametrize("branch", ["x", "y"])
def test_either_branch_and_ops_between_are_mended(op: str, slope: float, branch: str) -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [0.0, 4.0])
        edge = t.add("constant", name="edge", value=1.0)
        taken = t.add("greater" if branch == "x" else "less", name="taken", inputs={"x": x, "y": edge})
        risky = t.add("negative", name="negated", inputs={"x": t.add(op, name="risky", inputs={"x": x})})
        other = "y" if branch == "x" else "x"
        chosen = t.add("where", name="chosen", inputs={"c": taken, branch: risky, other: x})
        t.add("sum", name="loss", inputs={"x": chosen})

    session = drawn(build)
    first = offered(session, "x")[0]
    assert first.exact
    np.testing.assert_allclose(mended(session, "x", first), [1.0, -slope])


def test_log_of_softmax_becomes_one_op() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [0.0, 2000.0])
        probabilities = t.add("softmax", name="p", inputs={"x": x})
        t.add("sum", name="loss", inputs={"x": t.add("log", name="log", inputs={"x": probabilities})})

    session = drawn(build)
    labels = [mend.label for mend in offered(session, "x")]
    assert "Compute log as log_softmax of x, not as log(softmax(x))" in labels
    mend = offered(session, "x")[labels.index("Compute log as log_softmax of x, not as log(softmax(x))")]
    np.testing.assert_allclose(mended(session, "x", mend), [1.0, -1.0], atol=1e-12)


@pytest.mark.parametrize("other", ["abs", "max", "tanh"])  # of these the first two come before the sum in any order
def test_a_form_is_found_whatever_else_reads_the_values(other: str) -> None:
    def build(t: Any) -> None:
        x = t.add("parameter", name="x", shape=(2,), init="constant", value=1000.0)
        e = t.add("exp", name="e", inputs={"x": x})
        beside = t.add("sum", name="beside", inputs={"x": t.add(other, inputs={"x": e})})
        log = t.add("log", name="log", inputs={"x": t.add("sum", name="total", inputs={"x": e})})
        t.add("add", name="loss", inputs={"x": log, "y": beside})

    session = drawn(build)
    assert "logsumexp" in str(advice(timeline_of(session).run, session.registry, session.graph.resolve("e")))


def test_log_of_the_sum_of_exp_becomes_one_op_also_as_the_loss_that_is_trained() -> None:
    def build(t: Any) -> None:
        x = t.add("parameter", name="x", shape=(3,), init="zeros")
        t.set_values(x, [0.0, 1000.0, 1000.0])
        total = t.add("sum", name="total", inputs={"x": t.add("exp", name="e", inputs={"x": x})})
        loss = t.add("log", name="loss", inputs={"x": total})
        t.set_training(Training(loss))

    session = drawn(build)
    mend = offered(session, "x")[0]
    assert mend.label == "Compute loss as logsumexp of x, not as log(sum(exp(x)))"
    np.testing.assert_allclose(mended(session, "x", mend), [0.0, 0.5, 0.5])
    with session.document.transaction(mend.label) as t:
        mend.apply(t)
    assert [node.op for node in session.graph.nodes.values()] == ["parameter", "logsumexp"]
    session.train(epochs=1)


def test_a_quotient_of_exp_becomes_softmax_along_its_axis() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[0.0, 1000.0], [1.0, 1.0]])
        e = t.add("exp", name="e", inputs={"x": x})
        total = t.add("sum", name="total", inputs={"x": e}, axis=1, keepdims=True)
        p = t.add("divide", name="p", inputs={"x": e, "y": total})
        t.add("sum", name="loss", inputs={"x": t.add("square", name="s", inputs={"x": p})})

    session = drawn(build)
    mend = offered(session, "x")[0]
    assert mend.label == "Compute p as softmax of x, not as exp(x) / sum(exp(x))"
    np.testing.assert_allclose(mended(session, "x", mend), [[0.0, 0.0], [0.0, 0.0]], atol=1e-12)


@pytest.mark.parametrize(
    ("shape", "params", "fits"),
    [
        ((2, 3), {"axis": 1, "keepdims": True}, True),
        ((2, 3), {"axis": 0}, True),
        ((3,), {}, True),
        ((2, 3), {}, False),  # the sum of all
        ((3, 3), {"axis": 1}, False),  # whose sums of rows divide columns
    ],
)
def test_softmax_is_offered_where_it_computes_the_quotient(shape: tuple[int, ...], params: Any, fits: bool) -> None:
    random = np.random.default_rng(3)

    def build(t: Any) -> None:
        x = t.add("parameter", name="x", shape=shape)
        t.set_values(x, np.where(random.uniform(size=shape) < 0.4, 1000.0, 1.0))
        e = t.add("exp", name="e", inputs={"x": x})
        total = t.add("sum", name="total", inputs={"x": e}, **params)
        p = t.add("divide", name="p", inputs={"x": e, "y": total})
        t.add("sum", name="loss", inputs={"x": t.add("square", name="s", inputs={"x": p})})

    session = drawn(build)
    assert any("as softmax of" in mend.label for mend in offered(session, "x")) == fits


def test_what_a_metric_compares_stays_and_the_new_op_has_the_old_name() -> None:
    def build(t: Any) -> None:
        x = t.add("parameter", name="x", shape=(2, 3))
        t.set_values(x, [[0.0, 1000.0, 1.0], [1.0, 1.0, 1.0]])
        target = t.add("constant", name="target", value=(1, 0), dtype="int64")
        e = t.add("exp", name="e", inputs={"x": x})
        total = t.add("sum", name="total", inputs={"x": e}, axis=1, keepdims=True)
        p = t.add("divide", name="p", inputs={"x": e, "y": total})
        loss = t.add("sum", name="loss", inputs={"x": t.add("square", name="s", inputs={"x": p})})
        t.set_training(Training(loss, metrics=({"name": "accuracy", "prediction": e, "target": target},)))

    session = drawn(build)
    mend = next(mend for mend in offered(session, "x") if "softmax" in mend.label)
    with session.document.transaction(mend.label) as t:
        mend.apply(t)
    assert {node.name for node in session.graph.nodes.values()} == {"x", "target", "e", "p", "s", "loss"}
    assert session.graph.nodes[session.graph.resolve("p")].op == "softmax"
    assert not [problem for problem in session.check().problems if problem.severity == "error"]


def test_a_mend_of_a_graph_that_has_changed_since_is_refused() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 0.0)
        value(t, "other", 1.0)
        t.add("sqrt", name="root", inputs={"x": x})

    session = drawn(build)
    (mend,) = offered(session, "x")
    with session.document.transaction("Rewire") as t:
        t.connect(session.graph.resolve("other"), session.graph.resolve("root"), "x")
    with (
        pytest.raises(EditError, match="root is not what it was when this was found"),
        session.document.transaction(mend.label) as t,
    ):
        mend.apply(t)
    assert session.graph.nodes.keys() == {"input0", "input1", "sqrt0"}


def test_an_exp_that_stands_alone_is_held_below_overflow() -> None:
    def build(t: Any) -> None:
        t.add("exp", name="e", inputs={"x": value(t, "x", 1000.0)})

    (mend,) = offered(drawn(build), "x")
    assert (mend.label, mend.exact) == ("Hold e below overflow: minimum with 80", False)


def test_log_of_sigmoid_becomes_one_op_before_any_epsilon() -> None:
    def build(t: Any) -> None:
        p = t.add("sigmoid", name="p", inputs={"x": value(t, "x", -1000.0)})
        t.add("log", name="loss", inputs={"x": p})

    session = drawn(build)
    first, *others = offered(session, "x")
    assert first.label == "Compute loss as log_sigmoid of x, not as log(sigmoid(x))"
    assert float(mended(session, "x", first)) == 1.0
    assert others == []  # an ε would make it finite and the slope 0, which it is not
    timeline = timeline_of(session)
    assert (
        advice(timeline.run, session.registry, session.graph.resolve("loss"))
        == "log_sigmoid in place of log of sigmoid"
    )


def test_an_op_that_says_of_which_chain_it_is_a_form_computes_the_chain() -> None:
    x = np.array([[0.3, -0.4, 0.1], [0.2, 0.0, 0.7]])
    forms = [op for op in builtin() if op.form_of]
    assert len(forms) >= 3
    for form in forms:
        wanted = x
        for name in form.form_of:
            wanted = builtin()[name](wanted)
        np.testing.assert_allclose(form(x), wanted, atol=1e-12)


def test_a_root_at_zero_is_offered_an_epsilon_that_changes_values() -> None:
    def build(t: Any) -> None:
        t.add("sqrt", name="root", inputs={"x": value(t, "x", 0.0)})

    session = drawn(build)
    (mend,) = offered(session, "x")
    assert (mend.label, mend.exact) == ("Add 1e−12 before root", False)
    assert float(mended(session, "x", mend)) == pytest.approx(0.5e6)


def test_what_does_not_help_is_not_offered() -> None:
    def build(t: Any) -> None:
        t.add("log", name="log", inputs={"x": value(t, "x", [-1.0, 1.0])})
        t.add("sum", name="loss", inputs={"x": t.add("sqrt", name="root", inputs={"x": value(t, "z", [-1.0, 4.0])})})

    session = drawn(build)
    assert offered(session, "z") == ()  # a root of −1 stays NaN with an epsilon


def test_a_gradient_that_is_finite_needs_no_mend() -> None:
    assert offered(Session.open(LESSONS / "fork.gw"), "x") == ()


def test_the_op_that_a_finding_puts_in_a_place_keeps_id_name_flags_and_what_training_says_of_it() -> None:
    def build(t: Any) -> None:
        x = t.add("parameter", name="x", shape=(3,))
        t.add("relu", id="active", name="active", inputs={"x": x})
        t.set_flags("active", {"keep"})
        loss = t.add("sum", name="loss", inputs={"x": "active"})
        t.set_training(Training(loss, metrics=({"name": "mse", "prediction": "active", "target": x},)))

    session = drawn(build)
    before = session.graph.training
    with session.document.transaction("Mend") as t:
        replace_op(t, "active", "leaky_relu", dict(t.graph.inputs("active")))
    node = session.graph.nodes["active"]
    assert (node.op, node.name, node.flags, session.graph.training) == ("leaky_relu", "active", {"keep"}, before)
    assert [wire.target for wire in session.graph.consumers("active")] == [session.graph.resolve("loss")]


def two_causes() -> Session:
    """A where over log, and sqrt, both of 0: each makes the gradient of k NaN, for a reason of its own."""

    def build(t: Any) -> None:
        k = value(t, "k", [0.0, 4.0, 9.0])
        zero = t.add("constant", name="zero", value=0.0)
        above = t.add("greater", inputs={"x": k, "y": zero})
        chosen = t.add("where", inputs={"c": above, "x": t.add("log", name="lk", inputs={"x": k}), "y": k})
        root = t.add("sqrt", name="r", inputs={"x": k})
        weighed = t.add("multiply", inputs={"x": zero, "y": root})
        t.add("sum", name="L", inputs={"x": t.add("add", inputs={"x": chosen, "y": weighed})})

    return drawn(build)


def test_of_two_ops_that_break_a_gradient_each_has_its_mend_and_after_both_it_is_finite() -> None:
    session = two_causes()
    timeline = timeline_of(session)
    finding = next(each for each in diagnose(timeline) if each.rule == "branch not finite")
    assert finding.text == "what comes by r.x and lk.x hold NaN, 1 of 3 parts is finite"
    epsilon = "a small ε added before it, as"
    assert (
        finding.mend
        == f"at r: {epsilon} its slope at 0 is ∞; at lk: an inner where before it, or {epsilon} it is −∞ at 0"
    )
    labels = [mend.label for mend in mends_of(timeline, finding)]
    assert {"Add 1e−12 before r", "Insert the inner where before lk"} < set(labels)
    for label in ("Insert the inner where before lk", "Add 1e−12 before r"):
        timeline = timeline_of(session)
        finding = next(each for each in diagnose(timeline) if each.rule == "branch not finite")
        mend = next(mend for mend in mends_of(timeline, finding) if mend.label == label)
        with session.document.transaction(mend.label) as t:
            mend.apply(t)
    timeline = timeline_of(session)
    np.testing.assert_array_equal(timeline.run.gradient(source_of(timeline, "k")), [1.0, 0.25, 1 / 9])
    assert "branch not finite" not in {each.rule for each in diagnose(timeline)}
