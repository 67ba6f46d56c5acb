"""What a window shows of its run beside the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from .controller import RUNS
from .line import RunLine
from .trained import TAKE

if TYPE_CHECKING:
    from ..window import Window

BAR = "trained"
HIGH, SHARE = 360, 0.4  # of the panel, so that plots are seen whole: pixels, and at most this share of the window


def put_training_into(window: Window) -> None:
    """Show from now on the panel when a run begins, the run in the status bar, and what of it can be taken."""
    training = window.editor.training
    training.home = window.application.data / RUNS
    training.begun.connect(lambda: _show_panel(window))
    window.status.addPermanentWidget(RunLine(window))

    def offer() -> None:
        trained = training.trained
        if trained.kept:
            text = "The graph or its values were edited while it trained, so the trained values were not put into it."
            window.bars.show_bar(BAR, text, "note", {TAKE: trained.take})
        else:
            window.bars.take_away(BAR)

    training.trained.changed.connect(offer)


def _show_panel(window: Window) -> None:
    """Bring it into view, at least as high as plots need."""
    window.panel("training")
    dock = window.docks.docks["training"]
    wanted = min(HIGH, round(SHARE * window.height()))
    if not dock.isFloating() and dock.height() < wanted:
        window.resizeDocks([dock], [wanted], Qt.Orientation.Vertical)
