"""The badge of a node at which a value was put in by hand: `forked: 3`."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...look.theme import Theme
from ..lettering import LABEL, font, width
from ..nodes import NAMES
from ..scene import Scene
from ..view import View

HIGH, PADDING = 18.0, 8.0
AWAY, BELOW = 1.0, 3.0  # from the side of its node, and how far it reaches below it
POINTS = 64  # of a wire that are looked at
OVER = 5.0  # by how much it lies on the foot of its node


def forked_place(scene: Scene, face: str, long: float) -> QRectF:
    """Where the badge of an item stands that is so `long`: above are other badges, and words beneath.

    It is at the right or the left of its foot, where no wire runs if there is such a side; between other nodes on it.
    """
    x, y, wide, high = scene.rect(face)
    top = y + high + BELOW - HIGH
    sides = [QRectF(left, top, long, HIGH) for left in (x + wide + AWAY, x - AWAY - long)]
    sides = [side for side in sides if not len(scene.find.slots_in(*_corners(side)))]
    free = (side for side in sides if not _has_wires(scene, side))
    return next(free, sides[0] if sides else QRectF(x + wide - long + 2, y + high - OVER, long, HIGH))


def _corners(place: QRectF) -> tuple[float, float, float, float]:
    return place.left(), place.top(), place.right(), place.bottom()


def _has_wires(scene: Scene, place: QRectF) -> bool:
    """Whether a wire is drawn through a place."""
    found = scene.wires.within(*_corners(place))
    paths = scene.wires.paths(found, POINTS)
    left, top, right, bottom = _corners(place)
    x, y = paths[..., 0], paths[..., 1]
    return bool(((x > left) & (x < right) & (y > top) & (y < bottom)).any())


def forked_badges(scene: Scene, put: Mapping[str, str]) -> dict[str, tuple[str, QRectF]]:
    """By item what its badge says and where it stands, for the nodes in `put`, each with what was typed.

    That of a collapsed group says which node within.
    """
    shown: dict[str, list[str]] = {}
    for id, text in put.items():
        face = scene.face(id) if id in scene.graph.nodes else None
        if face is not None:
            shown.setdefault(face, []).append(text if face == id else f"{scene.graph.nodes[id].name} {text}")
    told = {face: f"forked: {', '.join(texts)}" for face, texts in shown.items()}
    return {face: (text, forked_place(scene, face, width(text, LABEL) + 2 * PADDING)) for face, text in told.items()}


def paint_forked(painter: QPainter, scene: Scene, view: View, theme: Theme, put: Mapping[str, str]) -> None:
    """Draw the badges of the nodes in `put`, and a line around each of these."""
    shown = forked_badges(scene, put)
    if not shown:
        return
    painter.save()
    painter.setTransform(view.transform, True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(LABEL))
    for face, (text, place) in shown.items():
        x, y, wide, high = scene.rect(face)
        painter.setPen(QPen(QColor(theme.warning), max(2.0, 1.5 / view.scale), Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(x - 3, y - 3, wide + 6, high + 6), 8, 8)
        if view.scale < NAMES:
            continue
        painter.setPen(QPen(QColor(theme.warning), 1.5))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(place, HIGH / 2, HIGH / 2)
        painter.setPen(QColor(theme.text))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)
    painter.restore()
