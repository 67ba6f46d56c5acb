"""Small graphs that tests train, and the data that they train on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gradwire.core.document import Document
from gradwire.core.graph.elements import Source, Training
from gradwire.core.layers import build
from gradwire.core.session import Session

ADAM = {"name": "adam", "lr": 0.05}
MOMENTUM = {"name": "sgd", "lr": 0.05, "momentum": 0.9}
ACCURACY = {"name": "accuracy", "prediction": "add1", "target": "dataset0.y"}


def write_table(folder: Path, rows: int = 23, name: str = "points.csv") -> Path:
    """Points of two features in three classes, on which a line or two helps."""
    random = np.random.default_rng(5)
    x = random.normal(size=(rows, 2)).round(3)
    labels = (x[:, 0] + 0.5 * x[:, 1] > 0).astype(int) + (x[:, 1] > 0.7)
    labels[:3] = 0, 1, 2
    lines = ["a,b,label", *(f"{a},{b},{label}" for (a, b), label in zip(x, labels, strict=True))]
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / "net.gw"


def classifier(folder: Path, dropout: bool = True, **training: Any) -> Session:
    """points.csv -> 2 to 4 to 3 features with dropout between -> loss. 18 samples train, 5 validate."""
    path = write_table(folder)
    doc = Document()
    with doc.transaction("Build") as t:
        t.add("dataset", name="data", source="points.csv", standardise=True)
        build(t, "linear", Source("dataset0", "x"), name="first", in_features=2, out_features=4)
        t.add("tanh", inputs={"x": "add0"})
        if dropout:
            t.add("dropout", inputs={"x": "tanh0"}, rate=0.25)
        build(
            t,
            "linear",
            Source("dropout0" if dropout else "tanh0", "y"),
            in_features=4,
            out_features=3,
            name="last",
        )
        t.add("cross_entropy", name="loss", inputs={"logits": "add1", "target": "dataset0.y"})
        settings: dict[str, Any] = {
            "optimiser": ADAM,
            "batch": 5,
            "epochs": 3,
            "seed": 1,
            "metrics": (ACCURACY,),
        }
        t.set_training(Training("cross_entropy0", **(settings | training)))
    return Session(doc, path)


def train_on(session: Session, **changes: Any) -> None:
    """Change the session's training settings."""
    old = session.graph.training
    assert old is not None
    data = old.to_json() | changes
    with session.document.transaction("Settings") as t:
        t.set_training(Training(**data))
