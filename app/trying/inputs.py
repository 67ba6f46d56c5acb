"""What an input is given by: a board with its buttons, fields, or a text; one widget for each kind of sample.

Each tells `given(what)` whenever somebody gives something else, None where that is nothing, and takes a sample to be
shown that was not given there, None to begin anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ..inspecting.editors import ChoiceEdit
from ..inspecting.sheet import small
from ..look.fonts import mono
from ..look.theme import Theme
from .board import DrawingBoard
from .drawn_past import step_asked
from .making import Tried, text_of
from .row import RowFields
from .subject import Subject

Array = np.ndarray[Any, Any]
PICTURES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp)"
NO_STROKE = {  # by whether it was to be taken back
    True: "There is nothing to take back on the board: click the canvas to undo what was done to the graph",
    False: "There is nothing to make again on the board: click the canvas to redo what was done to the graph",
}
COLOURS = {
    "Black": (0, 0, 0),
    "White": (1, 1, 1),
    "Red": (1, 0, 0),
    "Green": (0, 0.7, 0),
    "Blue": (0, 0, 1),
    "Yellow": (1, 0.9, 0),
    "Grey": (0.5, 0.5, 0.5),
}


class PictureInput(QWidget):
    """A drawing board, and beside it what can be done to its picture."""

    given = Signal(object)
    told = Signal(str)  # why a key does nothing

    def __init__(self, subject: Subject, theme: Theme) -> None:
        super().__init__()
        self.subject = subject
        self.board = DrawingBoard(theme)
        self.board.begin(subject.plane, subject.ground, subject.range)
        self.board.drawn.connect(self._give)
        self.board.taken.connect(self.given)
        self.clear = _button("Clear", "Take the picture away", lambda: self.given.emit(None))
        self.open = _button("Open…", "Take a picture from a file", self._open)
        self.paste = _button("Paste", "Take the picture of the clipboard", self.board.paste)
        self.invert = _button("Invert", "Make light dark, and dark light", self.board.invert)
        self.colour = ChoiceEdit(theme, [(name, name) for name in COLOURS])
        self.colour.setAccessibleName("Colour of the brush")
        self.colour.setToolTip("Colour of the brush")
        self.colour.setFont(small())
        self.colour.setVisible(len(subject.plane) == 3)
        self.colour.chosen.connect(self._choose)
        self.colour.show_value("White" if float(np.mean(self.board.ink)) > np.mean(subject.range) else "Black")
        column = QVBoxLayout()
        column.setSpacing(5)
        for part in (self.clear, self.open, self.paste, self.invert, self.colour):
            column.addWidget(part)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(column)
        row.addWidget(self.board, 1)

    def _give(self, picture: Array | None) -> None:
        self.given.emit(None if picture is None else self.subject.of_picture(picture))

    def event(self, event: QEvent) -> bool:
        """Ctrl+Z is of the board here, also on its buttons: it never takes back what was done to the graph."""
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and step_asked(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = step_asked(event)
        if back is None:
            super().keyPressEvent(event)
        elif not self.board.step(back):
            self.told.emit(NO_STROKE[back])

    def show_tried(self, tried: Tried | None) -> None:
        if tried is None:
            self.board.wipe()
        else:
            self.board.show_picture(self.subject.to_picture(tried.own))

    def set_theme(self, theme: Theme) -> None:
        self.board.theme = self.colour.theme = theme
        self.update()

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Try a picture", "", PICTURES)
        if name:
            self.given.emit(Path(name))

    def _choose(self, name: str) -> None:
        low, high = self.subject.range
        self.board.ink = low + np.array(COLOURS[name]) * (high - low)


class RowInput(RowFields):
    """A field for each number."""

    given = Signal(object)

    def __init__(self, subject: Subject, theme: Theme) -> None:
        super().__init__(theme)
        self.begin(subject)
        self.typed.connect(self.given)

    def show_tried(self, tried: Tried | None) -> None:
        if tried is not None:
            self.show_numbers(tried.own)


class TextInput(QPlainTextEdit):
    """A text, of which the last characters count."""

    given = Signal(object)

    def __init__(self, subject: Subject, theme: Theme) -> None:
        super().__init__()
        self.subject = subject
        length = int(np.prod(subject.shape))
        self.setFont(mono())
        self.setTabChangesFocus(True)
        self.setPlaceholderText(f"Type {length:,} characters or more: of a longer text the last {length:,} are taken")
        self.setAccessibleName(f"A text of {length:,} characters")
        self.textChanged.connect(lambda: self.given.emit(self.toPlainText() or None))

    def show_tried(self, tried: Tried | None) -> None:
        with QSignalBlocker(self):
            self.setPlainText("" if tried is None else text_of(self.subject, tried.own))

    def set_theme(self, theme: Theme) -> None:
        """The window's own sheet has its colours."""


def input_for(subject: Subject, theme: Theme) -> PictureInput | RowInput | TextInput:
    """What suits the samples of some data."""
    if subject.kind == "picture":
        return PictureInput(subject, theme)
    return RowInput(subject, theme) if subject.kind == "row" else TextInput(subject, theme)


def _button(text: str, about: str, act: object) -> QPushButton:
    made = QPushButton(text)
    made.setFont(small())
    made.setToolTip(about)
    made.setAccessibleDescription(about)
    made.clicked.connect(lambda: act())  # type: ignore[operator]
    return made
