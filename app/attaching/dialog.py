"""A small window with the line that a script needs, and who is attached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from ..look.fonts import mono
from .controller import ATTACHED, ENDED, LISTENING, Attaching

if TYPE_CHECKING:
    from ..window import Window

HOW = (
    "Paste this line into a script on this machine, behind the line that makes its session. While the script runs, its"
    " graph is shown here with the values and gradients that it computes. The token holds for one script."
)
STOPS = {  # what the button says
    "": "Listen again",
    LISTENING: "Stop listening",
    ATTACHED: "Let go of the script",
    ENDED: "Listen again",
}
MARGIN = 40  # pixels of a field beside its text


class ListenDialog(QDialog):
    """Closing it lets the window go on listening; it closes by itself where a script is attached, and may be shown
    again. There is one of it for a window.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.setWindowTitle("Listen for a script")
        self._attaching: Attaching = window.editor.attaching
        self.how = QLabel(HOW, wordWrap=True)
        self.line = QLineEdit(readOnly=True)
        self.line.setFont(mono())
        self.line.setAccessibleName("The line to paste into a script")
        self.copy = QPushButton("Copy the line")
        self.copy.clicked.connect(self._copy)
        self.said = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.said.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.stop = QPushButton("Stop listening", autoDefault=False)
        self.stop.clicked.connect(self._stop_or_listen)
        close = QPushButton("Close", autoDefault=False)
        close.clicked.connect(self.accept)
        around, row = QHBoxLayout(), QHBoxLayout()
        around.addWidget(self.line, 1)
        around.addWidget(self.copy)
        row.addWidget(self.stop)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.addWidget(self.how)
        column.addLayout(around)
        column.addWidget(self.said)
        column.addLayout(row)
        self._state = ""  # that was shown last
        self._attaching.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        attaching, state = self._attaching, self._attaching.state
        self.line.setText(attaching.call)
        self.line.setCursorPosition(0)
        self.line.setMinimumWidth(self.line.fontMetrics().horizontalAdvance(attaching.call) + MARGIN)
        for part in (self.how, self.line, self.copy):
            part.setVisible(state == LISTENING)
        if state == ATTACHED != self._state:  # its graph is what one wants to see now
            self.hide()
        self._state = state
        self.stop.setText(STOPS[state])
        if state == LISTENING:
            said = f"Waiting for a script…\n{attaching.told}".strip()
        elif state == ATTACHED:
            said = f"{attaching.about}\n{attaching.told}".strip()
        else:
            said = f"Nothing listens{f': {attaching.told}' if attaching.told else ''}."
        self.said.setText(said)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.line.text())
        self.said.setText("Copied. Waiting for a script…")

    def _stop_or_listen(self) -> None:
        if self._attaching.state in (LISTENING, ATTACHED):
            self._attaching.stop()
        else:
            self._attaching.listen()
