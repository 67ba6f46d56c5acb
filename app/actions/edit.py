"""The actions on what is selected as such: undo, clipboard, delete, select, nudge, rename."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ...core.document import Transaction
from ...core.errors import GradwireError
from .. import editing
from ..editing import clipboard
from ..layout.making_room import clear_offset, show_added
from .action import Action

if TYPE_CHECKING:
    from ..editor import Editor
    from ..window import Window

ASIDE = 30.0  # scene units between an item and its copy
COARSE = 5  # nudges in a large one


def shows_canvas(window: Window) -> bool:
    """Whether there is a graph to edit."""
    return window.shows_canvas


def has_selection(window: Window) -> bool:
    """Whether something is selected."""
    return window.shows_canvas and bool(window.editor.selection)


def has_dots(window: Window) -> bool:
    """Whether reroute dots are selected."""
    return window.shows_canvas and bool(window.canvas.dots)


def chosen(editor: Editor) -> list[str]:
    """What is selected, without what lies in a selected group."""
    return sorted(editing.outermost(editor.graph, editor.selection))


def attempt(window: Window, verb: str, act: Callable[[Transaction, list[str]], object]) -> object:
    """Do something to the selection in one undo, labelled by the verb and what is selected."""
    editor = window.editor
    ids = chosen(editor)
    return editor.attempt(f"{verb} {editing.counted(editor.graph, ids)}", lambda t: act(t, ids)) if ids else None


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
    """Add what the clipboard holds, at the pointer where it is over the canvas."""
    editor = window.editor
    try:
        piece = clipboard.read(clipboard.taken())
    except GradwireError as error:
        editor.told.emit(str(error), "refusal")
        return
    roots = [id for id in (*piece.graph.nodes, *piece.graph.groups) if piece.graph.item(id).group is None]
    offset = _offset(window, [piece.graph.item(id).position for id in roots])
    called = editing.counted(piece.graph, roots)
    label = f"Paste {called}{' with inputs' if inputs else ''}"
    done = editor.attempt(label, lambda t: clipboard.paste(t, piece, editor.group, offset, inputs))
    if done is not None:
        new, missing = done
        show_added(window.canvas, *new)
        if missing:
            gone = "one input is" if missing == 1 else f"{missing} inputs are"
            editor.told.emit(f"Pasted {called}; {gone} not here any more", "note")


def _offset(window: Window, places: list[tuple[float, float]]) -> tuple[float, float]:
    """So that copies lie at the pointer, else a little aside of where they were, on nothing that is there."""
    graph, pointer = window.editor.graph, window.canvas.pointer
    left, top = min(x for x, _ in places), min(y for _, y in places)
    dx, dy = (pointer[0] - left, pointer[1] - top) if pointer is not None else (0.0, 0.0)
    taken = {graph.item(id).position for id in graph.members(window.editor.group).values()}
    while any((x + dx, y + dy) in taken for x, y in places):
        dx, dy = dx + ASIDE, dy + ASIDE
    return dx, dy


def duplicate(window: Window, inputs: bool = False) -> None:
    """Copy the selection beside itself, past the clipboard."""
    editor = window.editor
    values = editor.document.values
    offset = clear_offset(window.canvas, chosen(editor))
    new = attempt(window, "Duplicate", lambda t, ids: editing.duplicate(t, values, ids, offset, inputs))
    if isinstance(new, list):
        show_added(window.canvas, *new)


# Selecting.


def select_all(window: Window) -> None:
    """Everything in the group that is entered."""
    window.editor.select(window.editor.graph.members(window.editor.group).values())


def invert_selection(window: Window) -> None:
    """What is not selected in the group that is entered."""
    members = window.editor.graph.members(window.editor.group).values()
    window.editor.select(set(members) - window.editor.selection)


def select_stream(window: Window, step: Callable[[set[str]], set[str]]) -> None:
    """The selection and all nodes up or down its wires; what is hidden in a collapsed group as that group."""
    editor, graph = window.editor, window.editor.graph
    nodes = {id for id in editing.with_interior(graph, editor.selection) if id in graph.nodes}
    faces = {window.canvas.scene.face(id) for id in step(nodes)}
    editor.select({id for id in faces if id is not None} | editor.selection, editor.active)


def select_linked(window: Window) -> None:
    """Everything that hangs together with the selection."""
    graph = window.editor.graph

    def step(nodes: set[str]) -> set[str]:
        waiting, found = list(nodes), set(nodes)
        while waiting:
            id = waiting.pop()
            for other in (*graph.sources(id), *graph.targets(id)):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found

    select_stream(window, step)


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


# Moving and naming.


def nudge(dx: int, dy: int, times: int = 1) -> Callable[[Window], object]:
    """Move the selection by so many steps; presses in quick succession are one undo."""

    def run(window: Window) -> None:
        editor = window.editor
        ids, step = chosen(editor), editing.STEP * times
        if window.canvas.dots and not ids:
            dots = window.canvas.dots
            label, key = f"Move {editing.dots_counted(len(dots))}", f"nudge {sorted(dots)}"
            editor.attempt(label, lambda t: editing.move_dots(t, dots, dx * step, dy * step), merge=key)
            return
        label = f"Move {editing.counted(editor.graph, ids)}"
        merge = f"nudge {' '.join(ids)}"
        editor.attempt(label, lambda t: editing.move(t, ids, dx * step, dy * step), merge=merge)

    return run


def rename(window: Window) -> None:
    """Ask for another name of what is active."""
    if window.editor.active is not None:
        window.canvas.rename_wanted.emit(window.editor.active)


def _nudges() -> Iterable[Action]:
    for word, dx, dy in (("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1)):
        key = word.capitalize()
        about = f"Move the selection to the {word}" if dx else f"Move the selection {word}"
        yield Action(
            f"edit.nudge_{word}",
            f"Nudge {word}",
            nudge(dx, dy),
            (f"Ctrl+{key}",),
            "Edit/Nudge",
            "canvas",
            lambda w: has_selection(w) or has_dots(w),
            about=about,
        )
        yield Action(
            f"edit.nudge_{word}_far",
            f"Nudge {word} far",
            nudge(dx, dy, COARSE),
            (f"Ctrl+Shift+{key}",),
            "Edit/Nudge",
            "canvas",
            lambda w: has_selection(w) or has_dots(w),
            about=f"{about} by {COARSE} steps",
        )


def _action(
    name: str,
    text: str,
    run: Callable[[Window], object],
    keys: tuple[str, ...] = (),
    about: str = "",
    enabled: Callable[[Window], bool] = has_selection,
    menu: str = "Edit",
    line: bool = False,
) -> Action:
    return Action(f"edit.{name}", text, run, keys, menu, "canvas", enabled, about=about, line=line)


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
    _action("cut", "Cut", cut, ("Ctrl+X",), "Put the selection on the clipboard and delete it", line=True),
    _action("copy", "Copy", copy, ("Ctrl+C",), "Put the selection on the clipboard, as readable text"),
    _action("paste", "Paste", paste, ("Ctrl+V",), "Add what the clipboard holds", shows_canvas),
    _action(
        "paste_with_inputs",
        "Paste with inputs",
        lambda w: paste(w, inputs=True),
        ("Ctrl+Shift+V",),
        "Add what the clipboard holds, fed by what fed the originals",
        shows_canvas,
    ),
    _action("duplicate", "Duplicate", duplicate, ("Ctrl+D",), "Copy the selection beside itself (Alt+drag)", line=True),
    _action(
        "duplicate_with_inputs",
        "Duplicate with inputs",
        lambda w: duplicate(w, inputs=True),
        ("Ctrl+Shift+D",),
        "Copy the selection, fed by what feeds the originals",
    ),
    _action(
        "delete",
        "Delete",
        delete,
        ("Del", "Backspace", "X"),
        "Delete the selection and its wires, and reroute dots",
        enabled=lambda w: has_selection(w) or has_dots(w),
        line=True,
    ),
    _action(
        "delete_and_reconnect",
        "Delete and reconnect",
        lambda w: attempt(
            w, "Delete and reconnect", lambda t, ids: editing.delete_and_reconnect(t, ids, w.editor.checking.found)
        ),
        ("Ctrl+Del", "Shift+Del"),
        "Delete the selection, and wire what fed it to what it fed",
    ),
    _action("rename", "Rename", rename, ("F2",), "Give the active node or group another name", line=True),
    _action(
        "select_all", "Select all", select_all, ("Ctrl+A",), "Everything in this group", shows_canvas, "Edit/Select"
    ),
    _action(
        "select_none",
        "Select nothing",
        lambda w: w.editor.select(()),
        ("Ctrl+Shift+A",),
        "Let go of the selection",
        has_selection,
        "Edit/Select",
    ),
    _action(
        "invert_selection", "Invert", invert_selection, ("Ctrl+I",), "What is not selected", shows_canvas, "Edit/Select"
    ),
    _action(
        "select_upstream",
        "All that feeds it",
        lambda w: select_stream(w, w.editor.graph.ancestors),
        ("Shift+Left",),
        "Select all that the selection depends on too",
        menu="Edit/Select",
    ),
    _action(
        "select_downstream",
        "All that depends on it",
        lambda w: select_stream(w, w.editor.graph.descendants),
        ("Shift+Right",),
        "Select all that depends on the selection too",
        menu="Edit/Select",
    ),
    _action(
        "select_linked", "All linked", select_linked, ("L",), "All that hangs together with it", menu="Edit/Select"
    ),
    *_nudges(),
)
