"""The numbers of a script's training on their way to a window: columns over its iterations, and over its epochs."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from math import nan
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

import numpy as np

from ..errors import RunError
from .frames import Frame, encoded

if TYPE_CHECKING:
    from ..training.trainer import Trainer

Array = np.ndarray[Any, Any]
Rows = Sequence[Mapping[str, Any]]
NUMBERS = "numbers"
ITERATION, EPOCH, SECONDS, RATE = "iteration", "epoch", "seconds", "learning_rate"
FACTS = ("samples", "batch", "iterations_per_epoch", "epochs")
WAITING = 2**16  # rows of each table at most that wait: of more the oldest are not sent
COLUMNS = 64  # of a table; what more there is is not sent
_NUMBER = np.dtype("<f8")
_LONG = 120  # characters of the name of a column


class Numbers(NamedTuple):
    """What came of one training: its number, from 1; how long it is; and the rows since the last time, by column.

    `iterations` always have "iteration", "seconds" since the training began and "learning_rate"; `epochs` have
    "epoch", "iteration" and "seconds". All columns of a table are float64 (rows,).
    """

    training: int
    facts: Mapping[str, int]
    iterations: Mapping[str, Array]
    epochs: Mapping[str, Array]


class _Training(NamedTuple):
    """One that a script has begun: its number, its length, when it began, and the rows that wait."""

    number: int
    facts: Mapping[str, int]
    began: float
    iterations: deque[tuple[int, float, float, Mapping[str, Any]]]
    epochs: deque[Mapping[str, Any]]


class Tally:
    """The numbers of what a script trains, until they are taken. Rows are added on its thread, and taken on another:
    without a lock, since adding to a deque and taking from it are single acts.
    """

    def __init__(self) -> None:
        self._now = _Training(0, {}, 0.0, deque(maxlen=WAITING), deque(maxlen=WAITING))

    @property
    def waits(self) -> bool:
        """Whether there are rows that were not taken."""
        return bool(self._now.iterations or self._now.epochs)

    def begin(self, trainer: Trainer) -> None:
        """Another training begins, or goes on behind the epochs that it has behind it."""
        known = trainer.data.samples, trainer.training.batch, trainer.iterations_per_epoch, trainer.training.epochs
        facts = {name: int(number or 0) for name, number in zip(FACTS, known, strict=True)}
        epochs = deque[Mapping[str, Any]](({**row, SECONDS: 0.0} for row in trainer.history), WAITING)
        self._now = _Training(self._now.number + 1, facts, perf_counter(), deque(maxlen=WAITING), epochs)

    def passed(self, number: int, made: Mapping[str, Any], rate: float) -> bool:
        """An iteration has ended; whether none waited before. What was `made` is read when it is taken."""
        rows = self._now.iterations
        first = not rows
        rows.append((number, perf_counter(), rate, made))
        return first

    def epoch(self, row: Mapping[str, Any]) -> None:
        """An epoch has ended, which came to this."""
        self._now.epochs.append({**row, SECONDS: perf_counter() - self._now.began})

    def take(self) -> bytes | None:
        """All that waits, as a frame; None where nothing does."""
        now = self._now
        iterations = [now.iterations.popleft() for _ in range(len(now.iterations))]
        epochs = [now.epochs.popleft() for _ in range(len(now.epochs))]
        if not iterations and not epochs:
            return None
        rows = [{ITERATION: n, SECONDS: at - now.began, RATE: rate, **made} for n, at, rate, made in iterations]
        return packed(now.number, now.facts, rows, epochs)


def packed(training: int, facts: Mapping[str, int], iterations: Rows, epochs: Rows) -> bytes:
    """A frame with these rows: what a row does not have is NaN there."""
    tables, parts = [], []
    for rows in (iterations, epochs):
        names = [*islice(dict.fromkeys(name for row in rows for name in row if len(name) <= _LONG), COLUMNS)]
        columns = np.array([[_float(row.get(name, nan)) for row in rows] for name in names], _NUMBER)
        tables.append([names, len(rows)])
        parts.append(columns.tobytes())
    return encoded(NUMBERS, b"".join(parts), training=training, facts=facts, tables=tables)


def unpacked(frame: Frame) -> Numbers:
    """The numbers in a frame. Raises `RunError` for anything else."""
    training, facts, tables = (frame.head.get(key) for key in ("training", "facts", "tables"))
    if not _whole(training) or not isinstance(facts, dict) or not all(_whole(facts.get(name)) for name in FACTS):
        raise RunError("numbers are of a training, whose length is told with them")
    if not isinstance(tables, list) or len(tables) != 2:
        raise RunError("numbers are of iterations and of epochs")
    (first, size), (second, rest) = (_shape(table) for table in tables)
    if len(frame.body) != _NUMBER.itemsize * (len(first) * size + len(second) * rest):
        raise RunError("numbers have as many bytes as their columns")
    values = np.frombuffer(frame.body, _NUMBER)
    iterations = dict(zip(first, values[: len(first) * size].reshape(len(first), size), strict=True))
    epochs = dict(zip(second, values[len(first) * size :].reshape(len(second), rest), strict=True))
    _refuse_unordered(iterations, (ITERATION, SECONDS, RATE))
    _refuse_unordered(epochs, (EPOCH, ITERATION, SECONDS))
    return Numbers(training, {name: facts[name] for name in FACTS}, iterations, epochs)


def _float(number: Any) -> float:
    """NaN for what is no number, such as None of a metric that has nothing to tell."""
    try:
        return float(number)
    except (TypeError, ValueError):
        return nan


def _whole(number: Any) -> TypeGuard[int]:
    return type(number) is int and 0 <= number < 2**53


def _shape(table: Any) -> tuple[list[str], int]:
    """The names of a table's columns, and how many rows it has."""
    if not isinstance(table, list) or len(table) != 2 or not isinstance(table[0], list) or not _whole(table[1]):
        raise RunError("a table has names and a number of rows")
    names, rows = table
    if not all(isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONG for name in names):
        raise RunError("a column has a name")
    if len(set(names)) != len(names) or len(names) > COLUMNS or rows > WAITING:
        raise RunError(f"a table has at most {COLUMNS} columns, each once, and {WAITING:,} rows")
    return names, rows


def _refuse_unordered(table: Mapping[str, Array], places: tuple[str, str, str]) -> None:
    """Rows come in their order, and none says that it is nowhere."""
    if not table:
        return
    if any(name not in table for name in places):
        raise RunError(f"a table has the columns {', '.join(places)}")
    number, *along = (table[name] for name in places if name != RATE)
    ordered = all(np.isfinite(each).all() and not (np.diff(each) < 0).any() for each in along)
    if not ordered or not np.isfinite(number).all() or (np.diff(number) <= 0).any() or (number < 1).any():
        raise RunError("the rows of a table come in their order")
