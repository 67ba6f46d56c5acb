"""Everything that is wrong with the document, each with its place; choosing one goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...core.infer import Problem
from ..lists.view import ListView, Row
from ..look.theme import Theme
from ..results.failures import failures

if TYPE_CHECKING:
    from ..editor import Editor

COLUMN = 190  # how wide the paths are at most
MEASURED = 50  # paths, of which the column is as wide as the widest


class ProblemsPanel(QWidget):
    """A list of problems, with their number in the title."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.problems: list[Problem] = []
        self.origin: Problem | None = None  # the one that says where NaN or infinity begins
        self._shown: list[Problem] = []  # those that the rows are about: what is new waits until the panel is seen
        self._stale = True
        self.list = ListView(theme, self, column=COLUMN, unfolds=True)
        self.list.empty = "No problems"
        self.list.setAccessibleName("Problems")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.addWidget(self.list)
        self.list.chosen.connect(self._go)
        for signal in (editor.checked, editor.results_changed, editor.replaced):
            signal.connect(self.refresh)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self.list.set_theme(theme)

    def refresh(self, *_: object) -> None:
        """Show what is wrong now. While the panel is hidden only its title is kept up to date."""
        problems = [*self.editor.problems, *failures(self.editor)]
        begun = self.editor.live.origin
        origin = None if begun is None else Problem(begun.node, None, begun.text)
        if origin is not None:
            problems.append(origin)
        if problems == self.problems and origin == self.origin and not self._stale:
            return
        self.problems, self.origin = problems, origin
        self.setWindowTitle(f"Problems ({len(problems):,})" if problems else "Problems")
        self._stale = True
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        self._shown = self.problems
        metrics, rows = self.list.fontMetrics(), map(self._row, range(min(len(self._shown), MEASURED)))
        self.list.column = min(max((metrics.horizontalAdvance(row.text) for row in rows), default=0), COLUMN)
        current = min(self.list.current, len(self._shown) - 1)
        self.list.show_rows(len(self._shown), self._row, current)
        self._stale = False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._show()

    def _row(self, index: int) -> Row:
        problem, graph = self._shown[index], self.editor.graph
        path = "document"
        if problem.node is not None:
            path = graph.called(problem.node) + (f".{problem.port}" if problem.port else "")
        mends = " or ".join(mend.label for mend in self.editor.checking.mends.get(problem, ()))
        tip = f"{path}: {problem.told}" + (f"\nPress Mend: {mends}" if mends else "")
        mark = "nonfinite" if problem is self.origin else "error"
        return Row(path, problem.told, note="a mend is known" if mends else "", mark=mark, tip=tip)

    @property
    def row_node(self) -> str | None:
        """The node that the row with the keyboard is about."""
        row = self.list.current
        node = self._shown[row].node if 0 <= row < len(self._shown) else None
        return node if node in self.editor.graph.nodes else None

    def _go(self, row: int) -> None:
        node, graph = self._shown[row].node, self.editor.graph
        if node is not None and (node in graph.nodes or node in graph.groups):
            self.editor.show(node)
