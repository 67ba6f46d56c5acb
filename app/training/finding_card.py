"""One finding of a run in the panel: what is wrong, what was measured, since when, where, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from ..chrome.buttons import ElidedButton, WrappedButton
from ..chrome.line import Line
from ..inspecting.editors import set_property
from ..inspecting.parts import label
from ..inspecting.sheet import small

if TYPE_CHECKING:
    from ...core.diagnosing.over_training import RunFinding

ALERT = "alert"


class FindingCard(QFrame):
    """A click, or Enter on its name, goes to its node; its button makes the mend."""

    chosen = Signal()
    mend_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding: RunFinding | None = None
        self.setObjectName("finding")
        self.sign = QLabel("●")
        self.name = ElidedButton()
        self.name.setObjectName("name")
        self.name.setFont(small(bold=True))
        self.where = Line(Qt.TextElideMode.ElideLeft)
        self.where.setFont(small())
        self.where.setProperty("rank", "second")
        self.since = QLabel()
        self.since.setFont(small())
        self.since.setProperty("rank", "second")
        self.text = label("", None, small(), wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)  # a click goes to the node
        self.mend = WrappedButton()
        self.mend.setFont(small())
        self.advice = label("", None, small(), wrap=True)
        self.advice.setProperty("rank", "second")
        self.advice.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._lay_out()
        self.name.clicked.connect(self.chosen)
        self.mend.clicked.connect(self.mend_wanted)

    def _lay_out(self) -> None:
        head, foot, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        head.setSpacing(5)
        for part in (self.sign, self.name):
            head.addWidget(part)
        head.addWidget(self.where, 1)
        head.addWidget(self.since)
        foot.addWidget(self.mend, 1, Qt.AlignmentFlag.AlignLeft)
        column.setContentsMargins(8, 5, 8, 6)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self.text)
        column.addWidget(self.advice)
        column.addLayout(foot)

    def show_finding(self, finding: RunFinding, where: str, mend: str, refused: str = "") -> None:
        """Show it as it is measured now; `where` is the path of its node, `mend` what its button says, if anything, and
        `refused` why that cannot be done now.
        """
        if self.finding is None or finding.level != self.finding.level:
            set_property(self.sign, "level", finding.level)
        self.finding = finding
        self.name.setText(finding.rule)
        self.name.setAccessibleDescription(f"{finding.level}: {finding.text}")
        self.where.setText(where)
        self.since.setText(f"since {finding.began:,}")
        self.text.setText(f"{finding.text[:1].upper()}{finding.text[1:]}")
        self.advise(finding.mend if not mend else "")
        self.mend.setText(mend)
        self.mend.setToolTip(refused or finding.mend)
        self.mend.setEnabled(not refused)
        self.mend.setVisible(bool(mend))
        self.setToolTip(f"{where}\n{finding.about}".strip())
        self.setCursor(Qt.CursorShape.PointingHandCursor if where else Qt.CursorShape.ArrowCursor)

    def advise(self, what: str) -> None:
        """Say in words what is to be done, where no button does it."""
        self.advice.setText(f"→ {what}")
        self.advice.setVisible(bool(what))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()
        super().mouseReleaseEvent(event)
