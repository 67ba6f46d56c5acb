"""The input that somebody tries in a window: what is predicted of it, and whether the graph shows it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ..bridge import Worker

if TYPE_CHECKING:
    from ...core.document import Change
    from ...core.runs import Run
    from ..editor import Editor
    from .making import Given
    from .predicting import Seen, Trier

EVERY = 300  # milliseconds between two looks at a run


class Trying(QObject):
    """Of one editor. `changed` whenever something else is tried, predicted or lit.

    Nothing is read or computed before somebody `watch`es. `touched`: what is tried was given by somebody, and is not
    only the first sample of the data, which fields begin with.
    """

    changed = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.seen: Seen | None = None  # None until the data have been looked at
        self.given: Given | None = None
        self.touched = False
        self.lights = True  # whether the graph is to show what is tried
        self._watched = self._again = False
        self._trier: Trier | None = None
        self._worker: Worker | None = None
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self._look_at_run)
        editor.changed.connect(self._follow)
        editor.replaced.connect(self._forget)

    # What a user asks for.

    def watch(self, watched: bool) -> None:
        """Say whether it is in front of somebody."""
        if watched != self._watched:
            self._watched = watched
            (self._timer.start if watched else self._timer.stop)()
            if watched:
                self._ask()
            self._feed()

    def give(self, given: Given | None) -> None:
        """Try this, None: nothing."""
        self.given, self.touched = given, given is not None
        self._ask()

    def step(self, by: int) -> None:
        """Try the next sample of the data, or the one before."""
        at = None if self.seen is None or self.seen.tried is None else self.seen.tried.number
        self.give(at + by if at is not None else 0 if by > 0 else -1)

    def light(self, on: bool) -> None:
        """Let the graph show what is tried, or the data again."""
        if on != self.lights:
            self.lights = on
            self._feed()
            self.changed.emit()

    def end(self) -> bool:
        """Let the graph show the data again; whether it did not."""
        lit = self.lit
        if lit:
            self.light(False)
        return lit

    @property
    def lit(self) -> bool:
        """Whether the graph is to show what is tried, and there is something."""
        return self._editor.live.feeding.now is not None

    @property
    def behind(self) -> bool:
        """Whether something newer than what has been seen is asked for."""
        return self._again

    def close(self) -> None:
        """End the thread."""
        self._timer.stop()
        if self._worker is not None:
            self._worker.close()

    # What comes of it.

    def _ask(self) -> None:
        if not self._watched:
            return
        from .predicting import Trier, Wanted

        if self._worker is None or self._trier is None:
            self._worker, self._trier = Worker("trying", self), Trier()
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        if self._worker.busy:  # a stroke asks faster than a large network answers: each answer is shown
            self._again = True
            return
        held = self._editor.session
        document = held.graph, held.registry, held.folder, held.dtype, held.document.values
        self._worker.ask(partial(self._trier.look, Wanted(*document, self.given, _run_of(self._editor))))

    def _take(self, seen: Seen) -> None:
        known = None if self.seen is None else self.seen.subject
        self.seen = seen
        if known is not None and seen.subject is not known:
            self.given, self.touched, self._again = None, False, True  # it was none of these data
        elif seen.tried is not None and not self._again and not isinstance(self.given, int):
            self.given = seen.tried.own  # a picture is read once
        if self.given is None and seen.subject is not None and seen.subject.kind == "row":
            self.given, self._again = 0, True  # fields show numbers
        self._feed()
        self.changed.emit()
        self._go_on()

    def _fail(self, error: Exception) -> None:
        from .predicting import Seen

        self.seen = (self.seen or Seen())._replace(samples=None, refused=f"{type(error).__name__}: {error}")
        self.changed.emit()
        self._go_on()

    def _go_on(self) -> None:
        if self._again:
            self._again = False
            self._ask()

    def _feed(self) -> None:
        """Show in the graph what is tried, where that is wanted."""
        feeding = self._editor.live.feeding
        fed = self.seen.fed if self.seen is not None and self._watched and self.lights and self.touched else None
        if fed is None or feeding.now is None or not feeding.now.equals(fed):
            feeding.show(fed)

    # What it follows.

    def _look_at_run(self) -> None:
        if self.given is not None and (
            _run_of(self._editor) is not None or (self.seen is not None and self.seen.iteration)
        ):
            self._ask()

    def _follow(self, change: Change) -> None:
        subject = None if self.seen is None else self.seen.subject
        if subject is not None:
            node = change.after.nodes.get(subject.node)
            if node is None or node.params != subject.params:
                self._forget()
                return
        self._ask()

    def _forget(self) -> None:
        """The data are others: what is tried is no sample of them."""
        self.seen, self.given, self.touched, self._again = None, None, False, False
        if self._worker is not None:
            self._worker.cancel()
        self._editor.live.feeding.show(None)
        self._ask()
        self.changed.emit()


def _run_of(editor: Editor) -> Run | None:
    """The run whose values are newer than those of the document, None where none goes on."""
    training = editor.training
    run, origin = training.run, training.origin
    if run is None or origin is None or not training.active or not run.iteration:
        return None
    alike = editor.session is editor.home and origin.is_still(editor.home.document)
    return run if alike else None
