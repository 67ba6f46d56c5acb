"""Stepping through a run of training that has left its folder: with its very bits, from the nearest checkpoint."""

from __future__ import annotations

import errno
import json
import weakref
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training_graphs import classifier, train_on

from gradwire.core.cli.entry import main
from gradwire.core.errors import FileError, RunError
from gradwire.core.evaluating import Asked
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping.branch import RECORDED, Branch, PutIn
from gradwire.core.stepping.branching import Branches
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.summary import IterationSummary
from gradwire.core.training import Events, Settings, Trainer, writing
from gradwire.core.training.folder import RunFolder, add_summaries
from gradwire.core.training.watching import is_watched

ADAM = {"name": "adam", "lr": 0.05}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A classifier with dropout, trained statically: its folder is `run`, beside the graph's file."""
    session = classifier(tmp_path, optimiser=ADAM)
    session.save()
    session.trainer(Settings(out=tmp_path / "run")).run()
    return session


def parameters(session: Session) -> list[str]:
    return [id for id, node in session.graph.nodes.items() if node.op == "parameter"]


def test_an_iteration_of_a_static_run_is_gone_through_eagerly_with_its_bits(session: Session, tmp_path: Path) -> None:
    whole = Recorder(Asked.of(session), session.registry)
    for number in (1, 4, 6, 12):
        timeline = session.timeline(iteration=number, run=tmp_path / "run")
        wanted = whole.iteration(number)
        assert wanted is not None
        for id in parameters(session):
            source = Source(id, "y")
            assert np.array_equal(timeline.run.value(source), wanted.timeline.run.value(source))
            assert np.array_equal(timeline.run.gradient(source), wanted.timeline.run.gradient(source))
            assert np.array_equal(timeline.updated[id], wanted.timeline.updated[id])


def test_a_run_keeps_the_summaries_that_the_stepper_makes(session: Session, tmp_path: Path) -> None:
    kept = RunFolder(tmp_path / "run").summaries
    assert [summary.number for summary in kept] == list(range(1, 13))
    recorder = Recorder(Asked.of(session), session.registry)
    for summary in kept:
        found = recorder.iteration(summary.number)
        assert found is not None
        wanted = found.summary
        assert summary.objective == pytest.approx(wanted.objective, rel=1e-6)
        for (kind, source), row in summary.rows.items():
            told = pytest.approx(tuple(summary.table[row, :5]), rel=1e-6, nan_ok=True)
            assert wanted.find(kind, source) == told, source


@pytest.mark.parametrize("mode", ["static", "eager"])
@pytest.mark.parametrize("changes", [{"zero_gradients": False}, {"accumulate": 3}], ids=["not zeroed", "accumulated"])
def test_the_gradients_of_a_run_are_those_that_are_added_up_as_in_a_recording(
    tmp_path: Path, mode: str, changes: dict[str, Any]
) -> None:
    session = classifier(tmp_path, optimiser=ADAM)
    train_on(session, **changes)
    session.save()
    session.trainer(Settings(out=tmp_path / "run", mode=mode)).run()
    recorder = Recorder(Asked.of(session), session.registry)
    added = 0
    for summary in session.run_folder(tmp_path / "run").summaries:
        found = recorder.iteration(summary.number)
        assert found is not None
        for id in parameters(session):
            source = Source(id, "y")
            mine, wanted = (each.find("gradient", source) for each in (summary, found.summary))
            assert mine == pytest.approx(wanted, rel=1e-5, nan_ok=True), (summary.number, id)
            added += not np.array_equal(found.timeline.added_up(id), found.timeline.run.gradient(source))
    assert added > 0  # some hold more than what the iteration itself has brought


def test_the_recorder_has_them_before_it_has_recorded_anything(session: Session, tmp_path: Path) -> None:
    recorder = Recorder(Asked.of(session), session.registry, origin=session.run_folder(tmp_path / "run"))
    assert [summary.number for summary in recorder.summaries()] == list(range(1, 13))
    third = recorder.iteration(3)
    assert third is not None
    assert third.timeline.loss_before == pytest.approx(recorder.summaries()[1].objective)


def test_ever_fewer_iterations_of_a_long_run_are_looked_at() -> None:
    watched = [number for number in range(1, 100_001) if is_watched(number)]
    assert watched[:127] == list(range(1, 128))
    assert len(watched) < 64 * 12
    assert max(b / a for a, b in pairwise(watched[100:])) < 1.02


def test_what_is_no_run_of_this_graph_is_refused(session: Session, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    with pytest.raises(FileError) as caught:
        session.timeline(run=empty)
    assert str(caught.value) == (
        f"{empty} holds no run: there are no checkpoints in {empty / 'checkpoints'} (gradwire train --out DIR)"
    )
    with session.document.transaction("Change") as t:
        t.set_param(next(id for id, node in session.graph.nodes.items() if node.op == "dropout"), "rate", 0.5)
    with pytest.raises(RunError) as refused:
        session.timeline(run=tmp_path / "run", iteration=2)
    assert str(refused.value).startswith(f"the folder {tmp_path / 'run'} is of a run with another graph")


def checkpoints(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in folder.glob("*.ckpt"))


def test_a_second_run_does_not_mix_with_the_first(session: Session, tmp_path: Path) -> None:
    """Shorter, and from the values that the first has trained."""
    first = RunFolder(tmp_path / "run").summaries
    session.train()
    session.trainer(Settings(out=tmp_path / "run", epochs=1)).run()
    assert checkpoints(tmp_path / "run" / "checkpoints") == [0, 4]
    assert checkpoints(tmp_path / "run" / "checkpoints-1") == [0, 4, 8, 12]
    second = RunFolder(tmp_path / "run").summaries
    assert [summary.number for summary in second] == [1, 2, 3, 4]
    assert second[0].objective != first[0].objective


def stopped_at(trainer: Trainer, iteration: int) -> None:
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: engine.stop(), once=iteration)
    trainer.run()
    trainer.save_checkpoint()


def test_of_a_run_that_goes_on_what_was_behind_is_gone(session: Session, tmp_path: Path) -> None:
    resume = tmp_path / "run" / "checkpoints" / "4.ckpt"
    trainer = session.trainer(Settings(out=tmp_path / "run", resume=resume))
    stopped_at(trainer, 6)
    assert checkpoints(resume.parent) == [0, 4, 6]
    assert [summary.number for summary in RunFolder(tmp_path / "run").summaries] == list(range(1, 7))
    assert not (tmp_path / "run" / "checkpoints-1").exists()
    trainer.run()
    assert checkpoints(resume.parent) == [0, 4, 6, 8, 12]
    assert [summary.number for summary in session.run_folder(tmp_path / "run").summaries] == list(range(1, 13))


def test_a_run_that_goes_on_in_the_folder_of_another_puts_that_aside(session: Session, tmp_path: Path) -> None:
    session.trainer(Settings(out=tmp_path / "other")).run()
    resume = tmp_path / "run" / "checkpoints" / "8.ckpt"
    session.trainer(Settings(out=tmp_path / "other", resume=resume)).run()
    assert checkpoints(tmp_path / "other" / "checkpoints") == [12]
    assert checkpoints(tmp_path / "other" / "checkpoints-1") == [0, 4, 8, 12]
    assert [summary.number for summary in RunFolder(tmp_path / "other").summaries] == [9, 10, 11, 12]


def test_summaries_of_another_graph_are_refused(session: Session, tmp_path: Path) -> None:
    train_on(session, batch=6)
    folder = tmp_path / "run"
    with pytest.raises(RunError) as caught:
        session.run_folder(folder).summaries  # noqa: B018
    assert str(caught.value) == (
        f"the folder {folder} is of a run with batch 5, not 6 (it goes with its own file and settings)"
    )


@pytest.mark.parametrize("line", ["[]", '{"run": 3}', '{"run": ["x"]}', "nothing"])
def test_a_first_line_that_names_no_run_is_left_out(session: Session, tmp_path: Path, line: str) -> None:
    path = tmp_path / "run" / "checkpoints" / "summaries.jsonl"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([line, *lines[1:]]) + "\n", "utf-8")
    assert len(session.run_folder(tmp_path / "run").summaries) == 12


def test_a_folder_that_cannot_be_put_aside_is_a_line(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run" / "checkpoints"

    def full(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(FileError) as caught:
        session.train(out=tmp_path / "run")
    assert str(caught.value) == f"{folder} cannot be put aside: No space left on device"


def test_the_arrays_of_a_watched_iteration_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    of = IterationSummary.of

    def spy(number: int, objective: float, arrays: Any, *like: Any) -> IterationSummary:
        kept.extend(weakref.ref(array) for (kind, _), array in arrays.items() if kind == "update")
        return of(number, objective, arrays, *like)

    monkeypatch.setattr(IterationSummary, "of", spy)
    trainer = classifier(tmp_path).trainer(Settings(out=tmp_path / "run"))
    trainer.run()
    assert len(kept) == 12 * 4
    assert not any(each() is not None for each in kept)


def test_a_run_whose_first_checkpoints_are_gone_says_where_it_begins(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "run" / "checkpoints"
    for path in folder.glob("*.ckpt"):
        if int(path.stem) < 8:
            path.unlink()
    assert session.timeline(run=tmp_path / "run", iteration=9).run.asked.iteration == 9
    with pytest.raises(RunError) as caught:
        session.timeline(run=tmp_path / "run", iteration=5)
    assert str(caught.value) == (
        f"the run in {tmp_path / 'run'} has no checkpoint before iteration 5 (its earliest is before iteration 9)"
    )


@pytest.mark.parametrize("line", ["", "{", '{"iteration": 1}', '{"iteration": 1, "objective": 0, "rows": [["x"]]}'])
def test_a_line_that_was_cut_off_is_left_out(session: Session, tmp_path: Path, line: str) -> None:
    path = tmp_path / "run" / "checkpoints" / "summaries.jsonl"
    path.write_text(path.read_text("utf-8") + line, "utf-8")
    assert [summary.number for summary in RunFolder(tmp_path / "run").summaries] == list(range(1, 13))


def test_of_an_iteration_gone_through_twice_the_last_counts(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "0.ckpt").touch()
    entry = {("value", Source("x", "y")): np.array([0.0, 1.0])}
    add_summaries(tmp_path, [IterationSummary.of(1, 0.5, entry), IterationSummary.of(1, float("nan"), entry)])
    (found,) = RunFolder(tmp_path).summaries
    assert np.isnan(found.objective)


def test_the_command_goes_through_a_run(session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["trace", str(session.path), "--run", str(tmp_path / "run"), "--iteration", "12", "--json"]
    assert main(argv) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told[-1]["phase"] == "update"
    assert main([*argv[:3], str(tmp_path), "--json"]) == 1
    assert "holds no run" in capsys.readouterr().err


def test_a_branch_goes_on_from_what_was_put_in_and_not_from_a_checkpoint_of_the_run(
    session: Session, tmp_path: Path
) -> None:
    run, weight = session.run_folder(tmp_path / "run"), Source(parameters(session)[0], "y")

    def branched() -> tuple[Branches, Branch]:
        branches = Branches(Recorder(Asked.of(session), session.registry, origin=run))
        at_two = branches.iteration(2)
        assert at_two is not None
        old = at_two.timeline.run.value(weight)
        return branches, RECORDED.forked(PutIn(2, weight, np.full_like(old, 3.0), "3"))

    branches, branch = branched()
    walked = [branches.iteration(number, branch=branch) for number in range(2, 8)][-1]
    branches, branch = branched()
    jumped, recorded = branches.iteration(7, branch=branch), branches.iteration(7)
    values = [found.timeline.run.value(weight) for found in (walked, jumped, recorded) if found is not None]
    np.testing.assert_array_equal(values[0], values[1])
    assert not np.allclose(values[1], values[2])


def test_to_and_fro_in_a_run_whose_rate_follows_from_its_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CHECKPOINT_SECONDS", 0.0)
    plateau = {"name": "reduce_on_plateau", "factor": 0.5, "patience": 0, "metric": "train_loss"}
    session = classifier(tmp_path, schedule=plateau)
    session.save()
    session.trainer(Settings(out=tmp_path / "run", mode="eager")).run()
    for path in (tmp_path / "run" / "checkpoints").glob("*.ckpt"):
        if int(path.stem) not in (2, 5):
            path.unlink()
    weight = Source(parameters(session)[0], "y")
    whole = Recorder(Asked.of(session), session.registry)
    for order in ((7, 4, 8, 12), (12, 3, 6), (8, 7, 6, 5, 4, 9)):
        recorder = Recorder(Asked.of(session), session.registry, origin=RunFolder(tmp_path / "run"))
        for number in order:
            found, wanted = recorder.iteration(number), whole.iteration(number)
            assert found is not None
            assert wanted is not None
            np.testing.assert_array_equal(found.timeline.run.value(weight), wanted.timeline.run.value(weight))
