"""Why a gradient is zero, not finite, none, or of its size: the first cause is named, with its numbers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from timelines import at, drawn, source_of, value

from gradwire.core.stepping import Cursor, State, Timeline
from gradwire.core.stepping.explaining import Why, first_not_finite, why_gradient
from gradwire.core.stepping.forks import Fork


def why(timeline: Timeline, name: str = "x") -> tuple[str, str, str | None]:
    """Kind, text, and the name of the node at which it begins."""
    found: Why = why_gradient(timeline, source_of(timeline, name))
    node = None if found.node is None else timeline.run.asked.graph.path(found.node)
    return found.kind, found.text, node


def chain(*ops: str, start: Any = 1.0) -> Timeline:
    """Ops in a row after `x`, each named after itself, and their sum."""

    def build(t: Any) -> None:
        last = value(t, "x", start)
        for op in ops:
            last = t.add(op, inputs={"x": last})
        t.add("sum", inputs={"x": last})

    return drawn(build)


def test_a_dead_relu_is_the_cause_of_a_zero_behind_other_ops() -> None:
    timeline = chain("sin", "relu", "exp", start=[-1.0, -2.0])
    rule = "relu to x: where(y ≤ 0, 0, g) = where(0 ≤ 0, 0, 1) = 0 at [0]"
    assert why(timeline) == ("zero", f"relu is off: both elements are not above 0. {rule}", "relu")


def test_a_clip_that_is_saturated_says_so_of_all_elements() -> None:
    def build(t: Any) -> None:
        clipped = t.add("clip", name="clipped", inputs={"x": value(t, "x", [5.0, 7.0, -9.0])}, low=-1.0, high=1.0)
        t.add("sum", inputs={"x": t.add("square", inputs={"x": clipped})})

    assert why(drawn(build))[1].startswith("clipped is saturated: all 3 elements lie outside [−1, 1]. clipped to x: ")


def test_what_has_no_slope_is_counted_though_nothing_comes_to_it() -> None:
    def build(t: Any) -> None:
        clipped = t.add("clip", name="c", inputs={"x": value(t, "x", [-0.3, 1.7, 2.4])}, low=0.0, high=1.0)
        t.add("sum", inputs={"x": t.add("square", inputs={"x": clipped})})  # whose gradient is 0 at the first

    assert why(drawn(build))[1] == (
        "c is saturated: all 3 elements lie outside [0, 1]. c to x: g where low ≤ x ≤ high, else 0; x = 1.7, g = 2 "
        "gives 0 at [1]. 3 elements: 2 c saturated, 1 square gives 0"
    )


def test_a_bound_that_is_not_set_is_infinite() -> None:
    def build(t: Any) -> None:
        t.add("sum", inputs={"x": t.add("clip", inputs={"x": value(t, "x", [5.0])}, low=None, high=1.0)})

    assert why(drawn(build))[1].startswith("clip is saturated: its element lies outside [−∞, 1]. ")


def test_of_a_gradient_that_is_zero_in_part_each_cause_is_told_with_its_number() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [-1.0, -2.0, 1.0, 5.0, 6.0, -3.0, 2.0, -4.0])
        mask = value(t, "mask", [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0])
        on = t.add("relu", name="relu", inputs={"x": x})
        clipped = t.add("clip", name="clip", inputs={"x": on}, high=5.5)
        t.add("sum", inputs={"x": t.add("multiply", name="masked", inputs={"x": clipped, "y": mask})})

    text = why(drawn(build))[1]
    assert text.endswith(". 8 elements: 4 relu off, 1 clip saturated, 1 masked by 0, 2 not zero")


def test_parts_that_cancel_are_told_by_their_norms() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 3.0)
        one, other = (t.add("multiply", inputs={"x": x, "y": value(t, name, 2.0)}) for name in "ab")
        t.add("subtract", inputs={"x": one, "y": other})

    assert why(drawn(build)) == ("zero", "What arrives at x cancels: parts of norm 2, 2 make 0", "x")


def test_an_infinite_derivative_is_told_with_the_numbers_that_make_it() -> None:
    timeline = chain("sqrt", start=[4.0, 0.0])
    text = "sqrt to x: g / (2 · y) = 1 / (2 · 0) = ∞ at [1]"
    assert why(timeline) == ("not finite", text, "sqrt")
    assert why_gradient(timeline, source_of(timeline, "x")).elements == ((1,),)


def test_a_nan_out_of_a_branch_that_is_not_taken_is_told_where_it_is_made() -> None:
    def build(t: Any) -> None:
        x, one = value(t, "x", [0.0, 2.0]), value(t, "one", 1.0)
        taken = t.add("greater", inputs={"x": x, "y": one})
        log = t.add("log", inputs={"x": x})
        chosen = t.add("where", inputs={"c": taken, "x": log, "y": x})
        t.add("sum", inputs={"x": chosen})

    timeline = drawn(build)
    assert why(timeline) == ("not finite", "log to x: g / x = 0 / 0 = NaN at [0]", "log")
    first = first_not_finite(timeline)
    assert first is not None
    assert (first.text, first.node) == ("log is −∞ at [0], of x = 0", "log0")


def test_a_value_that_is_not_finite_is_the_origin_of_all_behind_it() -> None:
    timeline = chain("log", "sin", start=[1.0, -1.0])
    assert why(timeline) == ("not finite", "log is NaN at [1], of x = −1", "log")


def test_what_a_value_that_is_not_finite_was_made_of_is_told_by_the_names_of_nodes() -> None:
    def build(t: Any) -> None:
        a = t.add("constant", name="a", params={"value": [4.0, -2.0]})
        t.add("sum", inputs={"x": t.add("log", inputs={"x": a})})

    first = first_not_finite(drawn(build))
    assert first is not None
    assert first.text == "log is NaN at [1], of a = −2"

    def divided(t: Any) -> None:
        a = t.add("constant", name="a", params={"value": [4.0, 3.0]})
        b = t.add("constant", name="b", params={"value": [1.0, 0.0]})
        t.add("sum", inputs={"x": t.add("divide", name="ratio", inputs={"x": a, "y": b})})

    first = first_not_finite(drawn(divided))
    assert first is not None
    assert first.text == "ratio is ∞ at [1], of a = 3 as x, b = 0 as y"


def masked(*ops: str, mask: Any = (0.0, 0.0, -np.inf)) -> Timeline:
    """softmax(x + mask) as p, ops in a row behind it, and the sum of p and what they give, times each other."""

    def build(t: Any) -> None:
        total = t.add("add", name="masked", inputs={"x": value(t, "x", [1.0, 2.0, 3.0]), "y": value(t, "mask", mask)})
        p = last = t.add("softmax", name="p", inputs={"x": total})
        for op in ops:
            last = t.add(op, name=op, inputs={"x": last})
        t.add("sum", inputs={"x": t.add("multiply", name="product", inputs={"x": p, "y": last})})

    return drawn(build)


def names(timeline: Timeline, way: tuple[str, ...]) -> list[str]:
    return [timeline.run.asked.graph.path(id) for id in way]


def test_an_infinity_that_was_typed_and_does_no_harm_is_no_origin() -> None:
    assert first_not_finite(masked()) is None
    assert first_not_finite(masked("square")) is None


def test_nan_behind_a_mask_is_told_at_the_op_that_makes_an_infinity_with_the_one_that_makes_nan_of_it() -> None:
    timeline = masked("log")
    text = "log is −∞ at [2], of p = 0. So product is NaN at [2], of p = 0 as x, log = −∞ as y"
    assert why(timeline) == ("not finite", text, "log")
    assert names(timeline, why_gradient(timeline, source_of(timeline, "x")).way) == ["x", "masked", "p", "log"]
    first = first_not_finite(timeline)
    assert first is not None
    assert (first.text, names(timeline, first.way)) == (text, ["log", "product"])


def test_of_a_row_that_is_masked_whole_the_softmax_is_named() -> None:
    timeline = masked(mask=[-np.inf] * 3)
    kind, text, node = why(timeline)
    assert (kind, node) == ("not finite", "p")
    assert text.startswith("p is NaN at [0]: it begins in line 3 of the 6 that it is made of: ")
    first = first_not_finite(timeline)
    assert first is not None
    assert names(timeline, first.way) == ["p"]


def test_a_root_that_is_infinite_since_an_infinity_was_typed_names_it() -> None:
    def build(t: Any) -> None:
        mask = value(t, "mask", [0.0, -np.inf])
        t.add("sum", name="sum", inputs={"x": t.add("add", inputs={"x": value(t, "x", [1.0, 2.0]), "y": mask})})

    timeline = drawn(build)
    first = first_not_finite(timeline)
    assert first is not None
    assert (first.text, names(timeline, first.way)) == ("mask is −∞ at [1]", ["mask", "add", "sum"])


def test_what_comes_from_beside_is_told_with_the_two_ways_that_meet() -> None:
    def build(t: Any) -> None:
        scale = t.add("log", name="scale", inputs={"x": value(t, "c", -1.0)})
        product = t.add("multiply", name="product", inputs={"x": value(t, "x", 2.0), "y": scale})
        t.add("square", inputs={"x": product})

    timeline = drawn(build)
    found = why_gradient(timeline, source_of(timeline, "x"))
    assert found.text == "scale is NaN, of c = −1"
    assert [names(timeline, way) for way in found.ways] == [["x", "product", "square"], ["scale", "product", "square"]]


def test_a_gradient_is_told_by_what_lies_behind_it_and_not_by_what_is_wrong_elsewhere() -> None:
    def build(t: Any) -> None:
        one = t.add("sqrt", name="root", inputs={"x": value(t, "x", 0.0)})
        other = t.add("reciprocal", name="turned", inputs={"x": value(t, "y", 0.0)})
        t.add("add", inputs={"x": one, "y": other})

    timeline = drawn(build)
    assert why(timeline, "x")[2] == "root"
    assert why(timeline, "y")[2] == "turned"


def test_where_everything_is_finite_there_is_no_origin() -> None:
    assert first_not_finite(chain("sin")) is None


def test_a_cut_is_named_with_its_node() -> None:
    def build(t: Any) -> None:
        x, y = value(t, "x", [3.0, 1.0]), value(t, "y", [1.0, 2.0])
        best = t.add("argmax", inputs={"x": t.add("sin", inputs={"x": x})})
        t.add("sum", inputs={"x": t.add("multiply", inputs={"x": best, "y": y})})

    timeline = drawn(build)
    assert why(timeline) == ("none", "argmax: a position moves in steps: there is no path for a gradient", "argmax")
    assert why_gradient(timeline, source_of(timeline, "x")).way == ("input0", "sin0", "argmax0")


def test_what_the_root_does_not_depend_on_is_told_so() -> None:
    def build(t: Any) -> None:
        value(t, "aside", 1.0)
        t.add("sin", name="root", inputs={"x": value(t, "x", 1.0)})

    assert why(drawn(build), "aside") == ("none", "root does not depend on it: no wire leads there", None)


def test_a_tiny_gradient_is_blamed_on_the_ops_that_shrink_it_most() -> None:
    timeline = chain("sigmoid", "sigmoid", start=3.0)
    kind, text, _ = why(timeline)
    assert kind == "ordinary"
    assert text == "Norm 0.009075: on the strongest way sigmoid ×0.04518, sigmoid_2 ×0.2009, sum ×1"


def test_a_loss_that_hardly_depends_on_what_stands_before_a_normalisation_is_told_there() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[-1.0, 0.5], [0.0, 1.5], [1.0, -1.0], [2.0, 0.0]])
        gamma, beta = value(t, "gamma", [1.0, 2.0]), value(t, "beta", [0.0, 0.1])
        bn = t.add("batch_norm", name="bn", inputs={"x": x, "gamma": gamma, "beta": beta})
        t.add("sum", name="loss", inputs={"x": t.add("square", name="sq", inputs={"x": bn})})

    timeline = drawn(build)
    kind, text, node = why(timeline)
    assert (kind, node) == ("ordinary", "bn")
    way, told = text.split(". ", 1)
    assert re.fullmatch(r"Norm \S+: on the strongest way bn ×\S+, sq ×\S+, loss ×\S+", way)  # as they lie on it
    assert re.fullmatch(
        r"loss hardly depends on x behind bn, which brings it to one mean and size: "
        r"of what comes back ×\S+e−05 goes through, of other gradients about ×[01]\.\d+",
        told,
    )
    assert "hardly" not in why(timeline, "gamma")[1]


def test_what_comes_back_small_through_a_normalisation_of_large_values_is_only_scaled() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[-1e5], [3e5], [2e5], [-2e5]])
        bn = t.add("batch_norm", inputs={"x": x, "gamma": value(t, "gamma", [1.0]), "beta": value(t, "beta", [0.0])})
        t.add("sum", inputs={"x": t.add("exp", inputs={"x": bn})})

    assert "hardly" not in why(drawn(build))[1]


# Forks.


def test_shares_add_up_to_one_and_what_opposes_is_negative() -> None:
    fork = Fork([np.array([3.0, 0.0]), np.array([-1.0, 0.0])])
    assert fork.shares == (1.5, -0.5)
    assert fork.norms == (3.0, 1.0)
    assert fork.cancellation == 0.5
    assert fork.cosine(0, 1) == -1.0


@pytest.mark.parametrize(
    ("parts", "cancellation"),
    [([1.0, 1.0], 0.0), ([1.0, -1.0], 1.0), ([0.0, 0.0], 0.0), ([5.0], 0.0)],
)
def test_cancellation_is_zero_where_parts_agree_and_one_where_they_cancel(parts: Any, cancellation: float) -> None:
    assert Fork([np.array(part) for part in parts]).cancellation == cancellation


def test_nothing_is_a_share_of_a_sum_of_zero() -> None:
    fork = Fork([np.array(1.0), np.array(-1.0)])
    assert np.isnan(fork.shares).all()
    assert np.isnan(Fork([np.array(0.0), np.array(1.0)]).cosine(0, 1))


def forked(turned: bool, mask: Any, start: Any) -> Timeline:
    """x, or a sine of it where `turned`, goes to relu_1 and, times `mask`, to mul_2; both are added."""

    def build(t: Any) -> None:
        x = value(t, "x", start)
        taken = t.add("sin", name="sin", inputs={"x": x}) if turned else x
        off = t.add("relu", name="relu_1", inputs={"x": taken})
        by = t.add("multiply", name="mul_2", inputs={"x": x, "y": value(t, "mask", mask)})
        t.add("sum", inputs={"x": t.add("add", inputs={"x": off, "y": by})})

    return drawn(build)


def test_at_a_fork_what_makes_each_way_zero_is_told() -> None:
    kind, text, node = why(forked(True, [0.0, 0.0], [-1.0, -2.0]))
    relu = (
        "relu_1 is off: both elements are not above 0. relu_1 to x: where(y ≤ 0, 0, g) = where(0 ≤ 0, 0, 1) = 0 at [0]"
    )
    by = "mul_2 is by 0: both elements are multiplied by y = 0. mul_2 to x: g · y = 1 · 0 = 0 at [0]"
    assert kind == "zero"
    assert node in ("relu_1", "mul_2")
    assert f"through sin: {relu}" in text
    assert by in text


def test_all_ways_on_which_a_gradient_becomes_zero_are_told() -> None:
    timeline = forked(False, [0.0, 0.0], [-1.0, -2.0])
    found = why_gradient(timeline, source_of(timeline, "x"))
    assert {tuple(names(timeline, way)) for way in found.ways} == {("x", "relu_1"), ("x", "mul_2")}


def test_a_rule_that_is_one_number_is_told_once() -> None:
    steps = "round moves in steps: both elements lie on a step, where it has no slope"
    assert why(chain("round", start=[1.0, 2.0]))[1] == f"{steps}. round to x: 0 at [0]"


def test_of_an_element_that_two_ways_make_zero_both_are_told() -> None:
    text = why(forked(False, [0.0, 0.0, 1.0, 1.0], [-1.0, 2.0, -3.0, 4.0]))[1]
    assert text.endswith(". 4 elements: 1 relu_1 off and mul_2 by 0, 3 not zero")


def test_elements_of_one_way_that_are_zero_for_different_reasons_are_told_apart() -> None:
    def build(t: Any) -> None:
        on = t.add("relu", name="relu", inputs={"x": value(t, "x", [-1.0, 2.0])})
        t.add(
            "sum", inputs={"x": t.add("multiply", name="masked", inputs={"x": on, "y": value(t, "mask", [1.0, 0.0])})}
        )

    assert why(drawn(build))[1].endswith(". 2 elements: 1 relu off, 1 masked by 0")


def labelled(last: str) -> Timeline:
    """The label of the largest of w · x for each of two samples, and what `last` makes of the labels."""

    def build(t: Any) -> None:
        w = t.add("parameter", name="w", shape=(2, 3), init="ones")
        x = value(t, "x", [[1.0, 3.0, 2.0], [1.0, 0.0, 2.0]])
        product = t.add("multiply", name="product", inputs={"x": w, "y": x})
        t.add(last, name="loss", inputs={"x": t.add("argmax", name="best", inputs={"x": product}, axis=1)})

    return drawn(build)


def test_of_a_loss_that_is_an_integer_the_op_is_named_that_gives_no_float() -> None:
    timeline = labelled("sum")
    moves = "best: a position moves in steps: there is no path for a gradient"
    told = f"{moves} (loss is int64, and whole numbers have no gradient)"
    assert why(timeline, "w") == why(timeline, "loss") == ("none", told, "best")
    end = [at(timeline, name, timeline.end) for name in ("w", "x", "product", "loss")]
    assert [gradient.state for gradient in end] == [State.STOPPED] * 4
    assert end[0].reason == "a position moves in steps: there is no path for a gradient"
    assert at(timeline, "w", Cursor(2)).state == State.UNREACHED  # the loss is not computed yet


def test_of_a_mean_of_labels_which_is_a_float_the_op_is_named_that_gives_no_float() -> None:
    moves = "best: a position moves in steps: there is no path for a gradient"
    assert why(labelled("mean"), "w") == ("none", moves, "best")


def test_of_a_number_made_of_integers_it_is_told_that_they_were_given_so() -> None:
    def build(t: Any) -> None:
        t.add("sum", name="loss", inputs={"x": t.add("input", name="k", shape=(2,), dtype="int64", value=[1, 2])})

    text = "k: it is given as no float (loss is int64, and whole numbers have no gradient)"
    assert why(drawn(build), "loss") == ("none", text, "k")


def test_a_product_that_is_too_small_for_its_dtype_underflows() -> None:
    def build(t: Any) -> None:
        small = t.add("constant", value=1e-200)
        first = t.add("multiply", name="first", inputs={"x": value(t, "x", [0.5, 2.0]), "y": small})
        second = t.add("multiply", name="second", inputs={"x": first, "y": small})
        t.add("sum", inputs={"x": t.add("sin", inputs={"x": second})})

    kind, text, node = why(drawn(build))
    assert (kind, node) == ("zero", "first")
    assert text == (
        "first underflows: float64 holds nothing below 4.941e−324. first to x: g · y = 1e−200 · 1e−200 = 0 at [0]"
    )
