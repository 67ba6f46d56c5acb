"""The classifier of `training_graphs` in PyTorch, in float64 and with the same values and batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradwire.core.data import batches
from gradwire.core.session import Session

Array = np.ndarray[Any, Any]
IDS = ("parameter0", "parameter1", "parameter2", "parameter3")


class Twin:
    """Parameters by id that begin as those of a run, and the loss of rows of its data."""

    def __init__(self, session: Session) -> None:
        import torch

        self.torch = torch
        trainer = session.trainer()
        self.trainer = trainer
        self.weights = {id: torch.nn.Parameter(torch.tensor(trainer.state[id])) for id in IDS}
        data = trainer.data.parts["train"]
        self.x, self.y = (torch.tensor(np.asarray(data[f"data.{name}"][:])) for name in ("x", "y"))

    def loss(self, rows: Array) -> Any:
        w1, b1, w2, b2 = self.weights.values()
        logits = self.torch.tanh(self.x[rows] @ w1 + b1) @ w2 + b2
        return self.torch.nn.functional.cross_entropy(logits, self.y[rows])

    def batches(self) -> Iterator[tuple[int, Array]]:
        """Each batch of the run with its epoch, from 1."""
        training = self.trainer.training
        for epoch in range(1, training.epochs + 1):
            for rows in batches(len(self.x), training.batch, training.seed, epoch):
                yield epoch, rows.copy()  # PyTorch warns of arrays that cannot be written

    def train(self, optimiser: Any, before_step: Callable[[], Any]) -> list[Any]:
        """Plain training; what `before_step` gave before each update."""
        told = []
        for _, rows in self.batches():
            optimiser.zero_grad()
            self.loss(rows).backward()
            told.append(before_step())
            optimiser.step()
        return told

    def sgd(self, **settings: Any) -> Any:
        return self.torch.optim.SGD(self.weights.values(), **settings)

    @property
    def values(self) -> dict[str, Array]:
        return {id: weight.detach().numpy() for id, weight in self.weights.items()}


def alike(found: dict[str, Array], expected: dict[str, Array], rtol: float = 1e-10) -> None:
    """Assert that values are the same to rounding."""
    assert found.keys() == expected.keys()
    for id, value in expected.items():
        np.testing.assert_allclose(found[id], value, rtol=rtol, atol=1e-12, err_msg=id)
