"""What ops say of shapes on the way back: which ones do, and whether it is so."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from image_ops import IMAGES
from linear_ops import LINEAR, ORDERED, SOLVED, by_units
from loss_ops import CURVED
from over import over
from timelines import EXAMPLES, drawn, example, value

from gradwire.core.op import Aval, Draw, Op, Sample, promote
from gradwire.core.ops import builtin
from gradwire.core.ops.shapes import sum_to
from gradwire.core.random import state
from gradwire.core.stepping import Step
from gradwire.core.stepping.adjoints import adjoint_text, broadcast_text, copied_axes, why_shape

OPS = {found.name: found for found in builtin()}
# Ops that work element by element and choose, so that not every element of the gradient comes through.
CHOOSING = {"where", "maximum", "minimum", "relu", "relu6"}
LESSONS = sorted((EXAMPLES[0].parent / "lessons").glob("*.gw"))


def arguments(sample: Sample) -> list[Any]:
    numbers = np.random.default_rng(0)
    made = []
    for i, arg in enumerate(sample.args):
        if isinstance(arg, Draw):
            drawn = numbers.integers(0, 2 if arg.kind == "bool" else arg.high, arg.shape)
            made.append(np.asarray(drawn).astype("bool" if arg.kind == "bool" else "int64"))
        else:
            made.append(arg if isinstance(arg, np.ndarray) else np.asarray(numbers.uniform(0.1, 0.9, arg)))
            made[-1] += sample.domain_of(i) == "above 1"
            if sample.domain_of(i) == "regular":
                made[-1] += 3 * np.eye(arg[-1])
            if "probabilities" in sample.domain_of(i) and made[-1].ndim > 1:
                made[-1] /= made[-1].sum(axis=-1, keepdims=True)
            if sample.domain_of(i) == "log probabilities":
                made[-1] = np.log(made[-1])
    return made


class Case:
    """An op on one of its samples, with a random gradient for its result and what its rule makes of that."""

    def __init__(self, found: Op, sample: Sample) -> None:
        self.op = found
        self.params = found.check_parameters(sample.params)
        self.args = list(promote(found, tuple(arguments(sample))))
        result = found.forward(np, *self.args, **self.params)
        self.results = (result,) if found.single else tuple(result)
        self.g = np.asarray(np.random.default_rng(1).normal(size=self.results[0].shape))
        # As the walk has it: zeros for a visible output that nothing used, None for a hidden one.
        seen = [i in found.visible and y.dtype.kind == "f" for i, y in enumerate(self.results)][1:]
        others = (np.zeros_like(y) if used else None for y, used in zip(self.results[1:], seen, strict=True))
        given = self.g if found.single else (self.g, *others)
        entries = found.vjp_rule(given, result, *self.args, **self.params)
        self.entries = [entry() if callable(entry) else entry for entry in entries][: len(self.args)]

    def text(self, position: int) -> str | None:
        avals = [Aval(arg.shape, arg.dtype) for arg in self.args]
        results = [Aval(np.shape(y), np.asarray(y).dtype) for y in self.results]
        return adjoint_text(self.op, position, results, avals, self.params)


CASES = [
    pytest.param(found, sample, id=f"{found.name}-{i}")
    for found in builtin()
    if found.adjoint
    for i, sample in enumerate(found.samples)
]


def test_every_op_that_moves_shares_out_or_chooses_elements_says_so() -> None:
    moving = {name for name, found in OPS.items() if found.vjp_rule is not None and found.expr is None}
    assert {name for name, found in OPS.items() if found.adjoint} == moving | CHOOSING


@over(CASES)
def test_each_port_that_gets_a_gradient_has_a_sentence_with_shapes(found: Op, sample: Sample) -> None:
    case = Case(found, sample)
    for position, entry in enumerate(case.entries):
        text = case.text(position)
        assert (text is not None) == (entry is not None and case.args[position].dtype.kind == "f")
        if text is not None:
            assert "\n" not in text
            assert not set("{}") & set(text)
            shapes = {str(case.args[position].shape), str(case.g.shape)}
            assert found.name == "accumulate" or any(shape in text for shape in shapes)


def product(case: Case, position: int) -> Any:
    """The rule of matrices, for vectors as matrices of one row or one column."""
    x, w = case.args
    rows, matrix = np.atleast_2d(x), w if w.ndim > 1 else w[:, None]
    g = case.g if w.ndim > 1 else case.g[..., None]
    g = g if x.ndim > 1 else g[..., None, :]
    made = (g @ np.swapaxes(matrix, -1, -2), np.swapaxes(rows, -1, -2) @ g)[position]
    return sum_to(made, (rows, matrix)[position].shape).reshape(case.args[position].shape)


def axes(case: Case) -> Any:
    axis = case.params["axis"]
    return tuple(range(case.args[0].ndim)) if axis is None else axis


def spread(case: Case, g: Any = None) -> Any:
    kept = np.sum(case.args[0], axis=axes(case), keepdims=True).shape
    return np.broadcast_to((case.g if g is None else g).reshape(kept), case.args[0].shape)


def count(case: Case) -> float:
    return case.args[0].size / case.g.size


def distances(case: Case) -> Any:
    return case.args[0] - np.mean(case.args[0], axis=axes(case), keepdims=True)


def norm_share(case: Case) -> Any:
    return np.abs(case.args[0]) / spread(case, case.results[0])


def others(case: Case) -> Any:
    """For each element the product over the reduced axes with that element left out, one by one."""
    x, made = case.args[0], np.empty(case.args[0].shape)
    for index in np.ndindex(x.shape):
        without = x.copy()
        without[index] = 1.0
        made[index] = spread(case, np.prod(without, axis=axes(case)))[index]
    return made


def running(case: Case, slope: Callable[[Any, int, int], float]) -> Any:
    """The gradient of what runs along an axis, by the slope of its element k for the element i, one by one."""
    x, g, axis = case.args[0], case.g, case.params["axis"]
    if axis is None:
        x, axis = x.reshape(-1), 0
    x, g = np.moveaxis(x, axis, 0), np.moveaxis(g, axis, 0)
    made = np.zeros(x.shape)
    for place in np.ndindex(x.shape[1:]):
        line = (slice(None), *place)
        for i, k in zip(*np.triu_indices(len(x)), strict=True):
            made[(i, *place)] += slope(x[line], i, k) * g[(k, *place)]
    return np.moveaxis(made, 0, axis).reshape(case.args[0].shape)


def beside(case: Case, own: Any, facing: Any) -> Any:
    """What of a direction stands at a right angle to another, divided by its length."""
    axis, (one, other) = case.params["axis"], np.broadcast_arrays(own, facing)
    lengths = [np.sqrt(np.sum(v * v, axis=axis, keepdims=True)) for v in (one, other)]
    unit, aim = one / lengths[0], other / lengths[1]
    right = aim - np.sum(unit * aim, axis=axis, keepdims=True) * unit
    return sum_to(np.expand_dims(case.g, axis) * right / lengths[0], own.shape)


def mask(case: Case, chosen: Any) -> Any:
    return np.where(chosen, case.g, 0.0)


def cut(case: Case, shape: Any) -> tuple[Any, ...]:
    p = case.params
    index = [slice(None)] * len(shape)
    index[p["axis"]] = slice(p["start"], p["stop"], p["step"])
    return tuple(index)


def placed(case: Case) -> Any:
    made = np.zeros(case.args[0].shape)
    made[cut(case, made.shape)] = case.g
    return made


def gathered(case: Case) -> Any:
    """The gradient of each part that was picked, added where it came from, one by one."""
    axis, indices = case.params["axis"], case.args[1]
    x = case.args[0]
    made = np.moveaxis(np.zeros(x.shape), axis, 0)
    place = axis % x.ndim
    g = np.moveaxis(case.g, range(place, place + indices.ndim), range(indices.ndim))
    for where in np.ndindex(indices.shape):
        made[indices[where]] += g[where]
    return np.moveaxis(made, 0, axis)


def mean_of(case: Case, own: int = 1) -> float:
    shape = case.args[0].shape
    return math.prod(shape[: len(shape) - own]) if case.params["reduction"] == "mean" else 1


def softmax(x: Any, axis: int = -1) -> Any:
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def pieces(case: Case, position: int) -> Any:
    axis = case.params["axis"]
    ends = np.cumsum([x.shape[axis] for x in case.args])[:-1]
    return np.split(case.g, ends, axis=axis)[position]


def moved_back(case: Case, by: Any) -> Any:
    """The gradient of each image, pixel by pixel where it came from."""
    made = np.zeros(case.g.shape)
    for n, i, j in np.ndindex(len(made), *made.shape[-2:]):
        row, column = i + by[n, 0], j + by[n, 1]
        if 0 <= row < made.shape[-2] and 0 <= column < made.shape[-1]:
            made[n, ..., i, j] = case.g[n, ..., row, column]
    return made


# What the sentences say, as a reader who knows NumPy would write it.
SAID: dict[str, Callable[[Case, int], Any]] = {
    "by_mode": lambda c, i: c.g,
    "cast": lambda c, i: c.g.astype(c.args[0].dtype),
    "reshape": lambda c, i: c.g.reshape(c.args[0].shape),
    "flatten": lambda c, i: c.g.reshape(c.args[0].shape),
    "transpose": lambda c, i: (
        np.swapaxes(c.g, -1, -2) if c.params["axes"] is None else np.transpose(c.g, np.argsort(c.params["axes"]))
    ),
    "broadcast_to": lambda c, i: sum_to(c.g, c.args[0].shape),
    "sum_to": lambda c, i: np.broadcast_to(c.g, c.args[0].shape),
    "where": lambda c, i: sum_to(mask(c, c.args[0] if i == 1 else ~c.args[0]), c.args[i].shape),
    "maximum": lambda c, i: sum_to(mask(c, c.args[i] > c.args[1 - i]), c.args[i].shape),
    "minimum": lambda c, i: sum_to(mask(c, c.args[i] < c.args[1 - i]), c.args[i].shape),
    "accumulate": lambda c, i: c.g,
    "nan_to_num": lambda c, i: mask(c, np.isfinite(c.args[0])),
    "cosine_similarity": lambda c, i: beside(c, c.args[i], c.args[1 - i]),
    "clip": lambda c, i: mask(c, c.results[0] == c.args[0]),
    "relu": lambda c, i: mask(c, c.args[0] > 0),
    "leaky_relu": lambda c, i: np.where(c.args[0] > 0, c.g, c.params["slope"] * c.g),
    "sum": lambda c, i: spread(c),
    "mean": lambda c, i: spread(c) / (c.args[0].size / c.g.size),
    "nanmean": lambda c, i: np.where(
        np.isnan(c.args[0]),
        0,
        spread(c) / np.maximum(np.sum(~np.isnan(c.args[0]), axis=c.params["axis"], keepdims=True), 1),
    ),
    "max": lambda c, i: np.where(c.args[0] == c.args[0].max(axis=axes(c), keepdims=True), spread(c), 0.0),
    "min": lambda c, i: np.where(c.args[0] == c.args[0].min(axis=axes(c), keepdims=True), spread(c), 0.0),
    "prod": lambda c, i: spread(c) * others(c),
    "var": lambda c, i: spread(c) * 2 * distances(c) / (count(c) - c.params["ddof"]),
    "std": lambda c, i: spread(c) * distances(c) / spread(c, c.results[0]) / (count(c) - c.params["ddof"]),
    "norm": lambda c, i: spread(c) * np.sign(c.args[0]) * norm_share(c) ** (c.params["ord"] - 1),
    "cumsum": lambda c, i: running(c, lambda x, i, k: 1.0),
    "cumprod": lambda c, i: running(c, lambda x, i, k: np.prod(np.delete(x[: k + 1], i))),
    "round": lambda c, i: np.zeros(c.args[0].shape),
    "logsumexp": lambda c, i: spread(c) * softmax(c.args[0], axes(c)),
    "softmax": lambda c, i: c.results[0] * (c.g - np.sum(c.g * c.results[0], axis=c.params["axis"], keepdims=True)),
    "log_softmax": lambda c, i: (
        c.g - softmax(c.args[0], c.params["axis"]) * np.sum(c.g, axis=c.params["axis"], keepdims=True)
    ),
    "concat": pieces,
    "slice": lambda c, i: placed(c),
    "place": lambda c, i: c.g[cut(c, c.g.shape)],
    "gather": lambda c, i: gathered(c),
    "scatter_add": lambda c, i: np.take(c.g, c.args[1], axis=c.params["axis"]),
    "matmul": product,
    "mse": lambda c, i: c.g * 2 * (c.args[i] - c.args[1 - i]) / mean_of(c, 0),
    "identity": lambda c, i: c.g,
    "print": lambda c, i: c.g,
    "assign": lambda c, i: c.g,
    "dropout": lambda c, i: c.g * c.results[1],
    "cutout": lambda c, i: c.g * c.results[1],
    "gaussian_noise": lambda c, i: c.g,
    "random_flip": lambda c, i: np.where(
        c.results[1], np.flip(c.g, c.params["axis"]) if c.results[1].ndim else c.g, c.g
    ),
    "shift": lambda c, i: moved_back(c, c.args[1]),
    "random_shift": lambda c, i: moved_back(c, c.results[1]) if c.results[1].ndim else c.g,
    **{name: lambda c, i, f=f: by_units(f, c.g, c.args, c.params, i) for name, f in LINEAR.items()},
    **IMAGES,
    **SOLVED,
    **ORDERED,
    **CURVED,
}


def test_what_each_op_says_is_held_against_numpy() -> None:
    assert set(SAID) == {name for name, found in OPS.items() if found.adjoint}


@over(CASES)
def test_what_an_op_says_is_what_its_rule_does(found: Op, sample: Sample) -> None:
    case = Case(found, sample)
    for position, entry in enumerate(case.entries):
        if entry is not None:
            np.testing.assert_allclose(entry, SAID[found.name](case, position), rtol=1e-9, atol=1e-12)


SENTENCES = {
    ("sum", "axis 0"): "x (4, 3) was added up over axis 0 to (3,), so the gradient is copied along axis 0 to (4, 3)",
    ("mean", "all"): "y () is the mean of x (4, 3) over all axes, so the gradient is copied along all axes to (4, 3) "
    "and divided by 12",
    ("matmul", "matrices"): "dx = g · wᵀ: (4, 3) · (3, 2) = (4, 2); each element went into 3 of y, one for each column "
    "of w, and sums what they send back",
    ("matmul", "batches"): "dx = g · wᵀ: (5, 7, 4, 3) · (7, 3, 2) = (5, 7, 4, 2), summed to (5, 1, 4, 2) over the axes "
    "that were copied; each element went into 21 of y, and sums what they send back",
    (
        "matmul",
        "a vector",
    ): "dx = g · wᵀ: (1, 3) · (3, 2) = (1, 2), as (2,); each element went into 3 of y, one for "
    "each column of w, and sums what they send back",
    ("matmul", "one column"): "dx = g · wᵀ: (4, 1) · (1, 2) = (4, 2)",
    ("concat", "two"): "xs0 (2, 3) is a piece of (6, 3) along axis 0, so its gradient is that piece of the gradient "
    "(6, 3)",
    ("reshape", ""): "x (2, 6) stands in the same order as (3, 4), so the gradient is laid out as (2, 6) again",
    (
        "nll",
        "mean",
    ): "−g at the label of each row and 0 elsewhere, (4, 3), divided by 4: y is the mean of so many losses",
}
SHAPES = {
    ("sum", "axis 0"): Sample(((4, 3),), {"axis": 0}),
    ("mean", "all"): Sample(((4, 3),)),
    ("matmul", "matrices"): Sample(((4, 2), (2, 3))),
    ("matmul", "batches"): Sample(((5, 1, 4, 2), (7, 2, 3))),
    ("matmul", "a vector"): Sample(((2,), (2, 3))),
    ("matmul", "one column"): Sample(((4, 2), (2, 1))),
    ("concat", "two"): Sample(((2, 3), (4, 3))),
    ("reshape", ""): Sample(((2, 6),), {"shape": (3, 4)}),
    ("nll", "mean"): Sample(((4, 3), Draw("integers", (4,), 3))),
}


@pytest.mark.parametrize("case", SENTENCES, ids=" ".join)
def test_sentences_have_the_shapes_put_in(case: tuple[str, str]) -> None:
    assert Case(OPS[case[0]], SHAPES[case]).text(0) == SENTENCES[case]


def test_the_other_factor_of_a_product_is_told_with_its_shapes() -> None:
    terms = "; each element went into 4 of y, one for each row of x, and sums what they send back"
    assert Case(OPS["matmul"], Sample(((4, 2), (2, 3)))).text(1) == f"dw = xᵀ · g: (2, 4) · (4, 3) = (2, 3){terms}"
    batch = f"dw = xᵀ · g over all rows: (3, 4) · (4, 5) = (3, 5){terms}"
    assert Case(OPS["matmul"], Sample(((2, 2, 3), (3, 5)))).text(1) == batch


# Broadcasting.


def test_a_broadcast_argument_is_told_why_there_is_a_sum() -> None:
    def build(t: Any) -> None:
        x, b = value(t, "x", np.ones((4, 3)).tolist()), value(t, "b", [1.0, 2.0, 3.0])
        t.add("sum", inputs={"x": t.add("add", name="added", inputs={"x": x, "y": b})})

    timeline = drawn(build)
    told = {d.port: why_shape(timeline.run, d) for step in timeline.steps for d in step.deliveries if d.node == "add0"}
    assert told == {
        "x": (),
        "y": ("b (3,) was copied along axis 0 to (4, 3), so its gradient is the sum over axis 0",),
    }


def test_an_op_that_chooses_and_broadcasts_tells_both() -> None:
    def build(t: Any) -> None:
        x, floor = value(t, "x", [[1.0, -2.0], [3.0, 4.0]]), value(t, "floor", 0.0)
        t.add("sum", inputs={"x": t.add("maximum", name="held", inputs={"x": x, "y": floor})})

    timeline = drawn(build)
    (delivery,) = (d for step in timeline.steps for d in step.deliveries if d.port == "y")
    assert why_shape(timeline.run, delivery) == (
        "the gradient (2, 2) goes to the greater of x and y, half of it to each at a tie",
        "floor () was copied along axes 0 and 1 to (2, 2), so its gradient is the sum over axes 0 and 1",
    )


@given(shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3))
def test_the_sum_over_the_copied_axes_is_the_gradient_of_a_broadcast(shapes: Any) -> None:
    g = np.random.default_rng(0).normal(size=shapes.result_shape)
    for shape in shapes.input_shapes:
        summed = np.sum(g, axis=copied_axes(shape, shapes.result_shape)).reshape(shape)
        np.testing.assert_allclose(summed, sum_to(g, shape), rtol=1e-12, atol=1e-12)
        assert str(shape) in broadcast_text("b", shape, shapes.result_shape)


@pytest.mark.parametrize("path", [*EXAMPLES, *LESSONS], ids=lambda path: path.stem)
def test_wherever_a_gradient_changes_its_shape_a_sentence_says_why(path: Path) -> None:
    timeline = example(str(path.relative_to(EXAMPLES[0].parent).with_suffix("")))
    for step in timeline.steps:
        for delivery in step.deliveries:
            told = why_shape(timeline.run, delivery)
            if np.shape(delivery.record.result) != delivery.value.shape:
                assert told
                assert str(delivery.value.shape) in " ".join(told)
            if Step.sums(delivery):
                assert "so its gradient is the sum over" in told[-1]


def test_dropout_says_the_same_where_nothing_is_dropped() -> None:
    case = Case(OPS["dropout"], Sample(((3, 4), state(0)), {"rate": 0.0}))
    np.testing.assert_array_equal(case.entries[0], case.g)
    assert case.text(0) == "x was multiplied by the mask, so the gradient (3, 4) is too: it is 0 where x was dropped"
