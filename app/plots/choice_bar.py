"""What is chosen for all plots at once: what is counted across, and how much curves are smoothed."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from ..inspecting.sheet import small
from .data import AXES, Axis

ROOMY = 290  # pixels on which all of it fits
FACTORS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)  # of the smoothing, by places of its slider


class ChoiceBar(QWidget):
    """One line. What the plots in sight do not have is not shown, and keeps its place: nothing else moves."""

    axis_chosen = Signal(str)
    smoothing_chosen = Signal(float)
    fit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._smoothing = self._roomy = True
        self.axes = QComboBox()
        self.axes.setFont(small())
        for axis, word in AXES.items():
            self.axes.addItem(f"by {word}", axis)
        self.axes.setAccessibleName("What is counted across")
        self.axes.activated.connect(lambda _: self.axis_chosen.emit(self.axes.currentData()))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(FACTORS) - 1)
        self.slider.setFixedWidth(64)
        self.slider.setAccessibleName("Smoothing")
        self.slider.setToolTip("Smoothing: how much each step counts of the one behind it")
        self.slider.valueChanged.connect(lambda place: self.smoothing_chosen.emit(FACTORS[place]))
        self.told = QLabel("")
        self.told.setFont(small())
        self.told.setFixedWidth(self.told.fontMetrics().horizontalAdvance("0.995") + 4)
        self.fitting = QToolButton()
        self.fitting.setText("Show all")
        self.fitting.setFont(small())
        self.fitting.setToolTip("Show all of every plot, and follow the run")
        self.fitting.clicked.connect(lambda _: self.fit_wanted.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        row.setSpacing(6)
        for part in (self.axes, self.slider, self.told, self.fitting):
            _keep(part, True)
            row.addWidget(part)
        self.show_smoothing(0.0)

    def show_for(self, axis: bool, smoothing: bool) -> None:
        """Offer what the plots in sight have: an axis that can be chosen, lines that can be smoothed."""
        self.axes.setVisible(axis)
        self._smoothing = smoothing
        self._show_smoothing()

    def fit(self, width: int) -> None:
        """Leave out the smoothing, and its place, where there are too few pixels for all."""
        if self._roomy != (width >= ROOMY):
            self._roomy = not self._roomy
            for part in (self.slider, self.told):
                _keep(part, self._roomy)
            self._show_smoothing()

    def _show_smoothing(self) -> None:
        for part in (self.slider, self.told):
            part.setVisible(self._smoothing and self._roomy)

    def show_axis(self, axis: Axis) -> None:
        """This one is chosen."""
        self.axes.setCurrentIndex(self.axes.findData(axis))

    def show_smoothing(self, factor: float) -> None:
        """Curves are smoothed so much."""
        self.told.setText(f"{factor:g}" if factor else "raw")
        self.told.setToolTip(f"smoothed by {factor:g}" if factor else "not smoothed")
        with QSignalBlocker(self.slider):
            self.slider.setValue(min(range(len(FACTORS)), key=lambda place: abs(FACTORS[place] - factor)))


def _keep(part: QWidget, kept: bool) -> None:
    """Whether it keeps its place while it is hidden."""
    policy = part.sizePolicy()
    policy.setRetainSizeWhenHidden(kept)
    part.setSizePolicy(policy)
