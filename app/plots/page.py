"""The page behind `PlotsView`: what all plots have in common above, tabs of plots beneath."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, TypeVar, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QTabWidget, QVBoxLayout, QWidget

from ..look.theme import Theme
from .card import Card
from .choice_bar import ChoiceBar
from .confusion import ConfusionMatrix
from .curve_plot import CurvePlot
from .data import Axis, Curves, Looked, Region
from .embedding_card import EmbeddingCard
from .filters_card import FiltersCard
from .grid import WHOLE, CardGrid
from .grouping import CURVES, LOSS, PARAMETERS, Chart, charts, shown_in
from .ribbon_plot import RibbonPlot
from .samples_card import SamplesCard
from .surface import DecisionSurface

Made = TypeVar("Made", bound=Card)


class Plot(Protocol):
    """Gives the plot of a title, made where there is none yet."""

    def __call__(self, title: str, kind: Callable[[Theme, str], Made]) -> Made: ...


PREDICTIONS, DISTRIBUTIONS, WEIGHTS = "Predictions", "Distributions", "Weights"


def told_of(curves: Curves) -> set[str]:
    """The pages for which a run has something."""
    there = {chart.page for chart in charts(curves.columns)}
    if curves.ribbons:
        there.add(DISTRIBUTIONS)
    looked = curves.looked or Looked(0)
    if any(each is not None for each in (looked.confusion, looked.surface, looked.samples)):
        there.add(PREDICTIONS)
    if looked.filters or looked.embeddings:
        there.add(WEIGHTS)
    return there


def show_predictions(looked: Looked, plot: Plot) -> None:
    """Of what is predicted each kind in a plot of its own; `plot` gives that of a title."""
    if looked.confusion is not None:
        plot("confusion", ConfusionMatrix).show_confusion(looked.confusion)
    if looked.surface is not None:
        plot("decision surface", DecisionSurface).show_surface(looked.surface)
    if looked.samples is not None:
        plot("samples", SamplesCard).show_samples(looked.samples)


def show_weights(looked: Looked, plot: Plot) -> None:
    """Filters and embeddings, each in a plot of its own."""
    for filters in looked.filters:
        plot(f"filters of {filters.name}", FiltersCard).show_filters(filters)
    for embedding in looked.embeddings:
        plot(f"rows of {embedding.name}", EmbeddingCard).show_embedding(embedding)


class PlotsPage(QWidget):
    """Plots are made as the run tells of something new, and stay for as long as it does."""

    clicked = Signal(int)
    export_wanted = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.curves: Curves | None = None
        self.plots: dict[tuple[str, str], Card] = {}  # by page and title
        self.axis: Axis = "iterations"
        self.factor = 0.0
        self._cursor: int | None = None
        self._seen: dict[str, Looked] = {}  # what each page shows of what changes as a whole
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.grids = {name: CardGrid() for name in (CURVES, PARAMETERS)}
        self.grids |= {DISTRIBUTIONS: CardGrid(WHOLE), PREDICTIONS: CardGrid(), WEIGHTS: CardGrid()}
        for name, grid in self.grids.items():
            self.tabs.addTab(grid, name)
        self.empty = QLabel("Nothing has been trained yet: curves begin with the first iteration.")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("rank", "second")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.empty, 1)
        column.addWidget(self.tabs, 1)
        self.bar = ChoiceBar()
        self.bar.axis_chosen.connect(self.set_axis)
        self.bar.smoothing_chosen.connect(self.set_smoothing)
        self.bar.fit_wanted.connect(self.fit)
        self.tabs.setCornerWidget(self.bar, Qt.Corner.TopRightCorner)
        self.tabs.currentChanged.connect(lambda _: self.refresh())
        self._show_tabs()

    def show_curves(self, curves: Curves | None) -> None:
        """Show a run, None: none."""
        if curves is not self.curves:
            self.plots, self._seen = {}, {}
            for grid in self.grids.values():
                grid.clear()
        self.curves = curves
        self.refresh()

    def refresh(self) -> None:
        """Show what there is by now in the plots that are in sight."""
        self._show_tabs()
        if self.curves is None:
            return
        page = self.tabs.tabText(self.tabs.currentIndex())
        lines = page in (CURVES, PARAMETERS)
        self.bar.show_for(lines or page == DISTRIBUTIONS, lines)
        if lines:
            found = charts(self.curves.columns)
            titles = [chart.title for chart in found]
            for chart in found:
                if chart.page == page:
                    self._show_chart(
                        chart, [each for each in self.curves.regions if shown_in(each, titles) == chart.title]
                    )
        elif page == DISTRIBUTIONS:
            for title, ribbons in self.curves.ribbons.items():
                self._plot(page, title, RibbonPlot).show_ribbons(ribbons)
        elif (looked := self.curves.looked) is not None and looked is not self._seen.get(page):
            self._seen[page] = looked
            (show_predictions if page == PREDICTIONS else show_weights)(looked, partial(self._plot, page))

    def _show_tabs(self) -> None:
        """Those for which there is something."""
        there = set() if self.curves is None else told_of(self.curves)
        for number in range(self.tabs.count()):
            self.tabs.setTabVisible(number, self.tabs.tabText(number) in there)
        self.tabs.setVisible(bool(there))
        self.empty.setVisible(not there)

    def _show_chart(self, chart: Chart, regions: Sequence[Region]) -> None:
        assert self.curves is not None
        plot = self._plot(chart.page, chart.title, partial(CurvePlot, log_y=chart.log_y))
        plot.show_curves(chart.curves, self.curves.marks, self.curves.references.get(chart.title, ()), regions)

    def _plot(self, page: str, title: str, kind: Callable[[Theme, str], Made]) -> Made:
        """The plot of this title, made where there is none yet."""
        known = self.plots.get((page, title))
        if known is not None:
            return cast(Made, known)
        made = kind(self.theme, title)
        self.plots[page, title] = made
        made.export_wanted.connect(self.export_wanted)
        if isinstance(made, CurvePlot | RibbonPlot):
            made.clicked.connect(self.clicked)
            made.set_axis(self.axis)
            made.set_cursor(self._cursor)
        if isinstance(made, CurvePlot):
            made.set_smoothing(self.factor)
        self.grids[page].add(made)
        return made

    def bring(self, title: str) -> None:
        """Show the plot of this title; where there is none, that of the loss."""
        found = {} if self.curves is None else {chart.title: chart.page for chart in charts(self.curves.columns)}
        title = title if title in found else LOSS
        if title in found:
            self.tabs.setCurrentWidget(self.grids[found[title]])
            self.refresh()
            self.grids[found[title]].ensureWidgetVisible(self.plots[found[title], title])

    def set_axis(self, axis: Axis) -> None:
        """Count this across, in all plots."""
        self.axis = axis
        self.bar.show_axis(axis)
        for plot in self.plots.values():
            if isinstance(plot, CurvePlot | RibbonPlot):
                plot.set_axis(axis)

    def set_smoothing(self, factor: float) -> None:
        """Smooth all curves so much."""
        self.factor = factor
        self.bar.show_smoothing(factor)
        for plot in self.plots.values():
            if isinstance(plot, CurvePlot):
                plot.set_smoothing(factor)

    def set_cursor(self, iteration: int | None) -> None:
        """Mark the iteration that is stepped through."""
        self._cursor = iteration
        for plot in self.plots.values():
            if isinstance(plot, CurvePlot | RibbonPlot):
                plot.set_cursor(iteration)

    def fit(self) -> None:
        """Show all of every plot."""
        for plot in self.plots.values():
            if isinstance(plot, RibbonPlot):
                plot.fit()
            elif isinstance(plot, CurvePlot | DecisionSurface | EmbeddingCard):
                plot.zoom.fit()

    def set_theme(self, theme: Theme) -> None:
        """Show all in other colours."""
        self.theme = theme
        for plot in self.plots.values():
            plot.set_theme(theme)
