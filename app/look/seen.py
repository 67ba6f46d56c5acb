"""Whether anybody can see a widget."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


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
