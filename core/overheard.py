"""Who hears what is printed. `sys.stdout` and `sys.stderr` are replaced here alone, while somebody listens.

What plugins print and where they fail is kept up to a bound: it floods no terminal and fills no memory.
"""

from __future__ import annotations

import io
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

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


class Listener(Protocol):
    """Takes what is printed."""

    def write(self, text: str, /) -> object:
        """Hear it."""


Ask = Callable[[str], Listener | None]  # who hears what the thread that calls prints to "stdout" or "stderr"

_HEARD: dict[str, Overheard] = {}
_plugin: ContextVar[Overheard | None] = ContextVar("plugin", default=None)
_lock = threading.Lock()
_listening = 0  # how many want the streams replaced, in all threads
_asked: list[Ask] = []  # beside plugins
_replaced: dict[str, Routed] = {}  # the one that stood there last, by the name of its stream


def overheard(plugin: str) -> Overheard:
    """What was heard of a plugin so far."""
    return _HEARD.setdefault(plugin, Overheard())


def forget(plugin: str) -> None:
    """Begin anew: it is loaded again."""
    _HEARD.pop(plugin, None)


class Routed(io.TextIOBase):
    """A stream whose text goes to whom the thread that prints belongs, and where that is nobody on to what it replaces.

    What a plugin prints is the plugin's, also within a call of another who listens. A thread that it starts is
    nobody's: what that prints goes on to what stood here before.
    """

    def __init__(self, name: str, before: Any) -> None:
        super().__init__()
        self.route, self.before = name, before

    @property
    def buffer(self) -> Any:
        """Takes bytes: for a listener as text in UTF-8, else what is replaced has its own."""
        return self.before.buffer if self._listener() is None else RoutedBytes(self)

    def _listener(self) -> Listener | None:
        """Who hears what this thread prints now."""
        return _plugin.get() or next((found for ask in tuple(_asked) if (found := ask(self.route)) is not None), None)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8" if self._listener() is not None else getattr(self.before, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "replace" if self._listener() is not None else getattr(self.before, "errors", None) or "strict"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        listener = self._listener()
        if listener is not None:
            listener.write(text)
        elif self.before is not None:
            self.before.write(text)
        return len(text)

    def flush(self) -> None:
        if self.before is not None and self._listener() is None:
            self.before.flush()

    def fileno(self) -> int:
        if self.before is None or self._listener() is not None:
            raise io.UnsupportedOperation("what is printed here goes to no file")
        return int(self.before.fileno())

    def isatty(self) -> bool:
        return self.before is not None and self._listener() is None and bool(self.before.isatty())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.before, name)


class RoutedBytes(io.BufferedIOBase):
    """The `buffer` of such a stream: bytes are heard as the text that they spell; a piece of a letter is no letter."""

    def __init__(self, text: Routed) -> None:
        super().__init__()
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        taken = bytes(data)
        self._text.write(taken.decode("utf-8", "replace"))
        return len(taken)

    def flush(self) -> None:
        self._text.flush()


def hear(ask: Ask) -> Callable[[], None]:
    """Ask `ask` of all that is printed who hears it, until the function returned is called."""
    with _lock:
        _asked.append(ask)
    _begin()
    ended = False

    def end() -> None:
        nonlocal ended
        if not ended:
            ended = True
            with _lock:
                _asked.remove(ask)
            _end()

    return end


@contextmanager
def overhearing(plugin: str) -> Iterator[None]:
    """Within it what this thread prints is kept as the plugin's."""
    token = _plugin.set(overheard(plugin))
    _begin()
    try:
        yield
    finally:
        _plugin.reset(token)
        _end()


def _begin() -> None:
    """One more listens."""
    global _listening
    with _lock:
        _listening += 1
        for name in ("stdout", "stderr"):
            stream, known = getattr(sys, name), _replaced.get(name)
            if not isinstance(stream, Routed):
                if known is None or known.before is not stream:
                    known = _replaced[name] = Routed(name, stream)
                setattr(sys, name, known)


def _end() -> None:
    """One less: after the last the streams are as they were, unless somebody else has replaced them since."""
    global _listening
    with _lock:
        _listening -= 1
        for name in ("stdout", "stderr"):
            while not _listening and isinstance(stream := getattr(sys, name), Routed):
                setattr(sys, name, stream.before)
