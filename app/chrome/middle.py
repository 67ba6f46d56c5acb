"""The middle of a window: messages, and beneath them the graph or the welcome page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QMoveEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from ..look.theme import Theme
from .bars import Bars

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas

LEAST = QSize(200, 140)  # however much stands here, the window may be made as small as its panels allow
GRAPH, WELCOME = 0, 1  # the pages


class Middle(QWidget):
    """Stands empty, in the colour of the canvas, until it is filled."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.bars = Bars(theme)
        self._empty = QWidget()
        self._empty.setStyleSheet(f"background: {theme.background};")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._canvas: Canvas | None = None
        self._pages.installEventFilter(self)
        self._pages.setMinimumSize(1, 1)  # bars have the room that they need before the pages
        self.setMinimumSize(LEAST)
        _stack(self, self.bars, self._pages)

    def fill(self, breadcrumb: QWidget, canvas: Canvas, welcome: QWidget) -> None:
        """Put the pages in, of which the graph is shown first."""
        self._canvas = canvas
        graph = QWidget()
        layers = QGridLayout(graph)
        layers.setContentsMargins(0, 0, 0, 0)
        layers.addWidget(canvas, 0, 0)
        # Over the canvas: where it took room of its own, the graph would move under the pointer when it appears.
        layers.addWidget(breadcrumb, 0, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        breadcrumb.raise_()
        canvas.covered_by = breadcrumb
        self._pages.addWidget(graph)
        self._pages.addWidget(welcome)
        self._pages.removeWidget(self._empty)
        self._empty.deleteLater()

    def eventFilter(self, pages: QObject, event: QEvent) -> bool:
        """Where a message comes or goes the graph stays under the pointer: the canvas moves, what it shows does not."""
        if isinstance(event, QMoveEvent) and self._canvas is not None:
            down = event.pos().y() - event.oldPos().y()
            self._canvas.view.pan(0, -down)
            self._canvas.update()
            for field in self._canvas.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
                field.move(field.x(), field.y() - down)
            QTimer.singleShot(0, self, self._bring_answer)  # once the canvas is as high as it stays
        return False

    def _bring_answer(self) -> None:
        """Only what the message is about gives way to it."""
        from ..canvas.answer_seen import bring_answer  # with NumPy, which the first window does not wait for

        if self._canvas is not None:
            bring_answer(self._canvas)

    def frame_beneath_bars(self) -> None:
        """Show what was just opened, whatever messages have come with it."""
        layout = self.layout()
        if layout is not None and self._canvas is not None:
            layout.activate()
            self._canvas.frame(opening=True)

    @property
    def shows_canvas(self) -> bool:
        """Whether the graph is shown, not the welcome page."""
        return self._pages.currentIndex() == GRAPH

    def show_canvas(self) -> None:
        """Show the graph."""
        self._pages.setCurrentIndex(GRAPH)

    def show_welcome(self) -> None:
        """Show the welcome page."""
        self._pages.setCurrentIndex(WELCOME)


def _stack(widget: QWidget, above: QWidget, below: QWidget) -> None:
    """One widget above another, which has all the room that is left."""
    column = QVBoxLayout(widget)
    column.addWidget(above)
    column.addWidget(below, 1)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
