"""What stands beside the curves: the trial that was asked for, what is wrong with the run now, and what is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.theme import Theme
from .finding_card import FindingCard
from .mends import EARLIER, is_made, mend, mend_label, mend_refused
from .noticed import ALERT
from .trial_card import TrialCard

if TYPE_CHECKING:
    from ...core.diagnosing.over_training import RunFinding
    from ..editor import Editor
    from .noticed import Noticed

WIDE = 264  # pixels: in a window of 1400 two plots stand beside it
MOST, MOST_OVER = 30, 12  # findings that are told, and such that are over
NOTHING = "Nothing is unusual now."
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
    """Of one editor. `refresh` whenever there may be more.

    It has its place from the beginning of a run on, so that curves stay where they are when something is found.
    """

    plot_wanted = Signal(str)  # the title of the plot that shows where a finding holds

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.cards: dict[tuple[str, str], FindingCard] = {}
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab leads to what is in it
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
        editor.findings.mends.found.connect(self.refresh)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(_SHEET.format(t=theme))
        self.trial.set_theme(theme)

    def refresh(self) -> None:
        """Show what there is now."""
        training = self.editor.training
        self.trial.refresh()
        noticed = None if training.curves is None else training.curves.noticed
        found = together(() if noticed is None else self.editor.findings.of_run)[:MOST]
        self._show_cards(found)
        over = [] if noticed is None else over_lines(noticed.over, self._path)[:MOST_OVER]
        self.over.setText("\n".join(f"over: {each}" for each in over))
        self.over.setVisible(bool(over))
        misfit = "" if training.run is None else str(training.run.facts.get("misfit", ""))
        nothing = NOTHING if training.run is not None and not found and not misfit else self._more(noticed)
        self.nothing.setText("\n".join(filter(None, (misfit, nothing))))
        self.nothing.setVisible(bool(self.nothing.text()))
        self.setVisible(training.run is not None or training.trials.trial is not None)

    def _path(self, node: str) -> str:
        """What a node of the run is called, nothing where there is none."""
        run = self.editor.training.run
        return "" if not node or run is None else run.graph.called(node)

    def _more(self, noticed: Noticed | None) -> str:
        """How many findings are not told."""
        more = 0 if noticed is None else len(together(self.editor.findings.of_run)) - MOST
        return f"and {more:,} more, which the Diagnosis panel lists" if more > 0 else ""

    def _show_cards(self, found: Sequence[tuple[RunFinding, Sequence[str]]]) -> None:
        """The same cards as long as the same is found: a button must not go from under the pointer."""
        keys = [each.key for each, _ in found]
        if keys != list(self.cards):
            kept = {key: self.cards.get(key) or self._made() for key in keys}
            for key in self.cards.keys() - kept.keys():
                self.cards[key].deleteLater()
                self.cards[key].hide()
            for number, card in enumerate(kept.values()):
                self._cards.insertWidget(number, card)
            self.cards = kept
        for each, others in found:
            where = self._path(each.node) + (f" +{len(others):,}" if others else "")
            card = self.cards[each.key]
            card.show_finding(each, where, mend_label(self.editor, each), mend_refused(self.editor, each))
            if is_made(self.editor, each) and not self.editor.training.active:
                card.advise(EARLIER)
            if others:
                card.setToolTip("\n".join([each.about, *map(self._path, (each.node, *others))]))
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


def together(found: Iterable[RunFinding]) -> list[tuple[RunFinding, Sequence[str]]]:
    """Findings, and with each the other nodes of which the same rule says that the same helps: an alert of one node
    stands by itself, hints of many are one.
    """
    alike: dict[object, list[RunFinding]] = {}
    for each in found:
        key = each.key if each.level == ALERT or each.edit is not None else (each.rule, each.mend)
        alike.setdefault(key, []).append(each)
    return [(first, [each.node for each in others]) for first, *others in alike.values()]


def over_lines(over: Iterable[RunFinding], path: Callable[[str], str]) -> list[str]:
    """`loss at start, loss, 1 to 8`, the last that ended first; what came and went is one line."""
    spans: dict[tuple[str, str], list[RunFinding]] = {}
    for each in reversed(list(over)):
        spans.setdefault(each.key, []).append(each)
    lines = []
    for (rule, node), ended in spans.items():
        first, last = min(each.began for each in ended), max(each.number for each in ended)
        span = f"{first:,}" if first == last else f"{first:,} to {last:,}"
        times = f"{len(ended):,} times" if len(ended) > 1 else ""
        lines.append(", ".join(filter(None, (rule, path(node), times, span))))
    return lines
