"""Small pictures of graphs with their values, drawn by the canvas' own painter and kept in the cache folder."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap

from ...core.session import Session
from ..files.keeping import digest_of
from ..look.theme import Theme

if TYPE_CHECKING:
    from ..editor import Editor

_VERSION = 4  # of what is drawn: pictures of an earlier one are drawn anew
PATIENCE = 10_000  # milliseconds for the values of one graph; it is then drawn without


class Album:
    """Where pictures of one theme and size are kept."""

    def __init__(self, folder: Path, theme: Theme, size: QSize, ratio: float) -> None:
        self._folder, self.theme, self.size, self.ratio = folder, theme, size, ratio

    def get(self, path: Path) -> QPixmap | None:
        """The picture of the file as it is now, None where it has not been drawn yet."""
        kept = self._place(path)
        pixmap = QPixmap(str(kept)) if kept.is_file() else QPixmap()
        if pixmap.isNull():
            return None
        pixmap.setDevicePixelRatio(self.ratio)
        return pixmap

    def put(self, path: Path, pixmap: QPixmap) -> None:
        """Keep it. Where nothing can be written it is drawn again the next time."""
        kept = self._place(path)
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return
        pixmap.save(str(kept))

    def _place(self, path: Path) -> Path:
        size = f"{self.size.width()}x{self.size.height()}@{self.ratio}"
        key = f"{digest_of(path)} {self.theme} {size} {_VERSION}"
        return self._folder / "pictures" / f"{sha256(key.encode()).hexdigest()[:32]}.png"


class Drawing(QObject):
    """Draws one graph once its values are there: they are computed beside the window."""

    drawn = Signal(QPixmap, bool)  # the picture, and whether it is whole

    def __init__(self, session: Session, album: Album, parent: QObject | None = None) -> None:
        from ..editor import Editor

        super().__init__(parent)
        self._album = album
        self._editor: Editor | None = Editor(session, self)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._look)
        self._limit = QTimer(self, singleShot=True, interval=PATIENCE)
        self._limit.timeout.connect(lambda: self._end(whole=False))
        for happened in (self._editor.checked, self._editor.results_changed):
            happened.connect(self._soon.start)
        self._limit.start()

    def _look(self) -> None:
        editor = self._editor
        if editor is not None and not editor.checking.busy and not editor.live.refreshing.pending:
            self._end(whole=True)

    def _end(self, whole: bool) -> None:
        if self._editor is None:
            return
        pixmap = QPixmap()
        try:
            pixmap = self._draw(self._editor)
        finally:  # a fault in one picture may not keep the others from being drawn
            self.stop()
            self.drawn.emit(pixmap, whole and not pixmap.isNull())

    def stop(self) -> None:
        """End what is still computed."""
        self._soon.stop()
        self._limit.stop()
        if self._editor is not None:
            self._editor.close()
            self._editor = None
            self.deleteLater()

    def _draw(self, editor: Editor) -> QPixmap:
        from ..canvas.canvas import Canvas
        from ..canvas.nodes import TEXTS

        album = self._album
        canvas = Canvas(editor, album.theme)
        canvas.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        canvas.minimap_shown = False
        canvas.magnify(framed=1.6)
        for larger in (2, 3):  # as small as it may be for values to be drawn
            canvas.resize(album.size * larger)
            canvas.frame()
            if canvas.view.scale >= TEXTS:
                break
        grabbed = canvas.grab()
        canvas.deleteLater()
        pixmap = QPixmap(album.size * album.ratio)
        pixmap.fill(QColor(album.theme.background))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        # Halved by Qt's smooth scaling: a painter that shrinks takes four neighbours, and thin letters lose parts.
        fine = grabbed.scaled(
            pixmap.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        fine.setDevicePixelRatio(1.0)
        painter.drawPixmap(0, 0, fine)
        painter.end()
        pixmap.setDevicePixelRatio(album.ratio)
        return pixmap
