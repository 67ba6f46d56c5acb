"""Runs in a process of their own: bits, commands, deaths of either side, and that nothing is left behind."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from run_loops import begin, go
from test_run_loop import same_bits
from training_graphs import classifier, train_on

from gradwire.core.errors import GradwireError, RunError
from gradwire.core.extend import Registry, builtin, op
from gradwire.core.graph import Source
from gradwire.core.runs import Change, Happened, Iterations, Run, RunRecord, RunSettings, process
from gradwire.core.runs.taking import result
from gradwire.core.session import Session

DIGITS = Path(__file__).parents[1] / "examples" / "digits_mlp.gw"
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def until(run: Run, holds: Callable[[], bool], seconds: float = 60.0) -> list[Any]:
    """Poll until something holds."""
    events, end = [], time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{run.state} at {run.iteration}: {run.message}"
        events += run.poll(0.05)
    return events


def test_a_run_trains_in_another_process_to_the_bits_of_train(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with Run.start(session, tmp_path / "run") as run:
        until(run, lambda: run.state != "starting")
        assert run.process.pid != os.getpid()
        assert run.facts["iterations_per_epoch"] == 4
        events = run.wait()
        assert (run.state, run.iteration, run.message) == ("completed", 12, "")
        told = [event for event in events if isinstance(event, Iterations)]
        assert [n for event in told for n in event.iterations] == [*range(1, 13)]
        assert [n for event in told for n in event.epochs] == [1, 2, 3]
        summary = told[0].summaries[0]
        assert summary.objective == run.curves["loss"][summary.number - 1]
        assert summary.find("gradient", Source("parameter0", "y")) is not None
        assert same_bits(run.result(), classifier(tmp_path).train())
        run.put_into(session.document)
    assert np.array_equal(session.document.values["parameter0"], run.result().values["parameter0"])


def test_start_of_the_process_loads_neither_window_nor_heavy_libraries(tmp_path: Path) -> None:
    begin(classifier(tmp_path), tmp_path / "run")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from queue import SimpleQueue\n"
        "from gradwire.core.runs import child\n"
        "commands = SimpleQueue()\n"
        "commands.put({'do': 'begin', 'paused': False, 'settings': {}})\n"
        "status = child.run(Path(sys.argv[1]), commands, lambda event: None)\n"
        "heavy = ('PySide6', 'pyqtgraph', 'sklearn', 'scipy', 'pandas', 'networkx', 'multiprocessing', 'tqdm')\n"
        "print(status, [name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "run")], capture_output=True, text=True)
    assert done.stdout == "0 []\n", done.stderr
    assert result(RunRecord(tmp_path / "run")).iterations == 12


@pytest.mark.slow
def test_commands_reach_a_run_on_its_way(tmp_path: Path) -> None:
    """Pause, steps, a changed rate, frozen parameters, stop, resume: as the same scripted, to the bit."""
    session = classifier(tmp_path, epochs=3000)
    with Run.start(session, tmp_path / "run", RunSettings(paused=True)) as run:
        until(run, lambda: run.state == "paused")
        run.one_iteration()
        until(run, lambda: (run.state, run.iteration) == ("paused", 1))
        snapshot = run.snapshot()
        assert snapshot is not None
        assert snapshot.iteration == 1
        run.one_epoch()
        until(run, lambda: (run.state, run.iteration) == ("paused", 4))
        assert run.epochs.rows == 1
        run.unpause()
        until(run, lambda: run.iteration > 300)
        run.set(lr=0.001)
        run.set(freeze=["first"])
        events = until(run, lambda: bool(run.graph.nodes["parameter0"].flags))
        changed = [event for event in events if isinstance(event, Happened) and event.name == "CHANGED"]
        assert [event.told["settings"] for event in changed][-1] == {"freeze": ["first"]}
        assert run.graph.training is not None
        assert run.graph.training.optimiser["lr"] == 0.001
        until(run, lambda: run.iteration > changed[-1].iteration + 300)
        run.pause()
        until(run, lambda: run.state == "paused")
        at = run.iteration
        assert run.poll(0.3) == []
        assert run.snapshot().iteration == at  # type: ignore[union-attr]
        run.stop()
        run.wait()
        assert (run.state, run.iteration) == ("stopped", at)
    with Run.resume(tmp_path / "run", epochs=(at + 400) // 4) as resumed:
        resumed.wait()
        assert resumed.state == "completed", resumed.message
        changes = resumed.record.changes()
    assert [name for change in changes for name in change.settings] == ["lr", "freeze", "epochs"]
    script = begin(classifier(tmp_path, epochs=3000), tmp_path / "script", changes)
    go(script.path)
    assert same_bits(resumed.result(), result(script))


def test_what_cannot_be_changed_is_refused_at_once(tmp_path: Path) -> None:
    with Run.start(classifier(tmp_path), tmp_path / "run", RunSettings(paused=True)) as run:
        with pytest.raises(GradwireError, match="a run cannot change 'batch' on its way"):
            run.set(batch=3)
        run.set(parameter_groups=[{"parameters": ["third"]}])  # that there is no such only the run finds out
        events: list[Any] = []
        while not any(isinstance(event, Happened) and event.name == "REFUSED" for event in events):
            events += run.poll(1.0)
        assert events[-1].message.startswith("parameter group 1 names 'third'")
        assert run.state == "paused"


# --- deaths


def going(run: Run, behind: int = -1) -> None:
    """Wait until a run has begun, and is behind an iteration or over."""
    until(run, lambda: run.state != "starting" and (run.ended or run.iteration > behind))


def killed_and_resumed(session: Session, folder: Path, kills: int, seed: int) -> Run:
    """A run whose process is killed so many times at moments of chance, resumed each time, to its end."""
    chance = random.Random(seed)
    run, died = Run.start(session, folder, RunSettings(replay=0.1)), 0
    while True:
        with run:
            if died < kills:
                if died % 4 < 3:  # else it may still be starting
                    going(run)
                    going(run, run.iteration)
                time.sleep(chance.random() * 0.5)
                os.kill(run.process.pid, signal.SIGKILL)
            run.wait()
            if run.state != "died":
                return run
            died += 1
            newest = run.record.newest()
            assert newest is not None
            what = (
                f"it can go on from the checkpoint after iteration {newest[0]:,}" if newest[0] else "it can begin again"
            )
            assert run.message == (
                "the process of the run was killed by SIGKILL (perhaps for want of memory)"
                f" after iteration {run.iteration:,}; {what}"
            )
            assert run.curves.rows >= newest[0]
        run = Run.resume(folder)


@posix
@pytest.mark.slow
def test_a_run_that_is_killed_six_times_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    kills = 6

    def session() -> Session:
        return classifier(tmp_path, epochs=1200 + 300 * kills, schedule={"name": "cosine"})

    run = killed_and_resumed(session(), tmp_path / "run", kills, seed=kills)
    assert run.state == "completed", run.message
    assert run.curves.rows == 4 * (1200 + 300 * kills)
    expected = session().train()
    assert same_bits(run.result(), expected)
    assert run.epochs["train_loss"].tolist() == [row["train_loss"] for row in expected.history]
    told = [event for event in run.record.events() if event["event"] in ("DIED", "RESUMED")]
    assert any(event["event"] == "DIED" for event in told)
    assert any(event["event"] == "RESUMED" and event["iteration"] for event in told)  # from the middle


PARENT = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from training_graphs import classifier
from gradwire.core.runs import Run
run = Run.start(classifier(Path(sys.argv[2]), epochs=100_000), Path(sys.argv[2], "run"))
while run.iteration < 50:
    run.poll(0.1)
print(run.process.pid, flush=True)
time.sleep(60)
"""


@posix
@pytest.mark.slow
def test_a_run_whose_parent_is_killed_leaves_a_checkpoint_each_of_five_times(tmp_path: Path) -> None:
    chance = random.Random(5)
    for turn in range(5):
        folder = tmp_path / str(turn)
        folder.mkdir()
        with subprocess.Popen(
            [sys.executable, "-c", PARENT, str(Path(__file__).parent), str(folder)], stdout=subprocess.PIPE
        ) as parent:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            time.sleep(chance.random() * 0.3)
            parent.kill()
        # Resumed at once: the process before it may still be writing its last checkpoint, and is waited for.
        with Run.resume(folder / "run", paused=True) as run:
            until(run, lambda: run.state == "paused")
            last = run.iteration
            assert last > 50
            assert run.record.newest() == (last, folder / "run" / "checkpoints" / f"{last}.ckpt")
            assert run.curves.rows == last
            run.set(epochs=last // 4 + 1)
            run.unpause()
            run.wait()
            assert run.state == "completed", run.message
        _gone(pid)
        if turn == 0:
            expected = begin(
                classifier(folder, epochs=100_000), folder / "script", [Change(last, {"epochs": last // 4 + 1})]
            )
            go(expected.path)
            assert same_bits(run.result(), result(expected))


def _gone(pid: int) -> None:
    """Raise unless the process ends soon; one that has ended and that nobody has asked after counts as gone."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is still there")


def test_closing_ends_a_run_with_a_checkpoint(tmp_path: Path) -> None:
    run = Run.start(classifier(tmp_path, epochs=100_000), tmp_path / "run")
    until(run, lambda: run.iteration > 30)
    run.close()
    assert run.ended
    assert run.state == "stopped"
    newest = run.record.newest()
    assert newest is not None
    assert newest[0] == run.iteration == run.curves.rows


@posix
def test_a_run_that_is_terminated_stops_with_a_checkpoint(tmp_path: Path) -> None:
    with Run.start(classifier(tmp_path, epochs=100_000), tmp_path / "run") as run:
        until(run, lambda: run.iteration > 30)
        os.kill(run.process.pid, signal.SIGINT)  # Ctrl+C is for the parent
        os.kill(run.process.pid, signal.SIGTERM)
        run.wait()
        assert run.state == "stopped"
        assert run.record.newest()[0] == run.iteration  # type: ignore[index]


def test_two_processes_never_train_in_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from queue import SimpleQueue

    from gradwire.core.runs import child

    monkeypatch.setattr(child, "PATIENCE", 0.2)
    with Run.start(classifier(tmp_path), tmp_path / "run", RunSettings(paused=True)) as run:
        until(run, lambda: run.state == "paused")
        commands: SimpleQueue[Any] = SimpleQueue()
        commands.put({"do": "begin", "paused": False, "settings": {}})
        told: list[Any] = []
        assert child.run(tmp_path / "run", commands, told.append) == 1
        assert [event["message"] for event in told] == [
            f"another process trains in {tmp_path / 'run'} (stop that run first)"
        ]


def test_a_run_that_cannot_go_on_says_why(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    (tmp_path / "points.csv").write_text("a,b,label\n1,2,0\n")
    with Run.start(session, tmp_path / "run") as run:
        run.wait()
        assert run.state == "failed"
        assert run.message
        assert "\n" not in run.message
        with pytest.raises(GradwireError) as expected:
            session.train()
        assert run.message == str(expected.value)


# --- what is refused, and what is left behind


BROKEN = (
    {"event": "FINDING", "iteration": 3, "rule": "slow"},
    {"event": "ITERATIONS", "iterations": [1, 2], "epochs": [1, 1], "summaries": [], "findings": [{}]},
    [],
)


@pytest.mark.parametrize("told", BROKEN)
def test_a_process_that_tells_what_nobody_understands_is_ended(
    told: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "babbling.py").write_text(f"import time\nprint({json.dumps(told)!r}, flush=True)\ntime.sleep(60)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(process, "MODULE", "babbling")
    with Run.start(classifier(tmp_path), tmp_path / "run") as run:
        until(run, lambda: run.ended, seconds=20.0)
        assert run.state == "died"
        assert run.message.startswith("the process of the run was killed by SIGKILL")


@posix
def test_a_process_that_ended_at_a_data_file_which_was_cut_short_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cut.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGBUS)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(process, "MODULE", "cut")
    with Run.start(classifier(tmp_path), tmp_path / "run") as run:
        until(run, lambda: run.ended, seconds=20.0)
        assert run.message == (
            "the process of the run was killed by SIGBUS"
            " (perhaps since a data file was changed while it was read, or the disk is full)"
            " after iteration 0; it has no checkpoint to go on from"
        )


def test_ops_and_hooks_of_this_process_are_refused_by_name(tmp_path: Path) -> None:
    @op(formula="x + 1", category="math", samples=[((2,),)], promote="all", floating=True)
    def shifted(xp: Any, x: Any) -> Any:
        """x + 1"""
        return x + 1

    shifted.shape(lambda x: x)

    registry = Registry([*builtin(), shifted])
    session = classifier(tmp_path)
    strange = Session(session.graph, registry=registry)
    with strange.document.transaction("Op") as t:
        t.add("shifted", inputs={"x": "tanh0"})
    with pytest.raises(RunError) as error:
        Run.start(strange, tmp_path / "run")
    assert str(error.value) == (
        "shifted is of the op 'shifted', which the process of a run cannot load"
        " (session.train() trains in this process)"
    )
    with session.on_forward("tanh0", print), pytest.raises(RunError, match="hooks are functions of this process"):
        Run.start(session, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are read from /proc")
@pytest.mark.slow
def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """Neither processes nor open files nor threads, after runs that end, are stopped, killed, or forgotten."""
    import gc
    import threading

    def here() -> tuple[set[str], int, list[str]]:
        gc.collect()
        files = {os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.is_symlink() and each.exists()}
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        return {name for name in files if str(tmp_path) in name or "pipe" in name}, threading.active_count(), children

    with Run.start(classifier(tmp_path), tmp_path / "first") as first:
        first.wait()
    before = here()
    for number, end in enumerate((Run.wait, Run.stop, lambda run: run.process.kill(), Run.close)):
        with Run.start(classifier(tmp_path, epochs=50), tmp_path / str(number)) as run:
            until(run, lambda run=run: run.iteration > 0)  # type: ignore[misc]
            run.snapshot()
            assert len(run.curves["loss"])
            end(run)
    Run.start(classifier(tmp_path, epochs=100_000), tmp_path / "forgotten")
    del first, run
    assert here() == before


@pytest.mark.slow
def test_train_of_an_example_with_data_of_scikit_learn(tmp_path: Path) -> None:
    session = Session.open(DIGITS)
    train_on(session, epochs=2)
    with Run.start(session, tmp_path / "run") as run:
        run.wait()
        assert run.state == "completed", run.message
    again = Session.open(DIGITS)
    train_on(again, epochs=2)
    assert same_bits(run.result(), again.train())
    opened = Session.open(tmp_path / "run" / "graph.gw")
    assert opened.graph.training == again.graph.training
