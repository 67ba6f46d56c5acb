"""What a cell does is told once, by the cell itself; a run that is refused is not told at all."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import Place, add

from gradwire.app.actions import ACTIONS
from gradwire.app.window import Window
from gradwire.core.graph import Training

CALM = 800  # milliseconds, after which all is told that may go on


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """One with a loss and the console, which tells what is done."""
    made = place.start(empty=True)
    with made.editor.document.transaction("Build") as t:
        weight = t.add("parameter", name="w", params={"shape": [], "init": "ones"})
        t.set_values(weight, np.float32(1))
        t.add("multiply", name="loss", inputs={"x": weight, "y": weight}, position=(240, 0))
    panel = made.panel("console")
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text)
    made.menus.start(ACTIONS["view.echo"])
    return made


def test_what_a_cell_undoes_redoes_and_trains_is_not_told_again(window: Window, qtbot: QtBot) -> None:
    panel = window.docks.panels["console"]

    def came_of(code: str) -> str:
        before = len(panel.view.text)
        panel.view.execute(code)
        qtbot.waitUntil(lambda: not panel.engine.busy)
        qtbot.wait(CALM)
        return panel.view.text[before:]

    for code in ("_ = add('relu')", "undo()", "redo()", "_ = doc.undo()", "_ = doc.redo()", "do('edit.undo')"):
        assert came_of(code).split() == [*code.split(), *"In [0]:".replace("0", str(panel.engine.count + 1)).split()]
    window.editor.attempt("Train", lambda t: t.set_training(Training("multiply0", epochs=1)))
    assert came_of("_ = train()").count("train()") == 1
    told = panel.view.text.count("undo()")
    window.menus.start(ACTIONS["edit.undo"])
    assert panel.view.text.count("undo()") == told + 1, "a user's own is told"


def test_a_run_is_told_when_it_begins_and_not_where_it_is_refused(window: Window, qtbot: QtBot) -> None:
    panel, training = window.docks.panels["console"], window.editor.training
    window.canvas.setFocus()
    add(window.editor, "relu", name="unfed")
    window.editor.attempt("Train", lambda t: t.set_training(Training("relu0", epochs=1)))
    qtbot.wait(CALM)
    QTest.keyClick(window.canvas, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: training.ready and "nothing is wired" in training.message)
    qtbot.wait(CALM)
    assert "train()" not in panel.view.text
    window.editor.attempt("Mend it", lambda t: (t.remove("relu0"), t.set_training(Training("multiply0", epochs=1))))
    QTest.keyClick(window.canvas, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: training.run is not None and training.ready)
    qtbot.wait(CALM)
    assert panel.view.text.count("train()") == 1
