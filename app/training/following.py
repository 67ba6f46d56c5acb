"""A run follows the settings of its optimiser that are edited while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ...core.errors import GradwireError

if TYPE_CHECKING:
    from ..editor import Editor
    from .controller import Training

SETTLED = 150  # milliseconds after the last edit until the run is told: a field that is dragged gives many


class Following(QObject):
    """Tells the active run of a controller what was set."""

    def __init__(self, training: Training, editor: Editor) -> None:
        super().__init__(training)
        self._training, self._editor = training, editor
        self._settled = QTimer(self, singleShot=True, interval=SETTLED)
        self._settled.timeout.connect(self._tell)
        editor.changed.connect(lambda _: self.follow())

    def follow(self) -> None:
        """Something was edited, or a run has begun."""
        if self._training.active:
            self._settled.start()

    def _tell(self) -> None:
        """Only where nothing else of the training is another: the run would not be that of the document."""
        from .changing import settings_between

        run, origin, now = self._training.run, self._training.origin, self._editor.graph.training
        if run is None or not self._training.active or origin is None or origin.told is None or now is None:
            return
        if settings := settings_between(origin.told, now):
            origin.told = now
            try:
                run.set(**settings)
            except GradwireError as error:
                self._editor.told.emit(str(error), "refusal")
