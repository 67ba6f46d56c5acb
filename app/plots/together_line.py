"""The line that says which runs the curves are of, where others stand beside those of the run itself."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ..inspecting.sheet import small
from .together import Others

TOLD = "Together with the runs selected in Runs"


class TogetherLine(QWidget):
    """Hidden where there are none; `alone` is its button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLabel()
        self.text.setFont(small())
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.alone = QToolButton()
        self.alone.setText("This run alone")
        self.alone.setFont(small())
        self.alone.setToolTip("Show the curves of this run only, until other runs are selected")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(self.text, 1)
        row.addWidget(self.alone)
        self.hide()

    def show_others(self, others: Others | None) -> None:
        """Tell of these, None: of none."""
        self.setVisible(others is not None)
        if others is not None:
            self.text.setText(f"{TOLD}: {others.many:,}")
