"""The view goes along with the steps: what is at work, or receives a gradient, out of view or nearly, is brought there.

While all is in view it stays as it is. Where all of a graph is framed so small that numbers cannot be read, the first
step brings the view close to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from ..anatomy import NOTE
from ..extent import all_in_view
from ..framing import above_captions
from ..nodes import TEXTS
from ..view import Bounds, View
from .working import places_of, read_from, together

if TYPE_CHECKING:
    from ....core.stepping import Moment
    from ..canvas import Canvas
    from ..pointer import Pointer

NEARLY = 8.0  # pixels from the edge of the canvas at which a node counts as out of view
WITHIN = 72.0  # pixels from the edge to which it is brought
GLIDE = 280  # milliseconds
ROUNDING = 0.999  # of a zoom at which something just fits
CLOSE = 0.75  # the zoom at which numbers are read at once
Where = tuple[float, float, float]  # zoom, and where the scene's origin lies


class Pursuit(QObject):
    """Of one canvas. It moves the view by as little as it must, and never while the hand does.

    It comes closer once, at the first step, and only where the zoom is none that somebody has chosen. It goes out where
    the node at work and what receives most have no room beside each other, and stays there.
    """

    def __init__(self, canvas: Canvas, hand: Pointer) -> None:
        super().__init__(canvas)
        self._canvas, self._hand = canvas, hand
        self._last: Moment | None = None
        self._first = True  # no node of this recording has been gone along with yet
        self._from: Where = (1.0, 0.0, 0.0)
        self._to: Where = (1.0, 0.0, 0.0)
        self._placed: Where | None = None  # as this has left it
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
        self._first = self._first or moment is None
        if not canvas.follows_step or self._held or moment is None:
            return
        there = self._wanted(moment)
        self._first = self._first and (moment.step is None or moment.step.node is None)
        if there is None:
            return
        self._glide.stop()
        self._from, self._to = _where(canvas.view), there
        self._placed = self._from
        if canvas.editor.playing.cuts or not canvas.isVisible():
            self._move(1.0)
        else:
            self._glide.start()

    def _wanted(self, moment: Moment) -> Where | None:
        """How the scene must be seen for what is at work to be; None where it is, or is not on this canvas."""
        canvas, boxes = self._canvas, places_of(self._canvas.scene, moment)
        closer = self._first and canvas.view.all_framed and canvas.view.scale < read_from(moment)
        glides = self._glide.state() == QVariantAnimation.State.Running
        if not boxes or (not closer and not glides and all_in_view(canvas)):
            return None
        view, width, height = View(), canvas.width(), above_captions(canvas)
        # Steps may follow one another faster than the view: it goes on from where it was going.
        view.scale, view.x, view.y = self._to if glides else _where(canvas.view)
        view.ratio = canvas.view.ratio
        if closer:
            x, y, wide, high = boxes[0]
            view.zoom(CLOSE / view.scale, view.to_screen(x + wide / 2, y + high / 2))
        farther = _take_in(view, boxes[:2], width, height)  # what receives most, and the node at work
        edge = NEARLY / view.scale
        boxes += notes_in_view(canvas)  # which ask what the steps answer: they stay where there is room
        x, y, wide, high = together(boxes, width / view.scale - 2 * edge, height / view.scale - 2 * edge)
        if view.holds((x - edge, y - edge, wide + 2 * edge, high + 2 * edge), width, height):
            return _where(view) if closer or farther else None
        # Of what nearly fills the canvas all is to be seen, not what lies about it.
        across = max(0.0, min(WITHIN / view.scale, (width / view.scale - wide) / 2 - edge))
        down = max(0.0, min(WITHIN / view.scale, (height / view.scale - high) / 2 - edge))
        moved = view.reveal((x - across, y - down, x + wide + across, y + high + down), width, height)
        return _where(view) if moved or closer or farther else None

    def _move(self, share: float) -> None:
        view = self._canvas.view
        if self._placed != _where(view) or self._held:
            self._glide.stop()  # somebody else has moved it
            return
        (scale, x, y), (close, left, top) = self._from, self._to
        view.scale = scale * (close / scale) ** share
        if close != scale:
            share = (view.scale - scale) / (close - scale)  # so that one point stays while the others come closer
        view.place(x + (left - x) * share, y + (top - y) * share)
        self._placed = _where(view)
        self._canvas.painting.hasten()
        self._canvas.view_moved()


def _take_in(view: View, boxes: Sequence[Bounds], width: float, height: float) -> bool:
    """Zoom out as far as all of these boxes (x, y, width, height) have room, while texts are read; whether it did."""
    x, y, wide, high = together(boxes, inf, inf)
    fits = min((width - 2 * NEARLY) / wide, (height - 2 * NEARLY) / high) * ROUNDING
    if not TEXTS <= fits < view.scale:
        return False
    view.zoom(fits / view.scale, view.to_screen(x + wide / 2, y + high / 2))
    return True


def notes_in_view(canvas: Canvas) -> list[Bounds]:
    """The boxes (x, y, width, height) of notes that are seen whole."""
    items, size = canvas.scene.items, (canvas.width(), canvas.height())
    return [box for box in items.boxes[items.kinds == NOTE].tolist() if canvas.view.holds(box, *size)]


def _where(view: View) -> Where:
    return view.scale, view.x, view.y
