"""What stands in the place of the process's streams, and of what waits in C, while a console is open.

Each is asked for the thread that calls: a cell reads from its console and prints there, all others have what they had.
"""

from __future__ import annotations

import getpass
import io
import sys
import time
from collections.abc import Callable
from threading import Event
from typing import Any, TextIO

from ...core.overheard import hear
from .callbacks import Callbacks
from .cell import MODULE, current
from .output import Output

_listening: list[Callable[[], None]] = []  # what ends it, while there is a console
_outputs: list[Output] = []  # of the consoles that are open; the one that was used last is the last
_sleep, _getpass = time.sleep, getpass.getpass
_callbacks = Callbacks(MODULE, lambda line: _outputs[-1].write(line) if _outputs else None)


def _hearer(stream: str) -> Output | None:
    """Whose is what this thread prints: of a cell its console's; what a callback prints to stdout the last one's."""
    cell = current()
    if cell is not None:
        return cell.output
    return _outputs[-1] if stream == "stdout" and _outputs else None


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
        if current() is not None:
            return "" if size == 0 else self.readline()
        return "" if self.before is None else self.before.read(-1 if size is None else size)

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
    if not _listening:
        _listening.append(hear(_hearer))
    if not isinstance(sys.stdin, Typed):
        sys.stdin = Typed(sys.stdin)
    time.sleep, getpass.getpass = _sleep_in_cell, _getpass_in_cell
    _callbacks.open()


def close_streams(output: Output) -> None:
    """This console is closed; with the last one everything is as it was."""
    if output in _outputs:
        _outputs.remove(output)
    if _outputs:
        return
    while _listening:
        _listening.pop()()
    if isinstance(sys.stdin, Typed):
        sys.stdin = sys.stdin.before
    time.sleep, getpass.getpass = _sleep, _getpass
    _callbacks.close()
