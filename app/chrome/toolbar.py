"""The bar above the canvas: the file's name, undo and redo, Live with its state, search, theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolBar, QToolButton, QWidget

from ..look.style import icon
from ..look.theme import Theme

if TYPE_CHECKING:
    from ..editor import Editor
    from ..files.filing import Files
    from ..shell import Shell


class Toolbar(QToolBar):
    """The toolbar of one window."""

    def __init__(self, window: Shell) -> None:
        super().__init__("Toolbar", window)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._window = window
        self._brand = QLabel("gradwire")
        self._brand.setProperty("rank", "brand")
        self.name = QLabel()
        self.name.setAccessibleName("File")
        self.live = QToolButton(text="Live", checkable=True)
        self.live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.live.setToolTip("Compute values as the graph is edited")
        self.live.toggled.connect(self._set_live)
        self.live_state = QLabel()
        self.live_state.setProperty("rank", "second")
        self._theme_button = self._button("Switch between dark and light", self._switch_theme)
        self._search = self._button("Find an action (Ctrl+K)", lambda: window.open_palette())
        self._undo = self._button("Undo", lambda: window.editor.undo())
        self._redo = self._button("Redo", lambda: window.editor.redo())
        for part in (self._brand, self.name, self._space(16), self._undo, self._redo, self._space(8)):
            self.addWidget(part)
        for part in (self.live, self.live_state, self._spring(), self._search, self._theme_button):
            self.addWidget(part)
        self.setEnabled(False)
        self.set_theme(window.theme)

    def follow(self, editor: Editor, files: Files) -> None:
        """Show the state of these from now on."""
        for signal in (editor.changed, editor.replaced, files.changed):
            signal.connect(self.refresh)
        for signal in (editor.results_changed, editor.live.changed):
            signal.connect(self.refresh_live)
        self.setEnabled(True)
        self.refresh()

    def _button(self, text: str, act) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: act())
        return button

    def _space(self, width: int) -> QWidget:
        space = QWidget()
        space.setFixedWidth(width)
        return space

    def _spring(self) -> QWidget:
        spring = QWidget()
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return spring

    def refresh(self) -> None:
        """Show the name, and what can be undone."""
        document = self._window.editor.document
        mark = " ●" if document.dirty else ""
        self.name.setText(self._window.files.name + mark)
        self.name.setToolTip(
            f"{self._window.files.path or 'Not in a file yet'}{', with edits that are not saved' if mark else ''}"
        )
        history = document.history
        for button, entry, word in ((self._undo, history.next_undo, "Undo"), (self._redo, history.next_redo, "Redo")):
            button.setEnabled(entry is not None)
            button.setToolTip(f"{word}: {entry.label}" if entry else f"Nothing to {word.lower()}")
        self.refresh_live()

    def refresh_live(self) -> None:
        """Show whether values are computed, and what became of it."""
        live = self._window.editor.live
        self.live.blockSignals(True)  # this shows a value, it does not set one
        self.live.setChecked(live.enabled)
        self.live.blockSignals(False)
        # The button itself says that Live is on or off; beside it stands only what is worth a word.
        self.live_state.setText("" if live.status in ("live", "live is off", "computing…") else live.status)

    def _set_live(self, on: bool) -> None:
        self._window.editor.live.enabled = on
        self.refresh_live()

    def _switch_theme(self) -> None:
        self._window.application.choose_theme("light" if self._window.theme.name == "dark" else "dark")

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in the colours of another theme."""
        self._undo.setIcon(icon("undo", theme.text))
        self._redo.setIcon(icon("redo", theme.text))
        self._search.setIcon(icon("search", theme.text))
        self.live.setIcon(icon("live", theme.good))
        self._theme_button.setIcon(icon("light" if theme.name == "dark" else "dark", theme.text))
        self.name.setStyleSheet(f"color: {theme.dim};")
