"""The memory of an iteration in the step panel: bytes over steps, where one is, and what a framework frees here."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ...core.stepping import Cursor
from ...core.stepping.lifetimes import Memory
from ...core.stepping.spelling import size_text
from ..inspecting.how_to_read import HowToRead
from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.theme import Theme
from ..stepping.fates import AGAIN, listed, step_name
from ..stepping.room_bars import paint_bars

SHOWN = "Nothing is freed here, so that all can be seen: this is what a framework keeps that saves only what is read."
TALL = 4  # lines of text that the plot is high


class RoomPlot(QWidget):
    """Bars over the steps; a click goes to a step."""

    seeked = Signal(object)  # a Cursor

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.memory: Memory | None = None
        self.setFont(small())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_memory(self, memory: Memory) -> None:
        """Show a moment."""
        self.memory = memory
        self.setAccessibleName(f"bytes in use over {len(memory.lifetimes.timeline.steps)} steps; {in_use(memory)}")
        self.setToolTip("Bytes in use while each step is done; a click goes there")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, self.fontMetrics().height() * TALL)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(1, 3, -1, -2)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.memory is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, (step, micro) = self._box(), self.memory.cursor
        steps = self.memory.lifetimes.timeline.steps
        within = micro / len(steps[step].micros) if micro else 0.0
        paint_bars(painter, box, self.memory.lifetimes.room, step, self.theme)
        x = box.left() + (step + within) * box.width() / max(len(steps), 1)
        painter.setPen(QPen(QColor(self.theme.line), 1.0))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.setPen(QPen(QColor(self.theme.text), 1.6))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.memory is not None and event.button() == Qt.MouseButton.LeftButton:
            box, count = self._box(), len(self.memory.lifetimes.timeline.steps)
            share = (event.position().x() - box.left()) / max(box.width(), 1.0)
            self.seeked.emit(Cursor(round(min(max(share, 0.0), 1.0) * count)))


class RoomSection(QWidget):
    """The plot with its lines: what is in use, what is freed after this step, and what that means."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = RoomPlot(theme, self)
        self.told = label("", None, small(), wrap=True)
        self.freed = label("", None, small(), wrap=True)
        self.about = label(SHOWN, "dim", small(), wrap=True)
        self.help = HowToRead(theme, lambda: () if self.plot.memory is None else explained(self.plot.memory), self)
        head = QHBoxLayout()
        head.addWidget(self.told, 1)
        head.addWidget(self.help, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        for part in (self.plot, self.freed, self.about):
            column.addWidget(part)

    def show_memory(self, memory: Memory) -> None:
        """Show a moment."""
        self.plot.show_memory(memory)
        self.told.setText(in_use(memory))
        self.freed.setText(freed_now(memory))
        self.freed.setVisible(bool(self.freed.text()))
        self.help.refresh()


def in_use(memory: Memory) -> str:
    """`24 B in use, at most 64 B: in step 8, the step back of product`."""
    lifetimes = memory.lifetimes
    room, steps = lifetimes.room, lifetimes.timeline.steps
    at = step_name(lifetimes.timeline, steps[room.peak_at])
    return f"{size_text(memory.bytes)} in use, at most {size_text(room.peak)}: in step {room.peak_at + 1}, {at}"


def explained(memory: Memory) -> tuple[str, ...]:
    """How the plot of memory is read."""
    room, steps = memory.lifetimes.room, memory.lifetimes.timeline.steps
    done = f"{memory.cursor.step:,} of {len(steps):,} steps are done, their bars are brighter"
    return (
        f"Each bar is one of {len(steps):,} steps, forward ones first, as high as the bytes in use while it is done.",
        f"The short line on top marks the most, {size_text(room.peak)} in step {room.peak_at + 1}: that much must fit.",
        f"The upright line is where you are: {done}, and {size_text(memory.bytes)} are in use now.",
    )


def freed_now(memory: Memory) -> str:
    """What a framework frees after the step that was done last, and what it could not do then; "" where nothing."""
    step = memory.cursor.step - 1
    if memory.cursor.micro or step < 0:
        return ""
    nodes = memory.lifetimes.timeline.run.asked.graph.nodes
    values, gradients = memory.lifetimes.freed_after(step)
    names = [nodes[source.node].name for source in values] + [f"∂{nodes[source.node].name}" for source in gradients]
    if not names:
        return ""
    missed = tuple(nodes[source.node].name for source in values if memory.needed_again(source))
    again = f" Without {listed(missed)} {AGAIN}." if missed else ""
    return f"A framework frees {listed(tuple(names))} here.{again}"
