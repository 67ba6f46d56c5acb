"""A row of numbers to be typed: a field for each, and a choice for what is a text in the file."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from ...core.parameters import Parameter, Range
from ..inspecting.fields import Field
from ..inspecting.parts import label
from ..inspecting.sheet import sheet, small
from ..look.numbers import significant
from ..look.theme import Theme
from .subject import Feature, Subject

Array = np.ndarray[Any, Any]
MOST = 96  # fields: of more numbers the first are typed, and the others are those of the sample
WIDE = 320  # pixels of a field, at least, where there is room for two: then its range is seen


class RowFields(QScrollArea):
    """`typed(numbers)` with all of them, in the data's own numbers."""

    typed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.numbers = np.zeros(0)
        self.fields: list[Field] = []
        self._features: list[Feature] = []
        self._shape: tuple[int, ...] = (0,)
        self._columns = 0
        self.more = label("", "dim", small(), wrap=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page = QWidget()
        self._page.setObjectName("page")
        self._grid = QGridLayout(self._page)
        self._grid.setContentsMargins(2, 2, 8, 2)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self.setWidget(self._page)
        self.set_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(420, 220)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.setStyleSheet(sheet(theme))
        for field in self.fields:
            for part in (field.choice, field.bar):
                if part is not None:
                    part.theme = theme
                    part.update()

    def begin(self, subject: Subject) -> None:
        """Show fields for samples like these."""
        for field in self.fields:
            field.deleteLater()
        self._features = list(subject.features[:MOST])
        self._shape, self.numbers = subject.shape, np.zeros(subject.shape)
        low, high = subject.low.reshape(-1), subject.high.reshape(-1)
        self.fields = [self._field(each, low, high, subject.whole) for each in self._features]
        room = max((field.label_room for field in self.fields), default=0)
        told = max((field.unit.sizeHint().width() for field in self.fields), default=0)
        for field in self.fields:
            field.label_room = room
            field.unit.setFixedWidth(told)  # bars beside ranges of any length are as wide
        left = len(subject.features) - len(self._features)
        self.more.setText(f"and {left:,} more numbers, as they are in the sample" if left else "")
        self._columns = 0
        self._lay_out()

    def _field(self, feature: Feature, low: Array, high: Array, whole: bool) -> Field:
        first, last = float(low[feature.first]), float(high[feature.first])
        offered: list[tuple[str, Any]] | None = None
        if feature.texts:
            parameter = Parameter(feature.name, int)
            offered = [(text, number) for number, text in enumerate(feature.texts)]
        else:
            usual = (first, last) if last > first else (first - 1, first + 1)
            told = f"{significant(first, 3)} … {significant(last, 3)}"  # in the data
            parameter = Parameter(feature.name, int if whole else float, range=Range(unit=told, usual=usual))
        field = Field(parameter, "the sample", partial(self._commit, feature), self.theme, offered)
        field.unit.setToolTip("Between what the data lie")
        return field

    def show_numbers(self, own: Array) -> None:
        """Show a sample; what is being typed stays."""
        self.numbers = np.asarray(own, np.float64).reshape(-1)
        for feature, field in zip(self._features, self.fields, strict=True):
            found = self.numbers[feature.first : feature.first + max(len(feature.texts), 1)]
            value: Any = int(found.argmax()) if feature.texts else float(f"{found[0]:.6g}")
            whole = field.parameter.annotation is int
            field.show_value(int(value) if whole else value, given=True)

    def _commit(self, feature: Feature, value: Any, _: object) -> str | None:
        if isinstance(value, float) and not np.isfinite(value):
            return f"{feature.name} must be a finite number, got {value:g}"
        numbers = self.numbers.reshape(-1).copy()
        if feature.texts:
            numbers[feature.first : feature.first + len(feature.texts)] = 0.0
            numbers[feature.first + value] = 1.0
        else:
            numbers[feature.first] = value
        self.show_numbers(numbers)  # the bar follows what is typed, the text what is dragged
        self.typed.emit(numbers.reshape(self._shape))
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        """As many columns as there is room for, filled downwards, as one reads a form."""
        columns = max(1, min(self.viewport().width() // WIDE, len(self.fields)))
        if columns == self._columns:
            return
        self._columns = columns
        while self._grid.count():
            self._grid.takeAt(0)
        rows = -(-len(self.fields) // columns)
        for number, field in enumerate(self.fields):
            self._grid.addWidget(field, number % rows, number // rows, Qt.AlignmentFlag.AlignTop)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._grid.addWidget(self.more, rows, 0, 1, columns)
        self.more.setVisible(bool(self.more.text()))
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        self._grid.setRowStretch(rows + 1, 1)
