"""The lines below a list, two unless it needs more, that say what the row is at which the keyboard is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from .marked import marked

LINES = 2


class Footer(QLabel):
    """Shows texts in which names stand in `backticks`, with … where there is no room for all of one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._across = 0
        self._heights: dict[int, int] = {}  # of so many lines

    def make_room(self, width: int) -> None:
        """Become as high as two lines of text and code, to be shown so wide."""
        self._across = width
        self.ensurePolished()
        self._heights.clear()
        self.setFixedHeight(self._high(LINES))

    def tell(self, text: str, most: int = LINES) -> None:
        """Show a text in at most so many lines, else as many words as there is room for, with all of it in the tip."""
        room, needed = self._high(most), self._height_of(marked(text))
        self.setToolTip("" if needed <= room else text.replace("`", ""))
        if needed > room:
            words = text.split(" ")
            fit, most = 0, len(words) - 1
            while fit < most:
                middle = (fit + most + 1) // 2
                fits = self._height_of(marked(_cut(words, middle))) <= room
                fit, most = (middle, most) if fits else (fit, middle - 1)
            text = _cut(words, fit)
        self.setFixedHeight(min(max(needed, self._high(LINES)), room))
        self.setText(marked(text))

    def _high(self, lines: int) -> int:
        """How high so many lines of text and code are."""
        if lines not in self._heights:
            self._heights[lines] = self._height_of("<br>".join([marked("x `x`")] * lines))
        return self._heights[lines]

    def _height_of(self, rich: str) -> int:
        """How high a rich text would be, where that is no less than there is room for."""
        self.setMinimumHeight(0)
        self.setText(rich)
        return self.heightForWidth(self._across)


def _cut(words: list[str], count: int) -> str:
    """The first words of a text, with …; a name in `backticks` that is cut is closed."""
    text = " ".join(words[:count]).rstrip(",;:")
    return f"{text}{'`' * (text.count('`') % 2)} …"
