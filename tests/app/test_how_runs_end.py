"""A run whose numbers are no longer finite stops by itself, and what held at the end of a run is shown as holding."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from training_windows import click, open_window, set_training, show_training, wait_for
from windows import Place

from gradwire.app.panels.training import TrainingPanel
from gradwire.app.window import Window

pytestmark = pytest.mark.slow  # each test trains in a process of its own, beside a window


@pytest.fixture
def window(place: Place) -> Window:
    return open_window(place)


@pytest.fixture
def panel(window: Window) -> TrainingPanel:
    return show_training(window)


def test_a_run_that_is_no_longer_finite_stops_and_the_document_keeps_its_values(
    window: Window, panel: TrainingPanel, qtbot: QtBot
) -> None:
    editor, training = window.editor, window.editor.training
    set_training(window, lr=1e38, epochs=20)
    before = editor.home.document.values
    click(panel.train)
    wait_for(qtbot, window, "stopped")
    assert training.run.iteration < 20 * training.run.facts["iterations_per_epoch"]
    qtbot.waitUntil(lambda: panel.message.text().startswith("Stopped: not finite since iteration "))
    assert panel.message.text().endswith("; the document keeps the values it had")
    assert window.status.message.text() == f"✗ {panel.message.text()}"
    assert editor.home.document.values is before
    assert not training.trained.kept
    # Whoever wants to see what comes of it goes on to the end, and is asked before the values are taken.
    assert panel.pause.text() == "Continue"
    click(panel.pause)
    wait_for(qtbot, window, "completed")
    assert training.run.iteration == 20 * training.run.facts["iterations_per_epoch"]
    qtbot.waitUntil(lambda: panel.message.text().startswith("Done: not finite since iteration "))
    assert editor.home.document.values is before


def test_what_held_when_a_run_ended_still_holds_when_it_is_looked_at(
    window: Window, panel: TrainingPanel, qtbot: QtBot
) -> None:
    editor, training = window.editor, window.editor.training
    set_training(window, epochs=10, zero_gradients=False)
    click(panel.train)
    wait_for(qtbot, window, "completed")
    folder, told = training.run.record.path, editor.findings.of_run
    assert "gradients not zeroed" in {each.rule for each in told}
    training.leave()
    assert not editor.findings.of_run
    training.left.begin(folder, go_on=False)
    qtbot.waitUntil(lambda: training.state == "completed" and training.ready)
    assert {(each.key, each.text) for each in editor.findings.of_run} == {(each.key, each.text) for each in told}
    qtbot.waitUntil(lambda: "gradients not zeroed" in [card.name.text() for card in panel.beside.cards.values()])
    assert panel.beside.nothing.isHidden()
