"""Formulas as mathematics is set, by ziamath: LaTeX becomes the outlines of glyphs, without TeX."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...core.ops.formulas import unicode_formula
from ..bridge import Worker
from ..look.theme import Theme

SIZE = 24  # at which formulas are set; they are drawn at the size of the text
LARGER = 1.35  # than the text around
LEAST = 0.5  # of its size, to which a formula is shrunk where there is no room
_GREY = "#888888"


@cache
def typeset(latex: str) -> bytes:
    """A formula as SVG, drawn in grey. The first takes as long as the library does to load."""
    import ziamath

    ziamath.config.svg2 = False  # Qt draws SVG 1: each glyph where it stands
    parted = latex.replace("&", r"&\quad ")  # its own gap between a case and its condition is that of a space
    return ziamath.Latex(parted, size=SIZE, color=_GREY).svg().encode()


class Formula(QWidget):
    """One formula. Until it is set, and where its LaTeX cannot be, it stands there as a line of text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.latex = ""
        self.typeset = False  # and not a line of text
        self._drawn = QSvgRenderer(self)
        self._worker: Worker | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_formula(self, latex: str) -> None:
        """Show another formula; nothing for an empty one."""
        self.setVisible(bool(latex))
        if latex == self.latex:
            return
        self.latex, self.typeset = latex, False
        self.setAccessibleName(f"formula {unicode_formula(latex)}")
        self.setToolTip(unicode_formula(latex))
        if latex:
            self._ask(latex)
        self.updateGeometry()
        self.update()

    def _ask(self, latex: str) -> None:
        if self._worker is None:
            self._worker = Worker("formulas", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(lambda error: self.update())  # the line of text stays
        self._worker.ask(lambda request: typeset(latex))

    def _take(self, svg: bytes) -> None:
        self._drawn.load(QByteArray(svg.replace(_GREY.encode(), self.theme.text.encode())))
        self.typeset = True
        self.updateGeometry()
        self.update()

    def _natural(self) -> QSizeF:
        if not self.typeset:
            metrics = self.fontMetrics()
            return QSizeF(metrics.horizontalAdvance(unicode_formula(self.latex)) + 2, metrics.height())
        return QSizeF(self._drawn.defaultSize()) * (self.fontMetrics().height() * 0.8 * LARGER / SIZE)

    def sizeHint(self) -> QSize:
        size = self._natural()
        return QSize(int(size.width()) + 2, int(size.height()) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(int(self.sizeHint().width() * LEAST), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.typeset:
            painter.setPen(QColor(self.theme.text))
            shown = self.fontMetrics().elidedText(
                unicode_formula(self.latex), Qt.TextElideMode.ElideRight, self.width()
            )
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), shown)
            return
        size = self._natural()
        factor = min(1.0, self.width() / max(size.width(), 1.0))
        wide, high = size.width() * factor, size.height() * factor
        self._drawn.render(painter, QRectF(0, (self.height() - high) / 2, wide, high))
