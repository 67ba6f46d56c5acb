"""What stands beside the curves: the trial that was asked for, what is wrong with the run now, and what is over."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.theme import Theme
from .finding_card import FindingCard
from .mends import mend, mend_label, mend_refused
from .trial_card import TrialCard

if TYPE_CHECKING:
    from ...core.diagnosing.over_training import RunFinding
    from ..editor import Editor
    from .noticed import Noticed

WIDE = 340  # pixels
OFTEN = 0.5  # seconds between two tellings of how the same findings are measured while a run goes on
MOST, MOST_OVER = 30, 12  # findings that are told, and such that are over
_SHEET = """
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QFrame#finding, QFrame#trial {{ background: {t.background}; border: 1px solid {t.line}; border-radius: 5px; }}
QFrame#finding:hover {{ border-color: {t.dim}; }}
QFrame#finding QLabel, QFrame#trial QLabel {{ border: none; background: transparent; }}
QPushButton#name {{ border: none; background: transparent; padding: 0; text-align: left; min-height: 0; }}
QPushButton#name:hover, QPushButton#name:focus {{ color: {t.accent}; text-decoration: underline; }}
QLabel[level="alert"] {{ color: {t.warning}; }}
QLabel[level="hint"] {{ color: {t.dim}; }}
QLabel[verdict="good"] {{ color: {t.good}; }}
QLabel[verdict="bad"] {{ color: {t.warning}; }}
QLabel[verdict="failed"] {{ color: {t.error}; }}
"""


class Beside(QScrollArea):
    """Of one editor. `refresh` whenever there may be more; it shows itself once there is anything."""

    plot_wanted = Signal(str)  # the title of the plot that shows where a finding holds

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.cards: dict[tuple[str, str], FindingCard] = {}
        self._told_at = 0.0  # when the cards were last written, by the monotonic clock
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(WIDE)
        self.setAccessibleName("Trial and findings")
        self.trial = TrialCard(editor, theme)
        self.nothing = label("", None, small(), wrap=True)
        self.over = label("", None, small(), wrap=True)
        inside = QWidget()
        column, self._cards = QVBoxLayout(inside), QVBoxLayout()
        for layout in (column, self._cards):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(6)
        column.setContentsMargins(8, 8, 4, 8)
        for part in (self.nothing, self.over):
            part.setProperty("rank", "second")
        column.addWidget(self.trial)
        column.addWidget(self.nothing)
        column.addLayout(self._cards)
        column.addWidget(self.over)
        column.addStretch(1)
        self.setWidget(inside)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(_SHEET.format(t=theme))
        self.trial.set_theme(theme)

    def refresh(self) -> None:
        """Show what there is now."""
        training = self.editor.training
        self.trial.refresh()
        noticed = None if training.curves is None else training.curves.noticed
        found = () if noticed is None else noticed.worst_first[:MOST]
        self._show_cards(found)
        over = [] if noticed is None else noticed.over[-MOST_OVER:]
        self.over.setText("\n".join(f"over: {_over(each)}" for each in reversed(over)))
        self.over.setVisible(bool(over))
        misfit = "" if training.run is None else str(training.run.facts.get("misfit", ""))
        nothing = "Nothing is unusual now." if over and not found and not misfit else self._more(noticed)
        self.nothing.setText("\n".join(filter(None, (misfit, nothing))))
        self.nothing.setVisible(bool(self.nothing.text()))
        self.setVisible(bool(found or over or misfit or training.trials.trial is not None))

    def _more(self, noticed: Noticed | None) -> str:
        """How many findings are not told."""
        more = 0 if noticed is None else len(noticed.now) - MOST
        return f"and {more:,} more, which the Diagnosis panel lists" if more > 0 else ""

    def _show_cards(self, found: tuple[RunFinding, ...]) -> None:
        """The same cards as long as the same is found: a button must not go from under the pointer."""
        keys = [each.key for each in found]
        measured_anew = self.editor.training.state != "running" or monotonic() - self._told_at > OFTEN
        if measured_anew:
            self._told_at = monotonic()
        if keys != list(self.cards):
            kept = {key: self.cards.get(key) or self._made() for key in keys}
            for key in self.cards.keys() - kept.keys():
                self.cards[key].deleteLater()
                self.cards[key].hide()
            for number, card in enumerate(kept.values()):
                self._cards.insertWidget(number, card)
            self.cards = kept
        run = self.editor.training.run
        for each in found:
            where = "" if not each.node or run is None else run.graph.called(each.node)
            card = self.cards[each.key]
            shown = each if measured_anew or card.finding is None or card.finding.level != each.level else card.finding
            card.show_finding(shown, where, mend_label(self.editor, each), mend_refused(self.editor, each))
            card.show()

    def _made(self) -> FindingCard:
        card = FindingCard()
        card.chosen.connect(lambda: self._go(card))
        card.mend_wanted.connect(lambda: self._mend(card))
        return card

    def _go(self, card: FindingCard) -> None:
        """To its plot, and to the node, where there is one and it is still there."""
        node = "" if card.finding is None else card.finding.node
        if card.finding is not None:
            self.plot_wanted.emit(card.finding.plot)
        if node in self.editor.graph.nodes:
            self.editor.show(node)
        elif node:
            self.editor.told.emit(f"{card.where.text()} is no longer in the graph", "refusal")

    def _mend(self, card: FindingCard) -> None:
        if card.finding is not None:
            mend(self.editor, card.finding)
            self.refresh()


def _over(finding: RunFinding) -> str:
    """`loss at start, 1 to 8`."""
    span = f"{finding.began:,}" if finding.number == finding.began else f"{finding.began:,} to {finding.number:,}"
    return f"{finding.rule}, {span}"
