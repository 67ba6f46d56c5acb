"""The status bar: whether the graph is valid, what is selected, the last message, the state of the live values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton

from ..look.theme import Theme
from ..results.failures import failures
from ..results.modes import mode_line
from ..results.root import none_text, root_name, root_text, show_root, why_no_gradient
from ..wording import by_kinds, counted, reason_first
from .message import Message

if TYPE_CHECKING:
    from ..editor import Editor
    from ..results.origin import Origin

LIVE_SHARE = 0.45  # of the bar, at most, for what is said of the live values


class Status(QStatusBar):
    """Says in words and signs, not by colour alone, how the graph is."""

    problems_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._editor: Editor | None = None
        self._origin: Origin | None = None  # where NaN or infinity begins
        self._failed: Mapping[str, str] = {}  # nodes that could not be computed
        self.setSizeGripEnabled(False)
        self.graph = QToolButton()
        self.graph.setToolTip("Show the problems")
        self.graph.clicked.connect(self._show_wrong)
        self.message = Message(theme)
        self.selected = QLabel()
        self.live = QToolButton()
        self.live.clicked.connect(self._resume)
        self.root = QToolButton()  # of what gradients are shown
        self.root.clicked.connect(self._show_root)
        for button in (self.graph, self.root, self.live):
            button.setText(" ")  # as high as with a text, or the canvas would grow when there is one
            button.setMinimumWidth(1)  # no text of theirs may widen the window
            button.setStyleSheet("padding: 2px 8px;")
        self.addWidget(self.graph)
        self.addWidget(self.selected)
        self.addWidget(self.message, 1)
        self.addPermanentWidget(self.root)
        self.addPermanentWidget(self.live)
        # Soon: counting the wires of a large graph at every step of a drag would be felt.
        self._soon = QTimer(self, singleShot=True, interval=60)
        self._soon.timeout.connect(self.refresh)
        self.setEnabled(False)
        self.set_theme(theme)

    def follow(self, editor: Editor) -> None:
        """Show the state of this editor from now on."""
        self._editor = editor
        self.setEnabled(True)
        editor.told.connect(self.message.tell)
        editor.changed.connect(self.message.tell_change)
        editor.replaced.connect(self.message.forget)
        editor.stepper.changed.connect(self.message.step_on)
        editor.selection_changed.connect(self.refresh_selection)
        editor.selection_changed.connect(self.message.select_on)
        for signal in (editor.checked, editor.changed):
            signal.connect(lambda *_: self._soon.start())
        editor.replaced.connect(self.refresh)
        for signal in (editor.results_changed, editor.live.changed):
            signal.connect(self.refresh_live)
        self.refresh()
        self.refresh_live()

    def refresh(self) -> None:
        """Show whether the graph is valid, and how large it is."""
        if (editor := self._editor) is None:
            return
        graph, problems = editor.graph, [*editor.problems, *failures(editor)]
        if editor.checking.busy and not problems:
            text, color = "checking…", self._theme.dim
        elif problems:
            text, color = f"✗ {counted(len(problems), 'problem')}", self._theme.error
        elif (begun := editor.live.origin) is not None:
            text, color = f"◆ {begun.told(graph)}", self._theme.nonfinite
        else:
            text, color = "✓ graph valid", self._theme.good
        size = f"{counted(len(graph.nodes), 'node')}, {counted(graph.wire_count, 'wire')}"
        self.graph.setText(f"{text} · {size}")
        self.refresh_selection()
        self.refresh_root()
        _colour(self.graph, color)

    def refresh_selection(self) -> None:
        """Say how much is selected, and of one thing what it is."""
        if self._editor is None:
            return
        graph, chosen = self._editor.graph, self._editor.selection
        if len(chosen) == 1:
            self.selected.setText(f"{graph.path(next(iter(chosen)))} selected")
        else:
            counts = by_kinds(graph, chosen)
            self.selected.setText(f"{', '.join(counts)} selected" if counts else "")

    def refresh_live(self) -> None:
        """Show the state of the live values; at rest a click lets them be computed again."""
        if self._editor is None:
            return
        live = self._editor.live
        if (live.origin, live.errors()) != (self._origin, self._failed):
            self._origin, self._failed = live.origin, live.errors()
            self._soon.start()
        rests = self._editor.stepper.active or not live.enabled or live.status.startswith("live is paused")
        status, click = _values_are(self._editor)
        text = f"{'▶ ' if rests else ''}{reason_first(status)}"
        # A long reason may not push the rest out of the bar; all of it is in the tip.
        room = min(self.fontMetrics().averageCharWidth() * 60, round(self.width() * LIVE_SHARE))
        self.live.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room))
        self.live.setToolTip(f"{status}\n{click}" if rests else status)
        self.live.setEnabled(rests)
        color = self._theme.warning if rests else self._theme.error if text.startswith("error") else self._theme.dim
        _colour(self.live, color)
        self.refresh_root()

    def refresh_root(self) -> None:
        """Say of what gradients are shown."""
        if self._editor is None:
            return
        room = self.fontMetrics().averageCharWidth() * 24
        name = self.fontMetrics().elidedText(root_name(self._editor) or "", Qt.TextElideMode.ElideMiddle, room)
        none = not name and bool(self._editor.graph.nodes) and self._editor.live.status == "live"
        self.root.setText(none_text(self._editor) if none or why_no_gradient(self._editor) else f"gradients of {name}")
        self.root.setVisible(bool(name) or none)
        click = "Click to go there" if name else "Select the node that they are to be taken of, and press this"
        self.root.setToolTip(f"Gradients of: {root_text(self._editor)}\n{click}")
        _colour(self.root, self._theme.gradient)

    def _show_wrong(self) -> None:
        """Go to where the first NaN begins; else show the problems."""
        editor = self._editor
        begun = None if editor is None or editor.problems or failures(editor) else editor.live.origin
        if editor is not None and begun is not None and begun.node in editor.graph.nodes:
            editor.show(begun.node)
        else:
            self.problems_wanted.emit()

    def _show_root(self) -> None:
        if self._editor is not None:
            show_root(self._editor)

    def _resume(self) -> None:
        if self._editor is None:
            return
        if self._editor.stepper.active:
            self._editor.stepper.leave()
        else:
            self._editor.live.enabled = True
        self.refresh_live()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh_live()

    def set_theme(self, theme: Theme) -> None:
        """Draw with the colours of another theme."""
        self._theme = self.message.theme = theme
        self.selected.setStyleSheet(f"color: {theme.dim}; padding: 0 8px;")
        self.refresh()
        self.refresh_live()


def _values_are(editor: Editor) -> tuple[str, str]:
    """What state the values shown are in; what a click does where they rest."""
    status, click = editor.live.status, "Click to compute values again"
    if editor.stepper.active:
        status = _recorded(editor)
        click = "Values and gradients are those of the moment on the timeline. Click for live ones (Shift+F5)"
    return f"{status} · {mode}" if (mode := mode_line(editor)) else status, click


def _recorded(editor: Editor) -> str:
    """Of what the moment is that is stepped to: the graph looks as the document's does."""
    stepper = editor.stepper
    told = "replayed" if stepper.replayed else "recorded"
    if editor.results.gradients_are_stale:  # first: a long name of a run may be cut
        told += f", the {_changed(editor)} changed since"
    if (run := stepper.recordings.run) is not None:
        told += f", iteration {stepper.number:,} of the run {run.name}"
    return told


def _changed(editor: Editor) -> str:
    """What is other now than it was recorded."""
    stepper = editor.stepper
    if stepper.timeline is None or stepper.timeline.run.asked.graph != editor.graph:
        return "graph has"
    return "roots have" if editor.live.chosen != editor.results.starts else "values have"


def _colour(button: QToolButton, colour: str) -> None:
    """Its texts in this colour. A style sheet lays out the whole window, also where it is the one that is there."""
    sheet = f"color: {colour}; padding: 2px 8px;"
    if button.styleSheet() != sheet:
        button.setStyleSheet(sheet)
