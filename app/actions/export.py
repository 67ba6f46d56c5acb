"""The actions that make something else of the graph: pictures, and source to copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import GradwireError
from .action import Action

if TYPE_CHECKING:
    from ..window import Window

_KINDS = {
    ".svg": "Vector picture (*.svg)",
    ".pdf": "Page (*.pdf)",
    ".png": "Picture that carries the graph (*.png)",
}


def _not_empty(window: Window) -> bool:
    return bool(window.editor.graph.nodes)


def export(window: Window, suffix: str, path: Path | None = None, chosen: bool = False) -> None:
    """Write a picture of all that is shown, or with `chosen` of what is selected; without a path, ask for one."""
    from ..export import export_picture

    path = path or _ask(window, suffix)
    if path is None:
        return
    shown = window.canvas.scene.visible
    ids = [id for id in window.editor.selection if id in shown] if chosen else None
    try:
        export_picture(window.canvas, path, ids or None)
    except GradwireError as error:
        window.tell(str(error), "refusal")
    else:
        window.tell(f"Exported {path.name}")


def _ask(window: Window, suffix: str) -> Path | None:
    from PySide6.QtWidgets import QFileDialog

    path = window.editor.session.path
    proposed = path.with_suffix(suffix) if path is not None else Path.home() / f"graph{suffix}"
    name, _ = QFileDialog.getSaveFileName(window, "Export", str(proposed), _KINDS[suffix])
    if not name:
        return None
    found = Path(name)
    # Without its suffix the dialog has not asked whether the file may be replaced; it is then not replaced.
    return found if found.suffix.lower() == suffix else _free(found.with_name(found.name + suffix))


def _free(path: Path) -> Path:
    """`path`, or the first of `name 2`, `name 3` … that is no file."""
    number, free = 2, path
    while free.exists():
        free = path.with_name(f"{path.stem} {number}{path.suffix}")
        number += 1
    return free


def _picture(suffix: str, words: str, about: str, chosen: bool = False) -> Action:
    return Action(
        f"export.{'selection_' if chosen else ''}{suffix[1:]}",
        f"{words}…",
        lambda window: export(window, suffix, chosen=chosen),
        (),
        "File/Export",
        "window",
        (lambda window: bool(window.editor.selection)) if chosen else _not_empty,
        about=about,
    )


ACTIONS: tuple[Action, ...] = (
    _picture(".svg", "SVG", "A vector picture, its texts as outlines"),
    _picture(".pdf", "PDF", "A page as large as the graph, its fonts embedded"),
    _picture(".png", "PNG", "A picture that carries the graph: dropped on a window, it opens"),
    _picture(".svg", "Selection as SVG", "A vector picture of what is selected", chosen=True),
    _picture(".pdf", "Selection as PDF", "A page as large as what is selected", chosen=True),
    Action(
        "export.code",
        "Show as code",
        lambda window: window.panel("code"),
        (),
        "File/Export",
        about="The graph, or what is selected, as NumPy and PyTorch source",
    ),
)
