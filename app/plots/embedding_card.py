"""The rows of a table as places in a plane: what a network takes for alike lies together."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from ..inspecting.sheet import small
from ..look.theme import Theme
from .board import MOVES
from .card import Card, Sheet
from .cloud import MOST, Cloud
from .data import Embedding
from .drawing import write
from .field import Field
from .frame import Frame
from .verdicts import percent
from .zoom import STEP, Zoom

SHARE = 0.1  # of what is seen, by which a press of Ctrl and an arrow moves it


class EmbeddingCard(Card):
    """Points with their names; pointer or keys tell one. What is pointed at stays the same row as points move."""

    def __init__(self, theme: Theme, title: str = "embedding", parent: QWidget | None = None) -> None:
        super().__init__(theme, title, self.explanation, parent)
        self.embedding: Embedding | None = None
        self.cloud = Cloud()
        self._pointed: int | None = None
        self._chosen: int | None = None
        self.field = Field(theme, self)
        self.field.setAccessibleName(title)
        self.field.box.setAspectLocked(True)
        self.put(self.field)
        self.zoom = Zoom(self.field, lambda _: self.cloud.extent(0), lambda _: self.cloud.extent(1))
        self.field.layers += [self._paint_points, self._paint_told]
        self.field.box.pointed.connect(self._point)
        self.field.box.clicked.connect(lambda at: self._tell(self._pointed, self.cloud.nearest(self.field.frame, at)))
        self.field.pressed.connect(self._press)
        self.offer("Show all", lambda _: self.zoom.fit())
        self.add_exports()

    def show_embedding(self, embedding: Embedding | None) -> None:
        """Show it as it is now, None: there is none."""
        if embedding is self.embedding and embedding is not None:
            return
        self.embedding = embedding
        if embedding is None:
            self.cloud.show(np.zeros((0, 2)), ())
        else:
            self.cloud.show(np.array(embedding.points, np.float64).reshape(-1, 2), embedding.labels)
        self.put_head(self.told_head)
        if not self.zoom.zoomed:
            self.zoom.refresh()
        there = range(len(self.cloud.points))
        self._tell(*(each if each in there else None for each in (self._pointed, self._chosen)))
        self.help.refresh()

    @property
    def told_head(self) -> str:
        """How much of the variance the two directions have."""
        found = self.embedding
        if found is None:
            return ""
        first, second = (f"{100 * share:.0f} %" if np.isfinite(share) else "NaN" for share in found.explained)
        broken = int(np.isnan(self.cloud.points[:, 0]).sum())
        return f"{first} + {second} of the variance" + (f", {broken:,} not finite" if broken else "")

    @property
    def row(self) -> int | None:
        """What is told of."""
        return self._chosen if self._pointed is None else self._pointed

    @property
    def words(self) -> str:
        """The row that is told of, and where it is."""
        return "" if self.row is None else self.cloud.words(self.row)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.field.restyle(theme)

    def _paint_points(self, painter: QPainter, frame: Frame) -> None:
        """All points, and their names where they are read."""
        painter.setFont(small())
        if not len(self.cloud.points):
            painter.setPen(QColor(self.theme.dim))
            painter.drawText(frame.box, Qt.AlignmentFlag.AlignCenter, "There is no embedding yet")
            return
        self.cloud.paint(painter, frame, self.row, self.theme)

    def _paint_told(self, painter: QPainter, frame: Frame) -> None:
        if self.row is None:
            return
        self.cloud.paint_ring(painter, frame, self.row, self.theme)
        at = QPointF(frame.box.left() + 4, frame.box.bottom() - QFontMetricsF(small()).height() - 2)
        write(painter, self.words, at, self.theme.text, self.theme, small())

    def _point(self, at: QPointF | None) -> None:
        self._tell(None if at is None else self.cloud.nearest(self.field.frame, at), self._chosen)

    def _tell(self, pointed: int | None, chosen: int | None) -> None:
        self._pointed, self._chosen = pointed, chosen
        words = self.words
        if words != self.field.accessibleDescription():
            self.field.setAccessibleDescription(words)
        self.field.redraw()

    def _press(self, event: QKeyEvent) -> None:
        """Arrows go to the next point there, with Ctrl they move what is seen; + and − zoom, 0 shows all."""
        key, control = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        move = MOVES.get(key)
        if move is not None and control:
            seen = self.field.box.viewRect()
            self.field.box.translateBy((move[0] * SHARE * seen.width(), -move[1] * SHARE * seen.height()))
            self.field.zoomed.emit(True, True)
        elif move is not None:
            self._tell(None, self.cloud.beside(self.field.frame, self.row, move))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus) and not control:
            factor = 1 / STEP if key == Qt.Key.Key_Minus else STEP
            point = [np.nan] if self.row is None else self.cloud.points[self.row].tolist()
            self.field.box.scaleBy((factor, factor), QPointF(*point) if np.isfinite(point).all() else None)
            self.field.zoomed.emit(True, True)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_F) and not control:
            self.zoom.fit()
        elif key == Qt.Key.Key_Escape and self.row is not None:
            self._tell(None, None)
        else:
            return
        event.accept()

    def explanation(self) -> tuple[str, ...]:
        """How it is read, by the two rows that are most alike."""
        found = self.embedding
        if found is None:
            return ("There is no embedding yet.",)
        first, second = (percent(share) for share in found.explained)
        lines = [
            f"A point for each of the {len(self.cloud.points):,} rows of {found.name}.",
            f"Across is the direction in which they differ most ({first} of their variance), up the next ({second}).",
        ]
        if len(self.cloud.points) > MOST:
            lines.append(f"At most {MOST:,} of them are drawn: the nearer one looks, the more of those that lie there.")
        closest = self.cloud.closest()
        if closest is not None:
            one, other = (self.cloud.label(row) for row in closest)
            lines.append(f"{one} and {other} lie closest here; in other directions they may lie apart.")
        return tuple(lines)

    def sheets(self) -> tuple[Sheet, ...]:
        found = self.embedding
        if found is None:
            return ()
        points = np.asarray(found.points)
        rows = np.arange(len(points))
        columns = {"row": rows, "label": np.array([self.cloud.label(row) for row in rows.tolist()])}
        return (Sheet(found.name, columns | {"first direction": points[:, 0], "second direction": points[:, 1]}),)

    def draw_body(self, painter: QPainter, place: QRectF) -> None:
        self.field.picture_of(painter, place)
