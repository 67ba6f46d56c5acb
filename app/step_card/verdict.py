"""What a check against difference quotients has found: in words, and in which band of errors it lies."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ...core.stepping.checking import Check, Verdict
from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.theme import Theme

BANDS = (  # each up to an error
    (Verdict.GOOD, "good", "1e−7"),
    (Verdict.KINKS, "kinks", "1e−4"),
    (Verdict.UNCOMFORTABLE, "poor", "1e−2"),
    (Verdict.WRONG, "wrong", ""),
)


class Bands(QWidget):
    """The bands in a row, with an arrow at the one in which an error lies."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.verdict: Verdict | None = None
        self.setFont(small())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_verdict(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.setAccessibleName(f"band of the error: {verdict.value}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, self.fontMetrics().height() * 2 + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, tall = self.theme, self.fontMetrics().height()
        wide = self.width() / len(BANDS)
        colours = (theme.good, theme.accent, theme.warning, theme.error)
        for i, ((verdict, word, end), colour) in enumerate(zip(BANDS, colours, strict=True)):
            here = verdict is self.verdict
            bar = QRectF(i * wide, 0, wide - 3, tall + 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour if here else theme.field))
            painter.drawRoundedRect(bar, 3, 3)
            painter.setPen(QColor(theme.background if here else theme.dim))
            painter.drawText(bar, int(Qt.AlignmentFlag.AlignCenter), word)
            painter.setPen(QColor(theme.dim))
            beneath = QRectF((i + 1) * wide - wide / 2, tall + 4, wide, tall)
            painter.drawText(beneath, int(Qt.AlignmentFlag.AlignHCenter), end)
            if here:
                x, y = bar.center().x(), bar.bottom()
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colour))
                tip = [QPointF(x - 4, y + 6), QPointF(x + 4, y + 6), QPointF(x, y + 1)]
                painter.drawPolygon(QPolygonF(tip))


class CheckResult(QWidget):
    """The last check of one card; hidden until there is one."""

    told = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = label("", None, small(), wrap=True)
        self.bands = Bands(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.text)
        column.addWidget(self.bands)
        self.hide()

    def clear(self) -> None:
        """Forget it: what was checked is no longer shown."""
        self.hide()

    def show_words(self, text: str) -> None:
        """A line without a verdict: that it is being checked, or why it cannot be."""
        self.text.setText(text)
        self.bands.hide()
        self.show()
        self.told.emit()

    def show_check(self, check: Check, text: str) -> None:
        """What was found."""
        recorded = check.recorded
        same = math.isclose(recorded, check.gradient, rel_tol=1e-9) or recorded == check.gradient
        run = "" if same else f"in the run {recorded:.6g}, ".replace("-", "−")
        self.text.setText(f"Check: {run}{text}")
        self.bands.show_verdict(check.verdict)
        self.bands.setVisible(check.verdict is not Verdict.NOT_FINITE)
        self.show()
        self.told.emit()
