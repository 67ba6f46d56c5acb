"""A run that is told to end: after its iteration, and told once more, as that takes long, at once."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from .telling import BEGINNING

if TYPE_CHECKING:
    from .controller import Training
    from .errands import Errands
    from .polling import Polling

SOON = 1.0  # seconds in which a run mostly ends when it is told so


class Stopping(QObject):
    """Of one run of `training` at a time, which is told where the run has not ended soon."""

    def __init__(self, training: Training, polling: Polling, errands: Errands) -> None:
        super().__init__(training)
        self._training, self._errands = training, errands
        self._told_at: float | None = None  # by the monotonic clock
        training.begun.connect(self._forget)
        polling.ended.connect(self._forget)

    @property
    def takes_long(self) -> bool:
        """Whether the run was told to end a while ago."""
        return self._told_at is not None and monotonic() - self._told_at > SOON

    def stop(self) -> None:
        """End the run, and put its values into the document; asked once more, at once and without."""
        run = self._training.run
        if self._training.state == BEGINNING:
            self._errands.cancel()
            self._errands.failed.emit("Stopped before the first iteration")
        elif run is not None and self.takes_long:
            run.process.kill()
        elif run is not None:
            if self._told_at is None:
                self._told_at = monotonic()
                QTimer.singleShot(int(1000 * SOON) + 1, self, self._training.changed.emit)
            run.stop()

    def _forget(self, *_: object) -> None:
        self._told_at = None
