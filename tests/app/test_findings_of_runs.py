"""What is wrong with a run is named while it goes on: beside the curves, in them, on the canvas; and mended there."""

from __future__ import annotations

import numpy as np
import pytest
from plotting import pixels
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTabBar, QTreeWidget
from pytestqt.qtbot import QtBot
from training_windows import click, open_window, press, set_training, show_training, wait_for
from windows import Place

from gradwire.app.panels.training import TrainingPanel
from gradwire.app.plots.curve_plot import CurvePlot
from gradwire.app.training.finding_card import FindingCard
from gradwire.app.training.thresholds import VALUE, Thresholds
from gradwire.app.window import Window
from gradwire.core.session import Session

pytestmark = pytest.mark.slow  # each test trains in a process of its own, beside a window

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(place: Place) -> Window:
    """A run of it, with so high a rate, soon gains nothing more."""
    shown = open_window(place)
    set_training(shown, lr=0.3, epochs=3000)
    return shown


@pytest.fixture
def panel(window: Window) -> TrainingPanel:
    return show_training(window)


def card(panel: TrainingPanel, rule: str) -> FindingCard | None:
    return next((each for (name, _), each in panel.beside.cards.items() if name == rule), None)


def wait_for_card(qtbot: QtBot, panel: TrainingPanel, rule: str) -> FindingCard:
    qtbot.waitUntil(lambda: card(panel, rule) is not None)
    found = card(panel, rule)
    assert found is not None
    return found


def warmth(plot: CurvePlot, iteration: int) -> float:
    """By how much the ground at an iteration is rather red than blue."""
    box, frame = plot.field.box, plot.field.frame
    image, top = plot.field.grab().toImage(), box.mapToScene(box.rect().topLeft())
    x = round((top.x() + float(frame.across(iteration))) * image.devicePixelRatio())
    rows = range(round(top.y()) + 4, round(top.y() + box.rect().height()))
    return float(np.median([(seen := image.pixelColor(x, y)).red() - seen.blue() for y in rows]))


def test_a_finding_is_named_with_its_number_and_leads_to_its_node(
    window: Window, panel: TrainingPanel, qtbot: QtBot
) -> None:
    assert not panel.beside.isVisible()
    press(window, Qt.Key.Key_R, CONTROL)
    found = wait_for_card(qtbot, panel, "loss at start")
    assert panel.beside.isVisible()
    assert (found.where.text(), found.since.text()) == ("loss", "since 1")
    assert found.text.text() == "It starts at 2.42, guessing gives ln 3 = 1.1 (usual: within 25% of it)"
    assert found.advice.text() == "→ smaller initial weights in the last layer"
    assert not found.mend.isVisible()
    page = panel.plots.page
    page.tabs.setCurrentIndex(1)
    click(found)
    assert page.tabs.tabText(page.tabs.currentIndex()) == "Curves"
    qtbot.waitUntil(lambda: not page.plots["Curves", "loss"].visibleRegion().isEmpty())
    loss = window.editor.graph.resolve("loss")
    assert window.editor.active == loss

    def rules() -> list[str]:
        return [each.rule for each in window.canvas.marks.findings.get(loss, ())]

    qtbot.waitUntil(lambda: "loss at start" not in rules())  # these are the values of another iteration
    window.panel("diagnosis")
    rows = window.docks.panels["diagnosis"].list.rows
    qtbot.waitUntil(lambda: rows.count > 0)
    assert rows.row_at(0).note == "in training since 1"
    assert rows.row_at(0).text == "loss"
    press(window, Qt.Key.Key_Period, CONTROL)
    wait_for(qtbot, window, "stopped")


def test_nothing_moves_when_the_first_finding_comes(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    (bar,) = [each for each in window.findChildren(QTabBar) if each.parent() is window and each.count() > 3]

    def places() -> list[QRect]:
        tabs = panel.plots.head.tabs  # type: ignore[union-attr]
        plots = panel.plots.page.grids["Curves"].cards[:2]  # type: ignore[union-attr]
        widgets = (*plots, tabs, panel.plots.head.bar.fitting)  # type: ignore[union-attr]
        return [
            *(QRect(each.mapTo(window, QPoint()), each.size()) for each in widgets),
            *(bar.tabRect(number) for number in range(bar.count())),
        ]

    click(panel.iteration)
    wait_for(qtbot, window, "paused")
    qtbot.waitUntil(lambda: panel.plots is not None and panel.plots.page is not None)
    qtbot.waitUntil(lambda: len(panel.plots.page.grids["Curves"].cards) >= 2)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: panel.beside.nothing.text() == "Nothing is unusual now.")
    assert not panel.beside.cards
    qtbot.waitUntil(lambda: places()[0].top() == places()[1].top())
    before = list[QRect]()

    def still() -> bool:
        known, before[:] = before[:], places()
        return known == before

    qtbot.wait(300)
    qtbot.waitUntil(still)  # the dock has made room for the plots
    assert before[0].top() == before[1].top(), "two plots side by side"
    click(panel.pause)
    wait_for_card(qtbot, panel, "no gain")
    cards = panel.plots.page.grids["Curves"].cards  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: all(each.isVisible() for each in cards))  # that of accuracy may just have come
    for one, other in zip(places(), before, strict=True):
        assert (one.topLeft() - other.topLeft()).manhattanLength() <= 1, "a space that fills up is a pixel wide"
    assert panel.status.fontMetrics().horizontalAdvance(panel.status.text()) <= panel.status.width()
    click(panel.stop)
    wait_for(qtbot, window, "stopped")


def test_a_mend_is_one_click_one_undo_and_the_run_follows(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    training = window.editor.training
    press(window, Qt.Key.Key_R, CONTROL)
    found = wait_for_card(qtbot, panel, "no gain")
    qtbot.waitUntil(lambda: found.mend.isVisible())
    assert found.mend.text() == "Set early stopping"
    click(found.mend)
    assert window.editor.document.history.next_undo.label == "Set early stopping"
    wanted = {"metric": "validation_loss", "patience": 5, "restore_best": True}
    assert window.editor.graph.training.early_stopping == wanted
    wait_for(qtbot, window, "completed")
    assert training.run.iteration < 24_000
    assert [mark.text for mark in training.curves.marks] == ["early stopping: validation loss"]
    assert training.origin.mark(window.editor.document) == ""
    assert window.editor.document.history.next_undo.label == "Train"
    qtbot.waitUntil(lambda: not found.mend.isVisible())
    window.editor.undo()
    window.editor.undo()
    assert window.editor.graph.training.early_stopping is None


def test_of_a_graph_that_is_only_looked_at_a_mend_cannot_be_pressed_and_says_why(
    window: Window, panel: TrainingPanel, qtbot: QtBot
) -> None:
    editor = window.editor
    press(window, Qt.Key.Key_R, CONTROL)
    found = wait_for_card(qtbot, panel, "no gain")
    qtbot.waitUntil(lambda: found.mend.isVisible())
    assert found.mend.isEnabled()
    editor.look_at(Session(editor.graph))
    panel.refresh()
    assert not found.mend.isEnabled()
    assert found.mend.toolTip() == "this graph is only looked at: go back to the document to edit it"
    editor.look_at(editor.home)
    panel.refresh()
    assert found.mend.isEnabled()
    press(window, Qt.Key.Key_Period, CONTROL)
    wait_for(qtbot, window, "stopped")


def test_a_schedule_that_does_not_fit_the_run_is_told_beside_the_curves(
    window: Window, panel: TrainingPanel, qtbot: QtBot
) -> None:
    set_training(window, lr=0.01, epochs=3, schedule={"name": "step", "step_size": 50})
    press(window, Qt.Key.Key_R, CONTROL)
    wait_for(qtbot, window, "completed")
    text = "the schedule step first changes the rate after 50 epochs, but the run has 3 epochs: it never does"
    qtbot.waitUntil(lambda: panel.beside.isVisible())
    assert panel.beside.nothing.isVisible()
    assert panel.beside.nothing.text().splitlines()[0] == text


def test_plots_show_from_where_on_it_was_so(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    set_training(window, epochs=100)
    press(window, Qt.Key.Key_R, CONTROL)
    wait_for(qtbot, window, "completed")
    qtbot.waitUntil(lambda: panel.plots is not None and panel.plots.page is not None and bool(panel.plots.page.plots))
    plot = panel.plots.page.plots["Curves", "loss"]
    assert isinstance(plot, CurvePlot)
    qtbot.waitUntil(lambda: plot.field.frame.limits[1] >= 800)
    of_run = window.editor.findings.of_run  # what the panel Diagnosis tells when the run is over: the last numbers
    assert of_run
    assert of_run == window.editor.training.curves.noticed.worst_first
    regions = {each.text: each for each in plot.scene.regions}
    assert (regions["no gain"].began, regions["no gain"].ended) == (48, None)
    assert regions["loss at start"].ended == 1
    assert "since step 48: no gain" in plot.reader.notes(400)
    before, behind = warmth(plot, 24), warmth(plot, 430)
    ground = QColor(window.theme.background)
    assert before == ground.red() - ground.blue()
    assert behind > before + 8
    assert len(pixels(plot.field, window.theme.warning)) > 100


def test_thresholds_are_set_in_a_table_kept_and_passed_on(
    window: Window, panel: TrainingPanel, place: Place, qtbot: QtBot
) -> None:
    set_training(window, epochs=100)
    next(line for line in panel.more.menu().actions() if line.text().startswith("Thresholds")).trigger()
    dialog = window.findChild(Thresholds)
    table = dialog.findChild(QTreeWidget)
    start, gain = (table.findItems(name, Qt.MatchFlag.MatchExactly)[0] for name in ("loss at start", "no gain"))
    start.child(0).setText(VALUE, "10")
    gain.setCheckState(0, Qt.CheckState.Unchecked)
    stored = {"loss at start": {"share": 10.0}, "no gain": None}
    assert window.editor.training.thresholds == stored
    start.child(0).setText(VALUE, "-1")
    assert dialog.said.text() == "the threshold 'share' of 'loss at start' must be a number of 0 or more, got -1"
    assert dialog.said.palette().windowText().color().name() == window.theme.error
    assert start.child(0).text(VALUE) == "10"
    dialog.accept()
    press(window, Qt.Key.Key_R, CONTROL)
    wait_for(qtbot, window, "completed")
    training = window.editor.training
    assert training.run.record.written.settings.thresholds == stored
    told = {each.rule for each in (*training.curves.noticed.now.values(), *training.curves.noticed.over)}
    assert not told & {"loss at start", "no gain"}
    assert place.start(empty=True).editor.training.thresholds == stored


def test_a_finding_goes_with_its_document(window: Window, panel: TrainingPanel, place: Place, qtbot: QtBot) -> None:
    set_training(window, epochs=2)
    window.editor.document.mark_saved()
    press(window, Qt.Key.Key_R, CONTROL)
    wait_for(qtbot, window, "completed")
    assert window.editor.findings.of_run
    window.editor.document.mark_saved()
    window.files.open(place.copy("linear_regression.gw"))
    assert window.editor.findings.of_run == ()
    qtbot.waitUntil(lambda: not panel.beside.isVisible())
