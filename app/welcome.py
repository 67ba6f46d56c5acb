"""The welcome page: begin, go on with a recent file, or open an example from its picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from .examples import examples
from .theme import Theme

if TYPE_CHECKING:
    from .window import Window

PICTURE = QSize(228, 142)
PATH = Qt.ItemDataRole.UserRole
OPENED = (".gw", ".gwz", ".png")


def dropped_files(data: QMimeData) -> list[Path]:
    """The files dragged from elsewhere that can be opened."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in OPENED]


class Welcome(QWidget):
    """Shown where there is no graph yet."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel("Gradwire")
        title.setProperty("rank", "title")
        about = QLabel("See a neural network compute: wire operations, and watch every value and every gradient.")
        about.setProperty("rank", "second")
        self.new_button = QPushButton("New graph")
        self.new_button.clicked.connect(window_action(window, "new"))
        self.open_button = QPushButton("Open…")
        self.open_button.clicked.connect(window_action(window, "ask_open"))
        self.recent = QListWidget()
        self.recent.setMaximumWidth(280)
        self.examples = self._examples()
        for shown in (self.recent, self.examples):
            shown.itemActivated.connect(self._open)
            shown.itemClicked.connect(self._open)
        self._recent_title = QLabel("Recent")
        self._lay_out(title, about)
        self._waiting: list[QListWidgetItem] = []
        self._draw_next = QTimer(self, singleShot=True, interval=0)
        self._draw_next.timeout.connect(self._draw_one)
        self.set_theme(window.theme)

    def _examples(self) -> QListWidget:
        shown = QListWidget()
        shown.setViewMode(QListWidget.ViewMode.IconMode)
        shown.setResizeMode(QListWidget.ResizeMode.Adjust)
        shown.setMovement(QListWidget.Movement.Static)
        shown.setUniformItemSizes(True)
        shown.setIconSize(PICTURE)
        shown.setGridSize(QSize(PICTURE.width() + 20, PICTURE.height() + 40))
        shown.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        shown.setAccessibleName("Examples")
        return shown

    def _lay_out(self, title: QLabel, about: QLabel) -> None:
        buttons, lists, page = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        for button in (self.new_button, self.open_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(self._recent_title)
        left.addWidget(self.recent, 1)
        right.addWidget(QLabel("Examples"))
        right.addWidget(self.examples, 1)
        lists.addLayout(right, 1)
        lists.addLayout(left)
        page.setContentsMargins(32, 28, 24, 12)
        page.setSpacing(10)
        for part in (title, about):
            page.addWidget(part)
        page.addLayout(buttons)
        page.addSpacing(8)
        page.addLayout(lists, 1)

    def refresh(self) -> None:
        """Fill the lists; pictures come one by one after the page has been painted."""
        recent = self._window.application.recent.paths()
        self.recent.clear()
        for path in recent:
            self._add(self.recent, path, path.name, str(path))
        self.recent.setVisible(bool(recent))
        self._recent_title.setVisible(bool(recent))
        if not self.examples.count():
            for path in examples():
                self._add(self.examples, path, path.stem.replace("_", " "), str(path))
            self.examples.setCurrentRow(0)
        self._waiting = [self.examples.item(row) for row in range(self.examples.count())]
        self._draw_next.start()
        self.examples.setFocus()

    def _add(self, shown: QListWidget, path: Path, name: str, tip: str) -> None:
        item = QListWidgetItem(name)
        item.setData(PATH, str(path))
        item.setToolTip(tip)
        if shown is self.examples:
            blank = QPixmap(PICTURE)
            blank.fill(Qt.GlobalColor.transparent)
            item.setIcon(QIcon(blank))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
        shown.addItem(item)

    def _draw_one(self) -> None:
        if not self._waiting or not self.isVisible():
            return
        from .pictures import picture

        item = self._waiting.pop(0)
        application = self._window.application
        drawn = picture(Path(item.data(PATH)), application.theme, PICTURE, self.devicePixelRatio(), application.cache)
        if drawn is not None:
            shown = QIcon(drawn)
            shown.addPixmap(drawn, QIcon.Mode.Selected)  # else Qt would tint it
            item.setIcon(shown)
        if self._waiting:
            self._draw_next.start()

    def _open(self, item: QListWidgetItem) -> None:
        self._window.files.open(Path(item.data(PATH)))

    def set_theme(self, theme: Theme) -> None:
        """Draw with the colours of another theme, pictures too."""
        self.setStyleSheet(
            f"#welcome {{ background: {theme.background}; }}"
            f"QListWidget {{ background: {theme.background}; color: {theme.text}; }}"
            f"QListWidget::item {{ padding: 4px; border-radius: 6px; border: 1px solid transparent; }}"
            f"QListWidget::item:hover {{ background: {theme.raised}; }}"
            f"QListWidget::item:selected {{ background: {theme.raised}; color: {theme.text};"
            f" border-color: {theme.accent}; }}"
        )
        if self.isVisible():
            self.refresh()


def window_action(window: Window, name: str):
    """What a button of the page does: a method of the window's files, which are made after the page."""
    return lambda: getattr(window.files, name)()
