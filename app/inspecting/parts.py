"""What pages are built of: sections under a caption, labels, and values in short."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ..look.fonts import mono
from ..look.numbers import full, short
from ..look.theme import Theme
from ..look.wrapping import height_of, wrapped
from .editors import set_property
from .sheet import small

_NUMBER = re.compile(r"−?\d+\.\d+")
_ODD = re.compile(r"[−+\w.]*(?:NaN|nan|∞|inf)[+\w.−]*")
STALE = "Of another graph, other values or other roots than there are now"
CLICK = "Click to open it in the tensor viewer"
WIDE = "−000.000"  # as much room as numbers usually take


class Section(QWidget):
    """A caption and what stands under it."""

    def __init__(self, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(5)
        self.caption = Elided(caption.upper())
        self.caption.setProperty("role", "caption")
        self.caption.setFont(small(bold=True))
        self.column.addWidget(self.caption)

    def put_beside_caption(self, widget: QWidget) -> None:
        """At the right end of the line of the caption."""
        line = QHBoxLayout()
        line.addWidget(self.caption, 1)
        line.addWidget(widget)
        self.column.insertLayout(0, line)

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


def say(reason: QLabel, refused: str | None) -> None:
    """Show why something was refused; nothing where it was not."""
    reason.setText(refused or "")
    reason.setVisible(refused is not None)


class ArrayPreview(QWidget):
    """One value: a large number, or the first elements of an array and between what they lie. A click opens it."""

    opened = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._column = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.number = label("", None, mono(1.35))
        self.cells = label("", None, mono(0.92))
        self.about = Elided()  # one line in any case, so that what stands beneath stays there as the value changes
        self.waiting = label("", "dim", small(), wrap=True)
        self.about.setProperty("role", "dim")
        self.about.setFont(small())
        for widget in (self.number, self.cells, self.about, self.waiting):
            self._column.addWidget(widget)
        self._column.setStretchFactor(self.about, 1)
        self.cells.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._shown: object = self

    def show_array(self, value: np.ndarray | None, waiting: str, stale: bool = False, sense: str = "") -> None:
        """Show a value, or the words `waiting` where there is none; `sense` is what a single number says."""
        if (state := (id(value), waiting, stale, sense)) == self._shown:
            return
        self._shown, self._held = state, value  # held, or another array might get the same id
        single = value is not None and value.size == 1 and value.ndim == 0
        self._column.setDirection(QBoxLayout.Direction.LeftToRight if single else QBoxLayout.Direction.TopToBottom)
        self._column.setSpacing(12 if single else 2)
        self.number.setVisible(single)
        self.cells.setVisible(value is not None and not single)
        self.about.setVisible(value is not None)
        self.waiting.setVisible(value is None and bool(waiting))
        self.number.setText(full(value[()]) if single and value is not None else "")
        self.waiting.setText("" if value is not None else waiting)
        about = sense if single else ""
        if value is not None and not single:
            self._show_cells(first_cells(value), stale)
            about = between(value) if value.size != 1 else sense
        if stale and value is not None:
            about = f"⟳ stale{'; ' + about if about else ''}"
        self.about.show_text(about)
        finite = not single or value is None or bool(np.isfinite(value).all())
        set_property(self.number, "role", "dim" if stale else "" if finite else "nonfinite")
        set_property(self.cells, "role", "dim" if stale else "")
        self.setCursor(Qt.CursorShape.PointingHandCursor if value is not None else Qt.CursorShape.ArrowCursor)
        tip = f"{STALE}\n{CLICK}" if stale else CLICK
        self.setToolTip(tip if value is not None else "")

    def _show_cells(self, text: str, stale: bool) -> None:
        """Lines of numbers; what is not finite has a colour of its own, and no other number has it."""
        odd = not stale and _ODD.search(text) is not None
        self.cells.setTextFormat(Qt.TextFormat.RichText if odd else Qt.TextFormat.PlainText)
        if odd:
            text = _ODD.sub(rf"<span style='color: {self.theme.nonfinite}'>\g<0></span>", _spaced(text))
        self.cells.setText(text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit()


def _spaced(text: str) -> str:
    """Plain lines as rich text."""
    return html.escape(text).replace(" ", "&nbsp;").replace("\n", "<br>")


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


class Links(QLabel):
    """Lines in which names of nodes can be clicked: `chosen(id)`.

    What stands beneath keeps its place when the text changes: it is never lower than it was. With `rows` there is room
    for at least so many, without for longer numbers.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None, rows: int | None = None) -> None:
        super().__init__(parent)
        self.theme, self._rows = theme, rows
        self._shown: tuple[list[str], Mapping[str, str], bool] = [], {}, False
        self.setProperty("role", "dim")
        self.setFont(small())
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.linkActivated.connect(self.chosen)

    def show_lines(self, lines: Iterable[str], names: Mapping[str, str], heads: bool = False) -> None:
        """Show lines of plain text; `names` are what is to be clicked in them, each with the id that it stands for.

        `heads`: only where a line begins with one: what follows is a formula, whose letters are ports.
        """
        self._shown = list(lines), names, heads
        self._fit()
        self.setVisible(bool(self._shown[0]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.setMinimumHeight(0)
            self._fit()

    def _fit(self) -> None:
        lines, names, heads = self._shown
        self._put(lines, names, heads)
        if lines:
            wide = lines if self._rows is not None else (_NUMBER.sub(WIDE, line) for line in lines)
            rows = sum(len(wrapped(line, self.font(), max(self.width(), 1), len(line))) for line in wide)
            high = max(height_of(max(rows, self._rows or 0), self.font()), self.heightForWidth(self.width()))
            self.setMinimumHeight(max(self.minimumHeight(), high))

    def _put(self, lines: list[str], names: Mapping[str, str], heads: bool) -> None:
        spelled = sorted((html.escape(name) for name in names), key=len, reverse=True)
        ids = {html.escape(name): html.escape(id) for name, id in names.items()}
        pattern = (
            re.compile(rf"{'^' if heads else ''}(?<![\w/.])({'|'.join(map(re.escape, spelled))})(?![\w/])")
            if spelled
            else None
        )

        def link(found: re.Match[str]) -> str:
            return f'<a href="{ids[found[0]]}" style="color: {self.theme.accent}">{found[0]}</a>'

        texts = [html.escape(line) for line in lines]
        self.setText("<br>".join(pattern.sub(link, text) if pattern else text for text in texts))


class Elided(QLabel):
    """A label of at most so many rows that ends in … where there is no room, with all of it as its tooltip."""

    def __init__(self, text: str = "", parent: QWidget | None = None, rows: int = 1) -> None:
        super().__init__(parent)
        self._whole, self._rows = "", rows
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        self._whole = text
        self._elide()

    @property
    def needed(self) -> int:
        """The width that all of the text takes, in pixels."""
        return self.fontMetrics().horizontalAdvance(self._whole) + 2

    def whole(self) -> str:
        """The text without elision."""
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        lines = [self._whole]
        if self.needed > self.width():
            lines = wrapped(self._whole, self.font(), max(self.width(), 1), self._rows)
        shown = "\n".join(lines)
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._whole if " ".join(lines) != self._whole else "")
