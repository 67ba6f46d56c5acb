"""The bar of the stepper: to the start, back, on, to the end, play; the track; where one is, the branch, the grain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ...core.stepping.branch import RECORDED
from ...core.stepping.walking import GRAINS
from ..look.narrow import BARE, LEVELS, SHORT, TIGHT
from ..look.style import icon
from ..look.theme import Theme
from ..settings import Settings
from .bar_parts import button, choice_of_branches, chooser, place_text, record_again, speeds
from .iteration_field import IterationField
from .playing import SPEEDS, speed_text
from .track import Track

if TYPE_CHECKING:
    from ..editor import Editor

SPEED, CUTS = "step/speed", "step/cuts"  # names of settings


class StepperBar(QWidget):
    """The controls of one stepper, for the toolbar. `room_changed` when it takes more room than before, or less."""

    room_changed = Signal()

    def __init__(self, editor: Editor, settings: Settings, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stepper, self._branching, self.playing = editor.stepper, editor.branching, editor.playing
        self._settings = settings
        self._level = self._room = 0  # how narrow it is, and what it takes where it is not
        self._lost: tuple[QWidget | None, QWidget | None] = (None, None)  # who had the keyboard, who has it instead
        stepper, playing = self._stepper, self.playing
        self.track = Track(stepper, editor.memory, theme, self)
        self._buttons = {
            "first": button(self, "To the start of the iteration", stepper.to_start),
            "back": button(self, "A step back (Shift+F10 over a collapsed group)", stepper.back),
            "forward": button(self, "A step on (Space; F10 over a collapsed group)", stepper.step),
            "last": button(self, "To the end of the iteration", stepper.to_end),
            "play": button(self, "Play (P)", playing.toggle),
        }
        self.speed = speeds(self, playing)
        self.iteration = IterationField(stepper, self)
        self.iteration.gone.connect(self.track.setFocus)
        self.where = QLabel()
        self.where.setProperty("rank", "second")
        self.again, self.branches = record_again(self, self._branching), choice_of_branches(self)
        self.branches.activated.connect(self._choose_branch)
        self.grain = chooser(self, "How far a step goes")
        self.grain.addItems(GRAINS)
        self.grain.textActivated.connect(stepper.choose_grain)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        stands = (self.iteration, self.where, self.again, self.branches, self.grain)
        for part in (*self._buttons.values(), self.speed, self.track, *stands):
            row.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._follow(editor)
        self.set_theme(theme)
        playing.cut(settings.get(CUTS, default=False))
        playing.choose_speed(settings.get(SPEED, default=1.0))
        playing.remember = self._remember
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of another theme."""
        self._theme = theme
        self.track.set_theme(theme)
        for name, each in self._buttons.items():
            playing = name == "play" and self.playing.on
            each.setIcon(icon("pause" if playing else name, theme.text))

    def refresh(self) -> None:
        """Say where one is, and in which branch."""
        self.grain.blockSignals(True)
        self.grain.setCurrentText(self._stepper.grain)
        self.grain.blockSignals(False)
        self.iteration.refresh()
        self.where.setText(place_text(self._stepper))
        self.where.setMinimumWidth(self.where.fontMetrics().horizontalAdvance(place_text(self._stepper, at_end=True)))
        self.track.setAccessibleDescription(self._number() + place_text(self._stepper))
        self.again.setVisible(self._stepper.recordings.outdated)
        branches = (RECORDED, *self._branching.branches)
        names = self._branching.names
        self.branches.blockSignals(True)
        if names != [self.branches.itemText(row) for row in range(self.branches.count())]:
            self.branches.clear()
            self.branches.addItems(names)
        shown = self._stepper.branch
        self.branches.setCurrentIndex(branches.index(shown) if shown in branches else 0)
        self.branches.blockSignals(False)
        self.branches.setToolTip(f"Which branch is shown: {self.branches.currentText()}")
        self.branches.setVisible(len(branches) > 1)
        self._make_room()

    def _follow(self, editor: Editor) -> None:
        for signal in (self._stepper.changed, self._branching.changed):
            signal.connect(self.refresh)
        editor.live.changed.connect(self._offer_again)
        self.playing.changed.connect(self._show_playing)

    def _offer_again(self) -> None:
        if self._stepper.recordings.outdated == self.again.isHidden():  # other roots may have been chosen
            self.refresh()

    def set_level(self, level: int) -> None:
        """How little room there is, from 0 on: what there are keys for goes before what is chosen here."""
        self._level = level
        for part in self._ends:
            part.setVisible(level < BARE)
        self.speed.setVisible(level < TIGHT)
        self.iteration.set_narrow(level >= SHORT)

    def room(self, level: int) -> int:
        """Logical pixels that it takes at least where there is so little room."""
        steps = [button for button in self._buttons.values() if level < BARE or button not in self._ends]
        also = [part for part in (self.again, self.branches) if not part.isHidden()]
        shown = [*steps, *([self.speed] if level < TIGHT else []), self.where, self.grain, *also]
        widths = [max(part.sizeHint().width(), part.minimumWidth()) for part in shown] + [
            self.track.minimumSizeHint().width()
        ]
        widths += [wide] if (wide := self.iteration.room(level >= SHORT)) else []
        return sum(widths) + self._row.spacing() * (len(widths) - 1)

    def minimumSizeHint(self) -> QSize:
        """That of the level with the least room: how narrow a window can be does not follow from how narrow it is."""
        return QSize(self.room(LEVELS[-1]), super().minimumSizeHint().height())

    def focusNextPrevChild(self, next: bool) -> bool:
        """Qt takes the keyboard away from here by this as well, where the bar is hidden."""
        before = QApplication.focusWidget()
        moved = super().focusNextPrevChild(next)
        self._lost = (None, None) if self.isVisible() else (before, QApplication.focusWidget())
        return moved

    def showEvent(self, event: QShowEvent) -> None:
        """A window that is made narrower hides the bar until its toolbar has made room: the keyboard comes back."""
        super().showEvent(event)
        (before, instead), self._lost = self._lost, (None, None)
        if before is not None and instead is QApplication.focusWidget():
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def _ends(self) -> tuple[QToolButton, QToolButton]:
        return self._buttons["first"], self._buttons["last"]

    def _make_room(self) -> None:
        room = self.room(0)
        if room != self._room:
            self._room = room
            self.room_changed.emit()

    def _show_playing(self) -> None:
        self.speed.setText(speed_text(self.playing.speed))
        self.speed.menu().actions()[SPEEDS.index(self.playing.speed)].setChecked(True)
        self.set_theme(self._theme)

    def _remember(self) -> None:
        self._settings.set(SPEED, self.playing.speed)
        self._settings.set(CUTS, self.playing.cuts)

    def _choose_branch(self, row: int) -> None:
        self._branching.choose((RECORDED, *self._branching.branches)[row])

    def _number(self) -> str:
        return f"iteration {self._stepper.number:,} · " if self._stepper.trains else ""
