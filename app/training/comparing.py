"""The runs of the list that are selected together: their curves stand beside those of the run of this window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from ...core.runs import Run
    from ..plots.together import Others, Together


@dataclass(frozen=True, eq=False)
class Compared:
    """Their plots, how many they are, and the folder of each run by what it is called there, none of runs in groups."""

    plots: tuple[Together, ...]
    folders: Mapping[str, Path]
    many: int

    def called(self, folder: Path) -> str:
        """What the run in a folder is called among them, "" where it is none of them."""
        return next((label for label, path in self.folders.items() if path == folder), "")


class Comparing(QObject):
    """What is compared now, None: nothing. The list of runs says it, and the panel of training shows it."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.compared: Compared | None = None
        self._known: tuple[Run | None, Compared | None, Others | None] = None, None, None

    def beside(self, run: Run | None) -> Others | None:
        """What is compared, beside a run: the very same as before where neither is another."""
        known, compared = self._known, self.compared
        if known[0] is run and known[1] is compared:
            return known[2]
        others = None
        if run is not None and compared is not None:
            from ..plots.together import Others

            others = Others(compared.plots, compared.many, compared.called(run.record.path))
        self._known = run, compared, others
        return others

    def show(self, compared: Compared | None) -> None:
        """Compare with these from now on."""
        if compared is not self.compared:
            self.compared = compared
            self.changed.emit()
