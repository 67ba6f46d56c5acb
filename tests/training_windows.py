"""What tests of training in a window share: a window that is ready to train, and waiting for a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from windows import A_MINUTE, Place

from gradwire.app.panels.training import TrainingPanel
from gradwire.app.window import Window


def open_window(place: Place, name: str = "iris_mlp.gw") -> Window:
    """A window with an example, the canvas with the keyboard."""
    shown = place.start(place.copy(name))
    shown.resize(1500, 950)
    shown.activateWindow()
    assert QTest.qWaitForWindowActive(shown)
    shown.canvas.setFocus()
    return shown


def show_training(window: Window) -> TrainingPanel:
    """Bring its panel into view."""
    found = window.panel("training")
    assert isinstance(found, TrainingPanel)
    return found


def set_training(window: Window, lr: float | None = None, **settings: Any) -> None:
    """Set fields of the training settings, and the learning rate."""
    known = window.editor.graph.training
    assert known is not None
    optimiser = known.optimiser if lr is None else {**known.optimiser, "lr": lr}
    changed = replace(known, optimiser=optimiser, **settings)
    window.editor.attempt("Set", lambda t: t.set_training(changed))


def click(button: QWidget) -> None:
    """As a user does, who sees whether it can be pressed: a panel follows its run now and then."""
    for _ in range(A_MINUTE // 20):
        if button.isEnabled():
            break
        QTest.qWait(20)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def be_active(window: Window) -> None:
    """Let it have the keyboard: another window that closes late takes it away."""
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)


def press(window: Window, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    """A key on the canvas."""
    held = Qt.KeyboardModifier.NoModifier
    for each in modifiers:
        held |= each
    be_active(window)
    QTest.keyClick(window.canvas, key, held)


def wait_for(qtbot: QtBot, window: Window, state: str) -> None:
    """Wait for a state of the run, and for what follows from it."""
    training, over = window.editor.training, state not in ("running", "paused")
    qtbot.waitUntil(lambda: training.state == state and training.ready == over)
