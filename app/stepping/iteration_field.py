"""The number of the iteration that is shown, as a field: `iteration [ 12 ] of 1,800`; Enter goes to what was typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolTip, QWidget

from .stepper import Stepper

BESIDE = 20  # pixels of the field beside its digits
SHOWN_FOR = 6000  # milliseconds, of why a number was refused
LEAST = "00,000"  # there is room for so much at least: while a run goes on the track beside it keeps its width
HINT = "The iteration that is shown. Type another one, from {first:,} to {last:,}; Enter goes there"


class IterationField(QWidget):
    """Of one stepper, and there only where iterations follow one another."""

    gone = Signal()  # Enter or Escape: the keyboard is wanted elsewhere again

    def __init__(self, stepper: Stepper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self.field, self.of = QLineEdit(), QLabel()
        self._before = QLabel("iteration")
        self.refusal = ""  # why what was typed was not taken
        for label in (self._before, self.of):
            label.setProperty("rank", "second")
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setAccessibleName("Iteration")
        self.field.setFocusPolicy(Qt.FocusPolicy.ClickFocus | Qt.FocusPolicy.TabFocus)
        self.field.returnPressed.connect(self._enter)
        self.field.textEdited.connect(lambda: self._mark(""))
        self.field.installEventFilter(self)
        stepper.reached.connect(self.refresh)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)  # the track takes what is left
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 8, 0)
        row.setSpacing(4)
        for part in (self._before, self.field, self.of):
            row.addWidget(part)
        self.refresh()

    def set_narrow(self, narrow: bool) -> None:
        """Whether there is little room: the number alone stands there then."""
        self._before.setVisible(not narrow)
        self.of.setVisible(not narrow)

    def room(self, narrow: bool) -> int:
        """Logical pixels that it takes; none where there are no iterations."""
        shown = (self.field,) if narrow else (self._before, self.field, self.of)
        margins = self.contentsMargins() + self._row.contentsMargins()
        beside = margins.left() + margins.right() + self._row.spacing() * (len(shown) - 1)
        # The width of the field is set, which its size hint does not know.
        widths = [self.field.minimumWidth()]
        widths += [max(part.sizeHint().width(), part.minimumWidth()) for part in shown if isinstance(part, QLabel)]
        return 0 if self.isHidden() else sum(widths) + beside

    def refresh(self) -> None:
        """Show the iteration; what is being typed stays."""
        span, stepper = self._stepper.span, self._stepper
        self.setVisible(stepper.active and span is not None)
        if span is None:
            return
        if not (self.field.hasFocus() and self.field.isModified()):
            self._show()
        self.of.setText(f"of {span.last:,}")
        self.field.setToolTip(HINT.format(first=span.first, last=span.last))
        widest = max(f"{span.last:,}", LEAST, key=len)
        self.field.setFixedWidth(self.field.fontMetrics().horizontalAdvance(widest) + BESIDE)
        self.of.setMinimumWidth(self.of.fontMetrics().horizontalAdvance(f"of {LEAST}"))

    def _show(self) -> None:
        with QSignalBlocker(self.field):
            self.field.setText(f"{self._stepper.number:,}")
        self._mark("")

    def _enter(self) -> None:
        """Go there, or say what it would take."""
        span, text = self._stepper.span, self.field.text().strip()
        digits = text.replace(",", "")
        number = int(digits) if digits.isascii() and digits.isdecimal() else None
        if span is None:
            return
        if number is None or not span.first <= number <= span.last:
            self._mark(f"an iteration from {span.first:,} to {span.last:,} is wanted, found {text or 'nothing'}")
            self.field.selectAll()
            return
        self.field.setModified(False)
        self._stepper.visit(number)
        self.gone.emit()

    def _mark(self, refusal: str) -> None:
        """Show why what was typed is refused; "" takes that away."""
        before, self.refusal = self.refusal, refusal
        if not before and not refusal:
            return
        self.field.setProperty("rejected", bool(refusal))
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)
        self.field.setAccessibleDescription(refusal)
        if refusal:
            QToolTip.showText(self._beneath(), refusal, self.field, self.field.rect(), SHOWN_FOR)
            self._stepper.told.emit(refusal, "refusal")
        else:
            QToolTip.hideText()

    def _beneath(self) -> QPoint:
        return self.field.mapToGlobal(QPoint(0, self.field.height() // 2))

    def eventFilter(self, field: object, event: QEvent) -> bool:
        """Escape takes back what was typed; a field that is left shows the iteration again."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._show()
                self.gone.emit()
                return True
        if event.type() == QEvent.Type.FocusOut:
            self.field.setModified(False)
            self._show()
        return False
