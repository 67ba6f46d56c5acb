"""What opens over a window: searches, command palette, key sheet, cards of ops, and fields over the canvas."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from ..canvas.places import Place
from ..editing import add
from ..layout.making_room import free_place, make_room, settle, show_added
from ..layout.unplaced import behind_selected

if TYPE_CHECKING:
    from ..keys.command_palette import CommandPalette
    from ..reference.card import Card
    from ..search.find import FindPopup
    from ..search.popup import SearchPopup
    from ..search.wire_popup import WirePopup
    from ..window import Window


Made = TypeVar("Made", "SearchPopup", "WirePopup", "FindPopup", "CommandPalette")


class Popups:
    """Of one window; each is loaded and made when it is first asked for."""

    def __init__(self, window: Window) -> None:
        self._window = window

    # There is one of each of these, which remembers what was used last.

    @cached_property
    def search(self) -> SearchPopup:
        """The search for what to add, or to put in a node's place."""
        from ..search.popup import SearchPopup

        window = self._window
        settings, canvas = window.application.settings, window.canvas
        search = SearchPopup(window.editor, window.theme, window)
        search.recent = [str(name) for name in settings.get("search/recent", [])]
        search.added.connect(lambda _: settings.set("search/recent", search.recent))
        search.added.connect(lambda id: show_added(canvas, id))
        search.closed.connect(canvas.show_pending)
        search.card_wanted.connect(self._open_card_over_search)
        search.behind = partial(behind_selected, canvas)
        search.free = lambda x, y: free_place(canvas, x, y)
        search.make_room = partial(make_room, canvas)
        search.settle = partial(settle, canvas)
        return self._themed(search)

    @cached_property
    def wires(self) -> WirePopup:
        """The choice of ports and wires."""
        from ..search.wire_popup import WirePopup

        return self._themed(WirePopup(self._window.editor, self._window.theme, self._window))

    @cached_property
    def finder(self) -> FindPopup:
        """The search for a node or group that is there."""
        from ..search.find import FindPopup

        return self._themed(FindPopup(self._window.editor, self._window.theme, self._window))

    @cached_property
    def commands(self) -> CommandPalette:
        """The search for an action."""
        from ..keys.command_palette import CommandPalette

        return self._themed(CommandPalette(self._window))

    def _themed(self, made: Made) -> Made:
        self._window.application.theme_changed.connect(made.set_theme)
        return made

    def open_search(self, place: Any = None) -> None:
        """Search for what to add, at a place of the canvas; None: where the pointer is, else in the middle."""
        self._window.show_canvas()
        canvas = self._window.canvas
        if place is None:
            at_pointer = canvas.pointer
            wire = None if at_pointer is None else canvas.hit(*at_pointer).wire
            place = Place(*(at_pointer or self._middle()), None, wire)
        canvas.show_pending(place)
        at = canvas.view.to_screen(place.x, place.y).toPoint()
        seen = QPoint(min(max(at.x(), 0), canvas.width()), min(max(at.y(), 0), canvas.height()))
        self.search.open_at(place, canvas.mapToGlobal(seen))

    def open_find(self) -> None:
        """Find a node or group by its name or op, and go there."""
        self._window.show_canvas()
        self.finder.open_find()

    def open_palette(self, saying: bool = False) -> None:
        """Find an action, and do it; `saying`: type an edit."""
        self.commands.open(saying=saying)

    def add_in_view(self, name: str) -> None:
        """Add an op, "layer:NAME" or "own:NAME" in the middle of what is shown, or beneath what lies there already."""
        self._window.show_canvas()
        canvas = self._window.canvas
        place = free_place(canvas, *self._middle())
        id = add(self._window.editor, name, place, settle=partial(settle, canvas))
        if id is not None:
            show_added(canvas, id)

    def rename(self, id: str) -> None:
        """Let the name of a node or group, or the text of a note, be typed where it stands, gone to if need be."""
        from .name_field import NameField

        self._window.show_canvas()
        editor, canvas = self._window.editor, self._window.canvas
        if canvas.scene.face(id) is None:
            editor.show(id)
        if editor.graph.is_note(id):
            self.write_note(id)
        else:
            NameField(editor, id, canvas)

    def write_note(self, id: str | None = None) -> None:
        """Let the text of a note be typed where it lies; None: of a new one, at the pointer or in the middle."""
        from .note_field import NoteField

        self._window.show_canvas()
        canvas, editor = self._window.canvas, self._window.editor
        place = (canvas.pointer or self._middle()) if id is None else editor.graph.groups[id].position
        NoteField(editor, id, place, canvas)

    def open_key_sheet(self) -> None:
        """All keys, to be read and changed."""
        from ..keys.sheet import KeySheet

        KeySheet(self._window).open()

    def open_plugins(self) -> None:
        """All plugins, what they bring and what is wrong with them."""
        from ..plugins.manager import Manager

        Manager(self._window).open()

    def open_card(self, id: str) -> None:
        """What the op of a node, or the layer of a group, does: its card."""
        from ..reference.op_card import make_card

        card = make_card(self._window.editor, self._window.theme, id, self._window)
        if card is not None:
            card.open()

    def open_card_of(self, name: str, field: QWidget | None = None) -> Card:
        """The card of what can be added; after it the keyboard is in `field`, or where it was."""
        from ..reference.op_card import card_of

        window = self._window
        card, back = card_of(window.editor, window.theme, name, window), field or window.focusWidget()
        card.finished.connect(lambda: back.setFocus(Qt.FocusReason.PopupFocusReason))
        card.open()
        return card

    def _open_card_over_search(self, name: str) -> None:
        """The card of what a row of the search would add; the search stays."""
        self.search.reading = True
        card = self.open_card_of(name, self.search.field)
        card.finished.connect(lambda: setattr(self.search, "reading", False))

    def show_about(self) -> None:
        """Version and licences."""
        from .about import about_text

        QMessageBox.about(self._window, "About Gradwire", about_text())

    def _middle(self) -> tuple[float, float]:
        canvas = self._window.canvas
        return canvas.view.to_scene(QPointF(canvas.width() / 2, canvas.height() / 2))
