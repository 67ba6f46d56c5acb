"""How often a script's computation is looked at: so that it is slower by a few percent at most."""

from __future__ import annotations

from time import perf_counter

MOST = 30  # looks a second
SHARE = 0.02  # of the script's time, at most, that looks may take
RESTING = 0.1  # the same of the time in which it computes nothing, and the last computation was not looked at


class Pace:
    """Of computations of one kind, each of which is `begun` and `over`."""

    def __init__(self) -> None:
        self._usual: float | None = None  # seconds of one that is not looked at
        self._began = self._not_before = 0.0
        self._cost = 0.0  # seconds that the newest look took, compiling aside
        self._met: set[object] = set()

    def begun(self) -> bool:
        """One begins now; whether it may be looked at."""
        self._began = perf_counter()
        return self._began >= self._not_before

    @property
    def rest(self) -> float:
        """Seconds without another until the last may be looked at after all."""
        return min(max(self._not_before - perf_counter(), 0.0), self._cost / RESTING)

    def late(self, took: float, like: object) -> None:
        """One was looked at after it had ended, which took so long."""
        self._cost = took if like in self._met else 0.0
        self._met.add(like)
        self._not_before = max(self._not_before, perf_counter() + self._cost / SHARE)

    def over(self, looked: bool, like: object = None, sending: float = 0.0) -> None:
        """It has ended, and what is seen takes so many seconds more on another thread. What compiling took for the
        first that is `like` this is not counted.
        """
        now = perf_counter()
        took = now - self._began
        if not looked:
            # Undisturbed: where other programs run as well, time passes that is not the script's.
            self._usual = took if self._usual is None else min(took, 1.01 * self._usual)
            return
        self._cost = sending + (max(took - (self._usual or 0.0), 0.0) if like in self._met else 0.0)
        self._met.add(like)
        self._not_before = max(self._began + 1 / MOST, now + self._cost / SHARE)
