"""The last run of a script, where it was not looked at: computed once more, on a thread, when the script rests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from ..errors import GradwireError

REST = 0.05  # seconds without another run that are a rest
LEAVING = 5.0  # seconds at most that the script waits for it at its end


class Missed(NamedTuple):
    """A run that nobody has looked at, with gradients (`back`) or not: how to make a look at it, and the time, by the
    monotonic clock, from which on that may be done. `kind` is the same for those that are compiled alike.
    """

    make: Callable[[], bytes]
    due: float
    back: bool
    kind: object


class LastMissed:
    """Holds the newest run that was missed until it is due, and gives the look at it to `show`, with the seconds that
    it took; not where a newer run has begun meanwhile.
    """

    def __init__(self, show: Callable[[Missed, bytes, float], None]) -> None:
        self._show = show
        self._wake = threading.Condition()
        self._missed: Missed | None = None
        self._idle = True  # the thread sleeps until it is woken
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="attached, last run", daemon=True)
        self._thread.start()

    def keep(self, missed: Missed) -> None:
        """This one was the last."""
        with self._wake:
            self._missed = missed
            if self._idle:  # else it wakes by itself: runs may follow each other by the thousand
                self._idle = False
                self._wake.notify()

    def drop(self) -> None:
        """There is something newer."""
        if self._missed is not None:
            with self._wake:
                self._missed = None

    def close(self) -> None:
        """Show the last one now, where that is done in a moment, and end."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(LEAVING)

    def _serve(self) -> None:
        while (missed := self._next()) is not None:
            began = monotonic()
            try:
                look = missed.make()
            except (GradwireError, MemoryError):  # as the run itself has, or it takes more room: nothing is to be seen
                look = None
            with self._wake:
                if self._missed is missed:
                    self._missed = None
                    if look is not None:
                        self._show(missed, look, monotonic() - began)

    def _next(self) -> Missed | None:
        """The one that is due, once there is one; None at the end."""
        with self._wake:
            while not self._closing:
                if self._missed is None:
                    self._idle = True  # also where it was woken, and there is something newer already
                    self._wake.wait()
                    self._idle = False
                elif (left := self._missed.due - monotonic()) > 0:
                    self._wake.wait(left)
                else:
                    break
            return self._missed
