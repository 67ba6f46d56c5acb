"""What a field shows: all there is, following what is added, until a user zooms in."""

from __future__ import annotations

from collections.abc import Callable
from math import log10

from PySide6.QtCore import QObject, Signal

from .field import Field
from .track import Window

Range = tuple[float, float]
ROOM = 0.06  # of the height, above and beneath what is shown; of the width, beside what there is
BEYOND = 1.0  # of the height, above and beneath: as far a user may go
STEP = 0.8  # how much narrower one press of + makes what is seen


class Zoom(QObject):
    """`changed` is told where a user has zoomed, and whether across.

    `across(log)` says from where to where there is anything, `up(window)` between what it lies in a window.

    What a user has not zoomed follows: the height, for instance, what is seen of a part.
    """

    changed = Signal(bool)

    def __init__(
        self, field: Field, across: Callable[[bool], Range | None], up: Callable[[Window], Range | None]
    ) -> None:
        super().__init__(field)
        self.log_x = self.log_y = False
        self.zoomed_x = self.zoomed_y = False
        self._field, self._across, self._up = field, across, up
        field.zoomed.connect(self._zoom)
        field.zoomed.connect(lambda across, _: self.changed.emit(across))
        field.box.doubled.connect(self.fit)

    @property
    def zoomed(self) -> bool:
        """Whether a user has chosen what is seen."""
        return self.zoomed_x or self.zoomed_y

    @property
    def window(self) -> Window:
        """What is seen now."""
        frame = self._field.frame
        low, high = frame.limits
        return Window(low, high, max(int(frame.box.width()), 1), self.log_x, self.log_y)

    def set_logs(self, across: bool, up: bool) -> None:
        """Which axes are logarithmic; where one changes, all of it is shown."""
        self.zoomed_x &= across == self.log_x
        self.zoomed_y &= up == self.log_y
        self.log_x, self.log_y = across, up
        self._field.set_logs(across, up)
        self.refresh()

    def fit(self) -> None:
        """Show all there is, and follow it."""
        self.zoomed_x = self.zoomed_y = False
        self.refresh()

    def refresh(self) -> None:
        """There is something else, or more of it."""
        across, up = (tuple(each) for each in self._field.box.viewRange())
        whole = _logged(_wide(self._across(self.log_x) or (1.0, 10.0), self.log_x), self.log_x)
        self.zoomed_x &= across[0] > whole[0] or across[1] < whole[1]  # who has zoomed out to all of it follows it
        across = _within(across, whole, ROOM) if self.zoomed_x else whole
        up = _within(up, self._height(whole), BEYOND) if self.zoomed_y else self._height(across)
        self._field.show_range(across, up)
        self._field.redraw()

    def _height(self, across: Range) -> Range:
        """Between what it lies there, as the view counts."""
        low, high = (10.0 ** across[0], 10.0 ** across[1]) if self.log_x else across
        pixels = max(int(self._field.box.width()), 1)
        found = self._up(Window(low, high, pixels, self.log_x, self.log_y))
        return _roomy(_logged(found or ((0.1, 1.0) if self.log_y else (0.0, 1.0)), self.log_y))

    def narrow(self, number: float, times: int = 1) -> None:
        """Zoom in across about a number so many times, out where `times` is below zero."""
        (low, high), _ = self._field.box.viewRange()
        middle = log10(number) if self.log_x and number > 0 else number
        middle = min(max(middle, low), high)
        factor = STEP**times
        self._see(middle - (middle - low) * factor, middle + (high - middle) * factor)
        self.changed.emit(True)

    def move(self, share: float) -> None:
        """Move what is seen by this share of its width to the right."""
        (low, high), _ = self._field.box.viewRange()
        by = (high - low) * share
        self._see(low + by, high + by)
        self.changed.emit(True)

    def see(self, low: float, high: float) -> None:
        """Show what is between these numbers."""
        self._see(*_logged((low, high), self.log_x))

    def _see(self, low: float, high: float) -> None:
        if high > low:
            self._field.box.setXRange(low, high, padding=0)
            self._zoom(True, False)

    def _zoom(self, across: bool, up: bool) -> None:
        self.zoomed_x |= across
        self.zoomed_y |= up
        self.refresh()


def _within(seen: Range, whole: Range, room: float) -> Range:
    """What is seen, no wider than all there is and beside it no farther than this share of that."""
    low, high = whole[0] - room * (whole[1] - whole[0]), whole[1] + room * (whole[1] - whole[0])
    wide = min(seen[1] - seen[0], high - low)
    start = min(max(seen[0], low), high - wide)
    return start, start + wide


def _wide(found: Range, log: bool) -> Range:
    """Something to the sides where there is one place only."""
    low, high = found
    if high > low:
        return found
    return (low / 2, low * 2) if log else (low - 0.5, low + 0.5)


def _logged(found: Range, log: bool) -> Range:
    return (log10(found[0]), log10(found[1])) if log else found


def _roomy(found: Range) -> Range:
    """With room above and beneath; around a level line of nothing but one number."""
    low, high = found
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        half = abs(low) * 0.1 or 0.5
        return low - half, high + half
    room = (high - low) * ROOM
    return low - room, high + room
