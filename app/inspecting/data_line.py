"""How many rows a data set has, and how they are parted: read beside the window."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...core.data import prepare
from ...core.data.bundled import BUILTIN
from ...core.errors import GradwireError
from ..bridge import Request, Worker
from ..editor import Editor
from .parts import label
from .sheet import small

SOURCES = [(f"{each.name}: {each.summary}", each.name) for each in BUILTIN.values()]  # to choose from


def rows_of(params: Mapping[str, Any], folder: Path | None) -> str:
    """`1,797 rows: 1,438 to train with, 359 held out`; nothing where they cannot be read, which a problem tells."""
    try:
        found = prepare(params, folder)
    except GradwireError:
        return ""
    train, held = len(found.train), len(found.validation)
    return f"{train + held:,} rows: {train:,} to train with, {held:,} held out"


class DataLine(QWidget):
    """The line under the heading of a data set."""

    def __init__(self, editor: Editor, id: str) -> None:
        super().__init__()
        self.editor, self.id = editor, id
        self.about = label("", "dim", small(), wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.about)
        self._worker = Worker("rows", self)
        self._worker.finished.connect(self.about.setText)
        self._worker.failed.connect(lambda error: self.about.setText(f"{type(error).__name__}: {error}"))
        self._asked: tuple[object, ...] = ()

    def refresh(self) -> None:
        """Count again where the settings are others."""
        params, folder = self.editor.graph.nodes[self.id].params, self.editor.session.folder
        if self._asked == (params, folder):
            return
        self._asked = params, folder

        def work(_: Request) -> str:
            return rows_of(params, folder)

        self._worker.ask(work)
