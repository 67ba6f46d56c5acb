"""A field: one parameter with its name, the editor that fits it, a reset button, and why a text was not taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ...core.document import Gesture, Transaction
from ...core.errors import GradwireError
from ...core.parameters import Parameter
from ..editor import Editor
from ..look.theme import Theme
from .drag_bar import DragBar
from .editors import Check, ChoiceEdit, TextEdit, set_property
from .reading import LONGEST, RANGES, UNITS, choices, is_number, options, read, spell
from .sheet import mono, small

LABEL_SHARE = 0.34  # of the width of a field
WIDE = 300  # pixels from which on units have room
Commit = Callable[[Any, "Gesture | None"], "str | None"]


class Default:
    """What is committed to let a parameter follow its default."""


class Mixed:
    """What is shown where several nodes have different values."""


def attempt(
    editor: Editor, label: str, act: Callable[[Transaction], object], merge: Gesture | None = None
) -> str | None:
    """Do `act` as the inspector; the line that says why it was refused, None where it was not."""
    refused: list[str] = []

    def note(text: str, kind: str) -> None:
        if kind == "refusal":
            refused.append(text)

    editor.told.connect(note)
    try:
        editor.attempt(label, act, source="inspector", merge=merge)
    finally:
        editor.told.disconnect(note)
    return refused[0] if refused else None


def take_back(editor: Editor, gesture: Gesture) -> None:
    """Undo what a drag did that was ended by Escape."""
    entry = editor.document.history.next_undo
    if entry is not None and entry.merge is gesture:
        editor.undo()


class Elided(QLabel):
    """A label that ends in … where there is no room, with all of it as its tooltip."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        self._whole = text
        self._elide()

    def whole(self) -> str:
        """The text without elision."""
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(self.width(), 1))
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


class FieldParts(QWidget):
    """What a field is made of: name, editor, unit, reset button, and the line of a refusal."""

    def __init__(
        self,
        parameter: Parameter,
        owner: str,
        theme: Theme,
        offered: Sequence[tuple[str, Any]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.parameter, self.owner, self.theme = parameter, owner, theme
        self.label = Elided(parameter.name.replace("_", " "))
        self.unit = QLabel(UNITS.get(f"{owner}.{parameter.name}", ""))
        self.unit.setProperty("role", "dim")
        self.unit.setFont(small())
        self.unit.hide()
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setFont(small())
        self.error.setWordWrap(True)
        self.error.hide()
        self.reset = QToolButton()
        self.reset.setText("↺")
        self.reset.setProperty("role", "reset")
        self.reset.setFixedWidth(18)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.text: TextEdit | None = None
        self.bar: DragBar | None = None
        self.choice: ChoiceEdit | None = None
        self.check: Check | None = None
        self._arrange(self._editor(offered))

    def _editor(self, offered: Sequence[tuple[str, Any]] | None) -> QWidget:
        values = offered if offered is not None else _spelled(self.parameter)
        if offered is None and self.parameter.annotation is bool:
            self.check = Check(self.theme)
            return self.check
        if values:
            self.choice = ChoiceEdit(self.theme, values)
            return self.choice
        self.text = TextEdit()
        self.text.setFont(mono(0.95))
        if not is_number(self.parameter):
            return self.text
        return self._with_bar(self.text)

    def _with_bar(self, text: TextEdit) -> QWidget:
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        over = RANGES.get(f"{self.owner}.{self.parameter.name}")
        self.bar = bar = DragBar(self.theme, float not in _kinds(self.parameter), over)
        bar.setAccessibleName(f"{self.parameter.name}: drag or use the arrow keys")
        row.addWidget(bar, 5)
        row.addWidget(text, 6)
        return both

    def _arrange(self, editor: QWidget) -> None:
        self.grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(5)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(editor, 0, 1)
        grid.addWidget(self.unit, 0, 2)
        grid.addWidget(self.reset, 0, 3)
        grid.addWidget(self.error, 1, 0, 1, 4)
        grid.setColumnStretch(1, 1)
        self.setFocusProxy(editor if editor.focusPolicy() else self.text)
        about = f"{self.parameter.name}: {self.parameter.expected}"
        if (over := RANGES.get(f"{self.owner}.{self.parameter.name}")) is not None:
            about += f"; usually from {over.low:g} to {over.high:g}"
        if self.parameter.has_default:
            about += f"; default {spell(self.parameter.default, self.parameter.annotation) or 'none'}"
        for widget in (self.text, self.choice, self.check, self.bar):
            if widget is not None:
                widget.setToolTip(about)
                if not widget.accessibleName():
                    widget.setAccessibleName(self.parameter.name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.grid.setColumnMinimumWidth(0, max(56, round(self.width() * LABEL_SHARE)))
        self.unit.setVisible(bool(self.unit.text()) and self.width() >= WIDE)


class Field(FieldParts):
    """One parameter. `commit(value, gesture)` edits the document and returns the refusal, None where it was taken.

    `abandoned(gesture)`: Escape ended a drag, whose edits are to be taken back.
    """

    abandoned = Signal(object)

    def __init__(
        self,
        parameter: Parameter,
        owner: str,
        commit: Commit,
        theme: Theme,
        offered: Sequence[tuple[str, Any]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parameter, owner, theme, offered, parent)
        self.commit = commit
        self.gesture: Gesture | None = None
        self.value: Any = None
        self.reset.clicked.connect(lambda: self.try_value(Default))
        if self.check is not None:
            self.check.clicked.connect(lambda on: self.try_value(on))
        if self.choice is not None:
            self.choice.chosen.connect(self.try_value)
        if self.text is not None:
            self.text.entered.connect(self._try_text)
            self.text.restored.connect(lambda: self._say(None))
        if self.bar is not None:
            self.bar.pressed.connect(self._press)
            self.bar.moved.connect(lambda value: self.try_value(value, self.gesture))
            self.bar.released.connect(self._release)
            self.bar.abandoned.connect(self._abandon)
            self.bar.stepped.connect(self.try_value)

    # Showing.

    def show_value(self, value: Any, given: bool) -> None:
        """Show what the document holds; not `given`: the default, dimmed. `Mixed`: several, each its own."""
        self.value = value
        mixed = value is Mixed
        self.reset.setVisible(given and self.parameter.has_default)
        if self.parameter.has_default:
            default = spell(self.parameter.default, self.parameter.annotation) or "none"
            self.reset.setToolTip(f"Follow the default: {default}")
        if self.check is not None:
            self.check.show_state(bool(value), mixed)
        if self.choice is not None:
            self.choice.show_value(value, "mixed" if mixed else str(value))
            set_property(self.choice, "default", not given)
        if self.text is not None:
            self._show_text("" if mixed else spell(value, self.parameter.annotation), mixed)
            set_property(self.text, "default", not given)
        if self.bar is not None:
            known = isinstance(value, (int, float)) and not isinstance(value, bool)
            self.bar.show_value(value if known else None)

    def _show_text(self, text: str, mixed: bool) -> None:
        assert self.text is not None
        long = len(text) > LONGEST
        self.text.setReadOnly(long)
        self.text.setPlaceholderText("mixed" if mixed else "none")
        self.text.show_text(f"{text[:60]}… ({len(text):,} characters)" if long else text)

    def _say(self, refused: str | None) -> None:
        self.error.setText(refused or "")
        self.error.setVisible(refused is not None)

    # Editing.

    def try_value(self, value: Any, merge: Gesture | None = None) -> None:
        """Commit a value that is no text; where it is refused the old one is shown, with the reason."""
        if value is not Default and value is not Mixed:
            try:
                value = self.parameter.read(value, self.owner)
            except GradwireError as error:
                self._say(str(error))
                self.show_value(self.value, not self.reset.isHidden())
                return
        refused = self.commit(value, merge)
        self._say(refused)
        if refused is None and self.text is not None:
            self.text.accept()
        if refused is not None:
            self.show_value(self.value, not self.reset.isHidden())

    def _try_text(self, text: str) -> None:
        assert self.text is not None
        try:
            value = read(self.parameter, text, self.owner)
            refused = self.commit(value, None)
        except GradwireError as error:
            refused = str(error)
        self._say(refused)
        if refused is None:
            self.text.accept()
        else:
            self.text.reject()

    def _press(self) -> None:
        self.gesture = Gesture()

    def _release(self) -> None:
        self.gesture = None

    def _abandon(self) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            self.abandoned.emit(gesture)


def _kinds(parameter: Parameter) -> tuple[Any, ...]:
    return options(parameter.annotation)


def _spelled(parameter: Parameter) -> list[tuple[str, Any]]:
    found = choices(parameter)
    return [("automatic" if value is None else spell(value, None), value) for value in found]
