"""Whether Python's lock is held by a call into C while a cell runs: then no thread goes on, the window's included.

Nothing can be done about such a call from within: Stop is Python, too. So it is said where it can be: before, that the
cell runs; meanwhile on the terminal, by a child of its own lock; and afterwards below the cell, for how long and why.
(That a window does not answer the desktops notice themselves, and offer to end it.)
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

from . import heard

BEAT = 0.25  # seconds from one beat to the next
LEAST = 1.0  # seconds without one of which it is told
BUSY = 0.5  # of these seconds that this process has computed: else the machine had no time for it


class Heart:
    """A thread that takes the lock for each of its beats, from the begin of a cell to its end.

    `tell` is called with the seconds for which there was no beat, on any thread.
    """

    def __init__(self, tell: Callable[[float], object]) -> None:
        self._tell = tell
        self._runs, self._closed = Event(), False
        self._lock = Lock()
        self._last = 0.0, 0.0  # by the clock, and what this process has computed
        self._child = _child()
        Thread(target=self._beat, name="console heart", daemon=True).start()

    def begin(self, cell: str) -> None:
        """This cell is about to run."""
        with self._lock:
            self._last = time.monotonic(), time.process_time()
        self._send(f"+{cell}")
        self._runs.set()

    def end(self) -> None:
        """It has ended."""
        if self._runs.is_set():
            self._look()
            self._runs.clear()
            self._send("-")

    @contextmanager
    def beating(self, cell: str) -> Iterator[None]:
        """Within it this cell runs."""
        self.begin(cell)
        try:
            yield
        finally:
            self.end()

    def close(self) -> None:
        """There are no more cells."""
        self._closed = True
        self._runs.set()
        if self._child is not None and self._child.stdin is not None:
            with suppress(OSError):
                self._child.stdin.close()

    def _beat(self) -> None:
        while self._runs.wait() and not self._closed:
            time.sleep(BEAT)
            if self._runs.is_set() and not self._closed:
                self._look()
                self._send(".")
        if self._child is not None:
            self._child.wait()  # which ends with its input

    def _look(self) -> None:
        with self._lock:
            before, self._last = self._last, (time.monotonic(), time.process_time())
            passed, computed = (now - then for now, then in zip(self._last, before, strict=True))
        if passed - BEAT > LEAST and computed > passed * BUSY:
            self._tell(passed)

    def _send(self, line: str) -> None:
        if self._child is not None and self._child.stdin is not None:
            with suppress(OSError, ValueError):  # it has ended, or is closed
                self._child.stdin.write(f"{line}\n".encode())


def _child() -> subprocess.Popen[bytes] | None:
    """Tells on the terminal; None where there is none."""
    if sys.stderr is None or not sys.stderr.isatty() or not sys.executable:
        return None
    try:
        command = [sys.executable, "-I", "-S", heard.__file__]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0)
    except OSError:
        return None
