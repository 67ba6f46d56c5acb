"""A window as actions see it: everything that can be asked of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMessageBox

from .chrome import popups
from .chrome.focus import step_focus
from .frame import Frame

DECIMALS = range(13)


class Window(Frame):
    """One document with its panels. Everything it does is an action of `ACTIONS`."""

    def show_on_canvas(self, name: str, value: object) -> None:
        """Set one of `CANVAS_SETTINGS`, and remember it."""
        setattr(self.canvas, name, value)
        self.application.settings.set(f"canvas/{name}", value)
        self.canvas.update()

    def set_decimals(self, decimals: int) -> None:
        """Show numbers with so many digits after the point."""
        decimals = min(max(decimals, DECIMALS[0]), DECIMALS[-1])
        self.show_on_canvas("decimals", decimals)
        self.tell(f"Numbers with {decimals} decimals")

    def zoom(self, factor: float | None) -> None:
        """Show the graph larger or smaller by a factor, None: at its own size."""
        self.canvas.zoom_to(1.0 if factor is None else self.canvas.view.scale * factor)

    def toggle_full_screen(self) -> None:
        """The whole screen for this window, or back."""
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def step_focus(self, step: int) -> None:
        """Give the keyboard to the next or previous area."""
        step_focus(self, step)

    def actions_for(self, focus: str) -> list[QAction]:
        """The actions of this focus that can be done now: for a context menu."""
        return self.menus.for_focus(focus)

    def open_search(self, place: Any = None) -> None:
        """The search that adds a node, at a place of the canvas; None: where the pointer is, else in the middle."""
        popups.open_search(self, place)

    def open_palette(self) -> None:
        """The command palette."""
        popups.palette_of(self).open()

    def open_find(self) -> None:
        """The search for a node or group that is there."""
        popups.open_find(self)

    def open_key_sheet(self) -> None:
        """All keys."""
        popups.open_key_sheet(self)

    def open_card(self, id: str) -> None:
        """What the op of a node does."""
        popups.open_card(self, id)

    def show_about(self) -> None:
        """Version and licences."""
        from .chrome.about import about_text

        QMessageBox.about(self, "About Gradwire", about_text())
