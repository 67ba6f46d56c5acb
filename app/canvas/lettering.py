"""The letters on the canvas: fonts in scene units, and how wide texts are in them."""

from __future__ import annotations

from functools import cache
from threading import get_ident

from PySide6.QtGui import QFont, QFontMetricsF

from ..look.fonts import MONO, TEXT, load_fonts, plain

TITLE, LABEL, NUMBER, FIGURE, GROUP = "title", "label", "number", "figure", "group"
PLAIN = 10.0  # pixels of letters below which the dot in the 0 of a code font makes it an 8

_KINDS = {  # family, size in scene units, weight
    TITLE: (TEXT, 12.0, QFont.Weight.DemiBold),
    LABEL: (TEXT, 11.0, QFont.Weight.Normal),
    NUMBER: (MONO, 12.0, QFont.Weight.Normal),
    FIGURE: (TEXT, 12.0, QFont.Weight.Normal),  # numbers that are small
    GROUP: (TEXT, 12.0, QFont.Weight.DemiBold),
}


def font(kind: str, size: float | None = None) -> QFont:
    """One of the canvas's fonts. Without hinting, so that widths grow with the zoom as everything else does."""
    return _font(kind, size, get_ident())


@cache
def _font(kind: str, size: float | None, thread: int) -> QFont:
    # Each thread has its own: what Qt finds out of a font when it is first used is kept in it, without a lock.
    load_fonts()
    family, usual, weight = _KINDS[kind]
    made = QFont(family)
    made.setWeight(weight)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setPixelSize(max(1, round(usual if size is None else size)))
    if kind == FIGURE:
        made.setFeature(QFont.Tag("tnum"), 1)  # each as wide as the next
    return plain(made)


def of_numbers(pixels: float) -> str:
    """The kind of font in which numbers are read that have so many pixels on the screen."""
    return NUMBER if pixels >= PLAIN else FIGURE


def metrics(kind: str) -> QFontMetricsF:
    """The measures of a font at its usual size."""
    return _metrics(kind, get_ident())


@cache
def _metrics(kind: str, thread: int) -> QFontMetricsF:
    return QFontMetricsF(_font(kind, None, thread))


_widths: dict[tuple[str, str], float] = {}


def width(text: str, kind: str) -> float:
    """How wide a text is, in scene units."""
    found = _widths.get((text, kind))
    if found is None:
        if len(_widths) > 100_000:
            _widths.clear()
        found = _widths[text, kind] = metrics(kind).horizontalAdvance(text)
    return found


def shortened(text: str, kind: str, room: float) -> str:
    """`text`, cut with … in the middle where it is wider than `room`."""
    if width(text, kind) <= room:
        return text
    low, high = 0, len(text)
    while low < high:  # the most letters that fit
        kept = (low + high + 1) // 2
        if width(_cut(text, kept), kind) <= room:
            low = kept
        else:
            high = kept - 1
    return _cut(text, low)


def _cut(text: str, kept: int) -> str:
    return f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"
