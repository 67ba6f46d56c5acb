"""A tensor leaves the program: as text on the clipboard, as .npy, or as .csv; what takes long beside the window."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from ...core.cancelling import Cancelled, never
from ...core.errors import FileError, GradwireError, RunError
from ...core.files.storage import target_of, unwritable
from ..bridge import Request, Worker

Array = np.ndarray[Any, Any]
MOST_TEXT = 1_000_000  # elements copied as text
AT_ONCE = 20_000  # elements copied without a thread: what is pasted right after must be there
BLOCK = 10_000  # elements written together


class Stoppable:
    """A file that is written to until it is stopped."""

    def __init__(self, file: BinaryIO, cancelled: Cancelled) -> None:
        self._file, self._cancelled = file, cancelled

    def write(self, data: bytes) -> int:
        if self._cancelled():
            raise RunError("the tensor was stopped before all of it was written")
        return self._file.write(data)


def spelled(plane: Array, between: str) -> Iterator[str]:
    """The text of a plane in pieces, a line for each row, each number in full."""
    height, width = plane.shape
    rows = max(1, BLOCK // max(width, 1))
    for top in range(0, height, rows):
        for left in range(0, width, BLOCK):
            part = plane[top : top + rows, left : left + BLOCK].tolist()
            before = between if left else "\n" if top else ""
            yield before + "\n".join(between.join(map(repr, row)) for row in part)


def as_text(plane: Array, cancelled: Cancelled = never) -> str:
    """A plane as lines of tabs, as spreadsheets paste it.

    Raises `FileError` for too many elements, `RunError` where it is cancelled.
    """
    if plane.size > MOST_TEXT:
        raise FileError(
            f"at most {MOST_TEXT:,} elements can be copied, this plane has {plane.size:,}", hint="save it as .npy"
        )
    pieces = []
    for piece in spelled(plane, "\t"):
        if cancelled():
            raise RunError("the tensor was stopped before all of it was copied")
        pieces.append(piece)
    return "".join(pieces)


def save(array: Array, path: Path, cancelled: Cancelled = never) -> None:
    """Write the whole array: `.npy` of any shape, `.csv` of at most two axes. Raises `FileError` in one line.

    A file of that name stays as it is until the new one is whole, and where it is cancelled: then it is a `RunError`.
    A link stays, and what it points to is written.
    """
    suffix = path.suffix.lower()
    if suffix not in (".npy", ".csv"):
        raise FileError(f"{path.name}: a tensor is saved as .npy or .csv, found {suffix or 'no ending'}")
    if suffix == ".csv" and array.ndim > 2:
        raise FileError(
            f"{path.name}: .csv holds at most two axes, this tensor has {array.ndim}", hint="save it as .npy"
        )
    target = target_of(path)
    pending = target.with_name(f".{target.name}.{os.getpid()}~")
    try:
        try:
            with pending.open("wb") as file:
                _write(array, suffix, Stoppable(file, cancelled))
            pending.replace(target)
        finally:
            pending.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def _write(array: Array, suffix: str, file: Stoppable) -> None:
    if suffix == ".npy":
        np.save(file, array, allow_pickle=False)
        return
    for piece in spelled(array.reshape(-1, 1) if array.ndim < 2 else array, ","):
        file.write(piece.encode())
    file.write(b"\n")


class Saver(QObject):
    """Copies and saves tensors, one at a time. `told(text, kind)`: what was done or refused; `changed`: whether it is
    at work.

    A file is written to its end even when the window closes meanwhile.
    """

    told = Signal(str, str)
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.doing = ""  # what it is at, in words
        self._done: Callable[[Any], str] = str
        self._worker: Worker | None = None

    def copy(self, plane: Array, what: str) -> None:
        """Put a plane on the clipboard as text."""

        def done(text: str) -> str:
            QGuiApplication.clipboard().setText(text)
            return f"Copied {what}: {plane.shape[0]:,} × {plane.shape[1]:,}"

        if AT_ONCE < plane.size <= MOST_TEXT:
            self._ask("copying…", lambda request: as_text(plane, lambda: request.cancelled), done)
            return
        try:
            self.told.emit(done(as_text(plane)), "note")
        except GradwireError as error:
            self.told.emit(str(error), "refusal")

    def save(self, array: Array, path: Path) -> None:
        """Write the whole array to a file."""
        self._ask(
            f"saving {path.name}…",
            lambda request: save(array, path, lambda: request.cancelled),
            lambda _: f"Saved {path.name}",
        )

    def stop(self) -> None:
        """Give up what it is at. What was begun of a file is removed."""
        if self.doing and self._worker is not None:
            self._worker.cancel()
            self._end(f"Stopped {self.doing.rstrip('…')}", "note")

    def _ask(self, doing: str, work: Callable[[Request], Any], done: Callable[[Any], str]) -> None:
        if self.doing:
            self.told.emit(f"still {self.doing} Stop it first, or wait.", "refusal")
            return
        if self._worker is None:
            self._worker = Worker("saving", self, finishes=True)
            self._worker.finished.connect(lambda result: self._end(self._done(result), "note"))
            self._worker.failed.connect(self._fail)
        self.doing, self._done = doing, done
        self._worker.ask(work)
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        known = isinstance(error, GradwireError)
        self._end(str(error) if known else f"{type(error).__name__}: {error}", "refusal")

    def _end(self, text: str, kind: str) -> None:
        self.doing = ""
        self.changed.emit()
        self.told.emit(text, kind)
