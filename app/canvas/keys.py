"""The keys of a canvas that are no actions of the window: held, walked with, or ending what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from .pointer import Pointer
from .walking import WAYS, step

if TYPE_CHECKING:
    from .canvas import Canvas

_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class Keys:
    """Takes the key events of one canvas."""

    def __init__(self, canvas: Canvas, pointer: Pointer) -> None:
        self._canvas = canvas
        self._pointer = pointer

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key says; whether it says anything here."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            return self._leave()
        if event.modifiers() & ~_KEYPAD:
            return False
        if key == Qt.Key.Key_Space:
            if not event.isAutoRepeat() and self._pointer.gesture is None:
                self._pointer.space, self._pointer.space_panned = True, False
                self._pointer.show_cursor()
            return True
        if key == Qt.Key.Key_Y:
            self._canvas.cutting = True
            return True
        if key in WAYS:
            self._walk(WAYS[Qt.Key(key)])
            return True
        return False

    def release(self, event: QKeyEvent) -> bool:
        """A key goes up: only those of Space and Y count."""
        if event.key() == Qt.Key.Key_Y:
            self._canvas.cutting = self._canvas.cutting and event.isAutoRepeat()
            return True
        if event.key() != Qt.Key.Key_Space:
            return False
        if not event.isAutoRepeat():
            if self._pointer.space and not self._pointer.space_panned:
                self._canvas.editor.stepper.step()  # a tap
            self._pointer.space = False
            if not self._pointer.panning:
                self._pointer.show_cursor()
        return True

    def _walk(self, way: tuple[float, float]) -> None:
        canvas = self._canvas
        found = step(canvas.scene, canvas.editor.active, way)
        if found is not None:
            canvas.editor.select([found], found)
            canvas.bring_into_view([found])

    def _leave(self) -> bool:
        """End the gesture that runs; else a question; else what is lit or tried; else the selection; else the group."""
        editor = self._canvas.editor
        if self._pointer.cancel() or editor.questions.pairing.end() or editor.spotlight.end():
            return True
        if editor.trying.end():
            return True
        if editor.selection or self._canvas.dots:
            editor.select(())
            self._canvas.select_dots()
            return True
        if editor.group is not None:
            left = editor.group
            editor.enter(editor.graph.groups[left].group)
            editor.select([left], left)
            return True
        return False
