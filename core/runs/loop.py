"""The loop of a run: it goes on, waits, ends and changes as it is told, and tells what it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ..diagnosing.over_training.following import Follower
from ..errors import GradwireError
from ..printing import hearing
from ..training.engine import Engine, Events
from .changing import apply, changed
from .going import Going
from .happening import CHANGED, COMPLETED, CONTINUED, PAUSED, REFUSED, RESUMED, STARTED, STOPPED
from .outcome import Outcome
from .record import Log, RunRecord
from .telling import Teller
from .watched import Watch, WatchedStep

Command = Mapping[str, Any]
BEGIN, PAUSE, UNPAUSE, STOP = "begin", "pause", "unpause", "stop"
ITERATION, EPOCH, SET, PREVIEWS = "iteration", "epoch", "set", "previews"
END = "end"  # whoever told what to do is gone
SOON = 0.1  # seconds: longer nobody waits for an iteration that can be looked at before it pauses


class Loop:
    """Goes through the run in the folder `path`, from its newest checkpoint where there is one.

    Commands come through a queue, and are done between two iterations; at the end of an epoch after its validation.
    `tell` passes on what happens. Raises `GradwireError` where the run cannot go on.
    """

    def __init__(self, path: Path, commands: SimpleQueue[Command], tell: Callable[[Mapping[str, Any]], None]) -> None:
        self.record = RunRecord(path)
        self.commands = commands
        self.going = Going(self.record)
        self.trainer = trainer = self.going.trainer
        self.engine: Engine = trainer.engine
        self.outcome = Outcome(trainer, self.record)
        self.watch = Watch(path, self.going.settings.previews)
        trainer.step = WatchedStep(trainer.step, self.watch)
        self.teller = Teller(path, trainer, self.watch, Log(path), tell)
        self.follower = self.watch.onlooker = Follower(trainer, self.going.settings.thresholds, self.going.losses)
        self.paused = False
        self._until: int | None = None  # the iteration after which it pauses
        self._left = False  # whoever told what to do was gone before it was over
        for event, handler in (
            (Events.STARTED, self._between),
            (Events.ITERATION_COMPLETED, self._iteration_completed),
            (Events.EPOCH_COMPLETED, self._epoch_completed),
        ):
            self.engine.add_event_handler(event, handler, priority=-100.0)  # behind the trainer's own

    def run(self, paused: bool = False, settings: Mapping[str, Any] | None = None) -> None:
        """Train until the end, or until told to stop; with these settings changed before that."""
        going, teller = self.going, self.teller
        self.paused = paused
        if not going.resumed:
            going.save()
        teller.say(RESUMED if going.resumed else STARTED, teller.facts(), logged=True)
        if settings:
            self._change(settings)
        if self.paused and not going.over:
            teller.say(PAUSED, logged=True)
        with hearing(teller.printing.hear):
            self.engine.run(going.batches, self.engine.state.epoch if going.over else self.trainer.training.epochs)
        self.follower.finish()
        self._tell_findings()
        teller.last_found(self.follower.findings)
        self._save()
        self.outcome.write(stopped=self.engine.stopped)
        name, left = (STOPPED, {"left": self._left}) if self.engine.stopped else (COMPLETED, {})
        teller.say(name, {**self.outcome.facts(), **left}, logged=True)

    def close(self) -> None:
        """Let go of its files."""
        self.teller.close()

    # Between two iterations.

    def _iteration_completed(self, engine: Engine) -> None:
        if engine.state.iteration % self.trainer.iterations_per_epoch:  # else the epoch ends, and is told first
            self._between(engine)

    def _epoch_completed(self, engine: Engine) -> None:
        self.outcome.epoch_completed()
        self.teller.epoch_completed()
        self.follower.epoch_completed()
        self._between(engine)

    def _between(self, engine: Engine) -> None:
        number, pending = engine.state.iteration, self.going.pending
        while pending and pending[0].iteration <= number:
            self._change(pending.pop(0).settings, known=True)
        while not self.commands.empty():
            self._do(self.commands.get())
        if self._until is not None and number >= self._until:
            self._pause()
        while self.paused and not engine.stopped and not self.going.over:
            self._wait()
        self._tell_findings()
        now = time.monotonic()
        if self.going.due(now) and not engine.stopped:
            self._save()
        self.teller.maybe_flush(now)

    def _tell_findings(self) -> None:
        for finding in self.follower.take():
            self.teller.found(finding)

    def _wait(self) -> None:
        """Do what is told next; until then nothing is trained."""
        self.teller.flush()
        began = time.monotonic()
        self._do(self.commands.get())
        self.going.rested(time.monotonic() - began)

    def _save(self, marked: bool = False) -> None:
        self.teller.flush()  # what is behind a checkpoint is not told again
        self.going.save(marked)

    # What is told to do.

    def _do(self, command: Command) -> None:
        what, number = command["do"], self.engine.state.iteration
        if what in (STOP, END):
            self._left = self._left or (what == END and not self.engine.stopped)
            self.engine.stop()
        elif what == SET:
            self._change(command["settings"])
        elif what == PREVIEWS:
            self.watch.previews = float(command["per_second"])
        elif what == PAUSE and not self.paused:
            seen = self.watch.seen == number or self.watch.last_took > SOON
            self._pause() if seen else self._go_to(number + 1)
        elif what == ITERATION:
            self._go_to(number + 1)
        elif what == EPOCH:
            per_epoch = self.trainer.iterations_per_epoch
            self._go_to((number // per_epoch + 1) * per_epoch)
        elif what == UNPAUSE:
            self._until = None
            self._continue()

    def _pause(self) -> None:
        self._until, self.paused = None, True
        if not self.going.over:
            self.teller.say(PAUSED, logged=True)

    def _go_to(self, number: int) -> None:
        """Go on to this iteration, which is looked at, and pause."""
        self._until = self.watch.asked = number
        self._continue()

    def _continue(self) -> None:
        if self.paused:
            self.paused = False
            self.teller.say(CONTINUED, logged=True)

    def _change(self, settings: Mapping[str, Any], known: bool = False) -> None:
        """Change settings from the next iteration on; it stands in the log before that, unless that is `known`."""
        trainer = self.trainer
        try:
            graph = changed(trainer.graph, settings)
            step = trainer.step
            apply(trainer, graph, settings, self.record.written.data)
        except GradwireError as error:
            self.teller.say(REFUSED, {"settings": settings, "message": str(error)}, logged=True)
            return
        if trainer.step is not step:
            trainer.step = WatchedStep(trainer.step, self.watch)
        self.outcome.changed()
        self.teller.say(CHANGED, {"settings": settings}, logged=not known)
        self._save(marked=True)
