"""An op or a layer that is dragged over the canvas: shown as it would stand, and where it would be wired."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from ....core.document import Document
from ....core.graph import Source, Wire
from ... import editing
from ...editing.adding import put
from ...editing.wiring import outputs, ports
from ...layout.making_room import extent, make_room, settle
from ...look.theme import TITLE_HEIGHT
from ...search.placing import corner, ends_of, parameters_for
from ...search.words import display_name
from ..lettering import TITLE, font, width
from ..places import Place
from ..scene import PortRef
from .connect import place_of
from .drawing import Point, curve, draw_box, draw_path, draw_text
from .gesture import Gesture
from .move import draw_wire, wire_under

if TYPE_CHECKING:
    from ..canvas import Canvas


class Add(Gesture):
    """Begun by a drag from elsewhere, not by a press; `name` is that of an op, "layer:NAME" or "own:NAME"."""

    def __init__(self, canvas: Canvas, name: str) -> None:
        self.canvas, self.name = canvas, name
        registry = canvas.editor.document.registry
        self.op = registry.get(name)
        trial = Document(registry=registry)
        with trial.transaction("Measure") as t:
            params = parameters_for(canvas.editor, name, ends_of(canvas.editor, None))
            id = put(t, canvas.editor.own_layers.layers, name, (0.0, 0.0), params)
        self.takes, self.gives = bool(ports(trial.graph, registry, id)), bool(outputs(trial.graph, registry, id))
        self.outline = extent(canvas, trial.graph, id, shown=False)
        self.place = Place(0.0, 0.0)
        self.corner: Point = (0.0, 0.0)

    def over(self, x: float, y: float) -> None:
        """The pointer is there now: find what a drop would wire."""
        canvas = self.canvas
        hit = canvas.hit(x, y)
        port = None if hit.port is None else canvas.scene.real(hit.port)
        if port is not None and not (self.takes if port.output else self.gives):
            port = None
        self.place = Place(x, y, port)
        self.corner = corner(self.op, self.place, ends_of(canvas.editor, self.place), None)
        if port is None and self.takes and self.gives:
            self.place = Place(x, y, None, hit.wire or wire_under(canvas, self._box()))
        canvas.update()

    def drop(self) -> str | None:
        """Add it there; its id, None where it was refused, which is told."""
        canvas = self.canvas
        room, settled = partial(make_room, canvas), partial(settle, canvas)
        return editing.add(canvas.editor, self.name, self.corner, self.place, make_room=room, settle=settled)

    def _box(self) -> tuple[float, float, float, float]:
        left, top, wide, high = self.outline
        return self.corner[0] + left, self.corner[1] + top, wide, high

    def paint(self, painter: QPainter) -> None:
        """The wire that would be opened or begun, the outline, and what a drop does in words."""
        canvas, theme = self.canvas, self.canvas.theme
        wire, port = self.place.wire, self.place.port
        if wire is not None:
            draw_wire(painter, canvas, wire, theme.good)
        start = None if port is None else place_of(canvas, port)
        if port is not None and start is not None:
            ends = (start, self._end(port)) if port.output else (self._end(port), start)
            draw_path(painter, curve(*ends), theme.good)
        x, y, wide, high = self._box()
        draw_box(painter, QRectF(x, y, wide, high), theme.accent)
        title, called = QRectF(x, y, wide, TITLE_HEIGHT), display_name(self.name)
        painter.setFont(font(TITLE))
        painter.setPen(QColor(theme.text))
        painter.drawText(QPointF(x + max(wide - width(called, TITLE), 0.0) / 2, title.center().y() + 4), called)
        text = self._words(called, wire, port)
        if text:
            draw_text(painter, theme, (self.place.x, self.place.y), text, theme.good)

    def _end(self, port: PortRef) -> Point:
        """Where a wire from or to a port would meet the outline."""
        x, _, wide, _ = self._box()
        return (x if port.output else x + wide), self.place.y

    def _words(self, called: str, wire: Wire | None, port: PortRef | None) -> str:
        graph = self.canvas.editor.graph
        if wire is not None:
            return editing.insert_label(graph, called, wire, self.canvas.editor.group)
        if port is not None:
            if port.output:
                return f"{called} reads {editing.source_name(graph, Source(port.id, port.name))}"
            return f"{called} feeds {editing.port_name(graph, port.id, port.name)}"
        return ""
