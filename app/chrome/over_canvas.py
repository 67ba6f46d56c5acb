"""What fields have in common that open over the canvas to be typed in, and close when that is done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

Field = QLineEdit | QPlainTextEdit

# The window is left, or the field has opened its own menu: neither ends the typing.
STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


def is_enter(event: QKeyEvent) -> bool:
    """Whether either Enter key is pressed."""
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class OverCanvas(QObject):
    """Shows a field over the canvas and ends it: Escape takes nothing, going elsewhere takes what was typed."""

    def __init__(
        self,
        field: Field,
        canvas: QWidget,
        corner: QPoint,
        take: Callable[[], None],
        taken_by: Callable[[QKeyEvent], bool],
    ) -> None:
        """`take` is called, once at most, when going elsewhere or a key of which `taken_by` says so ends the typing."""
        super().__init__(field)
        self._field, self._take, self._taken_by = field, take, taken_by
        self._canvas = canvas
        self._ended = False
        right, low = self._canvas.width() - field.width(), self._canvas.height() - field.height()
        field.move(min(max(corner.x(), 0), max(right, 0)), min(max(corner.y(), 0), max(low, 0)))
        field.installEventFilter(self)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)  # what is clicked need not take the keyboard from the field
        field.show()
        field.setFocus(Qt.FocusReason.PopupFocusReason)
        field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        field = self._field
        if watched is not field:
            if event.type() == QEvent.Type.MouseButtonPress and self._is_elsewhere(watched):
                self._end(taken=True)
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # while one types no letter is a key of the canvas
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            self._press(event)
            return True
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut and event.reason() not in STAYS:
            field.event(event)
            self._end(taken=True)
            return True
        return False

    def _is_elsewhere(self, watched: QObject) -> bool:
        """Whether it is another part of this window; the menu of the field is a window of its own."""
        if not isinstance(watched, QWidget) or self._field.isAncestorOf(watched):
            return False
        return watched.window() is self._field.window()

    def _press(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._end(taken=False)
        elif self._taken_by(event):
            self._end(taken=True)
        else:
            self._field.event(event)
        event.accept()  # also what the field has no use for: it is no key of the canvas

    def _end(self, taken: bool) -> None:
        """Take what was typed or not, and give the keyboard back to the canvas."""
        if self._ended:
            return
        self._ended = True
        if taken:
            self._take()
        held = self._field.hasFocus()
        self._field.hide()
        if held:
            self._canvas.setFocus()
        self._field.deleteLater()
