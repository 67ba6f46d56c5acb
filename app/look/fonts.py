"""The fonts of the window: shipped with the program, so that every machine shows the same."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtGui import QFont, QFontDatabase

TEXT, MONO = "Inter", "JetBrains Mono"
FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf", "JetBrainsMono-Bold.ttf")
SIZE = 13  # logical pixels at a text scale of 1

_loaded = False


def load_fonts() -> None:
    """Make the shipped fonts known to Qt, once in a process."""
    global _loaded
    if _loaded:
        return
    for name in FILES:
        data = files("gradwire.resources").joinpath("fonts", name).read_bytes()
        if QFontDatabase.addApplicationFontFromData(data) < 0:
            raise RuntimeError(f"the font {name} cannot be read; install Gradwire anew")
    _loaded = True


def text_font(scale: float = 1.0) -> QFont:
    """The font of all texts of the interface."""
    font = QFont(TEXT)
    font.setPixelSize(max(6, round(SIZE * scale)))
    return font


def mono_font(scale: float = 1.0) -> QFont:
    """The font of numbers and code."""
    font = QFont(MONO)
    font.setPixelSize(max(6, round(SIZE * scale)))
    return font
