"""The run of one editor: begun, polled, and told what to do. Nothing of training is loaded before one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ..looking_away import come_back
from .comparing import Comparing
from .errands import Errands
from .following import Following
from .looking import Looking
from .polling import Polling
from .predicting import Predicting
from .previews import Previews
from .settling import with_settings
from .starting import RUNS as RUNS
from .starting import RunOrigin, Start
from .stepped_through import SteppedThrough
from .stopping import Stopping
from .taking_up import TakingUp
from .telling import BEGINNING, PAUSE, came_to, ended
from .trained import Trained
from .trials import Trials

if TYPE_CHECKING:
    from ...core.runs import Run
    from ..editor import Editor
    from .beginning import Begun, Came
    from .curves import RunCurves


class Training(QObject):
    """Trains the document of an editor in a process of its own. `changed` whenever there is more to be shown of it.

    `state` is "" before any run, "beginning" while one is prepared, and else that of the run. A run that is over stays,
    with its curves, until another one begins.
    """

    changed = Signal()
    begun = Signal(bool)  # somebody has asked for a run, and whether for its panel as well

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.home: Path | None = None  # the folder in which runs are kept, by default that of the user
        self.run: Run | None = None
        self.curves: RunCurves | None = None
        self.message = ""  # why there is no run, or why it ended
        self.trained = Trained(editor)  # what runs came to
        self.trials, self.comparing = Trials(editor), Comparing(self)
        self.thresholds: Mapping[str, Any] = {}  # of diagnoses, those that the user has set
        self.origin: RunOrigin | None = None
        self._next: RunOrigin | None = None  # of the run that is on its way
        self.first = ""  # what a run is to do when it begins: PAUSE, an iteration, an epoch; "": all
        self._errands = errands = Errands(self)
        errands.begun.connect(self._start)
        errands.came.connect(self._put)
        errands.failed.connect(self.fail)
        self._polling = polling = Polling(editor)
        self.speed = polling.speed  # of the run
        self.stopping = Stopping(self, polling, errands)
        self._following = Following(self, editor, polling)
        polling.ended.connect(self._end)
        previews = Previews(self, editor, errands)
        polling.ended.connect(previews.leave)
        watching = Predicting(self, errands), SteppedThrough(self, editor)
        self._onlookers = previews, *watching
        self.left = TakingUp(self, editor, errands, self._onlookers, watching[0])
        for told in (polling.told, *(each.changed for each in (*watching, self.trials, self.comparing))):
            told.connect(self.changed)
        editor.changed.connect(lambda _: self.changed.emit())
        self.looking = Looking(editor)
        self.looking.left.connect(self.leave)

    @property
    def state(self) -> str:
        if self._next is not None:
            return BEGINNING
        return "" if self.run is None else self.run.state

    @property
    def active(self) -> bool:
        """Whether a run goes on, or is paused: its process is there."""
        return self._next is not None or self._polling.active

    @property
    def ready(self) -> bool:
        """Whether another run may begin: none is active, what the last came to is read, and no script's graph shown."""
        return not self.active and not self._errands.busy and not self._editor.attaching.shows

    @property
    def goes_on(self) -> bool:
        """Whether a run that rests or has ended can be continued."""
        return self.state == "paused" or (self.state in ("stopped", "died") and self.ready)

    # What a user asks for.

    def begin(self, first: str = "", shows: bool = True) -> None:
        """Train the document as it is now; with `first` only an "iteration" or an "epoch", and then pause."""
        if not self.ready:
            return
        come_back(self._editor)
        with_settings(self._editor, partial(self._begin, first, shows), shows)

    def _begin(self, first: str, shows: bool) -> None:
        start = Start.of(self._editor)
        self._prepare(RunOrigin(start), first, shows)
        self._errands.begin(start, bool(first))

    def pause_or_continue(self) -> None:
        """Pause a run that goes on or begins; let one that is paused go on, or one that was stopped or died."""
        run, curves, origin = self.run, self.curves, self.origin
        if self.state in (BEGINNING, "starting"):
            self.first = PAUSE
        if self.state in ("starting", "running") and run is not None:
            run.pause()
        elif self.state == "paused" and run is not None:
            run.unpause()
        elif self.goes_on and run is not None and curves is not None and origin is not None:
            self._prepare(origin, "")
            self._errands.go_on(run, curves)

    def one(self, what: str) -> None:
        """One "iteration" or "epoch" more, and then pause; where no run is active, the first of a new one."""
        if self.run is None or not self.active:
            self.begin(what)
        else:
            {"iteration": self.run.one_iteration, "epoch": self.run.one_epoch, PAUSE: self.run.pause}[what]()

    def leave(self) -> None:
        """Another document comes: a run that goes on stops with a checkpoint, and nothing waits for that."""
        run, self.message = self.run, ""
        self.run = self.curves = self.origin = self._next = None
        self._polling.leave()
        for each in self._onlookers:
            each.leave()
        self.trained.forget()
        self._errands.cancel()
        if run is not None and not run.ended:
            self._errands.end(run)
        self.trials.forget()
        self.changed.emit()

    def close(self) -> None:
        """The window closes."""
        self.leave()
        for each in (self._errands, self.trials, *self._onlookers):
            each.close()

    def _prepare(self, origin: RunOrigin, first: str, shows: bool = True) -> None:
        self._next, self.first, self.message = origin, first, ""
        self.trained.forget()
        self._editor.findings.show_run(())
        self.begun.emit(shows)
        self.changed.emit()

    def _start(self, begun: Begun) -> None:
        self.run, self.curves, self.origin, self._next = begun.run, begun.curves, self._next, None
        if self.origin is not None:
            self.origin.fitted = {**self.origin.fitted, **begun.fitted}
        self._polling.follow(begun.run, begun.curves)
        if self.first:
            self.one(self.first)
        self._following.follow()
        self.changed.emit()

    def _put(self, came: Came) -> None:
        if self.origin is not None:
            self.trained.put({**self.origin.fitted, **came.values}, self.origin, came_to(came.run), ended(came.run))
        self.changed.emit()

    def fail(self, line: str) -> None:
        """There is no run, and this is why."""
        self._next, self.message = None, line
        self._editor.told.emit(line, "refusal")
        self.changed.emit()

    def _end(self, run: Run) -> None:
        self.message = ended(run)
        if run.state in ("completed", "stopped") and run.iteration:
            self._errands.read(run)
