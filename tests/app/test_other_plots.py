"""Ribbons, confusion, decision surface, and the page that holds all plots."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from plotting import SIZE, Run, contrast, inside, matrix, pixels, place, ribbon, steps, surface
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradwire.app.look.theme import DARK, LIGHT, Theme
from gradwire.app.plots.confusion import ConfusionMatrix
from gradwire.app.plots.curve_plot import CurvePlot
from gradwire.app.plots.data import Band, Column, Confusion, Looked, Mark, Ribbon, Surface
from gradwire.app.plots.hues import hues
from gradwire.app.plots.ribbon_plot import RibbonPlot
from gradwire.app.plots.surface import DecisionSurface
from gradwire.app.plots.view import PlotsView


def shown(qtbot: QtBot, plot: CurvePlot | RibbonPlot | ConfusionMatrix | DecisionSurface, wide: int, high: int) -> None:
    plot.resize(wide, high)
    qtbot.addWidget(plot)
    plot.show()
    qtbot.waitExposed(plot)


def test_ribbons_stand_side_by_side_each_with_a_scale_of_its_own_or_all_on_one(qtbot: QtBot) -> None:
    plot = RibbonPlot(DARK, "activation")
    plot.show_ribbons([ribbon("relu0", 1.0), ribbon("relu1", 10.0), ribbon("relu2", 100.0)])
    shown(qtbot, plot, 760, 260)
    assert len({each.field.y() for each in plot.fields}) == 1
    heights = [each.field.frame.y[1] for each in plot.fields]
    assert heights == pytest.approx([1.1, 11, 110], rel=0.15)
    next(action for action in plot.menu.actions() if action.text() == "One scale for all").trigger()
    assert [each.field.frame.y[1] for each in plot.fields] == pytest.approx([heights[2]] * 3)
    plot.resize(300, 500)
    qtbot.waitUntil(lambda: len({each.field.y() for each in plot.fields}) == 3)
    assert all(each.field.width() <= plot.width() for each in plot.fields)


def test_a_ribbon_is_filled_between_its_edges_and_read_by_the_pointer(qtbot: QtBot) -> None:
    plot = RibbonPlot(DARK, "activation")
    plot.show_ribbons([ribbon("relu0", 1.0)])
    shown(qtbot, plot, 400, 260)
    one = plot.fields[0]
    image = one.field.grab().toImage()

    def colour(y: float) -> QColor:
        at = place(one.field, 60, y)
        return QColor(image.pixel(at))

    ground, wide, narrow = colour(1.085), colour(0.7), colour(0.2)
    assert ground.name() == DARK.background
    assert ground.blue() < wide.blue() < narrow.blue()
    QTest.mouseMove(one.field.viewport(), place(one.field, 60, 0.05))
    told = one.reader.told()
    assert told.startswith("step 60; least to greatest, upper 1.0495798; 25 to 75 %, upper 0.2995798; median 0.0495798")
    with qtbot.waitSignal(plot.clicked) as signal:
        QTest.mouseClick(one.field.viewport(), Qt.MouseButton.LeftButton, pos=place(one.field, 60, 0.05))
    assert signal.args == [60]


def test_what_is_zoomed_into_in_one_ribbon_is_zoomed_into_in_all(qtbot: QtBot) -> None:
    plot = RibbonPlot(DARK, "activation")
    plot.show_ribbons([ribbon("relu0", 1.0), ribbon("relu1", 1.0)])
    shown(qtbot, plot, 600, 260)
    first, second = plot.fields
    first.field.setFocus()
    for _ in range(3):
        QTest.keyClick(first.field, Qt.Key.Key_Plus)
    assert first.field.frame.limits[0] > 10
    assert second.field.frame.limits == pytest.approx(first.field.frame.limits)


def test_a_logarithmic_ribbon_reaches_the_edge_where_its_least_is_not_above_zero(qtbot: QtBot) -> None:
    plot = RibbonPlot(DARK, "gradient", log_y=True)
    middle = np.full(SIZE, 0.1)
    plot.show_ribbons([Ribbon("relu0", steps(SIZE), (Band("all", np.zeros(SIZE), middle * 10),), "median", middle)])
    shown(qtbot, plot, 400, 260)
    one = plot.fields[0].field
    at = inside(one, QPointF(one.frame.box.center().x(), one.frame.box.bottom() - 4))
    assert QColor(one.grab().toImage().pixel(at)).name() != DARK.background


def test_a_cell_of_the_confusion_matrix_is_told_to_pointer_and_keys(qtbot: QtBot) -> None:
    plot = ConfusionMatrix(DARK)
    plot.show_confusion(matrix())
    shown(qtbot, plot, 460, 420)
    assert plot.head.whole() == "validation, step 900"
    assert plot.told_title == "confusion · validation, step 900"
    plain = plot.board.grab().toImage()
    grid = plot.matrix.grid(plot.board.rect().toRectF())
    side = grid.width() / 10
    at = QPoint(int(grid.left() + 5.5 * side), int(grid.top() + 3.5 * side))
    QTest.mouseMove(plot.board, at)
    told = "33 of 129 that are class 3 were predicted as class 5 (25.6 %)"
    assert plot.board.words == plot.board.accessibleDescription() == told
    told_of = plot.board.grab().toImage()
    foot = QRect(0, int(grid.bottom()) + 2, 460, plot.board.height() - int(grid.bottom()) - 3)
    assert told_of.copy(foot) != plain.copy(foot)
    plot.board.setFocus()
    QTest.keyClick(plot.board, Qt.Key.Key_Down)
    assert plot.board.words == "2 of 98 that are class 4 were predicted as class 5 (2.04 %)"
    QTest.keyClick(plot.board, Qt.Key.Key_Left)
    assert "that are class 4 were predicted as class 4" in plot.board.words
    QTest.keyClick(plot.board, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert "that are class 4 were predicted as class 9" in plot.board.words
    plot.show_confusion(matrix(6))
    assert plot.board.words == ""  # there is no class 9 any more
    grid = plot.matrix.grid(plot.board.rect().toRectF())
    fourth = QPoint(int(grid.left() + 3.5 * grid.width() / 6), int(grid.top() + 3.5 * grid.height() / 6))
    QTest.mouseClick(plot.board, Qt.MouseButton.LeftButton, pos=fourth)
    QTest.mouseMove(plot.board, QPoint(1, 1))
    assert "that are class 3 were predicted as class 3" in plot.board.words  # a click stays
    QTest.keyClick(plot.board, Qt.Key.Key_Escape)
    assert plot.board.words == ""
    assert "The most frequent mistake" in plot.explanation()[-1]


def test_the_matrix_fits_with_any_number_of_classes(qtbot: QtBot) -> None:
    plot = ConfusionMatrix(DARK)
    shown(qtbot, plot, 460, 420)
    for size in (1, 2, 10, 100):
        plot.show_confusion(
            matrix(max(size, 6)) if size > 5 else Confusion(np.eye(size, dtype=int) * 7, tuple("ab")[:size])
        )
        grid = plot.matrix.grid(plot.board.rect().toRectF())
        assert plot.board.rect().toRectF().contains(grid)
        plot.board.grab()
    plot.show_confusion(Confusion(np.zeros((3, 3), int), ("a", "b", "c")))
    plot.board.grab()
    plot.show_confusion(None)
    plot.board.grab()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_numbers_are_read_on_every_colour_of_a_cell(theme: Theme, qtbot: QtBot) -> None:
    plot = ConfusionMatrix(theme)
    plot.show_confusion(Confusion(np.array([[50, 0], [50, 0]]), ("a", "b")))
    shown(qtbot, plot, 460, 420)
    grid = plot.matrix.grid(plot.board.rect().toRectF())
    image = plot.board.grab().toImage()
    for row in (0, 1):  # one all right, one all wrong
        corner = QPoint(int(grid.left() + 4), int(grid.top() + row * grid.height() / 2 + 4))
        assert contrast(QColor(image.pixel(corner)).name(), theme.text) >= 4.5


def test_the_decision_surface_has_the_colours_of_the_classes_and_crosses_what_is_wrong(qtbot: QtBot) -> None:
    plot = DecisionSurface(DARK)
    plot.show_surface(surface())
    shown(qtbot, plot, 420, 400)
    image = plot.field.grab().toImage()
    left, right = (QColor(image.pixel(place(plot.field, x, -1.5))) for x in (-1.5, 1.5))
    assert left.blue() > left.red()  # the first hue is blue, the second orange
    assert right.red() > right.blue()
    assert QColor(image.pixel(place(plot.field, -1, 0))).name() == hues(2, DARK)[0]
    assert len(pixels(plot.field, DARK.text, 10)) > 5  # the cross
    assert "1 samples lie on the wrong side: they are crossed." in plot.explanation()
    QTest.mouseMove(plot.field.viewport(), place(plot.field, 1.5, -1.5))
    assert plot._pointer is not None
    assert [button.text() for button in plot.legend.buttons.values()] == ["left", "right"]
    plot.show_surface(Surface(np.linspace(-1, 1, 9).reshape(1, 3, 3), (0, 1), (0, 1), np.zeros((0, 2)), np.zeros(0)))
    plot.set_theme(LIGHT)
    plot.field.grab()


def run_of(size: int) -> Run:
    column = Column(np.linspace(2, 1, size), steps(size))
    names = ("train_loss", "validation_loss", "accuracy", "learning_rate", "gradient_norm/linear0.w")
    return Run(
        dict.fromkeys(names, column),
        [Mark(10, "learning rate 0.1")],
        (),
        {},
        {"activation": [ribbon("relu0", 1.0)]},
        Looked(1, matrix(), surface()),
    )


@pytest.fixture
def view(qtbot: QtBot) -> PlotsView:
    made = PlotsView(DARK)
    made.resize(1100, 320)
    made.show_curves(run_of(50))
    made.set_cursor(20)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def titles(view: PlotsView) -> list[str]:
    return [plot.title for plot in view.page.grids[view.page.tabs.tabText(view.page.tabs.currentIndex())].cards]


def test_the_page_groups_plots_and_follows_the_run_in_sight(view: PlotsView, qtbot: QtBot) -> None:
    page = view.page
    assert [page.tabs.tabText(n) for n in range(4)] == ["Curves", "Parameters", "Distributions", "Predictions"]
    assert titles(view) == ["loss", "accuracy", "learning rate"]
    loss = page.plots["Curves", "loss"]
    assert loss.scene.cursor == 20
    page.curves.columns = run_of(80).columns
    view.refresh()
    assert loss.field.frame.limits == (1, 80)
    with qtbot.waitSignal(view.clicked) as told:
        QTest.mouseClick(loss.field.viewport(), Qt.MouseButton.LeftButton, pos=place(loss.field, 1, 2.0))
    assert told.args == [1]
    for number, expected in enumerate((["gradient norm"], ["activation"], ["confusion", "decision surface"]), 1):
        QTest.mouseClick(page.tabs, Qt.MouseButton.LeftButton, pos=page.tabs.tabRect(number).center())
        assert titles(view) == expected
    view.set_theme(LIGHT)
    assert {plot.theme for plot in page.plots.values()} == {LIGHT}


def test_what_is_chosen_above_counts_for_all_plots(view: PlotsView) -> None:
    page = view.page
    page.bar.slider.setFocus()
    for _ in range(5):
        QTest.keyClick(page.bar.slider, Qt.Key.Key_Right)
    assert (page.bar.told.text(), page.bar.told.toolTip()) == ("0.9", "smoothed by 0.9")
    assert {plot.tracks.factor for plot in page.plots.values()} == {0.9}
    page.bar.axes.setFocus()
    QTest.keyClick(page.bar.axes, Qt.Key.Key_Down)
    page.bar.axes.activated.emit(page.bar.axes.currentIndex())
    assert {plot.axis for plot in page.plots.values()} == {"epochs"}
    page.tabs.setCurrentIndex(1)
    later = page.plots["Parameters", "gradient norm"]
    assert (later.axis, later.tracks.factor, later.scene.cursor) == ("epochs", 0.9, 20)
    assert later.zoom.log_y


def test_another_run_has_plots_of_its_own_and_none_says_so(view: PlotsView) -> None:
    view.show_curves(Run({"train_loss": Column(np.zeros(3), steps(3))}))
    assert titles(view) == ["loss"]
    assert view.page.tabs.isTabVisible(0)
    assert not view.page.tabs.isTabVisible(1)
    view.show_curves(None)
    assert view.page.empty.isVisible()
    assert not view.page.tabs.isVisible()


def test_plots_are_side_by_side_where_there_is_room_and_no_name_is_cut(view: PlotsView) -> None:
    cards = view.page.grids["Curves"].cards
    assert len({card.y() for card in cards}) == 1
    view.resize(400, 320)
    QTest.qWait(20)
    assert len({card.x() for card in cards}) == 1
    for card in cards:
        assert card.name.width() >= card.name.sizeHint().width()
        assert card.width() <= view.width()


@pytest.mark.parametrize("width", [868, 668, 468])
def test_tabs_and_what_is_chosen_stand_at_one_place_whatever_is_in_front(view: PlotsView, width: int) -> None:
    view.resize(width, 320)
    tabs, bar = view.head.tabs, view.head.bar
    view.show_curves(Run({"train_loss": Column(np.zeros(3), steps(3))}))  # of the other pages there is nothing yet
    QTest.qWait(20)
    places = {(tabs.mapTo(view, QPoint()), bar.mapTo(view, QPoint()), bar.fitting.mapTo(view, QPoint()))}
    view.show_curves(run_of(50))
    for number in range(4):
        tabs.setCurrentIndex(number)
        QTest.qWait(20)
        places.add((tabs.mapTo(view, QPoint()), bar.mapTo(view, QPoint()), bar.fitting.mapTo(view, QPoint())))
        assert all(tabs.tabRect(each).right() < tabs.width() <= width for each in range(4)), "none is cut"
    assert len(places) == 1


PROGRAM = """
import sys
from PySide6.QtWidgets import QApplication
application = QApplication([])
from gradwire.app.look.theme import DARK
from gradwire.app.plots.view import PlotsView
view = PlotsView(DARK)
view.set_theme(DARK)
view.refresh()
print("pyqtgraph" in sys.modules)
view.show()
print("pyqtgraph" in sys.modules)
"""


def test_pyqtgraph_is_loaded_when_plots_are_first_seen() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["False", "True"], done.stderr
