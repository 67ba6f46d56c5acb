"""What was typed while there was no prompt: it waits for the next one, as in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from .view import ConsoleView

PAUSE = 4  # milliseconds from a cell that was typed to what was typed after it
_Key, _Held = Qt.Key, Qt.KeyboardModifier
_ENDS = (_Key.Key_Return, _Key.Key_Enter)
_EDITS = {
    *(_Key.Key_Backspace, _Key.Key_Delete, _Key.Key_Tab, _Key.Key_Home, _Key.Key_End),
    *(_Key.Key_Left, _Key.Key_Right, _Key.Key_Up, _Key.Key_Down),
}
_BY_KEYS = tuple(getattr(QKeySequence.StandardKey, name) for name in ("Paste", "Cut", "Undo", "Redo"))
_HELD = _Held.ControlModifier | _Held.AltModifier | _Held.MetaModifier
_LEVELS = (_Held.NoModifier, _Held.ControlModifier | _Held.AltModifier)  # the latter is AltGr, as Windows tells it


def is_typed(event: QKeyEvent) -> bool:
    """Whether a key is one that a prompt takes: a sign, or what edits signs."""
    if any(event.matches(keys) for keys in _BY_KEYS):
        return True
    if event.text().isprintable() and event.text():
        return event.modifiers() & _HELD in _LEVELS
    return event.key() in (*_EDITS, *_ENDS) and not event.modifiers() & _HELD


class Typed(QObject):
    """Keys, kept until they can be typed. `changed` when there are more of them, or fewer."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._kept: list[QKeyEvent] = []
        self._typing = False

    def __len__(self) -> int:
        return len(self._kept)

    def takes(self, event: QEvent, prompts: bool) -> bool:
        """Keep a key that finds no prompt, or others that wait for one; False where that is not so.

        Qt asks for each key before whether it is a shortcut: of what is typed none is.
        """
        if self._typing or (prompts and not self._kept):
            return False
        if not isinstance(event, QKeyEvent) or not is_typed(event):
            return False
        if event.type() == QEvent.Type.KeyPress:
            self._kept.append(event.clone())
            self.changed.emit()
        event.accept()
        return True

    def forget(self) -> None:
        """What waits was typed for a cell that was to go on: it is not what is wanted after Stop."""
        self._kept.clear()
        self.changed.emit()

    def type_into(self, view: ConsoleView) -> None:
        """Type it: a cell at a time, what comes after one waits for its end."""
        if not self._kept or view.computes:
            return
        if view.prompts:
            ends = [number for number, event in enumerate(self._kept, 1) if event.key() in _ENDS]
            count = ends[0] if ends else len(self._kept)
            typed, self._kept = self._kept[:count], self._kept[count:]
            self._typing = True
            try:
                view.type_anew(typed)
            finally:
                self._typing = False
            self.changed.emit()
        if self._kept:  # after a line of a cell that is not whole yet no prompt comes
            QTimer.singleShot(PAUSE, self, lambda: self.type_into(view))
