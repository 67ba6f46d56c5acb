"""What stands in the place of the process's streams, and of what waits in C, while a console is open.

Each is asked for the thread that calls: a cell reads from its console and prints there, all others have what they had.
"""

from __future__ import annotations

import getpass
import io
import sys
import time
from threading import Event
from typing import Any, TextIO

from .cell import current
from .output import Output

_outputs: list[Output] = []  # of the consoles that are open; the one that was used last is the last
_sleep, _getpass = time.sleep, getpass.getpass


class Printed(io.TextIOBase):
    """`sys.stdout` or `sys.stderr`. What a callback prints to `stdout` comes to the console used last."""

    def __init__(self, before: TextIO | None, shared: bool) -> None:
        super().__init__()
        self.before, self._shared = before, shared

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "replace"

    def _output(self) -> Output | None:
        cell = current()
        if cell is not None:
            return cell.output
        return _outputs[-1] if self._shared and _outputs else None

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        output = self._output()
        if output is not None:
            output.write(text)
        elif self.before is not None:
            self.before.write(text)
        return len(text)

    def flush(self) -> None:
        if self.before is not None and self._output() is None:
            self.before.flush()

    def fileno(self) -> int:
        if self.before is None or self._output() is not None:
            raise io.UnsupportedOperation("a console has no file descriptor")
        return self.before.fileno()

    def isatty(self) -> bool:
        return self.before is not None and self._output() is None and self.before.isatty()


class Typed(io.TextIOBase):
    """`sys.stdin`: a cell that reads asks the user of its console."""

    def __init__(self, before: TextIO | None) -> None:
        super().__init__()
        self.before = before

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        cell = current()
        if cell is not None:
            return cell.read("", False) + "\n"
        return "" if self.before is None else self.before.readline(-1 if size is None else size)

    def read(self, size: int | None = -1, /) -> str:
        return self.readline() if current() is not None or self.before is None else self.before.read(size or -1)

    def fileno(self) -> int:
        if self.before is None or current() is not None:
            raise io.UnsupportedOperation("a console has no file descriptor")
        return self.before.fileno()


def _sleep_in_cell(seconds: Any) -> None:
    """As `time.sleep`, which nothing could end before its time."""
    cell = current()
    if cell is None or not isinstance(seconds, (int, float)) or seconds <= 0:
        _sleep(seconds)
    else:
        cell.wait(Event(), seconds)


def _getpass_in_cell(prompt: str = "Password: ", stream: Any = None) -> str:
    cell = current()
    return _getpass(prompt, stream) if cell is None else cell.read(prompt, True)


def open_streams(output: Output) -> None:
    """From now on cells print into their consoles, and this one is the one used last."""
    if output in _outputs:
        _outputs.remove(output)
    _outputs.append(output)
    if not isinstance(sys.stdout, Printed):
        sys.stdout = Printed(sys.stdout, shared=True)
    if not isinstance(sys.stderr, Printed):
        sys.stderr = Printed(sys.stderr, shared=False)
    if not isinstance(sys.stdin, Typed):
        sys.stdin = Typed(sys.stdin)
    time.sleep, getpass.getpass = _sleep_in_cell, _getpass_in_cell


def close_streams(output: Output) -> None:
    """This console is closed; with the last one everything is as it was."""
    if output in _outputs:
        _outputs.remove(output)
    if _outputs:
        return
    for name in ("stdout", "stderr", "stdin"):
        stream = getattr(sys, name)
        if isinstance(stream, Printed | Typed):
            setattr(sys, name, stream.before)
    time.sleep, getpass.getpass = _sleep, _getpass
