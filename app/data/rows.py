"""The rows of a set: as a table, or as tiles where they are pictures, and what part of it they are."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ..inspecting.editors import Check
from ..inspecting.parts import Elided
from ..inspecting.sheet import small
from ..look.theme import Theme
from ..plots.board import Board
from .columns import Part
from .faults import Fault
from .grid import Grid
from .reading import Look
from .rows_view import EMPTY, RowsView
from .tiles import PictureTiles


class Rows(Part):
    """Shows those of a look. `target_chosen(number)`: this column of the file is to be the target."""

    target_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.given = Check(theme, "as the network gets them")
        self.told = Elided(rows=2)
        self.shown = QStackedWidget()
        super().__init__(self.given, self.told, self.shown)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.column.setContentsMargins(10, 8, 10, 8)
        self.column.setSpacing(5)
        self.column.setStretchFactor(self.shown, 1)
        self.column.addStretch(0)
        self.look = Look(whole=False)
        self.given.setToolTip("Rows to train with: texts as columns of 0 and 1, standardised where that is set")
        self.given.toggled.connect(lambda _: self._refresh())
        self.told.setProperty("role", "dim")
        self.told.setFont(small())
        self.table = RowsView(theme)
        self.table.column_chosen.connect(self.target_chosen)
        self.tiles = PictureTiles()
        self.board = Board(theme, self.tiles)
        self.board.setAccessibleName("Pictures of the data")
        self.board.told.connect(self._tell)
        for widget in (self.table, self.board):
            self.shown.addWidget(widget)
        self._refresh()

    def show_look(self, look: Look) -> None:
        """Show others."""
        self.look = look
        self.tiles.show(look.pictures)
        self.board.refresh()
        self._refresh()

    @property
    def grid(self) -> Grid:
        """What the table shows."""
        look = self.look
        return (look.given if self.given.isChecked() and look.given is not None else look.source) or EMPTY

    @property
    def _of_file(self) -> bool:
        """Whether these are rows of a file that has columns to choose from."""
        return bool(self.look.columns) and self.grid is self.look.source

    def _refresh(self) -> None:
        pictures = self.look.pictures
        self.given.setVisible(self.look.given is not None and pictures is None)
        self.shown.setCurrentWidget(self.table if pictures is None else self.board)
        self.shown.setVisible(bool(self.grid.rows) or pictures is not None)
        self.table.show_grid(self.grid, self._of_file)
        self._tell()

    def _tell(self) -> None:
        pictures = self.look.pictures
        if pictures is not None:
            shown = f"{len(pictures.captions):,} of {pictures.total:,} pictures"
            self.told.show_text(self.board.words or shown)
        else:
            self.told.show_text(self.grid.told + "; click a column's name to make it the target" * self._of_file)

    def go_to(self, fault: Fault) -> None:
        """Show where it is, where it is in one of these rows."""
        if self.look.source is None:
            return
        place = next((cell for cell, text in self.look.source.marks.items() if text == fault.text), None)
        if place is not None:
            self.given.setChecked(False)
            self.table.go_to(place)
