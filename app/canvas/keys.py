"""The keys that move about on a canvas. Those that edit are actions of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from .pointer import Pointer
from .scene import Place
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
        canvas, key = self._canvas, event.key()
        if key == Qt.Key.Key_Escape:
            return self._leave()
        if event.modifiers() & ~_KEYPAD:
            return False
        if key == Qt.Key.Key_Space:
            if not event.isAutoRepeat() and self._pointer.gesture is None:
                self._pointer.space = True
                self._pointer.show_cursor()
            return True
        if key in WAYS:
            self._walk(WAYS[Qt.Key(key)])
        elif key == Qt.Key.Key_Tab:
            canvas.search_wanted.emit(Place(*self._here()))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self._enter()
        elif key == Qt.Key.Key_F:
            canvas.frame(sorted(canvas.editor.selection) or None)
        elif key in (Qt.Key.Key_A, Qt.Key.Key_Home):
            canvas.frame()
        elif key == Qt.Key.Key_F1 and canvas.editor.active in canvas.editor.graph.nodes:
            canvas.card_wanted.emit(canvas.editor.active)
        elif key == Qt.Key.Key_F2 and canvas.editor.active is not None:
            canvas.rename_wanted.emit(canvas.editor.active)
        else:
            return False
        return True

    def release(self, event: QKeyEvent) -> bool:
        """A key goes up: only that of Space counts."""
        if event.key() != Qt.Key.Key_Space:
            return False
        if not event.isAutoRepeat():
            self._pointer.space = False
            if not self._pointer.panning:
                self._pointer.show_cursor()
        return True

    def _here(self) -> tuple[float, float]:
        canvas = self._canvas
        middle = QPointF(canvas.width() / 2, canvas.height() / 2)
        return canvas.pointer if canvas.pointer is not None else canvas.view.to_scene(middle)

    def _walk(self, way: tuple[float, float]) -> None:
        canvas = self._canvas
        found = step(canvas.scene, canvas.editor.active, way)
        if found is not None:
            canvas.editor.select([found], found)
            canvas.reveal(found)

    def _enter(self) -> bool:
        editor = self._canvas.editor
        if editor.active not in editor.graph.groups:
            return False
        editor.enter(editor.active)
        return True

    def _leave(self) -> bool:
        """End the gesture that runs; else leave the group; else select nothing."""
        editor = self._canvas.editor
        if self._pointer.cancel():
            return True
        if editor.selection:
            editor.select(())
            return True
        if editor.group is not None:
            left = editor.group
            editor.enter(editor.graph.groups[left].group)
            editor.select([left], left)
            return True
        return False
