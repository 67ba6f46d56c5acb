"""What is wrong with a set of data: one refusal at a time, with its number among all."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ..inspecting.parts import Elided, label
from .faults import Fault


class FaultLine(QWidget):
    """`chosen(Fault)`: this one is to be shown at its place."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.faults: tuple[Fault, ...] = ()
        self.number = 0
        self.text = label("", "error", None, wrap=True)
        self.count = Elided()
        self.count.setProperty("role", "dim")
        self.back, self.on = (self._button(*each) for each in (("‹", "Previous", -1), ("›", "Next", 1)))
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addWidget(self.on)
        row.addWidget(self.count, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.text)
        column.addLayout(row)
        self.hide()

    def _button(self, sign: str, what: str, step: int) -> QToolButton:
        button = QToolButton()
        button.setText(sign)
        button.setAccessibleName(f"{what} fault")
        button.setToolTip(f"{what} of what is wrong: goes to its row")
        button.clicked.connect(lambda: self._go(step))
        return button

    def show_faults(self, faults: Sequence[Fault]) -> None:
        """Show these, from the first one, unless they are the same as before."""
        if tuple(faults) != self.faults:
            self.faults, self.number = tuple(faults), 0
        self._show()

    def _go(self, step: int) -> None:
        self.number = (self.number + step) % len(self.faults)
        self._show()
        self.chosen.emit(self.faults[self.number])

    def _show(self) -> None:
        self.setVisible(bool(self.faults))
        if not self.faults:
            return
        self.text.setText(f"✗ {self.faults[self.number].text}")
        several = len(self.faults) > 1
        self.count.show_text(f"{self.number + 1} of {len(self.faults)}" if several else "")
        for part in (self.back, self.on, self.count):
            part.setVisible(several)
