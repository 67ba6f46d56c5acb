"""Buttons that go through places along an axis, one by one, `‹ channel 3 of 0–15 ›`, and those that choose axes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ..inspecting.parts import label
from ..inspecting.sheet import small
from .facets import BOTH, ways
from .names import by_tab
from .working import Term


class Stepper(QWidget):
    """One axis: where it stands, and a button to either side. `moved(place)`."""

    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.at, self.count = 0, 1
        self.text = label("", None, small())
        self.back, self.on = by_tab(QPushButton()), by_tab(QPushButton())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        for button, sign, by in ((self.back, "‹", -1), (self.on, "›", 1)):
            button.setText(sign)
            button.setProperty("role", "way")
            button.setFont(small())
            button.setAutoRepeat(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(lambda _=False, by=by: self.moved.emit((self.at + by) % self.count))
        for widget in (self.back, self.text, self.on):
            row.addWidget(widget)

    def show_place(self, name: str, at: int, count: int) -> None:
        """Show where it stands, 0 being the first."""
        self.at, self.count = at, count
        self.text.setText(f"{name} {at} of 0–{count - 1}")
        self.text.setMinimumWidth(self.text.fontMetrics().horizontalAdvance(f"{name} {count} of 0–{count - 1}"))
        for button, word in ((self.back, "one before"), (self.on, "next")):
            button.setAccessibleName(f"{name}: {word}")
            button.setToolTip(f"The {word} {name}" if word == "next" else f"The {name} before")


class Steppers(QWidget):
    """As many axes as there are to go through. `moved(axis, place)`."""

    moved = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.steppers: list[Stepper] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(14)
        self._row.addStretch(1)

    def show_axes(self, axes: Sequence[tuple[str, int, int]]) -> None:
        """Name, place and length of each; those of length 1 are not shown."""
        while len(self.steppers) < len(axes):
            made, axis = Stepper(self), len(self.steppers)
            made.moved.connect(lambda place, axis=axis: self.moved.emit(axis, place))
            self.steppers.append(made)
            self._row.insertWidget(axis, made)
        for i, stepper in enumerate(self.steppers):
            stepper.setVisible(i < len(axes) and axes[i][2] > 1)
            if i < len(axes):
                stepper.show_place(*axes[i])
        self.setVisible(any(length > 1 for _, _, length in axes))


class Ways(QWidget):
    """Which axes of arrays of several planes are laid out. `chosen(way)`."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QPushButton] = []
        self._ways: tuple[str, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(3)
        self._row.addStretch(1)

    def show_terms(self, terms: Sequence[Term], way: str, axes: Sequence[str]) -> None:
        """Offer the ways of the largest choice that a term has; nothing where none has any. `axes` are names."""
        shapes = [term.shape for term in terms if term.facets is not None]
        shape = max(shapes, key=lambda shape: len(ways(shape)), default=())
        found = ways(shape) if shapes else ()
        axes = axes if len(axes) == len(shape) else [f"axis {i}" for i in range(len(shape))]
        self.setVisible(len(found) > 1)
        while len(self.buttons) < len(found):
            made = by_tab(QPushButton())
            made.setProperty("role", "way")
            made.setFont(small())
            made.setCheckable(True)
            number = len(self.buttons)
            made.clicked.connect(lambda _=False, number=number: self.chosen.emit(self._ways[number]))
            self._row.insertWidget(number, made)
            self.buttons.append(made)
        self._ways = found
        for button, each in zip(self.buttons, found, strict=False):
            told = " × ".join(axes[int(i)] for i in reversed(found[1:])) if each == BOTH else axes[int(each)]
            button.setText(told)
            button.setToolTip(f"Draw the planes along {told}")
            button.setChecked(each == way)
        for i, button in enumerate(self.buttons):
            button.setVisible(i < len(found))
