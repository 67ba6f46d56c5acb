"""A loop with events: a process run over batches, epoch by epoch, and handlers that are told where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Handler = Callable[["Engine"], Any]


class Events(Enum):
    """What an engine tells its handlers, in the order in which it happens."""

    STARTED = "STARTED"
    EPOCH_STARTED = "EPOCH_STARTED"
    ITERATION_STARTED = "ITERATION_STARTED"
    ITERATION_COMPLETED = "ITERATION_COMPLETED"
    EPOCH_COMPLETED = "EPOCH_COMPLETED"
    EXCEPTION_RAISED = "EXCEPTION_RAISED"
    COMPLETED = "COMPLETED"


@dataclass
class State:
    """Where an engine is.

    `epoch` and `iteration` count from 1 while it runs; `output` is what the process returned.
    """

    epoch: int = 0
    iteration: int = 0
    max_epochs: int = 0
    batch: Any = None
    output: Any = None
    metrics: dict[str, Any] = field(default_factory=dict)
    exception: BaseException | None = None


class Engine:
    """Runs `process(engine, batch)` over the batches that `batches(epoch)` gives, and tells its handlers.

    A resumed run sets `state` before `run`: iterations that an epoch has behind it are left out by `batches`.
    """

    def __init__(self, process: Callable[[Engine, Any], Any]) -> None:
        self.process = process
        self.state = State()
        self._handlers: dict[Events, list[Handler]] = {event: [] for event in Events}
        self._stopping = False

    def on(self, event: Events) -> Callable[[Handler], Handler]:
        """Decorator: call the function with the engine at each `event`. Added twice, it is called twice."""

        def add(handler: Handler) -> Handler:
            self.add_event_handler(event, handler)
            return handler

        return add

    def add_event_handler(self, event: Events, handler: Handler) -> None:
        """Call `handler(engine)` at each `event`, after the handlers added before."""
        self._handlers[event].append(handler)

    def stop(self) -> None:
        """End the run after the iteration that is running; neither it nor its epoch is told complete."""
        self._stopping = True

    @property
    def stopped(self) -> bool:
        """Whether the run was told to stop."""
        return self._stopping

    def run(self, batches: Callable[[int], Iterable[Any]], max_epochs: int) -> State:
        """Run from the epoch after `state.epoch` to `max_epochs`. An exception is told of and raised."""
        state = self.state
        state.max_epochs = max_epochs
        self._stopping = False
        try:
            self._fire(Events.STARTED)
            while state.epoch < max_epochs and not self._stopping:
                state.epoch += 1
                self._epoch(batches(state.epoch))
            if not self._stopping:
                self._fire(Events.COMPLETED)
        except BaseException as error:
            state.exception = error
            self._fire(Events.EXCEPTION_RAISED)
            raise
        return state

    def _epoch(self, batches: Iterable[Any]) -> None:
        state = self.state
        self._fire(Events.EPOCH_STARTED)
        for batch in batches:
            if self._stopping:
                return
            state.iteration += 1
            state.batch = batch
            self._fire(Events.ITERATION_STARTED)
            state.output = self.process(self, batch)
            self._fire(Events.ITERATION_COMPLETED)
        if not self._stopping:
            self._fire(Events.EPOCH_COMPLETED)

    def _fire(self, event: Events) -> None:
        for handler in tuple(self._handlers[event]):
            handler(self)
