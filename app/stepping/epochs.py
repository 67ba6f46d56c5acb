"""Says once of a recording that the last epoch of its training settings is over: steps go on all the same."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ...core.errors import GradwireError
from ...core.feeding import iterations_per_epoch
from .stepper import Stepper


class LastEpoch(QObject):
    """Of one stepper. `told` at the end of the last iteration that training would take; what plays is not stopped."""

    told = Signal(str, str)  # a line for the status bar, and "note"

    def __init__(self, stepper: Stepper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self._told = False
        stepper.changed.connect(self._follow)
        stepper.left.connect(self._forget)

    def _forget(self) -> None:
        self._told = False

    def _follow(self) -> None:
        stepper = self._stepper
        if self._told or not stepper.at_end or not stepper.trains or stepper.timeline is None:
            return
        asked = stepper.timeline.run.asked
        training = asked.graph.training
        if training is None or stepper.number % training.epochs:  # before any data are looked at
            return
        try:
            last = iterations_per_epoch(asked.graph, asked.folder) * training.epochs
        except GradwireError:  # the data were there when the iteration was recorded, and are gone: nobody knows
            return
        if stepper.number == last:
            self._told = True
            epochs = f"the last of {training.epochs:,} epochs" if training.epochs > 1 else "the one epoch"
            self.told.emit(f"This was {epochs} that training takes; the next step goes on all the same", "note")
