"""Parts under each other, and columns of them that scroll."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class Part(QWidget):
    """Widgets under each other."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        for widget in widgets:
            self.column.addWidget(widget)


class Side(QScrollArea):
    """A column of parts that scrolls by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.part = Part()
        self.part.setObjectName("page")
        self.part.column.setContentsMargins(12, 8, 10, 10)
        self.part.column.setSpacing(10)
        self.part.column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidget(self.part)
