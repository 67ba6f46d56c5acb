"""The fonts of the window: shipped with the program, so that every machine shows the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import current_thread, main_thread

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

from gradwire import resources

TEXT, MONO = "Inter", "JetBrains Mono"
TEXT_FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf")  # what the first paint needs
FILES = (*TEXT_FILES, "JetBrainsMono-Regular.ttf", "JetBrainsMono-Bold.ttf")
RESOURCES = Path(resources.__path__[0])
FACTOR = "factorOfText"  # a property of widgets: how large their font is beside the window's text
SIZE = 13  # logical pixels at a text scale of 1

_loaded: set[str] = set()


def load_fonts(names: tuple[str, ...] = FILES) -> None:
    """Make shipped fonts known to Qt, each once in a process; on the window's thread, since Qt keeps them unlocked."""
    for name in names:
        if name in _loaded:
            continue
        assert current_thread() is main_thread(), f"{name} must be loaded before another thread draws"
        data = (RESOURCES / "fonts" / name).read_bytes()
        if QFontDatabase.addApplicationFontFromData(data) < 0:
            raise RuntimeError(f"the font {name} cannot be read; install Gradwire anew")
        _loaded.add(name)


def text_font(scale: float = 1.0) -> QFont:
    """The font of all texts of the interface."""
    font = QFont(TEXT)
    font.setPixelSize(max(6, round(SIZE * scale)))
    return plain(font)


def plain(font: QFont) -> QFont:
    """The font without letters that stand for several: 64x10 is no 64×10, and == is two signs, as they are typed."""
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def mono(factor: float = 1.0) -> QFont:
    """The font of numbers and code, `factor` times as large as the window's text."""
    load_fonts()
    font = QFont(QApplication.font())
    font.setFamilies([MONO, QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()])
    font.setStyleHint(QFont.StyleHint.Monospace)
    return sized(plain(font), factor)


def sized(font: QFont, factor: float) -> QFont:
    """A font `factor` times as large as the window's text."""
    base = QApplication.font()
    if base.pointSizeF() > 0:
        font.setPointSizeF(base.pointSizeF() * factor)
    else:
        font.setPixelSize(max(1, round(base.pixelSize() * factor)))
    return font


def shown_scale() -> float:
    """How many times as large as at first the window's text is: what has to hold texts grows with it."""
    return QApplication.font().pixelSize() / SIZE


def sizes_beside_text() -> dict[QWidget, float]:
    """How large the fonts of all widgets are beside the window's text."""
    base = QApplication.font().pixelSize()
    found: dict[QWidget, float] = {}
    for widget in QApplication.allWidgets():
        size, factor = QWidget.font(widget).pixelSize(), widget.property(FACTOR)  # a widget of others may hide `font`
        if size > 0:
            found[widget] = factor if factor is not None and round(base * factor) == size else size / base
    return found


def keep_in_proportion(before: Mapping[QWidget, float]) -> None:
    """Make fonts as large beside the window's text as they were: those that a widget has set itself follow no other
    that the window gets, nor do those that a style sheet has had a part in.
    """
    base = QApplication.font().pixelSize()
    for widget, factor in before.items():
        font, size = QWidget.font(widget), max(1, round(base * factor))
        if font.pixelSize() != size:
            widget.setProperty(FACTOR, factor)  # so that it is not lost by rounding at each step
            font.setPixelSize(size)
            widget.setFont(font)
