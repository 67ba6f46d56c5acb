"""The graph, or what is selected of it, as NumPy and as PyTorch source: to read and to copy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QHideEvent,
    QShowEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QTabBar, QVBoxLayout, QWidget

from ..bridge import Request, Worker
from ..chrome.line import Line
from ..look.fonts import mono
from ..look.theme import Theme

if TYPE_CHECKING:
    from ..editor import Editor

LANGUAGES = ("NumPy", "PyTorch")
PAUSE = 120  # milliseconds without an edit, after which the source is written anew
THANKS = 1500  # milliseconds for which the button says that it has copied
SHOWN = 1000  # lines; the rest is only copied

_WORDS = (
    (r"\b(?:def|class|return|import|from|as|for|in|if|else|raise|with|None|True|False|and|or|not)\b", "accent"),
    (r"\b(?:self|np|torch|nn|F)\b", "gradient"),
    (r"(?<![\w.])\d+\.?\d*(?:e[-+]?\d+)?\b", "warning"),
    (r"\"[^\"]*\"|'[^']*'", "good"),
)


class Colours(QSyntaxHighlighter):
    """Words, numbers, texts and comments of Python in the colours of a theme."""

    def __init__(self, text: QPlainTextEdit, theme: Theme) -> None:
        super().__init__(text.document())
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._rules = [(re.compile(pattern), self._colour(getattr(theme, name))) for pattern, name in _WORDS]
        self._dim = self._colour(theme.dim)
        self.rehighlight()

    @staticmethod
    def _colour(color: str) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setForeground(QColor(color))
        return made

    def highlightBlock(self, line: str) -> None:
        for pattern, colour in self._rules:
            for found in pattern.finditer(line):
                self.setFormat(found.start(), found.end() - found.start(), colour)
        comment = re.match(r"""(?:[^#"']|"[^"]*"|'[^']*')*(#.*)""", line)
        if comment:
            self.setFormat(comment.start(1), len(line) - comment.start(1), self._dim)


class CodePanel(QWidget):
    """Read-only source that follows the selection; nothing selected: the whole graph. Written only while it is seen."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self._stale = True
        self._worker: Worker | None = None  # begun when the panel is first seen
        self._wait = QTimer(self, singleShot=True, interval=PAUSE)
        self._wait.timeout.connect(self._ask)
        self._again = QTimer(self, singleShot=True, interval=THANKS)
        self._again.timeout.connect(lambda: self.copy.setText("Copy"))
        self._build(theme)
        for signal in (editor.changed, editor.replaced, editor.selection_changed):
            signal.connect(self.refresh)

    def _build(self, theme: Theme) -> None:
        self.tabs = QTabBar(self, expanding=False, drawBase=False)
        for name in LANGUAGES:
            self.tabs.addTab(name)
        self.tabs.setAccessibleName("Language")
        self.tabs.currentChanged.connect(self.refresh)
        self.about = Line()  # what is selected changes it, and may not move what lies around the panel
        self.source = ""  # all of it
        self._lines: list[str] = []  # those that are shown
        self.copy = QPushButton("Copy", self)
        self.copy.setToolTip("Put the source on the clipboard")
        self.copy.setAccessibleName("Copy the source")
        self.copy.clicked.connect(self.copy_text)
        self.text = QPlainTextEdit(self, readOnly=True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setUndoRedoEnabled(False)  # else each new source would be kept for an undo that nobody can ask for
        self.text.setAccessibleName("Source")
        self.text.setFont(mono())
        self.colours = Colours(self.text, theme)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 8, 0)
        head.addWidget(self.tabs)
        head.addSpacing(12)
        head.addWidget(self.about, 1)
        head.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.text, 1)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self.colours.set_theme(theme)
        self.text.setFont(mono())  # of the size that texts have now
        palette = self.about.palette()
        palette.setColor(self.about.foregroundRole(), QColor(theme.dim))
        self.about.setPalette(palette)

    @property
    def language(self) -> str:
        return LANGUAGES[self.tabs.currentIndex()]

    def refresh(self, *_: object) -> None:
        """Write the source anew, soon; a hidden panel waits until it is seen."""
        self._stale = True
        if self.isVisible():
            self._wait.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._wait.stop()
        if self._worker is not None and self._worker.busy:
            self._worker.cancel()
            self._stale = True

    def _ask(self) -> None:
        """Write the source beside the window: a large graph takes longer than a frame."""
        if self._worker is None:
            self._worker = Worker("code", self)
            self._worker.finished.connect(self._show)
            self._worker.failed.connect(lambda error: self._show(f"# {' '.join(str(error).split())}\n"))
        self._stale = False
        session, numpy = self.editor.session, self.language == "NumPy"
        graph, registry, folder, path = session.graph, session.registry, session.folder, session.path
        valued = frozenset(session.document.values)
        chosen = sorted(self.editor.selection) or None
        count = len(chosen or ())
        self.about.setText("the whole graph" if not count else f"what is selected ({count})")

        def work(_: Request) -> str:
            # Not needed to start.
            from ...core.exporting import Trained, numpy_source, torch_source
            from ...core.files.replacing import values_path

            beside = None if path is None else values_path(path)
            trained = Trained(valued, beside.name if beside is not None and beside.is_file() else None)
            return (numpy_source if numpy else torch_source)(graph, registry, chosen, folder, trained)

        self._worker.ask(work)

    def _show(self, source: str) -> None:
        if source == self.source:
            return
        self.source = source
        lines = source.split("\n")
        more = len(lines) - (not lines[-1]) - SHOWN
        if more > 0:  # setting and colouring them takes longer than a frame
            lines[SHOWN:] = [f"# … and {more:,} lines more: Copy takes them all"]
        bar = self.text.verticalScrollBar()
        place = bar.value()
        self._write(lines)
        bar.setValue(min(place, bar.maximum()))

    def _write(self, lines: list[str]) -> None:
        """Show these lines; only those from the first to the last that differ are set and coloured anew."""
        old, self._lines = self._lines, lines
        most = min(len(old), len(lines))
        same = next((i for i in range(most) if old[i] != lines[i]), most)
        document = self.text.document()
        if same == most or document.blockCount() != len(old):
            if lines != old:
                self.text.setPlainText("\n".join(lines))
            return
        after = next((i for i in range(most - same - 1) if old[-1 - i] != lines[-1 - i]), most - same - 1)
        last = document.findBlockByNumber(len(old) - 1 - after)
        cursor = QTextCursor(document.findBlockByNumber(same))
        cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText("\n".join(lines[same : len(lines) - after]))

    def copy_text(self) -> None:
        """Put the source on the clipboard."""
        QGuiApplication.clipboard().setText(self.source)
        self.copy.setText("Copied")
        self._again.start()
        self.editor.told.emit(f"Copied {self.language} source", "note")
