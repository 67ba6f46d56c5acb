"""The buttons and choices of which the bar of the stepper is made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QComboBox, QMenu, QPushButton, QToolButton, QWidget

from .branching import Branching
from .playing import SPEEDS, Playing, speed_text
from .stepper import Stepper

LETTERS = 14  # of a branch that are seen where there is room
NARROWEST = 64  # logical pixels, of the choice of a branch


def button(bar: QWidget, text: str, act: Callable[[], object]) -> QToolButton:
    """One with an icon, which is named by what it does."""
    made = QToolButton(bar)
    made.setIconSize(QSize(16, 16))
    made.setToolTip(text)
    made.setAccessibleName(text)
    made.clicked.connect(lambda: act())
    return made


def chooser(bar: QWidget, about: str) -> QComboBox:
    """One of several, named by what is chosen."""
    made = QComboBox(bar)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # who chooses with the mouse goes on with Space
    made.setToolTip(about)
    made.setAccessibleName(about)
    return made


def speeds(bar: QWidget, playing: Playing) -> QToolButton:
    """The speed of Play, with a menu of all."""
    made = button(bar, "How fast Play goes ([ and ])", lambda: None)
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu, group = QMenu(made), QActionGroup(made)
    for speed in SPEEDS:
        entry = menu.addAction(speed_text(speed), partial(playing.choose_speed, speed))
        entry.setCheckable(True)
        group.addAction(entry)
    made.setMenu(menu)
    return made


def record_again(bar: QWidget, branching: Branching) -> QPushButton:
    """Shown where the graph is another than the one that was recorded."""
    made = QPushButton("Record again", bar)
    made.setToolTip("Record the graph again, as it is now (Ctrl+F5)")
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
    made.clicked.connect(lambda: branching.record_again())
    return made


def choice_of_branches(bar: QWidget) -> QComboBox:
    """The recording, and what branches off it."""
    made = chooser(bar, "Which branch is shown: the recording, or one with a value put in by hand")
    made.setMinimumContentsLength(LETTERS)
    made.setMinimumWidth(NARROWEST)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return made


def place_text(stepper: Stepper, at_end: bool = False) -> str:
    """`8 / 14`; how it reads `at_end` is the longest that it becomes, whose room it always has."""
    timeline = stepper.timeline
    if timeline is None:
        return "Space steps"
    steps = len(timeline.steps)
    return f"{steps if at_end else stepper.cursor.step} / {steps}"
