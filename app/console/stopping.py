"""A cell that is told to stop, and again where it swallows what is raised in it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from .cell import Cell

AGAIN = 150  # milliseconds after which a cell that goes on is told to stop again
TRIES = 5  # so often, until it is said that it does not stop


class Stopping(QObject):
    """Of one cell at a time, from `begin` to `end`."""

    failed = Signal()  # it was told again and again, and goes on

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._cell: Cell | None = None
        self._tries = 0
        self._again = QTimer(self, singleShot=True, interval=AGAIN)
        self._again.timeout.connect(self._try)

    def begin(self, cell: Cell) -> None:
        """Stop this cell."""
        self._cell = cell
        self._tries = cell.stop()  # one that has not begun yet is told when it has
        self._again.start()

    def end(self) -> None:
        """It has ended."""
        self._cell = None
        self._again.stop()

    def _try(self) -> None:
        """Tell it again; one that only tells how it ended is left to do so."""
        if self._cell is None:
            return
        if self._tries < TRIES and not self._cell.over:
            self._cell.stop()
        self._tries += 1
        if self._tries > TRIES:
            self.failed.emit()
        else:
            self._again.start()
