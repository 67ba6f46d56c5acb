"""The field in which a value is typed that is put in by hand, where else the caption stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSizeF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit

from ...look.fonts import mono
from .caption_place import berth

if TYPE_CHECKING:
    from ..canvas import Canvas

WIDE = 320  # logical pixels, of the field at least
HINTS = "Enter records it again from here · Esc leaves it"
_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class ForkField(QFrame):
    """Enter forks with what was typed, or says why it cannot; Escape, or going elsewhere, ends."""

    def __init__(self, canvas: Canvas, node: str) -> None:
        super().__init__(canvas)
        self._canvas, self._node = canvas, node
        editor = canvas.editor
        text, forms = editor.branching.spelled(node)
        moment = editor.stepper.moment
        path = node if moment is None else moment.timeline.run.asked.graph.path(node)
        at = f" in iteration {editor.stepper.number:,}" if editor.stepper.trains else ""
        title, hints, self.forms = QLabel(f"Fork: put in at {path}{at}"), QLabel(HINTS), QLabel(forms)
        self.field, self.refusal = QLineEdit(text), QLabel()
        self.field.setFont(mono())
        self.field.setMinimumWidth(WIDE)
        self.field.setAccessibleName(f"Value put in at {path}")
        self.field.installEventFilter(self)
        self.refusal.setStyleSheet(f"color: {canvas.theme.error};")
        self.refusal.setWordWrap(True)
        self.refusal.hide()
        for label in (hints, self.forms):
            label.setProperty("rank", "second")
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 8, 14, 8)
        grid.addWidget(title, 0, 0)
        grid.addWidget(self.field, 0, 1)
        grid.addWidget(self.refusal, 1, 0, 1, 2)
        grid.addWidget(self.forms, 2, 0)
        grid.addWidget(hints, 2, 1, Qt.AlignmentFlag.AlignRight)
        editor.stepper.changed.connect(self.end)
        editor.branching.asks = True
        self._place()
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.field.selectAll()

    def _place(self) -> None:
        self.adjustSize()
        size = QSizeF(self.size())
        self.move(berth(self._canvas, size, [self._node]).corner(self._canvas, size).toPoint())

    def end(self) -> None:
        """Take the field away, and give the keyboard back to the canvas."""
        if self.isHidden():
            return
        self._canvas.editor.branching.asks = False
        held = self.field.hasFocus()
        self.hide()
        if held:
            self._canvas.setFocus()
        self.deleteLater()

    def eventFilter(self, field: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # while one types no letter is a key of the canvas
            return True
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut and event.reason() not in _STAYS:
            field.event(event)
            self.end()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.end()
            elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._fork()
            else:
                field.event(event)
            event.accept()  # also what the field has no use for: it is no key of the canvas
            return True
        return False

    def _fork(self) -> None:
        reason = self._canvas.editor.branching.fork(self._node, self.field.text())
        if reason is None:
            self.end()
            return
        self.refusal.setText(reason)
        self.refusal.show()
        self.field.selectAll()
        self._place()
