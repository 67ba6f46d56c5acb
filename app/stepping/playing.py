"""Stepping by itself: at a pace, until it is stopped, the end comes, or the stepper is left."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from .stepper import Stepper

PACE = 900  # ms that a step stands: time to look at it


class Playing(QObject):
    """Plays one stepper. `changed` when it begins and ends."""

    changed = Signal()

    def __init__(self, stepper: Stepper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self._timer = QTimer(self, interval=PACE)
        self._timer.timeout.connect(self._go_on)
        stepper.left.connect(self.stop)
        stepper.told.connect(lambda text, kind: self.stop())

    @property
    def on(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play, from the end of an iteration from its start on; or stop."""
        if self.on:
            self.stop()
            return
        if self._stepper.at_end:
            self._stepper.to_start()
        self._timer.start()
        self.changed.emit()

    def stop(self) -> None:
        """Play no more."""
        if self.on:
            self._timer.stop()
            self.changed.emit()

    def _go_on(self) -> None:
        if self._stepper.at_end:
            self.stop()
        elif not self._stepper.recordings.busy:  # what is asked for again would begin again
            self._stepper.step()
