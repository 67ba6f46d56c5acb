"""An op dragged from the palette onto a canvas is shown where it would stand, and added where it is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from ..editing.adding import MIME
from .gestures.adding import Add
from .pointer import Pointer

if TYPE_CHECKING:
    from .canvas import Canvas


class Dropping:
    """Takes what is dragged over one canvas."""

    def __init__(self, canvas: Canvas, pointer: Pointer) -> None:
        self._canvas = canvas
        self._pointer = pointer  # shows the drag as it shows gestures of its own
        self._add: Add | None = None

    def enter(self, event: QDragEnterEvent) -> bool:
        """Something is dragged onto the canvas; whether it may be dropped there."""
        known = event.mimeData().hasFormat(MIME)
        if known:
            self._follow(event)
            event.acceptProposedAction()
        return known

    def move(self, event: QDragMoveEvent) -> bool:
        """It is dragged on."""
        if self._add is None:
            return False
        self._over(event.position())
        event.acceptProposedAction()
        return True

    def leave(self, _: QEvent) -> None:
        """It is dragged away, or the drag is given up."""
        if self._add is not None:
            self._add = None
            self._pointer.cancel()

    def drop(self, event: QDropEvent) -> bool:
        """Add an op under the pointer as the search does there: wired to the port, or into the wire."""
        if not event.mimeData().hasFormat(MIME):
            return False
        canvas = self._canvas
        add = self._follow(event)
        self.leave(event)
        id = add.drop()
        if id is not None:
            canvas.bring_into_view([id], made=True)
        event.acceptProposedAction()
        canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _follow(self, event: QDropEvent) -> Add:
        """What is dragged, now there."""
        if self._add is None:
            self._pointer.cancel()
            self._add = Add(self._canvas, bytes(event.mimeData().data(MIME).data()).decode("utf-8"))
            self._canvas.hover.leave()
        self._over(event.position())
        return self._add

    def _over(self, position: QPointF) -> None:
        assert self._add is not None
        self._pointer.gesture = self._add
        self._add.over(*self._canvas.view.to_scene(position))
