"""The process of a run, seen from the one that started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from ..errors import FileError, GradwireError, RunError
from ..plugins import FOLDER, plugins
from .happening import DIED, ENDS, HELD, Happened, Iterations, Reader
from .loop import BEGIN
from .record import ERRORS, Log, RunRecord

Event = Happened | Iterations
MODULE = "gradwire.core.runs.child"
_PERHAPS = {
    "SIGKILL": "for want of memory",
    "SIGBUS": "since a data file was changed while it was read, or the disk is full",
}
SUMMARIES = 32  # the last that are kept for one who is slow to ask


class Process:
    """A child that trains. A thread reads what it tells, so that it never waits for whoever asks."""

    def __init__(self, folder: Path, paused: bool, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        self.iteration = 0  # the last that was told of
        self.held = ""  # what of a plugin it waits for, which does not return
        self._events: deque[Event] = deque()
        self._news = threading.Condition()
        self._ended = self._killed = False
        known = plugins()  # the run has the ops that its graph was drawn with
        command = [sys.executable, "-P", "-m", MODULE, str(folder.absolute()), *known.loaded]
        environment = {**os.environ, FOLDER: str(known.folder)}
        flags = getattr(
            subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0
        )  # of Windows; elsewhere it is the child that is nice
        try:
            with open(folder / ERRORS, "ab") as errors:
                self._child = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    creationflags=flags,
                    env=environment,
                )
        except OSError as error:
            raise RunError(f"the process of the run cannot be started: {error.strerror or error}") from error
        self._thread = threading.Thread(target=self._listen, name="run", daemon=True)
        self._thread.start()
        self.send({"do": BEGIN, "paused": paused, "settings": settings})

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def ended(self) -> bool:
        """Whether it is over, and all that it told has been taken."""
        return self._ended and not self._events

    def send(self, command: Mapping[str, Any]) -> None:
        """Tell it what to do. One that is over hears nothing."""
        assert self._child.stdin is not None
        with suppress(OSError, ValueError):  # ValueError: it was closed
            self._child.stdin.write(json.dumps(command).encode() + b"\n")
            self._child.stdin.flush()

    def take(self, timeout: float = 0.0) -> list[Event]:
        """What has happened since the last time; where nothing has, after waiting so long for it."""
        end = time.monotonic() + timeout
        with self._news:
            while not (self._events or self._ended) and (left := end - time.monotonic()) > 0:
                self._news.wait(left)
            found = list(self._events)
            self._events.clear()
        return found

    def close(self) -> None:
        """Let the input end, so that it writes a checkpoint and stops, and wait until it has."""
        assert self._child.stdin is not None
        with suppress(OSError):
            self._child.stdin.close()
        self._thread.join()

    def kill(self) -> None:
        """End it at once."""
        self._killed = True
        self._child.kill()
        self.close()

    def _listen(self) -> None:
        try:
            last = self._told()
            status = self._child.wait()
            if not isinstance(last, Happened) or last.name not in ENDS:
                self._add(self._death(status))
        finally:  # whatever went wrong, nobody waits for ever
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _told(self) -> Event | None:
        """Take what it tells until it is over; the last of it."""
        reader, last = Reader(), None
        assert self._child.stdout is not None
        with self._child.stdout as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break  # cut off: it died as it told this
                try:
                    last = reader.read(json.loads(line))
                except (GradwireError, KeyError, TypeError, ValueError):
                    self._child.kill()  # it cannot be told what it does
                    break
                self._add(last)
        return last

    def _add(self, event: Event) -> None:
        with self._news:
            before = self._events[-1] if self._events else None
            self.held = event.message if isinstance(event, Happened) and event.name == HELD else ""
            if isinstance(event, Iterations):
                self.iteration = event.iterations.stop - 1
                if isinstance(before, Iterations):
                    event = self._events.pop().and_then(event, SUMMARIES)  # type: ignore[union-attr]
            else:
                self.iteration = event.iteration
            self._events.append(event)
            self._news.notify_all()

    def _death(self, status: int) -> Happened:
        """What became of a child that ended without a word."""
        newest = RunRecord(self.folder).newest()
        goes_on = "it has no checkpoint to go on from" if newest is None else _from(newest[0])
        how = "was ended at once" if self._killed else _how(status)
        message = f"the process of the run {how} after iteration {self.iteration:,}; {goes_on}"
        told = {"message": message, "checkpoint": None if newest is None else newest[0]}
        # A full disk may be the reason why it died.
        with suppress(FileError), closing(Log(self.folder)) as log:
            log.add({"event": DIED, "iteration": self.iteration, **told})
        return Happened(DIED, self.iteration, told)


class NoProcess:
    """In the place of one where nobody trains: a run that is only looked at."""

    def __init__(self, iteration: int) -> None:
        self.iteration, self.pid, self.ended, self.held = iteration, 0, True, ""

    def send(self, command: Mapping[str, Any]) -> None:
        """Nobody hears it."""

    def take(self, timeout: float = 0.0) -> list[Event]:
        """Nothing happens."""
        return []

    def close(self) -> None:
        """Nothing is to be ended."""

    def kill(self) -> None:
        """Nothing is to be ended."""


def _from(iteration: int) -> str:
    return f"it can go on from the checkpoint after iteration {iteration:,}" if iteration else "it can begin again"


def _how(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    with suppress(ValueError):
        name = signal.Signals(-status).name
        return f"was killed by {name}" + (f" (perhaps {_PERHAPS[name]})" if name in _PERHAPS else "")
    return f"was killed by signal {-status}"
