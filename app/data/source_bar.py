"""The buttons by which another set is chosen, and the offer to copy a file that lies elsewhere beside the document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QMenu, QPushButton, QToolButton, QWidget

from ...core.data import BUILTIN, MADE
from ...core.data.folders import ENDINGS
from ...core.errors import GradwireError
from ..bridge import Worker
from ..inspecting.parts import label
from .choosing import copy_beside, referred

FILES = "Data (*.csv *.tsv *.txt *.npy *.npz *.idx *-ubyte *-ubyte.gz *.idx.gz);;All files (*)"


class SourceBar(QWidget):
    """`chosen(name)`: the set or the file that a node is to read. `refused(line)`: why a file cannot be."""

    chosen = Signal(str)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None  # the document's
        self._outside: Path | None = None
        self.sets = QToolButton()
        self.sets.setText("Choose a set ▾")
        self.sets.setToolTip("What comes with the program, and what is drawn by a formula")
        self.sets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        menu.triggered.connect(lambda action: self._choose(action.data()))
        self.sets.setMenu(menu)
        self.file = QPushButton("Open file…")
        self.file.setToolTip("A table (CSV), arrays (NPY, NPZ), IDX as MNIST has it, or a text; or drop one here")
        self.file.clicked.connect(lambda _: self._ask_file())
        self.images = QPushButton("Open folder of images…")
        self.images.setToolTip(
            f"A folder for each class in it, with its images ({', '.join(ENDINGS)}); or drop one here"
        )
        self.images.clicked.connect(lambda _: self._ask_folder())
        self.offer = label("", "warning", None, wrap=True)
        self.copy = QPushButton("Copy it beside the document")
        self.copy.clicked.connect(lambda _: self._copy())
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(5)
        grid.addWidget(self.sets, 0, 0)
        grid.addWidget(self.file, 0, 1)
        grid.addWidget(self.images, 1, 0, 1, 2)
        grid.addWidget(self.offer, 2, 0, 1, 2)
        grid.addWidget(self.copy, 3, 0, 1, 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        self.sets.setSizePolicy(self.file.sizePolicy())
        self._copier = Worker("copying data", self, finishes=True)
        self._copier.finished.connect(self._copied)
        self._copier.failed.connect(self._not_copied)
        self._say_outside(None)

    def _fill(self) -> None:
        """Offer the sets that there are now: plugins may have brought others."""
        menu = self.sets.menu()
        menu.clear()
        for caption, sets in (("Built in", BUILTIN), ("Made", MADE)):
            menu.addAction(caption).setEnabled(False)  # the style draws no text in a section
            for name, each in sets.items():
                menu.addAction(f"{name}: {each.summary}").setData(name)

    def _choose(self, name: str) -> None:
        self._say_outside(None)
        self.chosen.emit(name)

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open data", str(self.folder or Path.home()), FILES)
        if name:
            self.take(Path(name))

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Open a folder of images", str(self.folder or Path.home()))
        if name:
            self.take(Path(name))

    def take(self, path: Path) -> None:
        """Choose a file or folder, which may lie elsewhere: then it is first to be copied."""
        self._say_outside(None)
        try:
            name = referred(path, self.folder)
        except GradwireError as error:
            self.refused.emit(str(error))
            return
        if name is None:
            self._say_outside(path)
        else:
            self.chosen.emit(name)

    def _say_outside(self, path: Path | None) -> None:
        self._outside = path
        for part in (self.offer, self.copy):
            part.setVisible(path is not None)
        self.copy.setEnabled(True)
        if path is not None:
            self.offer.setText(f"{path.name} lies outside the document's folder, in {path.parent}")
            self.copy.setFocus()

    def _copy(self) -> None:
        path, folder = self._outside, self.folder
        if path is not None and folder is not None:
            self.copy.setEnabled(False)
            self.offer.setText(f"{path.name} is being copied …")
            self._copier.ask(lambda _: copy_beside(path, folder))

    def _copied(self, name: Any) -> None:
        if self._outside is not None:  # else something else was chosen meanwhile
            self._choose(str(name))

    def _not_copied(self, error: Exception) -> None:
        self._say_outside(None)
        self.refused.emit(str(error))
