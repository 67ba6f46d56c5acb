"""Event files that TensorBoard reads, written by tensorboardX: of a run that is there, or while one goes on.

tensorboardX and not tensorboard or PyTorch: it writes such files and nothing else, in pure Python with NumPy and
protobuf. It is an extra, loaded when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ..cancelling import Cancelled, never
from ..errors import FileError, RunError
from ..training.engine import Engine, Events
from ..training.trainer import Trainer
from .listed import ASIDE, as_columns, read_log
from .record import SETTINGS, RunRecord

Array = np.ndarray[Any, Any]
VALIDATION = "validation_"
LOSSES = {"loss": "loss/train", "train_loss": "loss/train_epoch", "validation_loss": "loss/validation"}
ROWS = 4096  # numbers that are written between two looks at whether they are still wanted


class EventFiles:
    """Writes numbers of iterations into event files in a folder. Raises `RunError` without the library, `FileError`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.written = folder, 0
        self._writer = _opened(folder)

    def add(self, name: str, iteration: int, value: float, time: float | None = None) -> None:
        """One number; `time` in seconds since 1970 (None: now)."""
        self._writer.add_scalar(name, value, iteration, walltime=time)
        self.written += 1

    def add_row(self, iteration: int, row: Mapping[str, float], time: float | None = None) -> None:
        """The numbers of an iteration or an epoch, named as training names them."""
        for name, value in row.items():
            if name not in ("epoch", "iteration", "time"):
                self.add(tag(name), iteration, float(value), time)

    def close(self) -> None:
        """Have all of it on the disk."""
        self._writer.close()

    def __enter__(self) -> EventFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def tag(name: str) -> str:
    """What TensorBoard calls a number: those of training and of validation stand in one section."""
    if name in LOSSES:
        return LOSSES[name]
    if name.startswith(VALIDATION):
        return f"{name.removeprefix(VALIDATION)}/validation"
    return name if "/" in name or name == "learning_rate" else f"{name}/train"


def export(path: Path, folder: Path, stopped: Cancelled = never) -> int:
    """Write what the run in the folder `path` has told so far as event files into `folder`; how many numbers.

    Raises `RunError` where there is nothing to write, without the library, and when it was `stopped`; `FileError`.
    """
    found = [(name, *column) for name, column in _columns(path).items() if len(column[0])]
    if not found:
        raise RunError(f"{path.name} has told no numbers yet", hint="train an iteration first")
    with EventFiles(folder) as files:
        for name, values, iterations, times in found:
            for row, value in enumerate(values.tolist()):
                if not row % ROWS and stopped():
                    raise RunError(f"{folder} was stopped before it was written")
                time = None if times is None else float(times[row])
                files.add(tag(name), int(iterations[row]), value, time)
    return files.written


def _columns(path: Path) -> dict[str, tuple[Array, Array, Array | None]]:
    """By name the numbers, their iterations and their times."""
    found: dict[str, tuple[Array, Array, Array | None]] = {}
    if not (path / SETTINGS).exists():
        rows = as_columns(read_log(path)[1])
        iterations = rows.pop("iteration", np.zeros(0))
        return {name: (values, iterations, None) for name, values in rows.items() if name != "epoch"}
    record = RunRecord(path)
    curves, epochs = record.curves(), record.epochs()
    for name, values in _named(curves, ("time",)):
        found[name] = values, np.arange(1, curves.rows + 1), curves.get("time")
    for name, values in _named(epochs, (*ASIDE, *found)):  # of what iterations tell too, epochs have the means
        found[name] = values, epochs["iteration"], epochs.get("time")
    return found


def _named(columns: Mapping[str, Array], but: tuple[str, ...]) -> Iterator[tuple[str, Array]]:
    return ((name, values) for name, values in columns.items() if name not in but)


def _opened(folder: Path) -> Any:
    try:
        from tensorboardX import SummaryWriter
    except ImportError:
        message = "event files of TensorBoard need tensorboardX, found none"
        raise RunError(message, hint="pip install 'gradwire[tensorboard]'") from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return SummaryWriter(str(folder))
    except OSError as error:
        raise FileError(f"{folder} cannot be written: {error.strerror or error}") from error


def follow(folder: Path, trainer: Trainer) -> Callable[[], None]:
    """Write what a trainer tells into `folder` while it trains; to be called when it is done."""
    files = EventFiles(folder)

    def iteration_completed(engine: Engine) -> None:
        told = dict(trainer.telling.told)
        told.setdefault("loss", float(engine.state.output))
        files.add_row(engine.state.iteration, told)

    def epoch_completed(engine: Engine) -> None:
        told = (*ASIDE, *trainer.telling.told)
        rest = {name: value for name, value in trainer.history[-1].items() if name not in told}
        files.add_row(engine.state.iteration, rest)

    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, iteration_completed, priority=-100.0)
    trainer.engine.add_event_handler(Events.EPOCH_COMPLETED, epoch_completed, priority=-100.0)
    return files.close
