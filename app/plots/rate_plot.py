"""The plot of a range test: the loss over learning rates that grow from one iteration to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QWidget

from ..look.numbers import significant
from ..look.theme import Theme
from .curve_plot import CurvePlot
from .data import Column, Curve, Mark, Steps

RATE = "rate"
SMOOTHED = "smoothed"


class RatePlot(CurvePlot):
    """A `CurvePlot` that counts learning rates across."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "loss by rate", parent)
        self.reader.heading = lambda point: f"{RATE} {significant(point.along(self.axis), 3)}"
        self.reader.notes = lambda _: []
        self.field.name_axis(RATE)
        self.set_logs(True, True)

    def show_rates(
        self, rates: Sequence[float], losses: Sequence[float], smoothed: Sequence[float], suggested: float | None
    ) -> None:
        """Show these so far, and the rate that is suggested."""
        at = Steps(np.asarray(rates))
        curves = [
            Curve(name, Column(np.asarray(found), at)) for name, found in (("loss", losses), (SMOOTHED, smoothed))
        ]
        marks = [] if suggested is None else [Mark(suggested, f"suggested {significant(suggested, 3)}")]
        self.show_curves(curves, marks)

    def explanation(self) -> tuple[str, ...]:
        track = self.tracks.all.get(SMOOTHED)
        if track is None or not track.size:
            return ("Nothing has been tried yet.",)
        rates, means = track.curve.column.at.iterations, np.asarray(track.read(0, track.size))
        lowest = int(np.argmin(means))
        between = f"from {significant(rates[0], 3)} to {significant(rates[-1], 3)}"
        return (
            f"From left to right: learning rates {between}, each for one iteration, behind the one before.",
            f"The smoothed loss is lowest, {significant(means[lowest], 4)}, at {significant(rates[lowest], 3)}.",
            "Suggested is a tenth of that rate: near the lowest loss training is about to diverge.",
            "None of these iterations has changed the document.",
        )
