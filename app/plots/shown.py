"""The plots of a page with what they have in common: axis, smoothing, the iteration that is stepped through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from ..look.theme import Theme
from .card import Card
from .curve_plot import CurvePlot
from .data import Axis
from .embedding_card import EmbeddingCard
from .grid import CardGrid
from .grouping import order
from .ribbon_plot import RibbonPlot
from .surface import DecisionSurface

Made = TypeVar("Made", bound=Card)


class Shown:
    """`plots` are by page and title; `clicked` and `export_wanted` are signals to which theirs are connected."""

    def __init__(self, theme: Theme, grids: Mapping[str, CardGrid], clicked: Any, export_wanted: Any) -> None:
        self.theme, self.grids = theme, grids
        self.plots: dict[tuple[str, str], Card] = {}
        self.axis: Axis = "iterations"
        self.factor = 0.0
        self.cursor: int | None = None
        self._clicked, self._export_wanted = clicked, export_wanted

    def clear(self) -> None:
        """No plot any more."""
        self.plots.clear()
        for grid in self.grids.values():
            grid.clear()

    def plot(self, page: str, title: str, kind: Callable[[Theme, str], Made]) -> Made:
        """The plot of this title, made where there is none yet."""
        known = self.plots.get((page, title))
        if known is not None:
            return cast(Made, known)
        made = kind(self.theme, title)
        self.plots[page, title] = made
        made.export_wanted.connect(self._export_wanted)
        if isinstance(made, CurvePlot | RibbonPlot):
            made.clicked.connect(self._clicked)
            made.set_axis(self.axis)
            made.set_cursor(self.cursor)
        if isinstance(made, CurvePlot):
            made.set_smoothing(self.factor)
        grid = self.grids[page]
        before = sum(order(card.title) < order(title) for card in grid.cards)
        grid.add(made, before if isinstance(made, CurvePlot) else None)
        return made

    def set_axis(self, axis: Axis) -> None:
        """Count this across, in all plots."""
        self.axis = axis
        for plot in self.plots.values():
            if isinstance(plot, CurvePlot | RibbonPlot):
                plot.set_axis(axis)

    def set_smoothing(self, factor: float) -> None:
        """Smooth all curves so much."""
        self.factor = factor
        for plot in self.plots.values():
            if isinstance(plot, CurvePlot):
                plot.set_smoothing(factor)

    def set_cursor(self, iteration: int | None) -> None:
        """Mark the iteration that is stepped through."""
        self.cursor = iteration
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
