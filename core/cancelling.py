"""Work that may be stopped before its end: it asks now and then whether it is still wanted."""

from __future__ import annotations

from collections.abc import Callable

Cancelled = Callable[[], bool]  # whether the work is no longer wanted


class Ended(BaseException):
    """What is at work is to end. No `Exception`: nothing that keeps the errors of ops may keep this."""


class Stopped(Ended):
    """The work is no longer wanted."""


def stop_if(cancelled: Cancelled) -> None:
    """Raise `Stopped` where the work is no longer wanted."""
    if cancelled():
        raise Stopped


def never() -> bool:
    """The work is wanted to its end."""
    return False
