"""What the `ui.py` of a plugin registers with: one method for each kind of thing that it may add to the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ...core.catalogue import Catalogue
from ...core.errors import GradwireError
from ...core.plugins import Brought
from ..actions import ACTIONS, Action
from ..canvas.looks import BROUGHT, Look
from ..keys.keymap import overlap
from ..look.theme import Theme
from ..panels import Panel
from .contained import LookMaker, Told, ask, contained, panel_maker, watched

if TYPE_CHECKING:
    from ..editor import Editor

MENU = "Plugins"
AREAS = ("left", "right", "bottom")

Make = Callable[["Editor", Theme], QWidget]


# By the id of its dock: what is known of a panel, and what makes it for a window.
PANELS: Catalogue[tuple[Panel, Make]] = Catalogue("a panel", named=lambda added: added[0].id)


class WindowHost:
    """The window as a plugin sees it while it registers; each method raises `GradwireError` for what does not fit.

    What is added is contained: where it raises, that is told in one line that names it and the plugin.
    """

    def __init__(self, plugin: str, told: Told) -> None:
        self.plugin = plugin
        self._told = told
        self.brought: list[Brought] = []  # what it has added so far, in its order
        self._undo: list[Callable[[], object]] = []

    def add_look(self, look: type[Look]) -> None:
        """How values look in their nodes: a subclass of `Look`. It is asked before those of the program."""
        if not (isinstance(look, type) and issubclass(look, Look)):
            raise GradwireError(f"a look must be a subclass of Look, got {look!r:.60}")
        make = LookMaker(look, self._named("look", look.__name__), self._told)
        BROUGHT.append(make)
        self.brought.append(Brought("look", look.__name__))
        self._undo.append(lambda: BROUGHT.remove(make))

    def add_panel(self, name: str, title: str, make: Make, area: str = "bottom") -> None:
        """A panel: `make(editor, theme)` gives its widget for each window. `area` is "left", "right" or "bottom".

        A widget with a method `set_theme(theme)` is told of another theme.
        """
        if area not in AREAS:
            raise GradwireError(f"a panel stands {', '.join(AREAS[:-1])} or {AREAS[-1]}, got {area!r:.60}")
        panel = Panel(f"{self.plugin}.{name}", title, area)
        added = panel, panel_maker(make, self._named("panel", title), self._told)
        PANELS.add(added, self.plugin)
        self.brought.append(Brought("panel", title))
        self._undo.append(lambda: PANELS.remove(panel.id))
        about = f"Bring the {title} panel into view, also one that was closed"
        shown = Action(f"view.panel_{panel.id}", f"{title} panel", lambda w: w.panel(panel.id), about=about)
        self._add_action(shown)

    def add_action(
        self,
        name: str,
        text: str,
        run: Callable[[Editor], object],
        *,
        about: str = "",
        keys: Sequence[str] = (),
        menu: str = MENU,
        on_canvas: bool = False,
        enabled: Callable[[Editor], bool] | None = None,
    ) -> None:
        """Something to do, in a menu, in the command palette and by `keys`, as Qt spells them ("Ctrl+Alt+H").

        Keys `on_canvas` act only while the canvas has the keyboard; a letter alone must be one of these.
        """
        focus = "canvas" if on_canvas else "window"
        for key in keys:
            _refuse_taken(key, focus)
        what = self._named("action", text)
        do = contained(watched(run, what), what, self._told)
        can = (lambda _: True) if enabled is None else (lambda w: ask(enabled, w.editor, what, self._told))
        action = Action(
            f"{self.plugin}.{name}", text, lambda w: do(w.editor), tuple(keys), menu, focus, can, about=about
        )
        self._add_action(action)
        self.brought.append(Brought("action", text))

    def _add_action(self, action: Action) -> None:
        ACTIONS.add(action, self.plugin)
        self._undo.append(lambda: ACTIONS.remove(action.id))

    def withdraw(self) -> None:
        """Take away all that the plugin has added."""
        while self._undo:
            self._undo.pop()()
        self.brought.clear()

    def _named(self, kind: str, name: str) -> str:
        return f"the {kind} {name} of the plugin {self.plugin}"


def _refuse_taken(key: str, focus: str) -> None:
    """Raise `GradwireError` where a key is one of another action, or would be typed into a field."""
    if len(key) == 1 and focus != "canvas":
        raise GradwireError(f"the key {key!r} alone is typed into fields", hint="on_canvas=True")
    for other in ACTIONS:
        if key in other.keys and overlap(other.focus, focus):
            raise GradwireError(f"the key {key} is that of {other.text!r}", hint="choose another key")
