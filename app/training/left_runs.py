"""The run of the document that was interrupted, offered when that is opened: found on a thread, in its own time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ..bridge import Request, Worker
from .starting import Start

if TYPE_CHECKING:
    from ...core.runs.left import Left
    from ..window import Window

BAR, DECLINED = "left run", "training.declined"  # the bar; in the settings, the runs that are not offered again
SOON, AGAIN = 400, 1500  # milliseconds until a document is painted, and until a process has written its last
TURNS = 8  # so often a run is looked at again whose process is still there
KEPT = 50  # runs that are not offered again
CONTINUE, LOOK = "Continue", "Look at it"


class LeftRuns(QObject):
    """Of one window. `left` is the newest run of its document where that can be gone on with."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.left: Left | None = None
        self._offered: Left | None = None  # in the bar
        self._worker: Worker | None = None
        self._turns = 0
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._look)
        window.editor.replaced.connect(self._begin)
        window.editor.training.begun.connect(self._forget)

    @property
    def can_go_on(self) -> bool:
        """Whether there is such a run."""
        return self.left is not None and self._window.editor.training.ready

    def go_on(self) -> None:
        """Go on with it."""
        if self.left is not None:
            self._window.editor.training.left.begin(self.left.run.path, go_on=True)

    def _begin(self) -> None:
        """Another document is edited; not one that is only looked at."""
        if self._window.editor.session is self._window.editor.home:
            self._forget()
            self._turns = TURNS
            self._soon.start(SOON)

    def _forget(self) -> None:
        """A run begins, or another document: what was offered is none of it."""
        self.left = None
        self._soon.stop()
        if self._worker is not None:
            self._worker.cancel()
        self._offered = None
        self._window.bars.take_away(BAR)

    def _look(self) -> None:
        start = Start.of(self._window.editor)

        def work(_: Request) -> Left | None:
            from ...core.runs.home import folders_of

            if not folders_of(start.home, start.name):
                return None
            from ...core.runs.left import newest_of  # with much that nothing needs before there is a run

            return newest_of(start.home, start.path, start.name)

        if self._worker is None:
            self._worker = Worker("runs that were left", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        self._worker.ask(work)

    def _fail(self, error: Exception) -> None:
        """The folder may be gone: then there is nothing to offer. Any other error is told."""
        if not isinstance(error, OSError):
            raise error

    def _take(self, left: Left | None) -> None:
        if left is not None and left.busy:
            self._turns -= 1
            if self._turns:
                self._soon.start(AGAIN)
            return
        self.left = left
        if left is None or not left.interrupted or left.run.name in self._declined:
            return
        answers = {CONTINUE: lambda: self._answer(left, True), LOOK: lambda: self._answer(left, False)}
        self._offered = left
        self._window.bars.show_bar(BAR, f"{left.told}.", "note", answers).closed.connect(self._closed)

    @property
    def _declined(self) -> list[str]:
        return self._window.application.settings.get(DECLINED, [])

    def _closed(self) -> None:
        """Who closes the bar is not offered this run again: the list of runs has it still."""
        if self._offered is not None:
            self._remember([*self._declined, self._offered.run.name])
            self._offered = None

    def _answer(self, left: Left, go_on: bool) -> None:
        self._remember([name for name in self._declined if name != left.run.name])
        self._window.editor.training.left.begin(left.run.path, go_on)

    def _remember(self, declined: list[str]) -> None:
        self._window.application.settings.set(DECLINED, declined[-KEPT:])
