"""A run to the next breakpoint that takes its time: a bar says so, and stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from ..window import Window

BAR = "run"
UNTOLD_FOR = 300  # milliseconds; what is done by then needs no bar


def offer_stop(window: Window) -> None:
    """Show in a bar of a window, from now on, that a run is on its way, with a button that ends it."""
    soon = QTimer(window, singleShot=True, interval=UNTOLD_FOR)
    soon.timeout.connect(
        lambda: window.bars.show_bar(BAR, "Running to the next breakpoint …", answers={"Stop": lambda: stop(window)})
    )

    def follow(runs: bool) -> None:
        if runs:
            soon.start()
        else:
            soon.stop()
            window.bars.take_away(BAR)

    window.editor.stepper.recordings.runs.connect(follow)


def stop(window: Window) -> None:
    """End the run: what was shown before it is shown still."""
    if window.editor.stepper.recordings.running:
        window.editor.stepper.recordings.cancel()
        window.editor.told.emit("Stopped: the run to the next breakpoint", "note")
