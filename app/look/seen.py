"""Whether anybody can see a widget."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QDockWidget, QWidget


def is_seen(widget: QWidget) -> bool:
    """Whether any of it lies within its window: a panel behind another tab does not, though Qt calls it visible.

    Its `visibleRegion` would not tell: that leaves out what opaque children cover, which a style may make of any.
    """
    if not widget.isVisible():
        return False
    part, each = widget.rect(), widget
    while not each.isWindow() and (parent := each.parentWidget()) is not None:
        part = part.translated(each.pos()) & parent.rect()
        each = parent
    return not part.isEmpty()


class Sight(QObject):
    """Tells that a panel may have come into sight, or out of it: `changed`; and, once, that it comes there: `first`.

    A tab that comes to the front is not shown anew: only its dock tells.
    """

    changed = Signal()
    first = Signal()

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self._dock: QDockWidget | None = None
        self._come = False
        panel.installEventFilter(self)

    def eventFilter(self, panel: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            dock = panel.parent()
            if isinstance(dock, QDockWidget) and dock is not self._dock:
                self._dock = dock
                dock.visibilityChanged.connect(self._turn)
            self._turn(not isinstance(dock, QDockWidget))  # one in a dock may be behind another
        return False

    def _turn(self, comes: bool) -> None:
        if comes and not self._come:
            self._come = True
            self.first.emit()
        self.changed.emit()
