"""What mouse, keyboard and drags say to a canvas: each kind of event goes to the one who knows what it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from . import accessible
from .dropping import Dropping
from .keys import Keys
from .pointer import Pointer
from .wheel import Wheel

if TYPE_CHECKING:
    from .canvas import Canvas


class Events:
    """Takes the events of one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.pointer = Pointer(canvas)
        keys, wheel, dropping = Keys(canvas, self.pointer), Wheel(canvas), Dropping(canvas, self.pointer)
        kinds = QEvent.Type
        self._takers: dict[QEvent.Type, Callable[[Any], bool | None]] = {  # True: it goes no further
            kinds.MouseButtonPress: self._press,
            kinds.MouseButtonDblClick: self._press,
            kinds.MouseMove: self.pointer.move,
            kinds.MouseButtonRelease: self.pointer.release,
            kinds.Leave: self._leave,
            kinds.Wheel: wheel.turn,
            kinds.NativeGesture: wheel.pinch,
            kinds.KeyPress: keys.press,
            kinds.KeyRelease: keys.release,
            kinds.FocusIn: self._focus_in,
            kinds.FocusOut: self._focus_out,
            kinds.DragEnter: dropping.enter,
            kinds.DragMove: dropping.move,
            kinds.DragLeave: dropping.leave,
            kinds.Drop: dropping.drop,
        }

    def take(self, event: QEvent) -> bool:
        """Do what an event says; whether that was all."""
        taker = self._takers.get(event.type())
        return taker is not None and bool(taker(event))

    def _press(self, event: QMouseEvent) -> bool:
        self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        self.pointer.press(event)
        return True

    def _leave(self, event: QEvent) -> None:
        if QApplication.activePopupWidget() is None:  # what is chosen in its own menu is meant where that was opened
            self._canvas.pointer = None
        self._canvas.hover.leave()

    def _focus_in(self, event: QFocusEvent) -> None:
        accessible.tell_focus(self._canvas)

    def _focus_out(self, event: QFocusEvent) -> None:
        self.pointer.cancel()
