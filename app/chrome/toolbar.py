"""The bar above the canvas: the file's name, undo and redo, Live with its state, search, theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy, QToolBar, QToolButton, QWidget

from ..look.fonts import sized
from ..look.narrow import BARE, LEVELS, TIGHT
from ..look.style import icon
from ..look.theme import Theme
from .line import Line

if TYPE_CHECKING:
    from ..editor import Editor
    from ..files.filing import Files
    from ..stepping.bar import StepperBar
    from ..window import Window


LETTERS = 18  # of a file's name that are always shown; the buttons behind it may not move with each file
FEWER_LETTERS = 10  # of them where there is little room
SPACE = 8  # logical pixels between groups
WORDED = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
# By how a state of Live begins, the word beside its button, which always has the room of the longest: nothing may move
# as it comes and goes. Of other states there is none: the button shows them, or they soon pass.
WORDS = {"error: ": "error", "live is paused": "paused"}
ICON = 18  # logical pixels at a text scale of 1
MARK = "●"  # of edits that are not saved


class Toolbar(QToolBar):
    """The toolbar of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__("Toolbar", window)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._window = window
        self.brand = _brand()
        self.name = Line(Qt.TextElideMode.ElideMiddle)
        self.name.setAccessibleName("File")
        self.name.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.mark = QLabel()
        self.mark.setToolTip("With edits that are not saved")
        self.live = QToolButton()
        self.live.setText("Live")
        self.live.setCheckable(True)
        self.live.setToolTip("Compute values as the graph is edited")
        self.live.toggled.connect(self._set_live)
        self.live_state = Line()
        self.live_state.setAccessibleName("State of Live")
        self.live_state.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.live_state.setProperty("rank", "second")
        self.theme_button = self._button("Switch between dark and light", self._switch_theme)
        self.search = self._button("Find an action (Ctrl+K)", lambda: window.popups.open_palette())
        self.undo = self._button("Undo", lambda: window.editor.undo())
        self.redo = self._button("Redo", lambda: window.editor.redo())
        self.brand_shown = self.addWidget(self.brand)
        for part in (self.mark, self.name, self._space(SPACE), self.undo, self.redo, self._space(SPACE)):
            self.addWidget(part)
        self.addWidget(self.live)
        self._state_shown = self.addWidget(self.live_state)
        self._middle = self.addWidget(self._spring())
        self.addWidget(self.search)
        self.addWidget(self.theme_button)
        self.stepper: StepperBar | None = None  # until there is something to follow
        self.setEnabled(False)
        self.set_theme(window.theme)

    def follow(self, editor: Editor, files: Files) -> None:
        """Show the state of these from now on."""
        for signal in (editor.changed, editor.replaced, files.changed):
            signal.connect(self.refresh)
        for signal in (editor.results_changed, editor.live.changed):
            signal.connect(self.refresh_live)
        from ..stepping.bar import StepperBar  # with the engine, which the first paint does not wait for

        self.stepper = StepperBar(editor, self._window.application.settings, self._window.theme)
        self.stepper.track.left.connect(lambda: self._window.canvas.setFocus())
        self.stepper.room_changed.connect(self._size)
        self.insertWidget(self._middle, self.stepper)
        self.removeAction(self._middle)  # the timeline takes that room
        self._size()
        self.setEnabled(True)
        self.refresh()

    def _button(self, text: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: act())
        return button

    def _space(self, width: int) -> QWidget:
        space = QWidget()
        space.setFixedWidth(width)
        return space

    def _spring(self) -> QWidget:
        spring = QWidget()
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return spring

    def refresh(self) -> None:
        """Show the name, and what can be undone."""
        name, path = self._window.files.name, self._window.files.path
        self.name.setText(name)
        self.name.setToolTip(str(path) if path is not None else f"{name}, not in a file yet")
        self.mark.setText(MARK if self._window.editor.home.document.dirty else "")
        history = self._window.editor.document.history
        for button, entry, word in ((self.undo, history.next_undo, "Undo"), (self.redo, history.next_redo, "Redo")):
            button.setEnabled(entry is not None)
            button.setToolTip(f"{word}: {entry.label}" if entry else f"Nothing to {word.lower()}")
        self.refresh_live()

    def refresh_live(self) -> None:
        """Show whether values are computed, and what became of it."""
        live = self._window.editor.live
        self.live.blockSignals(True)  # this shows a value, it does not set one
        self.live.setChecked(live.enabled)
        self.live.blockSignals(False)
        word = next((word for begun, word in WORDS.items() if live.status.startswith(begun)), "")
        self.live_state.setText(word)
        self.live_state.setToolTip(live.status if word else "")  # the status bar says why as well

    def focus_timeline(self) -> None:
        """Give the keyboard to the timeline, where Space steps."""
        if self.stepper is not None and (layout := self.layout()) is not None:
            layout.activate()  # what is not shown yet a window that becomes active gives no keyboard
            self.stepper.track.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_live(self, on: bool) -> None:
        self._window.editor.live.enabled = on
        self.refresh_live()

    def _switch_theme(self) -> None:
        self._window.application.choose_theme("light" if self._window.theme.name == "dark" else "dark")

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in the colours of another theme."""
        if self.stepper is not None:
            self.stepper.set_theme(theme)
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")  # Qt's own, for what has no room
        if more is not None:
            more.setIcon(icon("chevron", theme.text))
            more.setStyleSheet("padding: 0; border: none;")  # Qt leaves it no room for more than the icon
        for button, name in ((self.undo, "undo"), (self.redo, "redo"), (self.search, "search")):
            button.setIcon(icon(name, theme.text))
        self.live.setIcon(icon("live", theme.good))
        self.theme_button.setIcon(icon("light" if theme.name == "dark" else "dark", theme.text))
        for label in (self.name, self.mark):
            label.setStyleSheet(f"color: {theme.dim};")
        self._size()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._size()
        super().resizeEvent(event)

    def _size(self) -> None:
        """As large as texts are now; in a narrow window the timeline goes before names and words."""
        scale = self._window.application.shown_scale
        side = round(ICON * scale)
        self.setIconSize(QSize(side, side))
        for button in self.stepper.findChildren(QToolButton) if self.stepper is not None else ():
            button.setIconSize(QSize(side, side))
        self.mark.setFixedWidth(self.fontMetrics().horizontalAdvance(MARK) + 2)
        level = next((each for each in LEVELS if needed(self, each) <= self.width()), LEVELS[-1])
        self.brand_shown.setVisible(level < TIGHT)
        self.name.setFixedWidth(name_width(self, level))
        self.live_state.setFixedWidth(state_width(self))
        self._state_shown.setVisible(level < BARE)
        self.live.setToolButtonStyle(WORDED if level < LEVELS[-1] else Qt.ToolButtonStyle.ToolButtonIconOnly)
        if self.stepper is not None:
            self.stepper.set_level(level)


# What it takes.


def name_width(bar: Toolbar, level: int) -> int:
    """Logical pixels of the file's name where there is so little room."""
    return bar.fontMetrics().averageCharWidth() * (FEWER_LETTERS if level >= TIGHT else LETTERS)


def state_width(bar: Toolbar) -> int:
    """Logical pixels of the word beside Live, whether there is one or not."""
    return max(map(bar.live_state.fontMetrics().horizontalAdvance, WORDS.values())) + 2


def needed(bar: Toolbar, level: int) -> int:
    """Logical pixels that all of a toolbar takes where there is so little room."""
    metrics, layout = bar.fontMetrics(), bar.layout()
    assert layout is not None, "a toolbar has one"
    state = state_width(bar) if level < BARE else 0
    word = metrics.horizontalAdvance(bar.live.text()) + SPACE if level < LEVELS[-1] else 0
    brand = bar.brand.sizeHint().width() if level < TIGHT else 0
    buttons = [bar.undo, bar.redo, bar.undo, bar.search, bar.theme_button]  # Live is as wide, but for its word
    widths = [brand, bar.mark.width(), name_width(bar, level), word, state, 3 * SPACE]
    widths += [button.sizeHint().width() for button in buttons]
    widths.append(0 if bar.stepper is None else bar.stepper.room(level))
    margins = layout.contentsMargins()
    return sum(widths) + layout.spacing() * len(bar.actions()) + margins.left() + margins.right()


def _brand() -> QLabel:
    made = QLabel("gradwire")
    made.setProperty("rank", "brand")
    made.setFont(sized(QFont(QApplication.font()), 1.15))
    return made
