"""Checkpoints: a run that goes on from one ends with the same bits, whatever befell the disk."""

from __future__ import annotations

import errno
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from documents import refusing
from training_graphs import ADAM, MOMENTUM, classifier, train_on, write_table

from gradwire.core.document import Document
from gradwire.core.errors import FileError, RunError
from gradwire.core.graph.elements import Training
from gradwire.core.session import Session
from gradwire.core.training import checkpoint, writing
from gradwire.core.training.engine import Events
from gradwire.core.training.trainer import Result, Settings

refused = refusing(RunError)


@pytest.fixture
def every_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CHECKPOINT_SECONDS", 0.0)


def bits(result: Result) -> tuple[Any, ...]:
    """Everything that a run came to, to be compared."""
    values = {id: (value.dtype.name, value.shape, value.tobytes()) for id, value in result.values.items()}
    return values, repr(result.history), result.iterations


def run(session: Session, **settings: Any) -> Result:
    return session.trainer(Settings(**settings)).run()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "checkpoints").glob("*.ckpt"))


# --- the same bits


@pytest.mark.usefixtures("every_iteration")
@pytest.mark.parametrize("first", ["static", "eager"])
@pytest.mark.parametrize("then", ["static", "eager"])
@pytest.mark.parametrize("settings", [ADAM, MOMENTUM])
def test_a_run_goes_on_from_each_of_its_checkpoints_with_the_same_bits(
    tmp_path: Path, first: str, then: str, settings: dict[str, Any]
) -> None:
    session = classifier(tmp_path, optimiser=settings)
    whole = run(session, mode=first, out=tmp_path / "out")
    assert names(tmp_path / "out") == sorted(f"{i}.ckpt" for i in range(13))
    for iteration in range(13):
        path = tmp_path / "out" / "checkpoints" / f"{iteration}.ckpt"
        assert bits(run(session, mode=then, resume=path)) == bits(whole), iteration


@pytest.mark.parametrize("iteration", [1, 3, 4, 5, 12])
def test_a_checkpoint_of_before_the_end_of_its_epoch_leads_on_to_it(
    tmp_path: Path, iteration: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the last iteration of an epoch and what is counted at its end."""
    monkeypatch.setattr(writing, "CHECKPOINT_SECONDS", 0.0)
    session = classifier(tmp_path)
    whole = run(session)
    trainer = session.trainer(Settings(out=tmp_path / "out"))

    def kill(*_: Any) -> None:
        if trainer.engine.state.iteration == iteration:
            raise KeyboardInterrupt

    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, kill)
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    newest = checkpoint.newest(tmp_path / "out" / "checkpoints")
    assert newest is not None
    assert newest.stem == str(iteration)
    assert bits(run(session, resume=newest)) == bits(whole)


@pytest.mark.usefixtures("every_iteration")
def test_a_run_of_one_step_an_epoch_goes_on(tmp_path: Path) -> None:
    doc = Document()
    with doc.transaction("Build") as t:
        t.add("parameter", shape=[3], init="normal")
        t.add("random_normal", shape=[3])
        t.add("mse", inputs={"prediction": "parameter0", "target": "random_normal0"})
        t.set_training(Training("mse0", ADAM, epochs=4))
    session = Session(doc)
    trainer = session.trainer(Settings(out=tmp_path))
    for iteration in (1, 2, 3):  # a checkpoint from within the epoch, beside the one of its end
        folder = tmp_path / "within" / "checkpoints"
        trainer.engine.add_event_handler(
            Events.ITERATION_COMPLETED,
            lambda e, at=iteration, folder=folder: (  # type: ignore[misc]
                checkpoint.write(folder / f"{at}.ckpt", *checkpoint.read(tmp_path / "checkpoints" / f"{at}.ckpt"))
                if e.state.iteration == at
                else None
            ),
        )
    whole = trainer.run()
    for folder in (tmp_path, tmp_path / "within"):
        for iteration in (1, 2, 3):
            path = folder / "checkpoints" / f"{iteration}.ckpt"
            assert bits(run(session, resume=path)) == bits(whole)


@pytest.mark.usefixtures("every_iteration")
def test_a_resumed_run_may_be_longer_and_writes_on(tmp_path: Path) -> None:
    session = classifier(tmp_path, batch=9)
    run(session, out=tmp_path / "short", epochs=2)
    long = run(session, epochs=4)
    went_on = run(session, epochs=4, resume=tmp_path / "short" / "checkpoints" / "3.ckpt", out=tmp_path / "next")
    assert bits(went_on) == bits(long)
    assert names(tmp_path / "next") == [f"{i}.ckpt" for i in (4, 5, 6, 7, 8)]


def test_a_finished_run_resumed_is_finished(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    whole = run(session, out=tmp_path)
    assert bits(run(session, resume=tmp_path / "checkpoints" / "12.ckpt")) == bits(whole)


@pytest.mark.usefixtures("every_iteration")
def test_a_resumed_run_cannot_end_before_it_goes_on(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    run(session, out=tmp_path)
    path = tmp_path / "checkpoints" / "5.ckpt"
    with refused(f"the checkpoint {path} is of epoch 2, and the run ends after 1 (epochs: 2 or more)"):
        run(session, resume=path, epochs=1)


def test_values_of_the_document_do_not_count_at_resuming(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    whole = run(session, out=tmp_path)
    session.train()
    assert bits(run(session, resume=tmp_path / "checkpoints" / "4.ckpt")) == bits(whole)


def test_nan_comes_back_from_a_checkpoint(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("Values") as t:
        t.set_values("parameter0", np.full((2, 4), np.nan))
    whole = run(session, out=tmp_path)  # which stops at once
    assert np.isnan(whole.values["parameter0"]).all()
    assert bits(run(session, resume=tmp_path / "checkpoints" / "0.ckpt")) == bits(whole)


def test_training_does_not_write_into_what_a_checkpoint_or_a_document_holds(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    session.train(epochs=1)
    before = {id: value.tobytes() for id, value in session.document.values.items()}
    run(session, out=tmp_path)
    assert {id: value.tobytes() for id, value in session.document.values.items()} == before


# --- when they are written


def test_checkpoints_are_written_at_each_epoch(tmp_path: Path) -> None:
    run(classifier(tmp_path), out=tmp_path)
    assert names(tmp_path) == ["0.ckpt", "12.ckpt", "4.ckpt", "8.ckpt"]


def test_checkpoints_are_written_as_time_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that moves 0.9 s an iteration: at iteration 3 the two seconds are over."""
    now = [0.0]
    monkeypatch.setattr(writing.time, "monotonic", lambda: now[0])
    trainer = classifier(tmp_path, batch=2).trainer(Settings(out=tmp_path, epochs=1))

    def pass_time(*_: Any) -> None:
        now[0] += 0.9

    trainer.engine.add_event_handler(Events.ITERATION_STARTED, pass_time)
    trainer.run()
    assert names(tmp_path) == ["0.ckpt", "3.ckpt", "6.ckpt", "9.ckpt"]


def test_nothing_is_written_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(tmp_path)
    run(classifier(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["points.csv"]


def test_the_newest_is_the_one_of_the_highest_iteration(tmp_path: Path) -> None:
    assert checkpoint.newest(tmp_path) is None
    for name in ("9.ckpt", "10.ckpt", "x.ckpt", "11.txt"):
        (tmp_path / name).touch()
    assert checkpoint.newest(tmp_path) == tmp_path / "10.ckpt"


def test_the_oldest_go_where_they_take_too_much(tmp_path: Path) -> None:
    for i in range(1, 12):
        (tmp_path / f"{i}.ckpt").write_bytes(b"x" * 10)
    (tmp_path / "mine.ckpt").write_bytes(b"x" * 10)
    checkpoint.thin(tmp_path, budget=35)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["10.ckpt", "11.ckpt", "9.ckpt", "mine.ckpt"]
    checkpoint.thin(tmp_path, budget=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["10.ckpt", "11.ckpt", "mine.ckpt"]


# --- checkpoints of other runs


def alter(session: Session, change: Callable[[Any], object]) -> Session:
    with session.document.transaction("Alter") as t:
        change(t)
    return session


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"seed": 8}, "seed 1, not 8"),
        ({"dtype": "float64"}, "dtype float32, not float64"),
    ],
)
def test_a_run_with_other_settings_is_refused(tmp_path: Path, settings: dict[str, Any], found: str) -> None:
    session = classifier(tmp_path)
    run(session, out=tmp_path)
    path = tmp_path / "checkpoints" / "4.ckpt"
    with refused(f"the checkpoint {path} is of a run with {found} (it goes with its own file and settings)"):
        session.trainer(Settings(resume=path, **settings))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"batch": 6}, "batch 5, not 6"),
        ({"optimiser": {"name": "adam", "lr": 0.01}}, "optimiser lr 0.05, not 0.01"),
        ({"optimiser": {"name": "sgd", "lr": 0.05}}, "optimiser name adam, not sgd"),
        (
            {"parameter_groups": [{"parameters": ["parameter0"], "lr": 0.5}]},
            "parameter_groups parameter0 lr 0.1, not 0.5",
        ),
    ],
)
def test_a_graph_with_other_training_settings_is_refused(tmp_path: Path, changes: dict[str, Any], found: str) -> None:
    groups = {"parameter_groups": [{"parameters": ["parameter0"], "lr": 0.1}]} if "parameter_groups" in changes else {}
    session = classifier(tmp_path, **groups)
    run(session, out=tmp_path)
    train_on(session, **changes)
    path = tmp_path / "checkpoints" / "4.ckpt"
    with refused(f"the checkpoint {path} is of a run with {found} (it goes with its own file and settings)"):
        session.trainer(Settings(resume=path))


@pytest.mark.parametrize(
    ("written", "complete"),
    [
        ({"optimiser": {"name": "sgd"}}, {"optimiser": {"name": "sgd", "lr": 0.01}}),
        (
            {"optimiser": {"name": "sgd", "lr": 0.05}},
            {"optimiser": {"name": "sgd", "lr": 0.05, "momentum": 0.0, "nesterov": False}},
        ),
        (
            {"parameter_groups": [{"parameters": ["parameter0"], "lr": 0.01}, {"parameters": ["parameter1"]}]},
            {"parameter_groups": [{"parameters": ["parameter0"], "lr": 0.01, "betas": [0.9, 0.999]}]},
        ),
        ({"average": {"name": "mean"}}, {"average": {"name": "mean", "by": "epoch", "start": 0}}),
        ({"early_stopping": {}}, {"early_stopping": {"patience": 5, "mode": "min"}}),
    ],
)
def test_settings_that_are_said_in_other_words_are_the_same(
    tmp_path: Path, written: dict[str, Any], complete: dict[str, Any]
) -> None:
    for first, then in ((written, complete), (complete, written)):
        whole = run(classifier(tmp_path, **first), out=tmp_path)
        assert bits(run(classifier(tmp_path, **then), resume=tmp_path / "checkpoints" / "4.ckpt")) == bits(whole)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.set_param("dropout0", "rate", 0.5),
        lambda t: t.set_param("dataset0", "standardise", False),
        lambda t: t.set_flags("parameter0", ["freeze"]),
        lambda t: t.connect("add0", "dropout0", "x"),
    ],
)
def test_another_graph_is_refused(tmp_path: Path, change: Callable[[Any], object]) -> None:
    session = classifier(tmp_path)
    run(session, out=tmp_path)
    alter(session, change)
    path = tmp_path / "checkpoints" / "4.ckpt"
    with refused(f"the checkpoint {path} is of a run with another graph (it goes with its own file and settings)"):
        session.trainer(Settings(resume=path))


def test_other_data_under_the_same_name_are_refused(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    run(session, out=tmp_path)
    write_table(tmp_path, rows=40)
    path = tmp_path / "checkpoints" / "4.ckpt"
    with refused(f"the checkpoint {path} is of a run with samples 18, not 32 (it goes with its own file and settings)"):
        session.trainer(Settings(resume=path))


def test_what_does_not_change_the_numbers_is_no_other_graph(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    whole = run(session, out=tmp_path)

    def rename(t: Any) -> None:
        t.rename("tanh0", "bend")
        t.rename("dataset0", "points")
        t.move("tanh0", (9, 9))
        t.add("relu", name="beside", inputs={"x": "add0"})

    alter(session, rename)
    assert bits(run(session, resume=tmp_path / "checkpoints" / "4.ckpt")) == bits(whole)


# --- broken ones


def test_a_checkpoint_that_is_not_there(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    path = tmp_path / "out" / "checkpoints" / "5.ckpt"
    with refused(
        f"there is no checkpoint {path} (a run with --out DIR writes DIR/checkpoints/ITERATION.ckpt)",
        FileError,
    ):
        session.trainer(Settings(resume=path))
    run(session, out=tmp_path / "out")
    with refused(f"there is no checkpoint {path} (the newest there is {path.parent / '12.ckpt'})", FileError):
        session.trainer(Settings(resume=path))


def broken(data: bytes) -> dict[str, bytes]:
    """Ways in which a checkpoint may be broken."""
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])

    def with_metadata(**changes: Any) -> bytes:
        metadata = {**header["__metadata__"], **changes}
        text = json.dumps({**header, "__metadata__": {k: v for k, v in metadata.items() if v is not None}})
        text += " " * (-len(text) % 8)
        return struct.pack("<Q", len(text)) + text.encode() + data[8 + size :]

    position = json.loads(header["__metadata__"]["position"])
    return {
        "empty": b"",
        "garbage": b"\x00garbage" * 100,
        "text": b"{}",
        "header cut off": data[:20],
        "data cut off": data[:-1],
        "half": data[: len(data) // 2],
        "of another program": with_metadata(format=None),
        "without a position": with_metadata(position=None),
        "position cut off": with_metadata(position=json.dumps(position)[:-5]),
        "position a list": with_metadata(position="[1, 2]"),
        "position deep": with_metadata(position="[" * 100_000),
        "position without the run": with_metadata(position=json.dumps({**position, "run": None})),
    }


def test_broken_checkpoints_are_refused_in_one_line(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    run(session, out=tmp_path)
    path = tmp_path / "checkpoints" / "4.ckpt"
    for kind, data in broken(path.read_bytes()).items():
        wrong = tmp_path / "wrong.ckpt"
        wrong.write_bytes(data)
        with pytest.raises(FileError) as caught:
            session.trainer(Settings(resume=wrong))
        assert "\n" not in str(caught.value), kind
        assert str(wrong) in str(caught.value), kind
    with pytest.raises(FileError) as caught:
        session.trainer(Settings(resume=tmp_path))
    assert "\n" not in str(caught.value)


def test_one_that_lacks_a_value_is_refused(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    run(session, out=tmp_path)
    path = tmp_path / "checkpoints" / "4.ckpt"
    state, position = checkpoint.read(path)
    other = {**state, "parameter0": np.zeros((4, 2), np.float32)}
    del state["parameter0:mean"]
    for values in (state, other):
        checkpoint.write(path, values, position)
        with refused(f"the checkpoint {path} does not hold the values of this graph"):
            session.trainer(Settings(resume=path))


# --- a disk that fails


@pytest.mark.usefixtures("every_iteration")
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_older_ones(tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    session = classifier(tmp_path)
    whole = run(session)
    trainer = session.trainer(Settings(out=tmp_path / "out"))
    real, calls = getattr(os, call), []
    most = {"fsync": 6, "replace": 7}[call]  # the summaries are begun by a replacement as well

    def full(*args: Any) -> Any:
        calls.append(args)
        if len(calls) > most:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args)

    monkeypatch.setattr(checkpoint.os, call, full)
    path = tmp_path / "out" / "checkpoints"
    # Iteration 4 ends an epoch and is written twice.
    with refused(f"the checkpoint {path / '5.ckpt'} cannot be written: No space left on device", FileError):
        trainer.run()
    monkeypatch.undo()
    assert names(tmp_path / "out") == [f"{i}.ckpt" for i in range(5)]
    for iteration in (1, 4):
        assert bits(run(session, resume=path / f"{iteration}.ckpt")) == bits(whole)


def test_a_folder_that_cannot_be_made_is_told_before_training_starts(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    (tmp_path / "file").touch()
    trainer = session.trainer(Settings(out=tmp_path / "file" / "out"))
    started: list[Any] = []
    trainer.engine.add_event_handler(Events.STARTED, started.append)
    where = tmp_path / "file" / "out" / "checkpoints"
    with refused(f"checkpoints cannot be written to {where}: Not a directory", FileError):
        trainer.run()
    assert started == []
    trainer = session.trainer(Settings(out=tmp_path))
    (tmp_path / "checkpoints").touch()
    where = tmp_path / "checkpoints"
    with refused(f"checkpoints cannot be written to {where}: File exists", FileError):
        trainer.run()


def test_a_write_protected_folder_is_told_before_training_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = classifier(tmp_path).trainer(Settings(out=tmp_path))
    monkeypatch.setattr(checkpoint.os, "access", lambda *_: False)  # root may write everywhere
    where = tmp_path / "checkpoints"
    with refused(f"checkpoints cannot be written to {where}: it is write-protected", FileError):
        trainer.run()


def test_a_checkpoint_with_one_wrong_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "7.ckpt"
    state = {"w": np.arange(6.0)}
    checkpoint.write(path, state, {"epoch": 1, "iteration": 7, "loss": {}, "history": [], "run": {}})
    assert checkpoint.read(path)[0]["w"].tolist() == state["w"].tolist()
    data = bytearray(path.read_bytes())
    data[-9] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(FileError) as refused:
        checkpoint.read(path)
    assert str(refused.value) == (
        f"the checkpoint {path} is damaged: its numbers are not those that were written (no earlier one lies beside it)"
    )
    (tmp_path / "5.ckpt").write_bytes(b"")
    (tmp_path / "9.ckpt").write_bytes(b"")
    with pytest.raises(FileError, match=r"\(an earlier one is .*5\.ckpt\)$"):
        checkpoint.read(path)
    with pytest.raises(FileError, match=r"cannot be read: .*\(an earlier one is .*7\.ckpt\)$"):
        checkpoint.read(tmp_path / "9.ckpt")
