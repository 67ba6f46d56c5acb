"""A new head in one gesture: how many outputs it is to have, and whether all before it is frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from ...core.document import Transaction
from ...core.layers import find_head, new_head
from ..inspecting.editors import Check
from ..look.theme import Theme

if TYPE_CHECKING:
    from ..editor import Editor

LABEL = "New head"
MOST = 1_000_000  # outputs
MARGIN = 5  # pixels beside the number


class HeadDialog(QDialog):
    """Gives the last layer before the loss another number of outputs. Raises `EditError` where there is no such."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        training, graph = editor.graph.training, editor.graph
        head = find_head(graph, training.loss if training is not None else "")
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(LABEL)
        self.editor = editor
        around = graph.nodes[head.parameters[0]].group  # within a layer of several the one that is meant
        name = graph.path(around if head.group and around is not None else head.parameters[0])
        told = QLabel(
            f"{name} is the last layer before the loss, with {head.outputs:,} outputs. Its weights begin anew.",
            wordWrap=True,
        )
        self.outputs = QSpinBox()
        self.outputs.setRange(1, MOST)
        self.outputs.setValue(head.outputs)
        self.outputs.lineEdit().setTextMargins(MARGIN, 0, MARGIN, 0)
        self.outputs.setAccessibleName("Outputs of the new head")
        self.freeze = Check(theme, "Freeze all parameters before it")
        self.make = QPushButton("Make it")
        self.make.setDefault(True)
        self.make.clicked.connect(self._make)
        cancel = QPushButton("Cancel", autoDefault=False)
        cancel.clicked.connect(self.reject)
        self.refused = _refused()
        number, buttons = QHBoxLayout(), QHBoxLayout()
        number.addWidget(QLabel("Outputs"))
        number.addWidget(self.outputs)
        number.addStretch(1)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.make)
        column = QVBoxLayout(self)
        column.addWidget(told)
        column.addLayout(number)
        column.addWidget(self.freeze)
        column.addWidget(self.refused)
        column.addLayout(buttons)
        self.resize(380, self.sizeHint().height())
        self.outputs.selectAll()

    def _make(self) -> None:
        outputs, freeze = self.outputs.value(), self.freeze.isChecked()

        def act(t: Transaction) -> None:
            head = new_head(t, outputs)
            if freeze:
                for id, node in list(t.graph.nodes.items()):
                    if node.op == "parameter" and id not in head.parameters:
                        t.set_flags(id, node.flags | {"freeze"})

        refused = self.editor.refusal(LABEL, act, source="transfer")
        if refused is None:
            self.accept()
            return
        self.refused.setText(refused)
        self.refused.show()
        self.adjustSize()


def _refused() -> QLabel:
    """What is told within the dialog, once something is refused."""
    told = QLabel(wordWrap=True)
    told.hide()
    told.setProperty("kind", "failed")
    return told
