"""One frame of the canvas: ground, frames, wires, nodes, what is selected or dragged above them, overlays."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPen

from ..turns import FRAME as MOMENT
from ..turns import Turns
from .anatomy import FRAME
from .batch import draw_rects
from .bends import paint_dots
from .drawn import PALE, Pictures, room
from .far_badges import paint_far_badges
from .frame_titles import NAMES
from .gestures.connect import place_of
from .gestures.drawing import curve, draw_path
from .ground import Ground
from .hover_text import paint_hover
from .items import Slots
from .lettering import GROUP, font
from .ribbons import paint_live, sizes_of
from .stepping import Lighting, Overlay, Telling
from .stepping.caption_place import spared
from .stepping.chip_places import kept_clear
from .stepping.working import faces_of
from .wires import paint_stubs, paint_wires

if TYPE_CHECKING:
    from .canvas import Canvas


SLICE = 0.003  # seconds of a frame that go into pictures of what a run publishes
PICTURES = "pictures"


class Painting:
    """Paints one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._ground, self._pictures = Ground(canvas), Pictures(canvas)
        self._lighting, self.telling = Lighting(canvas), Telling(canvas)
        self._rest = QTimer(canvas)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(canvas.update)
        self._turns = Turns(canvas)

    def forget(self) -> None:
        """Other items are shown: nothing of those before is kept."""
        self._pictures.forget()

    def renew(self, nodes: AbstractSet[str]) -> None:
        """Show new values of these nodes soon, all of one iteration at once: drawing them takes longer than a frame."""
        self._pictures.renew(nodes)
        self._turns.take(PICTURES, self._go_on)

    @property
    def renewing(self) -> bool:
        """Whether new values wait to be drawn."""
        return self._turns.waits

    def _go_on(self) -> None:
        done = self._pictures.go_on(SLICE)
        self._turns.take(PICTURES, self._canvas.update if done else self._go_on)

    def leave_moment(self) -> None:
        """Nothing is stepped through any more."""
        self.telling.forget()

    def hasten(self) -> None:
        """The view is in motion: draw fast now, and exactly as soon as it rests."""
        self._pictures.haste.begin()

    def rest(self) -> None:
        """Draw exactly from now on."""
        self._pictures.rest()

    def paint_canvas(self) -> None:
        """Draw a whole frame on the canvas."""
        painter = QPainter(self._canvas)
        try:
            self.paint(painter)
        finally:  # of one that is left open the next frame dies
            painter.end()

    def paint(self, painter: QPainter) -> None:
        """Draw a whole frame."""
        canvas = self._canvas
        scene, view, theme = canvas.scene, canvas.view, canvas.theme
        moment = canvas.editor.stepper.moment
        lit, bright = self._lighting.lit(), self._lighting.bright()
        view.ratio = painter.device().devicePixelRatio()
        window = view.window(canvas.width(), canvas.height())
        seen = scene, view, theme, canvas.decimals, lit, bright, window, kept_clear(canvas)
        overlay = None if moment is None else Overlay(moment, *seen, canvas.editor.motion.coming)
        self._ground.paint(painter, window)
        lifted = canvas.gesture.lifted if canvas.gesture is not None else ()
        paint_wires(painter, scene, view, theme, window, lit, lifted, sizes_of(canvas.editor))
        if overlay is not None:
            overlay.paint_beneath(painter)
            overlay.paint_glow(painter)
        self.telling.paint_beneath(painter)
        paint_dots(painter, scene, view, theme, window, canvas.dots)
        painter.setTransform(view.transform, True)
        paint_stubs(painter, scene, theme, window, view.scale)
        painter.resetTransform()
        reach = room(view.scale) if view.scale >= NAMES else 0.0
        slots = scene.find.slots_in(window[0] - reach, window[1] - reach, window[2] + reach, window[3] + reach)
        if view.scale >= NAMES:
            at_work = set() if moment is None else {scene.items.slots[face] for face in faces_of(scene, moment)}
            self._items(painter, slots, bright, at_work)
            if self._pictures.haste.behind:
                self._rest.start(MOMENT)
        else:
            self._rects(painter, slots, bright)
            paint_far_badges(painter, canvas, slots)
        if overlay is not None:
            overlay.paint_forks(painter)
        self.telling.paint(painter)
        self._overlays(painter)
        paint_pending(painter, canvas)
        paint_gesture(painter, canvas)  # above all: it tells what a release would do

    # Items.

    def _rects(self, painter: QPainter, slots: Slots, bright: set[int] | None) -> None:
        """Items too small for letters: a rectangle each, by the colour of its category; those not in `bright` pale."""
        canvas, items = self._canvas, self._canvas.scene.items
        view, theme = canvas.view, canvas.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        boxes = items.boxes[slots] * view.scale + np.array([view.x, view.y, 0.0, 0.0])
        boxes[:, 2:] = np.maximum(boxes[:, 2:], 1.0)
        colours = items.colours[slots]
        pale = np.zeros(len(slots), bool) if bright is None else ~np.isin(slots, list(bright))
        for number, category in enumerate(items.categories):
            painter.setBrush(QColor(theme.title(category)))
            draw_rects(painter, boxes[(colours == number) & ~pale])
            if bright is not None:
                painter.setOpacity(PALE)
                draw_rects(painter, boxes[(colours == number) & pale])
                painter.setOpacity(1.0)
        for ids, colour in ((canvas.editor.selection, theme.accent), (canvas.marks.bad_items, theme.error)):
            chosen = np.array([items.slots[id] for id in ids if id in items.slots], np.intp)
            chosen = chosen[items.kinds[chosen] != FRAME] if len(chosen) else chosen
            marked = items.boxes[chosen] * view.scale + np.array([view.x, view.y, 0.0, 0.0])
            painter.setPen(QPen(QColor(colour), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            draw_rects(painter, marked + np.array([-1.5, -1.5, 3.0, 3.0]))

    def _items(self, painter: QPainter, slots: Slots, bright: set[int] | None, at_work: AbstractSet[int]) -> None:
        canvas = self._canvas
        scene = canvas.scene
        above = {scene.items.slots[id] for id in canvas.editor.selection if id in scene.items.slots}
        above |= scene.dragging.displaced
        if above:
            slots = np.concatenate([slots, np.array(sorted(above.intersection(slots.tolist())), np.intp)])
            _, last = np.unique(slots[::-1], return_index=True)
            slots = slots[np.sort(len(slots) - 1 - last)]  # each where it is named last
        self._pictures.draw(painter, slots, bright, at_work)

    # Overlays.

    def _overlays(self, painter: QPainter) -> None:
        canvas = self._canvas
        theme = canvas.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not canvas.scene.items.slots:
            self._hint(painter)
            return
        if canvas.minimap_shown:
            canvas.minimap.paint(painter, theme, canvas.view, canvas.width(), canvas.height(), spared(canvas))
        paint_live(painter, canvas.editor, theme, canvas.width())
        paint_hover(painter, canvas)

    def _hint(self, painter: QPainter) -> None:
        canvas = self._canvas
        painter.setFont(font(GROUP, 15))
        painter.setPen(QColor(canvas.theme.dim))
        inside = canvas.editor.group is not None
        how = "Tab or a double-click adds a node; so does dragging one from the palette"
        text = f"This group is empty. {how}" if inside else how
        painter.drawText(canvas.rect(), int(Qt.AlignmentFlag.AlignCenter), text)


def paint_gesture(painter: QPainter, canvas: Canvas) -> None:
    """What the hand is at."""
    if canvas.gesture is not None:
        painter.save()
        painter.setTransform(canvas.view.transform, True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        canvas.gesture.paint(painter)
        painter.restore()


def paint_pending(painter: QPainter, canvas: Canvas) -> None:
    """The wire that was dropped in the void, while the search asks what to add there."""
    place = canvas.pending
    if place is None or place.port is None:
        return
    start = place_of(canvas, place.port)
    if start is None:
        return
    painter.save()
    painter.setTransform(canvas.view.transform, True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ends = (start, (place.x, place.y)) if place.port.output else ((place.x, place.y), start)
    draw_path(painter, curve(*ends), canvas.theme.accent, 2.5, dashed=True)
    painter.restore()
