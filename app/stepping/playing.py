"""Stepping by itself: at a pace, until it is stopped, the end comes, or the stepper is left."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from ...core.stepping.walking import MICRO
from .stepper import Stepper

TICK = 900  # ms that a step stands: time to look at it
MOVE = 400  # ms of it in which what is delivered moves
SHORTEST = 250  # ms of a part of a step
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class Playing(QObject):
    """Plays one stepper, at a speed. `changed` when it begins and ends, and when the speed is another."""

    changed = Signal()

    def __init__(self, stepper: Stepper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self.speed = 1.0
        self.cuts = False  # nothing moves: one moment is followed by the next
        self.remember: Callable[[], object] = lambda: None  # called when speed or cuts are set
        self._pace = 0  # ms, that the timer was given
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        stepper.left.connect(self.stop)
        stepper.told.connect(lambda text, kind: self.stop())
        stepper.changed.connect(self._keep_pace)
        self._keep_pace()

    @property
    def on(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    @property
    def move(self) -> int:
        """For how many ms what is delivered moves."""
        return 0 if self.cuts else round(MOVE / self.speed)

    @property
    def tick(self) -> int:
        """After how many ms the next step is done."""
        least = SHORTEST if self._stepper.grain == MICRO else 0
        return max(round(TICK / self.speed), least)

    def toggle(self) -> None:
        """Play, from the end of an iteration from its start on; or stop."""
        if self.on:
            self.stop()
            return
        if self._stepper.at_end:
            self._stepper.to_start()
        self._timer.start()
        self.changed.emit()

    def stop(self) -> None:
        """Play no more."""
        if self.on:
            self._timer.stop()
            self.changed.emit()

    def choose_speed(self, speed: float) -> None:
        """Play so many times as fast, from now on."""
        self.speed = speed if speed in SPEEDS else 1.0
        self._keep_pace()
        self.remember()
        self.changed.emit()

    def faster(self, by: int = 1) -> None:
        """So many speeds on, or back."""
        place = SPEEDS.index(self.speed) + by
        self.choose_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])

    def cut(self, cuts: bool) -> None:
        """Let nothing move from now on, or let it."""
        self.cuts = cuts
        self.remember()
        self.changed.emit()

    def _keep_pace(self) -> None:
        if self._pace != self.tick:
            self._pace = self.tick
            self._timer.setInterval(self._pace)

    def _go_on(self) -> None:
        if self._stepper.at_end:
            self.stop()
        elif not self._stepper.recordings.busy:  # what is asked for again would begin again
            self._stepper.step()


def speed_text(speed: float) -> str:
    """`0.25×`"""
    return f"{speed:g}×"
