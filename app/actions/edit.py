"""The actions on what is selected as such: undo, clipboard, delete, select, nudge, rename."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.document import Transaction
from ...core.errors import GradwireError
from .. import editing
from ..editing import clipboard
from ..layout.making_room import clear_offset, paste_offset, show_added
from .action import Action
from .selected import attempt, canvas_action, chosen, has_dots, has_selection, shows_canvas

if TYPE_CHECKING:
    from ..window import Window

# The clipboard.


def copy(window: Window) -> None:
    """Put the selection on the clipboard."""
    _put(window)
    editor = window.editor
    editor.told.emit(f"Copied {editing.counted(editor.graph, chosen(editor))}", "note")


def cut(window: Window) -> None:
    """Put the selection on the clipboard and delete it."""
    _put(window)
    attempt(window, "Cut", editing.delete)


def _put(window: Window) -> None:
    editor = window.editor
    clipboard.put(clipboard.text_of(editor.graph, editor.document.values, chosen(editor)))


def paste(window: Window, inputs: bool = False) -> None:
    """Add what the clipboard holds, at the pointer where it is over the canvas, else in the middle of the view."""
    editor = window.editor
    try:
        piece = clipboard.read(clipboard.taken())
    except GradwireError as error:
        editor.told.emit(str(error), "refusal")
        return
    roots = [id for id in (*piece.graph.nodes, *piece.graph.groups) if piece.graph.item(id).group is None]
    offset = paste_offset(window.canvas, piece.graph, roots)
    called = editing.counted(piece.graph, roots)
    label = f"Paste {called}{' with inputs' if inputs else ''}"
    done = editor.attempt(label, lambda t: clipboard.paste(t, piece, editor.group, offset, inputs))
    if done is not None:
        new, missing = done
        show_added(window.canvas, *new)
        if missing:
            gone = "one input is" if missing == 1 else f"{missing} inputs are"
            editor.told.emit(f"Pasted {called}; {gone} not here any more", "note")


def duplicate(window: Window, inputs: bool = False) -> None:
    """Copy the selection beside itself, past the clipboard."""
    editor = window.editor
    values = editor.document.values
    offset = clear_offset(window.canvas, chosen(editor))
    new = attempt(window, "Duplicate", lambda t, ids: editing.duplicate(t, values, ids, offset, inputs))
    if isinstance(new, list):
        show_added(window.canvas, *new)


def delete(window: Window) -> None:
    """Delete what is selected: nodes, groups and notes, and reroute dots."""
    editor, dots = window.editor, window.canvas.dots
    ids = chosen(editor)
    words = [editing.counted(editor.graph, ids)] if ids else []
    words += [editing.dots_counted(len(dots))] if dots else []

    def act(t: Transaction) -> None:
        editing.remove_dots(t, dots)
        editing.delete(t, ids)

    if words:
        editor.attempt(f"Delete {' and '.join(words)}", act)


def rename(window: Window) -> None:
    """Ask for another name of what is active."""
    if window.editor.active is not None:
        window.canvas.rename_wanted.emit(window.editor.active)


ACTIONS: tuple[Action, ...] = (
    Action(
        "edit.undo",
        "Undo",
        lambda w: w.editor.undo(),
        ("Ctrl+Z",),
        "Edit",
        enabled=lambda w: w.editor.document.history.next_undo is not None,
        about="Take the last edit back",
    ),
    Action(
        "edit.redo",
        "Redo",
        lambda w: w.editor.redo(),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "Edit",
        enabled=lambda w: w.editor.document.history.next_redo is not None,
        about="Do again what was undone",
    ),
    canvas_action("cut", "Cut", cut, ("Ctrl+X",), "Put the selection on the clipboard and delete it", line=True),
    canvas_action("copy", "Copy", copy, ("Ctrl+C",), "Put the selection on the clipboard, as readable text"),
    canvas_action("paste", "Paste", paste, ("Ctrl+V",), "Add what the clipboard holds", shows_canvas),
    canvas_action(
        "paste_with_inputs",
        "Paste with inputs",
        lambda w: paste(w, inputs=True),
        ("Ctrl+Shift+V",),
        "Add what the clipboard holds, fed by what fed the originals",
        shows_canvas,
    ),
    canvas_action(
        "duplicate", "Duplicate", duplicate, ("Ctrl+D",), "Copy the selection beside itself (Alt+drag)", line=True
    ),
    canvas_action(
        "duplicate_with_inputs",
        "Duplicate with inputs",
        lambda w: duplicate(w, inputs=True),
        ("Ctrl+Shift+D",),
        "Copy the selection, fed by what feeds the originals",
    ),
    canvas_action(
        "delete",
        "Delete",
        delete,
        ("Del", "Backspace", "X"),
        "Delete the selection and its wires, and reroute dots",
        enabled=lambda w: has_selection(w) or has_dots(w),
        line=True,
    ),
    canvas_action(
        "delete_and_reconnect",
        "Delete and reconnect",
        lambda w: attempt(
            w, "Delete and reconnect", lambda t, ids: editing.delete_and_reconnect(t, ids, w.editor.checking.found)
        ),
        ("Ctrl+Del", "Shift+Del"),
        "Delete the selection, and wire what fed it to what it fed",
    ),
    canvas_action("rename", "Rename", rename, ("F2",), "Give the active node or group another name", line=True),
)
