"""What names a node, and an element of its array: a button that shows the node, a field for the index."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QSizePolicy, QWidget

from ..inspecting.sheet import small
from ..look.fonts import mono
from .elements import Index, read_place

STEP = " → "  # between two ports of a way
AROUND = 6  # pixels of a button around its text


def told_apart(names: Sequence[str]) -> list[str]:
    """Names of ways, `a.x → b.x → c.y`, without the steps that all of them begin or end with: `… → b.x → …`.

    Each keeps a step at least. A name that is that of no way, as `the rest`, stays as it is.
    """
    ways = [name.split(STEP) for name in names if STEP in name]
    least = min(map(len, ways), default=0) - 1
    first = min(_alike(ways), least)
    last = min(_alike([way[::-1] for way in ways]), least - first)
    if len(ways) < 2:
        return list(names)
    return [_without(name.split(STEP), first, last) if STEP in name else name for name in names]


def _alike(ways: Sequence[Sequence[str]]) -> int:
    """How many steps are the same at the beginning of all."""
    return sum(1 for _ in takewhile(lambda steps: len(set(steps)) == 1, zip(*ways, strict=False)))


def _without(way: Sequence[str], first: int, last: int) -> str:
    return STEP.join(["…"] * bool(first) + [*way[first : len(way) - last]] + ["…"] * bool(last))


def by_tab(button: QPushButton) -> QPushButton:
    """The same button, to which a click gives no keyboard: that stays where Space steps. Tab comes to it."""
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class NodeButton(QPushButton):
    """The name of a node, shortened where there is no room. A click shows the node."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        by_tab(self).setProperty("role", "node")
        self.setFont(small(bold=True))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._whole = ""

    def show_text(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(f"{text}: show the node")
        self.setToolTip(f"{text}\nClick to show the node")
        self._elide()

    @property
    def needed(self) -> int:
        """The width that all of the text takes, in pixels."""
        return self.fontMetrics().horizontalAdvance(self._whole) + AROUND

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(self.width() - AROUND, 1)
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room))


class PlaceField(QLineEdit):
    """The index of one element. `placed(index)` when another is typed, or reached by Up and Down."""

    placed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shape: Index = ()
        self.index: Index = ()
        self.setFont(mono(0.88))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.editingFinished.connect(self._read)

    def show_place(self, shape: Index, index: Index, name: str) -> None:
        self.shape, self.index = shape, index
        self.setVisible(bool(shape) and int(np.prod(shape)) > 1)
        self.setText(", ".join(map(str, index)))
        self.setAccessibleName(f"element of {name}")
        self.setToolTip(f"Which element of {name} is told; Up and Down go to its neighbours")
        letters = sum(len(str(n - 1)) for n in shape) + 2 * max(len(shape) - 1, 0)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0" * max(letters, 2)) + 18)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        flat = int(np.ravel_multi_index(self.index, self.shape)) + step
        flat = min(max(flat, 0), int(np.prod(self.shape)) - 1)
        self.placed.emit(tuple(int(i) for i in np.unravel_index(flat, self.shape)))

    def _read(self) -> None:
        found = read_place(self.text(), self.shape)
        if found is None:
            self.setText(", ".join(map(str, self.index)))
        elif found != self.index:
            self.placed.emit(found)
