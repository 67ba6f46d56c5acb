"""The welcome page: begin, go on with a recent file, or open a lesson or an example from its picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..look.fonts import sized
from ..look.theme import Theme
from .cards import ABOUT, Cards
from .gallery import SIZE, Gallery, add_file, file_of
from .second_click import SecondClick

if TYPE_CHECKING:
    from ..window import Window

NARROW = 700  # a page less wide has the recent files beneath the examples
LOW = 440
RECENT_WIDTH = 260
ABOUT_ALL = "See a neural network compute: wire operations, and watch every value and every gradient."


class Welcome(QWidget):
    """Shown where there is no graph yet."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.new_button = QPushButton("New graph")
        self.new_button.clicked.connect(lambda: window.files.new())
        self.open_button = QPushButton("Open…")
        self.open_button.clicked.connect(lambda: window.files.ask_open())
        self.gallery, self.recent = Gallery(window.application), QListWidget()
        self._recent_title = QLabel("Recent")
        self._cards = Cards(window.theme, SIZE, 3, self.gallery), Cards(window.theme, None, 1, self.recent)
        self._second_click = SecondClick(window.canvas)
        self._make_lists()
        self._lay_out()
        self.set_theme(window.theme)

    def _make_lists(self) -> None:
        self.gallery.itemActivated.connect(lambda item: self._open(item, self._window.files.open_example))
        self.recent.itemActivated.connect(lambda item: self._open(item, self._window.files.open))
        names = "Lessons and examples", "Recent files"
        for shown, cards, name in zip((self.gallery, self.recent), self._cards, names, strict=True):
            shown.setItemDelegate(cards)
            shown.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
            shown.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            shown.setMouseTracking(True)
            shown.setAccessibleName(name)
            shown.itemClicked.connect(shown.itemActivated)

    def _open(self, item: QListWidgetItem, open: Callable[[Path], bool]) -> None:
        # A heading stands for no file, and Qt tells of clicks on it all the same.
        if item.flags() & Qt.ItemFlag.ItemIsEnabled and open(file_of(item)):
            self._second_click.expect()

    def _lay_out(self) -> None:
        self._title, self._about = QLabel("Gradwire"), QLabel(ABOUT_ALL)
        self._title.setProperty("rank", "title")
        self._title.setFont(sized(QFont(QApplication.font()), 1.6))
        self._about.setProperty("rank", "second")
        self._about.setWordWrap(True)
        page, buttons = QVBoxLayout(self), QHBoxLayout()
        for button in (self.new_button, self.open_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(self.gallery, 1)
        right.addWidget(self._recent_title)
        right.addWidget(self.recent, 1)
        self._lists = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lists.addLayout(left, 1)
        self._lists.addLayout(right)
        page.setContentsMargins(28, 24, 20, 12)
        page.setSpacing(10)
        page.addWidget(self._title)
        page.addWidget(self._about)
        page.addLayout(buttons)
        page.addSpacing(8)
        page.addLayout(self._lists, 1)
        self._fold()

    def _fold(self) -> None:
        """Recent files beside the examples, or beneath them where the page is narrow; no heading where it is low."""
        narrow, low = self.width() < NARROW, self.height() < LOW
        for part in (self._title, self._about):
            part.setVisible(not low)
        self._lists.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self.recent.setMaximumSize(16777215 if narrow else RECENT_WIDTH, (64 if low else 150) if narrow else 16777215)
        self.recent.setMinimumWidth(0 if narrow else RECENT_WIDTH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fold()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:  # entries are as high as their lines
            for shown in (self.gallery, self.recent):
                shown.doItemsLayout()
        super().changeEvent(event)

    # What is shown.

    def refresh(self) -> None:
        """Fill the lists; pictures come one by one after the page has been painted."""
        recent = self._window.application.recent.paths()
        self.recent.clear()
        for path in recent:
            add_file(self.recent, path, path.name).setData(ABOUT, _short(path.parent))
        self.recent.setCurrentRow(0)
        self.recent.setVisible(bool(recent))
        self._recent_title.setVisible(bool(recent))
        self.gallery.refresh()
        self.gallery.setFocus()

    def stop(self) -> None:
        """End what is drawn: the window closes."""
        self.gallery.stop()

    def set_theme(self, theme: Theme) -> None:
        """Draw with the colours of another theme, pictures too."""
        for cards in self._cards:
            cards.theme = theme
        self.setStyleSheet(f"#welcome, #welcome QListWidget {{ background: {theme.background}; }}")
        if self.isVisible():
            self.refresh()


def _short(folder: Path) -> str:
    """A folder as people write it: `~/graphs`."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if home in folder.parents else str(folder)
