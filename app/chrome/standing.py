"""Where a window and its panels stand, from one start to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize

if TYPE_CHECKING:
    from ..window import Window

FIRST = "window"  # under which name the settings hold what the first window remembers
SIZE = QSize(1400, 900)  # at first, where the screen has room for it
FRAME = QSize(8, 40)  # about what the system draws around a window
STEP = QPoint(32, 32)  # from one window to the next


def recall(window: Window) -> None:
    """Put a new window where it stood; one that was never open before stands beside the first."""
    settings, name = window.application.settings, _name(window)
    window.resize(SIZE.boundedTo(window.screen().availableGeometry().size() - FRAME))
    if not window.restoreGeometry(settings.bytes(f"{name}/geometry")) and name != FIRST:
        window.restoreGeometry(settings.bytes(f"{FIRST}/geometry"))
        window.move(window.pos() + STEP * (window.number - 1))  # not just over the first
    window.docks.recall(settings, name)


def remember(window: Window) -> None:
    """Put down where everything stands, for the next start."""
    settings, name = window.application.settings, _name(window)
    settings.set_bytes(f"{name}/geometry", window.saveGeometry())
    window.docks.remember(settings, name)
    settings.save()


def _name(window: Window) -> str:
    """The second window has panels of its own."""
    return FIRST if window.number == 1 else f"{FIRST}{window.number}"
