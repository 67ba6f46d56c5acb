"""What is unusual about what is shown, and about the run of training: the findings of all diagnoses, each with its
place; choosing one goes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ..lists.view import ListView, Row
from ..look.seen import Sight, is_seen
from ..look.theme import Theme
from ..wording import counted

if TYPE_CHECKING:
    from ..editor import Editor
    from ..results.findings import AnyFinding

COLUMN = 190  # how wide the paths are
NOTHING = "Nothing is computed yet"


class DiagnosisPanel(QWidget):
    """Lists what the editor's findings know; while it is visible, large graphs are looked at too."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.findings: tuple[AnyFinding, ...] = ()  # those of the run first
        self.list = ListView(theme, self, column=COLUMN, unfolds=True)
        self.list.empty = NOTHING
        self.list.setAccessibleName("Diagnosis")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.addWidget(self.list)
        self.list.chosen.connect(self._go)
        editor.findings.changed.connect(self.refresh)
        editor.findings.mends.found.connect(self.refresh)
        Sight(self).changed.connect(self.refresh)

    def set_theme(self, theme: Theme) -> None:
        self.list.set_theme(theme)

    def refresh(self) -> None:
        """Show what is known now; of a panel that nobody sees the title alone, which stands on its tab."""
        known = self.editor.findings
        found: tuple[AnyFinding, ...] = (*known.of_run, *known.found)
        self.setWindowTitle(f"Diagnosis ({len(found):,})" if found else "Diagnosis")
        if not is_seen(self):
            return
        self.list.empty = known.refused or NOTHING
        if known.looked:
            self.list.empty = self._all_quiet()
        self._show(found)

    def _all_quiet(self) -> str:
        """That nothing was found, and of what that says something."""
        from ...core.diagnosing import RULES

        problems = len(self.editor.problems)
        if problems:
            rest = f"{counted(problems, 'problem')} {'keeps' if problems == 1 else 'keep'} the rest from it"
            return f"Nothing is unusual in what can be computed: {rest} (Problems)"
        if self.editor.live.root is None:
            return "Nothing is unusual in values and wiring; there are no gradients to look at"
        return f"Nothing is unusual: {len(RULES)} diagnoses have looked at values, gradients and wiring"

    def _show(self, findings: tuple[AnyFinding, ...]) -> None:
        self.findings = findings
        self._ask_for_mends()
        self.list.show_rows(len(findings), self._row, min(self.list.current, len(findings) - 1))

    def _ask_for_mends(self) -> None:
        """What is seen tells whether a mend is known."""
        if is_seen(self):
            for each in self.findings:
                self.editor.findings.mends.of(each)

    def _row(self, index: int) -> Row:
        finding, graph = self.findings[index], self.editor.graph
        path = graph.called(finding.node) or "the run"
        mend = f" ({finding.mend})" if finding.mend else ""
        mark = "warning" if finding.level == "alert" else "here"
        text = f"{finding.rule}: {finding.text}{mend}"
        since = f"in training since {began:,}" if (began := getattr(finding, "began", None)) is not None else ""
        known = " or ".join(each.label for each in self.editor.findings.mends.known(finding))
        note = ", ".join(filter(None, (since, "a mend is known" if known else "")))
        mended = f"Choose it, or press Mend: {known}" if known else ""
        return Row(path, text, note=note, mark=mark, tip="\n".join(filter(None, (path, text, since, mended))))

    @property
    def row_node(self) -> str | None:
        """The node that the row with the keyboard is about."""
        row = self.list.current
        node = self.findings[row].node if 0 <= row < len(self.findings) else None
        return node if node in self.editor.graph.nodes else None

    def _go(self, row: int) -> None:
        finding = self.findings[row]
        if finding.node not in self.editor.graph.nodes:
            return
        self.editor.show(finding.node)
        if self.editor.findings.mends.of(finding) != ():  # the bar offers them
            self.editor.questions.finding(finding)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.editor.findings.want_large(True)
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._ask_for_mends()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.editor.findings.want_large(False)
