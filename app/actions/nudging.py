"""The actions that move what is selected by steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .. import editing
from .action import Action
from .selected import chosen, has_dots, has_selection

if TYPE_CHECKING:
    from ..window import Window

COARSE = 5  # nudges in a large one


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


ACTIONS: tuple[Action, ...] = tuple(_nudges())
