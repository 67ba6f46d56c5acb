"""The example scripts of engines and events, and metrics on an engine: what they print, and that it is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

import gradwire.core as gw
from gradwire.core import Engine, Events
from gradwire.core.training.measuring import measure
from gradwire.core.training.metrics import Accuracy, MeanLoss, Roc

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def script(name: str, *arguments: str) -> tuple[str, str]:
    """What an example prints: on the standard stream, and on that of errors."""
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout, done.stderr


def test_supervised_events() -> None:
    out, bar = script("supervised_events.py", "2")
    lines = out.splitlines()
    form = r"Val - Epoch: (\d) Avg accuracy: (\d\.\d\d) Avg loss: (\d\.\d\d)"
    found = [re.fullmatch(form, line) for line in lines if line]
    assert len(found) == 2
    assert all(found)
    # What the evaluator says is what the run itself finds.
    from gradwire.examples import supervised_events

    history = supervised_events.network().train(epochs=2).history
    expected = [(row["epoch"], row["validation_accuracy"], row["validation_loss"]) for row in history]
    assert [match.groups() for match in found if match] == [
        (str(epoch), f"{accuracy:.2f}", f"{loss:.2f}") for epoch, accuracy, loss in expected
    ]
    assert expected[-1][1] > 0.9
    # The bar goes on to its end in each epoch, and tells losses.
    assert bar.count("45/45") >= 2
    assert re.search(r"ITERATION - loss: \d\.\d\d:  *\d+%", bar)


def test_own_process() -> None:
    lines = script("own_process.py")[0].splitlines()
    assert [line.partition(",")[0] for line in lines] == [
        "STARTED",
        "  epoch 10",
        "  epoch 20",
        "  epoch 20",  # a handler that is attached twice is called twice
        "  epoch 20",
        "y = 1.986 x + -1.000",
        "STARTED",
        "EXCEPTION_RAISED: division by zero",
        "the events of the first epoch and iteration of both runs: STARTED",
    ]
    assert lines[2] == lines[3] == lines[4]
    assert lines[-1].partition(": ")[2].split(", ") == [
        *("STARTED", "EPOCH_STARTED", "ITERATION_STARTED", "ITERATION_COMPLETED", "EPOCH_COMPLETED", "COMPLETED"),
        *("STARTED", "EPOCH_STARTED", "ITERATION_STARTED", "EXCEPTION_RAISED"),
    ]


def test_metrics_on_an_engine_are_those_of_each_epoch() -> None:
    def process(engine: Engine, batch: Any) -> Any:
        return batch

    engine, seen = Engine(process), []

    @engine.on(Events.EPOCH_COMPLETED)
    def read(engine: Engine) -> None:
        seen.append(engine.state.metrics["accuracy"])

    measure(engine, "accuracy", Accuracy())  # its number is there for handlers that were added before
    measure(engine, "area", Roc())
    measure(engine, "loss", MeanLoss(), lambda pair: (pair[0].mean(), len(pair[0])))
    scores, target = np.array([1.0, -1.0, 2.0, -3.0, 1.0]), np.array([1, 0, 0, 0, 1])
    whole = [(scores[:2], target[:2]), (scores[2:], target[2:])]
    epochs = {1: whole, 2: whole[:1]}
    state = engine.run(lambda epoch: epochs[epoch], max_epochs=2)
    assert seen == [0.8, 1.0]
    assert state.metrics == {"accuracy": 1.0, "area": 1.0, "loss": 0.0}
    assert state.measured["area"].compute().thresholds.tolist() == [np.inf, 1, -1]


def test_metrics_with_settings_are_told_by_their_label_and_keep_their_arrays() -> None:
    session = gw.open(EXAMPLES / "iris_mlp.gw")
    training = session.graph.training
    assert training is not None
    compared = {key: training.metrics[0][key] for key in ("prediction", "target")}
    entries = [{"name": "f1"}, {"name": "f1", "average": "micro"}, {"name": "top_k"}, {"name": "confusion_matrix"}]
    with session.document.transaction("Metrics") as t:
        changed = [{**each, **compared} for each in entries]
        t.set_training(type(training)(**{**_fields(training), "metrics": tuple(changed)}))
    assert not session.check().problems
    trainer = session.trainer(gw.Settings(epochs=2))
    row = session.train(trainer).last
    assert {name for name in row if name.startswith("validation_")} == {
        f"validation_{name}" for name in ("loss", "f1", "f1_micro", "top_k", "confusion_matrix")
    }
    confusion = trainer.validation.metrics["confusion_matrix"].compute()
    assert confusion.counts.sum() == trainer.data.held_out
    assert row["validation_f1_micro"] == row["validation_confusion_matrix"]  # both are the accuracy


def test_settings_of_metrics_are_checked_with_the_graph() -> None:
    session = gw.open(EXAMPLES / "iris_mlp.gw")
    training = session.graph.training
    assert training is not None
    compared = {key: training.metrics[0][key] for key in ("prediction", "target")}

    def told(**entry: Any) -> list[str]:
        with session.document.transaction("Metrics") as t:
            t.set_training(type(training)(**{**_fields(training), "metrics": ({**entry, **compared},)}))
        return [problem.text(session.graph) for problem in session.check().problems]

    assert told(name="top_k", k=0) == ["the metric top_k: k must be an integer of 1 or more, got 0"]
    assert told(name="f1", k=2) == ["the metric f1 has no setting 'k' (its settings: average, scores)"]
    (line,) = told(name="top_k", k=3)
    assert "top_k needs more scores a sample than its k of 3" in line
    assert "(k: 1 to 2)" in line


def _fields(training: Any) -> dict[str, Any]:
    return {name: getattr(training, name) for name in training.__dataclass_fields__}
