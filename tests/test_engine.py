"""The loop with events: their order, handlers, stopping, exceptions, going on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gradwire.core.errors import RunError
from gradwire.core.training.engine import Engine, Events
from gradwire.core.training.measuring import measure
from gradwire.core.training.metrics import Accuracy

ORDER = list(Events)


def engine(process: Callable[[Engine, Any], Any] = lambda _, batch: batch) -> tuple[Engine, list[str]]:
    """An engine, and what it tells: "EPOCH_STARTED 1/2" is in epoch 1 after two iterations were begun."""
    made, told = Engine(process), []

    def listen(event: Events) -> None:
        made.add_event_handler(event, lambda e, *_: told.append(f"{event.name} {e.state.epoch}/{e.state.iteration}"))

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


def test_a_run_that_was_stopped_within_an_epoch_goes_on_in_it() -> None:
    made, told = engine()
    made.add_event_handler(Events.ITERATION_COMPLETED, lambda e: e.stop(), once=3)
    made.run(["a", "b", "c"], 2)  # all of the first epoch
    told.clear()
    made.run(["a", "b", "c"], 2)
    assert (told[1], told[-1], made.state.iteration) == ("EPOCH_STARTED 1/3", "COMPLETED 2/9", 9)
    made, told = engine()
    made.add_event_handler(Events.ITERATION_COMPLETED, lambda e: e.stop(), once=4)
    made.run(["a", "b", "c"], 3)
    told.clear()
    made.run(lambda epoch: ["b", "c"] if epoch == 2 else ["a", "b", "c"], 3)  # those that are left
    assert told[1:7] == [
        "EPOCH_STARTED 2/4",
        "ITERATION_STARTED 2/5",
        "ITERATION_COMPLETED 2/5",
        "ITERATION_STARTED 2/6",
        "ITERATION_COMPLETED 2/6",
        "EPOCH_COMPLETED 2/6",
    ]
    assert told[-1] == "COMPLETED 3/9"


def test_finish_ends_the_run_with_the_running_epoch() -> None:
    made, told = engine()
    made.add_event_handler(Events.ITERATION_COMPLETED, lambda e: e.finish(), once=3)
    made.run(batches, 5)
    assert told[-2:] == ["EPOCH_COMPLETED 2/4", "COMPLETED 2/4"]
    assert not made.stopped


class BrokenError(Exception):
    pass


def fail(*_: Any) -> None:
    raise BrokenError("the reason")


def test_an_exception_is_passed_to_handlers_and_then_over() -> None:
    made, told = engine(fail)
    passed: list[BaseException] = []
    made.add_event_handler(Events.EXCEPTION_RAISED, lambda e, error: passed.append(error))
    state = made.run(batches, 2)
    assert told == ["STARTED 0/0", "EPOCH_STARTED 1/0", "ITERATION_STARTED 1/1", "EXCEPTION_RAISED 1/1"]
    assert [str(error) for error in passed] == ["the reason"]
    assert state.exception is passed[0]
    made.process = lambda e, batch: None
    assert made.run(batches, 2).exception is None


def test_an_exception_without_handlers_is_raised() -> None:
    made = Engine(fail)
    with pytest.raises(BrokenError, match="the reason") as caught:
        made.run(batches, 2)
    assert made.state.exception is caught.value
    made.add_event_handler(Events.EXCEPTION_RAISED, lambda e, error: None, filter=lambda e, count: False)
    with pytest.raises(BrokenError):  # none that is called
        made.run(batches, 3)


def test_a_handler_can_raise_an_exception_again() -> None:
    made, _ = engine(fail)

    @made.on(Events.EXCEPTION_RAISED)
    def again(e: Engine, error: BaseException) -> None:
        raise error

    with pytest.raises(BrokenError, match="the reason"):
        made.run(batches, 2)


@pytest.mark.parametrize("event", [event for event in Events if event is not Events.EXCEPTION_RAISED])
def test_an_exception_of_a_handler_is_told(event: Events) -> None:
    made, told = engine()
    made.add_event_handler(event, fail)
    assert isinstance(made.run(batches, 1).exception, BrokenError)
    assert told[-2].startswith(event.name)
    assert told[-1].startswith("EXCEPTION_RAISED")


def test_an_exception_of_the_batches_is_told() -> None:
    made, told = engine()
    assert isinstance(made.run(fail, 1).exception, BrokenError)  # type: ignore[arg-type]
    assert told == ["STARTED 0/0", "EXCEPTION_RAISED 1/0"]


def test_an_exception_in_telling_of_one_keeps_the_first_as_its_context() -> None:
    made, _ = engine(fail)
    made.add_event_handler(Events.EXCEPTION_RAISED, lambda e, error: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        made.run(batches, 1)
    assert isinstance(caught.value.__context__, BrokenError)


def test_an_interrupt_is_told_and_raised_in_any_case() -> None:
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


def counted(event: Events, epochs: int = 3, **when: Any) -> list[int]:
    """The counts at which a handler with these filters is called, in a run of six iterations and three epochs."""
    made, calls = Engine(lambda e, batch: batch), []
    made.add_event_handler(event, lambda e: calls.append(e.state.count(event)), **when)
    made.run(batches, epochs)
    return calls


@pytest.mark.parametrize(
    ("when", "calls"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"every": 2}, [2, 4, 6]),
        ({"every": 4}, [4]),
        ({"once": 3}, [3]),
        ({"once": 9}, []),
        ({"after": 4}, [5, 6]),
        ({"before": 3}, [1, 2]),
        ({"after": 1, "before": 6, "every": 2}, [2, 4]),
        ({"filter": lambda e, count: count in (1, 5)}, [1, 5]),
        ({"filter": lambda e, count: e.state.epoch == 2}, [3, 4]),
        ({"filter": lambda e, count: count > 3, "every": 3}, [6]),
    ],
)
@pytest.mark.parametrize("event", [Events.ITERATION_STARTED, Events.ITERATION_COMPLETED])
def test_filters_of_iterations(event: Events, when: dict[str, Any], calls: list[int]) -> None:
    assert counted(event, **when) == calls


def test_filters_of_epochs_and_of_a_run() -> None:
    assert counted(Events.EPOCH_STARTED, every=2) == [2]
    assert counted(Events.EPOCH_COMPLETED, after=1) == [2, 3]
    assert counted(Events.STARTED, once=1) == [1]
    assert counted(Events.COMPLETED, every=2) == []


def test_filters_go_on_with_the_state_of_a_run_that_goes_on() -> None:
    made, calls = Engine(lambda e, batch: None), []
    made.state.epoch, made.state.iteration = 1, 2
    made.add_event_handler(Events.ITERATION_COMPLETED, lambda e: calls.append(e.state.iteration), every=4)
    made.run(batches, 4)
    assert calls == [4, 8]


def test_those_of_a_higher_priority_are_called_first() -> None:
    made, calls = Engine(lambda e, batch: None), []
    for name, priority in (("a", 0), ("b", 5), ("c", -1), ("d", 5), ("e", 0)):
        made.add_event_handler(Events.STARTED, lambda e, name=name: calls.append(name), priority=priority)  # type: ignore[misc]

    @made.on(Events.STARTED, priority=9)
    def first(e: Engine) -> None:
        calls.append("first")

    made.run(batches, 1)
    assert calls == ["first", "b", "d", "a", "e", "c"]


def test_handlers_are_found_and_removed() -> None:
    made, calls = Engine(lambda e, batch: None), []

    def handler(e: Engine) -> None:
        calls.append(e.state.epoch)

    made.add_event_handler(Events.EPOCH_STARTED, handler)
    made.add_event_handler(Events.EPOCH_STARTED, handler, every=2)
    made.add_event_handler(Events.EPOCH_COMPLETED, handler)
    assert made.has_event_handler(handler)
    assert made.has_event_handler(handler, Events.EPOCH_STARTED)
    assert not made.has_event_handler(handler, Events.STARTED)
    made.remove_event_handler(handler, Events.EPOCH_STARTED)
    assert not made.has_event_handler(handler, Events.EPOCH_STARTED)
    made.run(batches, 2)
    assert calls == [1, 2]
    made.remove_event_handler(handler, Events.EPOCH_COMPLETED)
    assert not made.has_event_handler(handler)
    with pytest.raises(RunError) as caught:
        made.remove_event_handler(handler, Events.EPOCH_COMPLETED)
    assert str(caught.value) == "handler is no handler of EPOCH_COMPLETED, so it cannot be removed"


def test_a_handler_removes_itself() -> None:
    made, calls = Engine(lambda e, batch: None), []

    @made.on(Events.EPOCH_STARTED)
    def once(e: Engine) -> None:
        calls.append(e.state.epoch)
        e.remove_event_handler(once, Events.EPOCH_STARTED)

    made.run(batches, 3)
    assert calls == [1]


def test_an_evaluator_is_run_again_and_again() -> None:
    made, told = engine()
    first = made.run([1, 2])
    assert (first.epoch, first.iteration, first.max_epochs) == (1, 2, 1)
    second = made.run([3])
    assert (second.epoch, second.iteration, second.output) == (1, 1, 3)
    assert first.output == 2  # what a run came to stays
    assert told.count("COMPLETED 1/2") == told.count("COMPLETED 1/1") == 1


def test_a_handler_may_change_the_batch() -> None:
    made = Engine(lambda e, batch: batch + 1)

    @made.on(Events.ITERATION_STARTED)
    def double(e: Engine) -> None:
        e.state.batch *= 2

    assert made.run([10]).output == 21


def test_a_collection_is_gone_through_in_each_epoch() -> None:
    seen: list[int] = []
    Engine(lambda e, batch: seen.append(batch)).run((1, 2), max_epochs=2)
    assert seen == [1, 2, 1, 2]
    Engine(lambda e, batch: seen.append(batch)).run(iter([7]))
    assert seen[4:] == [7]


def nothing(e: Engine) -> None:
    pass


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: e.on(Events.STARTED, every=0)(nothing), "a handler's every must be an integer of 1 or more, got 0"),
        (
            lambda e: e.on(Events.STARTED, once=1.5)(nothing),
            "a handler's once must be an integer of 1 or more, got 1.5",
        ),
        (
            lambda e: e.on(Events.STARTED, after=-1)(nothing),
            "a handler's after must be an integer of 0 or more, got -1",
        ),
        (
            lambda e: e.on(Events.STARTED, before=True)(nothing),
            "a handler's before must be an integer of 0 or more, got True",
        ),
        (
            lambda e: e.on(Events.STARTED, filter=3)(nothing),
            "a handler's filter must be a function of engine and count, got 3",
        ),
        (
            lambda e: e.on(Events.STARTED, evry=3)(nothing),
            "a handler has no filter 'evry' (its filters: every, once, before, after, filter, priority)",
        ),
        (lambda e: e.on(Events.STARTED)(3), "a handler must be a function of the engine, got 3"),
        (
            lambda e: e.add_event_handler("STARTED", nothing),
            (
                "an engine has no event 'STARTED' (of Events: STARTED, EPOCH_STARTED, ITERATION_STARTED,"
                " ITERATION_COMPLETED, EPOCH_COMPLETED, EXCEPTION_RAISED, COMPLETED)"
            ),
        ),
        (lambda e: Engine(3), "an engine needs a function of engine and batch, got 3"),  # type: ignore[arg-type]
        (lambda e: Engine(lambda batch: 0), "the process of an engine must take engine and batch, got <lambda>(batch)"),
        (
            lambda e: e.add_event_handler(Events.STARTED, lambda: None),
            "a handler of STARTED must take engine, got <lambda>()",
        ),
        (
            lambda e: e.add_event_handler(Events.EXCEPTION_RAISED(every=2), lambda engine: None),
            "a handler of EXCEPTION_RAISED must take engine and exception, got <lambda>(engine)",
        ),
        (lambda e: e.run(3), "an engine runs over batches, or a function of the epoch that gives them, got 3"),
        (lambda e: e.run([1], max_epochs=-1), "an engine needs max_epochs of 0 or more, got -1"),
        (
            lambda e: e.run(iter([1]), max_epochs=2),
            (
                "an iterator gives its batches once, and there are 2 epochs"
                " (run over a list, or over a function of the epoch)"
            ),
        ),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[Engine], Any], message: str) -> None:
    with pytest.raises(RunError) as caught:
        call(Engine(lambda e, batch: None))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ({"every": 2, "once": 3}, "every=2, once=3"),
        ({"once": 3, "before": 3}, "once=3, before=3"),
        ({"once": 3, "after": 3}, "once=3, after=3"),
        ({"before": 5, "after": 4}, "before=5, after=4"),
        ({"every": 10, "before": 20, "after": 10}, "every=10, before=20, after=10"),
    ],
)
def test_filters_that_no_count_passes_are_refused(when: dict[str, int], told: str) -> None:
    with pytest.raises(RunError) as caught:
        Engine(lambda engine, batch: None).add_event_handler(Events.ITERATION_COMPLETED, lambda engine: None, **when)
    assert str(caught.value) == (f"a handler with {told} would never be called (no count, from 1 on, is all of that)")


def test_filters_that_one_count_passes_are_taken() -> None:
    seen: list[int] = []
    engine = Engine(lambda engine, batch: None)
    for when in ({"every": 3, "once": 6}, {"after": 6, "before": 8}, {"every": 4, "after": 7, "before": 9}):
        handler: Callable[[Engine], None] = lambda engine: seen.append(engine.state.iteration)  # noqa: E731
        engine.add_event_handler(Events.ITERATION_COMPLETED, handler, **when)
    engine.run(range(12))
    assert seen == [6, 7, 8]


def test_an_event_is_filtered_where_it_is_named_as_in_ignite() -> None:
    made, told = Engine(lambda _, batch: batch), list[int]()

    @made.on(Events.EPOCH_COMPLETED(every=2))
    def every_other(trainer: Engine) -> None:
        told.append(trainer.state.epoch)

    made.add_event_handler(Events.EPOCH_COMPLETED(after=3), lambda e: told.append(-e.state.epoch), before=5)
    made.run(batches, max_epochs=5)
    assert told == [2, 4, -4]
    assert made.has_event_handler(every_other, Events.EPOCH_COMPLETED)
    made.remove_event_handler(every_other, Events.EPOCH_COMPLETED(every=2))
    assert not made.has_event_handler(every_other)
    for filtered, more, message in (
        (Events.STARTED(every=0), {}, "a handler's every must be an integer of 1 or more, got 0"),
        (
            Events.STARTED(each=2),
            {},
            "a handler has no filter 'each' (its filters: every, once, before, after, filter, priority)",
        ),
        (Events.STARTED(every=2), {"every": 3}, "the filter 'every' of STARTED is said twice"),
    ):
        with pytest.raises(RunError) as caught:
            made.on(filtered, **more)(every_other)
        assert str(caught.value) == message


def test_a_process_that_returns_no_pair_is_told_at_the_metric() -> None:
    hint = "(the process returns (prediction, target), or `of` makes that of its output)"
    for of, output, found in ((None, 3, "3"), (None, None, "None"), (lambda _: (1, 2, 3), 0, "(1, 2, 3)")):
        made = Engine(lambda _, batch, output=output: output)
        measure(made, "hits", Accuracy(), of)
        with pytest.raises(RunError) as caught:
            made.run(batches, 1)
        assert str(caught.value) == f"the metric hits is updated with a pair, got {found} {hint}"


def test_a_metric_is_measured_under_a_name_that_can_be_read() -> None:
    for name in ("", 3):
        with pytest.raises(RunError) as caught:
            measure(Engine(lambda _, batch: batch), name, Accuracy())
        assert str(caught.value) == f'a metric is measured under a name, got {name!r} (as in "accuracy")'
