"""What ops say of which terms one element is made (`op.element`): the figures shown are those that were computed."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import numpy as np
import pytest
from test_adjoints import OPS, Case
from timelines import drawn, source_of, value

from gradwire.core.op import Op, Sample
from gradwire.core.signature import Filled, Terms
from gradwire.core.stepping import Delivery, Timeline
from gradwire.core.stepping.local import local
from gradwire.core.stepping.terms import Element, element_of, told_of, windows_with
from gradwire.core.tape import Tensor

SAYING = [op for op in OPS.values() if op.element is not None]
CASES = [pytest.param(op, sample, id=f"{op.name}-{i}") for op in SAYING for i, sample in enumerate(op.samples)]
MOST = 60  # elements of one result that are looked at


def computed(filled: Filled) -> float:
    """The number that a formula gives with its numbers put in, as a reader with a calculator finds it."""
    text = filled.formula.replace("−", "-").replace("·", "*").replace("√", "sqrt")
    for i, name in enumerate(filled.numbers):
        text = text.replace(f"{{{name}}}", f"n[{i}]")
    return float(eval(text, {"sqrt": math.sqrt, "n": list(filled.numbers.values())}))  # noqa: S307 - our own ops


def made_of(told: Element | Filled | None) -> float:
    assert told is not None
    if isinstance(told, Filled):
        return computed(told)
    if told.terms.by == "greatest":
        return float(told.products[told.winner])
    return float(told.products.sum()) + sum(number for _, _, number in told.plus)


def some(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Places spread over an array."""
    every = list(np.ndindex(shape))
    return every[:: max(len(every) // MOST, 1)]


def applied(op: Op, sample: Sample) -> Tensor:
    case = Case(op, sample)
    found = op(*(Tensor(arg) for arg in case.args), **case.params)
    made = found[0] if isinstance(found, tuple) else found
    assert isinstance(made, Tensor)
    return made


def test_ops_with_windows_say_what_lies_under_them() -> None:
    wanted = {"conv2d", "conv_transpose2d", "conv2d_weight", "max_pool2d", "avg_pool2d", "avg_unpool2d"}
    assert wanted | {"batch_norm", "layer_norm", "embedding"} <= {op.name for op in SAYING}


@pytest.mark.parametrize(("op", "sample"), CASES)
def test_what_is_shown_of_an_element_makes_the_element(op: Op, sample: Sample) -> None:
    made = applied(op, sample)
    names = {arg.slot: op.port_name(i) for i, arg in enumerate(made.args) if isinstance(arg, Tensor)}
    for index in some(made.shape):
        told = element_of(made, index, names)
        assert made_of(told) == pytest.approx(float(made.value[index]), rel=1e-9, abs=1e-12)
        if isinstance(told, Element):
            for factor in told.factors:  # each stands in the array where it is said to stand
                for at in islice(np.ndindex(factor.inside.shape), MOST):
                    place = tuple(factor.places[at].tolist())
                    assert factor.numbers[at] == (factor.array[place] if factor.inside[at] else 0)


def around(op: Op, sample: Sample) -> tuple[Timeline, list[Delivery]]:
    """The op between inputs and the sum of sines, and what it delivers."""
    case = Case(op, sample)

    def build(t: Any) -> None:
        inputs = {}
        for i, arg in enumerate(case.args):
            dtype = "float" if arg.dtype.kind == "f" else arg.dtype.name
            inputs[op.port_name(i)] = t.add("input", shape=arg.shape, dtype=dtype, value=arg.tolist())
        it = t.add(op.name, name="it", inputs=inputs, params=sample.params)
        t.add("sum", inputs={"x": t.add("sin", inputs={"x": it})})

    timeline = drawn(build)
    (step,) = (s for s in timeline.steps if s.phase == "backward" and s.node == source_of(timeline, "it").node)
    return timeline, list(step.deliveries)


WINDOWS = [case for case in CASES if isinstance(case.values[0], Op) and case.values[0].category == "convolution"]


@pytest.mark.parametrize(("op", "sample"), WINDOWS)
def test_the_terms_of_a_gradient_of_windows_make_it(op: Op, sample: Sample) -> None:
    timeline, deliveries = around(op, sample)
    told_of_some = 0
    for delivery in deliveries:
        rule = local(timeline.run, delivery)
        assert rule is not None
        for index in some(delivery.value.shape):
            found = element_of(rule.entry, index, rule.names)
            if found is None:
                continue
            told_of_some += 1
            assert made_of(found) == pytest.approx(float(delivery.value[index]), rel=1e-9, abs=1e-12)
    made = applied(op, sample)
    first = told_of(made, (0,) * len(made.shape))
    assert isinstance(first, Terms)
    assert told_of_some or first.by == "greatest"


POOLED = [case for case in CASES if isinstance(case.values[0], Op) and case.values[0].name == "max_pool2d"]


@pytest.mark.parametrize(("op", "sample"), POOLED)
def test_the_windows_in_which_an_element_won_send_it_its_gradient(op: Op, sample: Sample) -> None:
    timeline, (delivery,) = around(op, sample)
    made = timeline.run.tensors[source_of(timeline, "it")]
    upstream, indices = timeline.run.gradient(source_of(timeline, "it")), delivery.record.result[1]
    assert upstream is not None
    for index in np.ndindex(delivery.value.shape):
        windows = windows_with(made, "x", index)
        assert windows is not None
        stood = [place for place in np.ndindex(made.shape) if _stands(made, place, index)]
        assert [window.place for window in windows] == stood
        won = [w.place for w in windows if tuple(w.element.factors[0].places[w.element.winner]) == index]
        flat = np.ravel_multi_index(index, delivery.value.shape)
        assert sorted(won) == sorted(map(tuple, np.argwhere(indices == flat)))
        assert sum(upstream[place] for place in won) == pytest.approx(delivery.value[index])


def _stands(made: Tensor, place: tuple[int, ...], index: tuple[int, ...]) -> bool:
    told = told_of(made, place)
    assert isinstance(told, Terms)
    return bool(np.any(np.all(told.places["x"] == index, axis=-1)))


def test_of_elements_that_tie_the_first_wins_and_nan_wins_over_all() -> None:
    for numbers, first in (([[1.0, 5.0], [5.0, 2.0]], (0, 1)), ([[9.0, 5.0], [math.nan, 2.0]], (1, 0))):
        made = OPS["max_pool2d"](Tensor(np.array([[numbers]])), kernel_size=2)
        told = element_of(made, (0, 0, 0, 0), {})
        assert isinstance(told, Element)
        assert told.winner == first


def test_padding_never_is_the_greatest() -> None:
    made = OPS["max_pool2d"](Tensor(-np.ones((1, 1, 2, 2))), kernel_size=2, padding=1)
    told = element_of(made, (0, 0, 0, 0), {})
    assert isinstance(told, Element)
    assert told.winner == (1, 1)
    assert told.products[told.winner] == -1


def test_normalisation_says_whose_mean_it_takes_in_training_and_in_evaluation() -> None:
    x, two = np.arange(8.0).reshape(4, 2), np.array([2.0, 3.0])
    port = {"running_mean": two, "running_var": two * 2}
    for mode, mean, variance in (("train", 4.0, 5.0), ("eval", 3.0, 6.0)):
        made = OPS["batch_norm"](Tensor(x), Tensor(two), None, *map(Tensor, port.values()), mode=mode)
        told = element_of(made[0] if isinstance(made, tuple) else made, (1, 1), {})
        assert isinstance(told, Filled)
        assert (told.numbers["x"], told.numbers["μ"], told.numbers["σ²"]) == (3.0, mean, variance)
        assert told.numbers["γ"] == 3.0
        assert told.formula == "({x} − {μ}) / √({σ²} + {ε}) · {γ}"
        where = "in this batch, 4 elements" if mode == "train" else "running ones of channel 1: this is evaluation"
        assert told.says.endswith(where)


def test_what_only_moves_numbers_on_the_way_back_is_looked_through() -> None:
    def build(t: Any) -> None:
        words = t.add("input", name="words", shape=(4,), dtype="int64", value=[2, 0, 2, 1])
        table = value(t, "table", np.arange(6.0).reshape(3, 2))
        found = t.add("embedding", name="emb", inputs={"indices": words, "table": table})
        t.add("sum", inputs={"x": t.add("sin", inputs={"x": found})})

    timeline = drawn(build)
    told = element_of(timeline.run.tensors[source_of(timeline, "emb")], (2, 1), {})
    assert isinstance(told, Element)
    assert told.picked == (("indices", (2,), 2),)
    assert told.factors[0].places.tolist() == [2, 1]
    assert told.value == 5.0
