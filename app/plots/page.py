"""The page behind `PlotsView`: what all plots have in common above, tabs of plots beneath."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from ..inspecting.sheet import small
from ..look.theme import Theme
from ..turns import Turns
from .card import Card
from .confusion import ConfusionMatrix
from .curve_plot import CurvePlot
from .data import Axis, Curves, Looked, Region, Ribbon
from .embedding_card import EmbeddingCard
from .filters_card import FiltersCard
from .grid import WHOLE, CardGrid
from .grouping import CURVES, DISTRIBUTIONS, LOSS, PAGES, PARAMETERS, PREDICTIONS, WEIGHTS, Chart, charts, shown_in
from .head import Head
from .ribbon_plot import RibbonPlot
from .samples_card import SamplesCard
from .shown import Shown
from .surface import DecisionSurface
from .together import Others, Together
from .together_line import TogetherLine

Made = TypeVar("Made", bound=Card)


class Plot(Protocol):
    """Gives the plot of a title, made where there is none yet."""

    def __call__(self, title: str, kind: Callable[[Theme, str], Made]) -> Made: ...


STEPPED = "With the values that iteration {:,} begins with, which is stepped through"


def told_of(curves: Curves, found: Sequence[Chart]) -> set[str]:
    """The pages for which a run has something, `found` being the charts of its columns."""
    there = {chart.page for chart in found}
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


def _empty() -> QLabel:
    made = QLabel("Nothing has been trained yet: curves begin with the first iteration.")
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setProperty("rank", "second")
    return made


def _note() -> QLabel:
    made = QLabel()
    made.setFont(small())
    made.setContentsMargins(8, 2, 8, 2)
    made.setProperty("kind", "mark")
    return made


class PlotsPage(QWidget):
    """Plots are made as the run tells of something new, and stay for as long as it does."""

    clicked = Signal(int)
    export_wanted = Signal(object, str)
    alone_wanted = Signal()  # no other runs are to be shown

    def __init__(self, theme: Theme, head: Head, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curves: Curves | None = None
        self.others: Others | None = None
        self._turns = Turns(self)
        self._there: set[str] | None = None  # the pages that are offered
        self._seen: dict[str, Looked] = {}  # what each page shows of what changes as a whole
        self.head, self.tabs, self.bar = head, head.tabs, head.bar
        self.grids = {name: CardGrid(WHOLE) if name == DISTRIBUTIONS else CardGrid() for name in PAGES}
        self._stack = QStackedWidget()
        self.shown = Shown(theme, self.grids, self.clicked, self.export_wanted)
        self.plots = self.shown.plots  # by page and title
        self.set_cursor, self.set_theme = self.shown.set_cursor, self.shown.set_theme
        for grid in self.grids.values():
            self._stack.addWidget(grid)
        self.empty = _empty()
        self.together = TogetherLine()
        self.together.alone.clicked.connect(lambda _: self.alone_wanted.emit())
        self.stepped = _note()  # of which iteration predictions and weights are, where that is not the newest
        _lay_out(self, self.empty, self._stack, self.together, self.stepped)
        self.bar.axis_chosen.connect(self.set_axis)
        self.bar.smoothing_chosen.connect(self.set_smoothing)
        self.bar.fit_wanted.connect(self.shown.fit)
        self.tabs.currentChanged.connect(self._turn)
        self._show_tabs([])

    def show_curves(self, curves: Curves | None) -> None:
        """Show a run, None: none."""
        if curves is not self.curves:
            self._seen = {}
            self.shown.clear()
        self.curves = curves
        self.refresh()

    def show_others(self, others: Others | None) -> None:
        """Show other runs beside this one, None: none."""
        self.others = others
        self.refresh()

    def refresh(self) -> None:
        """Show what there is by now in the plots that are in sight."""
        self._turns.clear()
        self._show(in_turns=False)

    def follow(self) -> None:
        """The same, one plot a frame: there is more of the run, and it goes on."""
        self._show(in_turns=True)

    def _show(self, in_turns: bool) -> None:
        found = [] if self.curves is None else charts(self.curves.columns)
        self._show_tabs(found)
        if self.curves is None:
            return
        page = self.tabs.tabText(self.tabs.currentIndex())
        lines = page in (CURVES, PARAMETERS)
        looked = self.curves.looked
        self.stepped.setText(STEPPED.format(looked.iteration) if looked is not None and looked.stepped else "")
        self.together.show_others(self.others if page == CURVES else None)
        self.stepped.setVisible(bool(self.stepped.text()) and page in (PREDICTIONS, WEIGHTS))
        self.bar.show_for(lines or page == DISTRIBUTIONS, lines)
        for key, show in self._pieces(page, found):
            if in_turns and key in self.plots:
                self._turns.take(key, show)
            else:
                show()

    def _pieces(self, page: str, found: Sequence[Chart]) -> Iterator[tuple[tuple[str, str], Callable[[], object]]]:
        """What is to be done to show a page as it is now: what stands under which key in `plots`, and how."""
        assert self.curves is not None
        if page in (CURVES, PARAMETERS):
            titles = [chart.title for chart in found]
            for chart in found:
                if chart.page == page:
                    regions = [each for each in self.curves.regions if shown_in(each, titles) == chart.title]
                    yield (page, chart.title), partial(self._show_chart, chart, regions)
        elif page == DISTRIBUTIONS:
            for title, ribbons in self.curves.ribbons.items():
                yield (page, title), partial(self._show_ribbons, title, ribbons)
        elif (looked := self.curves.looked) is not None and looked is not self._seen.get(page):
            self._seen[page] = looked
            show = show_predictions if page == PREDICTIONS else show_weights
            yield (page, ""), partial(show, looked, partial(self.shown.plot, page))

    def _show_tabs(self, found: Sequence[Chart]) -> None:
        """Those for which there is something."""
        there = set() if self.curves is None else told_of(self.curves, found)
        if there == self._there:
            return  # else all would be laid out again, some times a second
        self._there = there
        with QSignalBlocker(self.tabs):  # Qt leaves a tab that is hidden for a while
            for number, name in enumerate(PAGES):
                if self.tabs.isTabVisible(number) != (name in there):  # else Qt forgets that others have changed
                    self.tabs.setTabVisible(number, name in there)
        shown = [number for number, name in enumerate(PAGES) if name in there]
        if shown:
            kept = self._stack.currentIndex()
            self.tabs.setCurrentIndex(kept if kept in shown else shown[0])
            self._stack.setCurrentIndex(self.tabs.currentIndex())
        for part, seen in ((self.head, there), (self._stack, there), (self.empty, not there)):
            part.setVisible(bool(seen))

    def _show_chart(self, chart: Chart, regions: Sequence[Region]) -> None:
        assert self.curves is not None
        plot = self.shown.plot(chart.page, chart.title, partial(CurvePlot, log_y=chart.log_y))
        if chart.page == CURVES:
            together = Together(chart.title, curves=chart.curves)
            if self.others is not None:
                together = self.others.with_own(chart.title, chart.curves)
            plot.show_bands(together.bands)
            chart = replace(chart, curves=together.curves)
        plot.show_curves(chart.curves, self.curves.marks, self.curves.references.get(chart.title, ()), regions)

    def _show_ribbons(self, title: str, ribbons: Sequence[Ribbon]) -> None:
        self.shown.plot(DISTRIBUTIONS, title, RibbonPlot).show_ribbons(ribbons)

    def _turn(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        self.refresh()

    def has(self, name: str) -> bool:
        """Whether a page is offered."""
        return name in (self._there or ())

    def bring(self, title: str) -> None:
        """Show the plot of this title; where there is none, that of the loss."""
        found = {} if self.curves is None else {chart.title: chart.page for chart in charts(self.curves.columns)}
        title = title if title in found else LOSS
        if title in found:
            self.tabs.setCurrentIndex(PAGES.index(found[title]))
            self.refresh()
            self.grids[found[title]].ensureWidgetVisible(self.plots[found[title], title])

    def set_axis(self, axis: Axis) -> None:
        """Count this across, in all plots."""
        self.bar.show_axis(axis)
        self.shown.set_axis(axis)

    def set_smoothing(self, factor: float) -> None:
        """Smooth all curves so much."""
        self.bar.show_smoothing(factor)
        self.shown.set_smoothing(factor)


def _lay_out(page: QWidget, *parts: QWidget) -> None:
    """The first two have the room, one at a time; notes stand beneath."""
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for number, part in enumerate(parts):
        column.addWidget(part, 1 if number < 2 else 0)
