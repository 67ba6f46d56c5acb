"""How arrays of a run are spread over its iterations, as the page of plots shows it while the run goes on."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from training_windows import click, open_window, set_training, show_training, wait_for
from windows import Place

from gradwire.app.plots.grouping import DISTRIBUTIONS
from gradwire.app.plots.ribbon_plot import RibbonPlot
from gradwire.core.graph import Source
from gradwire.core.runs.snapshots import SnapshotReader


@pytest.mark.slow
def test_ribbons_grow_while_a_run_goes_on_and_their_last_place_is_what_the_run_holds(
    place: Place, qtbot: QtBot
) -> None:
    window = open_window(place)
    set_training(window, epochs=1000)
    panel, training = show_training(window), window.editor.training
    for count in range(1, 4):
        qtbot.waitUntil(panel.iteration.isEnabled)
        click(panel.iteration)
        wait_for(qtbot, window, "paused")
        qtbot.waitUntil(lambda count=count: training.run.iteration == count)
    page = panel.plots.page
    tabs = {page.tabs.tabText(number): number for number in range(page.tabs.count())}
    assert page.tabs.isTabVisible(tabs[DISTRIBUTIONS])
    page.tabs.setCurrentIndex(tabs[DISTRIBUTIONS])
    plots = {title: plot for (_, title), plot in page.plots.items() if isinstance(plot, RibbonPlot)}
    assert list(plots) == ["activations", "gradients of activations", "parameters", "gradients of parameters"]
    graph = training.run.graph
    paths = [graph.path(id) for id in graph.order() if graph.nodes[id].op == "parameter"]
    ribbons = [each.ribbon for each in plots["parameters"].fields]
    assert [ribbon.name for ribbon in ribbons] == paths
    snapshot = SnapshotReader(training.run.record.path).read()
    assert snapshot.iteration == 3
    for ribbon in ribbons:
        held = snapshot.value(Source(graph.resolve(ribbon.name), "y"))
        assert ribbon.at.iterations.tolist() == [1, 2, 3]
        assert (ribbon.bands[0].low[-1], ribbon.bands[0].high[-1]) == (held.min(), held.max())
        middle = np.sort(held, axis=None)[[(held.size - 1) // 2, held.size // 2]]
        assert middle[0] <= ribbon.middle[-1] <= middle[1]
    click(panel.stop)
    wait_for(qtbot, window, "stopped")
