"""Curves are read, zoomed and hidden with mouse and keys, and nothing of a run is lost from sight."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from plotting import curve, inside, pixels, place
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.plots import drawing, regions
from gradwire.app.plots.curve_plot import CurvePlot
from gradwire.app.plots.data import Column, Curve, Mark, Reference, Region, Steps
from gradwire.app.plots.drawing import write
from gradwire.app.plots.hues import hues

BLUE, ORANGE = hues(2, DARK)
Show = Callable[..., CurvePlot]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    """A plot of these curves, as large as in a dock."""

    def shown(*curves: Curve, width: int = 500, **more: object) -> CurvePlot:
        plot = CurvePlot(DARK, "loss")
        plot.resize(width, 300)
        plot.show_curves(curves, **more)  # type: ignore[arg-type]
        qtbot.addWidget(plot)
        plot.show()
        qtbot.waitExposed(plot)
        QTest.mouseMove(plot, QPoint(2, 2))
        return plot

    return shown


def seen(plot: CurvePlot) -> tuple[float, float]:
    """Which iterations are in view."""
    return plot.field.frame.limits


def wheel(plot: CurvePlot, at: QPoint, turns: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    port = plot.field.viewport()
    event = QWheelEvent(
        QPointF(at), QPointF(port.mapToGlobal(at)), QPoint(), QPoint(0, 120 * turns),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


def drag(
    plot: CurvePlot, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    port = plot.field.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, keys, start)
    for share in (0.3, 0.6, 1.0):
        at = QPointF(start + (end - start) * share)
        kind, none, held = QEvent.Type.MouseMove, Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
        QApplication.sendEvent(port, QMouseEvent(kind, at, QPointF(port.mapToGlobal(at)), none, held, keys))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, keys, end)


def double_click(plot: CurvePlot, at: QPoint) -> None:
    port = plot.field.viewport()
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(port, Qt.MouseButton.LeftButton, pos=at)  # which is the second press alone
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at)


def test_it_follows_what_is_told_until_somebody_zooms_in_and_again_after_a_double_click(show: Show) -> None:
    values = np.linspace(2, 1, 200)
    plot = show(curve("train", values[:100]))
    assert seen(plot) == (1, 100)
    plot.show_curves([curve("train", values)])
    assert seen(plot) == (1, 200)
    middle = place(plot.field, 100, 1.5)
    wheel(plot, middle, 3)
    low, high = seen(plot)
    assert 1 < low < 100 < high < 200
    plot.show_curves([curve("train", np.linspace(2, 0, 400))])
    assert seen(plot) == (low, high)
    double_click(plot, middle)
    assert seen(plot) == (1, 400)


def test_a_wheel_goes_no_farther_than_what_there_is(show: Show) -> None:
    plot = show(curve("train", np.linspace(2, 1, 200)))
    middle = place(plot.field, 60, 1.5)
    for keys in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier):
        for _ in range(40):
            wheel(plot, middle, -1, keys)
    assert seen(plot) == (1, 200)
    low, high = plot.field.frame.y
    assert -1 < low < 1 < 2 < high < 4, "a height of its own above and beneath"
    wheel(plot, middle, 3)
    drag(plot, middle, middle + QPoint(-5000, 0), Qt.KeyboardModifier.ShiftModifier)
    assert 200 < seen(plot)[1] < 215, "a little room at its end"


def test_the_height_follows_what_is_in_view_and_ctrl_zooms_it(show: Show) -> None:
    values = np.append(np.full(50, 100.0), np.linspace(1, 0, 50))
    plot = show(curve("train", values))
    plot.zoom.see(60, 100)
    low, high = plot.field.frame.y
    assert -0.2 < low < 0 < 0.8 < high < 1.1
    wheel(plot, place(plot.field, 80, 0.5), 2, Qt.KeyboardModifier.ControlModifier)
    assert seen(plot) == (60, 100)
    assert plot.field.frame.y[1] < high


def test_a_drag_zooms_to_what_it_marks_and_with_shift_it_moves_what_is_seen(show: Show) -> None:
    plot = show(curve("train", np.linspace(2, 1, 400)))
    drag(plot, place(plot.field, 100, 1.8), place(plot.field, 200, 1.3))
    assert seen(plot) == pytest.approx((100, 200), abs=2)
    assert plot.field.frame.y == pytest.approx((1.3, 1.8), abs=0.02)
    middle = plot.field.frame.box.center()
    start = inside(plot.field, middle)
    drag(plot, start, start + QPoint(60, 0), Qt.KeyboardModifier.ShiftModifier)
    low, high = seen(plot)
    assert high - low == pytest.approx(100, abs=3)
    assert low < 95
    plot.zoom.fit()
    flat = place(plot.field, 100, 1.5)
    drag(plot, flat, QPoint(place(plot.field, 300, 1.5).x(), flat.y() + 2))
    assert seen(plot) == pytest.approx((100, 300), abs=2)
    assert not plot.zoom.zoomed_y


def test_a_click_means_the_nearest_point_also_among_a_million(show: Show, qtbot: QtBot) -> None:
    values = np.zeros(1_000_000)
    values[654_320] = 5.0
    plot = show(curve("train", values))
    with qtbot.waitSignal(plot.clicked) as told:
        QTest.mouseClick(plot.field.viewport(), Qt.MouseButton.LeftButton, pos=place(plot.field, 654_321, 5.0))
    assert told.args == [654_321]
    with qtbot.waitSignal(plot.clicked) as told:
        QTest.mouseClick(plot.field.viewport(), Qt.MouseButton.LeftButton, pos=place(plot.field, 200_000, 0.1))
    assert told.args[0] == pytest.approx(200_000, abs=2_000)
    far = place(plot.field, 200_000, 3.0)  # from the curve: the step that is marked there is meant
    QTest.mouseMove(plot.field.viewport(), far)
    marked = plot.reader.point.iteration
    assert marked == pytest.approx(200_000, abs=5_000)
    with qtbot.waitSignal(plot.clicked) as told:
        QTest.mouseClick(plot.field.viewport(), Qt.MouseButton.LeftButton, pos=far)
    assert told.args == [marked]


def test_a_double_click_on_a_curve_shows_all_and_goes_nowhere(show: Show, qtbot: QtBot) -> None:
    plot = show(curve("train", np.full(100, 2.0)))
    plot.zoom.see(20, 60)
    at = place(plot.field, 40, 2.0)
    with qtbot.assertNotEmitted(plot.clicked, wait=QApplication.doubleClickInterval() + 200):
        double_click(plot, at)
    assert seen(plot) == (1, 100)
    plot.zoom.see(20, 60)
    with qtbot.waitSignal(plot.clicked) as told:
        QTest.mouseClick(plot.field.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == [40]


def test_the_pointer_reads_exact_numbers(show: Show) -> None:
    values = np.array([2.0, 0.123456789, 1.0, 0.5])
    plot = show(curve("train", values, "loss"), curve("validation", [1.5, 0.75], "loss", True, every=2))
    QTest.mouseMove(plot.field.viewport(), place(plot.field, 2, 0.13))
    assert plot.reader.card.isVisible()
    assert plot.reader.told() == "step 2; train 0.1234568; validation 1.5000000"
    QTest.mouseMove(plot.field.viewport(), place(plot.field, 3, 1.0))
    assert plot.reader.told() == "step 3; train 1.0000000; validation 1.5000000 (step 2)"
    card = plot.reader.card.geometry()
    assert plot.field.viewport().rect().contains(card)
    QTest.mouseMove(plot, QPoint(3, 3))
    QApplication.sendEvent(plot.field, QEvent(QEvent.Type.Leave))
    assert not plot.reader.card.isVisible()


def test_what_is_read_goes_with_the_menu_and_with_another_height(show: Show) -> None:
    plot = show(curve("train", [1.0, 2.0, 3.0, 4.0]))
    action = next(each for each in plot.menu.actions() if each.text() == "Logarithmic height")
    for leave in (action.trigger, plot.menu.aboutToHide.emit):
        QTest.mouseMove(plot.field.viewport(), place(plot.field, 2, 2.0))
        assert plot.reader.card.isVisible()
        leave()
        assert not plot.reader.card.isVisible()


def test_keys_do_what_the_pointer_does(show: Show, qtbot: QtBot) -> None:
    plot = show(curve("train", np.linspace(2, 1, 50)))
    plot.field.setFocus()
    key = lambda name, *more: QTest.keyClick(plot.field, name, *more)  # noqa: E731
    key(Qt.Key.Key_Left)
    assert plot.reader.point.iteration == 50
    key(Qt.Key.Key_Left)
    key(Qt.Key.Key_Left)
    assert plot.reader.point.iteration == 48
    with qtbot.waitSignal(plot.clicked) as told:
        key(Qt.Key.Key_Return)
    assert told.args == [48]
    key(Qt.Key.Key_Plus)
    low, high = seen(plot)
    assert low > 1
    assert low < 48 < high
    key(Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert seen(plot)[0] < low
    key(Qt.Key.Key_0)
    assert seen(plot) == (1, 50)
    key(Qt.Key.Key_Home)
    assert plot.reader.point.iteration == 1
    key(Qt.Key.Key_Escape)
    assert plot.reader.point is None
    other = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_K, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(plot.field, other)
    assert not other.isAccepted()  # what a plot does not know, the window may


def test_the_legend_hides_a_curve_and_shows_it_again(show: Show) -> None:
    plot = show(curve("one", np.linspace(2, 1, 50)), curve("two", np.linspace(10, 20, 50)))
    assert len(pixels(plot.field, BLUE)) > 50
    assert len(pixels(plot.field, ORANGE)) > 50
    assert plot.field.frame.y[1] > 19
    QTest.mouseClick(plot.legend.buttons["two"], Qt.MouseButton.LeftButton)
    assert len(pixels(plot.field, ORANGE)) == 0
    assert plot.field.frame.y[1] < 3
    QTest.mouseClick(plot.legend.buttons["two"], Qt.MouseButton.LeftButton)
    assert len(pixels(plot.field, ORANGE)) > 50
    QTest.mouseClick(plot.legend.buttons["two"], Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    assert plot.tracks.hidden == {"one"}


def test_names_without_room_are_in_a_menu_and_none_is_cut(show: Show) -> None:
    plot = show(*(curve(f"linear{number}.weights", [1.0, number]) for number in range(9)), width=420)
    legend = plot.legend
    buttons = [button for button in legend.buttons.values() if button.isVisible()]
    assert 0 < len(buttons) < 9
    assert all(legend.rect().contains(button.geometry()) for button in [*buttons, legend.more])
    assert all(button.width() >= button.sizeHint().width() for button in [*buttons, legend.more])
    assert [action.text() for action in legend.menu.actions()] == [f"linear{n}.weights" for n in range(len(buttons), 9)]
    legend.menu.actions()[-1].trigger()
    assert plot.tracks.hidden == {"linear8.weights"}
    assert legend.more.text() == f"+{9 - len(buttons)}"


def test_a_long_name_is_cut_only_where_there_is_no_room_for_all(show: Show) -> None:
    name = "2026-11-20-110000 one layer, lr 0.01, validation"
    plot = show(curve(name, [2.0, 1.0]), width=700)
    assert plot.legend.buttons[name].text() == name
    plot.resize(360, 300)
    assert plot.legend.buttons[name].isVisible()
    start, end = plot.legend.buttons[name].text().split("…")
    assert name.startswith(start)
    assert name.endswith(end)
    plot.resize(700, 300)
    assert plot.legend.buttons[name].text() == name


def test_what_is_not_finite_stands_on_a_rail_and_a_click_there_goes_to_it(show: Show, qtbot: QtBot) -> None:
    values = np.linspace(2, 1, 100)
    values[[39, 40]] = np.nan, np.inf
    plot = show(curve("train", values))
    found = pixels(plot.field, DARK.nonfinite)
    assert len(found) > 10
    assert any("2 not finite" in line for line in plot.explanation())
    at = place(plot.field, 41, 1.0)
    with qtbot.waitSignal(plot.clicked) as told:
        QTest.mouseClick(
            plot.field.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at.x(), inside(plot.field, QPointF(0, 3)).y())
        )
    assert told.args == [41]


def test_on_a_logarithmic_axis_what_is_not_above_zero_stands_on_a_rail(show: Show) -> None:
    values = np.geomspace(1, 1e-4, 100)
    values[[10, 20, 30]] = 0.0, -1.0, 0.0
    plot = show(curve("train", values))
    assert len(pixels(plot.field, DARK.warning)) == 0
    next(action for action in plot.menu.actions() if action.text() == "Logarithmic height").trigger()
    low, high = plot.field.frame.y
    assert -4.5 < low < -4
    assert 0 < high < 0.5
    assert len(pixels(plot.field, DARK.warning)) > 20
    assert any("3 at or below 0" in line for line in plot.explanation())


def test_all_of_a_curve_that_cannot_be_drawn_is_still_told(show: Show) -> None:
    plot = show(curve("train", [np.nan] * 5))
    assert len(pixels(plot.field, DARK.nonfinite)) > 10
    assert "train has no finite number." in plot.explanation()
    plot.set_logs(True, True)
    plot.show_curves([curve("train", [-1.0, 0.0])])
    assert len(pixels(plot.field, DARK.warning)) > 10


def test_smoothing_shows_the_numbers_pale_behind(show: Show) -> None:
    values = 2 + np.random.default_rng(0).normal(size=300)
    plot = show(curve("train", values))
    before = len(pixels(plot.field, BLUE))
    plot.set_smoothing(0.95)
    strong = pixels(plot.field, BLUE)
    assert 100 < len(strong) < before / 2
    middle = plot.field.mapFromScene(plot.field.box.mapToScene(QPointF(0, float(plot.field.frame.up(2.0))))).y()
    assert np.abs(strong[:, 0] - middle).max() < np.abs(pixels(plot.field, "#2a4355", 14)[:, 0] - middle).max()
    QTest.mouseMove(plot.field.viewport(), place(plot.field, 150, values[149]))
    assert "smoothed" in plot.reader.told()
    assert plot.told_title == "loss, smoothed 0.95"
    plot.set_smoothing(0.0)
    assert len(pixels(plot.field, BLUE)) == pytest.approx(before, rel=0.2)


def test_smoothing_forgets_by_iterations_so_that_sparse_curves_do_not_lag_behind(show: Show) -> None:
    train, validation = np.geomspace(2, 0.1, 400), np.geomspace(2, 0.1, 400)[19::20]
    plot = show(curve("train", train, "loss"), curve("validation", validation, "loss", True, every=20))
    plot.set_smoothing(0.9)
    sparse, dense = plot.tracks.all["validation"].smoothed, plot.tracks.all["train"].smoothed
    assert sparse.read(0, 20) == pytest.approx(dense.read(0, 400)[19::20], rel=0.1)
    plot.set_smoothing(0.5)
    assert plot.tracks.all["validation"].smoothed is None


def test_train_and_validation_share_a_hue_and_differ_by_dashes(show: Show) -> None:
    plot = show(curve("train", np.full(100, 2.0), "loss"), curve("validation", np.full(100, 1.0), "loss", True))
    found = pixels(plot.field, BLUE, 60)
    train, validation = (
        np.unique(found[np.abs(found[:, 0] - place(plot.field, 50, y).y()) <= 1, 1]).size for y in (2, 1)
    )
    assert len(pixels(plot.field, ORANGE)) == 0
    assert 0.5 < validation / train < 0.8


def test_levels_and_marks_and_the_cursor_are_drawn_where_they_belong(show: Show) -> None:
    plot = show(
        curve("train", np.linspace(3, 1, 100)),
        marks=[Mark(50, "learning rate 0.01 → 0.001")],
        references=[Reference(np.log(10), "ln 10")],
    )
    marks = pixels(plot.field, DARK.gradient, 40)
    at = place(plot.field, 50, 2)
    assert (np.abs(marks[:, 1] - at.x()) <= 1).sum() > 20
    plot.set_cursor(75)
    cursor = pixels(plot.field, DARK.text, 8)
    columns, counts = np.unique(cursor[:, 1], return_counts=True)
    assert abs(columns[counts.argmax()] - place(plot.field, 75, 2).x()) <= 1
    QTest.mouseMove(plot.field.viewport(), place(plot.field, 60, 1.8))
    assert plot.reader.told().endswith("since step 50: learning rate 0.01 → 0.001")
    plot.set_axis("epochs")
    plot.set_cursor(45)
    cursor = pixels(plot.field, DARK.text, 8)
    columns, counts = np.unique(cursor[:, 1], return_counts=True)
    assert abs(columns[counts.argmax()] - place(plot.field, 1.0, 2).x()) <= 1


def test_marks_close_to_each_other_are_all_written(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    written: dict[str, QRectF] = {}

    def noted(painter: QPainter, text: str, *more: Any) -> QRectF:
        written[text] = write(painter, text, *more)
        return written[text]

    monkeypatch.setattr(drawing, "write", noted)
    marks = [Mark(50, "lr 0.03"), Mark(52, "freeze mlp/linear_1/weight"), Mark(99, "batch 64")]
    plot = show(curve("train", np.linspace(3, 1, 100)), marks=marks)
    plot.grab()
    assert set(written) == {"lr 0.03", "freeze mlp/linear_1/weight", "batch 64"}
    assert not any(one.intersects(other) for one, other in combinations(written.values(), 2))
    assert all(plot.field.box.mapRectToScene(plot.field.box.rect()).contains(each) for each in written.values())


def test_a_level_beside_the_curves_is_in_view(show: Show) -> None:
    plot = show(curve("train", np.linspace(0.3, 0.1, 100)), references=[Reference(2.3, "ln 10")])
    assert plot.field.frame.y[1] > 2.3
    plot.zoom.see(20, 50)
    assert plot.field.frame.y[1] < 0.5


def test_names_of_what_is_wrong_stand_beside_the_label_of_a_level(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    written: dict[str, QRectF] = {}

    def noted(painter: QPainter, text: str, *more: Any) -> QRectF:
        written[text] = write(painter, text, *more)
        return written[text]

    for module in (drawing, regions):
        monkeypatch.setattr(module, "write", noted)
    wrong = [Region("loss", 1 + 30 * i, None, text, True) for i, text in enumerate(("overfit", "loss not decreasing"))]
    show(
        curve("train", np.linspace(0.3, 0.1, 40)), references=[Reference(2.3, "ln 10: guessing")], regions=wrong
    ).grab()
    assert set(written) == {"overfit", "loss not decreasing", "ln 10: guessing"}
    assert not any(one.intersects(other) for one, other in combinations(written.values(), 2))


def test_a_curve_that_does_not_know_an_axis_is_not_drawn_there(show: Show) -> None:
    bare = Curve("two", Column(np.linspace(5, 6, 50), Steps(np.arange(50))))
    plot = show(curve("one", np.linspace(2, 1, 50)), bare)
    plot.set_axis("seconds")
    assert len(pixels(plot.field, BLUE)) > 50
    assert len(pixels(plot.field, ORANGE)) == 0


def test_the_question_mark_explains_the_plot_by_its_numbers(show: Show) -> None:
    values = np.linspace(2, 1, 100)
    values[60] = 0.25
    plot = show(curve("train", values), references=[Reference(np.log(10), "ln 10")])
    QTest.mouseClick(plot.help, Qt.MouseButton.LeftButton)
    shown = [label.text() for label in plot.window().findChildren(QLabel) if label.isVisible() and "\n" in label.text()]
    assert len(shown) == 1
    assert "step 1 to 100" in shown[0]
    assert "train is now at 1; it was lowest, 0.25, at step 61." in shown[0]
    assert "The dotted line is ln 10, at 2.3026." in shown[0]


def test_the_question_mark_says_what_an_update_ratio_is_and_which_is_usual(qtbot: QtBot) -> None:
    plot = CurvePlot(DARK, "update ratio", log_y=True)
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show_curves([curve("w", np.full(22_460, 2e-3))], references=[Reference(1e-3, "1e−3: usual")])
    plot.show()
    lines = plot.explanation()
    assert lines[0] == (
        "The update ratio of a parameter is the norm of what one iteration adds to it, beside its own norm: the share"
        " by which it changes. About 1e−3 is usual; 1e−2 and more forgets what was learnt, 1e−4 and less hardly learns."
        " Near the end of training, or with a falling learning rate, it goes down."
    )
    assert lines[1].startswith("From left to right: step 1 to 22,460.")
    assert "The dotted line is 1e−3: usual, at 0.001." in lines


def test_another_theme_has_its_own_colours_everywhere(show: Show) -> None:
    plot = show(curve("train", np.linspace(2, 1, 100)))
    plot.set_theme(LIGHT)
    assert len(pixels(plot.field, BLUE)) == 0
    assert len(pixels(plot.field, hues(1, LIGHT)[0])) > 50
    assert len(pixels(plot, LIGHT.background, 2)) > 0.7 * plot.width() * plot.height()


def test_nothing_and_a_single_point_are_drawn_without_harm(show: Show) -> None:
    plot = show()
    plot.set_logs(True, True)
    plot.show_curves([curve("train", [])])
    plot.show_curves([curve("train", [0.7])])
    assert len(pixels(plot.field, hues(1, DARK)[0])) >= 4
    plot.set_logs(False, False)
    assert len(pixels(plot.field, hues(1, DARK)[0])) >= 4
