"""The run of one editor: begun, polled, and told what to do. Nothing of training is loaded before one is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from ...core.errors import GradwireError
from ..bridge import Request, Worker
from ..settings import data_folder
from .following import Following
from .starting import Origin, Start
from .telling import Speed, briefly, came_to, status
from .trained import Trained

if TYPE_CHECKING:
    from ...core.runs import Run
    from ..editor import Editor
    from .curves import RunCurves

POLLS = 33  # milliseconds between two looks at what the run tells
RUNS = "runs"  # folder of the data folder
BEGINNING = "beginning"


class Training(QObject):
    """Trains the document of an editor in a process of its own. `changed` whenever there is more to be shown of it.

    `state` is "" before any run, "beginning" while one is prepared, and else that of the run. A run that is over stays,
    with its curves, until another one begins.
    """

    changed = Signal()
    begun = Signal()  # somebody has asked for a run

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.home: Path | None = None  # the folder in which runs are kept, by default that of the user
        self.run: Run | None = None
        self.curves: RunCurves | None = None
        self.message = ""  # why there is no run, or why it ended
        self.speed = Speed()
        self.trained = Trained(editor)  # what runs came to
        self.origin: Origin | None = None
        self._next: Origin | None = None  # of the run that is on its way
        self._first = ""  # what a run that begins paused is to do
        self._worker: Worker | None = None
        self._ending: Worker | None = None  # waits for runs that were left
        self._timer = QTimer(self, interval=POLLS)
        self._timer.timeout.connect(self._poll)
        self._following = Following(self, editor)
        editor.changed.connect(lambda _: self.changed.emit())
        editor.replaced.connect(self.leave)

    @property
    def state(self) -> str:
        if self._next is not None:
            return BEGINNING
        return "" if self.run is None else self.run.state

    @property
    def active(self) -> bool:
        """Whether a run goes on, or is paused: its process is there."""
        return self._next is not None or self._timer.isActive()

    @property
    def ready(self) -> bool:
        """Whether another run may begin: none is active, and what the last one came to has been read."""
        return not self.active and not (self._worker is not None and self._worker.busy)

    @property
    def goes_on(self) -> bool:
        """Whether a run that rests or has ended can be continued."""
        return self.state == "paused" or (self.state in ("stopped", "died") and self.ready)

    @property
    def status(self) -> str:
        """Where it stands, in one line."""
        if self._next is not None:
            return "Starting …"
        return "" if self.run is None else status(self.run, self.speed)

    @property
    def short(self) -> str:
        """The same in a few words."""
        return "Starting …" if self._next is not None or self.run is None else briefly(self.run)

    @property
    def mark(self) -> str:
        """What the run has no longer in common with the document, "" where nothing."""
        return "" if self.origin is None or self.run is None else self.origin.mark(self._editor.document)

    # What a user asks for.

    def begin(self, first: str = "") -> None:
        """Train the document as it is now; with `first` only an "iteration" or an "epoch", and then pause."""
        if not self.ready:
            return
        editor, path = self._editor, self._editor.session.path
        name = editor.name if path is None else path.stem
        start = Start.of(editor.session, name, self.home or data_folder() / RUNS)
        self._first = first

        def work(request: Request) -> object:
            from .beginning import begin

            return begin(start, bool(first), request)

        self._prepare(Origin(start), work)

    def pause_or_continue(self) -> None:
        """Pause a run that goes on; let one that is paused go on, or one that was stopped or died."""
        run, curves, origin = self.run, self.curves, self.origin
        if self.state == "running" and run is not None:
            run.pause()
        elif self.state == "paused" and run is not None:
            run.unpause()
        elif self.goes_on and run is not None and curves is not None and origin is not None:

            def work(request: Request) -> object:
                from .beginning import go_on

                return go_on(run, curves.references, request)

            self._first = ""
            self._prepare(origin, work)

    def one(self, what: str) -> None:
        """One "iteration" or "epoch" more, and then pause; where no run is active, the first of a new one."""
        if self.run is None or not self.active:
            self.begin(what)
        elif what == "iteration":
            self.run.one_iteration()
        else:
            self.run.one_epoch()

    def stop(self) -> None:
        """End the run; its values are put into the document."""
        if self.run is not None and self._next is None:
            self.run.stop()

    def leave(self) -> None:
        """Another document comes: a run that goes on stops with a checkpoint, and nothing waits for that."""
        run, self.run, self.curves, self.origin, self._next = self.run, None, None, None, None
        self.message = ""
        self._timer.stop()
        self.trained.forget()
        if self._worker is not None:
            self._worker.cancel()
        if run is not None and not run.ended:
            run.stop()
            self._ending = self._ending or Worker("end of training", self, finishes=True)
            self._ending.ask(lambda _: run.close())
        self.changed.emit()

    def close(self) -> None:
        """The window closes."""
        self.leave()
        for worker in (self._worker, self._ending):
            if worker is not None:
                worker.close()

    # How it goes.

    def _prepare(self, origin: Origin, work: Any) -> None:
        self._next, self.message = origin, ""
        self.trained.forget()
        self._ask(work)
        self.begun.emit()
        self.changed.emit()

    def _ask(self, work: Any) -> None:
        if self._worker is None:
            self._worker = Worker("training", self, finishes=True)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        self._worker.ask(work)

    def _take(self, found: Any) -> None:
        from .beginning import Begun, Came

        if isinstance(found, Begun):
            self._start(found)
        elif isinstance(found, Came) and found.run is self.run and self.origin is not None:
            values = {**self.origin.fitted, **found.values}
            self.trained.put(values, self.origin, came_to(found.run))
            self.changed.emit()

    def _start(self, begun: Any) -> None:
        self.run, self.curves, self.origin, self._next = begun.run, begun.curves, self._next, None
        if self.origin is not None:
            self.origin.fitted = {**self.origin.fitted, **begun.fitted}
        self.speed.forget()
        if self._first:
            self.one(self._first)
        self._timer.start()
        self._following.follow()
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        """A run could not be begun, or what it came to cannot be read."""
        self._next = None
        self.message = str(error) if isinstance(error, GradwireError) else f"{type(error).__name__}: {error}"
        self._editor.told.emit(self.message, "refusal")
        self.changed.emit()

    def _poll(self) -> None:
        run, curves = self.run, self.curves
        if run is None or curves is None:
            return
        events = run.poll()
        for event in events:
            curves.take(event)
            if message := getattr(event, "message", ""):
                self._editor.told.emit(message, "refusal")
        if run.state == "running":
            self.speed.count(run.iteration)
        else:
            self.speed.forget()
        if run.ended:
            self._timer.stop()
            self._end(run)
        if events:
            self.changed.emit()

    def _end(self, run: Run) -> None:
        self.message = run.message
        if run.state in ("completed", "stopped") and run.iteration:

            from .beginning import come_to

            self._ask(lambda _: come_to(run))
