"""The "?" of each plot: it explains that very plot in place, by mouse and by keyboard, until it is clicked away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from timelines import example

from gradwire.app.inspecting.how_to_read import HowToRead
from gradwire.app.look.theme import DARK
from gradwire.app.step_card.curves import Curve
from gradwire.app.step_card.plot import CurvePlot
from gradwire.app.step_card.room_plot import RoomSection
from gradwire.app.tensor_view.histogram import Histogram
from gradwire.app.tensor_view.viewer import look_at
from gradwire.core.stepping import Cursor
from gradwire.core.stepping.lifetimes import Lifetimes

DOTS = np.array([-2.0, -1.0, 0.5, 3.0])


@pytest.fixture
def plot(qtbot: QtBot) -> Iterator[CurvePlot]:
    """relu at four places, beneath room for what is told of it."""
    around = QWidget()
    around.resize(500, 500)
    plot = CurvePlot(DARK, around)
    plot.setGeometry(0, 0, 400, 150)
    x = np.linspace(-3, 4, 50)
    curve = Curve("relu", x, np.maximum(x, 0), DOTS, np.maximum(DOTS, 0), np.arange(4), 4)
    plot.show_curve(curve, 2, (DOTS > 0).astype(float))
    qtbot.addWidget(around)
    around.show()
    yield plot
    around.close()


def shown(plot: QWidget) -> list[str]:
    """What is to be read over the plot."""
    return [label.text() for label in plot.window().findChildren(QLabel) if label.isVisible() and "\n" in label.text()]


LINES = [
    (
        "Each dot is one of 4 elements: across stands x, which goes in, and up what relu makes of it."
        " The line is relu.\n"
        "The straight line is the tangent at the dot that is chosen; g is multiplied by its slope f′.\n"
        "Slope 0 at 2 of 4 (x from −2 to −1): no gradient comes through there."
    )
]


def test_a_click_explains_the_curve_with_its_numbers_and_a_click_takes_that_away(plot: CurvePlot) -> None:
    assert shown(plot) == []
    QTest.mouseClick(plot.help, Qt.MouseButton.LeftButton)
    assert shown(plot) == LINES
    QTest.mouseMove(plot, QPoint(50, 50))
    assert shown(plot) == LINES  # it stays
    panel = next(label for label in plot.window().findChildren(QLabel) if label.text() == LINES[0])
    assert plot.window().rect().contains(panel.geometry())
    assert panel.height() >= panel.heightForWidth(panel.width())  # nothing is cut
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton)
    assert shown(plot) == []


def test_the_keyboard_reaches_it_and_escape_ends_it(plot: CurvePlot) -> None:
    plot.window().activateWindow()
    assert QTest.qWaitForWindowActive(plot.window())
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Tab)
    assert plot.help.hasFocus()
    assert plot.help.accessibleName() == "How do I read this plot?"
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        QTest.keyClick(plot.help, key)
        assert shown(plot) == LINES
        assert plot.help.accessibleDescription() == LINES[0]
        QTest.keyClick(plot.help, Qt.Key.Key_Escape)
        assert shown(plot) == []


def test_it_follows_the_plot_and_goes_with_it(plot: CurvePlot) -> None:
    QTest.mouseClick(plot.help, Qt.MouseButton.LeftButton)
    assert plot.curve is not None
    plot.show_curve(plot.curve, 2, None)  # before the step back
    assert shown(plot)[0].endswith("is what its gradient is multiplied by on the way back.")
    plot.show_curve(plot.curve, 2, np.ones(4) * 0.5)
    assert shown(plot)[0].endswith("The slope is 0.5.")
    plot.hide()
    assert shown(plot) == []


def test_a_histogram_tells_its_bars_its_zeros_and_what_stands_in_none(qtbot: QtBot) -> None:
    histogram = Histogram(DARK)
    qtbot.addWidget(histogram)
    whole = look_at(np.array([0, 0, 0, 1, 2, 3]))
    assert whole is not None
    histogram.show_bins(whole.bins, whole.found)
    assert histogram.explained() == (
        "Each of the 4 bars counts the elements of a range 1 wide; values stand across, from least to greatest.",
        "The highest has 3 of 6 elements: those from −0.5 to 0.5.",
        "The dashed line is 0; 3 of 6 are exactly 0.",
    )
    whole = look_at(np.array([1.0, np.nan, np.inf]))
    assert whole is not None
    histogram.show_bins(whole.bins, whole.found)
    assert histogram.explained()[-1] == "2 of 3 are not finite and stand in no bar."


def test_the_plot_of_memory_tells_where_one_is(qtbot: QtBot) -> None:
    timeline = example("sin_plus_product")
    section = RoomSection(DARK)
    qtbot.addWidget(section)
    lifetimes = Lifetimes(timeline)
    section.show_memory(lifetimes.at(Cursor(3)))
    section.resize(300, 300)
    section.show()
    help = section.findChild(HowToRead)
    assert help is not None
    QTest.mouseClick(help, Qt.MouseButton.LeftButton)
    first, second, third = help.text_shown.split("\n")
    assert first.startswith(f"Each bar is one of {len(timeline.steps)} steps")
    assert f"in step {lifetimes.room.peak_at + 1}:" in second
    assert third.startswith(f"The upright line is where you are: 3 of {len(timeline.steps)} steps are done")
