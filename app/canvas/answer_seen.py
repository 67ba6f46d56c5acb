"""What an answer tells of gives way to a bar that has come above the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .badges import HIGH, growth

if TYPE_CHECKING:
    from .canvas import Canvas


def bring_answer(canvas: Canvas) -> None:
    """Move the view by as little as shows all that the answer is about, with its badges; not where it has no room."""
    answer, view = canvas.editor.spotlight.answer, canvas.view
    told = () if answer is None else {*answer.rings, *answer.region.nodes}
    bounds = canvas.scene.bounds(face for face in map(canvas.scene.face, told) if face is not None)
    if bounds is None:
        return
    left, top, right, bottom = bounds
    top -= HIGH * growth(view.scale)
    fits = (right - left) * view.scale <= canvas.width() and (bottom - top) * view.scale <= canvas.height()
    if fits and view.reveal((left, top, right, bottom), canvas.width(), canvas.height()):
        canvas.view_moved()
