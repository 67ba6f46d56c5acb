"""The language of breakpoints and watches: what it computes, what it refuses, and that Python evaluates none of it."""

from __future__ import annotations

import math
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import EXAMPLES, drawn, example, source_of, value

from gradwire.core.cancelling import Stopped
from gradwire.core.document import Document
from gradwire.core.errors import GradwireError
from gradwire.core.evaluating import Asked
from gradwire.core.graph import Training
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, ways
from gradwire.core.stepping.breakpoints import Breakpoint, run_on
from gradwire.core.stepping.expressions import Expression
from gradwire.core.stepping.forms import ExpressionError
from gradwire.core.stepping.functions import FUNCTIONS
from gradwire.core.stepping.meaning import Parts
from gradwire.core.stepping.recorder import BUDGET, Recorder
from gradwire.core.stepping.recorder import timeline_of as stepped


def computed(text: str, step: int = 8, here: str | None = None) -> object:
    """What `text` comes to after `step` steps of sin x + x·y at the values of the example."""
    timeline = example("sin_plus_product")
    node = None if here is None else source_of(timeline, here).node
    return Expression(text).compute(Moment(timeline, Cursor(step)), node)


X, Y = (float(example("sin_plus_product").run.value(source_of(example("sin_plus_product"), n))) for n in "xy")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("x.value", X),
        ("x", X),
        ("x.grad", math.cos(X) + Y),
        ("x.via.sin", math.cos(X)),
        ("x.via.product + x.via.sin == x.grad", True),
        ("cos(x.via.sin, x.via.product)", 1.0),
        ("x.contrib['sin']", math.cos(X)),
        ("x.contrib.sin + x.via['product'] == x.grad", True),
        ("cancellation(x.contribs)", 0.0),
        ("cancellation(x.contributions) < 0.5", True),
        ("abs(-3) ** 2 / 2 - 1", 3.5),
        ("not nonfinite(f) and norm(f.grad) == 1", True),
        ("0 < f.grad <= 1", True),
        ("all_zero(x.grad) or frac_zero(x.grad) > 0.5", False),
        ('node("sin").value', math.sin(X)),
        ('node("sin") + 0', math.sin(X)),
        ("ratio(x.grad, y.grad)", (math.cos(X) + Y) / X),
        ('phase == "backward" and iteration == 1', True),
        ('phase != "backward" or op == "sin"', False),
        ("2 ** 10 ** 10", math.inf),  # as of any floats, and as fast
        ("(x + 1e7) ** 2 > 1e13", True),
        ("-1 / 0", -math.inf),
        ("nonfinite(0 / 0)", True),
        ("path(x, f)", math.cos(X) + Y),
        ("path(x, sin)", math.cos(X)),
        ("path(x, f) == x.grad", True),
        ("norm(path(x, f).top(1))", max(math.cos(X), Y)),
        ("cancellation(path(x, f).top(2))", 0.0),
    ],
)
def test_what_an_expression_comes_to(text: str, result: object) -> None:
    assert computed(text) == pytest.approx(result)


def test_a_path_as_it_is_shown_means_its_node() -> None:
    timeline = stepped(Session.open(EXAMPLES[0].parent / "iris_mlp.gw"))
    moment = Moment(timeline, timeline.end)
    path = "mlp/linear_1/weight"
    weight = source_of(timeline, path)
    gradient = timeline.run.gradient(weight)
    for text, wanted in (
        (f"norm({path}.grad)", np.linalg.norm(gradient)),
        (f"rms({path})", np.sqrt(np.mean(np.square(moment.value(weight))))),
        (f"ratio({path}) == ratio(node('{path}'))", True),
        (f"max({path}.contrib['matmul']) / 2", gradient.max() / 2),
    ):
        assert Expression(text).compute(moment) == pytest.approx(wanted, rel=1e-5), text
    with pytest.raises(ExpressionError, match="there is no node 'mlp/nobody/weight'"):
        Expression("mlp/nobody/weight.grad + nobody").compute(moment)


def test_paths_and_operators_go_together_as_they_are_read() -> None:
    timeline = stepped(Session.open(EXAMPLES[0].parent / "iris_mlp.gw"))
    moment = Moment(timeline, timeline.end)
    path = "mlp/linear_1/weight"
    weight, loss = moment.value(source_of(timeline, path)), moment.value(source_of(timeline, "loss"))
    for text, wanted in (
        (f"-{path}", -weight),
        (f"2 * {path} ** 2", 2 * weight**2),
        (f"{path} / loss", weight / loss),
        (f"loss / rms({path}) / {path}", loss / np.sqrt(np.mean(np.square(weight))) / weight),
        (f"1e0/{path}.value", 1 / weight),
    ):
        np.testing.assert_allclose(Expression(text).compute(moment), wanted, rtol=1e-5, err_msg=text)


def test_a_comparison_of_tensors_is_one_of_each_element_until_it_is_asked_as_a_whole() -> None:
    timeline = stepped(Session.open(EXAMPLES[0].parent / "iris_mlp.gw"))
    moment = Moment(timeline, timeline.end)
    path = "mlp/linear_1/weight"
    positive = moment.value(source_of(timeline, path)) > 0
    assert 0 < positive.mean() < 1
    for text, wanted in (
        (f"any({path} > 0)", True),
        (f"all({path} > 0)", False),
        (f"mean({path} > 0)", positive.mean()),
        (f"{path} > 0", False),
        (f"{path} > -100 and not {path} > 0", True),
        (f"mean(-100 < {path} < 0)", 1 - positive.mean()),
    ):
        assert Expression(text).compute(moment) == wanted, text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("W + data", "W + data needs shapes that fit, got 4×16 and 16×4 (equal shapes)"),
        ("W > data", "W > data needs shapes that fit, got 4×16 and 16×4 (equal shapes)"),
        ("cos(W, loss)", "cos(W, loss) needs tensors of one shape, got 4×16, a number"),
        ("not W", "and, or, not take what is true or false; W is 4×16 (any(W > 0), all(W > 0), rms(W) > 0)"),
        ("mlp/linear_1/weigth", "there is no node 'mlp/linear_1/weigth' (near: W, "),
    ],
)
def test_what_does_not_fit_in_a_network_is_told_in_a_line(text: str, message: str) -> None:
    timeline = stepped(Session.open(EXAMPLES[0].parent / "iris_mlp.gw"))
    path = "mlp/linear_1/weight"
    with pytest.raises(ExpressionError) as caught:
        Expression(text.replace("W", path)).compute(Moment(timeline, timeline.end))
    assert str(caught.value).startswith(message.replace("W", path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x.grad", "no gradient comes to x: stopped by detach"),
        ("path(x, loss)", "no path leads from x to loss (x goes to stop)"),
        ("path(y, side)", "no gradient comes to side, and so none goes on to y"),
    ],
)
def test_a_gradient_that_never_comes_is_not_waited_for(text: str, message: str) -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("parameter", name="x", shape=(), init="constant", value=3.0)
        stop = t.add("detach", name="stop", inputs={"x": x})
        y = t.add("parameter", name="y", shape=(), init="constant", value=3.0)
        t.add("square", name="side", inputs={"x": y})
        loss = t.add("multiply", name="loss", inputs={"x": stop, "y": y})
        t.set_training(Training(loss=loss))
    timeline = stepped(Session(document))
    assert Expression(text).compute(Moment(timeline, Cursor())) is None
    with pytest.raises(ExpressionError) as caught:
        Expression(text).compute(Moment(timeline, timeline.end))
    assert str(caught.value) == message


def test_what_would_not_fit_into_memory_is_refused_before_it_is_made() -> None:
    document = Document()
    with document.transaction("Build") as t:
        wide = t.add("parameter", name="wide", shape=(1, 50_000), init="constant", value=1.0)
        tall = t.add("parameter", name="tall", shape=(50_000, 1), init="constant", value=1.0)
        t.add("sum", name="a", inputs={"x": wide})
        t.add("sum", name="b", inputs={"x": tall})
    timeline = stepped(Session(document))
    with pytest.raises(ExpressionError, match=r"wide \* tall would have 2,500,000,000 elements \(at most 16,777,216\)"):
        Expression("wide * tall").compute(Moment(timeline, timeline.end))


def test_the_strongest_paths_are_told_with_their_names() -> None:
    found = computed("path(x, f).top(3)")
    assert isinstance(found, Parts)
    assert found.names == ["product.x → f.y", "sin.x → f.x"]
    assert found.values == pytest.approx([Y, math.cos(X)])
    assert computed("path(x, f)", 7) is None  # not all of it has come back


def test_the_contributions_of_several_losses_add_up_to_the_gradient() -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("parameter", name="x", shape=(), init="constant", value=3.0)
        near = t.add("square", name="near", inputs={"x": x})
        far = t.add("multiply", name="far", inputs={"x": x, "y": t.add("constant", name="c", value=10.0)})
        t.add("add", name="loss", inputs={"x": near, "y": far})
    timeline = stepped(Session(document))
    moment = Moment(timeline, timeline.end)
    assert Expression("path(x, near)").compute(moment) == 6.0
    assert Expression("path(x, far)").compute(moment) == 10.0
    assert Expression("path(x, near) + path(x, far) == x.grad").compute(moment) is True


def test_value_and_grad_alone_are_those_of_the_node_where_it_stands() -> None:
    assert computed("value", here="y") == Y
    assert computed("grad > value", here="y") is (X > Y)


@pytest.mark.parametrize("text", ["x.grad", "x.via.product > 0", "cancellation(x.contributions) > 0.9"])
def test_what_has_not_happened_yet_is_not_known(text: str) -> None:
    assert computed(text, 7) is None
    assert computed(text, 8) is not None


def test_the_ratio_of_a_parameter_is_that_of_its_update_once_it_is_updated() -> None:
    timeline = stepped(Session.open(EXAMPLES[0].parent / "lessons" / "not_zeroed.gw"))
    w = source_of(timeline, "w")
    old, new = timeline.run.value(w), timeline.updated[w.node]
    assert Expression("ratio(w)").compute(Moment(timeline, Cursor())) is None
    found = Expression("ratio(w)").compute(Moment(timeline, timeline.end))
    assert found == pytest.approx(np.linalg.norm(new - old) / np.linalg.norm(old))


def test_a_gradient_that_is_not_zeroed_is_that_which_the_node_shows() -> None:
    session = Session.open(EXAMPLES[0].parent / "lessons" / "not_zeroed.gw")
    second = Recorder(Asked.of(session), session.registry, BUDGET).iteration(2)
    timeline = second.timeline
    w = source_of(timeline, "w")
    left, own = timeline.left[w.node][0].value, timeline.run.gradient(w)
    assert Expression("w.grad").compute(Moment(timeline, Cursor())) == pytest.approx(float(left))  # before it comes
    assert Expression("w.grad").compute(Moment(timeline, timeline.end)) == pytest.approx(float(left + own))
    assert Expression("w.grad").compute(Moment(timeline, timeline.end)) == float(timeline.added_up(w.node))


def test_the_loss_of_training_is_called_so_where_no_node_is() -> None:
    session = Session.open(EXAMPLES[0].parent / "lessons" / "not_zeroed.gw")
    (loss,) = (node for node in session.graph.nodes.values() if node.id == session.graph.training.loss)
    with session.document.transaction("Rename") as t:
        t.rename(loss.id, "L")
    timeline = stepped(session)
    end = Moment(timeline, timeline.end)
    assert Expression("loss").compute(end) == Expression("L").compute(end)
    Expression("loss < 3").refuse_unknown(session.graph)
    with pytest.raises(ExpressionError, match="there is no node 'lose'"):
        Expression("lose < 3").refuse_unknown(session.graph)


def test_what_is_called_loss_is_not_taken_for_that_of_training() -> None:
    session = Session.open(EXAMPLES[0].parent / "lessons" / "not_zeroed.gw")
    document, loss = session.document, session.graph.training.loss
    with document.transaction("Rename") as t:
        t.rename(loss, "L")
        w = next(node.id for node in session.graph.nodes.values() if node.name == "w")
        made = [t.add(op, inputs={"x": w}) for op in ("sin", "cos")]
        groups = [t.group([id], name=name) for id, name in zip(made, ("loss", "other"), strict=True)]
    with pytest.raises(ExpressionError, match="'loss' is a group, a node is wanted"):
        Expression("loss < 3").refuse_unknown(session.graph)
    with document.transaction("Rename") as t:
        t.rename(groups[0], "one")
        for id in made:
            t.rename(id, "loss")
    with pytest.raises(ExpressionError, match="2 nodes are called 'loss'"):
        Expression("loss < 3").refuse_unknown(session.graph)


def test_the_loss_of_training_that_was_removed_is_no_node() -> None:
    session = Session.open(EXAMPLES[0].parent / "lessons" / "not_zeroed.gw")
    with session.document.transaction("Remove") as t:
        t.remove(session.graph.training.loss)
    with pytest.raises(ExpressionError, match="there is no node 'loss'"):
        Expression("loss < 3").refuse_unknown(session.graph)


def test_a_part_is_known_before_the_sum() -> None:
    assert computed("x.via.sin", 7) == pytest.approx(math.cos(X))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is no expression (what fits: x.value; x.grad; x.via.sin or x.contrib['sin'], what sin brings back; "),
        ("x +", "'x +' is no expression: it ends too early (what fits: x.value; "),
        ("x.grad = 3", "'x.grad = 3' is no expression: it cannot be read from '= 3' on (what fits: "),
        ("rms(x", "'rms(x' is no expression: it cannot be read from '(x' on (what fits: "),
        ("q.grad", "there is no node 'q'"),
        ("cos(x) < 0.5", "cos takes 2 values, got 1 (as in cos(x, y))"),
        ("rms(x, x)", "rms takes 1 value, got 2 (as in rms(x))"),
        ("x.via.cosine", "'cosine' does not take x (product, sin)"),
        ("x.contrib['cosine']", "'cosine' does not take x (product, sin)"),
        ("x.contrib", "a contribution needs the name of who takes x (product, sin)"),
        ("x.contrib[0]", "x.contrib[0] is no form that is known here (what fits: x.value; x.grad; "),
        ("x['sin']", "x['sin'] is no form that is known here (what fits: x.value; "),
        ("x.gradient", "x has no 'gradient' (what fits: x.value; x.grad; "),
        ("ratio(x)", "ratio of one value needs a parameter that is trained; x is none (ratio(x, y))"),
        ("foo(x)", "there is no function 'foo' (rms(x), norm(x), "),
        ("rms > 1", "rms is a function and no node (as in rms(x))"),
        ("rms(x).y", "rms(x) has no 'y'"),
        ("f.via", "a contribution needs the name of who takes f, and nothing takes it"),
        ("x % 2", "x % 2 is no form that is known here (what fits: x.value; "),
        ("'x'", "'x' is a text, and no value (node(\"my node\"))"),
        ("x + 'a'", "x + 'a' is no form that is known here ("),
        ("1e999", "1e309 is too large for a number (at most 1e308)"),
        ("9" * 400, f"{'9' * 57}... is too large for a number (at most 1e308)"),
        ("-" * 200 + "x", "an expression has at most 100 parts within each other, this one has more"),
        ("+".join("x" * 240), "an expression has at most 100 parts within each other, this one has more"),
        ("(" * 300 + "x" + ")" * 199, f"'{'(' * 56}... is no expression"),
        ("x" * 600, "an expression has at most 500 characters, got 600"),
        ("path(y, sin)", "no path leads from y to sin (y goes to product)"),
        ("path(x)", "path takes 2 names, got 1 (as in path(x, loss))"),
        ("path(x.grad, f)", "path takes the names of nodes, got x.grad (path(x, loss))"),
        ("path(x, q)", "there is no node 'q'"),
        ("path(x, f).top(0)", "top takes a number of paths from 1 to 20 (path(x, loss).top(3))"),
        ("path(x, f).last", "path(x, f) has no 'last' (path(x, loss).top(3))"),
        ("grad", "value and grad alone need a node to belong to (x.grad)"),
        (
            "max(x.contribs)",
            "max takes 1 value; x.contribs is a list of contributions, however many there are (as in max(x))",
        ),
        (
            "max(f.contribs)",
            "max takes 1 value; f.contribs is a list of contributions, however many there are (as in max(x))",
        ),
        (
            "cos(x.contribs)",
            "cos takes 2 values; x.contribs is a list of contributions, however many there are (as in cos(x, y))",
        ),
        ("rms(x, y)", "rms takes 1 value, got 2 (as in rms(x))"),
        (
            "cancellation(x) > 0.1",
            (
                "cancellation takes the contributions to a gradient; x is one value, "
                "of which nothing meets (as in cancellation(x.contribs))"
            ),
        ),
        ('phase == "back"', "there is no phase 'back' (zero, forward, loss, backward, update)"),
        ("phase", 'phase is a word, to be compared with another (phase == "backward")'),
        ("op + 1", 'op is a word, to be compared with another (op == "relu")'),
        ("phase > 'a'", "phase > 'a' is no form that is known here ("),
        ("open('f')", "there is no function 'open' ("),
        ("x.grad.real", "grad has no 'real'"),
    ],
)
def test_what_is_refused_is_told_in_a_line(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        computed(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "x.__class__.__mro__",
        "(lambda: 1)()",
        "[y for y in (1, 2)]",
        "f'{x}'",
        "x[0]",
        "(a := 3)",
        "1 if x else 2",
        "x @ y",
        "b'1'",
        "rms(x=1)",
        "'a' * 10 ** 9",
    ],
)
def test_no_other_form_of_python_is_taken(text: str) -> None:
    with pytest.raises(ExpressionError):
        computed(text)


@given(st.text(max_size=60) | st.from_regex(r"[xyf.()<>=+*/ a-z0-9]{0,40}", fullmatch=True))
def test_any_text_is_computed_or_refused(text: str) -> None:
    message = ""
    try:
        computed(text)
    except GradwireError as error:
        message = str(error)
    assert "\n" not in message or "\n" in text


def test_every_function_is_described() -> None:
    assert all(function.says for function in FUNCTIONS.values())


def many_paths() -> Moment:
    """The end of a chain in which each value goes on by two ways: 2,048 paths from x to the loss."""

    def build(t: Any) -> None:
        last = value(t, "x", [0.5, 2.0])
        for _ in range(11):
            last = t.add(
                "add", inputs={port: t.add(op, inputs={"x": last}) for port, op in (("x", "sin"), ("y", "cos"))}
            )
        t.add("sum", name="loss", inputs={"x": last})

    timeline = drawn(build)
    return Moment(timeline, timeline.end)


def test_the_paths_are_laid_out_only_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    moment, searched = many_paths(), list[int]()
    search = ways._search
    monkeypatch.setattr(ways, "_search", lambda pull, width: searched.append(width) or search(pull, width))
    whole = Expression("path(x, loss)").compute(moment)
    np.testing.assert_allclose(whole, Expression("x.grad").compute(moment), rtol=1e-12)
    assert searched == []
    assert len(Expression("path(x, loss).top(3)").compute(moment).values) == 3
    assert len(searched) == 1


@pytest.mark.parametrize("text", ["path(x, loss)", "path(x, loss).top(3)"])
def test_paths_that_are_no_longer_wanted_are_looked_for_no_further(text: str) -> None:
    moment, asked = many_paths(), count()
    with pytest.raises(Stopped):
        Expression(text).compute(moment, cancelled=lambda: next(asked) >= 20)
    assert next(asked) == 21
    assert Expression(text).compute(moment) is not None  # asked again it is computed
    point = Breakpoint(condition=f"rms({text.removesuffix('.top(3)')}) < 0")
    assert run_on(many_paths().timeline, Cursor(0), [point], lambda: True) is None


@pytest.mark.parametrize(
    "text",
    [
        "cos(x)",
        "rms(x, x) > 1",
        "cancellation()",
        "cos(x.via.sin) < 0.5",
        "rms(x.contrib['sin'], x)",
        "cos(x.contribs)",
        "rms(abs(x.contribs))",
    ],
)
def test_a_wrong_number_of_values_is_told_before_anything_runs(text: str) -> None:
    with pytest.raises(ExpressionError, match=r" takes .*( got |is a list of contributions)"):
        Expression(text)
    Expression("cancellation(x.contribs)")
    Expression("ratio(w) < 1e-4")
    Expression("cos(x.via.sin, x.via.product) < 0")
    Expression("cos(path(x, loss).top(1), x)")


@pytest.mark.parametrize("text", ["path(x) > 1", "rms(path(x, loss, sin))", "path(x).top(3)"])
def test_a_wrong_number_of_names_of_a_path_is_told_before_anything_runs(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"path takes 2 names, got [13] \(as in path\(x, loss\)\)"):
        Expression(text)
