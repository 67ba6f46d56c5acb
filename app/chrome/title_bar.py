"""The title of a panel that stands for itself: its name, and what lets it float and takes it away.

Qt's own one has icons of a fixed size, in colours that are not the theme's.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from ..look.style import icon
from ..look.theme import Theme
from .line import Line

ICON = 14  # logical pixels at a text scale of 1


class TitleBar(QWidget):
    """Of one dock, which is dragged by what of it takes no mouse."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self.title = Line()
        self.title.setText(dock.windowTitle())
        self.title.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.title.setStyleSheet("font-weight: 600;")
        dock.windowTitleChanged.connect(self.title.setText)
        self.float_button = self._button("Let this panel float, or dock it again")
        self.float_button.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self.close_button = self._button("Hide this panel")
        self.close_button.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 4, 2)
        row.setSpacing(0)
        row.addWidget(self.title, 1)
        row.addWidget(self.float_button)
        row.addWidget(self.close_button)

    def _button(self, text: str) -> QToolButton:
        button = QToolButton()
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # F6 and Tab lead to what is in the panel; View hides it too
        return button

    def dress(self, theme: Theme, scale: float) -> None:
        """In the colours of a theme, as large as texts are."""
        side = round(ICON * scale)
        for button, name in ((self.float_button, "float"), (self.close_button, "close")):
            button.setIcon(icon(name, theme.dim))
            button.setIconSize(QSize(side, side))
