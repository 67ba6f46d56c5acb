"""What the filters of a layer look for: their weights as small pictures."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ..look.numbers import significant
from ..look.theme import Theme
from .board import Board
from .card import Card, Sheet
from .data import Filters
from .filter_planes import FilterPlanes


class FiltersCard(Card):
    """A plane of colours for each filter and channel; pointer or keys tell a weight."""

    def __init__(self, theme: Theme, title: str = "filters", parent: QWidget | None = None) -> None:
        super().__init__(theme, title, self.explanation, parent)
        self.planes = FilterPlanes()
        self.board = Board(theme, self.planes)
        self.board.setAccessibleName(title)
        self.put(self.board)
        self.add_exports()

    def show_filters(self, filters: Filters | None) -> None:
        """Show them as they are now, None: there are none."""
        if filters is self.planes.filters and filters is not None:
            return
        self.planes.show(filters)
        self.put_head(self.told_head)
        self.board.refresh()
        self.help.refresh()

    @property
    def told_head(self) -> str:
        """How many there are, and between what their weights lie."""
        found = self.planes.filters
        if found is None:
            return ""
        shown, total = len(self.planes.planes), len(found.planes)
        words = f"{total // found.channels:,} filters"
        words += f" × {found.channels:,} channels" if found.channels > 1 else ""
        if shown < total:
            words = f"{shown:,} of {total:,} planes"
        return f"{words} · ±{significant(self.planes.greatest, 3)}"

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.board.restyle(theme)

    def explanation(self) -> tuple[str, ...]:
        """How it is read, by the largest weight."""
        found, planes = self.planes.filters, self.planes.planes
        if found is None or not planes.size:
            return ("There are no filters yet.",)
        each = f"{planes.shape[1]} × {planes.shape[2]} weights of {found.name}"
        lines = [f"Each plane is {each}: blue where a large input raises the output, orange where it lowers it."]
        if found.channels > 1:
            lines.append("The channels of a filter stand next to each other: their products with the input are added.")
        if len(planes) < len(found.planes):
            lines.append(f"{len(planes):,} of {len(found.planes):,} planes are shown.")
        finite = np.where(np.isfinite(planes), np.abs(planes), -1.0)
        where = tuple(int(place) for place in np.unravel_index(int(np.argmax(finite)), planes.shape))
        lines.append(f"All have one scale. The largest weight is at {self.planes.words(where)}.")
        broken = int((~np.isfinite(planes)).sum())
        return (*lines, f"{broken:,} are not finite: they are crossed or have an arrow.") if broken else tuple(lines)

    def sheets(self) -> tuple[Sheet, ...]:
        found = self.planes.filters
        if found is None:
            return ()
        weights = np.asarray(found.planes)
        plane, row, column = (index.reshape(-1) for index in np.indices(weights.shape))
        columns = {
            "filter": plane // found.channels,
            "channel": plane % found.channels,
            "row": row,
            "column": column,
            "weight": weights.reshape(-1),
        }
        return (Sheet(found.name, columns),)

    def draw_body(self, painter: QPainter, place: QRectF) -> None:
        self.planes.draw(painter, place, self.board.spot, self.theme)
