"""A page of the inspector: made for what is selected, refreshed while it stays selected."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from PySide6.QtWidgets import QApplication, QSpacerItem, QVBoxLayout, QWidget

from ...core.document import Gesture, Transaction
from ...core.document.edits import ABSENT
from ...core.parameters import HIDDEN, Parameter
from ..editor import Editor
from ..look.theme import Theme
from .editors import TextEdit
from .fields import Default, Field, Offered
from .parts import label, say
from .problem_lines import ProblemLines
from .sheet import large, small

SOURCE = "inspector"  # as which pages edit
MARGINS = (12, 10, 10, 12)  # pixels around a page


class Page(QWidget):
    """What the inspector shows of one selection. `key` says of which: as long as it stays, `refresh` is enough."""

    shows_results = True  # whether anything of it follows from values and gradients

    def __init__(self, editor: Editor, theme: Theme, key: Hashable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.editor, self.theme, self.key = editor, theme, key
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(*MARGINS)
        self.column.setSpacing(14)
        self.fields: dict[str, Field] = {}
        self.problems = ProblemLines(editor)
        self.used = False  # whether anything was edited here
        self.blank = self.room = 0  # pixels that are left free above the settings, and at the end
        self._spacer = QSpacerItem(0, 0)

    def refresh(self) -> None:
        """Show the document as it is now."""

    def add_problems(self) -> None:
        """Put the problems under what is there."""
        self.column.addWidget(self.problems)

    def add_blank(self) -> None:
        """Let the settings follow, above which there may be a blank."""
        self.column.addItem(self._spacer)

    def set_room(self, blank: int, room: int) -> None:
        """Leave so many pixels free above the settings, and at the end of the page."""
        self.blank, self.room = blank, room
        self._spacer.changeSize(0, blank)
        left, top, right, bottom = MARGINS
        self.column.setContentsMargins(left, top, right, bottom + room)
        self.column.invalidate()

    def needed(self) -> int:
        """How many pixels high all of it is."""
        return max(self.column.totalHeightForWidth(self.width()), self.minimumSizeHint().height())

    def give_up(self, changed: bool) -> None:
        """Show what is in force where a text was refused: something is `changed` here, or the user went elsewhere."""
        for text in self.findChildren(TextEdit):
            if changed or QApplication.focusWidget() not in (text, None):
                text.give_up()
        for field in self.findChildren(Field):
            field.give_up()

    def attempt(self, label: str, act: Callable[[Transaction], object], merge: Gesture | None = None) -> str | None:
        """Edit the document as the inspector; the refusal, None where there was none."""
        self.used = True
        return self.editor.refusal(label, act, source=SOURCE, merge=merge)

    def make_field(
        self,
        parameter: Parameter,
        owner: str,
        commit: Callable[[Any, Gesture | None], str | None],
        offered: Iterable[tuple[str, Any]] | None = None,
        suggested: Callable[[], Offered] | None = None,
    ) -> Field:
        """A field, kept in `fields` by the name of its parameter."""
        field = Field(parameter, owner, commit, self.theme, None if offered is None else list(offered), suggested)
        field.abandoned.connect(self.take_back)
        self.fields[parameter.name] = field
        room = max(each.label.needed for each in self.fields.values())
        for each in self.fields.values():
            each.label_room = room
        return field

    def take_back(self, gesture: Gesture) -> None:
        """Undo what a drag did that was ended by Escape."""
        entry = self.editor.document.history.next_undo
        if entry is not None and entry.merge is gesture:
            self.editor.undo()

    def set_parameter(self, t: Transaction, id: str, parameter: Parameter, value: Any) -> None:
        """Set what was entered in a field; `GradwireError` where it lies outside the parameter's range."""
        if value is not Default:
            parameter.check_range(value, self.editor.graph.nodes[id].op)
        t.set_param(id, parameter.name, or_absent(value))


class NameEdit(TextEdit):
    """The name of a node or group, as a heading that can be typed into."""

    def __init__(self, page: Page, id: str) -> None:
        super().__init__()
        self.page, self.id = page, id
        self.setProperty("role", "name")
        self.setFont(large())
        self.setAccessibleName("name")
        self.setTextMargins(-4, 0, 0, 0)  # in line with what stands under it
        self.error = label("", "error", small(), wrap=True)
        self.error.hide()
        self.entered.connect(self._rename)
        self.restored.connect(self.error.hide)

    def _rename(self, name: str) -> None:
        old = self.page.editor.graph.item(self.id).name
        refused = self.page.attempt(f"Rename {old} to {name}", lambda t: t.rename(self.id, name))
        say(self.error, refused)
        if refused is None:
            self.accept()
        else:
            self.reject()


def shown_parameters(parameters: Mapping[str, Parameter]) -> list[Parameter]:
    """Those that users edit."""
    return [parameter for parameter in parameters.values() if parameter.role not in HIDDEN]


def or_absent(value: Any) -> Any:
    """What an edit takes for a value that a field commits."""
    return ABSENT if value is Default else value
