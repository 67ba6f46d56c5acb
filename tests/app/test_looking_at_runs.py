"""An iteration of a run is stepped through in the run's own graph, under a banner, where the document's is another."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from training_windows import click, open_window, press, set_training, show_training, wait_for
from windows import Place

from gradwire.app.panels.training import TrainingPanel
from gradwire.app.training.window import LOOKED_AT
from gradwire.app.undoing import READ_ONLY
from gradwire.app.window import Window

pytestmark = pytest.mark.slow  # each test trains in a process of its own, beside a window

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(place: Place) -> Window:
    return open_window(place)


@pytest.fixture
def panel(window: Window) -> TrainingPanel:
    return show_training(window)


def train(window: Window, qtbot: QtBot) -> None:
    press(window, Qt.Key.Key_R, CONTROL)
    wait_for(qtbot, window, "completed")


def go(window: Window, panel: TrainingPanel, qtbot: QtBot, iteration: int) -> None:
    """What a click on a curve does."""
    qtbot.waitUntil(lambda: panel.plots is not None and panel.plots.page is not None)
    panel.plots.page.clicked.emit(iteration)
    stepper = window.editor.stepper
    qtbot.waitUntil(lambda: stepper.active and stepper.number == iteration)


def loss(window: Window, iteration: int) -> float:
    return float(window.editor.training.run.curves["loss"][iteration - 1])


def test_of_an_edited_document_the_graph_of_the_run_is_shown_and_not_edited(
    window: Window, panel: TrainingPanel, qtbot: QtBot
) -> None:
    train(window, qtbot)
    editor = window.editor
    relu = editor.graph.resolve("mlp/relu_1")
    editor.attempt("Remove", lambda t: t.remove(relu))
    own, values = editor.graph, editor.document.values
    go(window, panel, qtbot, 100)
    assert editor.stepper.timeline.loss == loss(window, 100)
    assert relu in editor.graph.nodes
    assert window.canvas.scene.graph is editor.graph
    bar = window.bars.get(LOOKED_AT)
    assert bar.text == "The graph of the run as it was at iteration 100, to be looked at, not edited."
    editor.select([relu], active=relu)
    window.canvas.setFocus()
    press(window, Qt.Key.Key_Delete)
    assert relu in editor.graph.nodes
    assert window.status.message.text() == f"✗ {READ_ONLY}"
    press(window, Qt.Key.Key_Z, CONTROL)
    assert editor.home.document.graph is own
    assert window.files.name == "iris_mlp.gw"
    assert window.isWindowModified()
    (back,) = bar.buttons.values()
    assert isinstance(back, QPushButton)
    assert back.text() == "Back to iris_mlp.gw"
    click(back)
    assert editor.graph is own
    assert editor.document.values is values
    assert window.bars.get(LOOKED_AT) is None
    assert not editor.stepper.active
    assert panel.training.run is not None  # with its curves
    editor.undo()
    assert relu in editor.graph.nodes


def test_settings_that_were_changed_on_the_way_are_those_of_the_iteration(
    window: Window, panel: TrainingPanel, qtbot: QtBot
) -> None:
    editor = window.editor
    set_training(window, epochs=4)
    click(panel.iteration)
    wait_for(qtbot, window, "paused")
    set_training(window, lr=0.002)
    qtbot.waitUntil(lambda: len(editor.training.curves.marks) == 1)
    click(panel.pause)
    wait_for(qtbot, window, "completed")
    go(window, panel, qtbot, 20)
    assert window.bars.get(LOOKED_AT) is None
    assert editor.stepper.timeline.loss == loss(window, 20)
    go(window, panel, qtbot, 1)
    assert editor.stepper.timeline.loss == loss(window, 1)
    assert editor.graph.training.optimiser["lr"] == 0.01
    assert window.bars.get(LOOKED_AT) is not None
    editor.stepper.visit(2)  # which has the other rate
    qtbot.waitUntil(lambda: editor.session is editor.home and editor.stepper.number == 2)
    qtbot.waitUntil(lambda: editor.stepper.active)
    assert window.bars.get(LOOKED_AT) is None
    assert editor.stepper.timeline.loss == loss(window, 2)
    assert editor.graph.training.optimiser["lr"] == 0.002


def test_a_run_ends_and_is_saved_while_another_graph_is_looked_at(
    window: Window, panel: TrainingPanel, qtbot: QtBot
) -> None:
    editor = window.editor
    set_training(window, epochs=4)
    click(panel.iteration)
    wait_for(qtbot, window, "paused")
    set_training(window, lr=0.002)
    qtbot.waitUntil(lambda: len(editor.training.curves.marks) == 1)
    go(window, panel, qtbot, 1)
    assert editor.session is not editor.home
    click(panel.pause)
    wait_for(qtbot, window, "completed")
    assert editor.home.document.history.next_undo.label == "Train"
    assert editor.session is not editor.home
    bar = window.bars.get(LOOKED_AT)
    bar.dismiss()
    assert editor.session is editor.home
    assert editor.document.values
    press(window, Qt.Key.Key_S, CONTROL)
    assert not window.isWindowModified()
