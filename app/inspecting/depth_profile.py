"""How large gradients are from what is given to the root, as one small plot: vanishing and exploding at a glance."""

from __future__ import annotations

from math import ceil, floor, inf, log10

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...core.graph import Source
from ...core.stepping.depth import Level, Profile, depths, profile
from ...core.stepping.timeline import Strength
from ..editor import Editor
from ..look.numbers import significant
from ..look.theme import Theme
from ..look.thickness import lane_width
from ..turns import Turns
from .how_to_read import HowToRead
from .parts import Section
from .sheet import small

LATER = 60  # ms between what changes and the plot of it: stepping and runs change it many times a second
LEAST = 4  # ops in a row, from which on a profile tells more than the nodes themselves
HIGH, LEFT, TOP, BENEATH = 86, 54, 10, 6  # pixels
BARS, LONG = 36, 10  # where the bars at the axis begin, and how long they are
REACH = 12.0  # pixels about a dot that are the dot's
ROWS = 2  # of text, whatever it says: nothing moves beneath
LEAST_DECADES = 2  # that are shown
MOST_DOTS = 300  # of more the line alone is drawn
FLOOR = -12  # decades: what is smaller stands on the floor, as zero does
EXPLAINED = (
    "Each dot is the gradient at one op, the root of the mean square of its elements, on an axis of powers of ten.",
    "From what is given on the left to the root on the right. Squares are parameters, hollow dots are exactly zero.",
    "Where the line falls to the left gradients vanish on their way, where it rises they explode.",
    "A click on a dot goes to its node.",
    "Bars at the axis are as thick as wires of such gradients, by one scale for the whole graph: from 1e-6 to 1e2.",
)
MEANS = "The root of the mean square of the gradient at each op, from what is given on the left to the root"

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class DepthProfile(Section):
    """The plot with its caption; it is there, before gradients come as well, where there are so many ops in a row."""

    def __init__(self, editor: Editor, theme: Theme) -> None:
        super().__init__("Gradients by depth")
        self.editor = editor
        self.plot = _Plot(editor, theme)
        self.add(self.plot)
        self.help = HowToRead(theme, lambda: EXPLAINED, self)
        self.put_beside_caption(self.help)
        self.setToolTip(MEANS)
        self._deep: tuple[object, dict[str, int]] | None = None
        self._strengths: dict[Source, Strength | None] = {}
        self._touched: frozenset[str] | None = None  # since the last refresh; None: any may be another
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._turns = Turns(self)
        self._timer.timeout.connect(lambda: self._turns.take("profile", self._show))
        editor.results_changed.connect(self._later)
        editor.changed.connect(self._later)
        self.refresh()

    def _later(self) -> None:
        touched = self.editor.results.touched
        self._touched = None if touched is None or self._touched is None else self._touched | touched
        if not self._timer.isActive():
            self._timer.start(LATER)

    def refresh(self) -> None:
        """Show the gradients that stand there now."""
        self._touched = None
        self._show()

    def _show(self) -> None:
        graph, touched = self.editor.graph, self._touched
        if self._deep is None or self._deep[0] is not graph:
            self._deep, touched = (graph, depths(graph)), None
        known = self._strengths
        self._strengths = {s: found for s, found in known.items() if touched is not None and s.node not in touched}
        self._touched = frozenset()
        found = profile(graph, self.editor.registry, self._deep[1], self._strength)
        self.plot.show_profile(found)
        roots = [self._deep[1].get(root.node, 0) for root in self.editor.results.roots]
        self.setVisible(max(roots, default=0) >= LEAST)

    def _strength(self, source: Source) -> Strength | None:
        """How large the gradient there is, None where there is none; looked at once until it may be another."""
        if source not in self._strengths:
            total = self.editor.results.gradient(source).value
            self._strengths[source] = None if total is None else Strength.of(np.asarray(total))
        return self._strengths[source]


def in_words(found: Profile, editor: Editor) -> str:
    """`1.000 at s8, 7.675e-6 at x: 130,000 times smaller`, or where it is not finite."""
    line = found.line
    if not line:
        return "no gradient has come back yet"
    broken = next((level for level in reversed(line) if not level.strength.finite), None)
    if broken is not None:
        return f"not finite from {_name(editor, broken)} on towards what is given"
    first, last = line[0], line[-1]
    if first == last:
        return f"{_told(last)} at {_name(editor, last)}"
    ends = f"{_told(last)} at {_name(editor, last)}, {_told(first)} at {_name(editor, first)}"
    if not first.strength.rms or not last.strength.rms:
        return ends
    times = last.strength.rms / first.strength.rms
    if 0.1 <= times <= 10.0:
        return ends
    return f"{ends}: {_roughly(max(times, 1 / times))} times {'smaller' if times > 1 else 'larger'}"


def _roughly(times: float) -> str:
    """Two digits are enough to say how many times: 130,000."""
    return f"{float(f'{times:.1e}'):,.0f}" if times < 1e7 else significant(times, 2)


def _told(level: Level) -> str:
    return significant(level.strength.rms, 4)


def _name(editor: Editor, level: Level) -> str:
    return editor.graph.path(level.source.node)


def decades_of(found: Profile) -> tuple[int, int]:
    """The powers of ten at the foot and at the head of the plot of a profile."""
    known = [level.strength.rms for level in found.levels if level.strength.finite and 0 < level.strength.rms < inf]
    high = ceil(log10(max(known, default=1.0)))
    return min(max(floor(log10(min(known, default=1.0))), FLOOR), high - LEAST_DECADES), high


class _Plot(QWidget):
    """Dots on a logarithmic axis, of values joined by a line; what is not finite stands at the top, zero at the foot.

    A click selects the node of a dot and shows it. The words beneath are drawn as well: a label that changes would lay
    out all of the page, many times a second.
    """

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self.found = Profile(())
        self.words = ""  # that are written beneath
        self.near: Level | None = None
        self.decades, self.deepest = decades_of(self.found), 1
        self.setMouseTracking(True)
        self.setAccessibleName("Gradients by depth")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, TOP + HIGH + BENEATH + (1 + ROWS) * self._row)

    @property
    def _row(self) -> int:
        """The pixels from one row of text to the next."""
        return QFontMetrics(small()).lineSpacing()

    def show_profile(self, found: Profile) -> None:
        self.found, self.near = found, None
        self.decades = decades_of(found)
        self.deepest = max((level.depth for level in found.levels), default=0) or 1
        self.words = in_words(found, self.editor)  # now: a node may be gone when it is drawn
        self.setAccessibleDescription(self.words)
        self.update()

    # Where things stand.

    def place(self, level: Level) -> QPointF:
        """The middle of the dot of a level, in pixels."""
        (low, high), strength = self.decades, level.strength
        known = strength.finite and strength.rms > 0
        share = (log10(strength.rms) - low) / (high - low) if known else float(not strength.finite)
        across = level.depth / self.deepest * (self.width() - LEFT - 16)
        return QPointF(LEFT + 4 + across, TOP + (1 - min(max(share, 0.0), 1.0)) * HIGH)

    def at(self, point: QPointF) -> Level | None:
        """The level whose dot is nearest, if it is near."""
        there = (level for level in self.found.levels if level.source.node in self.editor.graph.nodes)
        away = [(level, (self.place(level) - point).manhattanLength()) for level in there]
        level, far = min(away, key=lambda each: each[1], default=(None, REACH + 1))
        return level if far <= REACH else None

    # Drawing.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:  # of one that is left open the next frame dies
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small())
        self._paint_axes(painter)
        line = [level for level in self.found.line if level.strength.finite]
        painter.setPen(QPen(QColor(self.theme.gradient), 1.6))
        painter.drawPolyline(QPolygonF([self.place(level) for level in line]))
        dotted = self.found.levels if len(self.found.levels) <= MOST_DOTS else ()
        for level in (*dotted, *(level for level in self.found.line if not level.strength.finite)):
            self._paint_dot(painter, level)
        if self.near is not None:
            self._paint_dot(painter, self.near)

    def _paint_axes(self, painter: QPainter) -> None:
        low, high = self.decades
        step = max(1, ceil((high - low) / 4))
        foot, row = TOP + HIGH, self._row
        for decade in range(high, low - 1, -step):
            y = TOP + (high - decade) / (high - low) * HIGH
            painter.setPen(QPen(QColor(self.theme.line), 1.0))
            painter.drawLine(QPointF(LEFT, y), QPointF(self.width() - 4, y))
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(QRectF(0, y - row / 2, BARS - 4, row), _RIGHT, _power(decade))
            thick = lane_width(Strength(10.0**decade, finite=True))
            painter.fillRect(QRectF(BARS, y - thick / 2, LONG, thick), QColor(self.theme.gradient))
        beneath = QRectF(LEFT, foot + 4, self.width() - LEFT - 4, row)
        painter.drawText(beneath, _LEFT, "given")
        painter.drawText(beneath, _RIGHT, "root")
        words = QRectF(0, foot + BENEATH + row, self.width(), ROWS * row)
        painter.drawText(words, _LEFT | int(Qt.TextFlag.TextWordWrap), self.words)

    def _paint_dot(self, painter: QPainter, level: Level) -> None:
        strength, at = level.strength, self.place(level)
        colour = QColor(self.theme.gradient if strength.finite else self.theme.nonfinite)
        painter.setPen(QPen(colour, 1.4))
        hollow = level.is_learnt or (strength.finite and strength.rms == 0)
        painter.setBrush(QColor(self.theme.panel) if hollow else colour)
        size = 4.5 if level == self.near else 3.0
        if level.is_learnt:
            painter.drawRect(QRectF(at.x() - size, at.y() - size, 2 * size, 2 * size))
        else:
            painter.drawEllipse(at, size, size)

    # The mouse.

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        near = self.at(event.position())
        if near != self.near:
            self.near = near
            self.setCursor(Qt.CursorShape.PointingHandCursor if near else Qt.CursorShape.ArrowCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        level = self.at(event.position())
        if level is not None and event.button() == Qt.MouseButton.LeftButton:
            self.editor.show(level.source.node)

    def leaveEvent(self, event: QEvent) -> None:
        self.near = None
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            level = self.at(QPointF(event.pos()))
            if level is not None:
                QToolTip.showText(event.globalPos(), f"{_name(self.editor, level)}: ∇ {_told(level)}", self)
                return True
        return super().event(event)


def _power(decade: int) -> str:
    return "1" if decade == 0 else f"1e{decade}".replace("-", "−")
