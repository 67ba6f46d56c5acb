"""What the network of a run predicts, beside its curves: while it goes on, and of what it came to."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from training_windows import click, open_window, set_training, show_training, wait_for
from windows import Place

from gradwire.app.plots.confusion import ConfusionMatrix
from gradwire.app.plots.filters_card import FiltersCard
from gradwire.app.plots.grouping import PREDICTIONS, WEIGHTS
from gradwire.app.plots.samples_card import SamplesCard
from gradwire.app.plots.surface import DecisionSurface
from gradwire.core.graph import Source
from gradwire.core.runs.snapshots import SnapshotReader

pytestmark = pytest.mark.slow  # each test trains in a process of its own, beside a window


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("iris_mlp", {ConfusionMatrix, SamplesCard}), ("moons_mlp", {ConfusionMatrix, DecisionSurface, SamplesCard})],
)
def test_what_is_predicted_is_seen_on_the_way_and_at_the_end(
    place: Place, qtbot: QtBot, name: str, kinds: set[type]
) -> None:
    window = open_window(place, f"{name}.gw")
    set_training(window, epochs=2)
    panel, training = show_training(window), window.editor.training
    click(panel.iteration)
    wait_for(qtbot, window, "paused")
    qtbot.waitUntil(lambda: training.curves.looked is not None)
    assert training.curves.looked.confusion.about == "validation, step 1"
    first = training.curves.looked
    qtbot.waitUntil(lambda: panel.pause.text() == "Continue")
    click(panel.pause)
    wait_for(qtbot, window, "completed")
    last = training.run.iteration
    qtbot.waitUntil(lambda: training.curves.looked.confusion.about == f"validation, after step {last:,}")
    counts = training.curves.looked.confusion.counts
    accuracy = float(training.run.epochs["validation_accuracy"][-1])
    assert np.trace(counts) / counts.sum() == pytest.approx(accuracy)
    page = panel.plots.page
    tabs = [page.tabs.tabText(number) for number in range(page.tabs.count())]
    qtbot.waitUntil(lambda: not page.tabs.tabRect(tabs.index(PREDICTIONS)).isEmpty())
    tab = page.tabs.tabRect(tabs.index(PREDICTIONS))
    QTest.mouseClick(page.tabs, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, tab.center())
    shown = {type(plot) for (where, _), plot in page.plots.items() if where == PREDICTIONS}
    assert kinds <= shown
    assert not page.bar.axes.isVisible()
    assert not page.bar.slider.isVisible()
    panel.plots.clicked.emit(1)  # a click on a curve: what is predicted is that of the iteration it leads to
    qtbot.waitUntil(page.stepped.isVisible)
    assert page.stepped.text() == "With the values that iteration 1 begins with, which is stepped through"
    (matrix,) = (plot for plot in page.plots.values() if isinstance(plot, ConfusionMatrix))
    assert matrix.matrix.confusion.about == "validation, step 1"
    assert np.array_equal(matrix.matrix.confusion.counts, first.confusion.counts)
    assert np.array_equal(training.curves.looked.samples.shares, first.samples.shares)
    window.editor.stepper.leave()
    qtbot.waitUntil(lambda: matrix.matrix.confusion.about == f"validation, after step {last:,}")
    assert not page.stepped.isVisible()


def test_kernels_and_weights_of_pictures_are_seen(place: Place, qtbot: QtBot) -> None:
    window = open_window(place, "digits_cnn.gw")
    set_training(window, epochs=2)
    panel, training = show_training(window), window.editor.training
    click(panel.iteration)
    wait_for(qtbot, window, "paused")
    qtbot.waitUntil(lambda: training.curves.looked is not None)
    page = panel.plots.page
    tabs = [page.tabs.tabText(number) for number in range(page.tabs.count())]
    qtbot.waitUntil(lambda: page.tabs.isTabVisible(tabs.index(WEIGHTS)))
    page.tabs.setCurrentIndex(tabs.index(WEIGHTS))
    cards = [plot for (where, _), plot in page.plots.items() if where == WEIGHTS]
    assert [type(card) for card in cards] == [FiltersCard, FiltersCard]
    graph = training.run.graph
    for filters in training.curves.looked.filters:
        weight = graph.inputs(graph.resolve(filters.name))["w"].node
        held = SnapshotReader(training.run.record.path).read().value(Source(weight, "y"))
        assert np.array_equal(filters.planes.reshape(held.shape), held)
    samples = training.curves.looked.samples
    assert samples.pictures.shape == (24, 8, 8)
    assert samples.about == "validation, step 1"
    click(panel.stop)
    wait_for(qtbot, window, "stopped")
