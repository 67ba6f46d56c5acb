"""The view goes along with the steps: a node at work that is out of view, or nearly, is brought into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from ..view import View

if TYPE_CHECKING:
    from ....core.stepping import Moment
    from ..canvas import Canvas
    from ..pointer import Pointer

NEARLY = 8.0  # pixels from the edge of the canvas at which a node counts as out of view
WITHIN = 72.0  # pixels from the edge to which it is brought
GLIDE = 280  # milliseconds
Where = tuple[float, float]


class Pursuit(QObject):
    """Of one canvas. It moves the view by as little as it must, at the same zoom, and never while the hand does."""

    def __init__(self, canvas: Canvas, hand: Pointer, foot: float) -> None:
        """`foot` pixels at the bottom of the canvas belong to captions."""
        super().__init__(canvas)
        self._canvas, self._hand, self._foot = canvas, hand, foot
        self._last: Moment | None = None
        self._from: Where = (0.0, 0.0)
        self._to: Where = (0.0, 0.0)
        self._placed: tuple[float, Where] | None = None  # zoom and place as this has left them
        self._glide = QVariantAnimation(self)
        self._glide.setStartValue(0.0)
        self._glide.setEndValue(1.0)
        self._glide.setDuration(GLIDE)
        self._glide.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._glide.valueChanged.connect(self._move)
        canvas.editor.stepper.changed.connect(self._follow)

    @property
    def _held(self) -> bool:
        """Whether the hand moves something on the canvas, or moves the view."""
        return self._hand.gesture is not None or self._hand.panning

    def _follow(self) -> None:
        canvas, moment = self._canvas, self._canvas.editor.stepper.moment
        if moment is self._last:
            return  # the graph was edited
        self._last = moment
        if not canvas.follows_step or self._held or moment is None:
            return
        there = self._wanted(moment)
        if there is None:
            return
        self._glide.stop()
        self._from, self._to = (canvas.view.x, canvas.view.y), there
        self._placed = canvas.view.scale, self._from
        if canvas.editor.playing.cuts or not canvas.isVisible():
            self._move(1.0)
        else:
            self._glide.start()

    def _wanted(self, moment: Moment) -> Where | None:
        """Where the scene must lie for the node at work to be seen; None where it is, or is not on this canvas."""
        canvas, step = self._canvas, moment.step
        node = None if step is None else step.node
        face = None if node is None or node not in canvas.scene.graph.nodes else canvas.scene.face(node)
        if face is None:
            return None
        view, width, height = View(), canvas.width(), canvas.height() - self._foot
        view.scale, view.x, view.y, view.ratio = (getattr(canvas.view, name) for name in ("scale", "x", "y", "ratio"))
        x, y, wide, high = canvas.scene.rect(face)
        edge = NEARLY / view.scale
        if view.holds((x - edge, y - edge, wide + 2 * edge, high + 2 * edge), width, height):
            return None
        # Of a node that nearly fills the canvas all is to be seen, not what lies about it.
        across = max(0.0, min(WITHIN / view.scale, (width / view.scale - wide) / 2 - edge))
        down = max(0.0, min(WITHIN / view.scale, (height / view.scale - high) / 2 - edge))
        moved = view.reveal((x - across, y - down, x + wide + across, y + high + down), width, height)
        return (view.x, view.y) if moved else None

    def _move(self, share: float) -> None:
        view = self._canvas.view
        if self._placed != (view.scale, (view.x, view.y)) or self._held:
            self._glide.stop()  # somebody else has moved it
            return
        view.place(*(a + (b - a) * float(share) for a, b in zip(self._from, self._to, strict=True)))
        self._placed = view.scale, (view.x, view.y)
        self._canvas.view_moved()
