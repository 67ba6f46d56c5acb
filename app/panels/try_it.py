"""An input of one's own: drawn, typed or taken from the data; what is predicted of it, and the graph lit by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..chrome.line import Line
from ..inspecting.editors import Check
from ..inspecting.sheet import small
from ..look.theme import Theme
from ..trying.guess import GuessBars

if TYPE_CHECKING:
    from ..editor import Editor
    from ..trying.inputs import PictureInput, RowInput, TextInput
    from ..trying.predicting import Seen
    from ..trying.subject import Subject

LEAST = 200  # pixels: the window may be made as small as its other panels allow
_SHEET = """
QLabel[kind="failed"] {{ color: {t.error}; }}
QLabel[kind="about"] {{ color: {t.dim}; }}
"""


class TryItPanel(QWidget):
    """Shows what the editor's `trying` tells; the input is made when somebody first sees the panel."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme, self.trying = editor, theme, editor.trying
        self.input: PictureInput | RowInput | TextInput | None = None
        self._subject: Subject | None = None
        self._shown: object = None  # the sample that the input shows, where it was not given there
        self._dock: QDockWidget | None = None
        self._make()
        self.trying.changed.connect(self.refresh)
        editor.live.changed.connect(self._show_light)
        self.set_theme(theme)

    def _make(self) -> None:
        trying = self.trying
        self.before, self.next = QPushButton("‹"), QPushButton("›")
        for button, by, name in ((self.before, -1, "Previous sample"), (self.next, 1, "Next sample")):
            button.setFont(small())
            button.setAccessibleName(f"{name} of the data")
            button.setToolTip(f"{name} of the data, held out where there are such")
            button.clicked.connect(lambda _=False, by=by: trying.step(by))
        self.about = Line()
        self.about.setProperty("kind", "about")
        self.about.setAccessibleName("What is tried")
        self.light = Check(self.theme, "Light the graph")
        self.light.setToolTip("Canvas, inspector and tensor panel show this one sample going through the graph")
        self.light.toggled.connect(trying.light)
        self.message = Line()
        self.message.setProperty("kind", "failed")
        self.message.setAccessibleName("Why nothing is tried")
        self.bars = GuessBars(self.theme)
        head = QHBoxLayout()
        head.setSpacing(6)
        caption = QLabel("From the data")
        caption.setFont(small())
        for part in (caption, self.before, self.next):
            head.addWidget(part)
        head.addWidget(self.about, 1)
        head.addWidget(self.light)
        self._body = QHBoxLayout()
        self._body.setSpacing(14)
        self._body.addWidget(self.bars, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(5)
        column.addLayout(head)
        column.addLayout(self._body, 1)
        column.addWidget(self.message)
        self.setMinimumWidth(LEAST)

    def set_theme(self, theme: Theme) -> None:
        self.theme = self.light.theme = self.bars.theme = theme
        self.setStyleSheet(_SHEET.format(t=theme))
        if self.input is not None:
            self.input.set_theme(theme)
        self.refresh()

    # What is shown.

    def refresh(self) -> None:
        """Show what is tried and predicted by now."""
        seen = self.trying.seen
        subject = None if seen is None else seen.subject
        if subject is not self._subject:
            self._replace(subject)
        self._show_sample(seen)
        self.bars.show_samples(None if seen is None else seen.samples)
        refused = "" if seen is None else seen.refused
        self.message.setText(refused)
        self.message.setToolTip(refused)
        self.message.setVisible(bool(refused))
        for button in (self.before, self.next):
            button.setEnabled(subject is not None)
        self._show_light()

    def _replace(self, subject: Subject | None) -> None:
        """Other data: what suits their samples."""
        self._subject, self._shown = subject, None
        if self.input is not None:
            self.input.deleteLater()
            self.input = None
        if subject is not None:
            from ..trying.inputs import PictureInput, input_for

            self.input = input_for(subject, self.theme)
            self.input.given.connect(self._give)
            if isinstance(self.input, PictureInput):
                self.input.told.connect(lambda text: self.editor.told.emit(text, "note"))
            self._body.insertWidget(0, self.input, 3)

    def _give(self, given: object) -> None:
        self._shown = None
        self.trying.give(given)  # type: ignore[arg-type]
        if given is None and self.input is not None:
            self.input.show_tried(None)

    def _show_sample(self, seen: Seen | None) -> None:
        tried = None if seen is None else seen.tried
        self.about.setText(self._about(seen))
        if self.input is None or tried is None or not tried.read or self.trying.behind:
            return
        if tried is not self._shown:
            self._shown = tried
            self.input.show_tried(tried)

    def _about(self, seen: Seen | None) -> str:
        """`sample 3 of 359 held out · with the values of the run, iteration 1,200`."""
        if seen is None or seen.subject is None:
            return ""
        subject, parts = seen.subject, []
        if seen.tried is not None and seen.tried.number is not None:
            of = "held out" if subject.part == "validation" else "to train with"
            parts.append(f"sample {seen.tried.number + 1:,} of {len(subject.x):,} {of}")
        if seen.tried is not None:
            told = f"the run, iteration {seen.iteration:,}" if seen.iteration else "the document"
            parts.append(f"with the values of {told}")
        return " · ".join(parts)

    def _show_light(self) -> None:
        live, trying = self.editor.live, self.trying
        self.light.show_state(trying.lights)
        waits = trying.lit and not live.feeding.shown and not live.refreshing.pending
        about = f"The graph does not show it: {live.status}" if waits else ""
        self.light.setAccessibleDescription(about or "The graph shows this one sample")

    # Whether somebody sees it.

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        dock = self.parentWidget()
        if isinstance(dock, QDockWidget) and dock is not self._dock:
            self._dock = dock  # a tab that goes behind is not hidden: only its dock tells
            dock.visibilityChanged.connect(self.trying.watch)
        self.trying.watch(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape or not self.trying.end():
            super().keyPressEvent(event)
