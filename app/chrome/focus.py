"""Which area has the keyboard: F6 goes round, so that nobody without a mouse is caught in the canvas; and Tab within
one goes as it is read, whatever was made first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLayout, QScrollArea, QWidget

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
    return next((w for w in takers if not isinstance(w, QScrollArea)), takers[0] if takers else None)


def step_within(area: QWidget, forward: bool) -> bool:
    """Give the keyboard to what is read next in an area, or before, and at its end to what is beyond; False where
    nothing takes it.

    Qt goes by the order in which widgets were made, in which plots and cards that come later are behind all else.
    """
    focus = QApplication.focusWidget()
    takers = [each for each in in_reading_order(area) if _takes_tab(each)]
    if focus is None or focus not in takers:
        return False
    place = takers.index(focus) + (1 if forward else -1)
    target = takers[place] if 0 <= place < len(takers) else _beyond(area, focus, forward)
    if target is None:
        target = takers[place % len(takers)]  # the area has a window of its own
    target.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    _scroll_to(target)
    return True


def _beyond(area: QWidget, focus: QWidget, forward: bool) -> QWidget | None:
    """What takes the keyboard after an area in the same window, or before it."""
    step = QWidget.nextInFocusChain if forward else QWidget.previousInFocusChain
    at = step(focus)
    while at is not None and at is not focus:
        if at.isVisible() and at.window() is area.window() and not area.isAncestorOf(at) and _takes_tab(at):
            return at
        at = step(at)
    return None


def in_reading_order(widget: QWidget) -> Iterator[QWidget]:
    """A widget and all within it that is seen: as layouts have it, and then by place what stands in none."""
    yield widget
    laid_out = list(_laid_out(widget.layout()))
    children = [each for each in widget.children() if isinstance(each, QWidget) and not each.isWindow()]
    free = sorted((each for each in children if each not in laid_out), key=lambda each: (each.y(), each.x()))
    for child in (*laid_out, *free):
        if child.isVisible():
            yield from in_reading_order(child)


def _laid_out(layout: QLayout | None) -> Iterator[QWidget]:
    if layout is None:
        return
    for item in filter(None, map(layout.itemAt, range(layout.count()))):
        if (widget := item.widget()) is not None:
            yield widget
        else:
            yield from _laid_out(item.layout())


def _takes_tab(widget: QWidget) -> bool:
    tab = Qt.FocusPolicy.TabFocus
    return widget.isEnabled() and bool(widget.focusPolicy() & tab) and widget.focusProxy() is None


def _scroll_to(widget: QWidget) -> None:
    """Bring it into sight, in whatever it can be scrolled in."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget, 8, 8)
        around = around.parentWidget()
