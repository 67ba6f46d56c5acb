"""The curves of what an attached script trains, as plots take them: kept in memory, and bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.attaching.numbers import EPOCH, ITERATION, RATE, SECONDS
from ..look.numbers import significant
from ..plots.data import Column, Looked, Mark, Reference, Region, Ribbon, Steps

if TYPE_CHECKING:
    from ...core.attaching.numbers import Numbers

Array = np.ndarray[Any, Any]
MOST = 2**18  # rows that are kept: of a longer training every second one, and then every fourth, …
FIRST = 2**10  # rows for which there is room at first
_UNTOLD = (EPOCH, ITERATION, SECONDS, RATE, "train_loss")  # of epochs: iterations tell the last two


class Table:
    """Columns that grow together. Rows bear a number, which rises; what is read of them is never written again."""

    def __init__(self, number: str) -> None:
        self.rows = 0
        self._number = number  # the name of the column that has it
        self._columns: dict[str, Array] = {number: np.empty(FIRST)}
        self._every = 1

    def __getitem__(self, name: str) -> Array:
        return self._columns[name][: self.rows]

    def items(self) -> Iterator[tuple[str, Array]]:
        """All columns by name."""
        return ((name, column[: self.rows]) for name, column in self._columns.items())

    def last(self, name: str) -> float:
        """The newest of a column, NaN where there is none."""
        return float(self[name][-1]) if self.rows and name in self._columns else float("nan")

    def take(self, columns: Mapping[str, Array]) -> None:
        """More rows, of which those are kept that are due; what a column lacks is NaN."""
        while True:
            number = columns[self._number]
            due = (number > self.last(self._number)) | (not self.rows)
            due &= number % self._every == 0
            if self.rows + int(due.sum()) <= MOST:
                break
            self._thin()
        more = {name: column[due] for name, column in columns.items()}
        self._make_room(self.rows + int(due.sum()), more)
        for name, column in self._columns.items():
            column[self.rows : self.rows + int(due.sum())] = more.get(name, np.nan)
        self.rows += int(due.sum())

    def _make_room(self, rows: int, names: Mapping[str, Array]) -> None:
        """In other arrays: plots hold those that there are."""
        room = len(self._columns[self._number])
        if rows > room:
            room = max(rows, min(2 * room, MOST))
            for name, column in self._columns.items():
                self._columns[name] = np.concatenate([column[: self.rows], np.empty(room - self.rows)])
        for name in names:
            if name not in self._columns:
                self._columns[name] = np.full(room, np.nan)

    def _thin(self) -> None:
        """Keep every second of the rows."""
        self._every *= 2
        kept = self[self._number] % self._every == 0
        self._columns = {name: column[kept] for name, column in self.items()}
        self.rows = int(kept.sum())


class ScriptCurves:
    """What a page of plots shows of one training of a script. `take` is given what comes of it, in turn."""

    marks: Sequence[Mark] = ()
    regions: Sequence[Region] = ()
    looked: Looked | None = None

    def __init__(self, name: str, training: int, references: Mapping[str, Sequence[Reference]]) -> None:
        self.name, self.training, self.references = name, training, references
        self.ribbons: Mapping[str, Sequence[Ribbon]] = {}
        self.facts: Mapping[str, int] = {}
        self._iterations, self._epochs = Table(ITERATION), Table(EPOCH)

    def take(self, numbers: Numbers) -> None:
        """More of it."""
        self.facts = numbers.facts
        if numbers.iterations:
            self._iterations.take(numbers.iterations)
        if numbers.epochs:
            self._epochs.take(numbers.epochs)

    @property
    def columns(self) -> Mapping[str, Column]:
        """By name, as long as they are by now."""
        return dict([*self._of(self._epochs, _UNTOLD), *self._of(self._iterations, (ITERATION, SECONDS))])

    def _of(self, table: Table, places: tuple[str, ...]) -> Iterator[tuple[str, Column]]:
        if not table.rows:
            return
        number, per_epoch = table[ITERATION], max(self.facts["iterations_per_epoch"], 1)
        whole, begun = np.divmod(number, per_epoch)
        samples, batch = self.facts["samples"], self.facts["batch"]
        seen = whole * samples + np.minimum(begun * batch, samples) if samples else None
        at = Steps(number.astype(np.int64), number / per_epoch, seen, np.maximum.accumulate(table[SECONDS]))
        yield from ((name, Column(values, at)) for name, values in table.items() if name not in places)

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        total = self.facts.get("iterations_per_epoch", 0) * self.facts.get("epochs", 0)
        return min(self._number / total, 1.0) if total else 0.0

    @property
    def words(self) -> str:
        """`epoch 3 of 30 · validation accuracy 0.967 · loss 0.123 · iteration 135 of 1,350`."""
        per_epoch, epochs = max(self.facts.get("iterations_per_epoch", 1), 1), self.facts.get("epochs", 0)
        parts = [f"epoch {max(-(-self._number // per_epoch), 1):,} of {epochs:,}"]
        told = {name: self._epochs.last(name) for name, _ in self._epochs.items() if name not in _UNTOLD}
        parts += [f"{name.replace('_', ' ')} {significant(number, 3)}" for name, number in told.items()]
        if self._iterations.rows:
            parts.append(f"loss {significant(self._iterations.last('loss'), 3)}")
        return " · ".join([*parts, f"iteration {self._number:,} of {per_epoch * epochs:,}"])

    @property
    def _number(self) -> int:
        """Of the newest iteration."""
        newest = [int(table[ITERATION][-1]) for table in (self._iterations, self._epochs) if table.rows]
        return max(newest, default=0)
