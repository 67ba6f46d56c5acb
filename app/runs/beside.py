"""Beside the table: the curves of the runs that are selected, each in its colour, or in groups by a setting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ...core.runs.home import folders_called
from ..inspecting.sheet import small
from ..look.theme import Theme
from ..plots.hues import hues
from ..training.comparing import Compared
from .columns import ALL, varied
from .model import RunModel
from .reader import RunsReader

if TYPE_CHECKING:
    from ...core.runs.listed import ListedRun
    from ..plots.compared import ComparedPlots
    from ..plots.together import Together

EACH, TOGETHER = "each run", "all together"
CHOOSE = "Select runs to see their curves together: Ctrl or Shift with a click selects several."
NO_NUMBERS = "None of these runs has told a number yet."
NOTED = 24  # characters of notes
MOST = 12  # of which each has curves of its own


def _short(notes: str) -> str:
    """The first words of what is noted, such as “from scratch”."""
    line = notes.splitlines()[0]
    return line if len(line) <= NOTED else f"{line[: NOTED - 1]}…"


class BesideRuns(QWidget):
    """Marks in the table in what the selected runs differ. Plots are loaded when there is something to be shown."""

    export_wanted = Signal(object, str)
    told = Signal(str, str)
    compared = Signal(object)  # a Compared, None where less than two runs are selected

    def __init__(self, model: RunModel, reader: RunsReader, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.runs: list[ListedRun] = []
        self.plots: ComparedPlots | None = None
        self._model, self._reader = model, reader
        self.by = QComboBox(self)
        self.by.hide()
        self.by.setFont(small())
        self.by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.by.setAccessibleName("By what runs are grouped")
        self.by.setToolTip("A curve for each run; or for each group of runs their mean, between the least and greatest")
        self.by.activated.connect(lambda _: self._plot())
        self.empty = QLabel(CHOOSE)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("rank", "second")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.empty, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(160)
        reader.plotted.connect(self._show)

    def compare(self, runs: Sequence[ListedRun]) -> None:
        """Show these together."""
        if [run.path for run in runs] == [run.path for run in self.runs]:
            return
        self.runs = list(runs)
        self._offer_groups()
        self._plot()

    def renew(self, runs: Sequence[ListedRun]) -> None:
        """The list was read anew: where one of these has gone on, so do its curves."""
        if [run.path for run in runs] != [run.path for run in self.runs]:
            self.compare(runs)
        elif any(new is not old for new, old in zip(runs, self.runs, strict=True)):
            self.runs = list(runs)
            self._plot()

    @property
    def grouped_by(self) -> str:
        """The setting by which runs are grouped, "" where each is on its own."""
        return self.by.currentData() or ""

    def group_by(self, setting: str) -> None:
        """Group the runs by a setting, "": not at all."""
        self.by.setCurrentIndex(max(self.by.findData(setting), 0))
        self._plot()

    def set_theme(self, theme: Theme) -> None:
        """Show all in other colours."""
        self.theme = theme
        if self.plots is not None:
            self.plots.set_theme(theme)
        self._mark()

    def labels(self) -> list[str]:
        """What runs are called in plots: without what all their names begin with, and with what is noted of them."""
        notes = [f" {_short(run.notes)}" if run.notes else "" for run in self.runs]
        return [f"{name}{note}" for name, note in zip(self._names(), notes, strict=True)]

    def _names(self) -> list[str]:
        names = [run.name for run in self.runs]
        if not names or len({run.graph for run in self.runs}) > 1:
            return names
        if len(names) == 1:
            return [names[0].removeprefix(f"{folders_called(self.runs[0].graph)}-")]
        parts = [name.split("-") for name in names]
        same = 0
        while all(len(each) > same + 1 and each[same] == parts[0][same] for each in parts):
            same += 1
        return ["-".join(each[same:]) for each in parts]

    def _offer_groups(self) -> None:
        chosen = self.grouped_by
        with QSignalBlocker(self.by):
            self.by.clear()
            self.by.addItem(EACH, "")
            if len(self.runs) > 1:
                self.by.addItem(TOGETHER, ALL)
            for name in varied(self.runs):
                self.by.addItem(f"by {name}", name)
            self.by.setCurrentIndex(max(self.by.findData(chosen), 0))

    def _plot(self) -> None:
        self._mark()
        sound = [(run, label) for run, label in zip(self.runs, self.labels(), strict=True) if run.settings]
        if not sound:
            self._show([])
            return
        if not self.grouped_by and len(sound) > MOST:
            self.told.emit(f"Curves of {MOST} of {len(sound):,} runs are shown: grouped by a setting all are", "note")
        runs, labels = zip(*(sound if self.grouped_by else sound[:MOST]), strict=True)
        self._reader.plot(runs, labels, self.grouped_by)

    def _mark(self) -> None:
        """The colours of curves beside the names of runs."""
        sound = [run for run in self.runs if run.settings]
        if by := self.grouped_by:
            named = {run.path: "" if by == ALL else str(run.settings.get(by, "–")) for run in sound}
            groups = list(dict.fromkeys(named.values()))
            row = hues(len(groups), self.theme)
            colours = {path: row[groups.index(name)] for path, name in named.items()}
        else:
            chosen = sound[:MOST]
            colours = dict(zip((run.path for run in chosen), hues(len(chosen), self.theme), strict=True))
        self._model.mark(self.runs, colours)

    def _compared(self, plots: list[Together]) -> Compared | None:
        if len(self.runs) < 2 or not plots:
            return None
        labels = () if self.grouped_by else zip(self.labels(), self.runs, strict=True)
        return Compared(tuple(plots), {label: run.path for label, run in labels}, len(self.runs))

    def _show(self, plots: list[Together]) -> None:
        there = any(curve.column.size for plot in plots for curve in plot.curves)
        if there and self.plots is None:
            from ..plots.compared import ComparedPlots

            self.plots = ComparedPlots(self.theme, self)
            self.plots.head.insertWidget(0, self.by)
            self.by.show()
            self.plots.export_wanted.connect(self.export_wanted)
            self._column.addWidget(self.plots, 1)
        if self.plots is not None:
            self.plots.setVisible(there)
            self.plots.show_plots(plots)
        self.compared.emit(self._compared(plots))
        self.empty.setText(NO_NUMBERS if self.runs else CHOOSE)
        self.empty.setVisible(not there)
