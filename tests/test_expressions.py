"""The language of breakpoints and watches: what it computes, what it refuses, and that Python evaluates none of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import EXAMPLES, example, source_of

from gradwire.core.errors import GradwireError
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment
from gradwire.core.stepping.expressions import FUNCTIONS, Expression, ExpressionError
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


def test_a_part_is_known_before_the_sum() -> None:
    assert computed("x.via.sin", 7) == pytest.approx(math.cos(X))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is no expression (what fits: x.value; x.grad; x.via.sin or x.contrib['sin'], what sin brings back; "),
        ("x +", "'x +' is no expression (what fits: x.value; "),
        ("q.grad", "there is no node 'q'"),
        ("x.via.cosine", "'cosine' does not take x (product, sin)"),
        ("x.contrib['cosine']", "'cosine' does not take x (product, sin)"),
        ("x.contrib", "a contribution needs the name of who takes x (product, sin)"),
        ("x.contrib[0]", "x.contrib[0] is no form that is known here (what fits: x.value; x.grad; "),
        ("x['sin']", "x['sin'] is no form that is known here (what fits: x.value; "),
        ("x.gradient", "x has no 'gradient' (what fits: x.value; x.grad; "),
        ("ratio(x)", "ratio of one value needs a parameter that is trained; x is none (ratio(x, y))"),
        ("path(x, f)", "there is no function 'path' (rms(x), norm(x), "),
        ("grad", "value and grad alone need a node to belong to (x.grad)"),
        ("rms(x, y)", "rms takes 1 value, got 2 (as in rms(x))"),
        ("open('f')", "there is no function 'open' ("),
        ("x.grad.real", "grad has no 'real'"),
        ("9 ** 9 ** 9", "a power of numbers above a million is not computed"),
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
    assert all(doc for _, _, doc in FUNCTIONS.values())
