"""What a network is measured to be: by Session.evaluate, by `gradwire evaluate`, and in the folder of a run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from documents import refusing

import gradwire.core as gw
from gradwire.core.cli import main
from gradwire.core.cli.output import json_line
from gradwire.core.document import Document
from gradwire.core.errors import RunError
from gradwire.core.graph import Training
from gradwire.core.session import Session

NAMES = ("accuracy", "confusion_matrix", "roc_auc", "average_precision")
SCORES = np.array([[2.0, 0, 0], [0, 1, 0], [0, 2, 1], [3, 0, 1], [0, 0, 1], [1, 0, 2]])
LABELS = np.array([0, 1, 2, 0, 2, 0])
refused = refusing(RunError)


def network(folder: Path, validation: float = 0.0) -> Session:
    """Scores that stand in the data, times a parameter of ones, so that what is predicted is known."""
    np.savez(folder / "data.npz", x=SCORES, y=LABELS)
    document = Document()
    with document.transaction("network") as t:
        options = {"validation": validation, "standardise": False, "stratify": False, "classes": 3}
        data = t.add("dataset", name="data", source="data.npz", **options)
        w = t.add("parameter", name="w", shape=(3,), init="ones")
        logits = t.add("multiply", name="logits", inputs={"x": f"{data}.x", "y": w})
        loss = t.add("cross_entropy", name="loss", inputs={"logits": logits, "target": f"{data}.y"})
        listed = tuple({"name": name, "prediction": logits, "target": f"{data}.y"} for name in NAMES)
        t.set_training(Training(loss, metrics=listed, batch=4))
    session = Session(document, folder / "network.gw")
    session.save()
    return session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return network(tmp_path)


def test_metrics_are_told_with_their_curves_and_matrices(session: Session) -> None:
    found = session.evaluate()
    assert (found.part, found.samples) == ("train", 6)
    assert found.metrics["confusion_matrix"].compute().counts.tolist() == [[2, 0, 1], [0, 1, 0], [0, 1, 1]]
    assert found.numbers["accuracy"] == found.numbers["confusion_matrix"] == 4 / 6
    exact = -np.log(np.exp(SCORES)[range(6), LABELS] / np.exp(SCORES).sum(axis=1)).mean()
    assert found.loss == pytest.approx(exact, rel=1e-6)
    told = json.loads(json_line(found.to_json()))
    assert set(told) == {"part", "samples", "loss", *NAMES, "computed"}
    assert told["computed"]["confusion_matrix"] == {
        "counts": [[2, 0, 1], [0, 1, 0], [0, 1, 1]],
        "unpredicted": [0, 0, 0],
    }
    assert len(told["computed"]["roc_auc"]["curves"]) == 3
    curve = told["computed"]["roc_auc"]["curves"][1]
    assert curve["true_positive_rate"][-1] == curve["false_positive_rate"][-1] == 1
    assert len(curve["thresholds"]) == len(curve["true_positive_rate"])
    assert set(told["computed"]["average_precision"]["curves"][0]) == {"precision", "recall", "thresholds", "area"}


def test_it_is_of_the_values_as_they_are(session: Session) -> None:
    with session.document.transaction("Negate") as t:
        t.set_values("parameter0", -np.ones(3, np.float32))
    assert session.evaluate().numbers["accuracy"] < 4 / 6


def test_without_samples_held_out_it_is_of_those_trained_on(tmp_path: Path) -> None:
    whole = network(tmp_path, validation=0.5)
    assert (whole.evaluate().part, whole.evaluate().samples) == ("validation", 3)
    assert (whole.evaluate("train").part, whole.evaluate("train").samples) == ("train", 3)
    session = network(tmp_path)
    assert session.evaluate().part == "train"
    with refused("no samples are held out to be evaluated (train as the part)"):
        session.evaluate("validation")
    with refused("the part of the data must be train or validation, got 'test'"):
        session.evaluate("test")


def test_the_command_prints_numbers_and_a_matrix(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(session.path)]) == 0
    out, err = capsys.readouterr()
    assert err == f"note: {session.path} has no trained values, what follows is of its initial ones\n"
    lines = out.splitlines()
    assert lines[0] == "6 samples of the part train"
    assert lines[2] == "accuracy           0.666667"
    assert lines[-5:] == [
        "confusion_matrix: a row for each class, a column for what its samples are predicted to be",
        "   0  1  2",
        "0  2  0  1",
        "1  0  1  0",
        "2  0  1  1",
    ]
    assert main(["evaluate", str(session.path), "--json", "--part", "train"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json_line(session.evaluate().to_json()))


def test_samples_for_which_nothing_is_predicted_have_a_column(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    with session.document.transaction("Break") as t:
        t.set_values("parameter0", np.array([1, np.nan, 1], np.float32))
    session.save()
    assert main(["evaluate", str(session.path)]) == 0
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "       0    1    2  NaN",
        "  0    0    0    0    3",
        "  1    0    0    0    1",
        "  2    0    0    0    2",
    ]


def test_a_graph_without_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = Document()
    with document.transaction("no data") as t:
        w = t.add("parameter", name="w", shape=(3,), init="ones")
        t.set_training(Training(t.add("sum", inputs={"x": w})))
    session = Session(document, tmp_path / "alone.gw")
    session.save()
    assert main(["evaluate", str(session.path)]) == 1
    message = "gradwire: an evaluation needs data, and the loss depends on no dataset node"
    assert capsys.readouterr().err.splitlines()[-1] == message
    assert main(["train", str(session.path), "--epochs", "1", "--out", str(tmp_path / "out")]) == 0


def test_a_run_leaves_the_evaluation_of_its_network(tmp_path: Path) -> None:
    session, out = network(tmp_path, validation=0.5), tmp_path / "out"
    assert main(["train", str(session.path), "--epochs", "3", "--out", str(out)]) == 0
    left = json.loads((out / "evaluation.json").read_text("utf-8"))
    trained = gw.open(out / "network.gw")
    assert left == json.loads(json_line(trained.evaluate().to_json()))
    last = json.loads((out / "events.jsonl").read_text("utf-8").splitlines()[-1])
    assert {name: left[name] for name in ("loss", *NAMES)} == {n: last[f"validation_{n}"] for n in ("loss", *NAMES)}
