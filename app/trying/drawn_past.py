"""What has been drawn before, so that strokes are taken back where they are made: the graph has no part in them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

Array = np.ndarray[Any, Any]
MOST = 100  # pictures that are kept
_AGAIN = Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_Y


class Drawn(NamedTuple):
    """A picture; `blank` where nothing is drawn on it."""

    picture: Array
    blank: bool


class DrawnPast:
    """The pictures before the one that is shown, and those that were taken back."""

    def __init__(self) -> None:
        self._before: list[Drawn] = []
        self._after: list[Drawn] = []

    def keep(self, drawn: Drawn) -> None:
        """Another picture takes the place of this one."""
        self._before = [*self._before, drawn][-MOST:]
        self._after.clear()

    def forget(self) -> None:
        """Drawing begins with another picture."""
        self._before.clear()
        self._after.clear()

    def step(self, shown: Drawn, back: bool) -> Drawn | None:
        """What is shown once the last picture is taken back, or there again; None where there is none."""
        from_, to = (self._before, self._after) if back else (self._after, self._before)
        if not from_:
            return None
        to.append(shown)
        return from_.pop()


def step_asked(event: QKeyEvent) -> bool | None:
    """Whether a key takes back (True) or makes again (False); None of any other."""
    if event.matches(QKeySequence.StandardKey.Undo):
        return True
    if event.matches(QKeySequence.StandardKey.Redo) or (event.modifiers(), event.key()) == _AGAIN:
        return False
    return None
