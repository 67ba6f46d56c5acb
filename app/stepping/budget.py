"""How many bytes of recorded iterations a window keeps: what has no room is computed again when it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..window import Window

BUDGET = "step/budget"  # the name of the setting
SIZES = (16, 64, 256, 1024, 4096)  # megabytes that can be chosen
USUAL = 256


def budget_text(megabytes: int) -> str:
    """`256 MB`, `1 GB`"""
    return f"{megabytes} MB" if megabytes < 1024 else f"{megabytes // 1024} GB"


def remembered_budget(window: Window) -> int:
    """In megabytes what was chosen."""
    chosen: int = window.application.settings.get(BUDGET, USUAL)
    return chosen if chosen in SIZES else USUAL


def choose_budget(window: Window, megabytes: int) -> None:
    """Keep so many megabytes of each recording from the next one on, in every window that is opened."""
    window.application.settings.set(BUDGET, megabytes)
    use_budget(window, megabytes)
    size, now = budget_text(megabytes), window.editor.stepper.active
    again = "; what is stepped through keeps its own until it is recorded again (Ctrl+F5)" if now else ""
    window.editor.told.emit(f"Recordings keep up to {size} of iterations{again}", "note")


def use_budget(window: Window, megabytes: int) -> None:
    """Have what is recorded from now on keep so much."""
    window.editor.stepper.recordings.budget = megabytes * 1_000_000
