"""How many rows a data set has, and how they are parted: read beside the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ...core.data import BUILTIN, MADE, prepare, takes, told_counts, told_rows
from ...core.data.datasets import Options
from ...core.errors import GradwireError
from ..bridge import Request, Worker
from ..editor import Editor
from .parts import label
from .sheet import small

CLASSES = 12  # that are told with their counts
COLUMNS = 12  # that are told by name
OF_SOURCES = frozenset(field.name for field in fields(Options))


def sources() -> list[tuple[str, str]]:
    """The sets to choose from, in a line each, and their names: those that are loaded, then those that are drawn."""
    return [(f"{each.name}: {each.summary}", each.name) for sets in (BUILTIN, MADE) for each in sets.values()]


def shown_settings(params: Mapping[str, Any]) -> frozenset[str]:
    """The settings among those of sources that are shown: what this source takes, and what it was given."""
    name, window = params.get("source", "digits"), params.get("window")
    taken = takes(name, Options(window=window)) if isinstance(name, str) else OF_SOURCES
    return taken | {setting for setting in OF_SOURCES if params.get(setting) is not None}


def rows_of(params: Mapping[str, Any], folder: Path | None) -> str:
    """`1,797 rows: 1,438 to train with, 359 held out`, below it how many of each class, and the columns of a table in
    which texts have become columns.

    Nothing where they cannot be read, which a problem tells.
    """
    try:
        found = prepare(params, folder)
    except GradwireError:
        return ""
    lines = [told_rows(found.train, found.validation), told_counts(found.train, found.validation, CLASSES)]
    names = found.feature_names
    if any("=" in name for name in names):
        more = f" and {len(names) - COLUMNS:,} more" if len(names) > COLUMNS else ""
        lines.append(f"columns: {', '.join(names[:COLUMNS])}{more}")
    return "\n".join(line for line in lines if line)


class DataLine(QWidget):
    """The lines under the heading of a data set, and what leads to its panel."""

    def __init__(self, editor: Editor, id: str) -> None:
        super().__init__()
        self.editor, self.id = editor, id
        self.about = label("", "dim", small(), wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.about)
        self.more = QPushButton("Data…")
        self.more.setToolTip("Samples, class balance, splitting and how a file is read, in the panel Data")
        self.more.clicked.connect(lambda _: editor.wishes.data.emit())
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self._worker = Worker("rows", self)
        self._worker.finished.connect(self.about.setText)
        self._worker.failed.connect(lambda error: self.about.setText(f"{type(error).__name__}: {error}"))
        self._asked: tuple[object, ...] = ()
        editor.catalogues_changed.connect(self._count_anew)

    def _count_anew(self) -> None:
        """A plugin may have brought the set, or taken it away."""
        self._asked = ()
        if self.id in self.editor.graph.nodes:
            self.refresh()

    def refresh(self) -> None:
        """Count again where the settings are others."""
        params, folder = self.editor.graph.nodes[self.id].params, self.editor.session.folder
        if self._asked == (params, folder):
            return
        self._asked = params, folder

        def work(_: Request) -> str:
            return rows_of(params, folder)

        self._worker.ask(work)
