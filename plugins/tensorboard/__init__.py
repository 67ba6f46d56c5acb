"""Event files that TensorBoard reads, written by tensorboardX.

tensorboardX and not tensorboard or PyTorch: it writes such files and nothing else, in pure Python with NumPy and
protobuf. It is an extra, loaded when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradwire.core.extend import FileError, Host, RunError, RunExporter

VALIDATION = "validation_"
LOSSES = {"loss": "loss/train", "train_loss": "loss/train_epoch", "validation_loss": "loss/validation"}


class EventFiles:
    """Writes numbers into event files in a folder. Raises `RunError` without the library, `FileError`."""

    def __init__(self, folder: Path) -> None:
        self._writer = _opened(folder)

    def add(self, name: str, iterations: Sequence[int], values: Sequence[float], times: Sequence[float] | None) -> None:
        """Numbers of one name, a step for each iteration; times in seconds since 1970 (None: now)."""
        for row, (iteration, value) in enumerate(zip(iterations, values, strict=True)):
            self._writer.add_scalar(tag(name), value, iteration, walltime=None if times is None else times[row])

    def close(self) -> None:
        """Have all of it on the disk."""
        self._writer.close()


def tag(name: str) -> str:
    """What TensorBoard calls a number: those of training and of validation stand in one section."""
    if name in LOSSES:
        return LOSSES[name]
    if name.startswith(VALIDATION):
        return f"{name.removeprefix(VALIDATION)}/validation"
    return name if "/" in name or name == "learning_rate" else f"{name}/train"


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


def register(host: Host) -> None:
    """Add the form in which TensorBoard reads runs."""
    host.add_run_exporter(RunExporter("tensorboard", "TensorBoard", EventFiles, "tensorboard --logdir {folder}"))
