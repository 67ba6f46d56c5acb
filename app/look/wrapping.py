"""Text broken into lines where a label or a painter has room for only so many."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QTextLayout, QTextOption


def wrapped(text: str, font: QFont, room: float, most: int) -> list[str]:
    """The text in lines that are not wider than `room`, at most so many, the last cut with … where there is more."""
    lines = [line for each in text.split("\n") for line in _broken(each, font, room)]
    if len(lines) > most:
        rest = " ".join(lines[most - 1 :])
        lines[most - 1 :] = [QFontMetrics(font).elidedText(rest, Qt.TextElideMode.ElideRight, int(room))]
    return lines


def height_of(lines: int, font: QFont) -> int:
    """What a label needs for so many lines, in whole pixels each, as Qt lays them out."""
    return lines * ceil(QFontMetricsF(font).lineSpacing()) + 1


def _broken(text: str, font: QFont, room: float) -> list[str]:
    """One paragraph."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    starts = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(room)
        starts.append(line.textStart())
    layout.endLayout()
    ends = [*starts[1:], len(text)]
    return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
