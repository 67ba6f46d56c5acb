"""The tensor viewer: one array in four ways, with what is said of all its elements above."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ..bridge import Request, Worker
from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.fonts import mono
from ..look.theme import Theme
from .axes import AxisSliders
from .heat_map import HeatMap
from .histogram import Bins, Histogram, bins
from .images import ImageGrid, as_images
from .saving import Saver
from .slicing import Slicing
from .statistics import Statistics, statistics
from .table import PlaneModel

Array = np.ndarray[Any, Any]
AT_ONCE = 200_000  # elements whose statistics are computed without a thread
POINTED = 190  # pixels for what the pointer is at, where all buttons stand in one row
WAYS = ("Table", "Heat map", "Histogram", "Images")


class Whole(NamedTuple):
    """What is known of all elements of an array."""

    array: Array
    found: Statistics
    bins: Bins


def look_at(array: Array, request: Request | None = None) -> Whole | None:
    """Statistics and bins of an array; None where the request is no longer wanted."""
    cancelled = (lambda: request.cancelled) if request is not None else (lambda: False)
    found = statistics(array, cancelled)
    made = bins(array, found, cancelled) if found is not None else None
    return Whole(array, found, made) if found is not None and made is not None else None


class TensorParts(QWidget):
    """The widgets of a tensor viewer and where they stand."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._make_widgets()
        self._arrange()

    def _make_widgets(self) -> None:
        theme = self.theme
        self.buttons = QButtonGroup(self)
        for i, text in enumerate(WAYS):
            button = QPushButton(text)
            button.setCheckable(True)
            self.buttons.addButton(button, i)
        self.copy_button, self.save_button = QPushButton("Copy"), QPushButton("Save…")
        self.copy_button.setToolTip("Copy the selected cells, or the plane, as text")
        self.save_button.setToolTip("Save the whole tensor as .npy or .csv")
        self.doing, self.stop_button = label("", "dim", small()), QPushButton("Stop")
        self.model = PlaneModel(theme)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setFont(mono(0.92))
        self.table.setAccessibleName("elements")
        for header, size in ((self.table.verticalHeader(), 22), (self.table.horizontalHeader(), 84)):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(size)
            header.setFont(small())
        self.heat_map, self.histogram, self.images = HeatMap(theme), Histogram(theme), ImageGrid(theme)
        self.axes = AxisSliders(theme)
        self.pointed = label("", None, mono(0.9))
        for widget in (self.heat_map, self.histogram, self.images):
            widget.pointed.connect(self.pointed.setText)
        self.line = label("", "dim", small(), wrap=True)
        self.line.setAccessibleName("statistics")

    def _arrange(self) -> None:
        self.stack = QStackedWidget()
        # It takes the height that is left: a table would ask for far more than it needs to be read.
        self.stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.stack.setMinimumHeight(64)
        for widget in (self.table, self.heat_map, self.histogram, self.images):
            self.stack.addWidget(widget)
        ways, doing, self._rows = QHBoxLayout(), QHBoxLayout(), QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for row in (ways, doing, self._rows):
            row.setSpacing(4)
        for button in self.buttons.buttons():
            button.setMinimumWidth(0)
            ways.addWidget(button)
        ways.addStretch(0)
        doing.addWidget(self.pointed, 1)
        doing.addWidget(self.doing)
        doing.addWidget(self.stop_button)
        doing.addWidget(self.copy_button)
        doing.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        self._rows.addLayout(ways)
        self._rows.addLayout(doing, 1)
        column.addWidget(self.line)
        column.addLayout(self._rows)
        column.addWidget(self.axes)
        column.addWidget(self.stack, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is width all buttons stand in one row: the height is for the elements."""
        super().resizeEvent(event)
        buttons = (*self.buttons.buttons(), self.copy_button, self.save_button)
        needed = sum(button.sizeHint().width() + self._rows.spacing() for button in buttons) + POINTED
        ways = QBoxLayout.Direction
        self._rows.setDirection(ways.LeftToRight if self.width() >= needed else ways.TopToBottom)


class TensorView(TensorParts):
    """One array as table, heat map, histogram and images. `told(text, kind)`: what was done or refused.

    `saver`: what copies and saves, of whoever outlives this view.
    """

    told = Signal(str, str)

    def __init__(self, theme: Theme, saver: Saver | None = None, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.saver = saver or Saver(self)
        self.array: Array | None = None
        self.name, self.samples = "tensor", False
        self.whole: Whole | None = None
        self.slicing = Slicing.first(())
        self._worker: Worker | None = None
        self.buttons.idClicked.connect(self.show_way)
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self.ask_where_to_save)
        self.stop_button.clicked.connect(self.saver.stop)
        self.saver.changed.connect(self._show_doing)
        if saver is None:
            self.saver.told.connect(self.told)
        copied = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table, self.copy)
        copied.setContext(Qt.ShortcutContext.WidgetShortcut)  # elsewhere the key is another's
        self.axes.changed.connect(self._show_slicing)
        self.show_way(0)
        self._show_doing()

    # Showing.

    def show_array(self, array: Array | None, name: str = "tensor", samples: bool = False) -> None:
        """Show an array; the part of it and the way of showing it stay where they fit.

        `samples`: each row is one of a batch.
        """
        self.name, self.samples = name, samples
        if array is self.array:
            return
        if array is not None:
            self.slicing = self.slicing.fitting(array.shape)
        self.array, self.whole = array, None
        self._ask_for_all()
        self._show_part()

    def show_way(self, way: int) -> None:
        """Show it as table (0), heat map (1), histogram (2) or images (3)."""
        self.stack.setCurrentIndex(way)
        self.buttons.button(way).setChecked(True)
        self.pointed.setText("")
        self._show_part()

    def _show_slicing(self, slicing: Slicing) -> None:
        self.slicing = slicing
        self._show_part()

    @property
    def plane(self) -> Array:
        return self.slicing.plane(self.array) if self.array is not None else np.zeros((0, 0))

    def _show_part(self) -> None:
        way, array = self.stack.currentIndex(), self.array
        for button in (self.copy_button, self.save_button):
            button.setEnabled(array is not None)
        axes = self._axes(way)
        self.axes.show_slicing(self.slicing, axes, way < 2 and len(self.slicing.shape) > 2 and array is not None)
        if way == 0:
            self.model.show_plane(self.plane)
        elif way == 1:
            self.heat_map.show_plane(self.plane)
        elif way == 2:
            self.histogram.show_bins(*((self.whole.bins, self.whole.found) if self.whole else (None, None)))
        elif array is not None:
            found = self.whole.found if self.whole else None
            limits = (found.low or 0.0, found.high or 0.0) if found else (0.0, 1.0)
            part = array[tuple(self.slicing.at[axis] for axis in axes)]
            by_sample = self.samples and not axes and len(as_images(part)) == len(part)
            self.images.show_array(part, limits, "sample" if by_sample else "")

    def _axes(self, way: int) -> tuple[int, ...]:
        """The axes that need a slider: images are spread over all of the last three."""
        if self.array is None or way == 2:
            return ()
        return self.slicing.others if way < 2 else tuple(range(max(self.array.ndim - 3, 0)))

    def _ask_for_all(self) -> None:
        array = self.array
        if self._worker is not None:
            self._worker.cancel()
        if array is None:
            self.line.setText("")
        elif array.size <= AT_ONCE:
            self._take(look_at(array))
        else:
            self.line.setText(f"{array.size:,} elements · counting …")
            if self._worker is None:
                self._worker = Worker("tensor statistics", self)
                self._worker.finished.connect(self._take)
                self._worker.failed.connect(lambda error: self.told.emit(str(error), "refusal"))
            self._worker.ask(lambda request: look_at(array, request))

    def _take(self, whole: Whole | None) -> None:
        if whole is None or whole.array is not self.array:
            return
        self.whole = whole
        self.line.setText(whole.found.line())
        if self.stack.currentIndex() >= 2:
            self._show_part()

    # Taking it elsewhere.

    def copy(self) -> None:
        """Copy the selected cells, or the plane, as text."""
        plane, what = self.plane, "the plane"
        chosen = self.table.selectionModel().selection()
        if self.stack.currentIndex() == 0 and not chosen.isEmpty():
            ranges = [chosen.at(i) for i in range(chosen.count())]
            top, bottom = min(r.top() for r in ranges), max(r.bottom() for r in ranges)
            left, right = min(r.left() for r in ranges), max(r.right() for r in ranges)
            plane, what = plane[top : bottom + 1, left : right + 1], "the selected cells"
        self.saver.copy(plane, what)

    def ask_where_to_save(self) -> None:
        """Ask for a file, and save the whole tensor there."""
        kinds = "NumPy array (*.npy);;Comma-separated values (*.csv)"
        path, kind = QFileDialog.getSaveFileName(self, "Save tensor", f"{self.name}.npy", kinds)
        if path:
            target = Path(path)
            self.save(target if target.suffix else target.with_suffix(".csv" if "csv" in kind else ".npy"))

    def save(self, path: Path) -> None:
        """Save the whole tensor; how that went is told when it is done."""
        if self.array is not None:
            self.saver.save(self.array, path)

    def _show_doing(self) -> None:
        doing = self.saver.doing
        self.doing.setText(doing)
        for widget in (self.doing, self.stop_button):
            widget.setVisible(bool(doing))
        for button in (self.copy_button, self.save_button):
            button.setVisible(not doing)
