"""The buttons of the training panel that open a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QPushButton

from .again import AGAIN, can_train_again, train_again
from .trials import TRIALS

if TYPE_CHECKING:
    from ..editor import Editor


def trials_button(editor: Editor) -> QPushButton:
    """All trials."""
    made, trials = (
        _button("Trials ▾", "Find out on a copy what goes wrong with training: no value changes"),
        editor.training.trials,
    )
    for trial in TRIALS:
        line = made.menu().addAction(trial.text)
        line.setToolTip(trial.about)
        line.triggered.connect(lambda _=False, trial=trial: trials.begin(trial.id))
    made.menu().setToolTipsVisible(True)
    return made


def more_button(editor: Editor) -> QPushButton:
    """What is seldom wanted."""
    made = _button("⋯", "More")
    for what in ("iteration", "epoch"):
        line = made.menu().addAction(f"One {what}")
        line.triggered.connect(lambda _=False, what=what: editor.training.one(what))
    made.menu().addSeparator()
    for number, (_, text, about) in enumerate(AGAIN):
        line = made.menu().addAction(text)
        line.setToolTip(about)
        line.triggered.connect(lambda _=False, number=number: train_again(editor, seed=number == 1))
        made.menu().aboutToShow.connect(lambda line=line: line.setEnabled(can_train_again(editor)))
    made.menu().setToolTipsVisible(True)
    made.menu().addSeparator()
    thresholds = made.menu().addAction("Thresholds of diagnoses…")
    thresholds.triggered.connect(lambda: editor.wishes.thresholds.emit())
    return made


def _button(text: str, about: str) -> QPushButton:
    made = QPushButton(text)
    made.setToolTip(about)
    made.setAccessibleDescription(about)
    made.setMenu(QMenu(made))
    made.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0; }")  # its text says that there is one
    return made
