"""Small networks whose training is followed by diagnoses, for their tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from gradwire.core.diagnosing.over_training import ENDS, Follower, RunFinding
from gradwire.core.document import Document
from gradwire.core.graph import Source, Training
from gradwire.core.session import Session
from gradwire.core.training.engine import Events
from gradwire.core.training.settings import Settings
from gradwire.core.training.trainer import Trainer

EXAMPLES = Path(__file__).parent.parent / "examples"
SGD, ADAM = "sgd", "adam"


def train(session: Session, thresholds: Mapping[str, Any] | None = None, **settings: Any) -> list[RunFinding]:
    """Everything that is found while it trains."""
    trainer = session.trainer(Settings(**settings))
    follower = follow(trainer, thresholds)
    trainer.run()
    follower.finish()
    return follower.take()


def follow(trainer: Trainer, thresholds: Mapping[str, Any] | None = None) -> Follower:
    """What follows a trainer."""
    follower = Follower(trainer, thresholds)
    trainer.onlooker = follower
    trainer.engine.add_event_handler(Events.EPOCH_COMPLETED, lambda _: follower.epoch_completed())
    return follower


def found(session: Session, **settings: Any) -> dict[str, RunFinding]:
    """By rule the first finding that did begin."""
    told: dict[str, RunFinding] = {}
    for finding in train(session, **settings):
        if finding.state != ENDS:
            told.setdefault(finding.rule, finding)
    return told


def example(name: str) -> Session:
    return Session.open(EXAMPLES / f"{name}.gw")


def graph(build: Callable[[Any], str], epochs: int = 60, rate: float = 0.01, **training: Any) -> Session:
    """A graph without data whose loss `build` adds, trained by gradient descent."""
    document = Document()
    with document.transaction("Build") as t:
        loss = build(t)
        t.set_training(Training(loss, optimiser={"name": SGD, "lr": rate}, epochs=epochs, **training))
    return Session(document)


def network(
    source: str = "blobs",
    sizes: Sequence[int] = (2, 16, 3),
    activation: str = "relu",
    scales: Sequence[float | None] = (),
    folder: Path | None = None,
    standardise: bool = False,
    bias: float = 0.0,
    optimiser: str = ADAM,
    rate: float = 0.01,
    **training: Any,
) -> Session:
    """Layers of these sizes with an activation between each two, and a loss: of classes, or of one number the mse.

    `scales` are the standard deviations of the weights (None: he), `bias` what the first layer's biases begin with.
    """
    document = Document()
    with document.transaction("Build") as t:
        data = t.add("dataset", name="data", source=source, standardise=standardise)
        value = Source(data, "x")
        for number, (fed, given) in enumerate(pairwise(sizes)):
            scale = scales[number] if number < len(scales) else None
            init = {"init": "he"} if scale is None else {"init": "normal", "scale": scale}
            w = t.add("parameter", name=f"w{number}", shape=(fed, given), **init)
            start = {"init": "constant", "value": bias} if bias and not number else {"init": "zeros"}
            b = t.add("parameter", name=f"b{number}", shape=(given,), **start)
            product = t.add("matmul", inputs={"x": value, "w": Source(w, "y")})
            value = Source(t.add("add", inputs={"x": Source(product, "y"), "y": Source(b, "y")}), "y")
            if number < len(sizes) - 2:
                value = Source(t.add(activation, name=f"h{number}", inputs={"x": value}), "y")
        target = Source(data, "y")
        metrics: tuple[Any, ...] = ()
        if sizes[-1] > 1:
            loss = t.add("cross_entropy", name="loss", inputs={"logits": value, "target": target})
            metrics = ({"name": "accuracy", "prediction": value.node, "target": f"{data}.y"},)
        else:
            loss = t.add("mse", name="loss", inputs={"prediction": value, "target": target})
        settings = {"optimiser": {"name": optimiser, "lr": rate}, "batch": 32, "epochs": 10, "metrics": metrics}
        t.set_training(Training(loss, **{**settings, **training}))
    return Session(document, None if folder is None else folder / "net.gw")


def table(folder: Path, x: np.ndarray[Any, Any], y: Sequence[Any], name: str = "rows.csv") -> Path:
    """A file of these rows, the target in the last column."""
    lines = [",".join([*(f"x{i}" for i in range(x.shape[1])), "label"])]
    lines += [",".join([*(f"{number:.6g}" for number in row), str(label)]) for row, label in zip(x, y, strict=True)]
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder
