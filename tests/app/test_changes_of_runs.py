"""What is changed while a run goes on: parameters frozen on the canvas, when it stops; each a mark on the curves."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from training_windows import click, open_window, press, set_training, show_training, wait_for
from windows import Place

from gradwire.app.panels.training import TrainingPanel
from gradwire.app.window import Window
from gradwire.core.graph import Source

pytestmark = pytest.mark.slow  # each test trains in a process of its own, beside a window

SHIFT = Qt.KeyboardModifier.ShiftModifier
PATHS = ("mlp/linear_1/weight", "mlp/linear_1/bias", "mlp/linear_2/weight", "mlp/linear_2/bias")


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """A run of it is paused after its first iteration."""
    shown = open_window(place)
    set_training(shown, epochs=1000)
    click(show_training(shown).iteration)
    wait_for(qtbot, shown, "paused")
    return shown


@pytest.fixture
def panel(window: Window) -> TrainingPanel:
    return show_training(window)


def marks(window: Window) -> list[tuple[float, str]]:
    return [(mark.iteration, mark.text) for mark in window.editor.training.curves.marks]


def wait_for_marks(qtbot: QtBot, window: Window, count: int) -> None:
    qtbot.waitUntil(lambda: len(marks(window)) == count)


def next_iteration(qtbot: QtBot, panel: TrainingPanel) -> None:
    qtbot.waitUntil(panel.iteration.isEnabled)
    click(panel.iteration)


def freeze(window: Window, *paths: str) -> None:
    """As a user does: select, and press the key."""
    ids = [window.editor.graph.resolve(path) for path in paths]
    window.editor.select(ids, active=ids[0])
    window.canvas.setFocus()
    press(window, Qt.Key.Key_F, SHIFT)


def test_a_parameter_is_frozen_and_trained_again_on_the_way(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    editor, training = window.editor, window.editor.training
    weight = editor.graph.resolve(PATHS[0])
    freeze(window, PATHS[0])
    wait_for_marks(qtbot, window, 1)
    assert training.origin.mark(editor.document) == ""
    next_iteration(qtbot, panel)
    qtbot.waitUntil(lambda: training.run.iteration == 2 and training.state == "paused")
    resting = training.run.snapshot().value(Source(weight, "y"))
    next_iteration(qtbot, panel)
    qtbot.waitUntil(lambda: training.run.iteration == 3 and training.state == "paused")
    assert np.array_equal(training.run.snapshot().value(Source(weight, "y")), resting)
    editor.undo()
    wait_for_marks(qtbot, window, 2)
    for number in (4, 5):
        next_iteration(qtbot, panel)
        qtbot.waitUntil(lambda: training.run.iteration == number and training.state == "paused")  # noqa: B023
    assert not np.array_equal(training.run.snapshot().value(Source(weight, "y")), resting)
    assert marks(window) == [(1, f"freeze {PATHS[0]}"), (3, f"unfreeze {PATHS[0]}")]
    freeze(window, *PATHS[:2])
    wait_for_marks(qtbot, window, 3)
    assert marks(window)[2] == (5, "freeze 2 parameters")
    click(panel.stop)
    wait_for(qtbot, window, "stopped")
    assert editor.document.history.next_undo.label == "Train"  # a frozen graph is still that of the run
    assert set(editor.document.values) == {editor.graph.resolve(path) for path in PATHS}


def test_what_a_run_refuses_is_said_and_marks_it_as_another(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    training = window.editor.training
    set_training(window, early_stopping={"metric": "beauty"})
    qtbot.waitUntil(lambda: "beauty" in window.status.message.text())
    assert window.status.message.text().startswith("✗ ")
    qtbot.waitUntil(lambda: panel.mark.isVisible() and panel.mark.text() == "with earlier settings")
    window.editor.undo()
    qtbot.waitUntil(lambda: not panel.mark.isVisible())
    QTest.qWait(200)
    assert marks(window) == []
    next_iteration(qtbot, panel)
    qtbot.waitUntil(lambda: training.run.iteration == 2)
    click(panel.stop)
    wait_for(qtbot, window, "stopped")


@pytest.mark.slow
def test_when_it_stops_is_changed_on_the_way(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    training = window.editor.training
    set_training(window, epochs=4)
    wait_for_marks(qtbot, window, 1)
    qtbot.waitUntil(lambda: " of 4 · " in panel.status.text())
    set_training(window, early_stopping={"metric": "validation_loss", "patience": 1})
    wait_for_marks(qtbot, window, 2)
    set_training(window, early_stopping=None)
    wait_for_marks(qtbot, window, 3)
    assert marks(window) == [
        (1, "epochs 4"),
        (1, "early stopping: validation loss"),
        (1, "no early stopping"),
    ]
    click(panel.pause)
    wait_for(qtbot, window, "completed")
    assert training.run.iteration == 4 * 8
    assert window.status.message.text().startswith("Trained 4 epochs: ")
    assert training.origin.mark(window.editor.document) == ""


def test_an_early_stop_says_that_it_was_one_and_why(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    stopping = {"metric": "validation_loss", "patience": 2, "min_delta": 10.0}
    set_training(window, epochs=30, early_stopping=stopping)
    wait_for_marks(qtbot, window, 1)
    click(panel.pause)
    wait_for(qtbot, window, "completed")
    why = "validation loss has not fallen for 2 epochs"
    assert window.status.message.text().startswith(f"Trained 3 epochs, stopped early ({why}): loss ")
    qtbot.waitUntil(lambda: panel.status.text().startswith("Stopped early · epoch 3 of 30 · val accuracy "))
    assert panel.status.text().endswith(f" · {why} · iteration 24 of 240")
