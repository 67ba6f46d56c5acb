"""When the document is computed: at most once a tick, not where Live is off, and not again where it took too long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from ...core.evaluating import Asked, Evaluated, Evaluator
from ...core.foreign import UNTIL, HangError
from ..bridge import Request, Worker
from .origin import Origin, origin

TICK = 33  # ms: at most some 30 refreshes a second
LOOK = 50  # ms: how often the work at hand is looked at
LIMIT = 1.0  # s: a refresh that takes longer pauses
PATIENCE = 0.25  # s: so long a refresh may go on after another edit, so that a slider that is dragged shows something
SHOWN = 0.15  # s: from then on one is told that something is computed
READING, COMPUTING = "reading data…", "computing…"


class Refreshed(NamedTuple):
    """What was computed, and where NaN or infinity begins in it."""

    result: Evaluated
    origin: Origin | None


class Refreshing(QObject):
    """Asks for evaluations on a thread of its own. `snapshot` says what is to be computed as it is now, and by what."""

    computed = Signal(object)  # a Refreshed
    told = Signal()  # `status` is another

    def __init__(self, snapshot: Callable[[], tuple[Evaluator, Asked] | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.limit = LIMIT
        self.count = 0  # how many were asked for
        self.error: str | None = None  # why the last one failed altogether
        self.hung = ""  # which op of a plugin does not return
        self._snapshot = snapshot
        self._enabled = True
        self._pause: str | None = None
        self._evaluator: Evaluator | None = None
        self._asked_at = 0.0
        self._again = False  # the graph has moved on while it was computed
        self._last = ""
        self._worker = Worker("live", self)
        self._worker.finished.connect(self._take)
        self._worker.failed.connect(self._fail)
        self._tick = QTimer(self, singleShot=True, interval=TICK)
        self._tick.timeout.connect(self._due)
        self._watch = QTimer(self, interval=LOOK)
        self._watch.timeout.connect(self._look)

    @property
    def pending(self) -> bool:
        """Whether something newer than what is shown is on its way."""
        return self._tick.isActive() or self._worker.busy

    @property
    def enabled(self) -> bool:
        return self._enabled

    def enable(self, enabled: bool) -> None:
        """Follow edits, also after a pause; or rest."""
        self._enabled, self._pause = enabled, None
        self.schedule()
        self._tell()

    @property
    def status(self) -> str:
        """What is being done, in words."""
        if not self._enabled:
            return "live is off"
        if self._pause is not None:
            return self._pause
        if self._worker.busy and time.perf_counter() - self._asked_at > SHOWN:
            reads = self._evaluator is not None and self._evaluator.since is None
            held_up = self._worker.held_up
            return f"waiting for {held_up}" if held_up else READING if reads else COMPUTING
        wrong = self.error or self.hung
        return f"error: {wrong}" if wrong else "live"

    def schedule(self) -> None:
        """Refresh at the next tick. At rest only what is overtaken ends."""
        if not self._enabled or self._pause is not None:
            self.halt()
        elif not self._tick.isActive():
            self._tick.start()

    def halt(self) -> None:
        """Drop what is asked for."""
        self._tick.stop()
        self._watch.stop()
        self._worker.cancel()
        self._again = False

    def forget(self) -> None:
        """Begin anew with another document."""
        self.halt()
        self._pause, self.error, self.hung = None, None, ""

    def close(self) -> None:
        """End the thread. An op that is at work cannot be cut short: it ends by itself, and nobody is told."""
        self.halt()
        self._worker.close()

    def ask(self) -> None:
        """Compute what there is now, also at rest, in place of what was asked before."""
        given = self._snapshot()
        if given is None:
            return
        self._evaluator, asked = evaluator, _ = given
        self._tick.stop()
        self._again, self._asked_at = False, time.perf_counter()
        self.count += 1

        def work(request: Request) -> Refreshed | None:
            result = evaluator.evaluate(asked, lambda: request.cancelled)
            return None if result is None else Refreshed(result, origin(result, evaluator.registry))

        self._worker.ask(work)
        self._watch.start()

    def _due(self) -> None:
        if self._worker.busy and time.perf_counter() - self._asked_at < PATIENCE:
            self._again = True  # asked for when the one at work has ended, or its time is up
        else:
            self.ask()

    def _look(self) -> None:
        """While something is computed: tell it, and pause where it takes too long."""
        now, since = time.perf_counter(), None if self._evaluator is None else self._evaluator.since
        if self._enabled and self._pause is None:
            if since is not None and now - since > self.limit:
                self._pause = f"live is paused: a refresh takes longer than {self.limit:g} s"
            elif self._again and now - self._asked_at >= PATIENCE:
                self.ask()
        self._tell()

    def _take(self, refreshed: Refreshed) -> None:
        self._watch.stop()
        self.error = None
        told = refreshed.result.errors.values()
        self.hung = next((each for each in told if UNTIL in each), "")
        seconds = refreshed.result.seconds
        if self._enabled and seconds > self.limit:
            self._pause = f"live is paused: a refresh took {seconds:.1f} s"
        self.computed.emit(refreshed)
        self._go_on()

    def _fail(self, error: Exception) -> None:
        self._watch.stop()
        if isinstance(error, HangError):
            self._pause = None  # which is of that op
            self.ask()  # again, without it
            self._tell()
            return
        self.error = f"{type(error).__name__}: {error}"
        self._go_on()

    def _go_on(self) -> None:
        if self._again and self._enabled and self._pause is None:
            self.ask()
        self._tell()

    def _tell(self) -> None:
        if self.status != self._last:
            self._last = self.status
            self.told.emit()
