"""Lessons and examples on the welcome page, under headings: pictures come one by one, drawn beside the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from ..bridge import Request, Worker
from ..files.examples import examples, lessons, title_of
from ..look.fonts import load_fonts
from .cards import ABOUT, PICTURE

if TYPE_CHECKING:
    from ..application import Application
    from .album import Entry

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
        self._waiting: list[QListWidgetItem] = []  # the first is the one that is drawn
        self._worker: Worker | None = None
        self._draw_next = QTimer(self, singleShot=True, interval=0)
        self._draw_next.timeout.connect(self._draw_one)

    @property
    def busy(self) -> bool:
        """Whether pictures are still to be drawn."""
        return bool(self._waiting)

    def refresh(self) -> None:
        """Fill the list; pictures come after it has been painted."""
        if not self.count():
            self._fill()
        if self._worker is not None:
            self._worker.cancel()  # it may draw in the colours of another theme
        self._waiting = self.entries()
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
        if self._worker is None:
            load_fonts()  # here: Qt's fonts may not become more while another thread paints
            self._worker = Worker("pictures", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        application, path = self._application, file_of(self._waiting[0])
        given = application.cache, application.theme, SIZE, self.devicePixelRatio()

        def work(request: Request) -> Entry:
            from .album import Album  # here: loading what draws takes longer than a frame

            return Album(*given).look_up(path, lambda: request.cancelled)

        self._worker.ask(work)

    def _take(self, entry: Entry) -> None:
        item = self._waiting.pop(0)
        item.setData(ABOUT, entry.about)
        item.setToolTip(entry.about)
        if entry.picture is not None:
            item.setData(PICTURE, QPixmap.fromImage(entry.picture))
        self._draw_next.start()

    def _fail(self, error: Exception) -> None:
        self._waiting.pop(0).setData(ABOUT, str(error))  # opening it says the same
        self._draw_next.start()

    def stop(self) -> None:
        """End what is drawn: the window closes."""
        self._waiting = []
        if self._worker is not None:
            self._worker.close()

    def hideEvent(self, event: QHideEvent) -> None:
        self._waiting = []  # the rest is drawn when the page is shown again
        if self._worker is not None:
            self._worker.cancel()
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
