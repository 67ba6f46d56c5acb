"""Training: the graph's settings made into a loop over batches, with events, metrics and checkpoints.

A step of training is one plan: forward, backward and update. It is compiled for the size of a batch, and once
more for the smaller last one. A run is a function of the graph, its values and the seed, so that one that was
killed and goes on from a checkpoint ends with the same bits as one that was not.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..data import batches
from ..errors import RunError
from ..feeding import describer, prepared, random_state, value_of
from ..graph import Graph, Training
from ..lower import RANDOM_STATE
from ..ops import Registry
from ..parameters import BATCH
from . import checkpoint
from .checking import both_sizes, refuse_misfits
from .engine import Engine, Events
from .metrics import MeanLoss, metric
from .settings import NOTHING_SAID, Settings, overridden
from .steps import RATE, Evaluation, TrainingStep, metric_sources, needed, sums_over_batch

Array = np.ndarray[Any, Any]
CHECKPOINT_SECONDS = 2.0


@dataclass
class Result:
    """What a run came to: the trained values by id, and one row of metrics for each epoch."""

    values: dict[str, Array]
    history: list[dict[str, Any]] = field(default_factory=list)
    iterations: int = 0

    @property
    def last(self) -> dict[str, Any]:
        """The metrics of the last epoch."""
        return self.history[-1] if self.history else {}


class Trainer:
    """One training run of a graph. `engine` can be given handlers before `run`."""

    def __init__(
        self,
        graph: Graph,
        registry: Registry,
        values: Mapping[str, Array],
        folder: Path | None = None,
        settings: Settings = NOTHING_SAID,
    ) -> None:
        if graph.training is None:
            raise RunError("the graph has no training settings", hint="they name the loss, the optimiser and the batch")
        self.graph = graph
        self.registry = registry
        self.training = training = overridden(graph.training, settings)
        self.settings = settings
        self.values = values  # those that the run starts from
        self.dtype = settings.dtype or graph.dtype
        self.metrics = {name: metric(name) for name in metric_sources(graph, registry, training)}
        self.data = _data(graph, registry, training, folder, self.dtype)
        self.step = TrainingStep(graph, registry, training, self.dtype, settings.mode, self.data.describe)
        self.evaluation = Evaluation(graph, registry, training, self.dtype, settings.mode, self.data.describe)
        inferred = both_sizes(graph, registry, training, self.dtype, self.data.describe)
        refuse_misfits(graph, registry, training, inferred, folder)
        self.summed = sums_over_batch(graph, registry, self.step.loss, inferred)
        size = min(training.batch, self.data.samples) or None  # None: the graph has no batches
        self.state = self.step.first_state(size, values)
        self.loss = MeanLoss()
        self.history: list[dict[str, Any]] = []
        self.engine = Engine(self._process)
        self._saved_at = time.monotonic()
        self._resume_at = 0
        if settings.resume is not None:
            self._resume(settings.resume)
        self.engine.add_event_handler(Events.EPOCH_COMPLETED, self._epoch_completed)
        self.engine.add_event_handler(Events.ITERATION_COMPLETED, self._maybe_save)

    def run(self) -> Result:
        """Train to the last epoch.

        Raises `GradwireError` for what cannot run; then the values are as they were.
        """
        if self.settings.out is not None:
            checkpoint.make_folder(self.settings.out / "checkpoints")
        self.engine.run(self._batches, self.training.epochs)
        values = {id: np.array(self.state[id]) for id in self.step.trained}
        values.update({id: np.array(self.state[id]) for id in self.step.assigned})
        return Result(values, self.history, self.engine.state.iteration)

    @property
    def iterations_per_epoch(self) -> int:
        return -(-self.data.samples // self.training.batch) if self.data.samples else 1

    # One iteration.

    def _process(self, engine: Engine, rows: Array | None) -> float:
        feeds = self.data.feeds("train", rows)
        feeds[RANDOM_STATE] = random_state(self.training.seed, engine.state.iteration)
        feeds[RATE] = np.float64(self.step.rate)
        size = len(rows) if rows is not None else None
        loss = float(self.step.run(size, feeds, self.state))
        self.loss = self._counted(self.loss, loss, size or 1)
        return loss

    def _counted(self, mean: MeanLoss, loss: float, samples: int) -> MeanLoss:
        """`mean` with the loss of one batch more: a mean over samples, whatever the graph makes of them."""
        return mean.update(loss / samples if self.summed else loss, samples)

    def _batches(self, epoch: int) -> Iterator[Array | None]:
        """The batches of an epoch, of a resumed one those that are left; its mean loss then goes on."""
        skipped, self._resume_at = self._resume_at, 0
        if not skipped:
            self.loss = self.loss.reset()
        if not self.data.samples:
            return iter([None][skipped:])
        order = batches(self.data.samples, self.training.batch, self.training.seed, epoch)
        return iter(order[skipped:])

    # What happens around it.

    def _epoch_completed(self, engine: Engine) -> None:
        row: dict[str, Any] = {"epoch": engine.state.epoch, "iteration": engine.state.iteration}
        row["train_loss"] = self.loss.compute()
        if self.data.held_out:
            row.update({f"validation_{name}": v for name, v in self._evaluate().items()})
        self.history.append(row)
        engine.state.metrics = row
        self.save_checkpoint()

    def _evaluate(self) -> dict[str, float]:
        """The loss and the metrics over the validation part, in the order of the data."""
        loss = MeanLoss()
        found = {name: empty.reset() for name, empty in self.metrics.items()}
        for start in range(0, self.data.held_out, self.training.batch):
            rows = np.arange(start, min(start + self.training.batch, self.data.held_out))
            feeds = self.data.feeds("validation", rows)
            feeds[RANDOM_STATE] = random_state(self.training.seed, 0)
            values = self.evaluation.run(len(rows), feeds, self.state)
            loss = self._counted(loss, float(values.loss), len(rows))
            found = {name: m.update(*values.metrics[name]) for name, m in found.items()}
        return {"loss": loss.compute(), **{name: m.compute() for name, m in found.items()}}

    # Checkpoints.

    def _maybe_save(self, engine: Engine) -> None:
        if time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
            self.save_checkpoint()

    def save_checkpoint(self) -> Path | None:
        """Write a checkpoint of this moment between two iterations; None where the settings name no folder.

        Raises `FileError` for one that cannot be written.
        """
        if self.settings.out is None:
            return None
        state = self.engine.state
        position = {
            "epoch": state.epoch,
            "iteration": state.iteration,
            "loss": dataclasses.asdict(self.loss),
            "history": self.history,
            "run": _identity(self),
        }
        path = self.settings.out / "checkpoints" / f"{state.iteration}{checkpoint.SUFFIX}"
        checkpoint.write(path, self.state, position)
        checkpoint.thin(path.parent)
        self._saved_at = time.monotonic()
        return path

    def _resume(self, path: Path) -> None:
        state, position = checkpoint.read(path)
        checkpoint.check_run(path, position["run"], _identity(self))
        shapes = {slot: array.shape for slot, array in state.items()}
        if shapes != {slot: array.shape for slot, array in self.state.items()}:
            raise RunError(f"the checkpoint {path} does not hold the values of this graph")
        epoch, epochs = position["epoch"], self.training.epochs
        if epoch > epochs:
            raise RunError(
                f"the checkpoint {path} is of epoch {epoch}, and the run ends after {epochs}",
                hint=f"epochs: {epoch} or more",
            )
        self.state = state
        self.loss = MeanLoss(**position["loss"])
        self.history = position["history"]
        engine = self.engine.state
        engine.iteration = position["iteration"]
        whole = len(self.history) == epoch
        engine.epoch = epoch if whole else epoch - 1
        self._resume_at = 0 if whole else engine.iteration - engine.epoch * self.iterations_per_epoch


def _identity(trainer: Trainer) -> dict[str, Any]:
    """What a checkpoint must have in common with the run that goes on from it."""
    training = trainer.training
    return {
        "loss": trainer.graph.fingerprint(training.loss),
        "optimiser": {**training.optimiser, **({} if training.zero_gradients else {"zero_gradients": False})},
        "samples": trainer.data.samples,
        "batch": training.batch,
        "seed": training.seed,
        "dtype": trainer.dtype,
    }


@dataclass(frozen=True)
class Data:
    """The dataset of a run: arrays by part and output, and how many samples each part has (0: no dataset)."""

    parts: Mapping[str, Mapping[str, Array]]
    samples: int
    held_out: int
    describe: Callable[..., Any] | None
    values: Mapping[str, Array]  # of inputs, the same in every batch

    def feeds(self, part: str, rows: Array | None) -> dict[str, Any]:
        """The rows of one batch by feed name."""
        if rows is None:
            return dict(self.values)
        return {**self.values, **{name: array[rows] for name, array in self.parts[part].items()}}


def _data(graph: Graph, registry: Registry, training: Training, folder: Path | None, dtype: str) -> Data:
    describe = describer(folder, dtype)
    read = needed(graph, registry, training)
    ids = sorted(id for id in read if graph.nodes[id].op == "dataset")
    inputs = [graph.nodes[id] for id in read if graph.nodes[id].op == "input"]
    values = {
        graph.path(node.id): value
        for node in inputs
        if BATCH not in node.params.get("shape", ()) and (value := value_of(node, registry, dtype)) is not None
    }
    open = sorted({graph.path(node.id) for node in inputs} - values.keys())
    if open:
        raise RunError(f"training needs {', '.join(open)}, which nothing feeds", hint="a dataset node feeds training")
    if len(ids) > 1:
        raise RunError(f"training takes one dataset, got {', '.join(graph.path(id) for id in ids)}")
    if not ids:
        return Data({}, 0, 0, describe, values)
    arrays = prepared(graph.nodes[ids[0]], folder, dtype)[1]
    path = graph.path(ids[0])
    parts = {name: {f"{path}.x": x, f"{path}.y": y} for name, (x, y) in arrays.items()}
    return Data(parts, len(arrays["train"][0]), len(arrays["validation"][0]), describe, values)
