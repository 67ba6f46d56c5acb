"""Message bars above the canvas: what must be read or answered, without a window that blocks the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ..look.style import icon
from ..look.theme import Theme

_ICONS = {"note": ("note", "accent"), "warning": ("warning", "warning"), "error": ("error", "error")}


class Bar(QFrame):
    """One message, with a button for each answer; an answer closes it. `closed` also when it is only dismissed."""

    closed = Signal()

    def __init__(
        self, text: str, kind: str, answers: Mapping[str, Callable[[], object]], theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.text, self.kind = text, kind
        self._sign = QLabel(self)
        self.label = QLabel(text, self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addWidget(self.label, 1)
        self.buttons: dict[str, QPushButton] = {}
        for name, act in answers.items():
            button = QPushButton(name, self)
            button.clicked.connect(lambda _=False, act=act: self._answer(act))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
            row.addWidget(button)
            self.buttons[name] = button
        self._dismiss = QToolButton(self)
        self._dismiss.setToolTip("Close this message")
        self._dismiss.setAccessibleName("Close this message")
        self._dismiss.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._dismiss.clicked.connect(self.dismiss)
        row.addWidget(self._dismiss)
        self.set_theme(theme)

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
            f" border-left: 3px solid {getattr(theme, color)}; }}"
        )


class Bars(QWidget):
    """The bars of a window, newest at the bottom. One `name` is one bar: a new message takes the place of the old."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bars: dict[str, Bar] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_bar(
        self, name: str, text: str, kind: str = "note", answers: Mapping[str, Callable[[], object]] | None = None
    ) -> Bar:
        """Show a message; `kind` is "note", "warning" or "error", `answers` what its buttons say and do."""
        self.take_away(name)
        bar = Bar(text, kind, answers or {}, self._theme, self)
        bar.closed.connect(lambda: self._forget(name, bar))
        self._bars[name] = bar
        self._column.addWidget(bar)
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
