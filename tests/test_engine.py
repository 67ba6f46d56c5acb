"""The loop with events: their order, handlers, stopping, exceptions, going on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gradwire.core.training.engine import Engine, Events

ORDER = list(Events)


def engine(process: Callable[[Engine, Any], Any] = lambda _, batch: batch) -> tuple[Engine, list[str]]:
    """An engine, and what it tells: "EPOCH_STARTED 1/2" is in epoch 1 after two iterations were begun."""
    made, told = Engine(process), []

    def listen(event: Events) -> None:
        made.add_event_handler(event, lambda e: told.append(f"{event.name} {e.state.epoch}/{e.state.iteration}"))

    for event in Events:
        listen(event)
    return made, told


def batches(epoch: int) -> Iterator[str]:
    return iter([f"{epoch}a", f"{epoch}b"])


def test_events_come_in_order() -> None:
    made, told = engine()
    state = made.run(batches, max_epochs=2)
    assert told == [
        "STARTED 0/0",
        "EPOCH_STARTED 1/0",
        "ITERATION_STARTED 1/1",
        "ITERATION_COMPLETED 1/1",
        "ITERATION_STARTED 1/2",
        "ITERATION_COMPLETED 1/2",
        "EPOCH_COMPLETED 1/2",
        "EPOCH_STARTED 2/2",
        "ITERATION_STARTED 2/3",
        "ITERATION_COMPLETED 2/3",
        "ITERATION_STARTED 2/4",
        "ITERATION_COMPLETED 2/4",
        "EPOCH_COMPLETED 2/4",
        "COMPLETED 2/4",
    ]
    assert (state.epoch, state.iteration, state.max_epochs, state.batch, state.output) == (
        2,
        4,
        2,
        "2b",
        "2b",
    )
    assert state is made.state
    assert not made.stopped


def test_event_names_are_the_fields() -> None:
    assert [event.value for event in Events] == [
        "STARTED",
        "EPOCH_STARTED",
        "ITERATION_STARTED",
        "ITERATION_COMPLETED",
        "EPOCH_COMPLETED",
        "EXCEPTION_RAISED",
        "COMPLETED",
    ]


def test_handlers_see_batch_and_output() -> None:
    made = Engine(lambda e, batch: f"{batch}!")
    seen = []
    made.add_event_handler(Events.ITERATION_STARTED, lambda e: seen.append(e.state.batch))
    made.add_event_handler(Events.ITERATION_COMPLETED, lambda e: seen.append(e.state.output))
    made.run(batches, 1)
    assert seen == ["1a", "1a!", "1b", "1b!"]


def test_a_handler_added_twice_runs_twice_and_all_in_the_order_added() -> None:
    made = Engine(lambda e, batch: None)
    calls = []

    @made.on(Events.COMPLETED)
    def first(e: Engine) -> None:
        calls.append("first")

    made.add_event_handler(Events.COMPLETED, lambda e: calls.append("second"))
    made.add_event_handler(Events.COMPLETED, first)
    made.run(batches, 1)
    assert calls == ["first", "second", "first"]


def test_a_handler_added_by_a_handler_is_told_from_the_next_event_on() -> None:
    made = Engine(lambda e, batch: None)
    calls = []

    @made.on(Events.EPOCH_STARTED)
    def add(e: Engine) -> None:
        made.add_event_handler(Events.EPOCH_STARTED, lambda e: calls.append(e.state.epoch))

    made.run(batches, 3)
    assert calls == [2, 3, 3]


@pytest.mark.parametrize(
    ("event", "last"),
    [
        ("STARTED", "STARTED 0/0"),
        ("EPOCH_STARTED", "EPOCH_STARTED 1/0"),
        ("ITERATION_STARTED", "ITERATION_COMPLETED 1/1"),
        ("ITERATION_COMPLETED", "ITERATION_COMPLETED 1/1"),
        ("EPOCH_COMPLETED", "EPOCH_COMPLETED 1/2"),
    ],
)
def test_stop_ends_the_run_after_the_running_iteration(event: str, last: str) -> None:
    made, told = engine()
    made.add_event_handler(Events[event], lambda e: e.stop())
    state = made.run(batches, 2)
    assert told[-1] == last
    assert made.stopped
    assert state.exception is None


def test_stop_by_the_process() -> None:
    made, told = engine(lambda e, batch: e.stop())
    made.run(batches, 2)
    assert told[-2:] == ["ITERATION_STARTED 1/1", "ITERATION_COMPLETED 1/1"]


def test_stop_in_the_last_iteration_leaves_the_epoch_open() -> None:
    made, told = engine()
    made.add_event_handler(Events.ITERATION_COMPLETED, lambda e: e.stop() if e.state.iteration == 4 else None)
    made.run(batches, 2)
    assert told[-1] == "ITERATION_COMPLETED 2/4"


class BrokenError(Exception):
    pass


def fail(*_: Any) -> None:
    raise BrokenError("the reason")


def test_an_exception_of_the_process_is_told_and_raised() -> None:
    made, told = engine(fail)
    with pytest.raises(BrokenError, match="the reason") as caught:
        made.run(batches, 2)
    assert told == ["STARTED 0/0", "EPOCH_STARTED 1/0", "ITERATION_STARTED 1/1", "EXCEPTION_RAISED 1/1"]
    assert made.state.exception is caught.value


@pytest.mark.parametrize("event", [event for event in Events if event is not Events.EXCEPTION_RAISED])
def test_an_exception_of_a_handler_is_told_and_raised(event: Events) -> None:
    made, told = engine()
    made.add_event_handler(event, fail)
    with pytest.raises(BrokenError):
        made.run(batches, 1)
    assert told[-2].startswith(event.name)
    assert told[-1].startswith("EXCEPTION_RAISED")


def test_an_exception_of_the_batches_is_told_and_raised() -> None:
    made, told = engine()
    with pytest.raises(BrokenError):
        made.run(fail, 1)  # type: ignore[arg-type]
    assert told == ["STARTED 0/0", "EXCEPTION_RAISED 1/0"]


def test_an_exception_in_telling_of_one_keeps_the_first_as_its_context() -> None:
    made, _ = engine(fail)
    made.add_event_handler(Events.EXCEPTION_RAISED, lambda e: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        made.run(batches, 1)
    assert isinstance(caught.value.__context__, BrokenError)


def test_an_interrupt_is_told_too() -> None:
    def interrupt(e: Engine, batch: Any) -> None:
        raise KeyboardInterrupt

    made, told = engine(interrupt)
    with pytest.raises(KeyboardInterrupt):
        made.run(batches, 1)
    assert told[-1] == "EXCEPTION_RAISED 1/1"


def test_a_run_goes_on_from_a_state() -> None:
    made, told = engine()
    made.state.epoch, made.state.iteration = 1, 3

    def left(epoch: int) -> Iterator[str]:
        return iter(list(batches(epoch))[1:]) if epoch == 2 else batches(epoch)

    made.run(left, 3)
    assert told == [
        "STARTED 1/3",
        "EPOCH_STARTED 2/3",
        "ITERATION_STARTED 2/4",
        "ITERATION_COMPLETED 2/4",
        "EPOCH_COMPLETED 2/4",
        "EPOCH_STARTED 3/4",
        "ITERATION_STARTED 3/5",
        "ITERATION_COMPLETED 3/5",
        "ITERATION_STARTED 3/6",
        "ITERATION_COMPLETED 3/6",
        "EPOCH_COMPLETED 3/6",
        "COMPLETED 3/6",
    ]


def test_a_run_that_is_over_does_nothing_more() -> None:
    made, told = engine()
    made.state.epoch, made.state.iteration = 2, 4
    made.run(batches, 2)
    assert told == ["STARTED 2/4", "COMPLETED 2/4"]


def test_an_epoch_without_batches() -> None:
    made, told = engine()
    made.run(lambda epoch: [], 1)
    assert told == ["STARTED 0/0", "EPOCH_STARTED 1/0", "EPOCH_COMPLETED 1/0", "COMPLETED 1/0"]
