"""What a gradient is made of: samples, terms of the loss and paths each add up to the whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_graphs import ROWS, random_timeline
from timelines import EXAMPLES, drawn, example, source_of, value

from gradwire.core.errors import RunError
from gradwire.core.evaluating import Asked, Evaluator, Root
from gradwire.core.graph import Source
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Timeline
from gradwire.core.stepping.splits import Split, by_sample, by_term
from gradwire.core.stepping.ways import by_path

LESSONS = sorted((EXAMPLES[0].parent / "lessons").glob("*.gw"))


def added_up(split: Split) -> Any:
    values = [part.value for part in split.parts if part.value is not None]
    return sum([*values, *([] if split.rest is None else [split.rest])], np.zeros_like(split.whole))


def with_gradient(timeline: Timeline) -> list[Any]:
    return [source for source in timeline.run.tensors if timeline.run.gradient(source) is not None]


def splits_of(timeline: Timeline, source: Any) -> dict[str, Split]:
    """All splits of a gradient that there are."""
    run = timeline.run
    ways: dict[str, Callable[[], Split | None]] = {
        "sample": lambda: by_sample(run, timeline.registry, source, most=2),
        "term": lambda: by_term(run, source),
        "path": lambda: by_path(run, source, most=3),
    }
    found = {}
    for name, split in ways.items():
        try:
            made = split()
        except RunError:
            continue
        assert made is not None
        found[name] = made
    return found


@given(seed=st.integers(0, 10_000))
@pytest.mark.slow
def test_the_parts_of_a_random_graph_add_up_to_the_whole(seed: int) -> None:
    timeline = random_timeline(seed)
    seen = set()
    for source in with_gradient(timeline):
        for name, split in splits_of(timeline, source).items():
            scale = max(1.0, float(np.abs(split.whole).max(initial=0)))
            np.testing.assert_allclose(added_up(split), split.whole, rtol=0, atol=1e-9 * scale)
            seen.add(name)
    assert {"sample", "path"} <= seen


@pytest.mark.parametrize("path", [*EXAMPLES, *LESSONS], ids=lambda path: path.stem)
def test_the_parts_of_an_example_add_up_to_the_whole(path: Path) -> None:
    timeline = example(str(path.relative_to(EXAMPLES[0].parent).with_suffix("")))
    exact = timeline.run.asked.dtype == "float64"
    for source in with_gradient(timeline):
        for split in splits_of(timeline, source).values():
            scale = max(1.0, float(np.abs(split.whole[np.isfinite(split.whole)]).max(initial=0)))
            np.testing.assert_allclose(added_up(split), split.whole, rtol=0, atol=(1e-9 if exact else 1e-5) * scale)


# By sample.

X = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]])
T = np.array([1.0, 0.0, 2.0])
W = np.array([0.5, -0.25])


def regression(penalty: bool = False, reduction: str = "mean") -> Timeline:
    def build(t: Any) -> None:
        x = t.add("input", name="x", shape=("N", 2), value=X.tolist())
        target = t.add("input", name="target", shape=("N",), value=T.tolist())
        w = value(t, "w", W.tolist())
        prediction = t.add("matmul", name="prediction", inputs={"x": x, "w": w})
        loss = t.add("mse", name="fit", reduction=reduction, inputs={"prediction": prediction, "target": target})
        if penalty:
            squares = t.add("sum", name="penalty", inputs={"x": t.add("square", inputs={"x": w})})
            loss = t.add("add", name="loss", inputs={"x": loss, "y": squares})

    return drawn(build)


@pytest.mark.parametrize(("reduction", "share"), [("mean", 1 / 3), ("sum", 1.0)])
def test_a_sample_has_the_gradient_of_its_own_loss(reduction: str, share: float) -> None:
    timeline = regression(reduction=reduction)
    split = by_sample(timeline.run, timeline.registry, source_of(timeline, "w"))
    assert split is not None
    assert [part.name for part in split.parts] == ["sample 0", "sample 1", "sample 2"]
    for i, part in enumerate(split.parts):
        np.testing.assert_allclose(part.value, 2 * (X[i] @ W - T[i]) * X[i] * share, rtol=1e-12)
    assert split.rest is None


def test_the_rest_is_the_other_samples_and_what_comes_beside_the_batch() -> None:
    timeline = regression(penalty=True)
    split = by_sample(timeline.run, timeline.registry, source_of(timeline, "w"), most=1)
    assert split is not None
    others = sum(2 * (X[i] @ W - T[i]) * X[i] / 3 for i in (1, 2))
    assert (len(split.parts), split.number) == (1, 3)
    np.testing.assert_allclose(split.rest, others + 2 * W, rtol=1e-12)


def test_a_sample_that_meets_the_batch_twice_has_its_part_in_every_row() -> None:
    def build(t: Any) -> None:
        x = t.add("input", name="x", shape=("N", 2), value=X.tolist())
        mean = t.add("mean", axis=0, inputs={"x": x})
        centred = t.add("subtract", name="centred", inputs={"x": x, "y": mean})
        t.add("sum", inputs={"x": t.add("square", inputs={"x": centred})})

    timeline = drawn(build)
    split = by_sample(timeline.run, timeline.registry, source_of(timeline, "x"))
    assert split is not None
    deviation = X - X.mean(axis=0)
    for i, part in enumerate(split.parts):
        expected = (np.eye(3)[i][:, None] - 1 / 3) * 2 * deviation[i]
        np.testing.assert_allclose(part.value, expected, rtol=1e-12, atol=1e-12)


def test_samples_that_cannot_be_told_apart_are_refused() -> None:
    def build(t: Any) -> None:
        x = t.add("input", name="x", shape=("N", 2), value=X.tolist())
        flat = t.add("reshape", name="flat", shape=(-1,), inputs={"x": x})
        t.add("sum", name="total", inputs={"x": flat})

    timeline = drawn(build)
    with pytest.raises(RunError) as caught:
        by_sample(timeline.run, timeline.registry, source_of(timeline, "x"))
    told = "the samples cannot be told apart in flat: no axis of it is the batch and nothing else"
    assert str(caught.value) == told


def test_a_graph_without_a_batch_has_no_samples() -> None:
    timeline = example("sin_plus_product")
    with pytest.raises(RunError) as caught:
        by_sample(timeline.run, timeline.registry, source_of(timeline, "x"))
    assert str(caught.value) == (
        "no part of the gradient of x belongs to one sample: no batch ends on its way (the first axis of inputs that "
        "may be of any length is one, as of (N, 2))"
    )


# By term.


def test_each_term_of_a_loss_has_its_gradient() -> None:
    timeline = regression(penalty=True)
    split = by_term(timeline.run, source_of(timeline, "w"))
    assert split is not None
    assert [part.name for part in split.parts] == ["fit", "penalty"]
    np.testing.assert_allclose(split.parts[0].value, 2 * X.T @ (X @ W - T) / 3, rtol=1e-12)
    np.testing.assert_allclose(split.parts[1].value, 2 * W, rtol=1e-12)
    x = by_term(timeline.run, source_of(timeline, "x"))
    assert x is not None
    assert [part.value is None for part in x.parts] == [False, True]  # no path is not a gradient of 0


def test_terms_are_found_below_a_mean_and_through_signs() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [1.0, 2.0])
        a, b, c = (t.add(op, name=op, inputs={"x": x}) for op in ("sin", "square", "exp"))
        inner = t.add("subtract", inputs={"x": b, "y": c})
        t.add("mean", inputs={"x": t.add("add", inputs={"x": a, "y": inner})})

    timeline = drawn(build)
    split = by_term(timeline.run, source_of(timeline, "x"))
    assert split is not None
    x = np.array([1.0, 2.0])
    expected = {"sin": np.cos(x) / 2, "square": x, "−exp": -np.exp(x) / 2}
    assert {part.name for part in split.parts} == set(expected)
    for part in split.parts:
        np.testing.assert_allclose(part.value, expected[part.name], rtol=1e-12)


def test_a_term_that_is_subtracted_has_its_minus() -> None:
    timeline = example("lessons/fork")
    split = by_term(timeline.run, source_of(timeline, "x"))
    assert split is not None
    assert [(part.name, float(part.value)) for part in split.parts] == [("−x", -1.0), ("squared", 6.0)]


@pytest.mark.parametrize("start", [1.0, -1.0])
def test_the_minus_of_a_term_is_against_the_start_of_the_root(start: float) -> None:
    session = Session.open(EXAMPLES[0].parent / "lessons" / "fork.gw")
    y = Root(Source(session.graph.resolve("y"), "y"), start)
    run = Evaluator(session.registry).evaluate(Asked.of(session, y))
    assert run is not None
    split = by_term(run, Source(session.graph.resolve("x"), "y"))
    assert split is not None
    assert [(part.name, float(part.value)) for part in split.parts] == [("−x", -start), ("squared", 6 * start)]


def test_what_is_no_sum_is_not_told_by_terms() -> None:
    timeline = regression()
    with pytest.raises(RunError) as caught:
        by_term(timeline.run, source_of(timeline, "w"))
    told = "the gradient of w is not told by terms: fit is no sum of several that come after it"
    assert str(caught.value) == told


# By path: the property tests above hold for them too; see test_ways.py.


def test_a_split_that_is_no_longer_wanted_stops() -> None:
    timeline = random_timeline(3, steps=30)
    run, source = timeline.run, source_of(timeline, "w")
    asked: list[int] = []

    def later() -> bool:
        asked.append(1)
        return len(asked) > 5

    for split in (
        lambda cancelled: by_sample(run, timeline.registry, source, cancelled=cancelled),
        lambda cancelled: by_term(run, source, cancelled),
        lambda cancelled: by_path(run, source, cancelled=cancelled),
    ):
        asked.clear()
        assert split(later) is None
        assert len(asked) == 6
        assert split(lambda: False) is not None


def test_a_batch_has_as_many_samples_as_it_has_rows() -> None:
    timeline = random_timeline(0)
    split = by_sample(timeline.run, timeline.registry, source_of(timeline, "x"))
    assert split is not None
    assert split.number == ROWS


@pytest.mark.parametrize("data", ["input", "constant"])
def test_samples_are_told_of_data_whose_length_was_written_down(data: str) -> None:
    drawn_numbers = np.random.default_rng(3)
    rows = drawn_numbers.normal(size=(8, 2)).tolist()

    def build(t: Any) -> None:
        x = t.add("input", name="x", shape=(8, 2), value=rows) if data == "input" else t.add("constant", value=rows)
        v = t.add("parameter", name="v", shape=(2, 3), value=drawn_numbers.normal(size=(2, 3)).tolist())
        labels = t.add("input", name="t", shape=(8,), dtype="int64", value=[0, 1, 2, 0, 1, 2, 0, 1])
        h = t.add("tanh", inputs={"x": t.add("matmul", inputs={"x": x, "w": v})})
        loss = t.add("cross_entropy", inputs={"logits": h, "target": labels})
        penalty = t.add("mean", inputs={"x": t.add("square", inputs={"x": v})})
        t.add("add", name="loss", inputs={"x": loss, "y": penalty})

    timeline = drawn(build)
    source = source_of(timeline, "v")
    found = by_sample(timeline.run, builtin(), source)
    assert found is not None
    assert [part.name for part in found.parts] == [f"sample {i}" for i in range(8)]
    assert found.rest is not None  # the penalty
    value = timeline.run.value(source)
    np.testing.assert_allclose(found.rest, 2 * value / value.size, rtol=1e-12)
    np.testing.assert_allclose(sum(part.value for part in found.parts) + found.rest, found.whole, rtol=1e-12)


def drawn_batch(*others: str) -> Timeline:
    """A mean over 8 samples x, with other data that might as well be longer, in the order in which they are named."""
    numbers = np.random.default_rng(3)

    def build(t: Any) -> None:
        made = {"x": lambda: t.add("constant", name="x", value=numbers.normal(size=(8, 1, 5, 5)).tolist())}
        made["kernel"] = lambda: t.add("constant", name="kernel", value=numbers.normal(size=(6, 1, 3, 3)).tolist())
        made["beside"] = lambda: t.add("input", name="beside", shape=("N",), value=[1.0, 2.0, 3.0])
        found = {name: made[name]() for name in others}
        scale = t.add("parameter", name="scale", shape=(), value=1.5)
        h = t.add("multiply", inputs={"x": found["x"], "y": scale})
        if "kernel" in found:
            h = t.add("conv2d", inputs={"x": h, "w": found["kernel"]})
        t.add("mean", name="loss", inputs={"x": t.add("square", inputs={"x": h})})

    return drawn(build)


@pytest.mark.parametrize("others", [("kernel", "x"), ("x", "kernel"), ("beside", "x")])
def test_channels_and_data_beside_are_not_taken_for_samples(others: tuple[str, ...]) -> None:
    timeline = drawn_batch(*others)
    source = source_of(timeline, "scale")
    found = by_sample(timeline.run, builtin(), source)
    assert found is not None
    assert (found.number, found.rest) == (8, None)
    np.testing.assert_allclose(sum(part.value for part in found.parts), found.whole, rtol=1e-12)
    if "kernel" not in others:
        x = timeline.run.value(source_of(timeline, "x"))
        for row, part in zip(x, found.parts, strict=True):
            np.testing.assert_allclose(part.value, 2 * 1.5 * np.sum(row**2) / x.size, rtol=1e-12)


def test_words_of_a_table_are_not_taken_for_samples() -> None:
    def build(t: Any) -> None:
        table = t.add("constant", name="table", value=[[1.0, 2.0], [3.0, -1.0], [0.5, 0.0], [2.0, 2.0], [1.0, 1.0]])
        words = t.add("constant", name="words", value=[0, 1, 4, 2, 1, 1, 0, 3], dtype="int64")
        weight = t.add("parameter", name="w", shape=(2, 1), value=[[1.0], [-1.0]])
        picked = t.add("gather", inputs={"x": table, "indices": words})
        t.add("mean", name="loss", inputs={"x": t.add("matmul", inputs={"x": picked, "w": weight})})

    timeline = drawn(build)
    found = by_sample(timeline.run, builtin(), source_of(timeline, "w"))
    assert found is not None
    assert (found.number, found.rest) == (8, None)
    table, words = (timeline.run.value(source_of(timeline, name)) for name in ("table", "words"))
    for word, part in zip(words, found.parts, strict=True):
        np.testing.assert_allclose(part.value, table[word][:, None] / 8, rtol=1e-12)


def test_features_that_a_product_sums_over_are_not_taken_for_samples() -> None:
    def build(t: Any) -> None:
        x = t.add("input", name="x", shape=(4,), value=[1.0, 2.0, 3.0, 4.0])
        weight = t.add("constant", name="w", value=[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
        y = t.add("matmul", inputs={"x": x, "w": weight})
        t.add("mean", name="loss", inputs={"x": t.add("square", inputs={"x": y})})

    timeline = drawn(build)
    with pytest.raises(RunError, match="no part of the gradient of x belongs to one sample"):
        by_sample(timeline.run, builtin(), source_of(timeline, "x"))
