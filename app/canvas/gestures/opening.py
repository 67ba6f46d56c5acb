"""Double clicks open: a group, the search, a value, a bend; Ctrl+Shift+click shows a value in the tensor viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ... import editing
from ..scene import Place
from .gesture import Gesture, Press
from .rerouting import add_dots
from .select import CONTROL, SHIFT, is_void

if TYPE_CHECKING:
    from ..canvas import Canvas


class Open(Gesture):
    """Done at the press; the rest of the drag does nothing."""

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """The empty canvas opens the search, a wire gets a dot, groups are entered, names typed, values shown."""
        if press.button != Qt.MouseButton.LeftButton or not press.double or press.hit.port is not None:
            return None
        editor, item = canvas.editor, press.hit.item
        if item is not None and editor.graph.is_note(item):
            canvas.rename_wanted.emit(item)
        elif item in editor.graph.groups:
            editor.enter(item)
        elif press.hit.wire is not None:
            if press.hit.dot is None:
                add_dots(canvas, {press.hit.wire: (press.x, press.y)})
        elif item is None:
            canvas.search_wanted.emit(Place(press.x, press.y))
        elif press.hit.part == "title":
            canvas.rename_wanted.emit(item)
        else:
            show_value(canvas, item)
        return cls()


class View(Gesture):
    """Ctrl+Shift+click on a node shows its value in the tensor viewer."""

    @classmethod
    def start(cls, canvas: Canvas, press: Press) -> Gesture | None:
        """Done at the press."""
        both = press.modifiers & CONTROL and press.modifiers & SHIFT
        if press.button != Qt.MouseButton.LeftButton or not both or is_void(press):
            return None
        item = press.hit.item if press.hit.port is None else canvas.scene.real(press.hit.port).id
        assert item is not None
        show_value(canvas, item)
        return cls()


def show_value(canvas: Canvas, item: str) -> None:
    """Select a node or group and ask for its first value to be shown."""
    editor = canvas.editor
    editor.select([item], item)
    given = editing.outputs(editor.graph, editor.document.registry, item)
    if given:
        editor.wishes.view.emit(given[0])
