"""Iterations of training on a GPU beside PyTorch on the same one, in one run: digits_mlp, and an MLP 2,048 wide.

    python tests/benchmarks/cuda.py        # cpu as an argument tries the script itself where no GPU is

Both start from the same weights, and their losses must agree. A turn is 100 iterations that follow each other without
a look at the loss, and waits for the device at its end; the contestants take turns, and the median counts. PyTorch is
eager, with its fused Adam. What counts is the ratio.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from gradwire.core.backends import on_device
from gradwire.core.document import Document
from gradwire.core.errors import RunError
from gradwire.core.feeding import random_state
from gradwire.core.graph import Training
from gradwire.core.lower import RANDOM_STATE
from gradwire.core.session import Session
from gradwire.core.training.steps import LOSS, RATE, Acts
from gradwire.core.training.trainer import Settings, Trainer

DIGITS = Path(__file__).parents[2] / "examples" / "digits_mlp.gw"
WIDE, BATCH, TURN, TURNS = 2_048, 256, 100, 9
RATE_OF_ADAM = 0.003
Iterations = Callable[[int], float]  # runs so many, waits for the device, and gives the last loss


def wide(folder: Path, device: str) -> Session:
    """Three layers of 2,048, and one of 10 classes, on random data."""
    numbers = np.random.default_rng(0)
    x, y = numbers.normal(size=(4 * BATCH, WIDE)).astype("float32"), numbers.integers(0, 10, 4 * BATCH)
    np.savez(folder / "wide.npz", x=x, y=y)
    document = Document()
    with document.transaction("Build") as t:
        data = t.add("dataset", name="data", source="wide.npz", validation=0.1)
        value = f"{data}.x"
        for i, outs in enumerate((WIDE, WIDE, WIDE, 10)):
            w = t.add("parameter", name=f"w{i}", shape=(WIDE, outs), init="he")
            b = t.add("parameter", name=f"b{i}", shape=(outs,), init="zeros")
            product = t.add("matmul", name=f"product{i}", inputs={"x": value, "w": w})
            value = t.add("add", name=f"sum{i}", inputs={"x": product, "y": b})
            if i < 3:
                value = t.add("relu", name=f"relu{i}", inputs={"x": value})
        t.add("cross_entropy", name="loss", id="loss", inputs={"logits": value, "target": f"{data}.y"})
        t.set_training(Training("loss", optimiser={"name": "adam", "lr": RATE_OF_ADAM}, batch=BATCH))
    return Session(document, folder / "wide.gw", device=device)


def ours(trainer: Trainer, rows: Any) -> Iterations:
    """Iterations on one batch, which is on the device."""
    feeds = trainer.data.feeds("train", rows)
    feeds |= {RANDOM_STATE: random_state(0, 1), RATE: np.float64(trainer.step.rate)}

    def run(count: int) -> float:
        for _ in range(count):
            made = trainer.step.run(len(rows), feeds, trainer.state, Acts())
        return float(made[LOSS])

    return run


def theirs(trainer: Trainer, rows: Any, device: str) -> Iterations:
    """The same in PyTorch, with the weights that training starts from."""
    import torch

    arrays = on_device(device).fetch({**trainer.state, **trainer.data.feeds("train", rows)})
    layers: list[Any] = []
    weights = [id for id in trainer.graph.order() if id in trainer.step.trained]
    pairs = zip(
        sorted(i for i in weights if arrays[i].ndim == 2),
        sorted(i for i in weights if arrays[i].ndim == 1),
        strict=True,
    )
    for w, b in pairs:
        linear = torch.nn.Linear(*arrays[w].shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(arrays[w].T))
            linear.bias.copy_(torch.from_numpy(arrays[b]))
        layers += [linear, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1]).to(device)
    optimiser = torch.optim.Adam(model.parameters(), lr=trainer.step.rate, fused=True)
    x, y = (torch.from_numpy(arrays[name]).to(device) for name in sorted(n for n in arrays if n.startswith("data.")))

    def run(count: int) -> float:
        for _ in range(count):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimiser.step()
        return float(loss.detach())

    return run


def compare(title: str, session: Session, device: str) -> None:
    trainer = session.trainer(Settings())
    rows = next(iter(trainer._batches(1)))
    contestants = {"PyTorch": theirs(trainer, rows, device), "gradwire": ours(trainer, rows)}
    first = {name: run(1) for name, run in contestants.items()}
    assert np.isclose(*first.values(), rtol=1e-4), first
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(TURNS):
        for name, run in contestants.items():
            begun = perf_counter()
            run(TURN)
            times[name].append((perf_counter() - begun) / TURN * 1e6)
    peer, own = (statistics.median(times[name]) for name in contestants)
    print(f"{title}: gradwire {own:.0f} µs, PyTorch {peer:.0f} µs an iteration: {own / peer:.2f} of PyTorch's time")


def refusal(device: str) -> str | None:
    """Why nothing can be measured, None where it can."""
    try:
        on_device(device)
        import torch
    except (RunError, ModuleNotFoundError) as error:
        return str(error)
    return None if device == "cpu" or torch.cuda.is_available() else "PyTorch finds no GPU (torch.cuda.is_available())"


def main() -> None:
    device = sys.argv[1] if len(sys.argv) > 1 else "cuda"
    if (reason := refusal(device)) is not None:
        raise SystemExit(f"nothing is measured: {reason}")
    compare("digits_mlp, batch 32", Session.open(DIGITS, device=device), device)
    with tempfile.TemporaryDirectory() as folder:
        compare(f"MLP {WIDE:,} wide, batch {BATCH}", wide(Path(folder), device), device)


if __name__ == "__main__":
    main()
