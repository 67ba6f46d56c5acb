"""A click on the badge of a value that was written, `v0 → v1`, goes to the step that wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ...stepping.versions import go_to_write
from ..written import WRITTEN
from .gesture import Gesture, Press

if TYPE_CHECKING:
    from ..canvas import Canvas


class FollowUp(Gesture):
    """Done at the press; the rest of the drag does nothing."""

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins on such a badge."""
        hit = press.hit
        if press.button != Qt.MouseButton.LeftButton or hit.part != WRITTEN or hit.item is None:
            return None
        go_to_write(canvas.editor, canvas.scene.item(hit.item).sources[0].node)
        return cls()
