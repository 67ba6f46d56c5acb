"""A click on a badge that leads on: from `v0 → v1` of a value to the step that wrote it, from a finding to its mend,
from where NaN begins to what helps there; on a junction, to what meets there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ...stepping.versions import go_to_write
from ..under_badge import BEGUN, FOUND, MET, WRITTEN, findings_at
from .gesture import Gesture, Press

if TYPE_CHECKING:
    from ..canvas import Canvas


class FollowUp(Gesture):
    """Done at the press; the rest of the drag does nothing."""

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Begins on such a badge or junction."""
        hit = press.hit
        if press.button != Qt.MouseButton.LeftButton or hit.item is None:
            return None
        if hit.part == WRITTEN:
            go_to_write(canvas.editor, canvas.scene.item(hit.item).sources[0].node)
            return cls()
        if hit.part == MET:
            canvas.hover.leave()  # what it leads to is seen
            canvas.editor.select([hit.item])
            return cls()
        if hit.part == BEGUN:
            canvas.hover.leave()  # the answer says it
            canvas.editor.questions.first_not_finite()
            return cls()
        if hit.part == FOUND and (found := findings_at(canvas, hit.item, badge=True)):
            canvas.hover.leave()
            canvas.editor.show(found[0].node)
            canvas.editor.questions.finding(found[0])
            return cls()
        return None
