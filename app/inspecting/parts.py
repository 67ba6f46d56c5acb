"""What pages are built of: sections under a caption, labels, and values in short."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from ..look.fonts import mono
from ..look.numbers import full, short
from .sheet import small


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


def label(text: str = "", role: str | None = None, font: QFont | None = None, wrap: bool = False) -> QLabel:
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
        self.number.setText(full(value[()]) if single and value is not None else "")
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


class Elided(QLabel):
    """A label that ends in … where there is no room, with all of it as its tooltip."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        self._whole = text
        self._elide()

    def whole(self) -> str:
        """The text without elision."""
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(self.width(), 1))
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")
