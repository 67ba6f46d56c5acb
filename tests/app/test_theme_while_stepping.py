"""A theme that is changed changes colours, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, recorded

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
    window.perform("theme")
    titles = []
    for _ in range(4):
        window.editor.stepper.step()
        moment = window.editor.stepper.moment
        qtbot.waitUntil(lambda moment=moment: panel.reading is not None and panel.reading.moment is moment)
        titles.append(panel.page.head.title.text())
    print(titles)
