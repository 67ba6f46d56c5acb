"""Work that was asked for and takes its time: done beside the window, with a bar that says so and can stop it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from ...core.errors import GradwireError
from ..bridge import Request, Worker

if TYPE_CHECKING:
    from ..window import Window

UNTOLD_FOR = 300  # milliseconds; what is done by then needs no bar


class Job(QObject):
    """One kind of work of a window. What is at work is done before another of its kind is begun."""

    def __init__(self, window: Window, name: str, finishes: bool = False) -> None:
        """`finishes`: closing the window does not stop it, as where a file is written."""
        super().__init__(window)
        self._window, self._name = window, name
        self._text = ""
        self._take: Callable[[Any], object] = lambda _: None
        self._worker = Worker(name, self, finishes=finishes)
        self._worker.finished.connect(self._finish)
        self._worker.failed.connect(self._fail)
        self._soon = QTimer(self, singleShot=True, interval=UNTOLD_FOR)
        self._soon.timeout.connect(self._tell)

    @property
    def busy(self) -> bool:
        """Whether it is at work."""
        return self._worker.busy

    def begin(self, text: str, work: Callable[[Request], Any], take: Callable[[Any], object]) -> None:
        """Do `work` of immutable values on a thread, then `take` its result here; `text` says what is being done."""
        if self.busy:
            self._window.tell(f"{self._text} is not done yet: wait for it, or stop it", "refusal")
            return
        self._text, self._take = text, take
        self._soon.start()
        self._worker.ask(work)

    def stop(self) -> None:
        """Drop what is being done."""
        if self.busy:
            self._worker.cancel()
            self._end()
            self._window.tell(f"Stopped: {self._text}")

    def _tell(self) -> None:
        self._window.bars.show_bar(self._name, f"{self._text} …", answers={"Stop": self.stop})

    def _end(self) -> None:
        self._soon.stop()
        self._window.bars.take_away(self._name)

    def _finish(self, result: Any) -> None:
        self._end()
        self._take(result)

    def _fail(self, error: Exception) -> None:
        self._end()
        reason = str(error) if isinstance(error, GradwireError) else f"{type(error).__name__}: {error}"
        self._window.tell(reason, "refusal")


class Jobs:
    """The kinds of work of one window, each made when it is first asked for."""

    def __init__(self, window: Window) -> None:
        self._window = window

    @cached_property
    def exporting(self) -> Job:
        """Writing pictures."""
        return Job(self._window, "export", finishes=True)

    @cached_property
    def reading(self) -> Job:
        """Reading files beside the document."""
        return Job(self._window, "reading")

    @cached_property
    def layout(self) -> Job:
        """Finding places for nodes."""
        return Job(self._window, "layout")
