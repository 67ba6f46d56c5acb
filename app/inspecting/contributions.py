"""The gradients that meet at a fork: a bar for each, as long as it is large, and their sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...core.stepping.forks import Fork
from ..bridge import Request, Worker
from ..look.colour_map import NAN
from ..look.fonts import mono
from ..look.numbers import percent
from ..look.theme import Theme
from ..look.wrapping import height_of, wrapped
from .parts import short
from .sheet import small

Array = np.ndarray[Any, Any]
SHARES = 6  # that are told
LINES = 4  # that tell how parts agree
BAR = 40  # logical pixels that a bar has where names are long
AT_ONCE = 200_000  # elements, of all contributions together, that are looked at without a thread


class Sizes(NamedTuple):
    """How large contributions and their sum are: numbers as they are, arrays by their norms.

    `shares` of the sum add up to 1; `cancellation` is 0 where all parts agree, 1 where they cancel. `cosine` is that of
    the two arrays that agree least, NaN where there are many, or only numbers.
    """

    each: tuple[float, ...]
    total: float
    shares: tuple[float, ...]
    cancellation: float
    cosine: float = float("nan")


def sizes(arrays: Sequence[Array], request: Request | None = None) -> Sizes | None:
    """The sizes of contributions; None where the request is no longer wanted."""
    if request is not None and request.cancelled:
        return None
    fork = Fork(arrays)
    with np.errstate(all="ignore"):  # of parts that are not finite nothing is said
        gone = fork.cancellation if fork.opposes or not np.isfinite(fork.cancellation) else 0.0
        if all(array.size == 1 for array in arrays):
            each = tuple(float(array.reshape(-1)[0]) for array in arrays)
            return Sizes(each, sum(each), fork.shares, gone)
        total = float(np.linalg.norm(np.sum(arrays, axis=0, dtype=np.float64)))
        pairs = combinations(range(len(arrays)), 2) if len(arrays) <= SHARES else ()
        least = min((fork.cosine(*pair) for pair in pairs), default=float("nan"))
        return Sizes(fork.norms, total, fork.shares, gone, least)


def agreement(found: Sizes) -> str:
    """In one line how the parts go together: the share of each in the sum, and how much of them cancels."""
    if not np.isfinite([*found.shares, found.cancellation]).all():
        return "the parts cancel" if found.cancellation == 1.0 else ""
    shares = ", ".join(percent(share) for share in found.shares[:SHARES])
    more = ", …" if len(found.shares) > SHARES else ""
    gone, cosine = found.cancellation, found.cosine
    angle = "" if np.isnan(cosine) else f" · cos {'' if len(found.each) == 2 else '≥ '}{cosine_text(cosine)}"
    return f"shares {shares}{more}{angle} · " + (f"{percent(gone)} cancels" if gone >= 0.005 else "nothing cancels")


def cosine_text(cosine: float) -> str:
    """With two digits behind the point; what is 0 with these has no sign."""
    return f"{round(cosine, 2) + 0.0:.2f}".replace("-", "−")


def norm(size: float) -> str:
    """The size of an array, told as what it is."""
    return f"‖·‖ {short(size)}"


class ContributionBars(QWidget):
    """A row for each gradient that meets at a fork, and their sum beneath a line. `chosen`: the node of a row.

    The sizes are found once for the same arrays; those of large ones beside the window, and until then there are none.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rows: list[tuple[str, str, float, str]] = []  # consumer id, name, size with its sign, spelled
        self.total = self.agreement = ""
        self.stale = False
        self._arrays: tuple[Array, ...] = ()
        self._names: list[tuple[str, str]] = []
        self._sizes: Sizes | None = None
        self._worker: Worker | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, parts: Sequence[tuple[str, str, Array]], stale: bool = False) -> None:
        """Show (consumer id, name, array) and their sum; pale where they are `stale`: of an earlier graph."""
        self.stale = stale
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
        spelled = short if single else norm
        each = [(0.0, "…")] * len(self._names) if found is None else _signed(found, single, spelled)
        self.rows = [(*names, *size) for names, size in zip(self._names, each, strict=True)]
        total = "…" if found is None else short(found.total)
        self.total = total if single else f"‖Σ‖ {total}"
        self.agreement = "" if found is None else agreement(found)
        what = "" if single else "‖·‖ is the norm of a part: norms do not add up to that of the sum. "
        what += "" if single else "cos is the cosine of the angle between two parts: below 0 they oppose. "
        against = "" if single else "A bar to the left goes against the sum. "
        told = f"{self.agreement}\n" if self.agreement else ""
        self.setToolTip(f"{told}{what}{against}A share is how much of the sum comes of a part" + self.stale * "; stale")
        self.setAccessibleName(
            "; ".join(f"{name} {text}" for _, name, _, text in self.rows) + f"; sum {self.total}; {self.agreement}"
        )
        self.updateGeometry()
        self.update()

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 8

    def sizeHint(self) -> QSize:
        more = height_of(max(len(self.told()), 1), small()) + 4  # how the parts agree
        return QSize(100, self._row_height() * (len(self.rows) + 1) + 6 + more)  # with the sum

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def told(self) -> list[str]:
        """How the parts agree, in lines that are not wider than this is."""
        together = self.agreement.replace("cos ", "cos\u00a0").replace("≥ ", "≥\u00a0")
        together = together.replace("shares ", "shares\u00a0").replace(" cancels", "\u00a0cancels")
        return wrapped(together.replace(" ·", "\u00a0·"), small(), max(self.width(), 1), LINES) if together else []

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y()) // self._row_height()
        if 0 <= row < len(self.rows):
            self.chosen.emit(self.rows[row][0])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.5 if self.stale else 1.0)
        painter.setFont(mono(0.92))
        metrics, high = painter.fontMetrics(), self._row_height()
        width = self.width()
        numbers = max((metrics.horizontalAdvance(text) for *_, text in self.rows), default=0)
        numbers = max(numbers, metrics.horizontalAdvance(self.total))
        finite = [size for _, _, size, _ in self.rows if np.isfinite(size)]
        span = min(0.0, *finite, 0.0), max(0.0, *finite, 0.0)
        names = max((metrics.horizontalAdvance(row[1]) for row in self.rows), default=0)
        names = min(names, max(width - numbers - 18 - BAR, round(width * 0.36)))
        room = max(width - names - numbers - 18, 4)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        for i, (_, name, size, text) in enumerate(self.rows):
            y = i * high
            painter.setPen(QColor(self.theme.text))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, names + 2)  # widths are rounded
            painter.drawText(QRectF(0, y, names + 2, high), left | middle, shown)
            painter.drawText(QRectF(width - numbers, y, numbers, high), right | middle, text)
            _paint_bar(painter, QRectF(names + 9, y + 4, room, high - 8), size, span, self.theme)
        y = len(self.rows) * high + 2
        painter.fillRect(QRectF(0, y, width, 1), QColor(self.theme.line))
        painter.setPen(QColor(self.theme.gradient))
        painter.drawText(QRectF(0, y + 2, names + 20, high), left | middle, "Σ")
        painter.setPen(QColor(self.theme.text))
        painter.drawText(QRectF(0, y + 2, width, high), right | middle, self.total)
        painter.setFont(small())
        painter.setPen(QColor(self.theme.dim))
        beneath = QRectF(0, y + 4 + high, width, self.height())
        painter.drawText(beneath, left | Qt.AlignmentFlag.AlignTop, "\n".join(self.told()))


def _signed(found: Sizes, single: bool, spelled: Callable[[float], str]) -> list[tuple[float, str]]:
    """The size of each part as it is told, with the sign of its bar: of an array that of its share in the sum."""
    opposed = [share < 0 and not single for share in found.shares]
    return [(-size if against else size, spelled(size)) for size, against in zip(found.each, opposed, strict=True)]


def _paint_bar(painter: QPainter, place: QRectF, size: float, span: tuple[float, float], theme: Theme) -> None:
    """From 0 on as long as a size is large, to the left where it is negative; all sizes are within `span`.

    Of what is not finite, which has neither length nor sign, a mark on black.
    """
    if np.isfinite(size):
        unit = place.width() / ((span[1] - span[0]) or 1.0)
        zero, long = place.left() - span[0] * unit, max(abs(size) * unit, 1.5)
        bar = QRectF(zero - (long if size < 0 else 0.0), place.top() + 1, long, place.height() - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent if size >= 0 else theme.warning))
        painter.drawRoundedRect(bar, 3, 3)
        if span[0] < 0:
            painter.fillRect(QRectF(zero - 0.5, place.top() - 3, 1, place.height() + 6), QColor(theme.dim))
        return
    place.setWidth(place.height())
    painter.setPen(QPen(QColor(*NAN), 1.5))
    painter.setBrush(QColor("#000000"))
    painter.drawRect(place)
    if np.isinf(size):
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "∞")
        return
    cross = place.adjusted(3.5, 3.5, -3.5, -3.5)
    painter.drawLine(cross.topLeft(), cross.bottomRight())
    painter.drawLine(cross.topRight(), cross.bottomLeft())
