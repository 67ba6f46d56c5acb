"""Small pictures of graphs, drawn by the canvas' own painter and kept in the cache folder."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from ..core.errors import GradwireError
from ..core.session import Session
from .keeping import digest_of
from .theme import Theme

_VERSION = 2  # of what is drawn: pictures of an earlier one are drawn anew


def picture(path: Path, theme: Theme, size: QSize, ratio: float, cache: Path) -> QPixmap | None:
    """The graph in a file, None where it cannot be read."""
    key = f"{digest_of(path)} {theme} {size.width()}x{size.height()}@{ratio} {_VERSION}"
    kept = cache / "pictures" / f"{sha256(key.encode()).hexdigest()[:32]}.png"
    pixmap = QPixmap(str(kept)) if kept.is_file() else QPixmap()
    if pixmap.isNull():
        try:
            pixmap = _draw(Session.open(path), theme, size, ratio)
        except GradwireError:  # opening it says why
            return None
        kept.parent.mkdir(parents=True, exist_ok=True)
        pixmap.save(str(kept))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _draw(session: Session, theme: Theme, size: QSize, ratio: float) -> QPixmap:
    from .canvas.canvas import Canvas
    from .editor import Editor

    editor = Editor(session)
    try:
        canvas = Canvas(editor, theme)
        canvas.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        canvas.minimap_shown = canvas.gradients = False
        canvas.resize(size * 2)
        canvas.frame()
        grabbed = canvas.grab()
        canvas.deleteLater()
    finally:
        editor.close()
        editor.deleteLater()
    pixmap = QPixmap(size * ratio)
    pixmap.fill(QColor(theme.background))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(pixmap.rect(), grabbed)
    painter.end()
    return pixmap
