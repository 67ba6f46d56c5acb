"""Which part of a tensor of many axes is shown: two axes to spread out, and a slider for each of the others."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from ..inspecting.editors import ChoiceEdit
from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.fonts import mono
from ..look.theme import Theme
from .slicing import Slicing


class AxisSliders(QWidget):
    """`changed(slicing)` when the user chooses another part."""

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slicing = Slicing.first(())
        self.spread = QWidget()
        row = QHBoxLayout(self.spread)
        row.setContentsMargins(0, 0, 0, 0)
        self.down, self.across = ChoiceEdit(theme, ()), ChoiceEdit(theme, ())
        for text, choice in (("down", self.down), ("across", self.across)):
            choice.setAccessibleName(f"axis {text}")
            row.addWidget(label(text, "dim", small()))
            row.addWidget(choice, 1)
        self.down.chosen.connect(lambda axis: self._spread(axis, self.slicing.columns, self.slicing.rows))
        self.across.chosen.connect(lambda axis: self._spread(self.slicing.rows, axis, self.slicing.columns))
        self.grid = QGridLayout()
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.spread)
        column.addLayout(self.grid)
        self.sliders: dict[int, QSlider] = {}
        self.places: dict[int, QLabel] = {}

    def show_slicing(self, slicing: Slicing, axes: tuple[int, ...], spread: bool) -> None:
        """Show sliders for `axes`, and with `spread` which axes are spread out."""
        self.slicing = slicing
        shape = slicing.shape
        self.spread.setVisible(spread)
        if spread:
            offered = [(f"axis {axis} ({length})", axis) for axis, length in enumerate(shape)]
            for choice, axis in ((self.down, slicing.rows), (self.across, slicing.columns)):
                choice.offer(offered)
                choice.show_value(axis)
        if tuple(self.sliders) != axes:
            self._make(axes)
        for axis, slider in self.sliders.items():
            with QSignalBlocker(slider):
                slider.setRange(0, max(shape[axis] - 1, 0))
                slider.setValue(slicing.at[axis])
            self.places[axis].setText(f"{slicing.at[axis]} / {shape[axis]}")
        self.setVisible(spread or bool(axes))

    def _make(self, axes: tuple[int, ...]) -> None:
        while self.grid.count():
            item = self.grid.takeAt(0)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.deleteLater()
        self.sliders, self.places = {}, {}
        for row, axis in enumerate(axes):
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setAccessibleName(f"place on axis {axis}")
            slider.valueChanged.connect(partial(self._move, axis))
            self.sliders[axis] = slider
            self.places[axis] = label("", None, mono(0.9))
            self.grid.addWidget(label(f"axis {axis}", "dim", small()), row, 0)
            self.grid.addWidget(slider, row, 1)
            self.grid.addWidget(self.places[axis], row, 2)

    def _move(self, axis: int, place: int) -> None:
        self.changed.emit(self.slicing.moved(axis, place))

    def _spread(self, rows: int | None, columns: int | None, old: int | None) -> None:
        """Spread other axes out; where both are the same the other one takes the place that was left."""
        if rows is None or columns is None or old is None:
            return
        if rows == columns:
            rows, columns = (old, columns) if self.slicing.rows == rows else (rows, old)
        self.changed.emit(self.slicing.spread(rows, columns))
