"""Going through many iterations takes its time: a bar says so, and stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from ..window import Window

BAR = "run"
UNTOLD_FOR = 300  # milliseconds; what is done by then needs no bar


def offer_stop(window: Window) -> None:
    """Show in a bar of a window, from now on, for what iterations are gone through, with a button that ends it."""
    soon = QTimer(window, singleShot=True, interval=UNTOLD_FOR)
    recordings = window.editor.stepper.recordings

    def show() -> None:
        text = recordings.running
        window.bars.show_bar(BAR, f"{text[0].upper()}{text[1:]} …", answers={"Stop": lambda: stop(window)})

    def follow(running: str) -> None:
        if running:
            soon.start()
        else:
            soon.stop()
            window.bars.take_away(BAR)

    soon.timeout.connect(show)
    recordings.runs.connect(follow)


def stop(window: Window) -> None:
    """End that: what was shown before is shown still."""
    recordings = window.editor.stepper.recordings
    if running := recordings.running:
        recordings.cancel()
        window.editor.told.emit(f"Stopped {running}", "note")
