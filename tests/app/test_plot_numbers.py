"""What plots compute: extremes of pixels, smoothing, ticks, dashes, colours, and which column stands in which plot."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from colour_difference import SIGHTS, difference, lab
from hypothesis import given
from hypothesis import strategies as st
from plotting import contrast
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from gradwire.app.look.theme import DARK, LIGHT, Theme
from gradwire.app.plots.data import Column, Curve, Steps
from gradwire.app.plots.extremes import Extremes
from gradwire.app.plots.frame import Frame
from gradwire.app.plots.grouping import charts
from gradwire.app.plots.hues import hues
from gradwire.app.plots.number_axis import log_ticks, round_ticks, spelled
from gradwire.app.plots.smoothing import Smoothed
from gradwire.app.plots.strokes import dashed, pieces
from gradwire.app.plots.track import Track, Window
from gradwire.app.plots.tracks import Tracks

LEAST, PLAIN = 15.0, 25.0  # CIEDE2000 between two series: for every sight, and where all colours are seen
RANDOM = np.random.default_rng(7)


def noisy(size: int) -> np.ndarray:
    values = RANDOM.normal(size=size)
    values[RANDOM.integers(0, size, 40)] = RANDOM.choice([np.nan, np.inf, -np.inf], 40)
    return values


def grown(values: np.ndarray) -> Extremes:
    """As it is told of a run: a little more each time."""
    made = Extremes(lambda start, stop: values[start:stop])
    size = 0
    while size < len(values):
        size = min(size + int(RANDOM.integers(1, 5000)), len(values))
        made.grow(size)
    return made


@pytest.mark.parametrize("size", [1, 63, 64, 65, 4097, 300_001])
@pytest.mark.parametrize("columns", [7, 800])
def test_spans_hold_each_element_once_and_have_its_extremes(size: int, columns: int) -> None:
    values = noisy(size) if size > 100 else RANDOM.normal(size=size)
    for start, stop in ((0, size), (size // 3, size - size // 5)):
        if stop <= start:
            continue
        edges = np.linspace(start, stop, columns + 1).astype(int)
        spans = grown(values).spans(edges)
        assert spans.first[0] == start
        assert spans.last[-1] == stop - 1
        assert (spans.first[1:] == spans.last[:-1] + 1).all()
        for first, last, low, high, positive, broken, flat in zip(*spans, strict=True):
            # At the ends of what is in view whole blocks are told of: half a pixel at most.
            part = values[int(first) : int(last) + 1]
            if first > start and last < stop - 1:
                finite = part[np.isfinite(part)]
                assert (low, high) == (finite.min(initial=np.inf), finite.max(initial=-np.inf))
                assert positive == finite[finite > 0].min(initial=np.inf)
                assert broken == (~np.isfinite(part)).sum()
                assert flat == (finite <= 0).sum()


@pytest.mark.parametrize("place", [0, 1, 63, 64, 499_999, 777_777, 999_999])
def test_a_single_peak_among_a_million_is_drawn(place: int) -> None:
    values = np.zeros(1_000_000)
    values[place] = 1.0
    track = Track(Curve("one", Column(values, Steps(np.arange(1, 1_000_001)))))
    for window in (Window(1, 1_000_000, 800), Window(max(place - 3000, 1), place + 3000, 800)):
        trace = track.trace("iterations", window)
        assert trace.high == 1.0
        assert len(trace.x) <= 2 * window.pixels
        drawn = trace.x[int(np.nanargmax(trace.y))]
        assert abs(drawn - (place + 1)) <= (window.high - window.low) / window.pixels


def test_what_is_not_finite_is_told_and_interrupts_the_line() -> None:
    values = np.array([1.0, np.nan, 3.0, np.inf, 0.0, -2.0, 4.0])
    track = Track(Curve("one", Column(values, Steps(np.arange(1, 8)))))
    trace = track.trace("iterations", Window(1, 7, 100))
    assert trace.broken.tolist() == [2, 4]
    assert (trace.broken_count, trace.flat_count) == (2, 0)
    logarithmic = track.trace("iterations", Window(1, 7, 100, log_y=True))
    assert logarithmic.flat.tolist() == [5, 6]
    assert (logarithmic.low, logarithmic.high) == (1.0, 4.0)
    assert np.isnan(logarithmic.y).tolist() == [False, True, False, True, True, True, False]


def by_definition(values: np.ndarray, factor: float) -> np.ndarray:
    total = weight = 0.0
    found = []
    for value in values:
        total, weight = total * factor, weight * factor
        if np.isfinite(value):
            total, weight = total + (1 - factor) * value, weight + (1 - factor)
        found.append(total / weight if np.isfinite(value) else np.nan)
    return np.array(found)


@pytest.mark.parametrize("factor", [0.5, 0.9, 0.999])
def test_smoothing_is_the_debiased_mean_also_as_a_run_grows(factor: float) -> None:
    values = noisy(3000)
    made = Smoothed(lambda start, stop: values[start:stop], factor)
    for size in (1, 5, 64, 100, 700, 701, 2999, 3000):
        made.grow(size)
        made.read(max(size - 30, 0), size)  # as drawing does in between
    expected = by_definition(values, factor)
    np.testing.assert_allclose(made.read(0, 3000), expected, rtol=1e-9)
    np.testing.assert_allclose(made.read(1234, 1300), expected[1234:1300], rtol=1e-9)
    constant = Smoothed(lambda start, stop: np.full(stop - start, 0.25), factor)
    constant.grow(500)
    np.testing.assert_allclose(constant.read(0, 500), 0.25, rtol=1e-12)


def test_only_what_has_been_added_is_read() -> None:
    class Watched(np.ndarray):
        read = 0

        def __getitem__(self, key: object) -> np.ndarray:
            found = np.asarray(super().__getitem__(key))  # type: ignore[index]
            Watched.read += found.size
            return found

    values = np.arange(200_000.0).view(Watched)
    steps = np.arange(200_001)
    tracks = Tracks()
    tracks.show([Curve("one", Column(values[:199_000].view(Watched), Steps(steps[:199_000])))])
    first = tracks.all["one"]
    Watched.read = 0
    tracks.show([Curve("one", Column(values, Steps(steps[:200_000])))])
    assert tracks.all["one"] is first
    assert first.size == 200_000
    assert Watched.read < 1500
    other = np.arange(200_000.0) + 1
    tracks.show([Curve("one", Column(other, Steps(steps[:200_000])))])  # of another run
    assert tracks.all["one"] is not first


def test_places_of_another_axis_and_of_a_column_being_written() -> None:
    steps = Steps(np.arange(10, 60, 10), epochs=np.arange(1.0, 6.0))
    tracks = Tracks()
    tracks.show([Curve("one", Column(np.zeros(9), steps))])  # its places are written behind its values
    assert tracks.all["one"].size == 5
    assert tracks.extent("epochs", False) == (1.0, 5.0)
    assert tracks.place(30, "epochs") == 3.0
    assert tracks.extent("seconds", False) is None


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [(0, 900, 6, [0, 200, 400, 600, 800]), (-3.7, 3.7, 3, [-2, 0, 2]), (0.1, 0.31, 4, [0.1, 0.2, 0.3])],
)
def test_ticks_are_round_and_more_than_one(low: float, high: float, most: int, expected: list[float]) -> None:
    assert round_ticks(low, high, most) == pytest.approx(expected)


def test_logarithmic_ticks_are_powers_and_parts_of_one_where_there_is_but_one() -> None:
    assert log_ticks(-4.2, 1.1, 8) == [-4, -3, -2, -1, 0, 1]
    assert log_ticks(-9, 3, 4) == [-8, -4, 0]
    assert [round(10**tick, 6) for tick in log_ticks(-1.2, -0.4, 5)] == [0.1, 0.2]
    assert [round(10**tick, 6) for tick in log_ticks(np.log10(0.31), np.log10(0.36), 5)] == [
        0.31,
        0.32,
        0.33,
        0.34,
        0.35,
        0.36,
    ]


@pytest.mark.parametrize(
    ("values", "spacing", "expected"),
    [
        ([0, 5000, 10000], 5000, ["0", "5k", "10k"]),
        ([0, 500_000, 2_500_000], 500_000, ["0", "0.5M", "2.5M"]),
        ([-0.5, 0, 0.5], 0.5, ["−0.5", "0", "0.5"]),
        ([0.0001, 0.0002], 0.0001, ["0.0001", "0.0002"]),
    ],
)
def test_ticks_are_spelled_alike(values: list[float], spacing: float, expected: list[str]) -> None:
    assert spelled(values, spacing) == expected


def test_dashes_lie_on_the_line_and_leave_gaps() -> None:
    x = np.linspace(0, 400, 90)
    y = 50 + 20 * np.sin(x / 30)
    whole = pieces(x, y)
    length = np.hypot(*(whole[:, 2:] - whole[:, :2]).T).sum()
    found = dashed(whole)
    drawn = np.hypot(*(found[:, 2:] - found[:, :2]).T).sum()
    assert drawn / length == pytest.approx(5 / 8, abs=0.02)
    np.testing.assert_allclose(np.interp(found[:, 0], x, y), found[:, 1], atol=1e-6)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_series_are_told_apart(theme: Theme, sight: str) -> None:
    found = hues(6, theme)
    seen = [lab(QColor(name).getRgb()[:3], sight) for name in found]
    assert min(difference(*pair) for pair in combinations(seen, 2)) >= (PLAIN if sight == "normal" else LEAST)


@pytest.mark.parametrize("count", [1, 6, 7, 40])
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_series_stand_out_from_the_background(theme: Theme, count: int) -> None:
    found = hues(count, theme)
    assert len(set(found)) == count
    assert min(contrast(name, theme.background) for name in found) >= 3.0


def test_a_parameter_has_one_look_in_all_plots_also_where_one_begins_to_tell_of_it_late() -> None:
    column = Column(np.arange(1.0, 3.0), Steps(np.arange(2)))
    gradients, ratios = (
        ["w1", "b1", "w2", "b2", "w3", "b3", "w4", "b4"],
        ["w1", "w2", "w3", "w4", "b4", "b3", "b2", "b1"],
    )
    names = [f"gradient_norm/{name}" for name in gradients] + [f"update_ratio/{name}" for name in ratios]
    looks, entries = [], []
    for chart in charts(dict.fromkeys(names, column)):
        tracks = Tracks()
        tracks.show(chart.curves)
        looks.append(tracks.looks(LIGHT))
        entries.append([curve.name for curve in chart.curves])
    assert entries == [gradients, gradients]
    assert looks[0] == looks[1]
    assert len(set(looks[0].values())) == 8, "more curves than hues differ by their strokes"
    assert [bool(look.dashes) for look in looks[0].values()] == [False] * 6 + [True] * 2


def test_columns_are_put_into_plots_by_their_names() -> None:
    column = Column(np.zeros(2), Steps(np.arange(2)))
    names = (
        "learning_rate", "train_loss", "penalty", "gradient_norm", "gradient_norm/linear0.w", "update_ratio/linear0.w",
        "accuracy", "validation_loss", "validation_accuracy", "validation_top_5", "learning_rate/1e-05",
    )  # fmt: skip
    found = charts(dict.fromkeys(names, column))
    assert [(chart.title, chart.page, chart.log_y) for chart in found] == [
        ("loss", "Curves", False),
        ("accuracy", "Curves", False),
        ("gradient norm", "Parameters", True),
        ("top 5", "Curves", False),
        ("update ratio", "Parameters", True),
        ("learning rate", "Curves", False),
    ]
    assert [curve.name for curve in found[0].curves] == ["train", "validation", "penalty"]
    assert [curve.name for curve in found[2].curves] == ["all together", "linear0.w"]
    assert [curve.name for curve in found[5].curves] == ["learning rate", "groups of 1e-05"]
    assert [(curve.pair, curve.validation) for curve in found[1].curves] == [("accuracy", False), ("accuracy", True)]


@given(number=st.floats(), log=st.booleans(), ends=st.tuples(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3)))
def test_one_number_has_its_place_where_an_array_of_it_has(number: float, log: bool, ends: tuple[float, float]) -> None:
    span = ends[0], ends[0] + ends[1]
    frame = Frame(QRectF(10.0, 20.0, 300.0, 150.0), span, span, log, log)
    with np.errstate(invalid="ignore", over="ignore"):
        across, up = float(frame.across(number)), float(frame.up(number))
    np.testing.assert_allclose([frame.place_across(number), frame.place_up(number)], [across, up], rtol=1e-12)
