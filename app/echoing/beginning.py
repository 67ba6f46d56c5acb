"""What a run is told as that somebody has asked for: once it has begun, and not at all where it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from ..training.telling import BEGINNING

if TYPE_CHECKING:
    from ..training.controller import Training


class _Asked(NamedTuple):
    lines: list[str]
    by_console: bool


class Beginning(QObject):
    """Of the runs of one window. `begun(lines, by_console)` when what was asked for is there."""

    begun = Signal(list, bool)

    def __init__(self, training: Training, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._asked: _Asked | None = None
        training.changed.connect(self._follow)

    def ask(self, lines: list[str], by_console: bool) -> None:
        """These lines ask for the run that is on its way."""
        self._asked = _Asked(lines, by_console)
        self._follow()

    def tell(self) -> None:
        """Something is told that comes after it."""
        asked, self._asked = self._asked, None
        if asked is not None:
            self.begun.emit(asked.lines, asked.by_console)

    def _follow(self) -> None:
        """Tell it when the run is there; a run that is refused never is."""
        if self._asked is None or self._training.state == BEGINNING:
            return
        if self._training.active:
            self.tell()
        self._asked = None
