"""The status bar: whether the graph is valid, the last message, the state of the live values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QToolButton

from .theme import Theme

if TYPE_CHECKING:
    from .editor import Editor

SHOWN_FOR = {"refusal": 8000, "note": 5000}  # milliseconds


def counted(count: int, noun: str) -> str:
    """`1 node`, `5 nodes`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class Status(QStatusBar):
    """Says in words and signs, not by colour alone, how the graph is."""

    problems_wanted = Signal()

    def __init__(self, editor: Editor, theme: Theme) -> None:
        super().__init__()
        self._editor = editor
        self.setSizeGripEnabled(False)
        self.graph = QToolButton()
        self.graph.setToolTip("Show the problems")
        self.graph.clicked.connect(self.problems_wanted)
        self.message = QLabel()
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        # Ignored: a long message may not widen the window.
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.live = QLabel()
        self.addWidget(self.graph)
        self.addWidget(self.message, 1)
        self.addPermanentWidget(self.live)
        self._end = QTimer(self, singleShot=True)
        self._end.timeout.connect(self.clear_message)
        editor.told.connect(self.tell)
        # Soon: counting the wires of a large graph at every step of a drag would be felt.
        self._soon = QTimer(self, singleShot=True, interval=60)
        self._soon.timeout.connect(self.refresh)
        for signal in (editor.checked, editor.changed, editor.replaced):
            signal.connect(lambda *_: self._soon.start())
        for signal in (editor.results_changed, editor.live.changed):
            signal.connect(self.refresh_live)
        self.set_theme(theme)

    def tell(self, text: str, kind: str = "note") -> None:
        """Show a line for a while; a refusal longer and in the colour of errors."""
        line = " · ".join(text.splitlines())
        self.message.setText(f"✗ {line}" if kind == "refusal" else line)
        self.message.setToolTip(text)
        self.message.setStyleSheet(f"color: {self._theme.error if kind == 'refusal' else self._theme.text};")
        self._end.start(SHOWN_FOR.get(kind, 5000))

    def clear_message(self) -> None:
        """Take the line away."""
        self.message.setText("")
        self.message.setToolTip("")

    def refresh(self) -> None:
        """Show whether the graph is valid, and how large it is."""
        graph, problems = self._editor.graph, self._editor.problems
        if self._editor.checking.busy and not problems:
            text, color = "checking…", self._theme.dim
        elif problems:
            text, color = f"✗ {counted(len(problems), 'problem')}", self._theme.error
        else:
            text, color = "✓ graph valid", self._theme.good
        size = f"{counted(len(graph.nodes), 'node')}, {counted(sum(1 for _ in graph.wires()), 'wire')}"
        self.graph.setText(f"{text} · {size}")
        self.graph.setStyleSheet(f"color: {color}; padding: 2px 8px;")

    def refresh_live(self) -> None:
        """Show the state of the live values."""
        self.live.setText(self._editor.live.status)

    def set_theme(self, theme: Theme) -> None:
        """Draw with the colours of another theme."""
        self._theme = theme
        self.live.setStyleSheet(f"color: {theme.dim}; padding: 0 10px;")
        self.refresh()
        self.refresh_live()
