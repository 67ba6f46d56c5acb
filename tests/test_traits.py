"""What ops say of what kind of function they are, held against what they compute; and what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from over import over
from test_ops import FED, OPS, call, draw
from timelines import source_of, timeline_of, value

from gradwire.core.diagnosing import diagnose
from gradwire.core.document import Document
from gradwire.core.errors import GradwireError
from gradwire.core.extend import Aval, Op, Registry, Sample, Traits, builtin, op
from gradwire.core.graph import Source
from gradwire.core.infer import Binding, infer
from gradwire.core.session import Session
from gradwire.core.stepping.splits import by_term
from gradwire.core.training.sources import sums_over_batch

COMPUTED = [op for op in OPS.values() if op.name not in FED]
CASES = [pytest.param(op, sample, id=f"{op.name}-{i}") for op in COMPUTED for i, sample in enumerate(op.samples)]
LARGE = 50.0  # what activations are given, beyond where they bend


def params_of(op: Op, sample: Sample) -> dict[str, Any]:
    return op.check_parameters(sample.params)


def result(op: Op, sample: Sample, args: tuple[Any, ...]) -> np.ndarray[Any, Any]:
    return np.asarray(call(op, args, params_of(op, sample))[0])


def cases(*names: str) -> list[Any]:
    """The samples of the ops that say one of these traits."""
    return [case for case in CASES if any(getattr(case.values[0].traits, name) for name in names)]


def of_floats(op: Op, sample: Sample) -> bool:
    """Whether all that it takes are floats: nothing chooses among them."""
    args = draw(sample)
    ports = [port for port in op.ports if not (port.hidden or port.optional)]
    return bool(args) and len(args) >= len(ports) and all(arg.dtype.kind == "f" for arg in args)


# What carries its argument on.


@over(cases("carries"))
def test_an_op_that_carries_its_argument_gives_its_numbers_and_no_others(op: Op, sample: Sample) -> None:
    args = draw(sample, "float32")
    x, y = args[0], result(op, sample, args)
    carries = op.traits.carries
    if carries == "unchanged":
        assert (y.dtype, y.shape) == (x.dtype, x.shape)
    if carries in ("unchanged", "reformed"):
        assert y.reshape(-1).tolist() == x.reshape(-1).tolist()
    elif carries == "reordered":
        assert sorted(y.reshape(-1).tolist()) == sorted(x.reshape(-1).tolist())
    else:
        assert set(y.reshape(-1).tolist()) == set(x.reshape(-1).tolist())


def holds_its_argument(op: Op) -> bool:
    """Whether its only argument has the numbers of the result and no others, in each sample."""
    if op.grows or len([port for port in op.ports if not (port.hidden or port.optional)]) != 1:
        return False
    given = [(sample, draw(sample)) for sample in op.samples]
    given = [(sample, args) for sample, args in given if args and args[0].dtype.kind == "f"]
    same = (set(result(op, sample, args).ravel().tolist()) == set(args[0].ravel().tolist()) for sample, args in given)
    return len(given) == len(op.samples) and all(same)


def test_every_op_that_gives_the_numbers_of_its_only_argument_says_so() -> None:
    assert {op.name for op in COMPUTED if holds_its_argument(op)} == {op.name for op in COMPUTED if op.traits.carries}


# What is linear.


def is_linear(op: Op, sample: Sample) -> bool:
    """Whether f(2x − 3y) = 2 f(x) − 3 f(y)."""
    x, y = draw(sample, seed=1), draw(sample, seed=2)
    try:
        with np.errstate(all="ignore"):
            mixed = tuple(2 * a - 3 * b for a, b in zip(x, y, strict=True))
            found = result(op, sample, mixed)
            wanted = 2.0 * result(op, sample, x) - 3.0 * result(op, sample, y)
    except GradwireError:
        return False  # it does not take any numbers
    return found.dtype.kind == "f" and np.allclose(found, wanted, rtol=1e-12, atol=1e-12)


@over(cases("linear"))
def test_an_op_that_is_linear_gives_of_sums_the_sums(op: Op, sample: Sample) -> None:
    assert of_floats(op, sample)
    assert is_linear(op, sample)


def test_every_op_of_floats_that_is_linear_says_so() -> None:
    found = {
        op.name
        for op in COMPUTED
        if op.single and op.samples and all(of_floats(op, each) and is_linear(op, each) for each in op.samples)
    }
    assert found == {op.name for op in COMPUTED if op.traits.linear}


# What works element by element.


@over(case for case in CASES if case.values[0].by_element)
def test_an_op_that_works_by_element_makes_each_of_one_of_each_argument(op: Op, sample: Sample) -> None:
    args = draw(sample)
    whole = result(op, sample, args)
    spread = [np.broadcast_to(arg, whole.shape) for arg in args]
    for index in np.ndindex(whole.shape):
        alone = result(op, sample, tuple(np.asarray(arg[index]) for arg in spread))
        np.testing.assert_array_equal(alone, whole[index])


# What reduces by a sum or a mean.


def doubled(op: Op, sample: Sample) -> Iterator[tuple[Any, Any]]:
    """Results before and after the arguments were given twice along an axis, where that axis ends in the op."""
    args, params = draw(sample), params_of(op, sample)
    before = result(op, sample, args)
    axes = [[None, *range(arg.ndim)] for arg in args]
    if op.category == "loss":  # whose samples are along the first axis; classes given twice are other classes
        axes = [[None, 0] if arg.ndim else [None] for arg in args]  # weights of classes are none of its samples
    for chosen in product(*axes):
        pairs = zip(args, chosen, strict=True)
        twice = tuple(arg if axis is None else np.concatenate([arg, arg], axis) for arg, axis in pairs)
        if all(axis is None for axis in chosen):
            continue
        try:
            after = np.asarray(call(op, twice, params)[0])
        except (GradwireError, ValueError):
            continue  # such lengths do not fit
        if after.shape == before.shape:
            yield before, after


@over(cases("reduces"))
def test_what_is_given_twice_makes_a_sum_twice_as_large_and_leaves_a_mean(op: Op, sample: Sample) -> None:
    by = op.traits.reduction(params_of(op, sample))
    assert by in ("sum", "mean", "none")
    found = list(doubled(op, sample))
    assert found or by == "none" or not all(arg.ndim for arg in draw(sample))
    for before, after in found:
        np.testing.assert_allclose(after, before * (2 if by == "sum" else 1), rtol=1e-12, atol=1e-15)


def test_every_op_that_has_a_reduction_as_its_parameter_names_it() -> None:
    assert {op.name for op in COMPUTED if "reduction" in op.parameters} == {
        op.name for op in COMPUTED if op.traits.reduces == "reduction"
    }


# What multiplies matrices, and what adds up at indices.


def multiplies_matrices(op: Op) -> bool:
    """Whether it gives the matrix product of its two arguments."""
    found = []
    for sample in op.samples:
        a, b = draw(sample)
        try:
            wanted = np.matmul(a, b)
        except ValueError:
            return False
        y = result(op, sample, (a, b))
        found.append(y.shape == wanted.shape and np.allclose(y, wanted))
    return all(found)


def test_every_op_that_multiplies_matrices_says_so() -> None:
    two = [op for op in COMPUTED if op.fewest == op.most == 2 and op.samples]
    two = [op for op in two if all(of_floats(op, sample) for sample in op.samples)]
    assert {op.name for op in two if multiplies_matrices(op)} == {op.name for op in COMPUTED if op.traits.matrices}


def added_up(op: Op, sample: Sample) -> Any:
    """Its first argument added to zeros element by element, where the second says."""
    x, indices = draw(sample)
    params = params_of(op, sample)
    y, axis = np.zeros(params["shape"]), params["axis"] % len(params["shape"])
    several = indices.ndim if op.traits.adds_at == "parts" else 1
    for at in np.ndindex(x.shape):
        index = indices[at[axis : axis + several]] if op.traits.adds_at == "parts" else indices[at]
        y[(*at[:axis], index, *at[axis + several :])] += x[at]
    return y


@over(cases("adds_at"))
def test_what_is_added_at_indices_is_added_there(op: Op, sample: Sample) -> None:
    np.testing.assert_allclose(result(op, sample, draw(sample)), added_up(op, sample), rtol=1e-12)


def test_every_op_that_adds_up_at_indices_says_so() -> None:
    taking = [op for op in COMPUTED if {"indices"} < {port.name for port in op.ports} and "shape" in op.parameters]
    assert {op.name for op in taking} == {op.name for op in COMPUTED if op.traits.adds_at}


# What gives probabilities.


def are_probabilities(y: Any, kind: str | None) -> bool:
    found = np.exp(y) if kind == "logarithms" else y
    return bool(np.all((found >= 0) & (found <= 1)))


@over(cases("probabilities"))
def test_what_gives_probabilities_gives_nothing_else(op: Op, sample: Sample) -> None:
    for size in (1.0, LARGE):
        (x,) = draw(sample)
        y = result(op, sample, (x * size,))
        assert are_probabilities(y, op.traits.probabilities)
        if "axis" in op.parameters and y.ndim:
            shares = np.exp(y) if op.traits.probabilities == "logarithms" else y
            np.testing.assert_allclose(shares.sum(params_of(op, sample)["axis"]), 1.0)


def test_every_activation_that_stays_between_0_and_1_says_so() -> None:
    activations = [op for op in COMPUTED if op.category == "activation" and len(op.ports) == 1]
    found = {
        op.name
        for op in activations
        if all(
            are_probabilities(result(op, sample, (x * LARGE,)), kind)
            for sample in op.samples
            for x in draw(sample)
            for kind in [op.traits.probabilities]
        )
    }
    assert found == {op.name for op in activations if op.traits.probabilities}


# What is made of it: an op that the program has never heard of is treated as it says it is.


@op(formula="x", category="test", samples=[((2, 3),)], view=True)
def relabel(xp: Any, x: Any) -> Any:
    """`x` as it is."""
    return x


relabel.shape(lambda x: x)
relabel.vjp(lambda g, y, x: (g,))
relabel.traits = Traits(carries="unchanged", linear=True)


@op(formula="x", category="test", samples=[((2, 3),)])
def shares(xp: Any, x: Any) -> Any:
    """Each row's squares as parts of their sum."""
    return xp.square(x) / xp.sum(xp.square(x), axis=-1, keepdims=True)


shares.shape(lambda x: x)
shares.traits = Traits(probabilities="probabilities")


@op(formula="x + 2 y", category="test", samples=[((2,), (2,))])
def blend(xp: Any, x: Any, y: Any) -> Any:
    """`x` with twice `y`."""
    return x + 2 * y


blend.shape(lambda x, y: x)
blend.vjp(lambda g, z, x, y: (g, 2 * g))
blend.by_element = True
blend.traits = Traits(linear=True)


@op(formula="s", category="test", samples=[((2,),)])
def total(xp: Any, x: Any) -> Any:
    """All of it added up."""
    return xp.sum(x)


total.shape(lambda x: Aval((), x.dtype))
total.vjp(lambda g, y, x: (g * (x * 0 + 1),))
total.traits = Traits(linear=True, reduces="sum")

PLUGIN = Registry([*builtin(), relabel, shares, blend, total])


def session(build: Callable[[Any], None]) -> Session:
    document = Document(registry=PLUGIN)
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        build(t)
    return Session(document)


def test_probabilities_of_a_new_op_are_found_before_a_loss_that_takes_logits() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[1.0, 2.0, 0.5]])
        passed = t.add("relabel", inputs={"x": t.add("shares", name="p", inputs={"x": x})})
        labels = t.add("constant", name="labels", value=[1], dtype="int64")
        t.add("cross_entropy", name="loss", inputs={"logits": passed, "target": labels})

    texts = [finding.text for finding in diagnose(timeline_of(session(build))) if finding.rule == "softmax twice"]
    assert texts == ["it takes logits and squashes them itself, but p has applied shares already"]


def test_the_terms_of_a_sum_that_a_new_op_makes_are_told() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [1.0, 2.0])
        terms = {"x": t.add("square", name="a", inputs={"x": x}), "y": t.add("sin", name="b", inputs={"x": x})}
        t.add("total", name="loss", inputs={"x": t.add("relabel", inputs={"x": t.add("blend", inputs=terms)})})

    timeline = timeline_of(session(build))
    split = by_term(timeline.run, source_of(timeline, "x"))
    assert split is not None
    parts = {part.name: part.value for part in split.parts}
    assert set(parts) == {"a", "b"}
    np.testing.assert_allclose([parts["a"], parts["b"]], [[2.0, 4.0], 2 * np.cos([1.0, 2.0])])


@pytest.mark.parametrize(("reduction", "summed"), [("total", True), ("mean", False)])
def test_training_knows_of_a_new_op_whether_a_loss_is_a_sum_over_the_batch(reduction: str, summed: bool) -> None:
    def build(t: Any) -> None:
        x = t.add("input", name="x", shape=("N", 3))
        t.add(reduction, name="loss", inputs={"x": t.add("square", inputs={"x": x})})

    graph = session(build).graph
    loss = Source(graph.resolve("loss"), "y")
    sizes = [infer(graph, PLUGIN, Binding("float64", size, "train", 0)) for size in (2, 3)]
    assert sums_over_batch(graph, PLUGIN, loss, sizes) is summed
