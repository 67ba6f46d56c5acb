"""Where a popup goes so that no panel that floats over the window covers it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QDockWidget, QWidget

EDGE = 4  # between a popup and what it stays clear of


def covers(window: QWidget) -> list[QRect]:
    """What floats over a window, in its coordinates: systems keep that above all that is in the window."""
    docks = [dock for dock in window.findChildren(QDockWidget) if dock.isFloating() and dock.isVisible()]
    return [QRect(window.mapFromGlobal(dock.pos()), dock.frameSize()) for dock in docks]


def clear_of(wanted: QRect, inside: QRect, covers: list[QRect]) -> QPoint:
    """The corner nearest to the one that is wanted from which nothing is covered, else as little as can be."""
    across, down = {wanted.x()}, {wanted.y()}
    for cover in covers:
        across |= {cover.left() - wanted.width() - EDGE, cover.right() + 1 + EDGE}
        down |= {cover.top() - wanted.height() - EDGE, cover.bottom() + 1 + EDGE}
    places = [QRect(QPoint(x, y), wanted.size()) for x in across for y in down]
    fitting = [place for place in places if inside.contains(place)]

    def lost(place: QRect) -> tuple[int, int]:
        parts = [place.intersected(cover) for cover in covers]
        area = sum(part.width() * part.height() for part in parts if part.isValid())
        return area, (place.topLeft() - wanted.topLeft()).manhattanLength()

    return min(fitting, key=lost).topLeft() if fitting else wanted.topLeft()
