"""The key sheet: all actions with their keys, a preset to choose, and other keys for any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
)

from ..actions import ACTIONS, Action
from ..files import asking
from ..lists.view import ListView, Row
from ..search.candidates import match
from .command_palette import title
from .keymap import PRESETS, Keymap
from .names import key_text

if TYPE_CHECKING:
    from ..window import Window

# What the mouse does, which no action stands for: told beside the keys, not to be changed here.
GESTURES = (
    ("Middle drag, Space + drag", "Move the view"),
    ("Wheel, pinch", "Zoom to the pointer"),
    ("Drag from a port", "Wire; dropped in the void: search for what fits"),
    ("Double-click in the void, Tab", "Search for an op and add it"),
    ("Drop a node on a wire", "Insert it"),
    ("Alt + drag a node", "Duplicate it"),
    ("Shift while dragging a node", "Put it into the frame beneath, or take it out of its own"),
    ("Alt + right drag", "Wire body to body"),
    ("Ctrl + right drag", "Cut wires"),
    ("Shift + right drag, double-click a wire", "Put a reroute dot on it"),
    ("Click v0 → v1", "Go to the step that wrote the value"),
    ("Arrow keys", "Walk from node to node"),
)


Shown = Action | tuple[str, str] | str  # an action, a gesture with its meaning, or a heading


def found(words: str, keymap: Keymap) -> list[Shown]:
    """What matches the words, by name or by key, under the headings of their menus."""

    def meets(action: Action) -> bool:
        keys = [key_text(key).lower() for key in keymap.keys(action)]
        return words.lower() in keys or match(words, title(action)) is not None

    shown: list[Shown] = []
    for heading in dict.fromkeys((action.menu or "Canvas").split("/")[0] for action in ACTIONS):
        of_menu = [action for action in ACTIONS if (action.menu or "Canvas").split("/")[0] == heading]
        rows = [action for action in of_menu if meets(action)]
        shown += [heading, *rows] if rows else []
    gestures = [one for one in GESTURES if match(words, " ".join(one))]
    return [*shown, "Mouse", *gestures] if gestures else shown


class KeySheet(QDialog):
    """A window over the window; changes take effect at once."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        self._window = window
        self.shown: list[Shown] = []
        self.preset = QComboBox()
        self.preset.addItems(list(PRESETS))
        self.preset.setCurrentText(self._keymap.preset)
        self.preset.setAccessibleName("Preset")
        self.field = QLineEdit(placeholderText="Search actions and keys")
        self.list = ListView(window.theme, self, by_click=False)
        self.list.steer(self.field)
        self.keys = QKeySequenceEdit()
        self.keys.setMaximumSequenceLength(1)
        self.keys.setAccessibleName("New key")
        self.set_button = QPushButton("Use this key", autoDefault=False)
        self.add_button = QPushButton("Use it too", autoDefault=False)
        self.clear_button = QPushButton("No key", autoDefault=False)
        self.restore_button = QPushButton("As in the preset", autoDefault=False)
        self.reset_button = QPushButton("Reset all keys", autoDefault=False)
        self.reset_button.setToolTip("Give up all keys that you have set")
        self.said = QLabel(wordWrap=True)
        self.said.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self._lay_out()
        self._connect()
        scale = window.application.text_scale
        self.resize(round(620 * scale), round(640 * scale))
        self.refresh()
        self.field.setFocus()

    @property
    def _keymap(self) -> Keymap:
        return self._window.application.keymap

    def _lay_out(self) -> None:
        top, bottom, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        top.addWidget(self.field, 1)
        top.addWidget(QLabel("Preset"))
        top.addWidget(self.preset)
        bottom.addWidget(self.keys, 1)
        top.addWidget(self.reset_button)
        for button in (self.set_button, self.add_button, self.clear_button, self.restore_button):
            bottom.addWidget(button)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addWidget(self.said)
        column.addLayout(bottom)

    def _connect(self) -> None:
        self.field.textChanged.connect(self.refresh)
        self.preset.currentTextChanged.connect(self._choose_preset)
        self.list.selectionModel().currentChanged.connect(self._tell)
        self.list.chosen.connect(lambda _: self.keys.setFocus())
        self.keys.keySequenceChanged.connect(self._tell)
        self.set_button.clicked.connect(lambda: self._bind(add=False))
        self.add_button.clicked.connect(lambda: self._bind(add=True))
        self.clear_button.clicked.connect(self._clear)
        self.restore_button.clicked.connect(self._restore)
        self.reset_button.clicked.connect(self._reset)

    # The list.

    def refresh(self) -> None:
        """Show the actions that match the text, under the headings of their menus."""
        here = self.action
        self.shown = found(self.field.text().strip(), self._keymap)
        self.list.empty = "No match"
        at = next((i for i, one in enumerate(self.shown) if one is here and here is not None), None)
        self.list.show_rows(len(self.shown), self._row, at)
        self._tell()

    def _row(self, row: int) -> Row:
        match self.shown[row]:
            case str() as heading:
                return Row(heading, section=True)
            case Action() as action:
                keys = self._keymap.keys(action)
                mine = "" if keys == self._keymap.preset_keys(action) else "changed"
                return Row(title(action), detail=mine, note=", ".join(map(key_text, keys)) or "–", tip=action.about)
            case (keys, text):
                return Row(text, note=keys)

    @property
    def action(self) -> Action | None:
        """The one that is chosen in the list."""
        row = self.list.current
        chosen = self.shown[row] if 0 <= row < len(self.shown) else None
        return chosen if isinstance(chosen, Action) else None

    # Changing keys.

    def _choose_preset(self, name: str) -> None:
        self._use(Keymap(name, self._keymap.changed))

    def _bind(self, add: bool) -> None:
        key, action = self._key(), self.action
        if action is None or not key:
            return
        old = self._keymap.keys(action) if add else ()
        self._use(self._keymap.rebound(action, tuple(dict.fromkeys((*old, key)))))
        self.keys.clear()

    def _clear(self) -> None:
        if self.action is not None:
            self._use(self._keymap.rebound(self.action, ()))

    def _restore(self) -> None:
        if self.action is not None:
            self._use(self._keymap.restored(self.action))

    def _reset(self) -> None:
        text = f"All keys that you have set become again those of the preset {self._keymap.preset}."
        if asking.confirmed(self, text, "Reset all keys"):
            self._use(Keymap(self._keymap.preset))

    def _use(self, keymap: Keymap) -> None:
        self._window.application.set_keymap(keymap)
        self.refresh()

    def _key(self) -> str:
        return self.keys.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def _tell(self, *_: object) -> None:
        action, key = self.action, self._key()
        for widget in (self.keys, self.clear_button, self.restore_button):
            widget.setEnabled(action is not None)
        self.reset_button.setEnabled(bool(self._keymap.changed))
        for button in (self.set_button, self.add_button):
            button.setEnabled(action is not None and bool(key))
        if action is None:
            self.said.setText("What the mouse does is not changed here." if self.list.current >= 0 else "")
            return
        others = [title(other) for other in self._keymap.users(key, action.focus) if other is not action] if key else []
        if others:
            self.said.setText(f"⚠ {key_text(key)} is the key of {', '.join(others)}, which would lose it.")
        else:
            self.said.setText(action.about or title(action))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.list.scrollToTop()  # the first heading too

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # belongs to the list, and does not close the sheet
            return
        super().keyPressEvent(event)
