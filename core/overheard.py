"""What plugins print and where they fail, kept up to a bound: it floods no terminal and fills no memory."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

LINES, CHARACTERS = 100, 10_000  # of what is printed the first are kept
FAULTS = 20  # the last are kept


class Overheard:
    """What was heard of one plugin: what it printed, how much that was, and its last faults, a line each."""

    def __init__(self) -> None:
        self.faults: deque[str] = deque(maxlen=FAULTS)
        self.lines = self.characters = 0
        self._kept: list[str] = []
        self._lock = threading.Lock()

    def write(self, text: str) -> None:
        """Hear what is printed."""
        with self._lock:
            if self.lines < LINES and self.characters < CHARACTERS:
                self._kept.append(text[: CHARACTERS - self.characters])
            self.lines += text.count("\n")
            self.characters += len(text)

    def fault(self, line: str) -> None:
        """Hear of a fault; one that is repeated is kept once."""
        if not self.faults or self.faults[-1] != line:
            self.faults.append(line)

    @property
    def printed(self) -> str:
        """The first lines of what it printed, and how many there were where that is not all."""
        text = "".join(self._kept)
        lines = text.splitlines(keepends=True)[:LINES]
        if self.characters <= CHARACTERS and self.lines <= LINES:
            return text
        end = "" if lines[-1].endswith("\n") else "\n"
        return f"{''.join(lines)}{end}... {self.lines:,} lines were printed in all\n"


_HEARD: dict[str, Overheard] = {}
_listening: ContextVar[Overheard | None] = ContextVar("listening", default=None)
_lock = threading.Lock()
_within = 0  # how many calls are listened to, in all threads


def overheard(plugin: str) -> Overheard:
    """What was heard of a plugin so far."""
    return _HEARD.setdefault(plugin, Overheard())


def forget(plugin: str) -> None:
    """Begin anew: it is loaded again."""
    _HEARD.pop(plugin, None)


class _Ear:
    """A stream that keeps what the thread prints that is listened to, and passes on what all others print."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        heard = _listening.get()
        if heard is None:
            return int(self.stream.write(text))
        heard.write(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if _listening.get() is None:
            self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def overhearing(plugin: str) -> Iterator[None]:
    """Within it what this thread prints is kept as the plugin's."""
    global _within
    token = _listening.set(overheard(plugin))
    with _lock:
        _within += 1
        if not isinstance(sys.stdout, _Ear):
            sys.stdout = _Ear(sys.stdout)
        if not isinstance(sys.stderr, _Ear):
            sys.stderr = _Ear(sys.stderr)
    try:
        yield
    finally:
        _listening.reset(token)
        with _lock:
            _within -= 1
            if not _within:
                if isinstance(sys.stdout, _Ear):
                    sys.stdout = sys.stdout.stream
                if isinstance(sys.stderr, _Ear):
                    sys.stderr = sys.stderr.stream
