"""The actions that tidy up: align, distribute, lay out. None of them happens unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..editing import counted, outermost
from .action import Action

if TYPE_CHECKING:
    from ..layout.arranging import Box
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


def _not_empty(window: Window) -> bool:
    return bool(window.editor.graph.nodes)


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


def lay_out(window: Window) -> None:
    """Lay out what is selected, else all that is shown."""
    from ..layout.arranging import lay_out_editor

    scene = window.canvas.scene
    lay_out_editor(window.editor, {id: scene.rect(id)[2:] for id in scene.visible})


def _align(edge: str, words: str, *keys: str) -> Action:
    return Action(
        f"arrange.align_{edge}",
        f"Align {words}",
        lambda window: align(window, edge),
        keys,
        "Edit/Align",
        "canvas",
        _several,
        about=f"Bring what is selected to its {words}",
    )


def _distribute(axis: str) -> Action:
    return Action(
        f"arrange.distribute_{axis}",
        f"Distribute {axis}",
        lambda window: distribute(window, axis),
        (),
        "Edit/Align",
        "canvas",
        _three,
        about="Make the gaps equal; the outermost stay where they are",
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "arrange.lay_out",
        "Lay out",
        lay_out,
        ("Ctrl+L",),
        "Edit",
        "canvas",
        _not_empty,
        about="Put what is selected, or all, into columns from left to right with few crossings",
    ),
    _align("left", "left edges", "Alt+Shift+Left"),
    _align("right", "right edges", "Alt+Shift+Right"),
    _align("top", "top edges", "Alt+Shift+Up"),
    _align("bottom", "bottom edges", "Alt+Shift+Down"),
    _align("centre", "centres, one above the other"),
    _align("middle", "middles, side by side"),
    _distribute("horizontally"),
    _distribute("vertically"),
)
