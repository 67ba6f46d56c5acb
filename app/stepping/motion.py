"""The short move with which what a step brings comes along its wires, and then rests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal

from ...core.stepping import Moment

if TYPE_CHECKING:
    from .playing import Playing
    from .stepper import Stepper


class Motion(QObject):
    """Of one stepper. `progress` goes from 0 to 1 after each single step on; None while all rests.

    Until gradients have arrived, `before` is the moment at which they had not. `arrived` when they have, with both.
    """

    changed = Signal()
    arrived = Signal(object, object)

    def __init__(self, stepper: Stepper, playing: Playing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stepper, self._playing = stepper, playing
        self._last: Moment | None = None
        self.progress: float | None = None
        self.before: Moment | None = None
        self._animation = QVariantAnimation(self)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._animation.valueChanged.connect(self._move)
        self._animation.finished.connect(self._rest)
        stepper.changed.connect(self._follow)

    def _follow(self) -> None:
        moment, last = self._stepper.moment, self._last
        if moment is last:
            return  # the graph was edited: nothing has moved
        self._last = moment
        self._animation.stop()
        self._rest()
        if moment is not None and self._playing.move and _follows(last, moment):
            if last is not None and last.timeline is moment.timeline and moment.delivering:
                self.before = last
            self._animation.setDuration(self._playing.move)
            self._animation.start()

    def _move(self, progress: float) -> None:
        self.progress = float(progress)
        self.changed.emit()

    @property
    def coming(self) -> frozenset[tuple[str, str]]:
        """The ports, by node, from which a gradient is on its way."""
        before, moment = self.before, self._stepper.moment
        if before is None or moment is None:
            return frozenset()
        return frozenset((d.node, d.port) for d in moment.delivering if before.delivery(d.node, d.port) is None)

    def _rest(self) -> None:
        before, self.before = self.before, None
        if before is not None:
            self.arrived.emit(before, self._stepper.moment)
        if self.progress is not None:
            self.progress = None
            self.changed.emit()


def _follows(last: Moment | None, moment: Moment) -> bool:
    """Whether a moment is one step, or a part of one, after another."""
    if last is None or last.timeline is not moment.timeline:
        return moment.cursor.step == 1 and not moment.cursor.micro
    before, now = last.cursor, moment.cursor
    return (now.step == before.step and now.micro == before.micro + 1) or (
        now.step == before.step + len(moment.done_at_once) and not now.micro
    )
