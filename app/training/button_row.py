"""The buttons of a run in a line, with what is told of it behind them, or beneath them where there is no room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ..inspecting.sheet import small

TOLD = 640  # pixels: as long as a run is told, as a rule
LEAST = 20  # pixels around the buttons


class ButtonRow:
    """The first line of a column; `seldom` are buttons that are left out where there is no room for all."""

    def __init__(
        self, column: QVBoxLayout, buttons: Sequence[QWidget], seldom: Sequence[QWidget], told: Sequence[QWidget]
    ) -> None:
        self._column, self._seldom = column, seldom
        self._row, self._told = QHBoxLayout(), QHBoxLayout()
        self._row.setSpacing(6)
        self._told.setContentsMargins(8, 0, 0, 0)
        for button in buttons:
            button.setFont(small())
            self._row.addWidget(button)
        for number, part in enumerate(told):
            self._told.addWidget(part, number == 0)
        self._row.addLayout(self._told, 1)
        self._room = sum(button.sizeHint().width() + self._row.spacing() for button in buttons)
        self._narrow = self._beneath = False
        column.addLayout(self._row)

    def arrange(self, width: int) -> None:
        """For so many pixels."""
        narrow, beneath = width < self._room + LEAST, width < self._room + TOLD
        if narrow != self._narrow:
            self._narrow = narrow
            for button in self._seldom:
                button.setHidden(narrow)
        if beneath == self._beneath:
            return
        self._beneath = beneath
        (self._row if beneath else self._column).removeItem(self._told)
        if beneath:
            self._row.addStretch(1)
            self._column.insertLayout(1, self._told)
        else:
            self._row.takeAt(self._row.count() - 1)
            self._row.addLayout(self._told, 1)
