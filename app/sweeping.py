"""Looking for garbage while there are threads: on the window's thread, when it is convenient."""

from __future__ import annotations

import gc
import time
from functools import cache

from PySide6.QtCore import QObject, QTimer

from ..core.collector import hold
from .leaving import desks

SWEEP = 400  # milliseconds from one look for garbage to the next
ROUNDS, MOST_ROUNDS = 10, 200  # looks at what is young, until one at everything: in a pause, and without one
BULK = 5_000  # objects made between two looks: of so many, as of a graph that is opened, most stay
CALM = 2.0  # seconds without work asked for that are a pause


class Sweeping(QObject):
    """While there are threads, Python's cycles are collected here, on the window's thread, and nowhere else.

    Otherwise a thread that happens to make the object at which Python looks for garbage would delete widgets.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rounds = 0
        self.asked_at = 0.0  # when work was last asked for: as long as that goes on, somebody is at work here
        self._timer = QTimer(self, interval=SWEEP)
        self._timer.timeout.connect(self._sweep)

    def begin(self) -> None:
        """From now on; to be called on the window's thread."""
        if not self._timer.isActive():
            hold(True)
            gc.freeze()
            self._timer.start()

    def _sweep(self) -> None:
        for desk in tuple(desks):
            desk.look()
        if not any(desk.thread.is_alive() for desk in tuple(desks)):
            self._timer.stop()
            gc.unfreeze()
            hold(False)
            return
        counts = gc.get_count()
        made, young, _ = (count > most for count, most in zip(counts, gc.get_threshold(), strict=True))
        if made or young:  # of bulk all at once: one later look at several such was a gap of 80 ms
            gc.collect(1 if young or counts[0] > BULK else 0)
            self._rounds += young
        calm = time.monotonic() - self.asked_at > CALM
        if self._rounds >= (ROUNDS if calm else MOST_ROUNDS):
            self._rounds = 0
            self.sweep_all(calm)

    def sweep_all(self, calm: bool) -> None:
        """Look at all there is, which only a pause has room for: with 10,000 nodes that takes as long as ten frames.

        Else at what was made since the last pause: what was there then is frozen.
        """
        if calm:
            gc.unfreeze()
        gc.collect()
        if calm:
            gc.freeze()


@cache
def sweeping() -> Sweeping:
    """The one of this program."""
    return Sweeping()
