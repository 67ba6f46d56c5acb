"""Looking at a run now and then: what it tells is passed on to its curves, to lists and badges, and to the user."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ..results.printing import TRAINING
from .telling import Speed, brief

if TYPE_CHECKING:
    from ...core.runs import Run
    from ..editor import Editor
    from .curves import RunCurves

POLLS = 100  # milliseconds between two looks at what the run tells
OFTEN = 2.0  # seconds between two tellings of the same findings


class Polling(QObject):
    """Of one run at a time, while it is active."""

    happened = Signal(object)  # what a run tells, each in turn
    told = Signal()  # all that there was by now
    ended = Signal(object)  # the run is over

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.speed = Speed()
        self._run: Run | None = None
        self._curves: RunCurves | None = None
        self._told_at = 0.0  # when findings were last told, by the monotonic clock
        self._timer = QTimer(self, interval=POLLS)
        self._timer.timeout.connect(self._poll)

    @property
    def active(self) -> bool:
        """Whether a run goes on, or is paused: its process is there."""
        return self._timer.isActive()

    def follow(self, run: Run, curves: RunCurves) -> None:
        """Look at this run from now on."""
        self._run, self._curves = run, curves
        self.speed.forget()
        self._timer.start()

    def leave(self) -> None:
        """Look at none; what it has told of is of no interest any more."""
        self._run = self._curves = None
        self._timer.stop()
        self._editor.findings.show_run(())

    def _poll(self) -> None:
        run, curves = self._run, self._curves
        if run is None or curves is None:
            return
        from ...core.runs.happening import Iterations

        events = run.poll()
        for event in events:
            curves.take(event)
            if line := brief(event):
                self._editor.told.emit(line, "refusal")
            self.happened.emit(event)
            if isinstance(event, Iterations):
                self._editor.printed.add(TRAINING, event.printed.lines, run.graph, event.printed.left_out)
        self.speed.follow(run)
        over = run.ended
        if over:
            self._timer.stop()
        if events or over:  # the last numbers may have come before, and too soon to be told
            self._tell_findings(curves)
        if over:
            self.ended.emit(run)
        if events:
            self.told.emit()

    @property
    def _goes_on(self) -> bool:
        """Whether there will be more numbers soon."""
        return self.active and self._run is not None and self._run.state == "running"

    def _tell_findings(self, curves: RunCurves) -> None:
        """Badges and lists are told what is new at once, and now and then how what goes on is measured."""
        known, findings = self._editor.findings, curves.noticed.worst_first
        before, after = ([(each.key, each.level) for each in some] for some in (known.of_run, findings))
        if before != after or monotonic() - self._told_at > OFTEN or not self._goes_on:
            self._told_at = monotonic()
            known.show_run(findings)
