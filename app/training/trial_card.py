"""A trial in the panel: how far it is, its verdict, what can be done about it, and Stop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ..inspecting.editors import set_property
from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.numbers import significant
from ..look.theme import Theme
from .verdicts import Verdict, verdict

if TYPE_CHECKING:
    from ...core.document import Transaction
    from ..editor import Editor
    from ..plots.rate_plot import RatePlot

PLOT = 200  # pixels: how high the plot of a range test is
RATE_TEST = "rates"


class TrialCard(QFrame):
    """Shows what the editor's trials tell; hidden where none was asked for."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self.trials = editor.training.trials
        self.verdict = Verdict()
        self.plot: RatePlot | None = None
        self.setObjectName("trial")
        self.title = QLabel()
        self.title.setFont(small(bold=True))
        self.close_button = QPushButton("Stop")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName("How much of the trial is done")
        self.text = label("", None, small(), wrap=True)
        self.go, self.take = QPushButton("Show the node"), QPushButton()
        for button in (self.close_button, self.go, self.take):
            button.setFont(small())
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        for button in (self.take, self.go):
            foot.addWidget(button)
        foot.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 5, 8, 6)
        self._column.setSpacing(4)
        self._column.addLayout(head)
        self._column.addWidget(self.progress)
        self._column.addWidget(self.text)
        self._column.addLayout(foot)
        self.close_button.clicked.connect(lambda: self.trials.stop() if self.trials.busy else self.trials.forget())
        self.go.clicked.connect(lambda: self.editor.show(self.verdict.node))
        self.take.clicked.connect(self._take)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        if self.plot is not None:
            self.plot.set_theme(theme)

    def refresh(self) -> None:
        """Show how far it is."""
        trials, trial = self.trials, self.trials.trial
        self.setVisible(trial is not None)
        if trial is None:
            return
        self.verdict = found = verdict(trial.id, trials.reports, self.editor.graph)
        self.title.setText(trial.text)
        self.title.setToolTip(trial.about)
        self.close_button.setText("Stop" if trials.busy else "Close")
        self.progress.setVisible(trials.busy)
        self.progress.setRange(0, 0 if found.share is None else 1000)
        self.progress.setValue(round(1000 * (found.share or 0.0)))
        lines = [trials.message] if trials.message else []
        self.text.setText("\n".join([*lines, *found.lines]) or ("…" if trials.busy else ""))
        kind = "" if trials.busy or found.good is None else "good" if found.good else "bad"
        set_property(self.text, "verdict", "failed" if lines and not found.lines else kind)
        self.go.setVisible(found.node in self.editor.graph.nodes and not trials.busy)
        self._show_rate(found.rate)
        self._show_plot(trial.id == RATE_TEST and bool(trials.reports))

    def _show_rate(self, rate: float | None) -> None:
        training = self.editor.graph.training
        offered = rate is not None and training is not None
        self.take.setVisible(offered)
        if rate is not None and training is not None:
            taken = training.optimiser.get("lr") == rate
            self.take.setEnabled(not taken)
            told = significant(rate, 3)
            self.take.setText(f"The learning rate is {told}" if taken else f"Set the learning rate to {told}")

    def _show_plot(self, wanted: bool) -> None:
        if wanted and self.plot is None:
            from ..plots.rate_plot import RatePlot  # with pyqtgraph, which takes its time

            self.plot = RatePlot(self.theme)
            self.plot.setMinimumHeight(PLOT)
            self.plot.export_wanted.connect(self.editor.wishes.export)
            self._column.addWidget(self.plot)
        if self.plot is not None:
            self.plot.setVisible(wanted)
            if wanted:
                last = self.trials.reports[-1]
                self.plot.show_rates(last.rates, last.losses, last.smoothed, self.verdict.rate)

    def _take(self) -> None:
        """The rate that was found, one undo."""
        rate = self.verdict.rate

        def act(t: Transaction) -> None:
            training = t.graph.training
            assert training is not None
            t.set_training(replace(training, optimiser={**training.optimiser, "lr": rate}))

        self.editor.attempt(f"Set lr to {rate:g}", act, source="training")
        self.refresh()
