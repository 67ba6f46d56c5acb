"""The field in which is said beforehand what is delivered next: where else the caption stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSizeF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit

from ...look.fonts import mono
from .caption import rule
from .caption_place import berth

if TYPE_CHECKING:
    from ..canvas import Canvas

HINTS = "Enter checks · Space skips · Q ends"
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SPACE = Qt.Key.Key_Space
_END = (Qt.Key.Key_Escape, Qt.Key.Key_Q)


class GuessField(QFrame):
    """Shown while a question is asked: the question, the verdict on the last guess, how many were right."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.question, self.verdict, self.field = QLabel(), QLabel(), QLineEdit()
        self.rule = QLabel()  # by which what was guessed came about
        self.rule.setFont(mono())
        hints = QLabel(HINTS)
        for label in (self.verdict, hints):
            label.setProperty("rank", "second")
        self.field.setAccessibleName("What is delivered next")
        self.field.setPlaceholderText("+, − or a number")
        self.field.installEventFilter(self)
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 8, 14, 8)
        grid.addWidget(self.verdict, 0, 0)
        grid.addWidget(hints, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.rule, 1, 0, 1, 2)
        grid.addWidget(self.question, 2, 0)
        grid.addWidget(self.field, 2, 1)
        self.hide()
        canvas.editor.predicting.changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show what is asked now; go when nothing is."""
        predicting, canvas = self._canvas.editor.predicting, self._canvas
        held = self.field.hasFocus()
        self.setVisible(predicting.question is not None)
        if predicting.question is None:
            if held:
                canvas.setFocus()
            return
        self.verdict.setText(predicting.verdict or "predict")
        self._show_rule()
        self.question.setText(predicting.text)
        self.field.clear()
        self.adjustSize()
        size, delivery = QSizeF(self.size()), predicting.question.delivery
        concerned = delivery.source.node, delivery.node
        self.move(berth(canvas, size, concerned).corner(canvas, size).toPoint())
        self.field.setFocus()

    def _show_rule(self) -> None:
        """`to x: g · cos(x) = 1.000 · cos(1.000) = 0.540`, of what was guessed last."""
        delivery, moment = self._canvas.editor.predicting.revealed, self._canvas.editor.stepper.moment
        told = "" if delivery is None or moment is None else rule(moment, delivery, self._canvas.decimals)
        self.rule.setText(told)
        self.rule.setVisible(bool(told))

    def eventFilter(self, field: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in (*_ENTER, *_END, _SPACE):
            event.accept()  # while one types they are no keys of the canvas
            return True
        return event.type() == QEvent.Type.KeyPress and self._press(event.key())

    def _press(self, key: int) -> bool:
        editor = self._canvas.editor
        if key in _END:
            editor.predicting.end()
        elif key in (*_ENTER, _SPACE):
            text = self.field.text()
            if not text.strip():
                editor.predicting.skip()
            elif key == _SPACE:
                return False
            elif not editor.predicting.guess(text):
                self.field.selectAll()
                one = editor.predicting.question
                wanted = "a number, the norm," if one is not None and not one.is_number else "+, − or a number"
                editor.told.emit(f"{wanted} is wanted, found {text.strip()!r}", "refusal")
        else:
            return False
        return True
