"""The data of the graph: of the dataset node that is selected, else of the only one; without one it can be added."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ...core.data.kinds import is_file
from ..data.choosing import name_of
from ..data.page import DataPage
from ..editor import Editor
from ..inspecting.parts import label
from ..inspecting.sheet import sheet
from ..look.theme import Theme

NONE = "This graph has no dataset: one gives it rows to train with, of a set that comes along, or of a file."
SEVERAL = "This graph has several datasets: choose the one that is to be shown."


class DataPanel(QWidget):
    """Reads data while it is seen, and only then. A file or folder of data that is dropped on it is chosen."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self.page: DataPage | None = None
        self.invitation: QWidget | None = None
        self._shown: object = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setAcceptDrops(True)
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.refresh)
        for signal in (editor.changed, editor.replaced, editor.selection_changed):
            signal.connect(self._later)
        editor.catalogues_changed.connect(self._read_anew)
        self.set_theme(theme)

    def minimumSizeHint(self) -> QSize:
        """A window is never wider for what stands in it."""
        return QSize(200, 60)

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the colours of another theme."""
        self.theme = theme
        self.setStyleSheet(sheet(theme))
        self._shown = None
        self.refresh()

    def _later(self, *_: object) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def _read_anew(self) -> None:
        """A plugin may have brought the set that is shown, or taken it away."""
        if self.page is not None:
            self.page.forget()
        self._later()

    @property
    def datasets(self) -> list[str]:
        """The ids of all dataset nodes."""
        return [id for id in sorted(self.editor.graph.nodes) if self.editor.graph.nodes[id].op == "dataset"]

    def wanted(self) -> str | None:
        """The node that is to be shown, None where none is meant."""
        editor, known = self.editor, self.datasets
        if editor.active in known:
            return editor.active
        selected = [id for id in known if id in editor.selection]
        if len(selected) == 1:
            return selected[0]
        if self.page is not None and self.page.id in known:
            return self.page.id  # which stays while other nodes are looked at
        return known[0] if len(known) == 1 else None

    def refresh(self) -> None:
        """Show what is wanted now."""
        if not self.isVisible():
            return
        id = self.wanted()
        key = (self.editor.session, id, tuple(self.datasets) if id is None else ())
        if key != self._shown:
            self._shown = key
            self._clear()
            if id is not None:
                self.page = DataPage(self.editor, self.theme, id)
                self._column.addWidget(self.page)
            else:
                self.invitation = self._invite()
                self._column.addWidget(self.invitation)
        elif self.page is not None:
            self.page.refresh()

    def _clear(self) -> None:
        for widget in (self.page, self.invitation):
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if self.page is not None:
            self.page.reader.stop()
        self.page = self.invitation = None

    def _invite(self) -> QWidget:
        body = QWidget()
        body.setObjectName("page")
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(label(SEVERAL if self.datasets else NONE, "dim", None, wrap=True))
        if not self.datasets:
            column.addWidget(self._button("Add a dataset", lambda: self.editor.wishes.add.emit("dataset")))
        for id in self.datasets:
            column.addWidget(self._button(self.editor.graph.path(id), lambda id=id: self.editor.show(id)))
        column.addStretch(2)
        return body

    def _button(self, text: str, act: object) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda _: act())  # type: ignore[operator]
        return button

    # What comes and goes, and what is dropped.

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._later()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.page is not None:
            self.page.forget()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.page is not None and _dropped(event.mimeData()) is not None:
            event.acceptProposedAction()
        else:
            event.ignore()  # a graph is the window's

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event.mimeData())
        if self.page is not None and path is not None:
            event.acceptProposedAction()
            self.page.bar.take(path)


def _dropped(data: QMimeData) -> Path | None:
    """The one file or folder of data that is dragged."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return paths[0] if len(paths) == 1 and is_file(name_of(paths[0])) else None
