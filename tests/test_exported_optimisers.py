"""The PyTorch loop written for each optimiser: it runs, and trains to the numbers that Gradwire trains to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from optimiser_cases import CASES, NAMES, Case

from gradwire.core.document import Document
from gradwire.core.exporting import torch_source
from gradwire.core.graph import Training
from gradwire.core.session import Session

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def in_float64() -> Iterator[None]:
    """Where floats are float64, NAdam keeps the product of its μ in float64 too."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def line(folder: Path, case: Case) -> Session:
    """The points of a line; all of them are one batch, so that their order does not matter."""
    rows = "\n".join(f"{a:.6f},{3 * a + 1:.6f}" for a in np.linspace(-1, 1, 40))
    (folder / "line.csv").write_text(f"a,b\n{rows}\n", "utf-8")
    document = Document()
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        data = t.add("dataset", name="data", source="line.csv", target="b")
        t.add("parameter", name="w", shape=(1, 1), init="constant", value=0.5)
        t.add("parameter", name="b", shape=(1,), init="constant", value=-0.25)
        t.add("matmul", inputs={"x": f"{data}.x", "w": "parameter0"})
        t.add("add", inputs={"x": "matmul0", "y": "parameter1"})
        loss = t.add("mse", name="loss", inputs={"prediction": "add0", "target": f"{data}.y"})
        ids = {name: id for id, name in NAMES.items()}
        groups = tuple({"parameters": [ids[name]], **settings} for name, settings in case.groups.items())
        t.set_training(Training(loss, case.optimiser, batch=40, epochs=10, parameter_groups=groups))
    return Session(document, folder / "line.gw")


def namespace(source: str) -> dict[str, Any]:
    made: dict[str, Any] = {"__name__": "written"}
    exec(compile(source, "written", "exec"), made)
    return made


@pytest.mark.parametrize("name", CASES)
def test_the_written_loop_trains_to_the_same_numbers(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = line(tmp_path, CASES[name])
    monkeypatch.chdir(tmp_path)
    source = torch_source(session.graph, session.registry, folder=tmp_path)
    assert max(map(len, source.splitlines())) <= 120
    model = namespace(source)["train"]()
    wanted = session.train().values
    for id, parameter in NAMES.items():
        found = getattr(model, parameter).detach().numpy()
        np.testing.assert_allclose(found, wanted[id], rtol=1e-11, err_msg=parameter)


def written(folder: Path, case: Case) -> str:
    session = line(folder, case)
    lines = torch_source(session.graph, session.registry, folder=folder).splitlines()
    first = next(i for i, each in enumerate(lines) if each.startswith("    optimiser = "))
    last = next(i for i, each in enumerate(lines) if each.startswith("    for epoch"))
    return "\n".join(each[4:] for each in lines[first:last])


def test_settings_that_are_pytorchs_own_are_not_written(tmp_path: Path) -> None:
    case = Case({"name": "sgd", "lr": 0.1, "momentum": 0.9})
    assert written(tmp_path, case) == "optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)"
    assert (
        written(tmp_path, Case({"name": "rmsprop"})) == "optimiser = torch.optim.RMSprop(model.parameters(), lr=0.01)"
    )
    assert written(tmp_path, Case({"name": "lion"})) == "optimiser = Lion(model.parameters(), lr=0.0001)"


def test_groups_are_written_with_what_is_theirs(tmp_path: Path) -> None:
    case = Case({"name": "adamw", "lr": 0.1}, {"b": {"weight_decay": 0.0, "lr": 0.2}})
    assert written(tmp_path, case) == (
        "optimiser = torch.optim.AdamW(\n"
        "    [\n"
        '        {"params": [model.w]},\n'
        '        {"params": [model.b], "lr": 0.2, "weight_decay": 0.0},\n'
        "    ],\n"
        "    lr=0.1,\n"
        ")"
    )
