"""The line of the status bar that says what was done, or why it was refused."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from ..look.theme import Theme
from ..wording import REDONE, UNDONE
from .line import Line
from .past import in_past

if TYPE_CHECKING:
    from ...core.document import Change

SHOWN_FOR, REFUSED_FOR = 6000, 12_000  # milliseconds; a refusal is longer, and there is more to think about it
FRESH = 0.5  # seconds for which a line is about what is just being done
BACK = {"undo": UNDONE, "redo": REDONE}  # by the source of a change


class Message(Line):
    """The last one, with all of it in the tooltip."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._told_at = 0.0
        self._refused = False
        self._end = QTimer(self, singleShot=True)
        self._end.timeout.connect(self.forget)

    def tell(self, text: str, kind: str = "note") -> None:
        """Show a line for a while; a refusal longer, in the colour of errors, at most until something succeeds."""
        self._refused = refused = kind == "refusal"
        self._told_at = monotonic()
        line = " · ".join(text.splitlines())
        self.setText(f"✗ {line}" if refused else line)
        self.setToolTip(text)
        self.setStyleSheet(f"color: {self.theme.error if refused else self.theme.text};")
        self._end.start(REFUSED_FOR if refused else SHOWN_FOR)

    def tell_change(self, change: Change) -> None:
        """Say what was done; an earlier message is not about the graph as it is now."""
        word = BACK.get(change.source)
        self.tell(in_past(change.label) if word is None else f"{word}: {change.label}")

    def step_on(self) -> None:
        """Another moment is shown: what was said of the one before goes; what is just being said of this one stays."""
        if monotonic() - self._told_at > FRESH:
            self.forget()

    def select_on(self) -> None:
        """Something else is selected: why nothing could be done with what was goes."""
        if self._refused:
            self.step_on()

    def forget(self) -> None:
        """Take the line away."""
        self.setText("")
        self.setToolTip("")
