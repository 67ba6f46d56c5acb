"""A small window that asks for a name, and says beneath the field why one cannot be taken."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ...core.errors import GradwireError

WIDTH = 380


class NameDialog(QDialog):
    """`take(name, again)` is given what was typed, and raises `GradwireError` to refuse it; it stays open then.

    `again` says that the same name was refused just before: the user insists.
    """

    def __init__(
        self, title: str, verb: str, proposed: str, take: Callable[[str, bool], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._take = take
        self._refused: str | None = None
        self.field = QLineEdit(proposed)
        self.field.setAccessibleName("Name")
        self.said = QLabel(wordWrap=True)
        self.said.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.accept_button = QPushButton(verb)
        cancel = QPushButton("Cancel", autoDefault=False)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.accept_button)
        column = QVBoxLayout(self)
        for part in (QLabel("Name"), self.field, self.said):
            column.addWidget(part)
        column.addLayout(row)
        self.accept_button.setDefault(True)
        self.accept_button.clicked.connect(self._try)
        cancel.clicked.connect(self.reject)
        self.field.textEdited.connect(lambda _: self.said.clear())
        self.resize(WIDTH, self.sizeHint().height())
        self.field.selectAll()

    def _try(self) -> None:
        name = self.field.text().strip()
        try:
            self._take(name, name == self._refused)
        except GradwireError as error:
            self._refused = name
            self.said.setText(str(error))
            self.field.setFocus()
        else:
            self.accept()
