"""The run of the document: its buttons, where it is, its curves, a click on which steps through an iteration, and
beside them what is wrong with it and what trials have found out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..attaching.trained import ITS_CURVES, NO_FOLDER, NO_STEPS, NOT_OURS
from ..chrome.line import Line
from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.seen import Sight, is_seen
from ..look.style import icon
from ..look.theme import Theme
from ..plots.view import PlotsView
from ..training.beside import WIDE, Beside
from ..training.button_row import ButtonRow
from ..training.menus import more_button, trials_button
from ..training.stepping import step_to, stepped
from ..training.telling import can_pause, mark, share, status, stopped_early
from ..turns import Turns

if TYPE_CHECKING:
    from ..editor import Editor
    from ..plots.data import Curves
    from ..plots.page import PlotsPage

LEAST = 200  # pixels: however many buttons there are, the window may be made as small as its other panels allow
REFRESH = 200  # milliseconds between two looks at the run
NOTHING = "Train the graph: its curves grow here, and a click on one steps through that iteration."
_SHEET = """
QPushButton#train {{ background: {t.good}; color: {t.background}; border-color: {t.good}; font-weight: 600; }}
QPushButton#train:hover, QPushButton#train:focus {{ border-color: {t.text}; }}
QPushButton#train:disabled {{ background: transparent; color: {t.dim}; border-color: {t.line}; font-weight: 400; }}
QProgressBar {{ background: {t.field}; border: 0; border-radius: 2px; max-height: 4px; min-height: 4px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QLabel[kind="failed"] {{ color: {t.error}; }}
QLabel[kind="mark"] {{ color: {t.warning}; }}
"""


class TrainingPanel(QWidget):
    """Shows what the editor's training tells; plots are made with the first run that somebody sees."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self.training = training = editor.training
        self.plots: PlotsView | None = None
        self._shown: Curves | None = None
        self._icon: QIcon | None = None  # of the button that trains
        self._make()
        self._soon = QTimer(self, singleShot=True, interval=REFRESH)
        self._turns = Turns(self)
        self._soon.timeout.connect(self._take_turns)
        Sight(self).changed.connect(self._ask)
        script = editor.attaching.trained
        for signal in (training.changed, training.trained.changed, editor.changed, editor.replaced, script.changed):
            signal.connect(self._ask)
        editor.stepper.changed.connect(self._show_cursor)
        self.set_theme(theme)

    def _make(self) -> None:
        training = self.training
        self.train = QPushButton("Train")
        self.train.setObjectName("train")
        self.pause = QPushButton("Pause")
        self.stop = QPushButton("Stop")
        self.iteration = QPushButton("One iteration")
        self.epoch = QPushButton("One epoch")
        acts = (training.begin, training.pause_or_continue, training.stopping.stop)
        buttons = (self.train, self.pause, self.stop, self.iteration, self.epoch)
        for button, act in zip(buttons, (*acts, self._one("iteration"), self._one("epoch")), strict=True):
            button.clicked.connect(lambda _=False, act=act: act())
        self.tries, self.more = trials_button(self.editor), more_button(self.editor)
        self.beside = Beside(self.editor, self.theme)
        self.pause.setFixedWidth(max(self._wide("Pause"), self._wide("Continue")))
        self.status = Line()
        self.status.setAccessibleName("Where the run is")
        self.mark = QLabel()
        self.mark.setProperty("kind", "mark")
        self.message = label("", wrap=True)
        self.message.setProperty("kind", "failed")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName("How much of the run is done")
        self.empty = QLabel(NOTHING)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("rank", "second")
        self._lay_out((*buttons, self.tries, self.more))

    def _lay_out(self, buttons: Sequence[QWidget]) -> None:
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 6, 10, 4)
        self._column.setSpacing(5)
        self._buttons = ButtonRow(self._column, buttons, (self.iteration, self.epoch), (self.status, self.mark))
        for part in (self.progress, self.message):
            self._column.addWidget(part)
        self._body = QHBoxLayout()
        self._body.setSpacing(0)
        self._body.addWidget(self.empty, 1)
        self._body.addWidget(self.beside)
        self._column.addLayout(self._body, 1)
        self.setMinimumWidth(LEAST)

    def _one(self, what: str) -> Callable[[], None]:
        return lambda: self.training.one(what)

    def _wide(self, text: str) -> int:
        button = QPushButton(text)
        button.setFont(small())
        return button.sizeHint().width()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.setStyleSheet(_SHEET.format(t=theme))
        self.icons = {True: icon("play", theme.background), False: icon("play", theme.dim)}  # where it is enabled
        self.beside.set_theme(theme)
        if self.plots is not None:
            self.plots.set_theme(theme)
        self.refresh()

    def _ask(self, *_: object) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _take_turns(self) -> None:
        self._turns.take("run", self._show_run)
        self._turns.take("beside", self._show_beside)

    def refresh(self) -> None:
        """Show what there is by now, where somebody sees it."""
        self._show_run()
        self._show_beside()

    def _show_beside(self) -> None:
        if is_seen(self):
            self.beside.refresh()
            self.beside.setHidden(self.editor.attaching.trained.shown is not None or self.beside.isHidden())

    def _show_run(self) -> None:
        if not is_seen(self):
            return
        script = self.editor.attaching.trained
        foreign = self.editor.attaching.shows or (script.shown is not None and script.goes_on)
        _show_buttons(self, foreign)
        _show_lines(self, foreign)
        self._show_plots(self.training.curves if script.shown is None else script.shown)

    def _show_plots(self, curves: Curves | None) -> None:
        if curves is not None and self.plots is None:
            self.plots = PlotsView(self.theme, self)
            self.plots.clicked.connect(self._go_to)
            self.plots.export_wanted.connect(self.editor.wishes.export)
            self.plots.alone_wanted.connect(lambda: self.training.comparing.show(None))
            self.beside.plot_wanted.connect(self.plots.bring)
            self._column.insertWidget(self._column.indexOf(self._body), self.plots.head)  # as wide as the panel
            self._body.insertWidget(0, self.plots, 1)
        self.empty.setVisible(curves is None)
        if self.plots is None:
            return
        self.plots.setVisible(curves is not None)
        own = curves is self.training.curves
        self.plots.show_others(self.training.comparing.beside(self.training.run) if own else None)
        if curves is not self._shown:
            self._shown = curves
            self.plots.show_curves(curves)
        else:
            self.plots.follow()

    @property
    def page(self) -> PlotsPage | None:
        """The pages of plots, once there are some."""
        return None if self.plots is None else self.plots.page

    def _go_to(self, iteration: int) -> None:
        if self.editor.attaching.trained.shown is None:
            step_to(self.editor, iteration)
        else:
            self.editor.told.emit(NO_STEPS, "note")

    def _show_cursor(self) -> None:
        if self.plots is not None:
            self.plots.set_cursor(stepped(self.editor))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._buttons.arrange(self.width())
        self.beside.setFixedWidth(min(WIDE, self.width() * 2 // 5))


def _show_buttons(panel: TrainingPanel, foreign: bool) -> None:
    """Which of them do something now; none where what is shown is trained by a script."""
    training, state = panel.training, panel.training.state
    ready = bool(panel.editor.graph.nodes) and training.ready and not foreign
    panel.train.setEnabled(ready)
    if panel.icons[ready] is not panel._icon:  # a button with another icon has all laid out again
        panel._icon = panel.icons[ready]
        panel.train.setIcon(panel._icon)
    panel.pause.setText("Continue" if training.goes_on and not foreign else "Pause")
    panel.pause.setEnabled((can_pause(training) or training.goes_on) and not foreign)
    panel.stop.setEnabled(state in ("starting", "running", "paused"))
    for button in (panel.iteration, panel.epoch):
        button.setEnabled(ready or state in ("running", "paused"))
    panel.tries.setEnabled(panel.editor.graph.training is not None and not foreign)
    panel.more.setEnabled(not foreign)
    for button in (panel.train, panel.pause, panel.stop, panel.iteration, panel.epoch):
        button.setToolTip(NOT_OURS if foreign else "")
    if training.run is not None and not foreign and (early := stopped_early(training.run)):
        panel.pause.setToolTip(f"The run has stopped early: {early}. Train begins another")


def _show_lines(panel: TrainingPanel, foreign: bool) -> None:
    """Where the run is, or that of a script."""
    training, script = panel.training, panel.editor.attaching.trained
    panel.status.setText(status(training) if script.shown is None else script.words)
    panel.status.setToolTip(panel.status.text())
    panel.mark.setText(mark(panel.editor) if script.shown is None else ITS_CURVES)
    panel.mark.setToolTip("" if script.shown is None else NO_FOLDER)
    panel.mark.setVisible(bool(panel.mark.text()))
    panel.message.setText(training.message if script.shown is None and not foreign else "")
    panel.message.setVisible(bool(panel.message.text()))
    done = share(training.run) if script.shown is None else script.shown.share
    panel.progress.setValue(round(1000 * done))
    panel.progress.setVisible(training.run is not None or script.shown is not None)
