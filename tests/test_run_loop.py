"""The loop of a run: bits, commands, changes on the way, checkpoints, and what stands in its folder."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from run_loops import begin, go, names
from training_graphs import MOMENTUM, classifier, train_on

from gradwire.core.document import Document
from gradwire.core.errors import FileError, GradwireError, RunError
from gradwire.core.graph import Source
from gradwire.core.runs import Change, RunRecord, keeping
from gradwire.core.runs.changing import apply, changed
from gradwire.core.runs.taking import put_into, result
from gradwire.core.session import Session
from gradwire.core.summary import IterationSummary
from gradwire.core.training import checkpoint
from gradwire.core.training.folder import add_summaries
from gradwire.core.training.result import Result

PER_EPOCH = 4  # batches of 5 of 18 samples


def same_bits(one: Result, other: Result) -> bool:
    """Whether two runs came to the same values, history and number of iterations."""
    return (
        one.kept.keys() == other.kept.keys()
        and all(np.array_equal(value, other.kept[id]) for id, value in one.kept.items())
        and repr(one.history) == repr(other.history)
        and (one.iterations, one.best_epoch) == (other.iterations, other.best_epoch)
        and one.stopped_early == other.stopped_early
    )


def undisturbed(folder: Path, changes: list[Change], **training: Any) -> Result:
    """What a run with these changes comes to when nothing else happens to it."""
    record = begin(classifier(folder, **training), folder / "undisturbed", changes)
    go(record.path)
    return result(record)


def test_summaries_behind_the_checkpoint_from_which_it_goes_on_are_gone(tmp_path: Path) -> None:
    """Those of iterations that it then goes through with other settings, or not at all."""
    record = begin(classifier(tmp_path), tmp_path / "run")
    go(record.path, {8: [{"do": "stop"}]})
    add_summaries(record.path, [IterationSummary.of(number, 0.0, {}) for number in (8, 9, 100)])
    go(record.path)
    numbers = [summary.number for summary in RunRecord(record.path).checkpoints.summaries]
    assert 8 in numbers
    assert max(numbers) <= 3 * PER_EPOCH


# --- the same bits as training without a run


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"optimiser": MOMENTUM, "clip_norm": 0.5, "l2": 0.01},
        {"schedule": {"name": "cosine"}, "accumulate": 2},
        {"average": {"name": "exponential", "decay": 0.9}},
        {"epochs": 12, "early_stopping": {"patience": 2, "restore_best": True}},
    ],
)
@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_run_has_the_bits_of_train(tmp_path: Path, training: dict[str, Any], mode: str) -> None:
    record = begin(classifier(tmp_path, **training), tmp_path / "run", mode=mode)
    told = go(record.path)
    expected = classifier(tmp_path, **training).train(mode=mode)
    assert same_bits(result(record), expected)
    assert names(told) == [("STARTED", 0), ("COMPLETED", expected.iterations)]


def test_settings_of_a_run_go_before_those_of_the_graph(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path), tmp_path / "run", epochs=2, seed=9, dtype="float64")
    go(record.path)
    assert same_bits(result(record), classifier(tmp_path).train(epochs=2, seed=9, dtype="float64"))


def test_curves_hold_every_iteration_and_every_epoch(tmp_path: Path) -> None:
    session = classifier(tmp_path, l2=0.01, clip_norm=1.0)
    record = begin(session, tmp_path / "run")
    told = go(record.path)
    trainer, losses, seen = classifier(tmp_path, l2=0.01, clip_norm=1.0).trainer(), [], []
    from gradwire.core.training.engine import Events

    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: losses.append(engine.state.output))
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: seen.append(trainer.told))
    expected = trainer.run()
    curves, epochs = record.curves(), record.epochs()
    assert curves["loss"].tolist() == losses
    for name in ("learning_rate", "penalty", "gradient_norm"):
        assert curves[name].tolist() == [each[name] for each in seen]
    assert (np.diff(curves["time"]) >= 0).all()
    for name in ("train_loss", "validation_accuracy", "validation_loss", "epoch", "iteration"):
        assert epochs[name].tolist() == [row[name] for row in expected.history]
    rows = [dict(event) for event in record.events("EPOCH_COMPLETED")]
    assert [row["validation_loss"] for row in rows] == epochs["validation_loss"].tolist()
    carried = [event for event in told if event["event"] == "ITERATIONS"]
    numbers = [n for event in carried for n in range(*event["iterations"])]
    assert numbers == [*range(1, 3 * PER_EPOCH + 1)]
    assert [n for event in carried for n in range(*event["epochs"])] == [1, 2, 3]


# --- commands


def test_pause_one_iteration_one_epoch_and_stop(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path, epochs=5), tmp_path / "run")
    told = go(
        record.path,
        {
            0: [{"do": "iteration"}],
            1: [{"do": "epoch"}],
            # Paused after 4, where the epoch ends, so what comes next is given while it waits.
            4: [{"do": "iteration"}, {"do": "iteration"}, {"do": "unpause"}],
            9: [{"do": "stop"}],
        },
        paused=True,
    )
    assert names(told)[:4] == [("STARTED", 0), ("PAUSED", 0), ("CONTINUED", 0), ("STOPPED", 9)]
    assert same_bits(_resumed(record), classifier(tmp_path, epochs=5).train())


def _resumed(record: RunRecord, **begin: Any) -> Result:
    go(record.path, **begin)
    return result(record)


def test_commands_while_it_waits(tmp_path: Path) -> None:
    """Each is given when the run says that it is paused, as a user gives them."""
    record = begin(classifier(tmp_path, epochs=5), tmp_path / "run")
    orders = [{"do": "iteration"}, {"do": "epoch"}, {"do": "epoch"}, {"do": "unpause"}]
    from contextlib import closing
    from queue import SimpleQueue

    from gradwire.core.runs.loop import Loop

    queue: SimpleQueue[Any] = SimpleQueue()
    told: list[Any] = []

    def tell(event: Any) -> None:
        told.append(event)
        if event["event"] == "PAUSED":
            queue.put(orders.pop(0))

    with closing(Loop(record.path, queue, tell)) as loop:
        loop.run(paused=True)
    paused = [at for name, at in names(told) if name == "PAUSED"]
    assert paused == [0, 1, 4, 8]
    assert names(told)[-1] == ("COMPLETED", 5 * PER_EPOCH)
    for at in (1, 4, 8):  # each was looked at, so that what was paused at can be shown
        assert any(f'"iteration": {at},' in text for event in told for text in event.get("summaries", ()))
    assert same_bits(result(record), classifier(tmp_path, epochs=5).train())


def test_a_run_that_pauses_has_just_been_looked_at(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path, epochs=5), tmp_path / "run", previews=0)
    from contextlib import closing
    from queue import SimpleQueue

    from gradwire.core.runs.loop import Loop
    from gradwire.core.runs.snapshots import SnapshotReader
    from gradwire.core.training.engine import Events

    queue: SimpleQueue[Any] = SimpleQueue()
    seen: list[int] = []

    def tell(event: Any) -> None:
        if event["event"] == "PAUSED":
            found = SnapshotReader(record.path).read()
            assert found is not None
            seen.extend([event["iteration"], found.iteration])
            assert found.gradient(Source("add1", "y")) is not None
            queue.put({"do": "stop"})

    with closing(Loop(record.path, queue, tell)) as loop:
        loop.engine.on(Events.ITERATION_COMPLETED, once=6, priority=1.0)(lambda engine: queue.put({"do": "pause"}))
        loop.run()
    assert seen == [7, 7]


@pytest.mark.parametrize("at", [1, 3, 4, 5, 11])
def test_a_stopped_run_goes_on_to_the_same_bits(tmp_path: Path, at: int) -> None:
    training: dict[str, Any] = {"epochs": 4, "early_stopping": {"patience": 3, "restore_best": True}}
    record = begin(classifier(tmp_path, **training), tmp_path / "run")
    told = go(record.path, {at: [{"do": "stop"}]})
    assert names(told)[-1] == ("STOPPED", at)
    assert result(record).iterations == at
    # Paused before it goes on, and stopped there once more: that checkpoint is as good.
    go(record.path, {at: [{"do": "stop"}]}, paused=True)
    assert same_bits(_resumed(record), classifier(tmp_path, **training).train())


# --- changes on the way


CHANGES: dict[str, dict[str, Any]] = {
    "rate": {"lr": 0.001},
    "optimiser": {"betas": [0.8, 0.9], "eps": 1e-6},
    "freeze": {"freeze": ["first"]},
    "clip": {"clip_norm": 0.1, "l2": 0.05},
    "epochs": {"epochs": 5},
    "schedule": {"schedule": {"name": "step", "step_size": 1, "gamma": 0.5}},
    "groups": {"parameter_groups": [{"parameters": ["parameter0"], "lr": 0.0}]},
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("at", [0, 3, 4, 6])
def test_a_change_that_is_asked_for_is_the_one_that_was_scripted(tmp_path: Path, name: str, at: int) -> None:
    expected = undisturbed(tmp_path, [Change(at, CHANGES[name])])
    record = begin(classifier(tmp_path), tmp_path / "run")
    told = go(record.path, {at: [{"do": "set", "settings": CHANGES[name]}]})
    assert ("CHANGED", at) in names(told)
    assert same_bits(result(record), expected)
    assert not same_bits(result(record), classifier(tmp_path).train())
    assert record.changes() == [Change(at, CHANGES[name])]


def test_a_changed_rate_is_that_of_a_schedule(tmp_path: Path) -> None:
    """Held against something that knows no changes: a factor from one iteration on."""
    schedule = {"name": "multi_step", "milestones": [6], "gamma": 0.5, "by": "iteration"}
    expected = classifier(tmp_path, schedule=schedule).train()
    found = undisturbed(tmp_path, [Change(6, {"lr": 0.025})])
    assert all(np.array_equal(value, expected.values[id]) for id, value in found.values.items())


def test_rates_of_groups_are_told_beside_the_common_one(tmp_path: Path) -> None:
    groups = [{"parameters": ["parameter0"], "lr": 0.002}]
    schedule = {"name": "step", "step_size": 1, "gamma": 0.5}
    record = begin(classifier(tmp_path, parameter_groups=groups, schedule=schedule), tmp_path / "run")
    go(record.path)
    curves, halved = record.curves(), np.repeat([1.0, 0.5, 0.25], 4)
    np.testing.assert_allclose(curves["learning_rate"], curves["learning_rate"][0] * halved)
    np.testing.assert_allclose(curves["learning_rate/0.002"], 0.002 * halved)
    assert "learning_rate/0.002" not in record.epochs()


def test_what_is_frozen_stays_and_goes_on_with_its_slots(tmp_path: Path) -> None:
    changes = [Change(3, {"freeze": ["parameter0", "first/bias"]}), Change(9, {"unfreeze": ["first"]})]
    record = begin(classifier(tmp_path), tmp_path / "run", changes)
    go(record.path)
    states = {n: checkpoint.read(record.path / "checkpoints" / f"{n}.ckpt")[0] for n in (0, 3, 9, 12)}
    for slot in ("parameter0", "parameter1", "parameter0:mean"):
        assert np.array_equal(states[3][slot], states[9][slot])
        assert not np.array_equal(states[0][slot], states[3][slot])
        assert not np.array_equal(states[9][slot], states[12][slot])
    assert not np.array_equal(states[3]["parameter2"], states[9]["parameter2"])
    assert record.graph_at(2).nodes["parameter0"].flags == frozenset()
    assert record.graph_at(3).nodes["parameter0"].flags == {"freeze"}
    assert record.graph_at(9).nodes["parameter0"].flags == frozenset()


def test_an_iteration_that_is_looked_at_follows_changed_settings_as_well(tmp_path: Path) -> None:
    """With who looks at each of them beside the trainer, without a run that does."""
    session = classifier(tmp_path)
    trainer = session.trainer()
    frozen = session.graph.resolve("first/weight")
    seen: list[int] = []

    class Onlooker:
        def wants(self, number: int) -> bool:
            return True

        def saw(self, number: int, size: int | None, seen_then: Any) -> None:
            seen.append(number)

        def passed(self, number: int, made: Any, rate: float) -> None:
            if number == 2:
                kept.append(trainer.state[frozen].copy())
                settings = {"freeze": ["first/weight"]}
                apply(trainer, changed(trainer.graph, settings), settings, tmp_path)

    kept: list[Any] = []
    trainer.onlooker = Onlooker()
    trainer.run()
    assert seen == [*range(1, 3 * PER_EPOCH + 1)]
    assert np.array_equal(trainer.state[frozen], kept[0])


def test_what_was_trained_before_it_was_frozen_is_in_the_result(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path), tmp_path / "run", [Change(5, {"freeze": ["first"]})])
    go(record.path)
    found, state = result(record).values, checkpoint.read(record.path / "checkpoints" / "5.ckpt")[0]
    assert found.keys() == {"parameter0", "parameter1", "parameter2", "parameter3"}
    assert np.array_equal(found["parameter0"], state["parameter0"])


@pytest.mark.parametrize("at", [2, 3, 5, 7, 10])
def test_a_run_with_changes_goes_on_to_the_same_bits(tmp_path: Path, at: int) -> None:
    """Stopped before, at and behind changes, some of which are logged and still to come."""
    changes = [Change(3, {"freeze": ["first"]}), Change(5, {"lr": 0.01}), Change(7, {"unfreeze": ["first"]})]
    expected = undisturbed(tmp_path, changes)
    record = begin(classifier(tmp_path), tmp_path / "run", changes)
    go(record.path, {at: [{"do": "stop"}]})
    assert same_bits(_resumed(record), expected)


def test_a_change_of_the_lost_iterations_is_made_again(tmp_path: Path) -> None:
    """What was logged is done when the run comes there again from an earlier checkpoint."""
    record = begin(classifier(tmp_path), tmp_path / "run")
    go(record.path, {7: [{"do": "set", "settings": {"lr": 0.01}}]})
    whole = result(record)
    for number in (7, 12):
        (record.path / "checkpoints" / f"{number}.ckpt").unlink()
    told = go(record.path)
    assert ("RESUMED", 0) in names(told)
    assert ("CHANGED", 7) in names(told)
    assert same_bits(result(record), whole)
    assert len(record.changes()) == 1


def test_a_complete_run_goes_on_with_more_epochs(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path), tmp_path / "run")
    go(record.path)
    assert names(go(record.path)) == [("RESUMED", 12), ("COMPLETED", 12)]
    found = _resumed(record, settings={"epochs": 6})
    assert same_bits(found, classifier(tmp_path, epochs=6).train())


def test_what_cannot_be_changed_is_refused_and_the_run_goes_on(tmp_path: Path) -> None:
    record = begin(
        classifier(tmp_path), tmp_path / "run", [Change(5, {"parameter_groups": [{"parameters": ["third"]}]})]
    )
    told = go(record.path, {2: [{"do": "set", "settings": {"lr": -1.0}}]})
    refused = {event["iteration"]: event["message"] for event in told if event["event"] == "REFUSED"}
    assert refused.keys() == {2, 5}
    assert refused[2].startswith("adam: lr must be")
    assert refused[5].startswith("parameter group 1 names 'third'")
    assert same_bits(result(record), classifier(tmp_path).train())
    assert record.changes() == []
    assert same_bits(_resumed(record), classifier(tmp_path).train())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch": 7}, "a run cannot change 'batch' on its way"),
        ({"momentun": 0.5}, "a run cannot change 'momentun' on its way (near: momentum)"),
        ({"lr": "fast"}, "sgd: lr must be a number of 0 or more, got 'fast'"),
        ({"epochs": 0}, "training needs epochs of 1 or more, got 0"),
        ({"freeze": "first"}, "freeze takes a list of parameters or groups, got 'first' (freeze=['linear0'])"),
        ({"freeze": ["tanh0"]}, "freeze takes parameters or groups, tanh is a tanh"),
        ({"freeze": ["second"]}, "there is no node 'second'"),
    ],
)
def test_refusals_of_changes(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    graph = classifier(tmp_path, optimiser=MOMENTUM).graph
    with pytest.raises(GradwireError) as error:
        changed(graph, settings)
    assert str(error.value).startswith(message)


def test_overfitting_one_batch(tmp_path: Path) -> None:
    session = classifier(tmp_path, dropout=False, epochs=60)
    record = begin(session, tmp_path / "run", overfit_batch=True)
    go(record.path, {30: [{"do": "stop"}]})
    go(record.path)
    assert record.curves()["loss"][-1] < 0.01
    rest = record.epochs()["validation_loss"]
    assert rest[-1] > 0.1  # the others it has not seen
    whole = begin(classifier(tmp_path, dropout=False, epochs=60), tmp_path / "whole", overfit_batch=True)
    go(whole.path)
    assert same_bits(result(record), result(whole))
    with pytest.raises(RunError, match="overfit_batch True, not none"):  # an iteration would take another batch
        session.timeline(iteration=3, run=record.path)


def test_a_graph_without_batches(tmp_path: Path) -> None:
    def session() -> Session:
        made = Session.open(Path(__file__).parents[1] / "examples" / "linear_regression.gw")
        train_on(made, epochs=30)
        return made

    record = begin(session(), tmp_path / "run")
    go(record.path, {7: [{"do": "stop"}]})
    assert same_bits(_resumed(record), session().train())


# --- the folder


def test_checkpoints_are_spread_within_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "COST", 0.0)
    changes = [Change(9, {"lr": 0.01})]
    record = begin(
        classifier(tmp_path, epochs=8), tmp_path / "run", changes, replay=0.0, budget=60_000
    )  # one behind each iteration
    go(record.path)
    kept = sorted(int(path.stem) for path in (record.path / "checkpoints").glob("*.ckpt"))
    assert {0, 9, 32} <= set(kept)
    assert sum(path.stat().st_size for path in (record.path / "checkpoints").glob("*.ckpt")) <= 60_000
    assert 6 < len(kept) < 30
    gaps = np.diff([number for number in kept if number != 9])
    assert gaps.max() <= 4 * np.median(gaps)
    folder = record.checkpoints
    assert (folder.first, folder.last) == (1, 33)
    assert folder.nearest(1) == 1


@pytest.mark.parametrize("damage", ["cut", "other", "gone"])
def test_damaged_checkpoints_are_passed_over(tmp_path: Path, damage: str) -> None:
    record = begin(classifier(tmp_path, epochs=4), tmp_path / "run")
    go(record.path, {5: [{"do": "stop"}]})
    go(record.path, {9: [{"do": "stop"}]})
    last = record.path / "checkpoints" / "9.ckpt"
    whole = last.read_bytes()
    if damage == "gone":
        last.unlink()
    else:
        last.write_bytes(whole[: len(whole) // 2] if damage == "cut" else whole[:-1] + bytes([whole[-1] ^ 1]))
    (record.path / "checkpoints" / "11.ckpt.tmp").write_bytes(b"half")
    told = go(record.path)
    assert names(told)[0] == ("RESUMED", 5)
    assert same_bits(result(record), classifier(tmp_path, epochs=4).train())
    assert record.curves().rows == 16
    assert not list((record.path / "checkpoints").glob("*.tmp"))


def test_a_line_of_the_log_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path), tmp_path / "run")
    go(record.path, {2: [{"do": "set", "settings": {"lr": 0.01}}], 6: [{"do": "stop"}]})
    log = record.path / "events.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"event": "CHANGED", "iteration": 6, "settings": {"lr": 0.0')
    told = [event["event"] for event in record.events() if event["event"] != "FINDING"]
    assert told == ["STARTED", "CHANGED", "EPOCH_COMPLETED", "STOPPED"]
    go(record.path)
    assert [event["event"] for event in record.events() if event["event"] != "FINDING"][4:] == [
        "RESUMED",
        "EPOCH_COMPLETED",
        "EPOCH_COMPLETED",
        "COMPLETED",
    ]
    assert same_bits(result(record), undisturbed(tmp_path, [Change(2, {"lr": 0.01})]))
    log.write_bytes(log.read_bytes() + b'[1]\n{"event": 3}\nnull\n\xff\xfe\n{"event": "X", "iteration": "1"}\n')
    assert len([event for event in record.events() if event["event"] != "FINDING"]) == 8


def test_numbers_that_are_not_finite_stand_in_log_and_curves(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path, optimiser={"name": "sgd", "lr": 1e39}), tmp_path / "run")
    ends = go(record.path)[-1], go(record.path)[-1]  # it stops by itself, and goes on all the same
    assert [(end["event"], end["message"]) for end in ends] == [
        ("STOPPED", "not finite since iteration 2 (the loss is nan)"),
        ("COMPLETED", "not finite since iteration 2 (the loss is nan)"),
    ]
    assert not np.isfinite(record.curves()["loss"]).all()
    rows = [*record.events("EPOCH_COMPLETED")]
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    for line in (record.path / "events.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert any(not math.isfinite(float(row["train_loss"])) for row in rows)


def test_a_folder_is_not_begun_twice(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    begin(session, tmp_path / "run")
    with pytest.raises(FileError) as error:
        begin(session, tmp_path / "run")
    assert str(error.value) == f"{tmp_path / 'run'} holds a run already (another folder, or Run.resume(folder))"


def test_a_result_goes_into_the_document_unless_that_is_newer(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    record = begin(session, tmp_path / "run")
    with pytest.raises(RunError, match=r"a result needs a run that is completed or stopped, that in .* is not"):
        result(record)
    go(record.path)
    with session.document.transaction("Move") as t:
        t.move("tanh0", (40.0, 50.0))
        t.add("constant", value=1.0)
    put_into(record, session.document)
    expected = classifier(tmp_path).train().values
    assert all(np.array_equal(session.document.values[id], value) for id, value in expected.items())
    document: Document = session.document
    document.undo()
    assert "parameter0" not in document.values
    with document.transaction("Weights") as t:
        t.set_values("parameter0", np.ones((2, 4), np.float32))
    with pytest.raises(RunError, match="the graph was edited while it trained, so its values were left as they are"):
        put_into(record, document)
    document.undo()
    with document.transaction("Edit") as t:
        t.set_param("dropout0", "rate", 0.5)
    with pytest.raises(RunError, match="the graph was edited"):
        put_into(record, document)
