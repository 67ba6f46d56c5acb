"""Message bars above the canvas: what must be read or answered, without a window that blocks the others.

However much they say, the window stays as large as it is: where there is little room, buttons go beneath the text,
the text is cut with all of it as its tooltip, and of more than two bars the newest two are in sight, and the others
are scrolled to: a graph must not be pushed away by what is said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..look.style import icon
from ..look.theme import Theme
from ..look.wrapping import height_of, wrapped

_ICONS = {"note": ("note", "accent"), "warning": ("warning", "warning"), "error": ("error", "error")}
IN_SIGHT = 2  # bars, where there are more
SHARE = 0.6  # of the height above the panels that bars may take
BUTTONS = 0.33  # of a bar's width that its buttons may take, beside the text
LINES = 2  # of a text that are shown in any case
EDGE, SPACE = 3, 8  # the colour at the left, and between what stands in a bar


Act = Callable[[], object]
Answers = Mapping[str, Act | Mapping[str, Act]]  # what buttons say and do; several acts are those of a menu


class Fit(NamedTuple):
    """How a bar is laid out: whether its buttons are beneath the text, and of that what is shown, how high."""

    beneath: bool
    shown: str
    lines: int
    height: int
    cut: bool  # whether there is more than is shown


class Bar(QFrame):
    """One message, with a button for each answer; an answer closes it. `closed` also when it is only dismissed.

    `put_away` is told before that where the user closes it without an answer.
    """

    closed = Signal()
    put_away = Signal()

    def __init__(self, text: str, kind: str, answers: Answers, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.text, self.kind = text, kind
        self._sign = QLabel(self)
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.buttons: dict[str, QPushButton] = {}
        for name, act in answers.items():
            button = QPushButton(name, self)
            if isinstance(act, Mapping):
                button.setMenu(self._menu(act))
            else:
                button.clicked.connect(lambda _=False, act=act: self._answer(act))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
            self.buttons[name] = button
        self._dismiss = QToolButton(self)
        self._dismiss.setToolTip("Close this message")
        self._dismiss.setAccessibleName("Close this message")
        self._dismiss.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._dismiss.clicked.connect(self.put_away)
        self.put_away.connect(self.dismiss)
        self._lay_out()
        self.set_theme(theme)

    def _menu(self, acts: Mapping[str, Act]) -> QMenu:
        menu = QMenu(self)
        for name, act in acts.items():
            menu.addAction(name.replace("&", "&&"), partial(self._answer, act))
        return menu

    def _lay_out(self) -> None:
        row, self._answers = QHBoxLayout(self), QHBoxLayout()
        self._row = row
        self._message = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setContentsMargins(12, 6, 8, 6)
        for layout in (row, self._message, self._answers):
            layout.setSpacing(SPACE)
        for button in self.buttons.values():
            self._answers.addWidget(button)
        self._message.addWidget(self.label, 1)
        self._message.addLayout(self._answers)
        row.addWidget(self._sign)
        row.addLayout(self._message, 1)
        row.addWidget(self._dismiss)

    def fitting(self, width: int, height: int) -> Fit:
        """How it is laid out in this width, not higher than this where two lines of the text will do."""
        outer, beside = self._row.contentsMargins(), self._answers.sizeHint()
        beneath = beside.width() > width * BUTTONS
        taken = EDGE + outer.left() + outer.right() + self._sign.sizeHint().width() + self._dismiss.sizeHint().width()
        room = width - taken - 2 * SPACE - (0 if beneath or not self.buttons else beside.width() + SPACE)
        around = outer.top() + outer.bottom() + 1
        low = beside.height() + SPACE if beneath else 0
        line = height_of(1, self.label.font())
        most = max(LINES, (height - around - low) // line)
        whole = wrapped(self.text, self.label.font(), room, len(self.text) + 1)
        shown = wrapped(self.text, self.label.font(), room, most)
        lines = height_of(len(shown), self.label.font())
        high = max(lines + low, beside.height(), self._dismiss.sizeHint().height())
        return Fit(beneath, "\n".join(shown), lines, around + high, len(whole) > most)

    def take(self, fit: Fit) -> None:
        """Lay it out so."""
        ways = QBoxLayout.Direction
        self._message.setDirection(ways.TopToBottom if fit.beneath else ways.LeftToRight)
        self._answers.setAlignment(Qt.AlignmentFlag.AlignLeft if fit.beneath else Qt.AlignmentFlag.AlignVCenter)
        self.label.setText(fit.shown)
        self.label.setFixedHeight(fit.lines)
        self.label.setToolTip(self.text if fit.cut else "")
        self.setFixedHeight(fit.height)

    def dismiss(self) -> None:
        """Take the message away."""
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def _answer(self, act: Callable[[], object]) -> None:
        self.dismiss()
        act()

    def set_theme(self, theme: Theme) -> None:
        """Draw with the colours of another theme."""
        sign, color = _ICONS[self.kind]
        self._sign.setPixmap(icon(sign, getattr(theme, color)).pixmap(18, 18))
        self._dismiss.setIcon(icon("close", theme.dim))
        self.setStyleSheet(
            f"Bar {{ background: {theme.raised}; border: 0; border-bottom: 1px solid {theme.line};"
            f" border-left: {EDGE}px solid {getattr(theme, color)}; }}"
        )


class Bars(QScrollArea):
    """The bars of a window, newest at the bottom. One `name` is one bar: a new message takes the place of the old."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bars: dict[str, Bar] = {}
        shown = QWidget()
        self._column = QVBoxLayout(shown)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setWidget(shown)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._brings_newest = False
        self.verticalScrollBar().rangeChanged.connect(self._bring_newest)

    def show_bar(self, name: str, text: str, kind: str = "note", answers: Answers | None = None) -> Bar:
        """Show a message; `kind` is "note", "warning" or "error", `answers` what its buttons say and do."""
        self.take_away(name)
        bar = Bar(text, kind, answers or {}, self._theme, self)
        bar.closed.connect(lambda: self._forget(name, bar))
        self._bars[name] = bar
        self._column.addWidget(bar)
        self._brings_newest = True
        self._lay_out()
        return bar

    def take_away(self, *names: str) -> None:
        """Close the bars of these names; without a name, all."""
        for name in names or tuple(self._bars):
            if name in self._bars:
                self._bars[name].dismiss()

    def get(self, name: str) -> Bar | None:
        """The bar of this name, if it is shown."""
        return self._bars.get(name)

    def names(self) -> list[str]:
        """The names of the bars that are shown."""
        return list(self._bars)

    def texts(self) -> list[str]:
        """What is to be read now."""
        return [bar.text for bar in self._bars.values()]

    def set_theme(self, theme: Theme) -> None:
        """Draw with the colours of another theme."""
        self._theme = theme
        for bar in self._bars.values():
            bar.set_theme(theme)

    def _forget(self, name: str, bar: Bar) -> None:
        if self._bars.get(name) is bar:
            del self._bars[name]
            self._lay_out()

    def _bring_newest(self, _: int, most: int) -> None:
        """A new bar is in sight as soon as it has its place."""
        if self._brings_newest and most:
            self._brings_newest = False
            self.verticalScrollBar().setValue(most)

    # How high they are.

    def sizeHint(self) -> QSize:
        return QSize(0, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def heightForWidth(self, width: int) -> int:
        return self._seen(self._fits(width))

    def _seen(self, fits: list[Fit]) -> int:
        """How much of them is in sight at once."""
        return min(sum(fit.height for fit in fits[-IN_SIGHT:]), self._share)

    @property
    def _share(self) -> int:
        around = self.parentWidget()
        return 0 if around is None else round(around.height() * SHARE)

    def _fits(self, width: int) -> list[Fit]:
        """How all are laid out in this width, less that of a scroll bar where they need one."""
        each = self._share // min(max(len(self._bars), 1), IN_SIGHT)
        fits = [bar.fitting(width, each) for bar in self._bars.values()]
        if sum(fit.height for fit in fits) > self._seen(fits):
            width -= self.verticalScrollBar().sizeHint().width()
            fits = [bar.fitting(width, each) for bar in self._bars.values()]
        return fits

    def _lay_out(self) -> None:
        for bar, fit in zip(self._bars.values(), self._fits(self.width()), strict=True):
            bar.take(fit)
        self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
