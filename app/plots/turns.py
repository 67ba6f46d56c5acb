"""Pieces of work that take turns, one a frame: together they would hold the window for longer than one."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, QTimer

FRAME = 17  # milliseconds


class Turns(QObject):
    """Does what it is given, of each key the newest only, in the order in which keys were first given."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: dict[Hashable, Callable[[], object]] = {}
        self._timer = QTimer(self, interval=FRAME)
        self._timer.timeout.connect(self._next)

    def take(self, key: Hashable, work: Callable[[], object]) -> None:
        """Do this when it is its turn, and not what waits under the same key."""
        self._waiting[key] = work
        if not self._timer.isActive():
            self._timer.start()

    def finish(self) -> None:
        """Do at once all that waits."""
        while self._waiting:
            self._next()

    def clear(self) -> None:
        """Do nothing of what waits."""
        self._waiting.clear()
        self._timer.stop()

    def _next(self) -> None:
        key = next(iter(self._waiting))
        work = self._waiting.pop(key)
        if not self._waiting:
            self._timer.stop()
        work()
