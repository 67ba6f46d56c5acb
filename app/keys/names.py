"""Keys in the words of the keyboard in front of the user."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence


def key_text(key: str) -> str:
    """`Ctrl+Shift+P`; on a Mac its own signs."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key
