"""What was typed before there was a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from .engine import Engine
    from .view import ConsoleView

PAUSE = 4  # milliseconds from a cell that was typed to what was typed after it
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Typed(QObject):
    """Keys, kept until they can be typed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._kept: list[QKeyEvent] = []

    def keep(self, event: QKeyEvent) -> None:
        """Keep a key for the prompt."""
        self._kept.append(event.clone())

    def type_into(self, view: ConsoleView | None, engine: Engine | None) -> None:
        """Type it: a cell at a time, what comes after one waits for its end."""
        if view is None or engine is None or engine.busy:
            return
        ends = [number for number, event in enumerate(self._kept, 1) if event.key() in _ENDS]
        count = ends[0] if ends else len(self._kept)
        typed, self._kept = self._kept[:count], self._kept[count:]
        view.type_anew(typed)
        if self._kept:  # after a line of a cell that is not whole yet no prompt comes
            QTimer.singleShot(PAUSE, self, lambda: self.type_into(view, engine))
