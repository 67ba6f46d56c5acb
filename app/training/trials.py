"""Trials in the window: what is trained or computed on a copy of the document to find something out, on a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from ...core.errors import GradwireError
from ..bridge import Request, Worker
from .starting import Start

if TYPE_CHECKING:
    from ...core.session import Session
    from ..editor import Editor

LOOKS = 100  # milliseconds between two looks at how far a trial is
Reports = Iterator[Any]


class Trial(NamedTuple):
    """One kind of trial: what its action is called, what it finds out, and what makes its reports of a session."""

    id: str
    text: str
    about: str
    make: Callable[[Session], Reports]


def _of_trials(name: str) -> Callable[[Session], Reports]:
    def make(session: Session) -> Reports:
        from ...core.diagnosing import trials  # with all of training, which nothing needs before
        from ...core.evaluating.fitting import fit_missing

        fit_missing(session)
        found: Reports = getattr(trials, name)(session)
        return found

    return make


def _check_gradients(session: Session) -> Reports:
    from ...core.gradient_check import check_gradients

    return check_gradients(session)


TRIALS: tuple[Trial, ...] = (
    Trial(
        "overfit",
        "Overfit one batch",
        "Train a copy on one small batch from initial values: a network that can learn at all learns it by heart",
        _of_trials("overfit_batch"),
    ),
    Trial(
        "rates",
        "Learning-rate range test",
        "Train a copy with a rate that grows from iteration to iteration, and find the one that suits",
        _of_trials("learning_rate_range"),
    ),
    Trial(
        "gradients",
        "Check all gradients",
        "Hold the gradient of each parameter and input against differences, in float64 on a small batch",
        _check_gradients,
    ),
    Trial(
        "mixing",
        "Do samples of a batch mix?",
        "Change one sample of a batch: no other may come out otherwise",
        _of_trials("batch_mixing"),
    ),
    Trial(
        "modes",
        "Training beside evaluation",
        "Compute the same batches in training and in evaluation, and compare their losses and predictions",
        _of_trials("train_and_eval"),
    ),
    Trial(
        "noise",
        "Gradient noise",
        "Compute the gradients of several batches: how much do they differ beside what they have in common?",
        _of_trials("gradient_noise"),
    ),
)


class Trials(QObject):
    """One at a time, of the document as it is then; nothing of that changes. `changed` when there is more.

    `trial` is the last that was begun, None before any and when it was put away; `reports` what it has told so far;
    `message` why it ended without a verdict.
    """

    changed = Signal()
    begun = Signal()  # somebody has asked for one

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.trial: Trial | None = None
        self.reports: list[Any] = []
        self.message = ""
        self._told = 0  # reports that were told of
        self._worker: Worker | None = None
        self._timer = QTimer(self, interval=LOOKS)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether one is at work."""
        return self._worker is not None and self._worker.busy

    def begin(self, id: str) -> None:
        """Begin a trial in place of any other."""
        self.trial = trial = next(each for each in TRIALS if each.id == id)
        self.reports, self.message, self._told = [], "", 0
        start, reports = Start.of(self._editor), self.reports

        def work(request: Request) -> None:
            for report in trial.make(start.session()):
                if request.cancelled:
                    return
                reports.append(report)

        if self._worker is None:
            self._worker = Worker("trial", self)
            self._worker.finished.connect(lambda _: self._end())
            self._worker.failed.connect(self._fail)
        self._worker.ask(work)
        self._timer.start()
        self.begun.emit()
        self.changed.emit()

    def stop(self) -> None:
        """End the trial; what it has told so far stays."""
        if self._worker is not None and self.busy:
            self._worker.cancel()
            self._end("Stopped")

    def forget(self) -> None:
        """Put away what the last one has told."""
        if self.trial is not None:
            self.stop()
            self.trial, self.reports, self.message = None, [], ""
            self.changed.emit()

    def close(self) -> None:
        """End the thread."""
        self._timer.stop()
        if self._worker is not None:
            self._worker.close()

    def _look(self) -> None:
        if len(self.reports) != self._told:
            self._told = len(self.reports)
            self.changed.emit()

    def _end(self, message: str = "") -> None:
        self._timer.stop()
        if not self.reports and not message:
            message = "There is nothing to try: the graph has no batches"
        self.message = message
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        line = str(error) if isinstance(error, GradwireError) else f"{type(error).__name__}: {error}"
        self._editor.told.emit(line, "refusal")
        self._end(line)
