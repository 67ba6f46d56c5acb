"""The plots of several runs: made as they are asked for, with what all have in common above them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ..look.theme import Theme
from .choice_bar import ChoiceBar
from .curve_plot import CurvePlot
from .data import Axis
from .grid import CardGrid
from .together import Together


class ComparedPlots(QWidget):
    """`show_plots` whenever there is something else; plots of the same titles stay as they were looked at."""

    export_wanted = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.plots: dict[str, CurvePlot] = {}
        self._axis: Axis = "iterations"
        self._factor = 0.0
        self.grid = CardGrid()
        self.bar = ChoiceBar()
        self.bar.axis_chosen.connect(self.set_axis)
        self.bar.smoothing_chosen.connect(self.set_smoothing)
        self.bar.fit_wanted.connect(self.fit)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(8, 0, 0, 0)
        self.head.addStretch(1)
        self.head.addWidget(self.bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.head)
        column.addWidget(self.grid, 1)

    def show_plots(self, plots: Sequence[Together]) -> None:
        """Show these, and no others."""
        titles = [plot.title for plot in plots]
        if [*self.plots] != titles:
            self.grid.clear()
            self.plots = {}
        for plot in plots:
            shown = self.plots.get(plot.title) or self._made(plot)
            shown.show_bands(plot.bands)
            shown.show_curves(plot.curves)

    def _made(self, plot: Together) -> CurvePlot:
        made = CurvePlot(self.theme, plot.title, log_y=plot.log_y)
        made.export_wanted.connect(self.export_wanted)
        made.set_axis(self._axis)
        made.set_smoothing(self._factor)
        self.plots[plot.title] = made
        self.grid.add(made)
        return made

    def set_axis(self, axis: Axis) -> None:
        """Count this across, in all plots."""
        self._axis = axis
        self.bar.show_axis(axis)
        for plot in self.plots.values():
            plot.set_axis(axis)

    def set_smoothing(self, factor: float) -> None:
        """Smooth all curves so much."""
        self._factor = factor
        self.bar.show_smoothing(factor)
        for plot in self.plots.values():
            plot.set_smoothing(factor)

    def fit(self) -> None:
        """Show all of every plot."""
        for plot in self.plots.values():
            plot.zoom.fit()

    def set_theme(self, theme: Theme) -> None:
        """Show all in other colours."""
        self.theme = theme
        for plot in self.plots.values():
            plot.set_theme(theme)
