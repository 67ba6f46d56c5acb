"""Watched expressions, and what they come to at the moment that is shown, computed beside the window."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Signal

from ...core.cancelling import Stopped
from ...core.errors import GradwireError
from ...core.graph import Graph
from ...core.stepping import Moment
from ...core.stepping.expressions import Expression
from ..bridge import Request, Worker
from .breakpoints import unread
from .sparkline import Sparkline
from .stepper import Stepper

KEPT = 1000  # moments of a watch that are kept for its line
Visit = tuple[int, int, int]  # iteration, step and micro-step


class Seen(NamedTuple):
    """What an expression comes to: a value, None where that is not known yet, or an `error`."""

    value: Any = None
    error: GradwireError | None = None


class Watching(QObject):
    """Of one window. `changed` when something else is watched or another moment is shown, and again once all is
    computed for it.
    """

    changed = Signal()

    def __init__(self, stepper: Stepper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self.texts: tuple[str, ...] = ()  # that are watched
        self._known: dict[str, Seen] = {}
        self._asked: tuple[Moment | None, tuple[str, ...]] = (None, ())
        self._visits: dict[tuple[object, str], dict[Visit, float]] = {}  # by branch and text
        self._worker: Worker | None = None  # begun when something is watched
        stepper.changed.connect(self._ask)
        stepper.left.connect(self._visits.clear)
        stepper.recordings.replaced.connect(self._visits.clear)

    def watch(self, text: str) -> None:
        """Watch one more expression. One that cannot be read is kept too: its row says why."""
        if text.strip():
            self.take_up((*self.texts, text.strip()))

    def rewatch(self, row: int, text: str) -> None:
        """Watch another expression in the place of one."""
        if text.strip():
            self.take_up(text.strip() if i == row else each for i, each in enumerate(self.texts))

    def unwatch(self, row: int) -> None:
        self.take_up(text for i, text in enumerate(self.texts) if i != row)

    def take_up(self, texts: Iterable[str]) -> None:
        """Watch these, each once, and nothing else."""
        self.texts = tuple(dict.fromkeys(texts))
        self._ask()

    @property
    def busy(self) -> bool:
        """Whether something is being computed."""
        return self._worker is not None and self._worker.busy

    def seen(self, text: str, graph: Graph) -> Seen | None:
        """What a watched expression comes to at this moment, None while that is computed, or at rest.

        Why one cannot be read is known at any time, and at rest what of it is not in the `graph` that is edited.
        """
        at_rest = self._stepper.moment is None
        error = None if text in self._known else unread(text, graph if at_rest else None)
        return self._known.get(text) if error is None else Seen(error=error)

    def line(self, text: str) -> Sparkline | None:
        """What it came to at the moments that were shown, in their order; None where that are fewer than two."""
        visits = self._visits.get((self._stepper.branch, text), {})
        order = sorted(visits)
        if len(order) < 2:
            return None
        now = self._here()
        return Sparkline(tuple(visits[visit] for visit in order), order.index(now) if now in visits else None)

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.close()

    def _ask(self) -> None:
        asked = self._stepper.moment, self.texts
        if asked[0] is self._asked[0] and asked[1] == self._asked[1]:
            return
        before, self._asked = self._asked, asked
        moment, texts = asked
        self._known = {text: seen for text, seen in self._known.items() if moment is before[0] and text in texts}
        wanted = [text for text in texts if text not in self._known]
        if self._worker is not None:
            self._worker.cancel()  # what comes late is of another moment
        if moment is not None and wanted:
            if self._worker is None:
                self._worker = Worker("watches", self)
                self._worker.finished.connect(self._take)
                self._worker.failed.connect(self._fail)
            self._worker.ask(lambda request: _compute(moment, wanted, request))
        self.changed.emit()

    def _here(self) -> Visit:
        return self._stepper.number, *self._stepper.cursor

    def _take(self, known: dict[str, Seen]) -> None:
        self._known |= known
        for text, seen in known.items():
            number = size_of(seen.value)
            if number is not None and text in self._asked[1]:
                visits = self._visits.setdefault((self._stepper.branch, text), {})
                visits.setdefault(self._here(), number)
                if len(visits) > KEPT:
                    del visits[next(iter(visits))]  # the one that was shown first
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self._take({text: Seen(error=GradwireError(str(error))) for text in self._asked[1] if text not in self._known})


def size_of(value: Any) -> float | None:
    """What of a watched value is drawn: a number, 1 for yes and 0 for no, of a tensor its norm."""
    if value is None:
        return None
    array = np.asarray(value, np.float64)
    return float(array.reshape(())) if array.size == 1 else float(np.linalg.norm(array))


def _compute(moment: Moment, texts: list[str], request: Request) -> dict[str, Seen]:
    found = {}
    for text in texts:
        if request.cancelled:
            break
        try:
            found[text] = Seen(Expression(text).compute(moment, cancelled=lambda: request.cancelled))
        except Stopped:
            break
        except GradwireError as error:
            found[text] = Seen(error=error)
        except Exception as error:  # of NumPy, of what has another form than was thought of
            found[text] = Seen(error=GradwireError(f"{type(error).__name__}: {error}"))
    return found
