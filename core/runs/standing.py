"""Where a run stands, as its folder tells: whether a process holds its lock, and what was logged last."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import FileError
from ..locking import held
from .happening import COMPLETED, CONTINUED, DIED, FAILED, PAUSED, RESUMED, STARTED, STOPPED
from .record import EVENTS, LOCK

RUNNING, RESTS, STOPPED_EARLY, DONE, DEAD, UNBEGUN = "running", "paused", "stopped", "done", "died", "not begun"
STATES = (RUNNING, RESTS, STOPPED_EARLY, DONE, DEAD, UNBEGUN)
TAIL = 1 << 16  # bytes at the end of a log that are read
_OVER = {STOPPED: STOPPED_EARLY, COMPLETED: DONE, FAILED: DEAD, DIED: DEAD}
_ON_ITS_WAY = (STARTED, RESUMED, PAUSED, CONTINUED)


def standing(path: Path) -> tuple[str, str]:
    """One of `STATES`, and the line that says why a run died, "" where nothing says so. Raises `FileError`.

    A run whose process is gone without a word has died, whatever it was doing.
    """
    last, anything = _last(path)
    if last is not None and last["event"] in _OVER:
        return _OVER[last["event"]], str(last.get("message", ""))
    if held(path / LOCK):
        return (RESTS if last is not None and last["event"] == PAUSED else RUNNING), ""
    return (DEAD if anything else UNBEGUN), ""


def interrupted(path: Path) -> bool:
    """Whether a run has ended and nobody told it to: it died, or whoever trained it was gone. Raises `FileError`."""
    state, last = standing(path)[0], _last(path)[0]
    return state == DEAD or (state == STOPPED_EARLY and last is not None and last.get("left") is True)


def _last(path: Path) -> tuple[Mapping[str, Any] | None, bool]:
    """The last event that says how a run stands, and whether there is any event at all."""
    last: Mapping[str, Any] | None = None
    anything = False
    for event in logged_last(path):
        anything = True
        if event["event"] in _OVER or event["event"] in _ON_ITS_WAY:
            last = event
    return last, anything


def logged_last(path: Path) -> Iterator[Mapping[str, Any]]:
    """The last events of a run's log, in their order; lines that were cut off are left out. Raises `FileError`."""
    try:
        with open(path / EVENTS, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - TAIL, 0))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise FileError(f"{path / EVENTS} cannot be read: {error.strerror or error}") from error
    for line in lines[1:] if size > TAIL else lines:
        found = event_of(line)
        if found is not None:
            yield found


def event_of(line: bytes | str) -> Mapping[str, Any] | None:
    """What a line of a log tells, None where it is cut off or something else."""
    try:
        found = json.loads(line)
        return found if isinstance(found, Mapping) and type(found["event"]) is str else None
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
