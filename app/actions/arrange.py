"""The actions that tidy up: align, distribute, lay out. None of them happens unasked where anything has a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from ..editing import counted, outermost
from ..undoing import is_looked_at
from .action import Action, not_empty
from .selected import takes_several

if TYPE_CHECKING:
    from ...core.document import Transaction
    from ..layout.boxes import Box
    from ..window import Window


def _boxes(window: Window) -> dict[str, Box]:
    """The boxes of what is selected and shown."""
    scene = window.canvas.scene
    shown = scene.visible
    return {id: scene.rect(id) for id in outermost(window.editor.graph, window.editor.selection) if id in shown}


def _several(window: Window) -> bool:
    return len(window.editor.selection) > 1


def _three(window: Window) -> bool:
    return len(window.editor.selection) > 2


def align(window: Window, edge: str) -> None:
    """Bring what is selected to one edge, as one undo."""
    from ..layout.arranging import align, shift

    boxes = _boxes(window)
    if len(boxes) > 1:
        steps = align(boxes, edge)
        window.editor.attempt(f"Align {counted(window.editor.graph, boxes)}", lambda t: shift(t, steps), "layout")


def distribute(window: Window, axis: str) -> None:
    """Make the gaps between what is selected equal, as one undo."""
    from ..layout.arranging import distribute, shift

    boxes = _boxes(window)
    if len(boxes) > 2:
        steps = distribute(boxes, axis)
        window.editor.attempt(f"Distribute {counted(window.editor.graph, boxes)}", lambda t: shift(t, steps), "layout")


def lay_out_unplaced(window: Window) -> None:
    """Lay out from now on what this window opens and whose file says no places, as that of a graph made in Python.

    What lies in a group is laid out when that is entered; once, so that what an undo has put back stays so. What is
    added without a place while the document is edited gets one by itself.
    """
    editor, entered = window.editor, set[str | None]()

    def look() -> None:
        from ..layout.heaps import is_heap

        group, known = editor.group, editor.group in entered
        entered.add(group)
        ours = not is_looked_at(editor)
        if not known and (ours or editor.attaching.shows) and is_heap(editor.graph, group):
            what, back = "graph" if group is None else "group", ". Ctrl+Z puts all back" if ours else " here"
            lay_out(window, told=f"This {what} had no places, so it was laid out{back}")

    def look_soon() -> None:
        # The canvas follows first: the layout needs its sizes of nodes.
        QTimer.singleShot(0, window, look)

    def place_later() -> None:
        editor.document.placing = place

    def place(t: Transaction) -> None:
        from ..layout.unplaced import place_unplaced

        place_unplaced(window.canvas, t)

    editor.replaced.connect(entered.clear)
    editor.replaced.connect(look_soon)
    editor.replaced.connect(place_later)
    editor.group_changed.connect(look_soon)
    place_later()


def lay_out(window: Window, told: str = "") -> None:
    """Lay out what is selected, of fewer than two nodes all that is shown: beside the window, and as one undo.

    A graph that has been edited meanwhile stays as it is. What is to be `told` of it is told when it is done, and all
    is brought into view then. Shapes are waited for: how large a node is drawn follows from them.
    """
    window.editor.checking.when_known(lambda: _begin_layout(window, told))


def _begin_layout(window: Window, told: str) -> None:
    from ..layout import arranging

    editor, items = window.editor, window.canvas.scene.items
    graph, level, chosen = editor.graph, editor.group, editor.selection
    one_frame = len(chosen) == 1 and next(iter(chosen)) in graph.groups
    ids = chosen if not told and (len(chosen) > 1 or one_frame) else None
    shown = {id: items.at(slot) for id, slot in items.slots.items()}

    def take(arranged: arranging.Arranged) -> None:
        if not arranging.is_as_drawn(editor.graph, graph):
            window.tell("The layout fits no more: the graph was edited meanwhile. Lay it out again", "refusal")
        elif arranging.changes(editor.graph, arranged):
            label = "Lay out the selection" if ids else "Lay out the graph"
            if told and is_looked_at(editor):  # the script whose graph it is knows nothing of it
                with editor.document.transaction(label, source="opening", undoable=False) as t:
                    arranging.put(t, arranged)
            else:
                editor.attempt(label, lambda t: arranging.put(t, arranged), "opening" if told else "layout")
            if told:
                window.canvas.frame()
                window.tell(told)

    window.jobs.layout.begin(
        "Laying out the selection" if ids else "Laying out the graph",
        lambda request: arranging.layout_of(graph, shown, ids, level, lambda: request.cancelled),
        take,
    )


def _align(edge: str, words: str, *keys: str, line: bool = False) -> Action:
    return Action(
        f"arrange.align_{edge}",
        f"Align {words}",
        lambda window: align(window, edge),
        keys,
        "Arrange",
        "canvas",
        _several,
        about=f"Bring what is selected to its {words}",
        line=line,
        refusal=takes_several,
    )


def _distribute(axis: str, line: bool = False) -> Action:
    return Action(
        f"arrange.distribute_{axis}",
        f"Distribute {axis}",
        lambda window: distribute(window, axis),
        (),
        "Arrange",
        "canvas",
        _three,
        about="Make the gaps equal; the outermost stay where they are",
        line=line,
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "arrange.lay_out",
        "Lay out",
        lambda window: lay_out(window),
        ("Ctrl+L",),
        "Arrange",
        "canvas",
        not_empty,
        words=("arrange the graph", "tidy up", "auto layout", "format"),
        about="Put what is selected, or all, into columns from left to right with few crossings",
    ),
    _align("left", "left edges", "Alt+Shift+Left", line=True),
    _align("right", "right edges", "Alt+Shift+Right"),
    _align("top", "top edges", "Alt+Shift+Up"),
    _align("bottom", "bottom edges", "Alt+Shift+Down"),
    _align("centre", "centres, one above the other"),
    _align("middle", "middles, side by side"),
    _distribute("horizontally", line=True),
    _distribute("vertically"),
)
