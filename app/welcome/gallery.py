"""Lessons and examples on the welcome page: pictures that are drawn one by one once it is shown, under headings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from ...core.errors import GradwireError
from ...core.session import Session
from ..files.examples import examples, lessons, title_of
from .cards import ABOUT, PICTURE

if TYPE_CHECKING:
    from ..application import Application
    from .album import Album, Drawing

SIZE = QSize(252, 150)  # of a picture
SPACING = 4
PATH = Qt.ItemDataRole.UserRole


class Gallery(QListWidget):
    """Each lesson and example with its picture, its name and what it is about."""

    def __init__(self, application: Application, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._application = application
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setMovement(QListWidget.Movement.Static)
        self.setSpacing(SPACING)
        self._waiting: list[QListWidgetItem] = []
        self._drawing: Drawing | None = None
        self._draw_next = QTimer(self, singleShot=True, interval=0)
        self._draw_next.timeout.connect(self._draw_one)

    @property
    def busy(self) -> bool:
        """Whether pictures are still to be drawn."""
        return bool(self._waiting) or self._drawing is not None

    def refresh(self) -> None:
        """Fill the list; pictures come after it has been painted."""
        if not self.count():
            self._fill()
        self._waiting = self.entries()
        if self._drawing is None:
            self._draw_next.start()

    def _fill(self) -> None:
        self._add_heading("Lessons: step through them with Space")
        for number, path in enumerate(lessons(), 1):
            add_file(self, path, f"{number}. {title_of(path)}")
        self._add_heading("Examples")
        for path in examples():
            add_file(self, path, title_of(path))
        self.setCurrentItem(self.entries()[0])

    def _add_heading(self, text: str) -> None:
        heading = QListWidgetItem(text, self)
        heading.setFlags(Qt.ItemFlag.NoItemFlags)
        self._widen(heading)

    def _widen(self, heading: QListWidgetItem) -> None:
        """As wide as the list, so that it has a row for itself."""
        heading.setSizeHint(QSize(self.viewport().width() - 3 * SPACING, 2 * self.fontMetrics().lineSpacing()))

    def entries(self) -> list[QListWidgetItem]:
        """All but the headings."""
        return [item for item in self._items() if item.data(PATH)]

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def resizeEvent(self, event: QResizeEvent) -> None:
        for item in self._items():
            if not item.data(PATH):
                self._widen(item)
        super().resizeEvent(event)

    def _draw_one(self) -> None:
        if not self._waiting or not self.isVisible():
            return
        from .album import Album, Drawing

        item = self._waiting.pop(0)
        album = Album(self._application.cache, self._application.theme, SIZE, self.devicePixelRatio())
        try:
            session = Session.open(file_of(item))
        except GradwireError as error:  # opening it says the same
            item.setData(ABOUT, str(error))
            self._draw_next.start()
            return
        about = str(session.graph.extra.get("about", ""))
        item.setData(ABOUT, about)
        item.setToolTip(about)
        known = album.get(file_of(item))
        if known is not None:
            item.setData(PICTURE, known)
            self._draw_next.start()
            return
        self._drawing = Drawing(session, album, self)
        self._drawing.drawn.connect(lambda pixmap, whole: self._take(item, album, pixmap, whole))

    def _take(self, item: QListWidgetItem, album: Album, pixmap: QPixmap, whole: bool) -> None:
        self._drawing = None
        item.setData(PICTURE, pixmap)
        if whole:
            album.put(file_of(item), pixmap)
        self._draw_next.start()

    def stop(self) -> None:
        """End what is drawn: the window closes."""
        self._waiting = []
        if self._drawing is not None:
            self._drawing.stop()
            self._drawing = None

    def hideEvent(self, event: QHideEvent) -> None:
        self._waiting = []  # the rest is drawn when the page is shown again
        super().hideEvent(event)


def add_file(shown: QListWidget, path: Path, name: str) -> QListWidgetItem:
    """An entry that stands for a file."""
    item = QListWidgetItem(name, shown)
    item.setData(PATH, str(path))
    item.setToolTip(str(path))
    return item


def file_of(item: QListWidgetItem) -> Path:
    """The file that an entry stands for."""
    return Path(item.data(PATH))
