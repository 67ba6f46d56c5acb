"""What cards are made of: sections of words, formulas, code and numbers, to read and to copy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent, QTextOption, QWheelEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..inspecting.parts import Section, label
from ..inspecting.sheet import large as large_font
from ..inspecting.sheet import sheet, small
from ..lists.marked import marked
from ..look.fonts import mono
from ..look.theme import Theme

WIDTH, HEIGHT = 700, 720


def numbers(value: np.ndarray) -> str:
    """An array of an example as text, to four decimals; of what rounds to 0 nothing has a sign."""
    value = np.round(value, 4) + 0.0 if value.dtype.kind == "f" else value  # NumPy prints a single number in full
    with np.printoptions(precision=4, suppress=True, linewidth=64, threshold=60, edgeitems=3):
        return str(value).replace("-", "−")


class Code(QPlainTextEdit):
    """Lines to read and copy, as high as they are many; one that is too long goes on in the next."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setReadOnly(True)
        self.setFont(mono(0.92))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        for policy in (self.setVerticalScrollBarPolicy, self.setHorizontalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self._be_as_high_as_the_lines()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._be_as_high_as_the_lines()

    def _be_as_high_as_the_lines(self) -> None:
        height, block = 0.0, self.document().firstBlock()
        while block.isValid():  # Qt breaks into lines only what is asked for
            height, block = height + self.blockBoundingRect(block).height(), block.next()
        self.setFixedHeight(math.ceil(height) + 20)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the card scrolls


class Fold(QWidget):
    """What is shown only when it is asked for."""

    def __init__(self, name: str, body: QWidget) -> None:
        super().__init__()
        self.body = body
        self.button = QToolButton()
        self.button.setText(name)
        self.button.setCheckable(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.toggled.connect(self._turn)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.button)
        column.addWidget(body)
        self._turn(False)

    def _turn(self, opened: bool) -> None:
        self.body.setVisible(opened)
        self.button.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)


class Page(QWidget):
    """What the card scrolls: as high as it is at its width, where Qt would keep room for the narrowest one."""

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)


class Card(QDialog):
    """A page to read, closed by Escape or F1; its text can be selected and copied."""

    def __init__(self, theme: Theme, title: str, second: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setStyleSheet(sheet(theme) + f"QDialog {{ background: {theme.panel}; }}")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.texts: list[str] = []
        page = Page()
        page.setObjectName("page")
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(16, 14, 14, 14)
        self.column.setSpacing(13)
        head = Section("")
        head.caption.hide()
        head.add(label(title, None, large_font()), label(second, "dim", small(), wrap=True))
        self.column.addWidget(head)
        self.texts += [title, second]
        scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 10)
        whole.addWidget(scroll)
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 14, 0)
        copy, close = QPushButton("Copy as text"), QPushButton("Close")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        close.clicked.connect(self.accept)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        whole.addLayout(row)
        self.resize(WIDTH, HEIGHT)
        close.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F1:  # the key that opened it; Escape closes every dialog
            self.accept()
        else:
            super().keyPressEvent(event)

    def text(self) -> str:
        """All of the card as text."""
        return "\n\n".join(self.texts)

    def say(self, caption: str, text: str, code: bool = False, formula: bool = False, large: bool = False) -> Section:
        """Add a section of words, of code, or of a formula in a frame."""
        font = mono(1.25 if large else 1.0) if formula else None
        body = Code(text) if code else label(text, "card" if formula else None, font, wrap=True)
        section = Section(caption).add(body)
        self.column.addWidget(section)
        self.texts.append(f"{caption}\n{text}")
        return section

    def tell(self, caption: str, paragraphs: Sequence[str]) -> None:
        """Add a section of paragraphs of a docstring: what stands in backticks is in the font of code."""
        joined = [" ".join(part.split()) for part in paragraphs]
        body = label("", None, None, wrap=True)
        body.setTextFormat(Qt.TextFormat.RichText)
        body.setText("<br><br>".join(marked(part) for part in joined))
        self.column.addWidget(Section(caption).add(body))
        self.texts.append("\n".join([caption, "\n\n".join(joined).replace("`", "")]))

    def end(self) -> None:
        """What is added later stands above the rest of the room."""
        self.column.addStretch(1)
