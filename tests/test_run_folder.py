"""Stepping through a run of training that has left its folder: with its very bits, from the nearest checkpoint."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from training_graphs import classifier

from gradwire.core.cli.entry import main
from gradwire.core.errors import FileError, RunError
from gradwire.core.evaluating import Asked
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.summary import IterationSummary
from gradwire.core.training import Settings
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
            assert wanted.find(kind, source) == pytest.approx(tuple(summary.table[row]), rel=1e-6, nan_ok=True), source


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
