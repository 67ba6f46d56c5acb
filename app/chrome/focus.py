"""Which area has the keyboard: F6 goes round, so that nobody without a mouse is caught in the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from ..look.seen import is_seen

if TYPE_CHECKING:
    from ..window import Window


def step_focus(window: Window, step: int) -> None:
    """Give the keyboard to the next area, or the previous one."""
    around = areas(window)
    focus = QApplication.focusWidget()
    here = next((i for i, area in enumerate(around) if focus is area or (focus and area.isAncestorOf(focus))), 0)
    for turn in range(1, len(around) + 1):
        target = _taker(around[(here + step * turn) % len(around)])
        if target is not None:
            _give(target)
            return


def step_back(window: Window) -> None:
    """Give the keyboard back to the middle, from whatever panel has it."""
    _give(window.canvas if window.shows_canvas else window.welcome)


def _give(target: QWidget) -> None:
    """Give the keyboard to a widget; first to its window, which is one of its own where a panel floats."""
    if not target.isActiveWindow():
        target.activateWindow()
    target.setFocus(Qt.FocusReason.TabFocusReason)


def areas(window: Window) -> list[QWidget]:
    """What F6 goes round: the middle, the panels that are shown, the toolbar; hidden ones cannot be reached."""
    middle = window.canvas if window.shows_canvas else window.welcome
    shown = [panel for panel in window.docks.panels.values() if is_seen(panel)]
    return [middle, *shown, window.toolbar, window.status]


def _taker(area: QWidget) -> QWidget | None:
    """The first widget of an area that takes the keyboard."""
    candidates = [area, *area.findChildren(QWidget)]
    tab = Qt.FocusPolicy.TabFocus
    takers = [w for w in candidates if w.isVisible() and w.isEnabled() and w.focusPolicy() & tab]
    # What only scrolls shows nobody that it has the keyboard: a field inside it goes first.
    return next((w for w in takers if type(w) is not QScrollArea), takers[0] if takers else None)
