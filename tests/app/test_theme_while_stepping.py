"""A theme that is changed changes colours, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, recorded

from gradwire.app.look.seen import is_seen
from gradwire.app.panels.step import StepPanel


def test_the_step_panel_follows_the_steps_after_another_theme(place: Place, qtbot: QtBot) -> None:
    """Its page became opaque with the colours of its own, and so covered the panel in which it stands."""
    window = place.start(EXAMPLES / "fork.gw")
    window.resize(1400, 900)
    window.show()
    panel = window.docks.show("step")
    assert isinstance(panel, StepPanel)
    window.editor.stepper.to_start()
    recorded(window, qtbot)
    for theme in ("light", "dark"):
        window.application.choose_theme(theme)
        for _ in range(3):
            window.canvas.setFocus()
            QTest.keyClick(window.canvas, Qt.Key.Key_Space)
            moment = window.editor.stepper.moment
            qtbot.waitUntil(lambda moment=moment: panel.reading is not None and panel.reading.moment is moment)
            panel.grab()  # as drawing does
    assert window.editor.stepper.cursor.step == 6


def test_a_panel_is_seen_in_front_and_not_behind_another_tab(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "fork.gw")
    window.resize(1400, 900)
    window.show()
    step = window.docks.show("step")
    qtbot.waitUntil(lambda: is_seen(step))
    other = window.docks.show("watch")
    qtbot.waitUntil(lambda: is_seen(other) and not is_seen(step))
    step.window().hide()
    assert not is_seen(other)
