"""A field: one parameter with its name, the editor that fits it, a reset button, and why a text was not taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QToolButton, QWidget

from ...core.document import Gesture
from ...core.errors import GradwireError
from ...core.parameters import Parameter
from ..look.fonts import mono
from ..look.theme import Theme
from .drag_bar import DragBar
from .editors import Check, ChoiceEdit, TextEdit, set_property
from .parts import Elided, label, say
from .reading import LONGEST, choices, is_number, options, read, spell
from .sheet import small

ROW_SPACING = 4  # pixels between the editors of one parameter
COLUMNS_APART = 5  # between its name, them, and the button that resets it
LABEL_LEAST = 56
RESET = 18  # the width of the button
LABEL_MOST = 0.46  # of the width of a field
WIDE = 300  # pixels from which on units have room
SHORTEST = "1e-08"  # a number of which nothing may be cut
Commit = Callable[[Any, "Gesture | None"], "str | None"]
Offered = Sequence[tuple[str, Any]]


class Default:
    """What is committed to let a parameter follow its default."""


class Mixed:
    """What is shown where several nodes have different values."""


class Editors(NamedTuple):
    """What edits a parameter: a check box, a choice, or a text, for a number with a bar to drag beside it."""

    check: Check | None = None
    choice: ChoiceEdit | None = None
    text: TextEdit | None = None
    bar: DragBar | None = None

    @classmethod
    def fit(cls, parameter: Parameter, theme: Theme, offered: Offered | None) -> Editors:
        """Those that fit what a parameter accepts; with `offered` a choice of these."""
        if offered is None and parameter.annotation is bool:
            return cls(check=Check(theme))
        values = offered if offered is not None else _spelled(parameter)
        if values:
            return cls(choice=ChoiceEdit(theme, values))
        text = TextEdit()
        text.setFont(mono(0.95))
        if not is_number(parameter) and parameter.annotation is not Any:
            return cls(text=text)
        kinds = options(parameter.annotation)
        bar = DragBar(theme, int in kinds and float not in kinds, parameter.range)
        bar.setAccessibleName(f"{parameter.name}: drag or use the arrow keys")
        return cls(text=text, bar=bar)

    def row(self) -> QHBoxLayout:
        """All of them beside each other."""
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(ROW_SPACING)
        for widget, share in ((self.check, 1), (self.choice, 1), (self.bar, 6), (self.text, 5)):
            if widget is not None:
                row.addWidget(widget, share)
        return row

    def share_out(self, room: int, draggable: bool) -> None:
        """Give a number the width that it needs of so many pixels; the bar beside it goes where that leaves it none."""
        if self.text is None or self.bar is None:
            return
        needed = max(self.text.needed(SHORTEST), self.text.needed(self.text.text()))
        left, least = room - needed - ROW_SPACING, self.bar.minimumSizeHint().width()
        self.bar.setMaximumWidth(max(left, least))
        self.bar.setVisible(draggable and (left >= least or self.bar.dragging))

    def explain(self, parameter: Parameter) -> None:
        """Say on each what the parameter is and what it takes."""
        about = f"{parameter.name}: {parameter.expected}"
        if parameter.range is not None and parameter.range.usual is not None:
            about += "; usually from {:g} to {:g}".format(*parameter.range.usual)
        if parameter.has_default:
            about += f"; default {spell(parameter.default, parameter.annotation) or 'none'}"
        for widget in self:
            if widget is not None:
                widget.setToolTip(about)
                if not widget.accessibleName():
                    widget.setAccessibleName(parameter.name)


class Field(QWidget):
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
        offered: Offered | None = None,
        suggested: Callable[[], Offered] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`offered`: the values to choose from. `suggested` gives some beside those that may be typed."""
        super().__init__(parent)
        self.parameter, self.owner, self.commit = parameter, owner, commit
        self.gesture: Gesture | None = None
        self.value: Any = None
        self._draggable = True
        self.label = Elided(parameter.name.replace("_", " "), rows=3)
        self.label_room = self.label.needed  # the page widens it, so that all of its fields stand in line
        self.unit = label(parameter.range.unit if parameter.range is not None else "", "dim", small())
        self.unit.hide()
        self.error = label("", "error", small(), wrap=True)
        self.error.hide()
        self.reset = _reset_button()
        self.reset.hide()  # until a value is shown that is not the default
        self.editors = Editors.fit(parameter, theme, offered)
        self.editors.explain(parameter)
        self.check, self.choice, self.text, self.bar = self.editors
        row = self.editors.row()
        if suggested is not None:
            self.more = _more_button(parameter.name, suggested, self.try_value)
            row.addWidget(self.more)
        self.grid = self._arrange(row)
        self._connect()

    def _arrange(self, editors: QHBoxLayout) -> QGridLayout:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(COLUMNS_APART)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.label, 0, 0)
        grid.addLayout(editors, 0, 1)
        grid.addWidget(self.unit, 0, 2)
        grid.addWidget(self.reset, 0, 3)
        grid.addWidget(self.error, 1, 0, 1, 4)
        grid.setColumnStretch(1, 1)
        first = self.text or self.choice or self.check
        if first is not None:
            self.setFocusProxy(first)
        return grid

    def _connect(self) -> None:
        self.reset.clicked.connect(lambda: self.try_value(Default))
        if self.check is not None:
            self.check.clicked.connect(lambda on: self.try_value(on))
        if self.choice is not None:
            self.choice.chosen.connect(self.try_value)
        if self.text is not None:
            self.text.entered.connect(self._try_text)
            self.text.restored.connect(lambda: say(self.error, None))
        if self.bar is not None:
            self.bar.pressed.connect(lambda: setattr(self, "gesture", Gesture()))
            self.bar.moved.connect(lambda value: self.try_value(value, self.gesture))
            self.bar.released.connect(lambda: setattr(self, "gesture", None))
            self.bar.abandoned.connect(self._abandon)
            self.bar.stepped.connect(self.try_value)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = min(self.label_room, round(self.width() * LABEL_MOST))
        self.grid.setColumnMinimumWidth(0, max(LABEL_LEAST, needed))
        self.unit.setVisible(bool(self.unit.text()) and self.width() >= WIDE)
        self._share_out()

    def _share_out(self) -> None:
        unit = 0 if self.unit.isHidden() else max(self.unit.sizeHint().width(), self.unit.minimumWidth())
        taken = self.grid.columnMinimumWidth(0) + unit + self.reset.width() + 3 * self.grid.horizontalSpacing()
        self.editors.share_out(self.width() - taken, self._draggable)

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
            _show_text(self.text, "" if mixed else spell(value, self.parameter.annotation), mixed)
            set_property(self.text, "default", not given)
        if self.bar is not None:
            known = isinstance(value, (int, float)) and not isinstance(value, bool)
            self.bar.show_value(value if known else None)
            self._draggable = known or self.parameter.annotation is not Any  # one number may be dragged, a list not
            self._share_out()

    def give_up(self) -> None:
        """Say no more why something was refused, unless its text is still there."""
        if self.text is None or not self.text.editing:
            say(self.error, None)

    # Editing.

    def try_value(self, value: Any, merge: Gesture | None = None) -> None:
        """Commit a value that is no text; where it is refused the old one is shown, with the reason."""
        if value is not Default and value is not Mixed:
            try:
                value = self.parameter.read(value, self.owner)
            except GradwireError as error:
                say(self.error, str(error))
                self.show_value(self.value, not self.reset.isHidden())
                return
        refused = self.commit(value, merge)
        say(self.error, refused)
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
        say(self.error, refused)
        if refused is None:
            self.text.accept()
        else:
            self.text.reject()

    def _abandon(self) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            self.abandoned.emit(gesture)


def _show_text(edit: TextEdit, text: str, mixed: bool) -> None:
    long = len(text) > LONGEST
    edit.setReadOnly(long)
    edit.setPlaceholderText("mixed" if mixed else "none")
    edit.show_text(f"{text[:60]}… ({len(text):,} characters)" if long else text)


def _reset_button() -> QToolButton:
    button = QToolButton()
    button.setText("↺")
    button.setProperty("role", "reset")
    button.setFixedWidth(RESET)
    policy = button.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    button.setSizePolicy(policy)
    return button


def _more_button(name: str, suggested: Callable[[], Offered], choose: Callable[[Any], None]) -> QToolButton:
    """What opens a list of values that a text may be."""
    button = QToolButton()
    button.setText("▾")
    button.setProperty("role", "list")
    button.setFixedWidth(24)
    button.setAccessibleName(f"{name}: choose from a list")
    button.setToolTip("Choose from a list, or type a file beside the document")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)

    def fill() -> None:  # each time: plugins may have brought others
        menu.clear()
        for text, value in suggested():
            menu.addAction(text).setData(value)

    menu.aboutToShow.connect(fill)
    menu.triggered.connect(lambda action: choose(action.data()))
    button.setMenu(menu)
    return button


def _spelled(parameter: Parameter) -> list[tuple[str, Any]]:
    found = choices(parameter)
    return [("automatic" if value is None else spell(value, None), value) for value in found]
