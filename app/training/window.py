"""What a window shows of its run beside the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ..looking_away import come_back
from .controller import RUNS
from .left_runs import LeftRuns
from .line import RunLine
from .trained import TAKE

if TYPE_CHECKING:
    from ..window import Window

BAR, LOOKED_AT = "trained", "run graph"
THRESHOLDS = "training.thresholds"  # of the settings
HIGH, SHARE = 360, 0.4  # of the panel, so that plots are seen whole: pixels, and at most this share of the window


def put_training_into(window: Window) -> None:
    """Show from now on the panel when a run begins, the run in the status bar, and what of it can be taken."""
    training = window.editor.training
    training.home = window.application.data / RUNS
    training.thresholds = window.application.settings.get(THRESHOLDS, {})
    training.begun.connect(lambda shows: show_training(window) if shows else None)
    training.begun.connect(lambda: window.status.message.forget())  # why the one before had ended
    training.trials.begun.connect(lambda: show_training(window))
    window.editor.wishes.thresholds.connect(lambda: show_thresholds(window))
    window.status.addPermanentWidget(RunLine(window))
    window.left_runs = LeftRuns(window)

    looking = training.looking
    looking.changed.connect(lambda: _show_banner(window))

    def offer() -> None:
        trained = training.trained
        if trained.kept:
            text = "The graph or its values were edited while it trained, so the trained values were not put into it."
            window.bars.show_bar(BAR, text, "note", {TAKE: trained.take})
        else:
            window.bars.take_away(BAR)

    training.trained.changed.connect(offer)


def _show_banner(window: Window) -> None:
    """Say what is looked at in the place of the document, and how to come back; closing it does so as well."""
    editor, looking, bars = window.editor, window.editor.training.looking, window.bars
    about, bar = looking.about, window.bars.get(LOOKED_AT)
    if not about:
        bars.take_away(LOOKED_AT)
    elif bar is None or bar.text != about:
        bar = bars.show_bar(LOOKED_AT, about, "warning", {f"Back to {window.files.name}": lambda: None})
        bar.closed.connect(lambda: come_back(editor) if looking.about == about else None)


def show_training(window: Window) -> None:
    """Bring it into view, at least as high as plots need."""
    window.panel("training")
    dock = window.docks.docks["training"]
    wanted = min(HIGH, round(SHARE * window.height()))
    if not dock.isFloating() and dock.height() < wanted:
        window.resizeDocks([dock], [wanted], Qt.Orientation.Vertical)


def show_thresholds(window: Window) -> None:
    """Show the thresholds of diagnoses, to be set."""
    from .thresholds import Thresholds

    Thresholds(window).show()
