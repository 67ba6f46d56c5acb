"""A small "?" beside a plot that explains this very plot, with its own numbers, in a panel that stays."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from ..look.theme import Theme
from .sheet import small

ASKED = "How do I read this plot?"
WIDE = 340  # pixels of the panel


class HowToRead(QToolButton):
    """Shows what `explain` says, until either is clicked, Escape is pressed, or the plot goes out of sight."""

    def __init__(self, theme: Theme, explain: Callable[[], tuple[str, ...]], parent: QWidget) -> None:
        super().__init__(parent)
        self.theme, self._explain = theme, explain
        self._panel: _Panel | None = None
        self.setText("?")
        self.setFont(small(bold=True))
        self.setStyleSheet("QToolButton { padding: 0; }")
        self.setFixedSize(*[self.fontMetrics().height() + 3] * 2)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(ASKED)
        self.setAccessibleName(ASKED)
        self.clicked.connect(self.toggle)

    @property
    def text_shown(self) -> str:
        """The explanation where it is shown, else nothing."""
        return "" if self._panel is None else self._panel.text()

    def toggle(self) -> None:
        """Show the explanation, or take it away."""
        if self._panel is not None:
            self.end()
            return
        self._panel = _Panel(self, self.window())
        self._panel.installEventFilter(self)
        self.window().installEventFilter(self)
        self.refresh()

    def refresh(self) -> None:
        """The plot shows something else."""
        if self._panel is None:
            return
        lines = self._explain()
        if not lines:
            self.end()
            return
        self._panel.setText("\n".join(lines))
        self.setAccessibleDescription(self._panel.text())
        self._place()

    def end(self) -> None:
        """Take the explanation away."""
        panel, self._panel = self._panel, None
        if panel is not None:
            self.window().removeEventFilter(self)
            panel.hide()
            panel.deleteLater()
            self.setAccessibleDescription("")

    def _place(self) -> None:
        """Above the button, where it hides nothing of the plot, or beneath it; and within the window."""
        panel, window = self._panel, self.window()
        if panel is None:
            return
        panel.ensurePolished()  # or its height is that of another font
        wide = min(WIDE, window.width() - 16)
        panel.resize(wide, panel.heightForWidth(wide))
        corner = self.mapTo(window, QPoint(self.width() - wide, 0))
        above = corner.y() - 4 - panel.height()
        panel.move(max(corner.x(), 8), above if above >= 8 else corner.y() + self.height() + 4)
        panel.show()
        panel.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and watched is self._panel:
            self.end()
            return True
        if event.type() == QEvent.Type.Resize and watched is not self._panel:
            self.end()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._panel is not None:
            self.end()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.end()


class _Panel(QLabel):
    """The words, over all that lies beneath."""

    def __init__(self, button: HowToRead, window: QWidget) -> None:
        super().__init__(window)
        theme = button.theme
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(small())
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(ASKED)
        self.setContentsMargins(8, 6, 8, 6)
        self.setStyleSheet(
            f"QLabel {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.accent};"
            " border-radius: 5px; }"
        )
