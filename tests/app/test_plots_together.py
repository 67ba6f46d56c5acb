"""Plots of several runs: one colour for a run in all plots, and groups as a mean between least and greatest."""

from __future__ import annotations

import numpy as np
import pytest
from plotting import pixels, steps
from pytestqt.qtbot import QtBot

from gradwire.app.look.theme import DARK
from gradwire.app.plots.compared import ComparedPlots
from gradwire.app.plots.data import Column, Steps
from gradwire.app.plots.together import Together, Told, grouped, side_by_side


def told(label: str, **columns: list[float]) -> Told:
    return Told(label, {name: Column(np.array(values), steps(len(values))) for name, values in columns.items()})


def plot(plots: list[Together], title: str) -> Together:
    (found,) = [each for each in plots if each.title == title]
    return found


def test_a_run_without_a_metric_keeps_its_colour_elsewhere(qtbot: QtBot) -> None:
    runs = [told("a", loss=[3, 2]), told("b", loss=[3, 1], validation_accuracy=[0.5, 0.9])]
    shown = ComparedPlots(DARK)
    qtbot.addWidget(shown)
    shown.show_plots(side_by_side(runs))
    assert list(shown.plots) == ["loss", "accuracy"]
    colours = [each.tracks.colours(DARK) for each in shown.plots.values()]
    assert colours[0]["b"] == colours[1]["b, validation"]
    assert [name for name, track in shown.plots["accuracy"].tracks.all.items() if track.size] == ["b, validation"]


def test_a_group_is_its_mean_between_least_and_greatest_of_those_that_go_so_far() -> None:
    runs = [told("a", loss=[4.0, 2.0, 1.0]), told("b", loss=[2.0, 1.0]), told("c", loss=[6.0, 3.0])]
    found = plot(grouped({"lr 1 (2)": runs[:2], "lr 2 (1)": runs[2:]}), "loss")
    first, second = found.curves
    assert (first.name, second.name) == ("lr 1 (2)", "lr 2 (1)")
    assert first.column.values.tolist() == [3.0, 1.5, 1.0]
    low, high = found.bands["lr 1 (2)"]
    assert (low.column.values.tolist(), high.column.values.tolist()) == ([2.0, 1.0, 1.0], [4.0, 2.0, 1.0])
    assert first.column.at.iterations.tolist() == [1, 2, 3]


def test_what_is_not_finite_in_one_run_is_not_hidden_by_the_others() -> None:
    runs = [told("a", loss=[1.0, float("nan"), 1.0]), told("b", loss=[3.0, 3.0, 3.0])]
    (curve,) = plot(grouped({"all (2)": runs}), "loss").curves
    np.testing.assert_array_equal(curve.column.values, [2.0, np.nan, 2.0])


def test_runs_of_other_batches_lie_at_the_mean_of_their_places() -> None:
    short = Told("a", {"loss": Column(np.array([1.0, 2.0]), Steps(np.array([10, 20])))})
    long = Told("b", {"loss": Column(np.array([1.0, 2.0, 3.0]), Steps(np.array([20, 40, 41])))})
    (curve,) = plot(grouped({"g": [short, long]}), "loss").curves
    assert curve.column.at.iterations.tolist() == [15, 30, 41]
    assert curve.column.at.epochs is None


def test_a_band_is_drawn_and_lies_in_view(qtbot: QtBot) -> None:
    runs = [told("a", loss=[1.0] * 30), told("b", loss=[9.0] * 30)]
    shown = ComparedPlots(DARK)
    qtbot.addWidget(shown)
    shown.resize(420, 300)
    shown.show()
    qtbot.waitExposed(shown)
    shown.show_plots(grouped({"both (2)": runs}))
    made = shown.plots["loss"]
    low, high = made.field.frame.y
    assert low <= 1.0
    assert high >= 9.0
    colour = made.tracks.colours(DARK)["both (2)"]
    before = len(pixels(made.field, _mixed(colour), near=6))
    made.show_curve("both (2)", False)
    assert before > 5_000  # most of the plot lies between the two
    assert len(pixels(made.field, _mixed(colour), near=6)) < 100


def _mixed(colour: str) -> str:
    """A colour as a band has it, on the background."""
    from PySide6.QtGui import QColor

    from gradwire.app.plots.bands import OPACITY

    front, back, share = QColor(colour), QColor(DARK.background), OPACITY / 255
    parts = zip((front.red(), front.green(), front.blue()), (back.red(), back.green(), back.blue()), strict=True)
    return "#" + "".join(f"{round(one * share + other * (1 - share)):02x}" for one, other in parts)


@pytest.mark.parametrize("runs", [2, 4])
def test_curves_that_go_on_are_the_same_tracks(qtbot: QtBot, runs: int) -> None:
    shown = ComparedPlots(DARK)
    qtbot.addWidget(shown)
    shown.show_plots(side_by_side([told(str(i), loss=[3.0, 2.0]) for i in range(runs)]))
    before = dict(shown.plots["loss"].tracks.all)
    shown.show_plots(side_by_side([told(str(i), loss=[3.0, 2.0, 1.0]) for i in range(runs)]))
    assert shown.plots["loss"].tracks.all == before
    assert all(track.size == 3 for track in before.values())
