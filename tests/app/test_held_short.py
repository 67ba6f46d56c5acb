"""What changes many times a second holds the window for short: nothing is laid out for it, and plots take turns."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gradwire.app.chrome.line import Line
from gradwire.app.turns import Turns


class Layouts(QObject):
    """Counts how often a widget is asked to lay out what it holds."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_a_line_is_painted_anew_and_nothing_is_laid_out(qtbot: QtBot) -> None:
    holder, line = QWidget(), Line()
    QVBoxLayout(holder).addWidget(line)
    qtbot.addWidget(holder)
    holder.resize(300, 60)
    with qtbot.waitExposed(holder):
        holder.show()
    qtbot.wait(20)
    before, counted = line.grab().toImage(), Layouts(holder)
    line.setText("Iteration 12,345 of 67,890")
    qtbot.wait(20)
    assert line.text() == line.accessibleDescription() == "Iteration 12,345 of 67,890"
    assert line.grab().toImage() != before
    assert counted.count == 0


def test_of_what_waits_the_newest_is_done_one_a_frame(qtbot: QtBot) -> None:
    holder, done = QObject(), []
    turns = Turns(holder)
    for name in ("loss", "accuracy", "loss"):
        turns.take(name, lambda name=name: done.append(name))
    assert done == []
    qtbot.waitUntil(lambda: done == ["loss"])
    qtbot.waitUntil(lambda: done == ["loss", "accuracy"])
    qtbot.wait(60)
    assert done == ["loss", "accuracy"]
    turns.take("rate", lambda: done.append("rate"))
    turns.clear()
    qtbot.wait(40)
    assert done == ["loss", "accuracy"]
