"""A loop with events: a process run over batches, epoch by epoch, and handlers that are told where it is."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import isnan
from numbers import Real
from typing import Any, NamedTuple, TypeVar

from ..errors import RunError, usage_told
from ..parameters import shown
from ..taking import refuse_other_arguments

Handler = Callable[..., Any]
Batches = Callable[[int], Iterable[Any]] | Iterable[Any]
AnyHandler = TypeVar("AnyHandler", bound=Handler)


class Events(Enum):
    """What an engine tells its handlers, in the order in which it happens."""

    STARTED = "STARTED"
    EPOCH_STARTED = "EPOCH_STARTED"
    ITERATION_STARTED = "ITERATION_STARTED"
    ITERATION_COMPLETED = "ITERATION_COMPLETED"
    EPOCH_COMPLETED = "EPOCH_COMPLETED"
    EXCEPTION_RAISED = "EXCEPTION_RAISED"
    COMPLETED = "COMPLETED"

    def __call__(self, **when: Any) -> Filtered:
        """This event at some of its counts, as `on` takes it: `Events.EPOCH_COMPLETED(every=2)`."""
        return Filtered(self, when)

    @classmethod
    def _missing_(cls, value: object) -> Any:
        raise RunError(f"there is no event {shown(value)}", hint=", ".join(event.name for event in cls))


class Filtered(NamedTuple):
    """An event, and by the fields of `When` at which of its counts a handler is called."""

    event: Events
    when: Mapping[str, Any]


class Later(NamedTuple):
    """What a process returns instead of an output that is not there yet: `read()` waits for it."""

    read: Callable[[], Any]


@dataclass
class State:
    """Where an engine is.

    `epoch` and `iteration` count from 1 while it runs; `output` is what the process returned. Where that is still being
    computed on a device, to read `output` waits for it.
    """

    epoch: int = 0
    iteration: int = 0
    max_epochs: int = 0
    batch: Any = None
    given: Any = None  # what the process returned, as it did
    metrics: dict[str, Any] = field(default_factory=dict)
    measured: dict[str, Any] = field(default_factory=dict)  # the metrics themselves, where `measure` was asked for them
    exception: BaseException | None = None

    @property
    def output(self) -> Any:
        """What the process returned."""
        if isinstance(self.given, Later):
            self.given = self.given.read()
        return self.given

    def count(self, event: Events) -> int:
        """How often `event` has happened: iterations and epochs count on, whatever else happens once a run."""
        if event in (Events.ITERATION_STARTED, Events.ITERATION_COMPLETED):
            return self.iteration
        return self.epoch if event in (Events.EPOCH_STARTED, Events.EPOCH_COMPLETED) else 1


class When(NamedTuple):
    """At which of its events a handler is called, by the count of the event (the iteration, or the epoch).

    `every` n-th; only the one that is `once`; those `after` and `before` a count, neither included; those for which
    `filter(engine, count)` is true. What is left out does not matter, and all that is said must hold.
    """

    every: int | None = None
    once: int | None = None
    before: int | None = None
    after: int | None = None
    filter: Callable[[Engine, int], Any] | None = None

    def check(self) -> None:
        """Raise RunError for what is no count, for a filter that cannot be called, and where no count fits."""
        for name, least in (("every", 1), ("once", 1), ("before", 0), ("after", 0)):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < least):
                raise RunError(f"a handler's {name} must be an integer of {least} or more, got {shown(value)}")
        if self.filter is not None and not callable(self.filter):
            raise RunError(f"a handler's filter must be a function of engine and count, got {shown(self.filter)}")
        least = (self.after or 0) + 1
        step = self.every or 1
        first = -(-least // step) * step if self.once is None else self.once
        if first < least or first % step or (self.before is not None and first >= self.before):
            said = {name: value for name, value in self._asdict().items() if type(value) is int}
            told = ", ".join(f"{name}={value}" for name, value in said.items())
            raise RunError(f"a handler with {told} would never be called", hint="no count, from 1 on, is all of that")

    def holds(self, engine: Engine, count: int) -> bool:
        """Whether a handler is called at the event of this count."""
        return (
            (self.every is None or count % self.every == 0)
            and (self.once is None or count == self.once)
            and (self.after is None or count > self.after)
            and (self.before is None or count < self.before)
            and (self.filter is None or bool(self.filter(engine, count)))
        )


def _check_priority(priority: Any) -> None:
    if not isinstance(priority, Real) or isnan(priority):
        hint = "those of a higher one come first"
        raise RunError(f"a handler's priority must be a number, got {shown(priority)}", hint=hint)


class _Attached(NamedTuple):
    handler: Handler
    when: When
    priority: float


@usage_told
class Engine:
    """Runs `process(engine, batch)` over batches, epoch by epoch, and tells its handlers."""

    def __init__(self, process: Callable[[Engine, Any], Any]) -> None:
        if not callable(process):
            raise RunError(f"an engine needs a function of engine and batch, got {shown(process)}")
        refuse_other_arguments(process, "the process of an engine", "engine", "batch")
        self.process = process
        self.state = State()
        self._handlers: dict[Events, list[_Attached]] = {event: [] for event in Events}
        self._stopping, self._finishing, self._within = False, False, 0  # the last: an epoch that is not over

    # Handlers.

    def on(self, event: Events | Filtered, *, priority: float = 0, **when: Any) -> Callable[[AnyHandler], AnyHandler]:
        """Decorator: `@engine.on(Events.ITERATION_COMPLETED, every=10)`, as `add_event_handler`; or as in ignite
        `@engine.on(Events.ITERATION_COMPLETED(every=10))`.
        """

        def add(handler: AnyHandler) -> AnyHandler:
            self.add_event_handler(event, handler, priority=priority, **when)
            return handler

        return add

    def add_event_handler(
        self, event: Events | Filtered, handler: Handler, *, priority: float = 0, **when: Any
    ) -> None:
        """Call `handler(engine)` at each `event`, or `handler(engine, exception)` at EXCEPTION_RAISED.

        `when` filters, by the fields of `When`: `every=2`, `once=1`, `after=10`, `before=20`, `filter=function`. Those
        of a higher priority are called first, of one priority in the order in which they were added. A handler that is
        added twice is called twice. Raises `RunError`.
        """
        listeners = self._of(event)
        if isinstance(event, Filtered):
            if doubled := event.when.keys() & when.keys():
                raise RunError(f"the filter {min(doubled)!r} of {event.event.name} is said twice")
            when = {**event.when, **when}
        if not callable(handler):
            raise RunError(f"a handler must be a function of the engine, got {shown(handler)}")
        of = event.event if isinstance(event, Filtered) else event
        told = ("engine", "exception") if of is Events.EXCEPTION_RAISED else ("engine",)
        refuse_other_arguments(handler, f"a handler of {of.name}", *told)
        unknown = when.keys() - set(When._fields)
        if unknown:
            known = ", ".join([*When._fields, "priority"])
            raise RunError(f"a handler has no filter {min(unknown)!r}", hint=f"its filters: {known}")
        chosen = When(**when)
        chosen.check()
        _check_priority(priority)
        insort(listeners, _Attached(handler, chosen, priority), key=lambda each: -each.priority)

    def remove_event_handler(self, handler: Handler, event: Events | Filtered) -> None:
        """Call `handler` at `event` no more, however often and with whatever filters it was added. Raises `RunError`
        where it was not.
        """
        listeners = self._of(event)
        event = event.event if isinstance(event, Filtered) else event
        kept = [each for each in listeners if each.handler != handler]
        if len(kept) == len(listeners):
            name = getattr(handler, "__name__", None) or shown(handler)
            raise RunError(f"{name} is no handler of {event.name}, so it cannot be removed")
        listeners[:] = kept

    def has_event_handler(self, handler: Handler, event: Events | Filtered | None = None) -> bool:
        """Whether `handler` is called at `event`, or where that is None at any."""
        events = Events if event is None else (event,)
        return any(each.handler == handler for name in events for each in self._of(name))

    def _of(self, event: object) -> list[_Attached]:
        event = event.event if isinstance(event, Filtered) else event
        if not isinstance(event, Events):
            known = ", ".join(Events.__members__)
            raise RunError(f"an engine has no event {shown(event)}", hint=f"of Events: {known}")
        return self._handlers[event]

    # Running.

    def stop(self) -> None:
        """End the run after the iteration that is running, which is still told complete; its epoch and the run are not:
        ITERATION_COMPLETED comes, EPOCH_COMPLETED and COMPLETED do not.
        """
        self._stopping = True

    def finish(self) -> None:
        """End the run after the epoch that is running, which is told complete, and the run too."""
        self._finishing = True

    @property
    def stopped(self) -> bool:
        """Whether the run was told to stop."""
        return self._stopping

    def run(self, batches: Batches, max_epochs: int | None = None) -> State:
        """Run over `batches`, a collection, or a function of the epoch that gives one.

        With `max_epochs` it goes on from `state` to that epoch; one that was stopped within an epoch goes on in that,
        and is given the batches that are left. Without, it is one epoch from a fresh state: so an evaluator is run over
        and over.

        An exception is passed to the handlers of EXCEPTION_RAISED, and is raised where there are none; one that ends
        Python (KeyboardInterrupt, SystemExit) is raised in any case. A handler can raise it again. Where none does the
        run is over, and the state holds it.
        """
        of_epoch = _by_epoch(batches, max_epochs)
        if max_epochs is None:
            self.state = State()
        state = self.state
        state.epoch -= 0 < self._within == state.epoch  # what was left is entered once more
        state.max_epochs, state.exception = 1 if max_epochs is None else max_epochs, None
        self._stopping = self._finishing = False
        try:
            self._fire(Events.STARTED)
            while state.epoch < state.max_epochs and not (self._stopping or self._finishing):
                state.epoch += 1
                self._epoch(of_epoch(state.epoch))
            if not self._stopping:
                self._fire(Events.COMPLETED)
        except BaseException as error:
            state.exception = error
            handled = self._fire(Events.EXCEPTION_RAISED, error)
            if not handled or not isinstance(error, Exception):
                raise
        return state

    def _epoch(self, batches: Iterable[Any]) -> None:
        state = self.state
        self._within = state.epoch
        self._fire(Events.EPOCH_STARTED)
        for batch in batches:
            if self._stopping:
                return
            state.iteration += 1
            state.batch = batch
            self._fire(Events.ITERATION_STARTED)
            state.given = self.process(self, state.batch)
            self._fire(Events.ITERATION_COMPLETED)
        if not self._stopping:
            self._within = 0
            self._fire(Events.EPOCH_COMPLETED)

    def _fire(self, event: Events, *told: Any) -> bool:
        """Call the handlers of `event` whose filters hold; whether there were any."""
        count, called = self.state.count(event), False
        for handler, when, _ in tuple(self._handlers[event]):
            if when.holds(self, count):
                called = True
                handler(self, *told)
        return called


def _by_epoch(batches: Any, max_epochs: int | None) -> Callable[[int], Iterable[Any]]:
    """`batches` as a function of the epoch. Raises `RunError` for what gives none, or gives them only once."""
    if max_epochs is not None and (type(max_epochs) is not int or max_epochs < 0):
        raise RunError(f"an engine needs max_epochs of 0 or more, got {shown(max_epochs)}")
    if callable(batches):
        return batches
    if not isinstance(batches, Iterable):
        raise RunError(f"an engine runs over batches, or a function of the epoch that gives them, got {shown(batches)}")
    if isinstance(batches, Iterator) and max_epochs not in (None, 0, 1):
        raise RunError(
            f"an iterator gives its batches once, and there are {max_epochs} epochs",
            hint="run over a list, or over a function of the epoch",
        )
    return lambda epoch: batches
