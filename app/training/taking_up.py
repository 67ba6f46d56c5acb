"""Taking up a run that was left: shown from its folder at once, and gone on with where that is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from ..looking_away import come_back
from .starting import Start

if TYPE_CHECKING:
    from ..editor import Editor
    from .controller import Training
    from .errands import Errands
    from .predicting import Predicting
    from .resting import Rested


class TakingUp(QObject):
    """For one controller; `onlookers` leave the run that it had before, and `predicting` looks at this one."""

    def __init__(
        self, training: Training, editor: Editor, errands: Errands, onlookers: Iterable[Any], predicting: Predicting
    ) -> None:
        super().__init__(training)
        self._predicting = predicting
        self._training, self._editor, self._errands, self._onlookers = training, editor, errands, onlookers
        self._go_on = False
        errands.rested.connect(self._take)

    def begin(self, folder: Path, go_on: bool) -> None:
        """Show the run in a folder that nobody trains, in the place of the one before; and `go_on` with it."""
        training, editor = self._training, self._editor
        if not training.ready:
            editor.told.emit("a run is on its way: pause or stop it first", "refusal")
            return
        come_back(editor)
        self._go_on = go_on
        training.begun.emit(True)
        self._errands.rest(folder, Start.of(editor))

    def _take(self, rested: Rested) -> None:
        training = self._training
        training.trained.forget()
        training.run, training.curves, training.origin = rested
        training.message = rested.run.message
        self._editor.findings.show_run(rested.curves.noticed.worst_first)
        for each in self._onlookers:
            each.leave()
        training.changed.emit()
        if self._go_on:
            training.pause_or_continue()
        else:
            self._predicting.rest(rested.curves)
