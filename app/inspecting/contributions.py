"""The gradients that meet at a fork: a bar for each, as long as it is large, and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..bridge import Request, Worker
from ..look.fonts import mono
from ..look.theme import Theme
from .parts import short

Array = np.ndarray[Any, Any]
AT_ONCE = 200_000  # elements, of all contributions together, that are looked at without a thread


class Sizes(NamedTuple):
    """How large contributions and their sum are: numbers as they are, arrays by their norms."""

    each: tuple[float, ...]
    total: float


def sizes(arrays: Sequence[Array], request: Request | None = None) -> Sizes | None:
    """The sizes of contributions; None where the request is no longer wanted."""
    if all(array.size == 1 for array in arrays):
        numbers = tuple(float(array.reshape(-1)[0]) for array in arrays)
        return Sizes(numbers, sum(numbers))
    norms, total = [], np.zeros(arrays[0].shape)
    for array in arrays:
        if request is not None and request.cancelled:
            return None
        norms.append(float(np.linalg.norm(array)))
        total += array
    return Sizes(tuple(norms), float(np.linalg.norm(total)))


class ContributionBars(QWidget):
    """A row for each gradient that meets at a fork, and their sum beneath a line. `chosen`: the node of a row.

    The sizes are found once for the same arrays; those of large ones beside the window, and until then there are none.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rows: list[tuple[str, str, float, str]] = []  # consumer id, name, size with its sign, spelled
        self.total = ""
        self._arrays: tuple[Array, ...] = ()
        self._names: list[tuple[str, str]] = []
        self._sizes: Sizes | None = None
        self._worker: Worker | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, parts: Sequence[tuple[str, str, Array]]) -> None:
        """Show (consumer id, name, array) and their sum."""
        arrays = tuple(array for _, _, array in parts)
        self._names = [(id, name) for id, name, _ in parts]
        if len(arrays) != len(self._arrays) or any(a is not b for a, b in zip(arrays, self._arrays, strict=True)):
            self._arrays, self._sizes = arrays, None
            self._find()
        self._show()

    def _find(self) -> None:
        arrays = self._arrays
        if self._worker is not None:
            self._worker.cancel()
        if sum(array.size for array in arrays) <= AT_ONCE:
            self._sizes = sizes(arrays) if arrays else None
            return
        if self._worker is None:
            self._worker = Worker("contributions", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(lambda error: self.setToolTip(f"{type(error).__name__}: {error}"))
        self._worker.ask(lambda request: sizes(arrays, request))

    def _take(self, found: Sizes | None) -> None:
        self._sizes = found
        self._show()

    def _show(self) -> None:
        found = self._sizes
        single = all(array.size == 1 for array in self._arrays)
        each = [(0.0, "…")] * len(self._names) if found is None else [(size, short(size)) for size in found.each]
        self.rows = [(*names, *size) for names, size in zip(self._names, each, strict=True)]
        total = "…" if found is None else short(found.total)
        self.total = total if single else f"‖Σ‖ {total}"
        self.setToolTip("" if single else "Bars show the norms of the contributions")
        self.setAccessibleName("; ".join(f"{name} {text}" for _, name, _, text in self.rows) + f"; sum {self.total}")
        self.updateGeometry()
        self.update()

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 8

    def sizeHint(self) -> QSize:
        return QSize(100, self._row_height() * (len(self.rows) + 1) + 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y()) // self._row_height()
        if 0 <= row < len(self.rows):
            self.chosen.emit(self.rows[row][0])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(mono(0.92))
        metrics, high = painter.fontMetrics(), self._row_height()
        width = self.width()
        names = min(max((metrics.horizontalAdvance(row[1]) for row in self.rows), default=0), round(width * 0.36))
        numbers = max((metrics.horizontalAdvance(text) for *_, text in self.rows), default=0)
        numbers = max(numbers, metrics.horizontalAdvance(self.total))
        most = max((abs(size) for _, _, size, _ in self.rows if np.isfinite(size)), default=0.0) or 1.0
        room = max(width - names - numbers - 18, 4)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        for i, (_, name, size, text) in enumerate(self.rows):
            y = i * high
            painter.setPen(QColor(self.theme.text))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, names)
            painter.drawText(QRectF(0, y, names + 2, high), left | middle, shown)
            painter.drawText(QRectF(width - numbers, y, numbers, high), right | middle, text)
            long = room * min(abs(size) / most, 1.0) if np.isfinite(size) else room
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.accent if size >= 0 else self.theme.warning))
            painter.drawRoundedRect(QRectF(names + 9, y + 5, max(long, 1.5), high - 10), 3, 3)
        y = len(self.rows) * high + 2
        painter.fillRect(QRectF(0, y, width, 1), QColor(self.theme.line))
        painter.setPen(QColor(self.theme.gradient))
        painter.drawText(QRectF(0, y + 2, names + 20, high), left | middle, "Σ")
        painter.setPen(QColor(self.theme.text))
        painter.drawText(QRectF(0, y + 2, width, high), right | middle, self.total)
