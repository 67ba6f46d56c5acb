"""A cell at work: how it is told to stop, and how what waits in it is woken then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, get_ident
from typing import TYPE_CHECKING, TypeVar

from ...core.cancelling import Ended
from ..raising import raise_in

if TYPE_CHECKING:
    from .output import Output

T = TypeVar("T")

MODULE = "__console__"  # what classes defined in a cell call their module: __main__ stays the program's

_running: dict[int, Cell] = {}  # by the thread that each runs on


class Left(Ended):
    """Raised in a cell whose console is gone; not as an interrupt, which its code may be used to swallowing."""


def current() -> Cell | None:
    """The cell that runs on this thread, if one does."""
    return _running.get(get_ident())


class Cell:
    """What one run of a cell shares with the window: its output, the line it waits for, and its end."""

    def __init__(self, output: Output, read: Callable[[str, bool], str]) -> None:
        """`read(prompt, hidden)` gives a line that the user types."""
        self.output, self.read = output, read
        self.over = False  # nothing of the user's runs any more: what is left is telling how it ended
        self._lock = Lock()
        self._thread: int | None = None
        self._wakers: list[Callable[[], object]] = []

    def run(self, work: Callable[[], T]) -> T:
        """Do `work` here, on the thread of the caller; KeyboardInterrupt where it is told to stop."""
        with self._lock:
            self._thread = get_ident()
            _running[self._thread] = self
        try:
            try:
                return work()
            finally:
                self._leave()
        finally:
            self._leave()  # again: it may have been told to stop just when it was leaving

    def _leave(self) -> None:
        """From here on it cannot be told to stop; what was told and has not arrived yet is taken back."""
        with self._lock:
            if self._thread is not None:
                raise_in(self._thread, None)
                _running.pop(self._thread, None)
                self._thread = None

    def stop(self, error: type[BaseException] = KeyboardInterrupt) -> bool:
        """Raise `error` in it and wake what it waits for; False where it is at its end."""
        with self._lock:
            if self._thread is None:
                return False
            raise_in(self._thread, error)
            for wake in self._wakers:
                wake()
            return True

    @contextmanager
    def woken_by(self, wake: Callable[[], object]) -> Iterator[None]:
        """While this lasts `wake` is called when the cell is to stop, from the window's thread."""
        with self._lock:
            self._wakers.append(wake)
        try:
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)

    def wait(self, event: Event, seconds: float | None = None) -> bool:
        """Wait for an event; what raises in the thread is raised at once, not at the end of the wait."""
        with self.woken_by(event.set):
            return event.wait(seconds)
