"""One element told in pictures, with buttons for which one, and for what part of the sum is shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.theme import Theme
from .detail import axes_of, detail_of
from .detail_view import DetailView
from .elements import Index
from .going_through import Stepper, Steppers
from .working import Working


class ElementSection(QWidget):
    """Where the window of an element lies and what is multiplied there. `chosen(index)` when another is wanted."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.working: Working | None = None
        self.index: Index = ()
        self.at: int | None = None  # which channel, sample or window is shown, where one was chosen
        self.axes: tuple[str, ...] = ()  # what those of the array are called
        self.view, self.lead, self.through = DetailView(theme), Steppers(), Stepper()
        self.part = label("", "dim", small(), wrap=True)
        self.view.chosen.connect(self.chosen)
        self.lead.moved.connect(self._go_along)
        self.through.moved.connect(self._go_through)
        choosing = QHBoxLayout()
        choosing.addWidget(self.through)
        choosing.addWidget(self.part, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.lead)
        column.addLayout(choosing)
        column.addWidget(self.view)

    def show_element(self, working: Working, index: Index) -> None:
        """Show an element as far as the step is; hidden where its op does not say of what it is made."""
        if self.working is None or self.working.title != working.title:
            self.at = None
        self.working, self.index = working, index
        told = working.element(index) if working.element and working.array.size and working.stage > 1 else None
        made = working.title.removeprefix("to ").rpartition("/")[2]
        name = made if working.delivery is None else f"d{working.delivery.port}"
        found = detail_of(told, working.array, name, index, self.at)
        self.axes = axes_of(told, working.array.ndim)
        self.setVisible(found is not None)
        self.view.show_detail(found)
        if found is None:
            return
        self.lead.show_axes([(self.axes[i], index[i], n) for i, n in enumerate(working.array.shape[:-2])])
        word = "" if found.along == "window" else "Σ over "
        self.through.show_place(f"{word}{found.along}", found.at, found.number)
        self.through.setVisible(found.number > 1)
        self.part.setText(found.says)
        self.part.setVisible(bool(found.says))

    def _go_along(self, axis: int, place: int) -> None:
        self.chosen.emit((*self.index[:axis], place, *self.index[axis + 1 :]))

    def _go_through(self, place: int) -> None:
        self.at = place
        if self.working is not None:
            self.show_element(self.working, self.index)
