"""What pages are built of: sections under a caption, numbers, and the bars of the contributions at a fork."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from ..look.theme import Theme
from .reading import spell_number
from .sheet import mono, small


class Section(QWidget):
    """A caption and what stands under it."""

    def __init__(self, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(5)
        self.caption = label(caption.upper(), "caption", small(bold=True))
        self.column.addWidget(self.caption)

    def add(self, *widgets: QWidget) -> Section:
        """Put widgets under those that are there; gives itself."""
        for widget in widgets:
            self.column.addWidget(widget)
        return self


def label(text: str = "", role: str | None = None, font: object = None, wrap: bool = False) -> QLabel:
    """A label of one role of the style sheet; its text can be selected where it wraps."""
    made = QLabel(text)
    if role is not None:
        made.setProperty("role", role)
    if font is not None:
        made.setFont(font)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if wrap:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return made


class ArrayPreview(QWidget):
    """One value: a large number, or the first elements of an array and between what they lie. A click opens it."""

    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.number = label("", None, mono(1.35))
        self.cells = label("", None, mono(0.92))
        self.about = label("", "dim", small(), wrap=True)
        for widget in (self.number, self.cells, self.about):
            column.addWidget(widget)
        self.cells.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._shown: object = self

    def show_array(self, value: np.ndarray | None, waiting: str, stale: bool = False) -> None:
        """Show a value, or the words `waiting` where there is none."""
        if (state := (id(value), waiting, stale)) == self._shown:
            return
        self._shown, self._held = state, value  # held, or another array might get the same id
        single = value is not None and value.size == 1 and value.ndim == 0
        self.number.setVisible(single)
        self.cells.setVisible(value is not None and not single)
        self.number.setText(spell_number(value[()]) if single and value is not None else "")
        about = "" if value is not None else waiting
        if value is not None and not single:
            self.cells.setText(first_cells(value))
            about = between(value)
        if stale and value is not None:
            about = f"⟳ stale: of an earlier graph or values{'; ' + about if about else ''}"
        self.about.setText(about)
        self.about.setVisible(bool(about))
        self.setCursor(Qt.CursorShape.PointingHandCursor if value is not None else Qt.CursorShape.ArrowCursor)
        self.setToolTip("Click to open it in the tensor viewer" if value is not None else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit()


def first_cells(value: np.ndarray) -> str:
    """The first rows and columns of an array in a few short lines."""
    flat = value
    while flat.ndim > 2:
        flat = flat[0] if flat.shape[0] else flat.reshape(flat.shape[1:] if flat.size else (0,))
    rows = flat[None, :] if flat.ndim == 1 else flat
    lines = [" ".join(short(each).rjust(8) for each in row[:3]) + (" …" if len(row) > 3 else "") for row in rows[:4]]
    return "\n".join(lines) + ("\n       ⋮" if len(rows) > 4 else "") if lines else "(no elements)"


def short(number: object) -> str:
    """A number in at most 8 characters."""
    if isinstance(number, (bool, np.bool_)):
        return "true" if number else "false"
    if isinstance(number, (int, np.integer)):
        return str(number) if len(str(number)) <= 8 else f"{float(number):.1e}"
    value = float(number)  # type: ignore[arg-type]
    if not np.isfinite(value):
        return {"inf": "+∞", "-inf": "−∞"}.get(str(value), "NaN")
    size = abs(value)
    text = (
        f"{value:.4f}" if 1e-3 <= size < 100 or size == 0 else (f"{value:.2f}" if 1 <= size < 1e4 else f"{value:.1e}")
    )
    return text.replace("-", "−")


def between(value: np.ndarray) -> str:
    """Between what the elements lie, and what is not finite; of a large array nothing is computed here."""
    if not value.size or value.size > 2_000_000:
        return f"{value.size:,} elements"
    if value.dtype.kind == "b":
        return f"{np.count_nonzero(value):,} of {value.size:,} true"
    finite = np.isfinite(value)
    bad = value.size - int(np.count_nonzero(finite))
    known = value[finite] if bad else value
    text = (
        f"{short(known.min())} … {short(known.max())}, mean {short(known.mean(dtype=np.float64))}" if known.size else ""
    )
    return f"{text}{'; ' if text and bad else ''}{f'{bad:,} not finite' if bad else ''}"


class ContributionBars(QWidget):
    """A row for each gradient that meets at a fork, as long as it is large, and their sum beneath a line."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rows: list[tuple[str, str, float, str]] = []  # consumer id, name, size with its sign, spelled
        self.total = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, parts: Sequence[tuple[str, str, np.ndarray]]) -> None:
        """Show (consumer id, name, array) and their sum; arrays by their norms."""
        self.rows = []
        single = all(array.size == 1 for _, _, array in parts)
        for id, name, array in parts:
            size = float(array.reshape(-1)[0]) if single else float(np.linalg.norm(array))
            self.rows.append((id, name, size, short(size)))
        total = np.sum([np.asarray(array, np.float64) for _, _, array in parts], axis=0) if parts else np.zeros(())
        number = float(total.reshape(-1)[0]) if single and total.size else float(np.linalg.norm(total))
        self.total = short(number) if single else f"‖Σ‖ {short(number)}"
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
