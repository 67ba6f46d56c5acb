"""The Training panel without a mouse: Tab goes through all of it as it is read, arrows turn its pages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from training_windows import be_active, open_window, press, set_training, show_training, wait_for
from windows import Place, keyboard

from gradwire.app.panels.training import TrainingPanel
from gradwire.app.plots.field import Field
from gradwire.app.window import Window

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """One in which a run has come to its end, with a finding that has a mend."""
    shown = open_window(place)
    panel = show_training(shown)
    set_training(shown, lr=30.0, epochs=10)
    press(shown, Qt.Key.Key_R, CONTROL)
    wait_for(qtbot, shown, "completed")
    qtbot.waitUntil(lambda: panel.train.isEnabled() and any(not each.mend.isHidden() for each in _cards(panel)))
    return shown


def _cards(panel: TrainingPanel) -> list[QWidget]:
    return list(panel.beside.cards.values())


def called(widget: QWidget) -> str:
    """What a user would call it."""
    if isinstance(widget, (QPushButton, QToolButton)):
        return widget.accessibleName() or widget.text()
    if isinstance(widget, (QComboBox, QSlider)):
        return widget.accessibleName()
    return f"the plot {widget.accessibleName()}" if isinstance(widget, Field) else type(widget).__name__


def walk(window: Window, panel: TrainingPanel, back: bool = False) -> list[QWidget]:
    """Press Tab until the keyboard leaves the panel; what had it. Each of them looks otherwise while it has it."""
    found: list[QWidget] = []
    while panel.isAncestorOf(at := keyboard()):
        assert at not in found, f"Tab goes in a circle: {called(at)}"
        found.append(at)
        with_keyboard = at.grab().toImage()
        QTest.keyClick(at, Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab)
        assert keyboard() is not at
        assert at.grab().toImage() != with_keyboard, f"nothing shows that {called(at)} has the keyboard"
    return found


def test_tab_goes_through_all_of_the_panel_as_it_is_read(window: Window) -> None:
    panel = show_training(window)
    be_active(window)
    panel.train.setFocus()
    found = walk(window, panel)
    names = [called(each) for each in found]
    assert names[:5] == ["Train", "One iteration", "One epoch", "Trials ▾", "⋯"]
    assert names[5:9] == ["PlotTabs", "What is counted across", "Smoothing", "Show all"]
    first = names.index("the plot loss")
    assert names[9 : first + 1] == [
        "train", "validation", "How do I read this plot?", "Options of loss", "the plot loss",
    ]  # fmt: skip
    assert {"the plot accuracy", "the plot learning rate"} <= set(names)
    mends = [card.mend for card in _cards(panel) if not card.mend.isHidden()]
    assert mends
    assert set(mends) <= set(found)
    assert max(map(found.index, mends)) > names.index("the plot learning rate")  # the cards stand beside the plots
    found[-1].setFocus()
    assert walk(window, panel, back=True) == found[::-1]


def test_arrows_turn_the_pages_and_read_a_plot(window: Window, qtbot: QtBot) -> None:
    panel = show_training(window)
    be_active(window)
    page = panel.plots.page
    page.tabs.setFocus()
    QTest.keyClick(keyboard(), Qt.Key.Key_Right)
    assert page.tabs.tabText(page.tabs.currentIndex()) == "Parameters"
    shown = [plot for (name, _), plot in page.plots.items() if name == "Parameters"]
    assert shown
    qtbot.waitUntil(lambda: all(plot.isVisible() for plot in shown))
    reached = walk(window, panel)
    assert {plot.field for plot in shown} <= set(reached)
    shown[0].field.setFocus()
    QTest.keyClick(keyboard(), Qt.Key.Key_Right)
    assert shown[0].reader.point is not None
    page.tabs.setFocus()
    QTest.keyClick(keyboard(), Qt.Key.Key_Left)
    assert page.tabs.tabText(page.tabs.currentIndex()) == "Curves"


def test_a_page_is_found_by_its_name(window: Window) -> None:
    panel = show_training(window)
    window.docks.show("history")
    press(window, Qt.Key.Key_K, CONTROL)
    QTest.keyClicks(keyboard(), "distributions")
    QTest.keyClick(keyboard(), Qt.Key.Key_Return)
    assert panel.plots is not None
    tabs = panel.plots.page.tabs
    assert keyboard() is tabs
    assert tabs.tabText(tabs.currentIndex()) == "Distributions"
    assert not panel.visibleRegion().isEmpty()
