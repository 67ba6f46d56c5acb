"""The two lines below a list that say what the row is at which the keyboard is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from .marked import marked


class Footer(QLabel):
    """Shows texts in which names stand in `backticks`, with … where there is no room for all of one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._across = 0

    def make_room(self, width: int) -> None:
        """Become as high as two lines of text and code, to be shown so wide."""
        self._across = width
        self.ensurePolished()
        self.setMinimumHeight(0)
        self.setFixedHeight(self._height_of("<br>".join([marked("x `x`")] * 2)))

    def tell(self, text: str) -> None:
        """Show a text, or as many of its words as there is room for."""
        room = self.maximumHeight()
        if self._height_of(marked(text)) > room:
            words = text.split(" ")
            fit, most = 0, len(words) - 1
            while fit < most:
                middle = (fit + most + 1) // 2
                fits = self._height_of(marked(_cut(words, middle))) <= room
                fit, most = (middle, most) if fits else (fit, middle - 1)
            text = _cut(words, fit)
        self.setText(marked(text))

    def _height_of(self, rich: str) -> int:
        """How high a rich text would be, where that is no less than there is room for."""
        self.setText(rich)
        return self.heightForWidth(self._across)


def _cut(words: list[str], count: int) -> str:
    """The first words of a text, with …; a name in `backticks` that is cut is closed."""
    text = " ".join(words[:count]).rstrip(",;:")
    return f"{text}{'`' * (text.count('`') % 2)} …"
