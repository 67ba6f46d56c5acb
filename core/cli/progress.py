"""The progress of training for people: a bar on a terminal's error stream, and a line for each epoch."""

from __future__ import annotations

import sys
from typing import Any

from ..training.engine import Engine, Events
from ..training.trainer import Trainer

SHOWN = ("train_loss", "validation_loss")  # first; the metrics follow by name


def metrics_text(row: dict[str, Any]) -> str:
    """The losses and metrics of an epoch: `train_loss 0.0312  validation_loss 0.071` and so on."""
    names = [name for name in SHOWN if name in row]
    names += [name for name in row if name not in (*SHOWN, "epoch", "iteration")]
    return "  ".join(f"{name} {row[name]:<10.6g}" for name in names).rstrip()


def epoch_line(row: dict[str, Any], epochs: int) -> str:
    """The line of an epoch."""
    return f"epoch {row['epoch']:>{len(str(epochs))}}/{epochs}  {metrics_text(row)}"


class Bar:
    """A bar over iterations and the time that is left, where the error stream is a terminal, else nothing."""

    def __init__(self, trainer: Trainer) -> None:
        self._bar: Any = None
        if sys.stderr.isatty():
            from tqdm import tqdm  # loaded only where it is seen

            done, each = trainer.engine.state.iteration, trainer.iterations_per_epoch
            total = max(each * trainer.training.epochs, done)
            self._bar = tqdm(total=total, initial=done, unit="it", leave=False, dynamic_ncols=True, file=sys.stderr)
            trainer.engine.add_event_handler(Events.EPOCH_STARTED, self._started)
            trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, self._moved)

    def _started(self, engine: Engine) -> None:
        self._bar.set_description(f"epoch {engine.state.epoch}/{engine.state.max_epochs}", refresh=False)

    def _moved(self, engine: Engine) -> None:
        self._bar.update()

    def say(self, line: str, error: bool = False) -> None:
        """Print a line above the bar, at once: whoever reads along must not wait for a buffer to fill."""
        stream = sys.stderr if error else sys.stdout
        if self._bar is None:
            print(line, file=stream, flush=True)
        else:
            self._bar.write(line, file=stream)
            stream.flush()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
