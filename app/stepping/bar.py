"""The bar of the stepper: to the start, back, on, to the end, play; the track; where one is, and the grain."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ...core.stepping.walking import GRAINS
from ..look.style import icon
from ..look.theme import Theme
from .playing import Playing
from .stepper import Stepper
from .track import Track


class StepperBar(QWidget):
    """The controls of one stepper, for the toolbar."""

    def __init__(self, stepper: Stepper, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self.track = Track(stepper, theme, self)
        self.playing = Playing(stepper, self)
        self.playing.changed.connect(lambda: self.set_theme(self._theme))
        self._buttons = {
            "first": self._button("To the start of the iteration", stepper.to_start),
            "back": self._button("A step back (Shift+F10)", stepper.back),
            "forward": self._button("A step on (Space, F10)", stepper.step),
            "last": self._button("To the end of the iteration", stepper.to_end),
            "play": self._button("Play", self.playing.toggle),
        }
        self.where = QLabel()
        self.where.setProperty("rank", "second")
        self.grain = QComboBox()
        self.grain.addItems(GRAINS)
        self.grain.setToolTip("How far a step goes")
        self.grain.setAccessibleName("How far a step goes")
        self.grain.textActivated.connect(stepper.choose_grain)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (*self._buttons.values(), self.track, self.where, self.grain):
            row.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        stepper.changed.connect(self.refresh)
        self.set_theme(theme)
        self.refresh()

    def _button(self, text: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setIconSize(QSize(16, 16))
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: act())
        return button

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of another theme."""
        self._theme = theme
        self.track.set_theme(theme)
        for name, button in self._buttons.items():
            playing = name == "play" and self.playing.on
            button.setIcon(icon("pause" if playing else name, theme.text))

    def refresh(self) -> None:
        """Say where one is."""
        self.grain.blockSignals(True)
        self.grain.setCurrentText(self._stepper.grain)
        self.grain.blockSignals(False)
        self.where.setText(self._where())
        self.track.setAccessibleDescription(self._where())

    def _where(self) -> str:
        stepper, timeline = self._stepper, self._stepper.timeline
        if timeline is None:
            return "Space steps"
        number = f"iteration {stepper.number} · " if stepper.trains else ""
        kept = " · replayed" if stepper.replayed else ""
        return f"{number}{stepper.cursor.step} / {len(timeline.steps)}{kept}"
