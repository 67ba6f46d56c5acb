"""The step at which the stepper stands, explained: what its op does, by which rule, in numbers and in pictures."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from ...core.stepping import Moment
from ..bridge import Worker
from ..editor import Editor
from ..inspecting.parts import label
from ..inspecting.sheet import sheet
from ..lagging import Lagging
from ..look.seen import Sight, is_seen
from ..look.theme import Theme
from ..step_card.names import by_tab
from ..step_card.over_iterations import History, courses
from ..step_card.page import StepPage
from ..step_card.reading import Reading, read

AT_REST = "Step through the graph to see here how each step works: Space on the canvas does one, or this button."
AT_START = "Nothing is computed yet. The first step takes what is given."
_SHEET = """
QPushButton[role="node"] {{ border: none; background: transparent; padding: 1px 0; text-align: left; }}
QPushButton[role="node"]:hover, QPushButton[role="node"]:focus {{ color: {t.accent}; text-decoration: underline; }}
QPushButton[role="way"] {{ padding: 2px 6px; }}
QHeaderView::section {{ border-bottom: 1px solid {t.line}; }}
"""


class StepPanel(QWidget):
    """Follows the stepper while it is seen; behind another tab it reads nothing. Its parts are made when it is first
    seen.
    """

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self.reading: Reading | None = None
        self._asked: object = None  # the moment that is shown, or on its way
        self._worker: Worker | None = None  # begun with the first step that is shown
        self.scrolled = QScrollArea()
        self.scrolled.setWidgetResizable(True)
        self.scrolled.setFrameShape(QFrame.Shape.NoFrame)
        self.scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._stack = QStackedLayout(self)
        lag = Lagging(self)  # a graph that is large is painted before its step is explained
        lag.due.connect(self.refresh)
        for signal in (editor.results_changed, editor.replaced):
            signal.connect(lag.happen)
        editor.selection_changed.connect(self._show_history)
        sight = Sight(self)
        sight.first.connect(self._make)
        sight.changed.connect(lag.happen)
        self._made = False

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the colours of another theme, and in the size of text that is now chosen."""
        self.theme = theme
        if self._made:
            self._make()

    def _make(self) -> None:
        self._made, theme = True, self.theme
        self.setStyleSheet(sheet(theme) + _SHEET.format(t=theme))
        while (old := self._stack.widget(0)) is not None:
            self._stack.removeWidget(old)
            if old is not self.scrolled:
                old.deleteLater()
        self.page = StepPage(theme)
        self.page.node_wanted.connect(self._show_node)
        self.page.seeked.connect(self.editor.stepper.seek)
        self.page.expand_wanted.connect(self._expand)
        self.page.iteration_wanted.connect(self.editor.stepper.visit)
        self.page.answered.connect(self._bring_into_sight, Qt.ConnectionType.QueuedConnection)  # once it is laid out
        self.scrolled.setWidget(self.page)  # which deletes the one before
        self._stack.addWidget(self._invitation())
        self._stack.addWidget(self.scrolled)
        if self.reading is not None:
            self.page.show_reading(self.reading)
            self._stack.setCurrentIndex(1)
        self._asked = None
        self.refresh()

    def _bring_into_sight(self, told: QWidget) -> None:
        """Who asks does not look for the answer."""
        self.scrolled.ensureWidgetVisible(told, 0, 8)

    def _invitation(self) -> QWidget:
        """What stands there at rest."""
        page = QWidget()
        page.setObjectName("page")
        self.hint = label("", "dim", None, wrap=True)
        self.begin = by_tab(QPushButton("Step"))
        self.begin.clicked.connect(lambda: self.editor.stepper.step())
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 8, 10, 8)
        column.addWidget(self.hint)
        column.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return page

    def refresh(self) -> None:
        """Read the step anew where there is another one, and someone sees it."""
        if not is_seen(self):
            return
        if not self._made:
            self._make()
            return
        self.page.show_memory(self.editor.memory.now)
        moment = self.editor.stepper.moment
        if moment is None or moment.step is None:
            self.hint.setText(AT_REST if moment is None else AT_START)
            self.reading = self._asked = None
            if self._worker is not None:
                self._worker.cancel()
            self._stack.setCurrentIndex(0)
            return
        if moment is not self._asked:
            self._asked = moment
            self._read(moment)
        self._show_stale()

    def _read(self, moment: Moment) -> None:
        if self._worker is None:
            self._worker = Worker("step", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        self._worker.ask(lambda request: read(moment, lambda: request.cancelled))

    def _take(self, reading: Reading | None) -> None:
        if reading is None:
            return
        before, self.reading = self.reading, reading
        self.page.show_reading(reading)
        if before is None or before.title != reading.title:  # of another step its name comes first
            self.scrolled.verticalScrollBar().setValue(0)
        self._show_history()
        self._stack.setCurrentIndex(1)
        self._show_stale()

    def _show_history(self) -> None:
        """How the node that is selected went over iterations; without one, or one of which nothing is known, that of
        the step.
        """
        reading, stepper, graph = self.reading, self.editor.stepper, self.editor.graph
        if reading is None or not is_seen(self):
            return
        chosen, run = self.editor.active, stepper.recordings.run
        node, word = chosen if chosen in graph.nodes else None, "selected"
        found = tuple(courses(stepper.history, reading.moment, node))
        if node is None or len(found) < 2:  # beside the loss there is nothing of it
            node, word = reading.node, "at this step"
            found = tuple(courses(stepper.history, reading.moment, node))
        known = node is not None and node in graph.nodes and len(found) > 1
        of = f"{graph.path(str(node))}, {word}" if known else ""
        self.page.show_history(History(found, of, "" if run is None else f"run {run.name}"))

    def _fail(self, error: Exception) -> None:
        self.hint.setText(f"This step cannot be told: {error}")
        self._stack.setCurrentIndex(0)

    def _show_stale(self) -> None:
        node = None if self.reading is None else self.reading.node
        results = self.editor.results
        self.page.show_stale(node is not None and (results.is_stale(node) or results.gradients_are_stale))

    def _show_node(self, id: str) -> None:
        if id in self.editor.graph.nodes:
            self.editor.show(id)

    def _expand(self, id: str) -> None:
        if id in self.editor.graph.nodes:
            self.editor.wishes.parts.emit(id)
