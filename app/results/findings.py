"""What is unusual about what is shown, found beside the window once it rests, and about a run of training as it tells:
for badges and the list of findings.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from ..bridge import Request, Worker
from .mends import FindingMends

if TYPE_CHECKING:
    from ...core.diagnosing import Finding
    from ...core.diagnosing.over_training import RunFinding
    from ...core.stepping import Timeline
    from ..editor import Editor

    AnyFinding = Finding | RunFinding  # of what is shown, and of a run

PATIENCE = 0.4  # seconds for which nothing else is computed before diagnoses are asked
ALERT = "alert"
AT_START = ("loss at start", "bad start")  # rules about the first iteration, which tell of no other
MOST_NODES, MOST_ELEMENTS = 2_000, 5_000_000  # of what is looked at though no panel shows what is found
Iteration = Callable[[], "Timeline"]


class _Looked(NamedTuple):
    """What was found of an iteration; None where it is too large to be looked at unasked."""

    asked: Iteration
    found: tuple[Finding, ...] | None
    values: bool  # whether there was anything to look at


class Findings(QObject):
    """Of one editor. `changed` whenever something else is known."""

    changed = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.found: tuple[Finding, ...] = ()
        self.of_run: tuple[RunFinding, ...] = ()  # what is wrong with the run of the document now
        self._run_fits = True
        self.looked = False  # whether that is what values gave, and not that there are none
        self.refused = ""  # why nothing could be found out
        self._asked: Iteration | None = None
        self._wants_large = self._skipped = False
        self._worker: Worker | None = None
        self.mends = FindingMends(editor)
        self.changed.connect(self.mends.look_at_active)
        editor.results_changed.connect(self.refresh)
        editor.changed.connect(lambda: QTimer.singleShot(0, self, self._look_at_document))  # a run has told its own
        editor.replaced.connect(self._forget)

    @property
    def on_canvas(self) -> tuple[AnyFinding, ...]:
        """What badges tell of: alerts first, and of the run before what is shown. Of a run whose graph or values are no
        longer those of the document nothing: there the panels tell of it, beside what it was. Of its first iteration
        nothing once there are others: these are other values. Beside an iteration that is stepped through nothing that
        began later.
        """
        run, stepper = self._editor.training.run, self._editor.stepper
        begins = run is None or run.iteration <= 1
        of_run = [each for each in self.of_run if self._run_fits and (begins or each.rule not in AT_START)]
        if stepper.active:
            of_run = [each for each in of_run if each.began <= stepper.number]
        return tuple(sorted((*of_run, *self.found), key=lambda each: each.level != ALERT))

    def show_run(self, found: tuple[RunFinding, ...]) -> None:
        """What is wrong with the run of the document now."""
        self._look_at_document()
        if found != self.of_run:
            self.of_run = found
            self.changed.emit()

    def _look_at_document(self) -> None:
        """Whether what was found of the run is still about what the document holds."""
        origin = self._editor.training.origin
        fits = origin is None or origin.is_still(self._editor.home.document)
        if fits != self._run_fits:
            self._run_fits = fits
            if self.of_run:
                self.changed.emit()

    def want_large(self, wanted: bool) -> None:
        """Say whether somebody reads what is found of graphs that take long."""
        self._wants_large = wanted
        if wanted and self._skipped:
            self._asked = None
            self.refresh()

    def refresh(self) -> None:
        """Look at what is shown now, where that is something else than before."""
        asked, large = self._editor.results.timeline, self._wants_large
        if asked is self._asked or self._editor.live.feeding.shown:
            return  # of one sample that is tried, what is found of data holds no more
        self._asked = asked
        self._skipped = not large and len(self._editor.graph.nodes) > MOST_NODES
        if asked is None or self._skipped:
            self._settle()
            return
        if self._worker is None:
            self._worker = Worker("findings", self, patience=PATIENCE)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(lambda error: self._settle(refused=f"Nothing could be found out: {error}"))
        self._worker.ask(partial(_look, asked, large))

    def close(self) -> None:
        """End the threads."""
        self.mends.close()
        if self._worker is not None:
            self._worker.close()

    def _forget(self) -> None:
        """Of another document nothing is known yet: its nodes may have the ids of the old one's."""
        self._asked = None
        if self._worker is not None:
            self._worker.cancel()
        self._settle()
        self.refresh()

    def _take(self, looked: _Looked) -> None:
        if looked.asked is self._asked:
            self._skipped = looked.found is None
            self._settle(looked.found or (), looked.values and not self._skipped)

    def _settle(self, found: tuple[Finding, ...] = (), looked: bool = False, refused: str = "") -> None:
        if (found, looked, refused) != (self.found, self.looked, self.refused):
            self.found, self.looked, self.refused = found, looked, refused
            self.changed.emit()


def _look(asked: Iteration, large: bool, request: Request) -> _Looked:
    from ...core.diagnosing import diagnose  # which a window that is only drawn in does not need

    timeline = asked()
    if not large and holds_many(timeline):
        return _Looked(asked, None, True)
    return _Looked(asked, diagnose(timeline, lambda: request.cancelled), bool(timeline.run.tensors))


def holds_many(timeline: Timeline) -> bool:
    """Whether an iteration is so large that it is not looked at unasked."""
    run = timeline.run
    return len(run.asked.graph.nodes) > MOST_NODES or sum(t.value.size for t in run.tensors.values()) > MOST_ELEMENTS
