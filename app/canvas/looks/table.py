"""Numbers in cells, rows down and columns across: with as many digits as a cell has room for, the same in each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...look.numbers import brief, fixed, tells_all
from ...look.theme import DARK, Theme
from ..lettering import font, of_numbers
from .look import Array, shades

SIZE, SMALL = 9.0, 7.0  # of letters in scene units: as a rule, and for the sake of more digits
EASY, READ, LEAST = 9.0, 7.0, 6.5  # pixels: where cells have room, before digits are given up for them, and at least
FILLED, FULL = 0.85, 1.2  # of a cell's height by letters: as a rule, and where they could not be read otherwise
ACROSS = 0.62  # the width of a letter, of its size
WIDEST = 60.0  # so that a column looks like one
FEW = 4  # letters of a number, of which none is given up to be larger: −0.5
LONGEST = 7  # letters of a number that is told whole by one digit: −3e−123
ARM = 0.32  # of a cell's height, of a cross in it and of a loop of ∞
ACROSS_SIGN = 0.12  # of a cell's width, of such a loop
FINEST = 1.0  # pixels of the lines of both, at least
BETWEEN = 4.0  # scene units between the texts of two cells, at least, where these do not stand apart
CLOSEST = 0.1  # of the width of narrow cells, the same
LINE = 1.0  # pixels of the line between columns of numbers whose cells may have the same ground
LINE_OVER = 0.6  # opacity of such a line
TINY = 0.01  # where all numbers are smaller, each has digits of its own
CLOSELY = 1 - 1e-6  # of what is required, which rounding may have taken a little of
CLOSE = 1e-6  # of its size, between a number and what is shown of it, where nothing is lost
NO_NUMBER = QColor("#000000")  # the ground of what is not finite
_CENTER = int(Qt.AlignmentFlag.AlignCenter)
Texts = list[list[str]]


class Table:
    """The cells of a matrix, which stand side by side or `apart`; of the last row some may be missing, and are 0."""

    def __init__(self, matrix: Array, theme: Theme, decimals: int, apart: float = 0.0, missing: int = 0) -> None:
        self._matrix, self._apart = matrix, apart
        self._held = [matrix.shape[1]] * (len(matrix) - 1) + [matrix.shape[1] - missing]  # cells of each row
        finite, sizes = np.isfinite(matrix), np.abs(matrix.astype(complex if np.iscomplexobj(matrix) else float))
        colours = shades(sizes if np.iscomplexobj(matrix) else matrix, theme)
        self._colours = [[QColor(*rgb) for rgb in row] for row in colours.tolist()]
        for row, column in np.argwhere(~finite):
            self._colours[row][column] = NO_NUMBER
        self._line = QColor(theme.dim)
        self._line.setAlphaF(LINE_OVER)
        self._nan = np.isnan(matrix)
        self._infinite = ~finite & ~self._nan
        self._odd = QColor(DARK.nonfinite)  # on black in either theme
        known = sizes[finite]
        self._most = float(known.max(initial=0.0))
        self._widest = (
            matrix[finite].min() if known.size and not np.iscomplexobj(matrix) else 0.0
        )  # as a rule, by its sign
        self._decimals = _needed(matrix[finite], decimals)
        self._least = min(self._decimals, 0 if self._most >= 100 else 1)
        self._found: dict[int, Texts] = {}  # the texts for so many letters
        self._tells: dict[int, int] = {}  # in how many cells these tell the number

    def texts(self, letters: int) -> Texts:
        """What stands in cells with room for so many letters; nothing where a cross does."""
        if letters not in self._found:
            self._found[letters] = self._fit(letters)
        return self._found[letters]

    def _fit(self, letters: int) -> Texts:
        spellings = (*((_own,) if 0 < self._most < TINY else ()), brief, partial(brief, letters=letters))
        before = len(str(int(self._most))) + 1  # of a number before its decimals
        first = max(min(self._decimals, letters - before), self._least)
        for spell in spellings:
            for decimals in range(first, self._least - 1, -1):
                if len(spell(self._widest, decimals)) <= letters:
                    texts = self._spelt(spell, decimals)
                    if _longest(texts) <= letters:
                        return texts
        return self._spelt(spellings[-1], self._least)

    def _spelt(self, spell: Callable[[object, int], str], decimals: int) -> Texts:
        return [
            ["" if lost else spell(number, decimals) for number, lost in zip(row, missing, strict=True)]
            for row, missing in zip(self._matrix, self._nan, strict=True)
        ]

    def cells(self, place: QRectF) -> tuple[QPointF, float, float]:
        """The corner of the first cell, and how wide and high each is."""
        rows, columns = self._matrix.shape
        wide = min(place.width() / columns, WIDEST)
        return QPointF(place.right() - columns * wide, place.y()), wide, place.height() / rows

    def letters(self, place: QRectF, zoom: float) -> float:
        """How large the numbers are in scene units, 0 where they could not be read: `zoom` is pixels in a unit."""
        return self._lettering(place, zoom)[0]

    def _lettering(self, place: QRectF, zoom: float) -> tuple[float, Texts]:
        """How large the letters are, and what stands in the cells: at a small zoom fewer digits, which can be read."""
        _, wide, high = self.cells(place)
        least, room = LEAST / zoom, wide - (self._apart + 1 if self._apart else min(BETWEEN, CLOSEST * wide))
        enough, more = (int(room / (max(SMALL, pixels / zoom) * ACROSS)) for pixels in (READ, LEAST))
        texts = self._best(max(enough, min(FEW, more)), int(room / (least * ACROSS)))
        most = max(min(SIZE, FILLED * high), min(EASY / zoom, high), min(least, FULL * high))
        size = min(most, room / (max(_longest(texts), 1) * ACROSS))
        return (size if size >= least * CLOSELY else 0.0), texts

    def _best(self, letters: int, most: int) -> Texts:
        """What stands in cells with room for so many letters; up to `most`, smaller ones, where more numbers are told.

        A matrix with a minus in it would otherwise tell less of its negative numbers than of the others.
        """
        found = letters
        for more in range(letters, max(letters, min(most, LONGEST)) + 1):
            found = more if self._told(more) > self._told(found) else found
            if self._told(found) == self._matrix.size:
                break
        return self.texts(found)

    def _told(self, letters: int) -> int:
        """How many cells tell their number, and not only that it is small, with room for so many letters."""
        if letters not in self._tells:
            self._tells[letters] = sum(tells_all(text) for row in self.texts(letters) for text in row)
        return self._tells[letters]

    def paint(self, painter: QPainter, place: QRectF) -> None:
        """Draw the cells at the right of a place, in scene units."""
        corner, wide, high = self.cells(place)
        self._paint_grounds(painter, corner, wide, high)
        zoom = painter.worldTransform().m11()
        size, texts = self._lettering(place, zoom)
        self._paint_odd(painter, corner, wide, high, zoom, signs=not size)
        if not size:
            return
        if not self._apart:
            _paint_lines(painter, corner, wide, len(texts) * high, self._matrix.shape[1], self._line)
        painter.setFont(font(of_numbers(size * zoom), SIZE))
        for row, told in enumerate(texts):
            for column, text in enumerate(told[: self._held[row]]):
                painter.save()
                painter.translate(corner + QPointF((column + 0.5) * wide - self._apart / 2, (row + 0.5) * high))
                painter.scale(size / SIZE, size / SIZE)
                painter.setPen(self._ink(self._colours[row][column]))
                painter.drawText(QRectF(-wide, -SIZE, 2 * wide, 2 * SIZE), _CENTER, text)
                painter.restore()

    def _ink(self, ground: QColor) -> QColor:
        if ground is NO_NUMBER:
            return self._odd
        parts = (ground.redF(), ground.greenF(), ground.blueF())
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        # Relative luminance (WCAG 2): at 0.179 black and white are told from the ground equally well.
        return QColor("#101010") if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else QColor("#ffffff")

    def _paint_grounds(self, painter: QPainter, corner: QPointF, wide: float, high: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, bool(self._apart))  # or lines would stand between cells
        for row, colours in enumerate(self._colours):
            for column, fill in enumerate(colours[: self._held[row]]):
                cell = QRectF(corner.x() + column * wide, corner.y() + row * high, wide - self._apart, high)
                if self._apart:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(fill)
                    painter.drawRoundedRect(cell, 3, 3)
                else:
                    painter.fillRect(cell, fill)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_odd(
        self, painter: QPainter, corner: QPointF, wide: float, high: float, zoom: float, signs: bool
    ) -> None:
        """A cross where there is no number, and `signs` of infinity where these are not written."""
        painter.setPen(QPen(self._odd, max(1.2, FINEST / zoom)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for row, column in np.argwhere(self._nan | self._infinite if signs else self._nan).tolist():
            middle = corner + QPointF((column + 0.5) * wide - self._apart / 2, (row + 0.5) * high)
            if self._nan[row, column]:
                arm = min(wide, high) * ARM
                painter.drawLine(middle - QPointF(arm, arm), middle + QPointF(arm, arm))
                painter.drawLine(middle + QPointF(arm, -arm), middle + QPointF(-arm, arm))
            else:
                sign = bool(np.real(self._matrix[row, column]) < 0)
                _paint_infinity(painter, middle, min(wide * ACROSS_SIGN, high * ARM), sign)


def _paint_lines(painter: QPainter, corner: QPointF, wide: float, high: float, columns: int, line: QColor) -> None:
    """Lines between columns: of numbers that stand close, each begins where it is seen to."""
    thick = LINE / painter.worldTransform().m11()
    for column in range(1, columns):
        painter.fillRect(QRectF(corner.x() + column * wide - thick / 2, corner.y(), thick, high), line)


def _paint_infinity(painter: QPainter, middle: QPointF, loop: float, negative: bool) -> None:
    """Two loops side by side, with a minus before them; `loop` is the radius of one."""
    middle = middle + QPointF(loop * 0.9 if negative else 0.0, 0.0)
    for side in (-loop, loop):
        painter.drawEllipse(middle + QPointF(side, 0.0), loop, loop)
    if negative:
        painter.drawLine(middle - QPointF(4.0 * loop, 0.0), middle - QPointF(2.6 * loop, 0.0))


def _needed(numbers: Array, decimals: int) -> int:
    """How many digits after the point tell all numbers, up to `decimals`, and one for whole numbers."""
    if numbers.dtype.kind not in "fc":
        return decimals
    for enough in range(min(1, decimals), decimals):
        if np.all(np.abs(np.round(numbers, enough) - numbers) <= CLOSE * np.abs(numbers)):
            return enough
    return decimals


def _own(number: Any, decimals: int) -> str:
    return fixed(number, decimals) if number else brief(number, decimals)


def _longest(texts: Texts) -> int:
    return max(len(text) for row in texts for text in row)
