"""The small windows over the canvas, made when they are first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QPointF

from ..layout.making_room import free_place, show_added

if TYPE_CHECKING:
    from ..keys.command_palette import CommandPalette
    from ..search.popup import SearchPopup
    from ..window import Window


def search_of(window: Window) -> SearchPopup:
    """The search of a window; there is one, which remembers what was used last."""
    if window.search is None:
        from ..search.popup import SearchPopup

        settings = window.application.settings
        window.search = SearchPopup(window.editor, window.theme, window)
        window.search.recent = [str(name) for name in settings.get("search/recent", [])]
        window.search.added.connect(lambda _: settings.set("search/recent", window.search.recent))
        window.search.added.connect(lambda id: show_added(window.canvas, id))
        window.search.free = lambda x, y: free_place(window.canvas, x, y)
        window.application.theme_changed.connect(window.search.set_theme)
    return window.search


def add_in_view(window: Window, name: str) -> None:
    """Add an op or "layer:NAME" in the middle of what is shown, or beneath what lies there already."""
    from ..editing import add

    window.show_canvas()
    id = add(window.editor, name, free_place(window.canvas, *_middle(window)))
    if id is not None:
        show_added(window.canvas, id)


def palette_of(window: Window) -> CommandPalette:
    """The command palette of a window."""
    if window.commands is None:
        from ..keys.command_palette import CommandPalette

        window.commands = CommandPalette(window)
        window.application.theme_changed.connect(window.commands.set_theme)
    return window.commands


def open_search(window: Window, place: Any = None) -> None:
    """Search for what to add, at a place of the canvas; None: where the pointer is, else in the middle."""
    from ..canvas.places import Place

    window.show_canvas()
    canvas = window.canvas
    if place is None:
        place = Place(*(canvas.pointer or _middle(window)))
    at = canvas.view.to_screen(place.x, place.y).toPoint()
    search_of(window).open_at(place, canvas.mapToGlobal(_within(at, window)))


def open_find(window: Window) -> None:
    """Find a node or group by its name or op, and go there."""
    if window.finder is None:
        from ..search.find import FindPopup

        window.finder = FindPopup(window.editor, window.theme, window)
        window.application.theme_changed.connect(window.finder.set_theme)
    window.show_canvas()
    window.finder.open_find()


def rename(window: Window, id: str) -> None:
    """Let the name of a node or group, or the text of a note, be typed where it stands."""
    from .renaming import NameField

    if window.editor.graph.is_note(id):
        write_note(window, id)
        return
    canvas = window.canvas
    x, y, width, _ = canvas.scene.rect(canvas.scene.face(id) or id)
    corner = canvas.view.to_screen(x, y).toPoint()
    NameField(window.editor, id, canvas, corner, round(width * canvas.view.scale)).open()


def write_note(window: Window, id: str | None = None) -> None:
    """Let the text of a note be typed where it lies; None: of a new one, at the pointer or in the middle."""
    from .note_field import NoteField

    window.show_canvas()
    canvas, graph = window.canvas, window.editor.graph
    place = (canvas.pointer or _middle(window)) if id is None else graph.groups[id].position
    NoteField(window.editor, id, place, canvas).open()


def open_key_sheet(window: Window) -> None:
    """All keys, to be read and changed."""
    from ..keys.sheet import KeySheet

    KeySheet(window).open()


def open_card(window: Window, id: str) -> None:
    """What the op of a node, or the layer of a group, does: its card."""
    from ..reference.op_card import make_card

    card = make_card(window.editor, window.theme, id, window)
    if card is not None:
        card.open()


def _middle(window: Window) -> tuple[float, float]:
    canvas = window.canvas
    return canvas.view.to_scene(QPointF(canvas.width() / 2, canvas.height() / 2))


def _within(at: QPoint, window: Window) -> QPoint:
    """A point of the canvas that is to be seen."""
    canvas = window.canvas
    return QPoint(min(max(at.x(), 0), canvas.width()), min(max(at.y(), 0), canvas.height()))
