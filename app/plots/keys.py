"""The keys of a plot: what the pointer does is done without it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent

from .field import Field
from .reader import Reader
from .tracks import Point, Tracks
from .zoom import Zoom

Key = Qt.Key
ALL = 10**9  # pixels: more than there are
SHARE = 0.1  # of what is seen, by which a press moves it


class Keys(QObject):
    """Arrows read on, with Ctrl they move what is seen; + and − zoom, 0 shows all, Enter goes to what is read."""

    def __init__(self, field: Field, tracks: Tracks, zoom: Zoom, reader: Reader) -> None:
        super().__init__(field)
        self._field, self._tracks, self._zoom, self._reader = field, tracks, zoom, reader
        field.pressed.connect(self._press)

    def _press(self, event: QKeyEvent) -> None:
        """Any other key is left to the window."""
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        point = self._reader.point
        if key in (Key.Key_Left, Key.Key_Right):
            sign = -1 if key == Key.Key_Left else 1
            self._zoom.move(SHARE * sign) if control else self._step(sign)
        elif key in (Key.Key_Home, Key.Key_End) and not control:
            self._step(-ALL if key == Key.Key_Home else ALL)
        elif key in (Key.Key_Plus, Key.Key_Equal, Key.Key_Minus) and not control:
            self._zoom.narrow(self._middle(), -1 if key == Key.Key_Minus else 1)
        elif key in (Key.Key_0, Key.Key_F) and not control:
            self._zoom.fit()
        elif key in (Key.Key_Return, Key.Key_Enter) and point is not None:
            self._reader.clicked.emit(point.iteration)
        elif key == Key.Key_Escape and point is not None:
            self._reader.show_point(None)
        else:
            return
        event.accept()

    def _middle(self) -> float:
        """About what is zoomed: the point that is read, else the middle."""
        frame, point = self._field.frame, self._reader.point
        return frame.number_across(frame.box.center().x()) if point is None else point.along(self._reader.axis)

    def _step(self, pixels: int) -> None:
        """Go so many pixels, at least one element, along the curve that is read; from its end where none is."""
        axis, point = self._reader.axis, self._reader.point
        seen = list(self._tracks.seen(axis))
        if not seen:
            return
        if point is None or point.track not in seen:
            self._reader.show_point(Point(seen[0], seen[0].size - 1 if pixels < 0 else 0))
            return
        track, frame = point.track, self._field.frame
        across = float(frame.across(point.along(axis))) + pixels
        target = self._tracks.at(track, axis, frame.number_across(across))
        index = 0 if target is None else target.index
        index = max(index, point.index + 1) if pixels > 0 else min(index, point.index - 1)
        self._reader.show_point(Point(track, min(max(index, 0), track.size - 1)))
