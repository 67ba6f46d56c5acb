"""What diagnoses find while a network trains, as it is told: by a run, in its log, and on the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from functools import reduce
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from followed import example, network, train
from run_loops import begin, go
from training_graphs import classifier

from gradwire.core.cli import main
from gradwire.core.diagnosing.finding import times
from gradwire.core.diagnosing.over_training import GOES_ON, RunFinding
from gradwire.core.errors import RunError
from gradwire.core.runs import Iterations, Run, RunRecord, RunSettings
from gradwire.core.runs.happening import FINDING, Happened, Reader
from gradwire.core.runs.loop import Loop
from gradwire.core.session import Session


def test_what_diagnoses_find_is_told_and_stands_in_the_log(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path, zero_gradients=False), tmp_path / "run")
    told = [event for event in go(record.path) if event["event"] == "FINDING"]
    found = [event for event in told if event["rule"] == "gradients not zeroed"]
    assert [(event["state"], event["node"], event["began"]) for event in found] == [("begins", "parameter0", 2)]
    logged = [event for event in record.events("FINDING") if event["rule"] == "gradients not zeroed"]
    first, last = map(RunFinding.from_json, logged)
    assert [first] == [RunFinding.from_json(event) for event in found]
    assert (last.state, last.key, last.began) == ("goes on", first.key, 2)  # as it was measured last
    assert last.number > 2


def test_what_goes_on_is_told_with_the_iterations(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path, zero_gradients=False), tmp_path / "run")
    reader = Reader()
    told = [reader.read(event) for event in go(record.path)]
    carried = [event for event in told if isinstance(event, Iterations)]
    whole = reduce(lambda one, other: one.and_then(other, 3), carried)
    going_on = {finding.rule: finding for finding in whole.findings}
    assert going_on["gradients not zeroed"].number > 2
    assert whole.iterations == range(1, 13)


def test_what_goes_on_is_told_where_no_iteration_follows(tmp_path: Path) -> None:
    begin(classifier(tmp_path, zero_gradients=False), tmp_path / "run")
    told: list[Mapping[str, Any]] = []
    with closing(Loop(tmp_path / "run", SimpleQueue(), told.append)) as loop:
        loop.run()
        (finding,) = (each for each in loop.follower.findings if each.rule == "gradients not zeroed")
        behind = len(told)
        loop.teller.found(replace(finding, state=GOES_ON, text="later"))
        loop.teller.flush()
    event = Reader().read(told[behind])
    assert isinstance(event, Iterations)
    assert [each.text for each in event.findings] == ["later"]
    assert event.iterations == range(13, 13)


@pytest.mark.parametrize("accumulate", [1, 4])
def test_findings_are_the_same_however_often_somebody_looks(accumulate: int, tmp_path: Path) -> None:
    def session() -> Session:
        return network(scales=(30.0, 30.0), rate=0.5, epochs=6, accumulate=accumulate)

    told = []
    for previews in (0.0, 1000.0):
        folder = tmp_path / f"run {previews:g}"
        begin(session(), folder, previews=previews)
        told.append([event for event in go(folder) if event["event"] == FINDING])
    quiet, looked_at = told
    assert quiet == looked_at
    alone = [each.to_json() for each in train(session()) if each.state != GOES_ON]
    assert [{name: event[name] for name in alone[0]} for event in quiet] == alone
    at_start = {event["rule"]: event["number"] for event in quiet if event["began"] == 1}
    assert at_start == {"loss at start": 1, "bad start": 1}


def test_thresholds_of_a_run_are_those_of_its_settings(tmp_path: Path) -> None:
    thresholds = {"gradients not zeroed": None}
    record = begin(classifier(tmp_path, zero_gradients=False), tmp_path / "run", thresholds=thresholds)
    assert "gradients not zeroed" not in [event.get("rule") for event in go(record.path)]
    assert RunRecord(record.path).written.settings.thresholds == thresholds
    message = "there is no diagnosis 'no' of a run"
    with pytest.raises(RunError, match=message):
        RunSettings(thresholds={"no": {}}).check()


def test_a_run_in_its_process_tells_its_findings(tmp_path: Path) -> None:
    with Run.start(classifier(tmp_path, zero_gradients=False), tmp_path / "run") as run:
        events = run.wait()
    found = [event.finding for event in events if isinstance(event, Happened) and event.name == FINDING]
    assert "gradients not zeroed" in [finding.rule for finding in found]
    (parameter,) = (node for rule, node in run.findings if rule == "gradients not zeroed")
    assert run.graph.nodes[parameter].op == "parameter"  # in whose gradient it stands, not at the loss
    assert run.findings["gradients not zeroed", parameter].number > 2  # it goes on


def alerting(folder: Path) -> Path:
    """The file of an example with a rate at which it diverges."""
    session = example("linear_regression")
    training = session.graph.training
    assert training is not None
    with session.document.transaction("Rate") as t:
        t.set_training(replace(training, optimiser={**training.optimiser, "lr": 0.5}, epochs=2))
    return session.save(folder / "net.gw")


def test_a_run_tells_at_its_start_what_of_its_schedule_does_not_fit(tmp_path: Path) -> None:
    told = []
    for name, size in (("fits", 2), ("late", 50)):
        schedule = {"name": "step", "step_size": size}
        begin(network(epochs=4, schedule=schedule), tmp_path / name)
        told.append(go(tmp_path / name)[0]["misfit"])
    assert told == [
        "",
        "the schedule step first changes the rate after 50 epochs, but the run has 4 epochs: it never does",
    ]


def test_training_prints_each_alert_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = alerting(tmp_path)
    assert main(["train", str(file), "--out", str(tmp_path / "run")]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("alert ")]
    diverging = [line for line in lines if "diverging" in line]
    assert len(diverging) == 1
    assert diverging[0].startswith("alert after iteration ")
    assert ": loss: diverging: the smoothed loss is " in diverging[0]
    assert diverging[0].endswith(" (a learning rate of 0.05 in place of 0.5)")
    log = [json.loads(line) for line in (tmp_path / "run" / "events.jsonl").read_text().splitlines()]
    told = [event for event in log if event["event"] == "FINDING"]
    assert [event["level"] for event in told if event["rule"] == "diverging"] == ["alert"]
    assert all(event["level"] == "alert" for event in told)


def test_quiet_training_says_only_how_it_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(alerting(tmp_path)), "--quiet"]) == 0
    told = capsys.readouterr()
    assert "alert" not in told.err
    assert "epoch 1/2" not in told.out
    assert told.out.splitlines()[-1].startswith("trained 2 epochs")


def test_healthy_training_prints_no_alert(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(Path(__file__).parent.parent / "examples" / "iris_mlp.gw")]) == 0
    assert "alert" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (0.000612, "0.000612"),
        (3.214, "3.21"),
        (999.6, "1,000"),
        (52_345, "52,300"),
        (999_999, "1 million"),
        (5.2e7, "52 million"),
        (4.567e11, "457 billion"),
        (2e12, "2 trillion"),
        (3e20, "3e+20"),
        (float("inf"), "inf"),
    ],
)
def test_factors_are_told_as_people_say_them(factor: float, text: str) -> None:
    assert times(factor) == text
