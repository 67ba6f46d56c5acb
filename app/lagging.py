"""Work that follows what happens after a short while, as one does not read what is gone at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

BEHIND, AT_LAST = 40, 160  # ms from the last of what happens, and from the first that was not followed yet


class Lagging(QObject):
    """`due` when nothing more has happened for a while, and now and then while it goes on happening fast."""

    due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._soon = QTimer(self, singleShot=True, interval=BEHIND)
        self._at_last = QTimer(self, singleShot=True, interval=AT_LAST)
        for timer in (self._soon, self._at_last):
            timer.timeout.connect(self._come)

    def happen(self) -> None:
        """Something has happened that is to be followed."""
        self._soon.start()
        if not self._at_last.isActive():
            self._at_last.start()

    def _come(self) -> None:
        self._soon.stop()
        self._at_last.stop()
        self.due.emit()
