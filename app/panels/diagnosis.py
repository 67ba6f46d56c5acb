"""What is unusual about what is shown: the findings of all diagnoses, each with its place; choosing one goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ..lists.view import ListView, Row
from ..look.theme import Theme

if TYPE_CHECKING:
    from ...core.diagnosing import Finding
    from ..editor import Editor

COLUMN = 190  # how wide the paths are
NOTHING = "Nothing is computed yet"


class DiagnosisPanel(QWidget):
    """Lists what the editor's findings know; while it is visible, large graphs are looked at too."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.findings: tuple[Finding, ...] = ()
        self.list = ListView(theme, self, column=COLUMN)
        self.list.empty = NOTHING
        self.list.setAccessibleName("Diagnosis")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.addWidget(self.list)
        self.list.chosen.connect(self._go)
        editor.findings.changed.connect(self.refresh)

    def set_theme(self, theme: Theme) -> None:
        self.list.set_theme(theme)

    def refresh(self) -> None:
        """Show what is known now; of a hidden panel the title alone, which stands on its tab."""
        known = self.editor.findings
        self.setWindowTitle(f"Diagnosis ({len(known.found):,})" if known.found else "Diagnosis")
        if not self.isVisible():
            return
        self.list.empty = known.refused or NOTHING
        if known.looked:
            from ...core.diagnosing import RULES

            self.list.empty = f"Nothing is unusual: {len(RULES)} diagnoses have looked at values, gradients and wiring"
        self._show(known.found)

    def _show(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        self.list.show_rows(len(findings), self._row, min(self.list.current, len(findings) - 1))

    def _row(self, index: int) -> Row:
        finding, graph = self.findings[index], self.editor.graph
        path = graph.called(finding.node)
        mend = f" ({finding.mend})" if finding.mend else ""
        mark = "warning" if finding.level == "alert" else "here"
        text = f"{finding.rule}: {finding.text}{mend}"
        return Row(path, text, mark=mark, tip=f"{path}\n{text}")

    @property
    def row_node(self) -> str | None:
        """The node that the row with the keyboard is about."""
        row = self.list.current
        node = self.findings[row].node if 0 <= row < len(self.findings) else None
        return node if node in self.editor.graph.nodes else None

    def _go(self, row: int) -> None:
        node = self.findings[row].node
        if node in self.editor.graph.nodes:
            self.editor.show(node)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.editor.findings.want_large(True)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.editor.findings.want_large(False)
