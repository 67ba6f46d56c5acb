"""Which columns of a run stand in which plot: by their names, as training tells them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from .data import Column, Curve, Region

VALIDATION = "validation_"
_LOSSES = {"train_loss": "train", "loss": "train", "validation_loss": "validation"}
RATE = "learning rate"
LOSS = "loss"  # the title of the plot that every run has
CURVES, PARAMETERS = "Curves", "Parameters"
PREDICTIONS, DISTRIBUTIONS, WEIGHTS = "Predictions", "Distributions", "Weights"
PAGES = (CURVES, PARAMETERS, DISTRIBUTIONS, PREDICTIONS, WEIGHTS)  # from left to right
_LOGARITHMIC = ("gradient norm", "update ratio")


@dataclass
class Chart:
    """One plot: its title, the page that it stands on, and its curves."""

    title: str
    page: str = CURVES
    log_y: bool = False
    curves: list[Curve] = field(default_factory=list)


def charts(columns: Mapping[str, Column]) -> list[Chart]:
    """The plots of a run: the loss first, the learning rate behind the metrics, one for each kind of `kind/name`."""
    found: dict[str, Chart] = {}
    for name, column in columns.items():
        title, curve = _placed(name, column)
        chart = found.get(title)
        if chart is None:
            each = "/" in name and title != RATE
            page = PARAMETERS if each or title in _LOGARITHMIC else CURVES
            chart = found[title] = Chart(title, page, title in _LOGARITHMIC)
        chart.curves.append(curve)
    _give_places([chart for chart in found.values() if chart.page == PARAMETERS])
    for chart in found.values():
        pairs = list(dict.fromkeys(curve.pair for curve in chart.curves))
        chart.curves.sort(key=lambda curve: (pairs.index(curve.pair), curve.validation, curve.place or 0))
    return sorted(found.values(), key=lambda chart: order(chart.title))


def order(title: str) -> tuple[int, str]:
    """Where a plot stands among the others, whatever is told first: the loss first, the learning rate last."""
    return {LOSS: 0, RATE: 2}.get(title, 1), title


def _give_places(found: Sequence[Chart]) -> None:
    """A parameter has one look in all plots, though some begin to tell of it later than others, or never do."""
    names = dict.fromkeys(curve.name for chart in found for curve in chart.curves)
    places = {name: place for place, name in enumerate(names)}
    for chart in found:
        chart.curves = [curve._replace(place=places[curve.name]) for curve in chart.curves]


def shown_in(region: Region, titles: Collection[str]) -> str:
    """The title of the plot that shows a region: where its own is not there, that of the loss."""
    return region.plot if region.plot in titles else LOSS


def _placed(name: str, column: Column) -> tuple[str, Curve]:
    """The title of the plot that a column stands in, and its curve there."""
    if name in _LOSSES:
        return LOSS, Curve(_LOSSES[name], column, "loss", _LOSSES[name] == "validation")
    if name == "penalty":
        return LOSS, Curve("penalty", column)
    kind, _, one = name.partition("/")
    if one and _words(kind) == RATE:
        return RATE, Curve(f"groups of {one}", column)
    if one:
        return _words(kind), Curve(one, column)
    if name.startswith(VALIDATION):
        title = _words(name.removeprefix(VALIDATION))
        return title, Curve("validation", column, title, True)
    title = _words(name)
    if title in _LOGARITHMIC:
        return title, Curve("all together", column)
    return title, Curve(title if title == RATE else "train", column, title)


def _words(name: str) -> str:
    return name.replace("_", " ")
