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
OVER = 5.0  # by how much it lies on the foot of its node


def forked_place(scene: Scene, face: str, long: float) -> QRectF:
    """Where the badge of an item stands that is so `long`: above are other badges, and words beneath.

    It is beside its foot, or where another node is there, on it.
    """
    x, y, wide, high = scene.rect(face)
    beside = QRectF(x + wide + AWAY, y + high + BELOW - HIGH, long, HIGH)
    if len(scene.find.slots_in(beside.left(), beside.top(), beside.right(), beside.bottom())):
        return QRectF(x + wide - long + 2, y + high - OVER, long, HIGH)
    return beside


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
