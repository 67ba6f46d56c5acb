"""Which runs a search leaves, and in which order they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from .columns import BEGUN, Column, value_text

if TYPE_CHECKING:
    from ...core.runs.listed import ListedRun


class Order:
    """The words of a search, and the column by which runs are put in order, by its heading: columns come and go."""

    def __init__(self) -> None:
        self.by = BEGUN
        self.way = Qt.SortOrder.DescendingOrder
        self.words: tuple[str, ...] = ()
        self._texts: dict[Path, tuple[ListedRun, str]] = {}

    def found(self, runs: Iterable[ListedRun], columns: Sequence[Column]) -> list[ListedRun]:
        """The runs in which all words stand somewhere; those of which the column knows nothing are last either way."""
        found = [run for run in runs if all(word in self._text(run) for word in self.words)]
        for key in (column.key for column in columns if column.head == self.by):
            unknown = [run for run in found if key(run)[0] == 2]
            known = [run for run in found if key(run)[0] != 2]
            found = sorted(known, key=key, reverse=self.way == Qt.SortOrder.DescendingOrder) + unknown
        return found

    def _text(self, run: ListedRun) -> str:
        """All that a search looks into."""
        known = self._texts.get(run.path)
        if known is None or known[0] is not run:
            # What is 0 or off is not there: “frozen” finds the runs in which something was.
            told = (f"{name} {value_text(value)}" for name, value in run.settings.items() if value)
            text = "\n".join((run.name, run.graph, run.state, run.problem, run.notes, *told)).lower()
            known = self._texts[run.path] = run, text
        return known[1]
