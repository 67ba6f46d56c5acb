"""What is unusual about what is shown: the findings of all diagnoses, each with its place; choosing one goes there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ..bridge import Request, Worker
from ..lists.view import ListView, Row
from ..look.theme import Theme

if TYPE_CHECKING:
    from ...core.diagnosing import Finding
    from ...core.stepping import Timeline
    from ..editor import Editor

COLUMN = 190  # how wide the paths are
PATIENCE = 0.4  # seconds for which nothing else is computed before diagnoses are asked
NOTHING = "Nothing is computed yet that could be looked at"


class DiagnosisPanel(QWidget):
    """Looks at what Live has computed, or at the iteration that is stepped through, whenever that is another one."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.findings: tuple[Finding, ...] = ()
        self._worker: Worker | None = None
        self._asked: Callable[[], Timeline] | None = None
        self.list = ListView(theme, self, column=COLUMN)
        self.list.empty = NOTHING
        self.list.setAccessibleName("Diagnosis")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.addWidget(self.list)
        self.list.chosen.connect(self._go)
        editor.results_changed.connect(self.refresh)
        editor.replaced.connect(self._forget)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self.list.set_theme(theme)

    def refresh(self, *_: object) -> None:
        """Look at what is shown now, beside the window. A hidden panel looks at nothing."""
        if not self.isVisible():
            return
        lay_out = self.editor.results.timeline
        if lay_out is self._asked:
            return
        self._asked = lay_out
        if lay_out is None:
            self._tell(NOTHING)
            return
        if self._worker is None:
            self._worker = Worker("diagnosis", self, patience=PATIENCE)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(lambda error: self._tell(f"Nothing could be found out: {error}"))
        asked = lay_out

        def work(request: Request) -> tuple[Callable[[], Timeline], tuple[Finding, ...]]:
            from ...core.diagnosing import diagnose  # which a window that is only drawn in does not need

            return asked, diagnose(asked(), lambda: request.cancelled)

        self._worker.ask(work)

    def _forget(self) -> None:
        """Of another document nothing is known yet: its nodes may have the ids of the old one's."""
        self._asked = None
        self._tell(NOTHING)
        self.refresh()

    def _take(self, found: tuple[Callable[[], Timeline], tuple[Finding, ...]]) -> None:
        lay_out, findings = found
        if lay_out is self._asked:
            from ...core.diagnosing import RULES

            self.list.empty = f"Nothing is unusual: {len(RULES)} diagnoses have looked at values, gradients and wiring"
            self._show(findings)

    def _tell(self, text: str) -> None:
        self.list.empty = text
        self._show(())

    def _show(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        self.setWindowTitle(f"Diagnosis ({len(findings):,})" if findings else "Diagnosis")
        self.list.show_rows(len(findings), self._row, min(self.list.current, len(findings) - 1))

    def _row(self, index: int) -> Row:
        finding, graph = self.findings[index], self.editor.graph
        path = graph.called(finding.node)
        mend = f" ({finding.mend})" if finding.mend else ""
        mark = "warning" if finding.level == "alert" else "here"
        text = f"{finding.rule}: {finding.text}{mend}"
        return Row(path, text, mark=mark, tip=f"{path}\n{text}")

    def _go(self, row: int) -> None:
        node = self.findings[row].node
        if node in self.editor.graph.nodes:
            self.editor.show(node)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
