"""The runs of training as a table: searched, sorted, noted, compared; the curves of those that are selected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from ..look.seen import Sight, is_seen
from ..look.theme import Theme
from ..runs.bar import RunsBar
from ..runs.beside import BesideRuns
from ..runs.changing import RunChanges
from ..runs.model import RunModel
from ..runs.offering import Offering, document_of
from ..runs.reader import RunsReader
from ..runs.table import RunTable
from ..settings import data_folder
from ..training.controller import RUNS

if TYPE_CHECKING:
    from ...core.runs.listed import ListedRun
    from ..editor import Editor

OFTEN = 5000  # milliseconds between two looks at the folder while somebody sees the list: other programs train too
SOON = 700  # after something has happened to the run of this window
NOTHING = "No run yet: each training leaves one here, with its curves, its settings and what it came to."
NONE_FOUND = "No run of this document: “All documents” shows those of others."
CHOSEN = 0.25  # how much of the accent lies on rows that are selected
_SHEET = """
QTableView {{ background: {t.panel}; selection-background-color: {chosen}; selection-color: {t.text}; }}
QTableView::item:focus {{ border-bottom: 1px solid {t.accent}; }}
QTableView QLineEdit {{ padding: 0 3px; border-radius: 0; border-color: {t.accent}; }}
QSplitter::handle {{ background: {t.line}; width: 1px; }}
"""


def _chosen(theme: Theme) -> str:
    """The ground of rows that are selected, on which all colours of their texts are read.

    It lets nothing through: Qt lays it once on the cell that has the keyboard, and twice on others.
    """
    accent, panel = QColor(theme.accent), QColor(theme.panel)
    pairs = (accent.red(), panel.red()), (accent.green(), panel.green()), (accent.blue(), panel.blue())
    return "rgb({}, {}, {})".format(*(round(CHOSEN * over + (1 - CHOSEN) * under) for over, under in pairs))


class RunsPanel(QWidget):
    """Reads the folder of runs beside the window while it is seen; what is selected stays so as runs come and go."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self.reader, self.changes = RunsReader(self), RunChanges(self)
        self.model = RunModel(theme, self)
        self.table = RunTable(self.model)
        self.offering = Offering(editor, self.table, self.delete)
        self.beside = BesideRuns(self.model, self.reader, theme)
        self.beside.export_wanted.connect(editor.wishes.export)
        self.beside.compared.connect(editor.training.comparing.show)
        self._make()
        self._often = QTimer(self, interval=OFTEN)
        self._often.timeout.connect(self.look)
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self.look)
        self.reader.listed.connect(self._show)
        for told in (self.changes.told, self.beside.told):
            told.connect(editor.told)
        self.reader.failed.connect(lambda line: editor.told.emit(line, "refusal"))
        self.changes.changed.connect(self._changed)
        self.model.noted.connect(self.changes.note)
        self.table.chosen.connect(lambda: self.beside.compare(self.table.selected))
        self.table.opened.connect(editor.wishes.open_run)
        self.table.delete_wanted.connect(self.delete)
        self.table.menu_wanted.connect(self.offering.show_menu)
        editor.training.changed.connect(self._happened)
        editor.replaced.connect(lambda: self._show(self.reader.runs))
        Sight(self).changed.connect(lambda: QTimer.singleShot(0, self, self.look))
        self.set_theme(theme)

    def minimumSizeHint(self) -> QSize:
        """A window is never wider for what stands in it."""
        return QSize(200, 60)

    def _make(self) -> None:
        self.bar = bar = RunsBar(self.theme)
        bar.search.textChanged.connect(self._search)
        bar.everything.toggled.connect(lambda _: self._show(self.reader.runs))
        bar.back.clicked.connect(lambda _: self.changes.undo())
        self.empty = QLabel(NOTHING)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("rank", "second")
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(bar)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        for number, side in enumerate((left, self.beside)):
            self.split.addWidget(side)
            self.split.setStretchFactor(number, 1)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.split)

    def set_theme(self, theme: Theme) -> None:
        self.theme = self.model.theme = theme
        self.setStyleSheet(_SHEET.format(t=theme, chosen=_chosen(theme)))
        for part in (self.bar, self.beside):
            part.set_theme(theme)

    @property
    def home(self) -> Path:
        """The folder in which runs are kept."""
        return self.editor.training.home or data_folder() / RUNS

    @property
    def selected(self) -> list[ListedRun]:
        """The runs that are selected."""
        return self.table.selected

    def look(self) -> None:
        """Read what has changed in the folder, where somebody sees it."""
        if is_seen(self) and not self.table.editing:
            self.reader.look(self.home)

    def delete(self) -> None:
        """Move the runs that are selected into the trash."""
        if chosen := self.selected:
            self.changes.delete([run.path for run in chosen])

    def event(self, event: QEvent) -> bool:
        """Undo means what was deleted last here, before any edit of the graph."""
        if isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo) and self.changes.deleted:
            if event.type() == QEvent.Type.KeyPress:
                self.changes.undo()
            event.accept()
            return True
        return super().event(event)

    def _happened(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _changed(self) -> None:
        self.bar.back.setVisible(bool(self.changes.deleted))
        self.reader.look(self.home)

    def _search(self, text: str) -> None:
        self.model.search(text)
        self._tell()

    def _show(self, runs: list[ListedRun]) -> None:
        """Show those of this document, or all."""
        if self.table.editing:  # what is typed is not taken away: the next look comes soon
            return
        own = [run for run in runs if self.bar.everything.isChecked() or run.of(*document_of(self.editor))]
        self.model.show(own)
        self.beside.renew(self.selected)
        self._tell()

    def _tell(self) -> None:
        """How many there are, or why there are none."""
        shown, all_of = len(self.model.shown), len(self.model.runs)
        self.bar.tell(shown, all_of)
        self.empty.setVisible(not all_of)
        self.empty.setText(NONE_FOUND if self.reader.runs else NOTHING)
        self.table.setVisible(bool(all_of))
        self.beside.setVisible(bool(all_of))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._often.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._often.stop()
