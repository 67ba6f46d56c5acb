"""Runs as a list: how they stand, what they came to, their notes, settings beside each other, the trash."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from run_loops import begin, go
from training_graphs import MOMENTUM, classifier, train_on

from gradwire.core.cli import main
from gradwire.core.errors import FileError, RunError
from gradwire.core.locking import Lock, held
from gradwire.core.runs import Run
from gradwire.core.runs.comparing import MISSING, differences, flat, graph_differences
from gradwire.core.runs.home import home
from gradwire.core.runs.listed import ListedRun, Listing, find_run, listed, read_log, run_folders
from gradwire.core.runs.notes import read_notes, write_notes
from gradwire.core.runs.resting import left
from gradwire.core.runs.standing import interrupted
from gradwire.core.runs.trash import delete, empty, restore, trashed

HOLD = "import sys; from pathlib import Path; from gradwire.core.locking import Lock; "
HOLD += "l = Lock(Path(sys.argv[1])); assert l.take(); print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder with two runs that are done, the second with another rate and more epochs."""
    session = classifier(tmp_path)
    found = tmp_path / "runs"
    begin(session, found / "one")
    go(found / "one")
    train_on(session, optimiser=MOMENTUM, epochs=5)
    begin(session, found / "two")
    go(found / "two")
    return found


def by_name(runs: Path) -> dict[str, ListedRun]:
    return {run.name: run for run in listed(runs)}


# How they stand.


def test_a_run_that_is_done_is_told_with_what_it_came_to(runs: Path) -> None:
    found = by_name(runs)
    assert set(found) == {"one", "two"}
    two = found["two"]
    assert (two.state, two.epochs, two.iterations, two.problem) == ("done", 5, 20, "")
    assert two.judged_by == "validation_loss"
    rows = [json.loads(line) for line in (runs / "two" / "events.jsonl").read_text().splitlines()]
    losses = [row["validation_loss"] for row in rows if row["event"] == "EPOCH_COMPLETED"]
    assert two.last["validation_loss"] == losses[-1]
    assert two.best["validation_loss"] == (min(losses), losses.index(min(losses)) + 1)
    accuracies = [row["validation_accuracy"] for row in rows if row["event"] == "EPOCH_COMPLETED"]
    assert two.best["validation_accuracy"].value == max(accuracies)


def test_each_way_in_which_a_run_ends_is_its_state(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    for name in ("fresh", "stopped", "killed", "failed"):
        begin(session, tmp_path / "runs" / name)
    go(tmp_path / "runs" / "stopped", {4: [{"do": "stop"}]})
    go(tmp_path / "runs" / "killed")
    log = tmp_path / "runs" / "killed" / "events.jsonl"
    log.write_text("".join(line for line in log.read_text().splitlines(True) if "COMPLETED" not in line))
    failed = tmp_path / "runs" / "failed" / "events.jsonl"
    failed.write_text('{"event": "FAILED", "iteration": 0, "message": "there is no table"}\n')
    found = by_name(tmp_path / "runs")
    assert {name: run.state for name, run in found.items()} == {
        "fresh": "not begun",
        "stopped": "stopped",
        "killed": "died",
        "failed": "died",
    }
    assert found["failed"].problem == "there is no table"
    assert found["stopped"].iterations == 4


def test_a_run_whose_process_is_there_runs_or_is_paused(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path), tmp_path / "runs" / "one")
    log = record.path / "events.jsonl"
    log.write_text('{"event": "STARTED", "iteration": 0}\n')
    holder = [sys.executable, "-P", "-c", HOLD, str(record.path / "lock")]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert [run.state for run in listed(tmp_path / "runs")] == ["running"]
        log.write_text(log.read_text() + '{"event": "PAUSED", "iteration": 3}\n')
        assert [run.state for run in listed(tmp_path / "runs")] == ["paused"]
        log.write_text(log.read_text() + '{"event": "CONTINUED", "iteration": 3}\n')
        assert [run.state for run in listed(tmp_path / "runs")] == ["running"]
        with pytest.raises(RunError, match="one is being trained, and is not deleted"):
            delete(record.path)
        process.kill()
    assert [run.state for run in listed(tmp_path / "runs")] == ["died"]


def test_a_run_is_interrupted_where_whoever_trained_it_is_gone_and_can_be_looked_at_as_it_was_left(
    tmp_path: Path,
) -> None:
    path = tmp_path / "runs" / "one"
    begin(classifier(tmp_path), path)
    go(path, {2: [{"do": "end"}]})
    assert interrupted(path)
    go(path, {6: [{"do": "set", "settings": {"epochs": 9}}, {"do": "stop"}]})
    assert not interrupted(path)
    run = left(path)
    assert (run.state, run.iteration, run.ended, run.poll()) == ("stopped", 6, True, [])
    assert (run.curves.rows, run.epochs.rows, run.facts["iterations_per_epoch"]) == (6, 1, 4)
    assert run.graph.training.epochs == 9  # as it was changed on the way
    lock = Lock(path / "lock")
    assert lock.take()
    assert left(path).state == "stopped"
    with (path / "events.jsonl").open("a") as log:
        log.write('{"event": "CONTINUED", "iteration": 6}\n')
    told = f"the run in {path} is running: one that was stopped, died or is done is required"
    with pytest.raises(RunError, match=f"^{re.escape(told)}$"):
        left(path)
    lock.release()
    assert interrupted(path)  # it died without a word
    with Run.resume(path, paused=True) as again:  # what it shows until its process has begun
        assert (again.state, again.iteration, again.curves.rows, again.facts["batch"]) == ("starting", 6, 6, 5)


@pytest.mark.slow
def test_a_real_run_is_listed_as_it_goes(tmp_path: Path) -> None:
    with Run.start(classifier(tmp_path, epochs=100_000), tmp_path / "runs" / "one") as run:
        while run.state != "running":
            run.poll(1.0)
        assert [each.state for each in listed(tmp_path / "runs")] == ["running"]
        run.pause()
        while run.state != "paused":
            run.poll(1.0)
        (found,) = listed(tmp_path / "runs")
        assert (found.state, found.document) == ("paused", tmp_path / "net.gw")
        os.kill(run.process.pid, signal.SIGKILL)
        run.wait()
        (found,) = listed(tmp_path / "runs")
        assert found.state == "died"
        assert "killed by SIGKILL" in found.problem


def test_asking_whether_a_lock_is_held_is_in_nobodys_way(tmp_path: Path) -> None:
    assert not held(tmp_path / "lock")
    assert not (tmp_path / "lock").exists()
    lock = Lock(tmp_path / "lock")
    assert lock.take()
    assert held(tmp_path / "lock")
    lock.release()
    assert not held(tmp_path / "lock")
    asks = os.open(tmp_path / "lock", os.O_RDONLY)
    fcntl.flock(asks, fcntl.LOCK_SH)  # as whoever asks has it for a moment
    asked = threading.Timer(0.1, lambda: os.close(asks))
    asked.start()
    assert Lock(tmp_path / "lock").take()
    asked.join()


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("run.json", "{", "run.json: valid JSON is required"),
        ("run.json", '{"format": 9}', "run.json does not hold the settings of a run in format 1"),
        ("graph.gw", "null", "graph.gw: a graph must be an object"),
        ("graph.gw", None, "graph.gw cannot be read: No such file or directory"),
    ],
)
def test_a_damaged_folder_is_listed_with_the_reason(
    runs: Path, file: str, content: str | None, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs / "one" / file).unlink()
    if content is not None:
        (runs / "one" / file).write_text(content)
    one = by_name(runs)["one"]
    assert one.state == "damaged"
    assert one.problem.startswith(reason)
    assert main(["runs", str(runs)]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("one ")]
    assert reason in line


def test_a_log_with_lines_that_are_cut_off_is_read_where_it_is_whole(runs: Path) -> None:
    log = runs / "one" / "events.jsonl"
    log.write_bytes(log.read_bytes() + b'{"event": "RESU\xff')
    assert by_name(runs)["one"].state == "done"


def test_only_what_has_changed_is_read_again(runs: Path) -> None:
    listing = Listing()
    before = {run.name: run for run in listing.all(runs)}
    write_notes(runs / "two", "the better one")
    after = {run.name: run for run in listing.all(runs)}
    assert after["one"] is before["one"]
    assert after["two"].notes == "the better one"


# Notes.


def test_notes_are_kept_whole_and_can_be_taken_away(runs: Path) -> None:
    write_notes(runs / "one", "  größer\nund tiefer \n")
    assert read_notes(runs / "one") == "größer\nund tiefer"
    write_notes(runs / "one", " ")
    assert read_notes(runs / "one") == ""
    assert not (runs / "one" / "notes.txt").exists()
    with pytest.raises(FileError, match="at most 65,536 characters, got 65,537"):
        write_notes(runs / "one", "x" * 65_537)


# Settings.


def test_settings_that_differ_are_told_with_those_that_nobody_wrote(runs: Path) -> None:
    found = by_name(runs)
    told = {row.name: row.values for row in differences([found["one"].settings, found["two"].settings])}
    assert told["optimiser"] == ("adam", "sgd")
    assert told["optimiser.momentum"] == (MISSING, 0.9)
    assert told["epochs"] == (3, 5)
    assert told["optimiser.betas"][1] == MISSING
    assert "batch" not in told
    assert "seed" not in told


def test_the_same_settings_written_otherwise_do_not_differ(tmp_path: Path) -> None:
    one, other = classifier(tmp_path), classifier(tmp_path)
    train_on(one, optimiser={"name": "adam", "lr": 0.05})
    train_on(other, optimiser={"name": "adam", "lr": 0.05, "eps": 1e-8})
    assert differences([flat(one.graph, {}), flat(other.graph, {})]) == []


def test_a_change_on_the_way_is_a_setting_of_its_own(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path), tmp_path / "runs" / "one")
    go(record.path, {3: [{"do": "set", "settings": {"lr": 0.25}}]})
    assert by_name(tmp_path / "runs")["one"].settings["lr from iteration 4"] == 0.25


def test_parameters_that_were_frozen_on_the_way_are_told_by_their_paths(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    id = next(node.id for node in session.graph.nodes.values() if node.op == "parameter")
    record = begin(session, tmp_path / "runs" / "one")
    go(record.path, {3: [{"do": "set", "settings": {"freeze": [id]}}]})
    assert session.graph.path(id) != id
    assert by_name(tmp_path / "runs")["one"].settings["freeze from iteration 4"] == [session.graph.path(id)]


def test_where_graphs_differ_is_told_by_the_paths_of_nodes(tmp_path: Path) -> None:
    one, other = classifier(tmp_path), classifier(tmp_path, dropout=False)
    with other.document.transaction("Freeze") as t:
        t.set_flags("parameter0", {"freeze"})
    told = {row.name: row.values for row in graph_differences(one.graph, other.graph)}
    assert told == {
        "dropout": ("dropout", MISSING),
        "first/weight: flags": (MISSING, "freeze"),
        "last/matmul: x": ("dropout.y", "tanh.y"),
    }


# The trash.


def test_what_is_deleted_comes_back_as_it_was(runs: Path) -> None:
    before = by_name(runs)["one"]
    where = delete(runs / "one")
    assert set(by_name(runs)) == {"two"}
    assert list(trashed(runs)) == [where]
    assert restore(where) == runs / "one"
    assert by_name(runs)["one"] == before


def test_two_runs_of_one_name_both_lie_in_the_trash(runs: Path) -> None:
    delete(runs / "one")
    (runs / "two").rename(runs / "one")
    delete(runs / "one")
    assert [path.name for path in trashed(runs)] == ["one", "one-2"]
    (runs / "one").mkdir()
    with pytest.raises(FileError, match="one cannot come back"):
        restore(runs / "trash" / "one")
    assert empty(runs) == 2
    assert list(trashed(runs)) == []


# The command.


def test_the_command_lists_both_kinds_of_folders(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classifier(tmp_path).save(tmp_path / "net.gw")
    assert main(["train", str(tmp_path / "net.gw"), "--out", str(runs / "three"), "--quiet"]) == 0
    write_notes(runs / "two", "with momentum")
    capsys.readouterr()
    assert main(["runs", str(runs)]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "STATE", "BEGUN", "EPOCHS", "ITERATIONS", "LOSS", "BEST", "METRICS", "NOTES"]
    told = {line.split()[0]: line for line in lines}
    assert set(told) == {"one", "two", "three"}
    assert told["three"].split()[1] == "done"
    assert " 3/3 " in told["three"]
    assert told["two"].endswith("with momentum")
    assert main(["runs", str(runs), "--json"]) == 0
    data = {each["name"]: each for each in map(json.loads, capsys.readouterr().out.splitlines())}
    assert data["three"]["last"] == pytest.approx(data["one"]["last"])  # one graph, trained in both ways
    assert data["two"]["notes"] == "with momentum"


def test_the_command_tells_differences(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "diff", "one", "two", "--in", str(runs)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == ["one", "two"]
    assert ["optimiser", "adam", "sgd"] in rows
    assert ["epochs", "3", "5"] in rows
    assert main(["runs", "diff", "one", "one", "--in", str(runs)]) == 0
    assert capsys.readouterr().out == "one and one have the same settings and the same graph\n"


def test_the_command_deletes_restores_and_notes(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "note", "one", "too", "large", "--in", str(runs)]) == 0
    assert by_name(runs)["one"].notes == "too large"
    assert main(["runs", "delete", "one", "--in", str(runs)]) == 0
    assert set(by_name(runs)) == {"two"}
    assert main(["runs", "restore", "one", "--in", str(runs)]) == 0
    assert by_name(runs)["one"].notes == "too large"
    capsys.readouterr()
    for words, line in (
        (
            ["delete", "three"],
            f"gradwire: there is no run 'three' (a folder, or a name that gradwire runs lists of {runs})",
        ),
        (["diff", "one"], "gradwire: runs diff takes two runs, got 1 word"),
        (["restore", "one"], f"gradwire: there is no 'one' in {runs / 'trash'} (it holds nothing)"),
    ):
        assert main(["runs", *words, "--in", str(runs)]) == 1
        assert capsys.readouterr().err.splitlines() == [line]


def test_a_folder_that_is_no_folder_of_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other").mkdir()
    assert run_folders(tmp_path) == []
    assert main(["runs", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"there are no runs in {tmp_path}\n"
    assert main(["runs", str(tmp_path / "nothing")]) == 2
    assert capsys.readouterr().err == f"gradwire: {tmp_path / 'nothing'} is no folder\n"
    with pytest.raises(RunError):
        find_run("other", tmp_path)


def test_two_processes_do_not_train_in_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    classifier(tmp_path).save(tmp_path / "net.gw")
    out = tmp_path / "out"
    out.mkdir()
    lock = Lock(out / "lock")
    assert lock.take()
    assert main(["train", str(tmp_path / "net.gw"), "--out", str(out)]) == 1
    assert f"another process trains in {out}" in capsys.readouterr().err
    lock.release()
    assert main(["train", str(tmp_path / "net.gw"), "--out", str(out)]) == 0


def test_runs_of_the_window_are_found_by_the_command() -> None:
    pytest.importorskip("PySide6")
    from gradwire.app.settings import data_folder

    assert home() == data_folder() / "runs"


def test_differences_tell_which_run_began_with_values_that_were_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From scratch beside what was transferred, and beside the same once more."""
    session, found = classifier(tmp_path), tmp_path / "runs"
    begin(session, found / "scratch")
    parameters = [id for id, node in session.graph.nodes.items() if node.op == "parameter"]
    for name, number in (("transferred", 0.5), ("further", 0.25)):
        with session.document.transaction("Transfer") as t:
            shape = session.graph.nodes[parameters[0]].params["shape"]
            t.set_values(parameters[0], np.full(shape, number))
        begin(session, found / name)

    def told(one: str, other: str) -> list[str]:
        capsys.readouterr()
        assert main(["runs", "diff", one, other, "--in", str(found), "--json"]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return next((row["values"] for row in rows if row["name"] == "values at the start"), [])

    given = f"given for 1 of {len(parameters)} parameters"
    assert told("scratch", "transferred") == ["drawn", given]
    assert told("transferred", "further") == [given, f"{given}, 1 of them with other numbers"]
    assert told("further", "further") == []


def test_groups_of_parameters_are_told_by_their_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session, found = classifier(tmp_path), tmp_path / "runs"
    begin(session, found / "one")
    id = next(id for id, node in session.graph.nodes.items() if node.op == "parameter")
    train_on(session, parameter_groups=({"parameters": [id], "lr": 0.03},))
    begin(session, found / "two")
    assert main(["runs", "diff", "one", "two", "--in", str(found), "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    values = next(row["values"] for row in rows if row["name"] == "parameter_groups")
    assert values == ["–", f"{session.graph.path(id)}: lr 0.03"]


def test_a_log_that_is_gone_is_told_as_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        read_log(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'events.jsonl'} cannot be read: No such file or directory"
