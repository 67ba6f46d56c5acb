"""What is kept of iterations whose arrays are gone: numbers of each array, over as many iterations as were recorded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from timelines import EXAMPLES

from gradwire.core.evaluating import Asked
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping.branch import RECORDED, PutIn
from gradwire.core.stepping.branching import Branches
from gradwire.core.stepping.recorder import BUDGET, Recorder
from gradwire.core.stepping.summaries import SHARE, Summaries
from gradwire.core.summary import IterationSummary, Summary, length

SPECIAL = st.sampled_from([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-300, -1e300, 1.0])


@given(arrays(np.float64, array_shapes(min_dims=0, max_dims=3, max_side=4), elements=SPECIAL | st.floats(-1e3, 1e3)))
def test_a_summary_is_what_numpy_says_of_the_finite_elements(x: np.ndarray) -> None:
    found = Summary.of(x)
    finite = x[np.isfinite(x)]
    assert found.zeros == pytest.approx(np.count_nonzero(x == 0) / x.size)
    assert found.broken == pytest.approx(1 - finite.size / x.size)
    if not finite.size:
        assert np.isnan([found.low, found.high, found.rms]).all()
        return
    assert (found.low, found.high) == (finite.min(), finite.max())
    largest = np.abs(finite).max() or 1.0
    assert found.rms == pytest.approx(largest * np.sqrt(np.mean((finite / largest) ** 2)), rel=1e-12)


def test_a_summary_of_nothing_of_whole_numbers_and_of_truth_values() -> None:
    assert np.isnan(Summary.of(np.zeros((0, 3))).rms)
    assert Summary.of(np.zeros((0, 3)))[3:] == (0, 0)
    assert Summary.of(np.array([[0, 3], [4, 0]])) == (0, 4, 2.5, 0.5, 0)
    assert Summary.of(np.array([True, False])) == (0, 1, np.sqrt(0.5), 0.5, 0)
    assert Summary.of(np.array([1e30, -1e30], np.float32)).rms == pytest.approx(1e30, rel=1e-6)


def summary(number: int, entries: int = 10) -> IterationSummary:
    values = {("value", Source(f"n{i}", "y")): np.array(float(i)) for i in range(entries)}
    return IterationSummary.of(number, float(number), values)


def test_summaries_share_their_index_and_thin_out_evenly() -> None:
    room = summary(1).table.nbytes * 20
    kept = Summaries(room * SHARE)
    for number in range(1, 101):
        kept.add(summary(number))
    found = kept.merged({100: summary(100)})
    numbers = [each.number for each in found]
    assert numbers == [*range(1, 100, 8), 100]
    assert sum(each.table.nbytes for each in found) <= room
    assert len({id(each.rows) for each in found[:-1]}) == 1
    assert kept.objective(9) == 9
    assert kept.objective(10) is None


def recorder(budget: int = BUDGET) -> Recorder:
    session = Session.open(EXAMPLES[0].parent / "digits_mlp.gw")
    return Recorder(Asked.of(session), session.registry, budget)


def same(a: IterationSummary, b: IterationSummary) -> bool:
    return a.number == b.number and list(a.rows) == list(b.rows) and np.array_equal(a.table, b.table, equal_nan=True)


def test_of_iterations_that_the_budget_drops_the_summaries_stay() -> None:
    whole, small = recorder(), recorder(budget=2_000_000)
    for number in (1, 2, 3, 9, 4):
        whole.iteration(number)
        small.iteration(number)
    assert len(small.shelf.iterations) < 5 <= len(whole.shelf.iterations)
    # Also of those that were only passed by on the way to the ninth.
    assert [each.number for each in small.summaries()] == list(range(1, 10))
    for mine, wanted in zip(small.summaries(), whole.summaries(), strict=True):
        assert same(mine, wanted)
    (parameter,) = (s for kind, s in mine.rows if kind == "update" and s.node == "parameter0")
    iteration = whole.iteration(9)
    assert iteration is not None
    update = iteration.after["parameter0"] - iteration.before["parameter0"]
    assert wanted.find("update", parameter) == Summary.of(update)
    assert wanted.find("gradient", Source("dataset0", "y")) is None


def test_a_long_recording_knows_the_loss_before_and_keeps_it_once() -> None:
    long = recorder(budget=2_000_000)
    losses: dict[int, float] = {}
    for number in [*range(1, 41), 7, 30, 8, 31, 40]:
        found = long.iteration(number)
        assert found is not None
        assert found.timeline.loss_before == losses.get(number - 1)
        losses[number] = found.timeline.loss
    assert len(long.shelf.iterations) < 10
    held = [each for each in vars(long._learning).values() if isinstance(each, dict)]
    assert all(len(each) < 10 for each in held), "a number for each iteration stays beside its summary"


def test_a_branch_has_the_summaries_of_what_it_came_from() -> None:
    branches = Branches(recorder(budget=2_000_000))
    for number in range(1, 6):
        branches.iteration(number)
    value = np.zeros_like(branches.iteration(3).before["parameter0"])  # type: ignore[union-attr]
    fork = RECORDED.forked(PutIn(3, Source("parameter0", "y"), value, "0"))
    branches.iteration(4, branch=fork)
    recorded, forked = branches.summaries(), branches.summaries(fork)
    assert [each.number for each in forked] == [1, 2, 3, 4]
    assert [same(a, b) for a, b in zip(forked, recorded, strict=False)] == [True, True, False, False]


@pytest.mark.parametrize(("dtype", "large"), [("float32", 1e30), ("float64", 1e200)])
def test_a_norm_whose_squares_overflow_is_told(dtype: str, large: float) -> None:
    assert length(np.array([3 * large, -4 * large], dtype)) == pytest.approx(5 * large)
    assert length(np.array([1, np.inf], dtype)) == np.inf
    assert np.isnan(length(np.array([1, np.nan], dtype)))
    assert length(np.zeros((0, 2), dtype)) == 0


@given(arrays(np.float64, array_shapes(min_dims=0, max_dims=3, max_side=4), elements=SPECIAL | st.floats(-1e3, 1e3)))
def test_percentiles_are_of_the_finite_elements_and_in_their_order(x: np.ndarray) -> None:
    source = Source("x", "y")
    found = IterationSummary.of(1, 0.0, {("value", source): x}).spread("value", source)
    finite = np.sort(x[np.isfinite(x)])
    if not finite.size:
        assert np.isnan(found).all()
        return
    assert list(found) == sorted(found)
    for share, each in zip((5, 25, 50, 75, 95), found, strict=True):
        rank = share / 100 * (len(finite) - 1)
        assert finite[max(int(rank) - 1, 0)] <= each <= finite[min(int(rank) + 2, len(finite) - 1)]


def test_percentiles_of_a_large_array_are_those_of_a_sample_that_favours_no_column() -> None:
    columns = np.broadcast_to(np.arange(64.0), (1000, 64))
    source = Source("x", "y")
    found = IterationSummary.of(1, 0.0, {("value", source): columns}).spread("value", source)
    assert found == pytest.approx(np.percentile(columns, (5, 25, 50, 75, 95)), abs=6)
    empty = IterationSummary.of(1, 0.0, {("value", source): np.zeros((0, 3))}).spread("value", source)
    assert np.isnan(empty).all()
