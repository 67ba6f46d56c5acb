"""Random numbers: known answers, prefixes, ranges, distribution, independence."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradwire.core import random
from gradwire.core.errors import ParameterError, ShapeError

MASK = 2**64 - 1
word = st.integers(0, MASK)


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox 4x64-10 as its paper gives it, in whole numbers: a second opinion on NumPy's."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        high0, low0 = divmod(c0 * 0xD2E7470EE14C6C93, 2**64)
        high1, low1 = divmod(c2 * 0xCA5A826395121157, 2**64)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & MASK, (k1 + 0xBB67AE8584CAA73B) & MASK
    return [c0, c1, c2, c3]


def test_the_second_opinion_gives_the_published_answers():
    """From kat_vectors of Random123, the authors' own library."""
    assert philox([0] * 4, [0] * 2) == [
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    ]
    assert philox([MASK] * 4, [MASK] * 2) == [
        0x87B092C3013FE90B,
        0x438C3C67BE8D0224,
        0x9CC7D7C69CD777B6,
        0xA09CAEBF594F0BA0,
    ]


@given(seed=word, stream=word, iteration=word, micro_batch=word, turn=word)
def test_raw_words_are_philox_blocks_from_one_on(seed, stream, iteration, micro_batch, turn):
    found = random.raw(random.state(seed, iteration, micro_batch, turn), stream, 10)
    expected = [each for block in (1, 2, 3) for each in philox([block, iteration, micro_batch, turn], [seed, stream])]
    assert found.tolist() == expected[:10]


def test_raw_words_are_numpys():
    state = random.state(7, iteration=3, micro_batch=1, turn=2)
    stream = random.stream("dropout0")
    generator = np.random.Philox(key=np.array([7, stream], np.uint64), counter=np.array([0, 3, 1, 2], np.uint64))
    assert np.array_equal(random.raw(state, stream, 1000), generator.random_raw(1000))


def test_streams_are_known_numbers():
    """Were these to change, every saved seed would mean something else."""
    assert random.stream("dropout0") == 0xD3B6E84CEF4A922F
    assert random.stream("\ud800") != random.stream("?")
    assert len({random.stream(f"relu{index}") for index in range(10_000)}) == 10_000


def test_conversions_are_known_numbers():
    state, stream = random.state(0), random.stream("normal0")
    words = random.raw(state, stream, 4).tolist()
    assert random.uniform(state, stream, (4,)).tolist() == [(each >> 11) / 2**53 for each in words]
    assert random.uniform(state, stream, (4,), np.float32).tolist() == [(each >> 40) / 2**24 for each in words]
    expected = []
    for first, second in zip(words[::2], words[1::2], strict=True):
        radius = math.sqrt(-2 * math.log(((first >> 11) + 1) / 2**53))
        angle = 2 * math.pi * (second >> 11) / 2**53
        expected += [radius * math.cos(angle), radius * math.sin(angle)]
    assert random.normal(state, stream, (4,)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_extreme_words_stay_in_range(monkeypatch, dtype):
    extremes = np.array([0, MASK, 0, 0, MASK, MASK], np.uint64)
    monkeypatch.setattr(random, "raw", lambda state, stream, count: extremes[:count].copy())
    uniform = random.uniform(random.state(0), 0, (6,), dtype)
    assert uniform.min() == 0
    assert uniform.max() < 1
    normal = random.normal(random.state(0), 0, (6,), dtype)
    assert np.isfinite(normal).all()
    assert np.abs(normal).max() < 8.58


@pytest.mark.parametrize("draw", [random.uniform, random.normal])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_shorter_draws_are_prefixes(draw, dtype):
    state, stream = random.state(11, iteration=5), random.stream("x")
    long = draw(state, stream, (300,), dtype)
    assert long.dtype == dtype
    for count in range(300):
        assert np.array_equal(draw(state, stream, (count,), dtype), long[:count])
    assert np.array_equal(draw(state, stream, (10, 5, 6), dtype).ravel(), long)
    assert draw(state, stream, (), dtype).shape == ()


def test_distributions():
    state, stream, count = random.state(1), random.stream("x"), 200_000
    uniform = random.uniform(state, stream, (count,), np.float32).astype(np.float64)
    assert uniform.mean() == pytest.approx(0.5, abs=4 / math.sqrt(12 * count))
    assert uniform.var() == pytest.approx(1 / 12, abs=1e-3)
    assert np.histogram(uniform, 10, (0, 1))[0] == pytest.approx(count / 10, rel=0.03)
    normal = random.normal(state, stream, (count,))
    assert normal.mean() == pytest.approx(0, abs=4 / math.sqrt(count))
    assert normal.var() == pytest.approx(1, abs=0.02)
    assert (normal**3).mean() == pytest.approx(0, abs=0.04)
    assert (normal**4).mean() == pytest.approx(3, abs=0.1)
    assert (np.abs(normal) < 1.96).mean() == pytest.approx(0.95, abs=0.003)
    # The two halves of a pair share a radius, and must be independent all the same.
    assert abs(np.corrcoef(normal[::2], normal[1::2])[0, 1]) < 0.015
    assert abs(np.corrcoef(normal[::2] ** 2, normal[1::2] ** 2)[0, 1]) < 0.015


def test_whatever_names_a_draw_changes_it_all():
    one = random.uniform(random.state(0), random.stream("dropout0"), (20_000,))
    others = [
        random.uniform(random.state(0), random.stream("dropout1"), (20_000,)),
        random.uniform(random.state(1), random.stream("dropout0"), (20_000,)),
        random.uniform(random.state(0, iteration=1), random.stream("dropout0"), (20_000,)),
        random.uniform(random.state(0, micro_batch=1), random.stream("dropout0"), (20_000,)),
        random.uniform(random.state(0, turn=1), random.stream("dropout0"), (20_000,)),
    ]
    for other in others:
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.04
        assert not np.isin(other, one).any()


def test_a_draw_leaves_its_state_and_numpys_alone():
    state = random.state(3)
    np.random.seed(0)
    before = np.random.get_state()[1].tolist()
    first = random.normal(state, 1, (5,))
    assert np.array_equal(random.normal(state, 1, (5,)), first)
    assert state.tolist() == [3, 0, 0, 0]
    assert np.random.get_state()[1].tolist() == before


@given(seed=word, epoch=st.integers(0, 1000), count=st.integers(0, 200))
def test_permutation_holds_each_row_once(seed, epoch, count):
    order = random.permutation(seed, epoch, count)
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(count))
    assert np.array_equal(order, random.permutation(seed, epoch, count))


def test_permutations_differ_by_seed_epoch_and_purpose():
    orders = [
        random.permutation(0, 0, 100),
        random.permutation(1, 0, 100),
        random.permutation(0, 1, 100),
        random.permutation(0, 0, 100, purpose="split"),
    ]
    assert len({tuple(order.tolist()) for order in orders}) == 4
    words = random.raw(random.state(0, iteration=1), random.stream(":shuffle"), 100)
    assert orders[2].tolist() == sorted(range(100), key=words.tolist().__getitem__)


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "0"])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(ParameterError) as refusal:
        random.state(seed)
    assert str(refusal.value) == (f"seed must be a whole number from 0 to 2**64 - 1; found {seed!r} (seed: 0)")


def test_bad_iteration_state_and_dtype_are_refused():
    with pytest.raises(ParameterError) as refusal:
        random.state(0, iteration=-1)
    assert str(refusal.value) == ("iteration must be a whole number from 0 to 2**64 - 1; found -1 (iteration: 0)")
    with pytest.raises(ShapeError) as misfit:
        random.raw(np.zeros(4), 0, 1)
    assert str(misfit.value) == (
        "a random state must be uint64 of shape (4,); found float64 of shape (4,) (random.state(seed, iteration))"
    )
    with pytest.raises(ParameterError) as wrong:
        random.uniform(random.state(0), 0, (2,), np.int64)
    assert str(wrong.value) == 'random numbers are float16, float32 or float64; found int64 (dtype: "float32")'
