"""The line above the list of runs: its search, of which documents it is, and what was deleted last."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from ..inspecting.editors import Check
from ..inspecting.sheet import small
from ..look.theme import Theme
from ..wording import counted


class RunsBar(QWidget):
    """`search`, `everything` and `back` tell by their own signals."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search names, notes, settings")
        self.search.setAccessibleName("Search runs")
        self.search.setClearButtonEnabled(True)
        self.everything = Check(theme, "All documents")
        self.count = QLabel()
        self.count.setProperty("rank", "second")
        self.back = QPushButton("Bring back")
        self.back.setToolTip("Bring back the runs that were deleted last")
        self.back.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 0)
        for part in (self.search, self.everything, self.count, self.back):
            part.setFont(small())
            row.addWidget(part, 1 if part is self.search else 0)

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self.everything.theme = theme
        self.everything.update()

    def tell(self, shown: int, known: int) -> None:
        """How many runs there are, and how many of them a search leaves."""
        self.count.setText(f"{shown:,} of {counted(known, 'run')}" if shown < known else counted(known, "run"))
