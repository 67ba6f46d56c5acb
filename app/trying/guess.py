"""What is predicted of the sample that is tried: a bar for each class, or the score."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..inspecting.sheet import small
from ..look.theme import Theme
from ..plots.data import Samples
from ..plots.sample_detail import draw_class
from ..plots.verdicts import Verdicts, exact_percent, judge, percent, signed

ALL = 12  # classes: of more the likeliest are told
WIDEST = "0.0000 %"  # so that bars do not begin to dance
NOTHING = "What is predicted stands here as soon as something is tried."


class GuessBars(QWidget):
    """Classes keep their places, so that one sees them grow; of many only the likeliest are there."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.found: Verdicts | None = None
        self.setMinimumSize(150, 80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("What is predicted")

    def sizeHint(self) -> QSize:
        return QSize(300, 200)

    def show_samples(self, samples: Samples | None) -> None:
        """Show what is predicted of the one that is tried; None: nothing is."""
        self.found = None if samples is None else judge(samples)
        self.setAccessibleDescription(self.words)
        self.setToolTip("\n".join([self.words, *self.exact]))
        self.update()

    @property
    def classes(self) -> list[int]:
        """Those that have a bar, from above."""
        found = self.found
        if found is None or found.scored:
            return []
        return list(range(len(found.names))) if len(found.names) <= ALL else found.highest(0, ALL)

    @property
    def exact(self) -> list[str]:
        """Beside each class its share in more digits than there is room for."""
        found = self.found
        if found is None:
            return []
        return [f"{found.names[number]}: {exact_percent(found.shares[0, number], 6)}" for number in self.classes]

    @property
    def words(self) -> str:
        """All that is told, in one line."""
        found = self.found
        if found is None:
            return NOTHING
        known = bool(np.isfinite(found.targets[0]))
        true = f"; the data say {found.name(found.targets[0])}" if known else ""
        if not found.finite[0]:
            return f"what is predicted is not finite{true}"
        if found.scored:
            off = f", off by {signed(found.differences[0])}" if known else ""
            return f"predicted {found.name(found.predicted[0])}{true}{off}"
        return f"predicted {found.name(found.predicted[0])}, {percent(found.sure(0))}{true}"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, found = QPainter(self), self.found
        place = QRectF(self.rect()).adjusted(4, 2, -6, -2)
        painter.setFont(small() if found is None else _bold())
        painter.setPen(QColor(self.theme.dim if found is None else self._colour(found)))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        written = painter.boundingRect(place, flags, self.words)
        painter.drawText(place, flags, self.words)
        if found is not None and not found.scored:
            self._draw(painter, found, place.adjusted(0, written.height() + 6, 0, 0))
        painter.end()

    def _colour(self, found: Verdicts) -> str:
        if not found.finite[0]:
            return self.theme.nonfinite
        wrong = not found.scored and np.isfinite(found.targets[0]) and not found.right[0]
        return self.theme.error if wrong else self.theme.text

    def _draw(self, painter: QPainter, found: Verdicts, place: QRectF) -> None:
        rows = self.classes
        metrics = QFontMetricsF(small(bold=True))
        line = min(max(place.height() / max(len(rows), 1), metrics.height() * 0.8), metrics.height() + 8)
        first = min(max(metrics.horizontalAdvance(found.names[number]) for number in rows) + 6, place.width() * 0.42)
        shares = [WIDEST, *(percent(found.shares[0, number]) for number in rows)]
        last = max(map(metrics.horizontalAdvance, shares)) + 2
        at = QRectF(place.left(), place.top(), place.width(), line)
        for number in rows:
            draw_class(painter, at, found, 0, number, (first, last), self.theme)
            at.translate(0, line)


def _bold() -> QFont:
    return small(bold=True)
