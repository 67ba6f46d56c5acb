"""The widgets that a field edits with. One that is set blocks its own signals, so that showing is never editing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QToolTip,
    QWidget,
)

from ..look.theme import Theme

ARROW = 19  # pixels of a choice at the right
MARGIN_OF_LIST = 4  # pixels around the list that drops down: the border of it, and of what holds it
MARGIN = 9  # pixels beside the text of a field: border, padding, and the cursor


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet reads."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class TextEdit(QLineEdit):
    """A line of text: `entered(text)` at Enter or when the focus leaves, if it was changed.

    What was rejected stays as typed until Escape or `give_up`, which bring back what is shown. Nothing that is being
    edited is overwritten by `show_text`. Undo takes back what is being typed; where nothing is, it is the document's.
    """

    entered = Signal(str)
    restored = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self._tried: str | None = None  # the text that was rejected last
        self.setMinimumWidth(40)
        self.editingFinished.connect(self._finish)
        self.returnPressed.connect(self._finish)

    def needed(self, text: str) -> int:
        """The width in pixels in which all of a text is seen."""
        return self.fontMetrics().horizontalAdvance(text) + 2 * MARGIN

    @property
    def editing(self) -> bool:
        """Whether it holds a text that is not the value's."""
        return self._tried is not None or self.text() != self._shown

    def show_text(self, text: str) -> None:
        """Show what the value is now, unless the user is typing."""
        kept = self.editing
        self._shown = text
        if not kept and self.text() != text:
            with QSignalBlocker(self):
                self.setText(text)
                self.setCursorPosition(0)

    def reject(self) -> None:
        """Mark the text as one that was not taken."""
        self._tried = self.text()
        set_property(self, "rejected", True)

    def accept(self) -> None:
        """Take the text for the value's: what is shown next may replace it."""
        self._tried = None
        self._shown = self.text()
        at = self.cursorPosition()
        with QSignalBlocker(self):
            self.setText(self._shown)  # what was typed before is not taken back here any more
        self.setCursorPosition(at)
        set_property(self, "rejected", False)

    def give_up(self) -> None:
        """Show the value again where a text was refused; one that is being typed since stays."""
        if self._tried is not None and self.text() == self._tried:
            self._restore()

    def _restore(self) -> None:
        self._tried = None
        set_property(self, "rejected", False)
        with QSignalBlocker(self):
            self.setText(self._shown)
            self.setCursorPosition(0)
        self.restored.emit()

    def _finish(self) -> None:
        if self.text() == self._tried or not self.editing:
            return
        self._tried = None
        self.entered.emit(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.editing:
            self._restore()
            self.selectAll()
            return
        if self._leaves(event):
            event.ignore()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._leaves(event):
            event.ignore()  # else Qt takes it for the line's own undo, which goes back beyond what was entered
            return False
        return super().event(event)

    def _leaves(self, event: QKeyEvent) -> bool:
        """Whether a key undoes or redoes, and nothing that is being typed here."""
        if event.matches(QKeySequence.StandardKey.Undo):
            return not self.editing
        return event.matches(QKeySequence.StandardKey.Redo) and not (self.editing or self.isRedoAvailable())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()


class ChoiceEdit(QComboBox):
    """One of a few values: `chosen(value)`. The wheel scrolls the panel, and never changes the choice."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, values: Sequence[tuple[str, Any]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.values: tuple[Any, ...] = ()
        self.offer(values)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMaxVisibleItems(100)
        self.setMinimumWidth(64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(lambda index: self.chosen.emit(self.values[index]))

    def offer(self, values: Sequence[tuple[str, Any]]) -> None:
        """Offer other values, each with its text."""
        if [self.itemText(i) for i in range(self.count())] == [text for text, _ in values]:
            self.values = tuple(value for _, value in values)
            return
        with QSignalBlocker(self):
            self.clear()
            self.addItems([text for text, _ in values])
        self.values = tuple(value for _, value in values)

    def show_value(self, value: Any, otherwise: str = "") -> None:
        """Show a value; one that is not offered as the text `otherwise`."""
        found = next((i for i, each in enumerate(self.values) if each is value or _equal(each, value)), -1)
        with QSignalBlocker(self):
            self.setCurrentIndex(found)
            self.setPlaceholderText(otherwise)

    def showPopup(self) -> None:
        """Open the list with all of its values in sight, beneath the choice or above it, as far as the screen goes."""
        super().showPopup()
        view, popup = self.view(), self.view().window()
        rows = sum(view.sizeHintForRow(row) for row in range(self.count()))
        frame = 2 * (view.frameWidth() + MARGIN_OF_LIST)
        screen = self.screen().availableGeometry()
        top, bottom = self.mapToGlobal(self.rect().topLeft()).y(), self.mapToGlobal(self.rect().bottomLeft()).y() + 1
        below, above = screen.bottom() + 1 - bottom, top - screen.top()
        high = min(rows + frame, max(below, above), screen.height())
        width = max(self.width(), view.sizeHintForColumn(0) + frame)
        popup.resize(width, 2 * high)  # with too much room its arrows go, which would take some of what is enough
        if (layout := popup.layout()) is not None:
            layout.activate()
        left = max(min(popup.x(), screen.right() + 1 - width), screen.left())
        upper = bottom if high <= below else top - high
        popup.setGeometry(left, max(min(upper, screen.bottom() + 1 - high), screen.top()), width, high)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Of a value that is too long its end is seen too: paths begin alike."""
        super().initStyleOption(option)
        place = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, place, self).width()
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideMiddle, room)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:  # which Qt would look for among the values
            event.ignore()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.is_cut():
            QToolTip.showText(event.globalPos(), f"{self.currentText()}\n{self.toolTip()}".strip(), self)
            return True
        return super().event(event)

    def is_cut(self) -> bool:
        """Whether there is no room for all of the text."""
        return self.fontMetrics().horizontalAdvance(self.currentText()) + MARGIN + ARROW > self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.dim), 1.4))
        x, y = self.width() - 11.0, self.height() / 2
        painter.drawPolyline([QPointF(x - 3.5, y - 2), QPointF(x, y + 2), QPointF(x + 3.5, y - 2)])


def _equal(left: Any, right: Any) -> bool:
    return type(left) is type(right) and bool(left == right)


class Check(QAbstractButton):
    """A check box with its text beside it, drawn alike everywhere: on, off, or neither (a dash)."""

    def __init__(self, theme: Theme, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.mixed = False
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_state(self, on: bool, mixed: bool = False) -> None:
        """Show whether it is on; `mixed`: some are and some are not."""
        self.mixed = mixed
        with QSignalBlocker(self):
            self.setChecked(on and not mixed)
        self.update()

    def sizeHint(self) -> QSize:
        text = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(22 + (text + 4 if self.text() else 0), max(22, self.fontMetrics().height() + 4))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, middle = self.theme, self.height() / 2
        box = QRectF(1.5, middle - 7.5, 15, 15)
        filled = self.isChecked() or self.mixed
        lit = self.hasFocus() or self.underMouse()
        painter.setPen(QPen(QColor(theme.accent if lit or filled else theme.dim), 1))
        painter.setBrush(QColor(theme.accent if filled else theme.field))
        painter.drawRoundedRect(box, 3.5, 3.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-1.5, -1.5, 1.5, 1.5), 5, 5)
        painter.setPen(QPen(QColor(theme.background), 2))
        x, y = box.center().x(), box.center().y()
        if self.mixed:
            painter.drawLine(QPointF(x - 3.5, y), QPointF(x + 3.5, y))
        elif self.isChecked():
            painter.drawPolyline([QPointF(x - 3.5, y + 0.2), QPointF(x - 1, y + 3), QPointF(x + 4, y - 3)])
        if self.text():
            painter.setPen(QColor(theme.text if self.isEnabled() else theme.dim))
            room = self.rect().adjusted(24, 0, 0, 0)
            text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
