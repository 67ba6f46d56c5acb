"""Pictures of the items in view, each drawn once and then only copied: panning and dragging draw nothing anew."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from .anatomy import Item
from .badges import REACH, READ
from .glance import GLANCE
from .haste import Haste
from .items import Slots
from .left_free import badges_of, room_beneath
from .nodes import TEXTS, State, paint_blank, paint_body
from .values import Shown, paint_values

if TYPE_CHECKING:
    from ...core.graph import Graph
    from .canvas import Canvas
    from .view import View

ROOM = 18.0  # around an item, for edges, badges and ports, where badges are as large as it; scene units
MOST_BYTES = 100_000_000  # of pictures kept, of either kind
PALE = 0.35  # opacity of what is not lit


def room(scale: float) -> float:
    """How much around an item at this zoom its picture needs, in scene units."""
    return ROOM if scale >= READ else REACH + 2.0


class Picture(NamedTuple):
    """How an item looked, and when that is still true."""

    key: tuple[object, ...]
    image: QImage
    zoom: float  # device pixels in a scene unit


class Fleeting(NamedTuple):
    """A value that has just changed, and may do so again in the next frame: drawn over the picture of its body."""

    body: Picture
    shown: Shown


class Store:
    """Pictures by slot, as many as the memory for them allows: the newest."""

    def __init__(self) -> None:
        self._pictures: dict[int, Picture] = {}
        self.bytes = 0

    def get(self, slot: int) -> Picture | None:
        return self._pictures.get(slot)

    def put(self, slot: int, picture: Picture) -> Picture:
        self._drop(slot)
        self._pictures[slot] = picture
        self.bytes += picture.image.sizeInBytes()
        while self.bytes > MOST_BYTES and len(self._pictures) > 1:
            self._drop(next(iter(self._pictures)))
        return picture

    def clear(self) -> None:
        self._pictures.clear()
        self.bytes = 0

    def _drop(self, slot: int) -> None:
        if (picture := self._pictures.pop(slot, None)) is not None:
            self.bytes -= picture.image.sizeInBytes()


class Pictures:
    """Draws the items of one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._bodies = Store()  # without values, which change more often
        self._whole = Store()
        self._looks: tuple[object, ...] = ()
        self._graph: Graph | None = None
        self._fleeting: dict[int, int] = {}  # the numbers of the values last drawn past the pictures
        # The slots whose pictures are as `_looks` and values say, each with the node of which it shows the value.
        self._current: dict[int, str | None] = {}
        self._in_view: list[int] = []  # the slots that were drawn last
        self._late: dict[int, None] = {}  # slots of which new values may be seen a little later, in their turn
        self._late_turn = 0  # the turn of values in which that holds: at the next any may be others, and at once
        self.haste = Haste()

    def forget(self) -> None:
        """Other items are shown."""
        for kept in (self._bodies, self._whole, self._fleeting, self._current, self._late):
            kept.clear()

    def renew(self, nodes: AbstractSet[str]) -> None:
        """The values of these nodes are others: what is in view of them is drawn as it was until `go_on` is through."""
        self._canvas.values.ask_again(nodes)
        touched = self._canvas.values.take_touched()
        current = self._current
        late = [slot for slot in self._in_view if current.get(slot) in touched and self._whole.get(slot) is not None]
        self._current = {slot: node for slot, node in current.items() if node not in touched}
        self._late = self._still_late() | dict.fromkeys(late)  # whoever waits already keeps its turn
        self._late_turn = self._canvas.values.turn

    def _still_late(self) -> dict[int, None]:
        return self._late if self._late_turn == self._canvas.values.turn else {}

    def go_on(self, seconds: float) -> bool:
        """Make pictures of new values for so long, at least one; whether all are made."""
        until = monotonic() + seconds
        self._late = late = self._still_late()
        while late:
            slot = next(iter(late))
            del late[slot]
            self._renewed(slot, False, True)
            if monotonic() > until:
                break
        return not late

    def rest(self) -> None:
        """Draw exactly from now on."""
        self.haste.end()
        self._late.clear()

    def draw(self, painter: QPainter, slots: Slots, bright: set[int] | None, at_work: AbstractSet[int]) -> None:
        """Draw items where they are, the later above; those not in `bright` pale. In widget coordinates.

        In haste neither new values are put off, nor what is `at_work`.
        """
        canvas = self._canvas
        view, items, scale = canvas.view, canvas.scene.items, canvas.view.scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.haste.begin_frame()
        looks, graph = self._all_looks(), canvas.editor.graph
        if looks != self._looks or graph is not self._graph:
            self._looks, self._graph = looks, graph
            self._current.clear()
        if touched := canvas.values.take_touched():
            self._current = {slot: node for slot, node in self._current.items() if node not in touched}
        ratio, zoom = view.ratio, view.scale * view.ratio
        margin = int(room(scale) * zoom) / ratio
        corners = np.round((items.boxes[slots, :2] * view.scale + (view.x, view.y)) * ratio) / ratio - margin
        self._late = late = self._still_late()
        current, get = self._current, self._whole.get
        self._in_view = slots.tolist()
        for slot, (left, top) in zip(self._in_view, corners.tolist(), strict=True):
            if bright is not None:
                painter.setOpacity(1.0 if slot in bright else PALE)
            picture: Picture | Fleeting | None = get(slot) if slot in current or slot in late else None
            if picture is None:
                picture = self._renewed(slot, bright is None, slot in at_work)
            if isinstance(picture, Picture) and picture.zoom == zoom:
                painter.drawImage(QPointF(left, top), picture.image)
            elif isinstance(picture, Picture):
                _draw_scaled(painter, picture, view, left + margin, top + margin)
            else:
                if picture is not None:
                    painter.drawImage(QPointF(left, top), picture.body.image)
                painter.setTransform(QTransform(scale, 0, 0, scale, left + margin, top + margin))
                _draw_upon(painter, items.at(slot), picture, canvas)
                painter.resetTransform()
        painter.setOpacity(1.0)

    def _all_looks(self) -> tuple[object, ...]:
        """What all that is drawn on items of one graph depends on: while it is the same, so are their pictures."""
        canvas, editor, view = self._canvas, self._canvas.editor, self._canvas.view
        known = canvas.values.turn, canvas.marks.turn, canvas.scene.items.newest
        shown = canvas.theme, canvas.gradients, canvas.order_badges, canvas.decimals, canvas.values.larger
        return known, shown, view.scale, view.ratio, editor.selection, editor.active

    def _renewed(self, slot: int, fleeting: bool, at_work: bool) -> Picture | Fleeting | None:
        """The picture of an item as it is now; where there is no time to make it, one of another zoom, or none.

        Where only its value is new, and may be drawn as `fleeting`, that: a picture is worth its while once it is
        drawn twice.
        """
        canvas, item = self._canvas, self._canvas.scene.items.at(slot)
        view, theme = canvas.view, canvas.theme
        shown = None
        if view.scale >= GLANCE and item.sources:
            shown = canvas.values.of(item.sources[0], theme, canvas.decimals)
        number = None if shown is None else shown.number
        picture = self._whole.get(slot)
        if picture is not None and number is None and picture.key[-1] is not None:
            picture = None  # it tells a value, and nobody knows whether that is still so
        new = at_work or (picture is not None and picture.key[-1] != number)
        if not new and self.haste.puts_off(picture is not None):
            return picture
        state = canvas.marks.state(item, shown, canvas.order_badges)
        if view.scale >= TEXTS and state.fates is not None and state.fates.words:
            borne = partial(badges_of, canvas, view.scale)
            state = state._replace(beneath=room_beneath(canvas.scene, slot, state.fates.words, borne))
        zoom = view.scale * view.ratio
        key = (zoom, view.ratio, theme, canvas.gradients, int(canvas.scene.items.stamps[slot]), state)
        if picture is None or picture.key != (*key, number):
            body = self._bodies.get(slot)
            passes = fleeting and body is not None and body.key == key and self._fleeting.get(slot) != number
            if passes and shown is not None and body is not None:
                self._fleeting[slot] = shown.number
                return Fleeting(body, shown)
            picture = self._make(slot, item, key, state, shown)
        self._current[slot] = item.sources[0].node if item.sources else None
        return picture

    def _make(self, slot: int, item: Item, key: tuple[object, ...], state: State, shown: Shown | None) -> Picture:
        self.haste.make()
        zoom = self._canvas.view.scale * self._canvas.view.ratio
        body = self._bodies.get(slot)
        if body is None or body.key != key:
            body = self._bodies.put(slot, Picture(key, _body(self._canvas, item, state, zoom), zoom))
        image = body.image if shown is None else _with_values(self._canvas, body.image, item, shown, zoom)
        number = None if shown is None else shown.number  # not itself, which holds arrays
        return self._whole.put(slot, Picture((*key, number), image, zoom))


def _draw_scaled(painter: QPainter, picture: Picture, view: View, left: float, top: float) -> None:
    """Draw a picture of another zoom."""
    share = view.scale * view.ratio / picture.zoom
    margin = int(room(picture.zoom / view.ratio) * picture.zoom) * share / view.ratio
    size = picture.image.size() * share / view.ratio
    painter.drawImage(QRectF(left - margin, top - margin, size.width(), size.height()), picture.image)


def _draw_upon(painter: QPainter, item: Item, fleeting: Fleeting | None, canvas: Canvas) -> None:
    """Draw the value over a body, or an item that has no picture yet; the painter's origin is the item's corner."""
    if fleeting is None:
        paint_blank(painter, item, canvas.theme, canvas.view.scale)
    else:
        paint_values(painter, item, fleeting.shown, canvas.theme, canvas.gradients, canvas.view.scale)


def _body(canvas: Canvas, item: Item, state: State, zoom: float) -> QImage:
    """The picture of an item without values."""
    margin = int(room(canvas.view.scale) * zoom)
    wide, high = (int(size * zoom) + 1 + 2 * margin for size in (item.width, item.height))
    image = QImage(wide, high, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = _painter(image, zoom, margin)
    paint_body(painter, item, canvas.marks.wired(item, state), canvas.theme, canvas.view.scale, canvas.gradients)
    painter.end()
    image.setDevicePixelRatio(canvas.view.ratio)
    return image


def _with_values(canvas: Canvas, body: QImage, item: Item, shown: Shown, zoom: float) -> QImage:
    """The same with what it shows."""
    image = body.copy()
    image.setDevicePixelRatio(1.0)
    painter = _painter(image, zoom, int(room(canvas.view.scale) * zoom))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_values(painter, item, shown, canvas.theme, canvas.gradients, canvas.view.scale)
    painter.end()
    image.setDevicePixelRatio(canvas.view.ratio)
    return image


def _painter(image: QImage, zoom: float, margin: int) -> QPainter:
    """A painter that draws on an item's picture in scene units, from the item's corner."""
    painter = QPainter(image)
    painter.translate(margin, margin)
    painter.scale(zoom, zoom)
    return painter
