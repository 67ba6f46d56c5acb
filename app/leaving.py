"""The threads that are at work, and how the program ends while they are."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
import weakref
from typing import Protocol

from ..core.foreign import working

HANGS = 5.0  # seconds after which an op of a plugin is given up, with the thread that computes it
GRACE = 1.0  # seconds for which threads that are still at work hold up the end of the program


class Desk(Protocol):
    """What a worker shares with its `thread`; `lost` are threads that were given up.

    One that `finishes` does to its end what it was asked for last.
    """

    finishes: bool
    thread: threading.Thread
    lost: list[threading.Thread]

    def close(self) -> None:
        """Let the thread end as soon as it can."""

    def look(self) -> None:
        """Go on with another thread where that of now has been at something of a plugin for too long."""


desks: weakref.WeakSet[Desk] = weakref.WeakSet()


def at_work(seconds: float = 0.0) -> bool:
    """Close all workers, and wait at most so long for their threads to end; whether one is still at work then.

    For those that finish what they are at, as one that writes a file, a minute is waited.
    """
    begun = time.monotonic()
    for desk in tuple(desks):
        desk.close()
        patience = 60.0 if desk.finishes else seconds
        if working(desk.thread.ident) is not None:
            patience = min(patience, HANGS)  # a plugin may never return
        desk.thread.join(max(0.0, begun + patience - time.monotonic()))
    return any(thread.is_alive() for desk in tuple(desks) for thread in (desk.thread, *desk.lost))


def leave(status: int) -> int:
    """The exit status of the program, which ends here where a thread is still at work.

    An op of NumPy cannot be cut short, and a thread that comes back from one while the interpreter goes crashes it.
    """
    if not at_work(GRACE):
        return status
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(status)


@atexit.register
def _end() -> None:
    """Where others use the window: their exit status is not ours to say, so the threads are waited for."""
    at_work(threading.TIMEOUT_MAX)
