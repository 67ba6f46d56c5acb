"""`gradwire export`, and source of a prediction: what it asks for, and that it gives what Gradwire gives."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.cli import main

EXAMPLES = Path(gw.__path__[0]).parent / "examples"
X = np.linspace(-1, 2, 12, dtype=np.float32).reshape(3, 4)


def iris(folder: Path) -> gw.Session:
    """The example with values of its own, saved."""
    session = gw.open(EXAMPLES / "iris_mlp.gw")
    session.train(epochs=2)
    session.save(folder / "iris.gw")
    return session


def run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "exported"}
    exec(source, names)
    return names


def test_a_prediction_in_numpy_needs_no_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session = iris(tmp_path)
    names = run(session.source("numpy", "probabilities"))
    found = names["forward"](X, **names["trained_parameters"]())
    wanted = session.run(feed={"data.x": X}, fetch="probabilities")["probabilities"]
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_a_prediction_in_pytorch_needs_no_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    session = iris(tmp_path)
    source = session.source("torch", ["probabilities"])
    assert "def train" not in source
    model = run(source)["Network"]().load_values()
    found = model(torch.tensor(X)).detach().numpy()
    wanted = session.run(feed={"data.x": X}, fetch="probabilities")["probabilities"]
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)
    # What the network for training has learned fits the one that predicts.
    trains = run(session.source())["Network"]()
    assert model.load_state_dict(trains.state_dict()).missing_keys == []


def test_several_values_and_parameters_are_fetched(tmp_path: Path) -> None:
    document = gw.Document()
    with document.transaction("x") as t:
        x = t.add("input", name="x", shape=["N", 2])
        w = t.add("parameter", name="w", shape=[2], init="ones")
        t.add("relu", name="r", inputs={"x": t.add("multiply", name="m", inputs={"x": x, "y": w})})
    session = gw.Session(document)
    m, held, given = run(session.source("numpy", ["m", "w", "x"]))["forward"](X[:, :2], np.full(2, 3.0))
    assert np.allclose(m, 3 * X[:, :2])
    assert np.array_equal(held, [3.0, 3.0])
    assert np.array_equal(given, X[:, :2])
    torch = pytest.importorskip("torch")
    m, held = run(session.source("torch", ["m", "w"]))["Network"]()(torch.tensor(X[:, :2]))
    assert np.allclose(m.detach(), X[:, :2])
    assert np.array_equal(held.detach(), [1.0, 1.0])


def test_the_command_prints_or_writes_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = str(EXAMPLES / "iris_mlp.gw"), tmp_path / "net.py"
    session = gw.open(file)
    assert main(["export", file, "--to", "numpy"]) == 0
    assert capsys.readouterr().out == session.source("numpy")
    assert main(["export", file, "--fetch", "probabilities", "--out", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert out.read_text("utf-8") == session.source("torch", "probabilities")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--fetch", "probabilitys"], "gradwire: there is no node 'probabilitys' (near: probabilities)"),
        (["--out", "/nowhere/net.py"], "gradwire: /nowhere/net.py cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_exported_is_told(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(EXAMPLES / "iris_mlp.gw"), *args]) == 1
    assert capsys.readouterr().err.splitlines() == [message]


def test_source_is_written_for_two_languages() -> None:
    with pytest.raises(gw.GradwireError) as caught:
        gw.Session().source("jax")
    assert str(caught.value) == "source is written for torch or numpy, got 'jax'"


@pytest.mark.parametrize("to", ["numpy", "torch"])
def test_what_is_predicted_can_be_read_by_the_names_of_classes_and_columns(to: str) -> None:
    source = gw.open(EXAMPLES / "iris_mlp.gw").source(to, "probabilities")
    names = constants(source)
    assert names["CLASSES"] == ("setosa", "versicolor", "virginica")
    assert names["COLUMNS"] == ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
    assert "# data_x: (N, 4) f32, less the mean of the training rows, divided by their deviation" in source


def test_names_from_a_file_stay_texts_in_source(tmp_path: Path) -> None:
    names = ["width of it", "w" * 120, '");raise SystemExit(']
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    rows = (f"{n},{n},{n},{'ab'[n % 2]}" for n in range(8))
    (tmp_path / "data.csv").write_text("\n".join([f"{quoted},kind", *rows]), "utf-8")
    document = gw.Document()
    with document.transaction("x") as t:
        data = t.add("dataset", name="data", params={"source": "data.csv"})
        t.add("negative", name="y", inputs={"x": (data, "x")})
    found = constants(gw.Session(document, path=tmp_path / "a.gw").source("numpy"))
    assert found == {"CLASSES": ("a", "b"), "COLUMNS": tuple(names)}


def constants(source: str) -> dict[str, Any]:
    """The names that are assigned at the top of source, without running anything."""
    body = ast.parse(source).body
    return {node.targets[0].id: ast.literal_eval(node.value) for node in body if isinstance(node, ast.Assign)}
