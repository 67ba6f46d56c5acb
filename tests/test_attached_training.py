"""What an attached script trains and runs in other ways than compiled, as the window gets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import nan
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import JSON, attached, refusal, seen
from training_graphs import classifier

import gradwire.core as gw
from gradwire.core.attaching import Listener, Seen
from gradwire.core.attaching.arrays import Look
from gradwire.core.attaching.frames import Decoder, Frame
from gradwire.core.attaching.numbers import COLUMNS, WAITING, Numbers, Tally, packed, unpacked
from gradwire.core.document import Document
from gradwire.core.errors import RunError
from gradwire.core.graph import Source
from gradwire.core.training.engine import Events

FACTS = {"samples": 18, "batch": 5, "iterations_per_epoch": 4, "epochs": 3}


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


def told(listener: Listener, iterations: int, epochs: int) -> list[Numbers]:
    """The numbers that come until so many rows have come."""
    found: list[Numbers] = []

    def all_there(news: Seen) -> bool | None:
        found.extend(news.numbers)
        rows = [sum(len(next(iter(each[at].values()), ())) for each in found) for at in (2, 3)]
        return True if rows == [iterations, epochs] else None

    seen(listener, all_there)
    return found


def column(found: list[Numbers], table: str, name: str) -> list[float]:
    return np.concatenate([getattr(each, table)[name] for each in found if getattr(each, table)]).tolist()


def test_a_window_gets_the_numbers_of_every_iteration_and_epoch_bit_for_bit(tmp_path: Path, listener: Listener):
    session, losses = classifier(tmp_path), list[float]()
    with attached(listener, session):
        trainer = session.trainer()
        trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda e: losses.append(e.state.output))
        result = session.train(trainer)
        found = told(listener, 12, 3)
        assert [each.training for each in found] == [1] * len(found)
        assert found[0].facts == FACTS
        assert column(found, "iterations", "iteration") == list(range(1, 13))
        assert column(found, "iterations", "loss") == losses
        assert column(found, "iterations", "learning_rate") == [0.05] * 12
        assert {"epoch", "train_loss", "validation_loss", "validation_accuracy"} <= result.history[0].keys()
        for name in result.history[0]:
            assert column(found, "epochs", name) == [row[name] for row in result.history]
        seconds = column(found, "iterations", "seconds")
        assert seconds == sorted(seconds)
        assert seconds[0] > 0

        session.train(epochs=1)
        assert {each.training for each in told(listener, 4, 1)} == {2}


def test_an_eager_run_is_seen_with_the_bits_that_it_has_alone(tmp_path: Path, listener: Listener):
    session, alone = classifier(tmp_path), classifier(tmp_path)
    heard: list[str] = []
    session.on_forward("tanh", lambda array, event: heard.append(event.path))  # hooks are told as ever
    tanh, how = Source("tanh0", "y"), {"iteration": 1, "mode": "eager"}
    with attached(listener, session):
        look = seen(listener, lambda news: news.look, lambda: session.run(fetch="loss", **how))
        expected = alone.run(fetch="tanh", **how)["tanh"]
        assert look.snapshot.value(tanh).tobytes() == expected.tobytes()
        assert look.root is None
        look = seen(
            listener,
            lambda news: news.look if news.look and news.look.root else None,
            lambda: session.gradients("loss", "first/weight", **how),
        )
        assert look.root == Source("cross_entropy0", "y")
        expected = alone.gradients("loss", "tanh", **how)["tanh"]
        assert look.snapshot.gradient(tanh).tobytes() == expected.tobytes()
        assert set(heard) == {"tanh"}
        with pytest.raises(RunError, match="a mode is static or eager, got 'fast'"):
            session.run(fetch="loss", mode="fast")


def test_eager_training_is_seen_too(tmp_path: Path, listener: Listener):
    session, alone = classifier(tmp_path), classifier(tmp_path)
    with attached(listener, session):
        result = session.train(mode="eager")
        look = seen(listener, lambda news: news.look)
        assert look.training
        assert look.snapshot.gradient(Source("parameter0", "y")) is not None
    expected = alone.train(mode="eager")
    assert {id: a.tobytes() for id, a in result.values.items()} == {
        id: a.tobytes() for id, a in expected.values.items()
    }


def newest(listener: Listener, wanted: Callable[[Look], bool]) -> Look:
    """The look after which, for a while, no other comes."""
    looks: list[Look] = []
    until = monotonic() + 20
    while monotonic() < until and not (looks and wanted(looks[-1])):
        news = listener.take(lambda: monotonic() > until)
        if not isinstance(news, Seen):
            break
        looks += [news.look] if news.look is not None else []
    assert looks
    return looks[-1]


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_the_last_of_many_runs_is_seen_however_fast_they_follow_each_other(
    tmp_path: Path, listener: Listener, mode: str
):
    session, alone = classifier(tmp_path), classifier(tmp_path)
    tanh, how = Source("tanh0", "y"), {"mode": mode}
    with attached(listener, session):
        for number in range(1, 101):
            session.run(fetch="loss", iteration=number, **how)
            session.gradients("loss", "first/weight", iteration=number, **how)
        look = newest(listener, lambda look: look.snapshot.iteration == 100 and look.root is not None)
        expected = alone.gradients("loss", "tanh", iteration=100, **how)["tanh"]
        assert look.snapshot.gradient(tanh).tobytes() == expected.tobytes()
        for number in range(101, 201):
            session.run(fetch="loss", iteration=number, **how)
        look = newest(listener, lambda look: look.snapshot.iteration == 200)
        assert look.snapshot.value(tanh).tobytes() == alone.run(fetch="tanh", iteration=200, **how)["tanh"].tobytes()
        assert look.root is None


def test_a_run_that_changes_what_it_is_fed_and_reads_is_seen_as_it_was(tmp_path: Path, listener: Listener):
    document = Document()
    with document.transaction("Build") as t:
        t.add("input", name="x", shape=(2,))
        t.add("parameter", name="count", shape=(2,))
        t.add("add", name="more", inputs={"x": "parameter0", "y": "input0"})
        t.add("assign", name="kept", inputs={"value": "add0"}, target="parameter0")
    session = gw.Session(document, tmp_path / "net.gw")
    fed = np.ones(2)
    with attached(listener, session):
        for number in range(1, 51):
            fed[:] = number
            session.run(feed={"x": fed}, fetch=["more", "kept"], iteration=number)
        fed[:] = np.nan
        look = newest(listener, lambda look: look.snapshot.iteration == 50)
    assert look.snapshot.value(Source("parameter0", "y")).tolist() == [49 * 50 / 2] * 2
    assert look.snapshot.value(Source("add0", "y")).tolist() == [50 * 51 / 2] * 2
    assert session.document.values["parameter0"].tolist() == [50 * 51 / 2] * 2


def test_a_run_after_which_the_script_ends_at_once_is_seen(tmp_path: Path, listener: Listener):
    session = classifier(tmp_path)
    with attached(listener, session):
        for number in range(1, 31):
            session.gradients("loss", "tanh", iteration=number)
    assert newest(listener, lambda _: False).snapshot.iteration == 30


@pytest.mark.parametrize("early", [None, {"metric": "train_loss", "patience": 2, "min_delta": 100.0}])
def test_the_last_iteration_of_a_training_is_seen(tmp_path: Path, listener: Listener, early: dict[str, Any] | None):
    session = classifier(tmp_path, early_stopping=early, epochs=9)
    with attached(listener, session):
        result = session.train()
    assert result.iterations == (36 if early is None else 12)
    look = newest(listener, lambda _: False)
    assert (look.training, look.snapshot.iteration) == (True, result.iterations)


def test_a_graph_that_is_edited_while_attached_is_seen_as_it_is_then(tmp_path: Path, listener: Listener):
    session = classifier(tmp_path)
    with attached(listener, session):
        assert seen(listener, lambda news: news.graph) == session.graph
        with session.document.transaction("Set") as t:
            t.set_param("dropout0", "rate", 0.5)
            t.rename("tanh0", "bent")
        assert seen(listener, lambda news: news.graph) == session.graph
        session.document.undo()
        assert seen(listener, lambda news: news.graph) == session.graph
        with session.document.transaction("Cut") as t:
            t.remove("cross_entropy0")
        changed = seen(listener, lambda news: news.graph)
        assert changed == session.graph
        look = seen(listener, lambda news: news.look, lambda: session.run(fetch="tanh"))
        assert {key[1].node for key in look.snapshot.arrays} <= set(changed.nodes)
        session.document.undo()
        session.train(epochs=1)
        assert seen(listener, lambda news: (news.look and news.look.training) or None)


def test_of_rows_that_nobody_takes_the_oldest_go():
    tally = Tally()
    assert tally.take() is None
    assert tally.passed(1, {"loss": 1.0}, 0.1)
    for number in range(2, WAITING + 11):
        assert not tally.passed(number, {"loss": 1.0}, 0.1)
    (frame,) = Decoder().feed(tally.take() or b"")
    assert frame.head["tables"] == [[["iteration", "seconds", "learning_rate", "loss"], WAITING], [[], 0]]
    assert np.frombuffer(frame.body, "<f8", 1)[0] == 11
    assert not tally.waits


def test_what_a_row_lacks_is_nan_and_columns_are_bounded():
    rows = [{"iteration": 1, "seconds": 0.0, "learning_rate": 0.1, "loss": 2.0}]
    rows += [{"iteration": 2, "seconds": 0.5, "learning_rate": 0.1, **{f"m{n}": n for n in range(99)}}]
    (frame,) = Decoder().feed(packed(3, FACTS, rows, []))
    found = unpacked(frame)
    assert (found.training, found.facts, found.epochs) == (3, FACTS, {})
    assert len(found.iterations) == COLUMNS
    assert repr(found.iterations["loss"].tolist()) == repr([2.0, nan])
    assert repr(found.iterations["m3"].tolist()) == repr([nan, 3.0])


@given(JSON, JSON, JSON, st.binary(max_size=48))
@settings(max_examples=60, deadline=None)
def test_numbers_that_say_anything_are_refused_in_one_line(training: Any, names: Any, rows: Any, body: bytes):
    places = ["iteration", "seconds", "learning_rate"]
    for table in ([names, rows], [places, rows], [places, len(body) // 24], names):
        for facts in (FACTS, names):
            head = {"training": training, "facts": facts, "tables": [table, [[], 0]]}
            for told in (head, {**head, "training": 1}):
                assert "\n" not in refusal(lambda told=told: unpacked(Frame("numbers", told, body)))


@pytest.mark.parametrize("numbers", [[2.0, 1.0], [1.0, 1.0], [0.0, 1.0], [nan, 1.0]])
def test_rows_that_are_out_of_order_are_refused(numbers: list[float]):
    rows = [{"iteration": number, "seconds": 0.0, "learning_rate": 0.1} for number in numbers]
    (frame,) = Decoder().feed(packed(1, FACTS, rows, []))
    with pytest.raises(RunError, match="the rows of a table come in their order"):
        unpacked(frame)
