"""An op dragged from the palette onto a canvas is added where it is dropped."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from .. import editing
from ..editing.adding import MIME
from ..layout.making_room import make_room
from ..search.placing import corner, ends_of
from .places import Place

if TYPE_CHECKING:
    from .canvas import Canvas


class Dropping:
    """Takes what is dropped on one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def enter(self, event: QDragEnterEvent) -> bool:
        """Something is dragged onto the canvas; whether it may be dropped there."""
        known = event.mimeData().hasFormat(MIME)
        if known:
            event.acceptProposedAction()
        return known

    def drop(self, event: QDropEvent) -> bool:
        """Add an op under the pointer as the search does there: wired to the port, or into the wire."""
        if not event.mimeData().hasFormat(MIME):
            return False
        canvas = self._canvas
        name = bytes(event.mimeData().data(MIME).data()).decode("utf-8")
        x, y = canvas.view.to_scene(event.position())
        hit = canvas.hit(x, y)
        port = None if hit.port is None else canvas.scene.real(hit.port)
        place = Place(x, y, port, hit.wire)
        op = canvas.editor.document.registry.get(name)
        at = corner(op, place, ends_of(canvas.editor, place), None)
        id = editing.add(canvas.editor, name, at, place, make_room=partial(make_room, canvas))
        if id is not None:
            canvas.bring_into_view([id])
        event.acceptProposedAction()
        canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        return True
